"""What came in a message as values of a declared kind: the rules of `values.py` and `times.py`, one value at a time.

Whatever reads a value gives it as the log has it, `None` where there is none, or what is wrong with it. A value of
JSON that is no text is read as the text that a file would hold.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from habitue.records import MONEY_DECIMALS, MONEY_DIGITS
from habitue.sources.arrivals import Stored
from habitue.sources.spec import MAX_CHILDREN, FieldKind


class Wrong(NamedTuple):
    """What is wrong with a value.

    Attributes:
        code: Stable code.
        says: What is wrong, in words that follow the property's name.
    """

    code: str
    says: str


Reader = Callable[[object], Stored | Wrong]
WHITE: Final = " \t\r\n\x0b\x0c\u00a0\u3000\ufeff"
_S: Final = "[\\t\\n\\f\\r ]?"
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "ja", "j", "on"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0", "nein", "off"})
_INTEGERS: Final = 1 << 63
_MONEY: Final = 10 ** (MONEY_DIGITS - MONEY_DECIMALS)
_MOST_DIGITS: Final = 15
_STEP: Final = Decimal(1).scaleb(-MONEY_DECIMALS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIRST_US: Final = (datetime(1000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST_US: Final = (datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH) // _MICROSECOND

_INTEGER_TEXT: Final = re.compile(r"([+-]?[0-9]+)(?:\.0*)?")
_NUMBER_TEXT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_CURRENCY: Final = "(?:[£$€¥₹₽₩₺₴฿]|[A-Z]{3})?"
_MONEY_TEXT: Final = re.compile(
    rf"{_CURRENCY}{_S}[+-]?{_S}{_CURRENCY}{_S}(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+){_S}{_CURRENCY}"
)
_ENDS: Final = (24, 0, 0, 0)
_MIDNIGHT: Final = (0, 0, 0, 0)
_NO_DIGITS: Final = re.compile(r"[^0-9.,'+-]")
_EXACT: Final = re.compile(rf"[+-]?[0-9]*(?:\.[0-9]{{0,{MONEY_DECIMALS}}}0*)?")
_MOMENT: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(?: ?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_PLACE: Final = re.compile(r"[\[\]{}\"]|lat(?:itude)?|lng|lon(?:gitude)?|:")
_PAIR: Final = re.compile(
    r"\(?[\t\n\f\r ]*([+-]?[0-9]{1,3}(?:\.[0-9]+)?)[\t\n\f\r ]*[,; ][\t\n\f\r ]*([+-]?[0-9]{1,3}(?:\.[0-9]+)?)"
    r"[\t\n\f\r ]*\)?"
)

NOT_INTEGER: Final = Wrong("INTEGER-UNREADABLE", "is not a whole number")
INTEGER_RANGE: Final = Wrong("INTEGER-RANGE", "is beyond what 64 bits hold")
NOT_NUMBER: Final = Wrong("NUMBER-UNREADABLE", "is not a number")
NUMBER_RANGE: Final = Wrong("NUMBER-RANGE", "is beyond what a number holds")
NOT_MONEY: Final = Wrong("MONEY-UNREADABLE", "is not an amount of money")
MONEY_PLACES: Final = Wrong(
    "MONEY-DECIMALS", f"has more than {MONEY_DECIMALS} decimals, which money cannot hold exactly"
)
MONEY_RANGE: Final = Wrong("MONEY-RANGE", "is more money than can be held")
NOT_BOOLEAN: Final = Wrong("BOOLEAN-UNREADABLE", "is neither yes nor no")
NOT_TIME: Final = Wrong("TIME-UNREADABLE", "is not a time written as in ISO 8601")
NOT_DATE: Final = Wrong("DATE-UNREADABLE", "is not a date written as in ISO 8601")
NOT_LOCATION: Final = Wrong("LOCATION-UNREADABLE", "is not a latitude from -90 to 90 and a longitude from -180 to 180")
NOT_LIST: Final = Wrong("LIST-UNREADABLE", "is not a JSON array")
LIST_LONG: Final = Wrong("LIST-LONG", f"has more than {MAX_CHILDREN:,} entries")


def text_of(value: object) -> str:
    """A value of JSON as text without blanks at its ends."""
    if isinstance(value, str):
        return value.strip(WHITE)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    return msgspec.json.encode(value).decode()


def _number_text(value: float) -> str:
    """A number as JSON is written: with an exponent only where it is very large or very small."""
    text = repr(value)
    if "e" not in text:
        return text
    if 1e-6 <= abs(value) < 1e21:
        fixed = f"{Decimal(text):f}"
        return fixed if "." in fixed else f"{fixed}.0"
    digits, _, exponent = text.partition("e")
    return f"{digits}e{int(exponent)}"


def read_text(value: object) -> Stored | Wrong:
    """Text; numbers and truth values as they are written, objects and lists as JSON.

    Examples:
        >>> read_text(" M "), read_text(7), read_text("  ")
        ('M', '7', None)
    """
    return text_of(value) or None


def read_integer(value: object) -> Stored | Wrong:
    """A whole number of 64 bits.

    Examples:
        >>> read_integer(3), read_integer("3.0"), read_integer(3.5).code
        (3, 3, 'INTEGER-UNREADABLE')
    """
    if value.__class__ is int:
        return value if -_INTEGERS <= value < _INTEGERS else INTEGER_RANGE
    text = text_of(value)
    if not text:
        return None
    found = _INTEGER_TEXT.fullmatch(text)
    if found is None:
        return NOT_INTEGER
    number = int(found[1]) if len(found[1]) < 64 else _INTEGERS
    return number if -_INTEGERS <= number < _INTEGERS else INTEGER_RANGE


def read_number(value: object) -> Stored | Wrong:
    """A number.

    Examples:
        >>> read_number(3), read_number("1e3"), read_number("1e999").code
        (3.0, 1000.0, 'NUMBER-RANGE')
    """
    if value.__class__ is float:
        return value if math.isfinite(value) else NUMBER_RANGE
    text = text_of(value)
    if not text:
        return None
    if not _NUMBER_TEXT.fullmatch(text):
        return NOT_NUMBER
    number = float(text)
    return number if math.isfinite(number) else NUMBER_RANGE


def read_money(value: object) -> Stored | Wrong:
    """An exact amount, as text.

    A number of JSON that a sender computed may be a little off: what it says to 15 digits counts where that has four
    decimals, since no more of it is meant.

    Examples:
        >>> read_money(19.95), read_money("£ 1.50"), read_money(59.849999999999994), read_money("1.23456").code
        ('19.95', '1.50', '59.85', 'MONEY-DECIMALS')
    """
    text = text_of(value)
    if not text:
        return None
    if not _MONEY_TEXT.fullmatch(text):
        return NOT_MONEY
    digits = _NO_DIGITS.sub("", text)
    if not _EXACT.fullmatch(digits):
        meant = f"{value:.{_MOST_DIGITS}g}" if value.__class__ is float else digits
        if not _EXACT.fullmatch(meant):
            return MONEY_PLACES
        digits = meant
    amount = Decimal(digits) + 0 if len(digits) < 64 else Decimal(_MONEY)
    if abs(amount) >= _MONEY:
        return MONEY_RANGE
    return str(amount if -int(amount.as_tuple().exponent) <= MONEY_DECIMALS else amount.quantize(_STEP))


def read_boolean(value: object) -> Stored | Wrong:
    """Yes or no.

    Examples:
        >>> read_boolean(True), read_boolean("No"), read_boolean(2).code
        (True, False, 'BOOLEAN-UNREADABLE')
    """
    if value.__class__ is bool:
        return value
    text = text_of(value).lower()
    if not text:
        return None
    return True if text in _TRUE else False if text in _FALSE else NOT_BOOLEAN


def time_reader(zone: ZoneInfo) -> Reader:
    """Reads instants; one without an offset is local time of the zone.

    Examples:
        >>> time_reader(ZoneInfo("Europe/Berlin"))("1970-01-01 01:00:01"), time_reader(ZoneInfo("UTC"))("noon").code
        (1000000, 'TIME-UNREADABLE')
    """

    def read(value: object) -> Stored | Wrong:
        text = text_of(value)
        return _instant_us(text, zone, NOT_TIME) if text else None

    return read


def date_reader(zone: ZoneInfo) -> Reader:
    """Reads days, as the instant of their midnight in the zone; of an instant, its day there."""

    def read(value: object) -> Stored | Wrong:
        text = text_of(value)
        return _instant_us(text, zone, NOT_DATE, is_day=True) if text else None

    return read


def read_location(value: object) -> tuple[float, float] | Wrong | None:
    """Latitude and longitude: of a pair, a text with both, or an object.

    Examples:
        >>> read_location({"lat": 52.5, "lon": 13.4}), read_location([91, 0]).code
        ((52.5, 13.4), 'LOCATION-UNREADABLE')
    """
    text = text_of(value)
    if not text:
        return None
    found = _PAIR.fullmatch(_PLACE.sub(" ", text).strip("\t\n\f\r "))
    if found is None:
        return NOT_LOCATION
    latitude, longitude = float(found[1]), float(found[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else NOT_LOCATION


def read_list(value: object) -> list[object] | Wrong | None:
    """The entries of a list; a text may hold one as JSON."""
    if isinstance(value, str):
        if not value.strip(WHITE):
            return None
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return NOT_LIST
    if not isinstance(value, list):
        return NOT_LIST
    return LIST_LONG if len(value) > MAX_CHILDREN else value


def reader_of(kind: FieldKind, zone: ZoneInfo) -> Reader:
    """What reads values of a kind that is one column."""
    match kind:
        case FieldKind.INTEGER:
            return read_integer
        case FieldKind.NUMBER:
            return read_number
        case FieldKind.MONEY:
            return read_money
        case FieldKind.BOOLEAN:
            return read_boolean
        case FieldKind.TIME:
            return time_reader(zone)
        case FieldKind.DATE:
            return date_reader(zone)
        case _:
            return read_text


def _instant_us(text: str, zone: ZoneInfo, wrong: Wrong, *, is_day: bool = False) -> Stored | Wrong:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return wrong
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    clock = (int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0")[:6].ljust(6, "0")))
    try:
        local = datetime(int(year), int(month), int(day), *(_MIDNIGHT if clock == _ENDS else clock), tzinfo=UTC)
        if clock == _ENDS:
            local += timedelta(days=1)
        instant = _utc(local, zone) if offset is None else local - _offset(offset)
        if is_day:
            here = local if offset is None else instant.astimezone(zone)
            instant = _utc(here.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC), zone)
    except (ValueError, OverflowError):
        return wrong
    moment_us = (instant - _EPOCH) // _MICROSECOND
    return moment_us if _FIRST_US <= moment_us <= _LAST_US else wrong


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if text[0] == "-" else offset


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Local time as UTC: one that a clock change skips as if it had not changed, one that comes twice the second."""
    offsets = [local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    return local - min(offsets)
