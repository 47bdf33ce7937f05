"""Forms that a contract can ask of text."""

import ibis.expr.types as ir

from habitue.config.currencies import CURRENCIES
from habitue.sources.functions import full_match
from habitue.sources.spec import ValueFormat

_COUNTRY_ROWS = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL",
    "BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV",
    "CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD",
    "GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM",
    "IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK",
    "LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW",
    "MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR",
    "PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS",
    "ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY",
    "UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW",
)
COUNTRIES = tuple(code for row in _COUNTRY_ROWS for code in row.split())
"""Alpha-2 codes of ISO 3166-1."""

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
