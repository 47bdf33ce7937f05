"""What a contract asks of a value, compiled: the rules of `checks.py`, `bounds.py` and `formats.py` for one value."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import inf, nextafter
from typing import Final
from zoneinfo import ZoneInfo

from habitue.config.currencies import CURRENCIES
from habitue.records import MONEY_DECIMALS
from habitue.sources.arrivals import Stored
from habitue.sources.countries import COUNTRIES
from habitue.sources.inbox_values import WHITE, Reader, Wrong, read_text, reader_of
from habitue.sources.spec import Bound, FieldKind, PropertySpec, ValueFormat

REQUIRED: Final = Wrong("CONTRACT-REQUIRED", "is required by its contract and is missing")
Held = float | Decimal

_LEAST: Final = 0.001
_MOST: Final = 1e13
_PRICES: Final = 4_096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LETTER: Final = "(?:[0-9]|[^\\W\\d_])"
_ALPHA: Final = "[^\\W\\d_]"
_PATTERNS: Final = {
    ValueFormat.EMAIL: rf"[^\t\n\f\r @,;:<>()\[\]\\\"]{{1,64}}@(?:{_LETTER}(?:(?:-|{_LETTER}){{0,61}}{_LETTER})?\.)+"
    rf"{_ALPHA}(?:-|{_LETTER}){{0,61}}{_LETTER}",
    ValueFormat.PHONE: r"(?:\+|00)?[\t\n\f\r ./()-]*(?:[0-9][\t\n\f\r ./()-]*){6,15}",
    ValueFormat.URL: r"https?://[^\t\n\f\r /?#]+(?:[/?#][^\t\n\f\r ]*)?",
    ValueFormat.UUID: r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    ValueFormat.DATE: r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
}


def check_of(rules: PropertySpec, zone: ZoneInfo) -> Reader:
    """What reads a value and holds it against a contract; a location and a list have none.

    Args:
        rules: What the contract asks.
        zone: Zone of times without an offset.

    Examples:
        >>> check = check_of(PropertySpec(type=FieldKind.MONEY, min=0), ZoneInfo("UTC"))
        >>> check(5), check(-1).code
        ('5', 'CONTRACT-MIN')
    """
    read = reader_of(rules.type, zone)
    if rules.min is not None or rules.max is not None or (rules.allowed and rules.type is not FieldKind.TEXT):
        read = _held(read, rules)
    elif rules.allowed:
        read = _one_of(read, frozenset(map(str, rules.allowed)), _not_allowed(rules))
    if rules.format is not None:
        return _formed(read, rules.format)
    return _quick(read, rules)


def _quick(read: Reader, rules: PropertySpec) -> Reader:
    """The same, for most values in fewer steps: a plain text, or a number well inside its bounds."""
    if rules.type is FieldKind.TEXT:
        return read if rules.allowed else _quick_text
    if rules.allowed or rules.type not in (FieldKind.MONEY, FieldKind.INTEGER):
        return read
    low = _LEAST if rules.min is None else max(_LEAST, nextafter(float(Decimal(str(rules.min))), inf))
    high = _MOST if rules.max is None else min(_MOST, nextafter(float(Decimal(str(rules.max))), -inf))
    return _quick_money(read, low, high) if rules.type is FieldKind.MONEY else _quick_integer(read, low, high)


def _quick_text(value: object) -> Stored | Wrong:
    return value.strip(WHITE) or None if value.__class__ is str else read_text(value)


def _quick_integer(read: Reader, low: float, high: float) -> Reader:
    def check(value: object) -> Stored | Wrong:
        return value if value.__class__ is int and low <= value <= high else read(value)

    return check


def _quick_money(read: Reader, low: float, high: float) -> Reader:
    """Of such sizes a number is written without an exponent; prices come again and again."""
    written: dict[float, str] = {}

    def check(value: object) -> Stored | Wrong:
        if value.__class__ is not float or not low <= value <= high:
            return read(value)
        text = written.get(value)
        if text is None:
            text = repr(value)
            if len(text) - text.find(".") > MONEY_DECIMALS + 1:
                return read(value)
            if len(written) >= _PRICES:
                written.clear()
            written[value] = text
        return text

    return check


def _not_allowed(rules: PropertySpec) -> Wrong:
    return Wrong("CONTRACT-ALLOWED", f"is none of the {len(rules.allowed)} values that its contract allows")


def _one_of(read: Reader, allowed: frozenset[str], wrong: Wrong) -> Reader:
    def check(value: object) -> Stored | Wrong:
        if value.__class__ is str and value in allowed:
            return value
        got = read(value)
        return got if got in allowed or got is None or isinstance(got, Wrong) else wrong

    return check


def _held(read: Reader, rules: PropertySpec) -> Reader:
    low = None if rules.min is None else _bound(rules.min, rules.type)
    high = None if rules.max is None else _bound(rules.max, rules.type)
    allowed = frozenset(_bound(each, rules.type) for each in rules.allowed)
    below = Wrong("CONTRACT-MIN", f"is below {rules.min}")
    above = Wrong("CONTRACT-MAX", f"is above {rules.max}")
    other = _not_allowed(rules)

    def check(value: object) -> Stored | Wrong:
        got = read(value)
        if got is None or isinstance(got, Wrong):
            return got
        # Of these kinds only money comes as text.
        number = Decimal(got) if isinstance(got, str) else got
        if low is not None and number < low:
            return below
        if high is not None and number > high:
            return above
        return got if not allowed or number in allowed else other

    return check


def _formed(read: Reader, form: ValueFormat) -> Reader:
    fits = _fits(form)
    wrong = Wrong("CONTRACT-FORMAT", f"is not written as {form}")

    def check(value: object) -> Stored | Wrong:
        got = read(value)
        return got if not isinstance(got, str) or fits(got) else wrong

    return check


def _fits(form: ValueFormat) -> Callable[[str], bool]:
    if form is ValueFormat.CURRENCY:
        return frozenset(CURRENCIES).__contains__
    if form is ValueFormat.COUNTRY:
        return frozenset(COUNTRIES).__contains__
    pattern = re.compile(_PATTERNS[form])
    if form is not ValueFormat.DATE:
        return lambda text: pattern.fullmatch(text) is not None
    return lambda text: pattern.fullmatch(text) is not None and _is_day(text)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _bound(value: Bound, kind: FieldKind) -> Held:
    """A bound or allowed value, to compare with what the reader of the kind gives; see `bounds.bound`."""
    if isinstance(value, bool):
        return value
    if kind in (FieldKind.TIME, FieldKind.DATE):
        moment = datetime.fromisoformat(str(value))
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return (aware - _EPOCH) // timedelta(microseconds=1)
    number = Decimal(str(value))
    if kind is FieldKind.NUMBER:
        return float(number)
    return int(number) if number == number.to_integral_value() else number
