"""Forms that a contract can ask of text."""

import ibis.expr.types as ir

from habitue.config.currencies import CURRENCIES
from habitue.sources.countries import COUNTRIES
from habitue.sources.functions import full_match
from habitue.sources.spec import ValueFormat

_PATTERNS = {
    ValueFormat.EMAIL: r"[^\s@,;:<>()\[\]\\\"]{1,64}@([A-Za-z0-9\p{L}]([A-Za-z0-9\p{L}-]{0,61}[A-Za-z0-9\p{L}])?\.)+"
    r"[A-Za-z\p{L}][A-Za-z0-9\p{L}-]{0,61}[A-Za-z0-9\p{L}]",
    ValueFormat.PHONE: r"(\+|00)?[\s./()-]*([0-9][\s./()-]*){6,15}",
    ValueFormat.URL: r"https?://[^\s/?#]+([/?#]\S*)?",
    ValueFormat.UUID: r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    ValueFormat.DATE: r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
}


def matches_format(text: ir.StringValue, form: ValueFormat) -> ir.BooleanValue:
    """Where text has a form; null where it is missing."""
    if form is ValueFormat.CURRENCY:
        return text.isin(sorted(CURRENCIES))
    if form is ValueFormat.COUNTRY:
        return text.isin(COUNTRIES)
    fits = full_match(text, _PATTERNS[form])
    # What is missing stays missing: no day is not a wrong day.
    return fits & (text.isnull() | text.try_cast("date").notnull()) if form is ValueFormat.DATE else fits
