"""Text as values of a declared kind: exact rules, one per kind, as table expressions that are null where text fails."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from habitue.records import MONEY_DECIMALS, MONEY_DIGITS, Kind
from habitue.sources.functions import full_match, is_finite, json_length, json_type, json_valid, trim
from habitue.sources.spec import MAX_CHILDREN, ColumnSpec, FieldKind
from habitue.sources.times import is_in_range, read_date, read_time

MONEY_TYPE = f"decimal({MONEY_DIGITS}, {MONEY_DECIMALS})"
_WHITE = " \t\r\n\x0b\x0c\u00a0\u3000\ufeff"
_EDGE = r"[^\s\x0b\x{a0}\x{3000}\x{feff}]"
_BARE = rf"(?s)({_EDGE}(.*{_EDGE})?)?"
_CURRENCY = r"(?:[£$€¥₹₽₩₺₴฿]|[A-Z]{3})?"
_TRUE = ("true", "t", "yes", "y", "1", "ja", "j", "on")
_FALSE = ("false", "f", "no", "n", "0", "nein", "off")
_DEGREES = r"[+-]?\d{1,3}(\.\d+)?"
_PAIR = r"^\(?\s*([+-]?\d{1,3}(?:\.\d+)?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*\)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStyle:
    """How numbers are written in a file."""

    decimal: str = "."
    thousands: str = ""

    @property
    def whole(self) -> str:
        """A pattern of the whole part."""
        if not self.thousands:
            return r"\d+"
        return rf"(?:\d+|\d{{1,3}}(?:{re.escape(self.thousands)}\d{{3}})+)"

    @property
    def sign(self) -> str:
        """A pattern of the decimal sign."""
        return re.escape(self.decimal)

    @property
    def is_plain(self) -> bool:
        """True when the engine reads such numbers without help."""
        return self.decimal == "." and not self.thousands


PLAIN = NumberStyle()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that can be wrong with a value.

    Attributes:
        code: Stable code.
        says: What is wrong, without the value.
        fails: Where it is wrong, from the stored columns by suffix; null counts as not wrong.
    """

    code: str
    says: str
    fails: Callable[[Mapping[str, ir.Value]], ir.BooleanValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values of one field and what can be wrong with them.

    Attributes:
        values: The stored columns by suffix: `""`, or `_lat` and `_lon` of a location.
        present: Where the file has a value at all.
        problems: What can be wrong.
    """

    values: Mapping[str, ir.Value]
    present: ir.BooleanValue
    problems: tuple[Problem, ...]


def read_text(raw: ir.StringValue, missing: tuple[str, ...] = ()) -> ir.StringValue:
    """The text without blanks at its ends; null where nothing is left, or what means nothing."""
    # Trimming by a list of characters is slow: only texts that begin or end with one go through it.
    text = ibis.ifelse(full_match(raw, _BARE), raw, trim(raw, _WHITE))
    nothing = ["", *missing]
    return text.nullif("") if len(nothing) == 1 else ibis.ifelse(text.isin(nothing), ibis.null("string"), text)


def read_value(text: ir.StringValue, column: ColumnSpec, style: NumberStyle, zone: str, home: str) -> Reading:
    """The values of a column of text.

    Args:
        text: As `read_text` gives it.
        column: What it is read as.
        style: How the file writes numbers.
        zone: Zone of times without an offset.
        home: The project's zone, whose midnights dates are.
    """
    match column.type:
        case FieldKind.TEXT:
            value = _integer_text(text, style) if column.integer_text else text
            return Reading(values={"": value}, present=text.notnull(), problems=())
        case FieldKind.INTEGER:
            return _read_integer(text, style)
        case FieldKind.NUMBER:
            return _read_number(text, style)
        case FieldKind.MONEY:
            return _read_money(text, style)
        case FieldKind.BOOLEAN:
            lower = text.lower()
            value = ibis.cases((lower.isin(_TRUE), True), (lower.isin(_FALSE), False), else_=ibis.null("boolean"))
            return _simple(text, value, "BOOLEAN-UNREADABLE", "is neither yes nor no")
        case FieldKind.TIME:
            moment = read_time(text, column.formats, zone)
            return read_moment(text, moment, "TIME-UNREADABLE", f"is not a time {_written(column)}")
        case FieldKind.DATE:
            moment = read_date(text, column.formats, home)
            return read_moment(text, moment, "DATE-UNREADABLE", f"is not a date {_written(column)}")
        case FieldKind.LOCATION:
            return _read_location(text)
        case FieldKind.LIST:
            return _read_list(text)


def _written(column: ColumnSpec) -> str:
    return "written as " + " or ".join(column.formats or ("in ISO 8601",))


def read_moment(present: ir.Value, moment: ir.TimestampValue, code: str, says: str) -> Reading:
    """A time or date that has to be one between the years 1000 and 9998."""
    problem = Problem(
        code=code, says=says, fails=lambda got: present.notnull() & ~is_in_range(got[""]).fill_null(False)
    )
    return Reading(values={"": moment}, present=present.notnull(), problems=(problem,))


def _simple(text: ir.StringValue, value: ir.Value, code: str, says: str) -> Reading:
    problem = Problem(code=code, says=says, fails=lambda got: text.notnull() & got[""].isnull())
    return Reading(values={"": value}, present=text.notnull(), problems=(problem,))


def _integer_text(text: ir.StringValue, style: NumberStyle) -> ir.StringValue:
    """`13085.0` as `13085`; other texts as they are."""
    fraction = rf"[+-]?\d+{style.sign}0+"
    return ibis.ifelse(full_match(text, fraction), text.re_replace(rf"{style.sign}0+$", ""), text)


def _plain_digits(text: ir.StringValue, style: NumberStyle) -> ir.StringValue:
    """The text with nothing but digits, signs and a decimal point."""
    kept = text.replace(style.thousands, "") if style.thousands else text
    return kept.replace(style.decimal, ".") if style.decimal != "." else kept


def _read_integer(text: ir.StringValue, style: NumberStyle) -> Reading:
    fits = full_match(text, rf"[+-]?{style.whole}({style.sign}0*)?")
    value = ibis.ifelse(fits, _plain_digits(text, style).try_cast("int64"), ibis.null("int64"))
    return Reading(
        values={"": value},
        present=text.notnull(),
        problems=(
            Problem(code="INTEGER-UNREADABLE", says="is not a whole number", fails=lambda _: ~fits),
            Problem(
                code="INTEGER-RANGE", says="is beyond what 64 bits hold", fails=lambda got: fits & got[""].isnull()
            ),
        ),
    )


def _read_number(text: ir.StringValue, style: NumberStyle) -> Reading:
    fits = full_match(text, rf"[+-]?({style.whole}({style.sign}\d*)?|{style.sign}\d+)([eE][+-]?\d{{1,4}})?")
    cast = _plain_digits(text, style).try_cast("float64")
    value = ibis.ifelse(fits & is_finite(cast), cast, ibis.null("float64"))
    return Reading(
        values={"": value},
        present=text.notnull(),
        problems=(
            Problem(code="NUMBER-UNREADABLE", says="is not a number", fails=lambda _: ~fits),
            Problem(
                code="NUMBER-RANGE", says="is beyond what a number holds", fails=lambda got: fits & got[""].isnull()
            ),
        ),
    )


def _read_money(text: ir.StringValue, style: NumberStyle) -> Reading:
    amount = rf"({style.whole}({style.sign}\d*)?|{style.sign}\d+)"
    fits = full_match(text, rf"{_CURRENCY}\s?[+-]?\s?{_CURRENCY}\s?{amount}\s?{_CURRENCY}")
    bare = full_match(text, r"[+-]?\d+(\.\d+)?")
    cleaned = _plain_digits(text.re_replace(r"[^0-9.,' +-]", ""), style).replace(" ", "")
    digits = ibis.ifelse(bare, text, cleaned) if style.is_plain else cleaned
    exact = full_match(digits, rf"[+-]?\d*(\.\d{{0,{MONEY_DECIMALS}}}0*)?")
    value = ibis.ifelse(fits & exact, digits.try_cast(MONEY_TYPE), ibis.null(MONEY_TYPE))
    decimals = f"has more than {MONEY_DECIMALS} decimals, which money cannot hold exactly"
    return Reading(
        values={"": value},
        present=text.notnull(),
        problems=(
            Problem(code="MONEY-UNREADABLE", says="is not an amount of money", fails=lambda _: ~fits),
            Problem(code="MONEY-DECIMALS", says=decimals, fails=lambda got: got[""].isnull() & fits & ~exact),
            Problem(
                code="MONEY-RANGE",
                says="is more money than can be held",
                fails=lambda got: got[""].isnull() & fits & exact,
            ),
        ),
    )


def _read_location(text: ir.StringValue) -> Reading:
    flat = text.re_replace(r'[\[\]{}"]|lat(itude)?|lng|lon(gitude)?|:', " ")
    pair = flat.re_replace(r"^\s+|\s+$", "")
    latitude = pair.re_extract(_PAIR, 1).try_cast("float64")
    longitude = pair.re_extract(_PAIR, 2).try_cast("float64")
    fits = (latitude.abs() <= 90.0) & (longitude.abs() <= 180.0)
    nothing = ibis.null("float64")
    values = {"_lat": ibis.ifelse(fits, latitude, nothing), "_lon": ibis.ifelse(fits, longitude, nothing)}
    says = "is not a latitude from -90 to 90 and a longitude from -180 to 180"
    problem = Problem(code="LOCATION-UNREADABLE", says=says, fails=lambda got: text.notnull() & got["_lat"].isnull())
    return Reading(values=values, present=text.notnull(), problems=(problem,))


def _read_list(text: ir.StringValue) -> Reading:
    is_list = ibis.ifelse(json_valid(text), json_type(text) == "ARRAY", False)
    length = ibis.ifelse(is_list, json_length(text), 0)
    value = ibis.ifelse(is_list & (length <= MAX_CHILDREN), text, ibis.null("string"))
    return Reading(
        values={"": value},
        present=text.notnull(),
        problems=(
            Problem(code="LIST-UNREADABLE", says="is not a JSON array", fails=lambda _: text.notnull() & ~is_list),
            Problem(
                code="LIST-LONG", says=f"has more than {MAX_CHILDREN:,} entries", fails=lambda _: length > MAX_CHILDREN
            ),
        ),
    )


def stored_kind(column: ColumnSpec) -> Kind | None:
    """The kind of a column's values, None for lists."""
    return None if column.type is FieldKind.LIST else column.type.kind
