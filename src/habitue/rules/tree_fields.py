"""The fields that tree objects are made of: how each is read from JSON, written to it, and described by its schema."""

import keyword
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from habitue.records import Kind
from habitue.records.durations import DurationError, format_duration, parse_duration
from habitue.rules import terms
from habitue.rules.failures import RuleSyntaxError
from habitue.rules.nodes import Constant, Name, Node, Window
from habitue.rules.numbers import fits_money
from habitue.rules.writing import write_number, write_time

Json = None | bool | int | float | str | Sequence["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]
_DECIMAL: Final = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
DURATION_PATTERN: Final = r"^([0-9]{1,9}w)?([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}(\.[0-9]{1,6})?s)?$"
MOST_OPTIONS: Final = terms.MOST_TOKENS // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where in the JSON one value stands.

    Attributes:
        path: `$` for the whole, then `.key` and `[index]`.
        depth: Levels of nodes above it.
        in_row: Whether it is inside a condition on one event.
    """

    path: str = "$"
    depth: int = 0
    in_row: bool = False

    def at(self, key: str) -> "Spot":
        """The spot of a member of this one."""
        return replace(self, path=f"{self.path}{key}")

    def fail(self, what: str, do: str) -> RuleSyntaxError:
        """The error to raise about the value here."""
        return RuleSyntaxError(what=what, do=do, path=self.path)


class Reading(ABC):
    """What a field needs of the tree around it."""

    @abstractmethod
    def node(self, value: object, spot: Spot) -> Node:
        """The tree of a JSON object."""

    @abstractmethod
    def json(self, node: Node) -> JsonObject:
        """The JSON object of a tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One member of a tree object.

    Attributes:
        key: Its key in the JSON.
        attribute: The attribute of the node it fills.
        read: From JSON to the attribute's value; raises RuleSyntaxError.
        write: Back again.
        schema: JSON Schema of the value.
        absent: The attribute's value where the key is left out; `...` where it may not be.
    """

    key: str
    attribute: str
    read: Callable[[Reading, object, Spot], object]
    write: Callable[[Reading, object], Json]
    schema: JsonObject
    absent: object = ...


def shown(value: object) -> str:
    """A value in an error message, cut short."""
    text = f"{value}" if isinstance(value, str) else type(value).__name__
    return repr(text if len(text) <= 40 else f"{text[:40]}…")


def read_text(value: object, spot: Spot) -> str:
    """A text that a rule may hold.

    Raises:
        RuleSyntaxError: It is something else, too long, or holds characters that no table can store.
    """
    if not isinstance(value, str):
        raise spot.fail("a text belongs here.", "Give it as a JSON string.")
    if len(value) > terms.LONGEST_TEXT:
        raise spot.fail(f"this text is longer than {terms.LONGEST_TEXT} characters.", "Shorten it.")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise spot.fail("this text holds a character that no table can store.", "Take it out.")
    return value


def read_identifier(value: object, spot: Spot) -> str:
    """A name that can stand in rule text without quotes.

    Raises:
        RuleSyntaxError: It is something else.
    """
    name = read_text(value, spot)
    if not name.isidentifier() or keyword.iskeyword(name) or unicodedata.normalize("NFKC", name) != name:
        raise spot.fail(
            f"{shown(name)} is not a name of letters, digits and underscores.", "Write one such as spend_90d."
        )
    return name


def read_duration(value: object, spot: Spot, *, zero: bool = False) -> int:
    """A length of time, in microseconds.

    Raises:
        RuleSyntaxError: It is something else, or nothing where `zero` does not allow it.
    """
    try:
        length = parse_duration(read_text(value, spot))
    except DurationError as error:
        raise spot.fail(error.what, error.do) from None
    if length == 0 and not zero:
        raise spot.fail("a length of time must be longer than nothing.", "Write one such as '7d'.")
    return length


def read_decimal(value: object, spot: Spot) -> Decimal:
    """An exact number, from its text or from a JSON number.

    Raises:
        RuleSyntaxError: It is something else, or beyond ±10^15.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise spot.fail("a number belongs here.", "Give it as text such as '0.6', or as a JSON number.")
    # A huge int is refused before it becomes text: Python refuses to write one of more than 4300 digits.
    huge = not isinstance(value, str) and abs(value) > terms.LARGEST_NUMBER
    text = value if isinstance(value, str) else "" if huge else repr(value)
    if not _DECIMAL.fullmatch(text) or abs(Decimal(text)) > terms.LARGEST_NUMBER:
        raise spot.fail(f"{shown(value)} is not a number of at most 10^15.", "Write one such as '0.6'.")
    return Decimal(text)


def as_number(value: Decimal) -> Decimal:
    """The number as float64 holds it, in its shortest writing, as it would read from rule text."""
    return Decimal(repr(float(value)))


# --- Constants --------------------------------------------------------------------------------------------------------


def _read_integer(value: object, spot: Spot) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > terms.LARGEST_NUMBER:
        raise spot.fail("a whole number of at most 10^15 belongs here.", "Give it as a JSON number.")
    return value


def _read_boolean(value: object, spot: Spot) -> bool:
    if not isinstance(value, bool):
        raise spot.fail("true or false belongs here.", "Give it as a JSON truth value.")
    return value


def _read_money(value: object, spot: Spot) -> Decimal:
    amount = read_decimal(value, spot)
    if not fits_money(amount):
        raise spot.fail("money has at most four decimals and fourteen digits before them.", "Round it.")
    return amount


def _read_time(value: object, spot: Spot) -> datetime:
    text = read_text(value, spot)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise spot.fail(f"{shown(text)} is not an ISO time with an offset.", "Write one such as '2026-01-01T00:00:00Z'.")


_VALUES: Final[dict[Kind, Callable[[object, Spot], bool | int | Decimal | str | datetime]]] = {
    Kind.BOOLEAN: _read_boolean,
    Kind.INTEGER: _read_integer,
    Kind.NUMBER: lambda value, spot: as_number(read_decimal(value, spot)),
    Kind.MONEY: _read_money,
    Kind.TEXT: read_text,
    Kind.TIME: _read_time,
    Kind.DATE: _read_time,
    Kind.DURATION: lambda value, spot: read_duration(value, spot, zero=True),
}
CONSTANT_KINDS: Final = tuple(str(each) for each in _VALUES)


def read_constant_value(kind: str, value: object, spot: Spot) -> Constant:
    """The constant of a kind and its JSON value.

    Raises:
        RuleSyntaxError: The value is not of the kind.
    """
    return Constant(value=_VALUES[Kind(kind)](value, spot.at(".value")), kind=Kind(kind))


def write_constant_value(node: Constant) -> Json:
    """The JSON value of a constant: exact numbers as text, times in ISO 8601, durations as in rules."""
    value = node.value
    if isinstance(value, bool | str):
        return value
    if isinstance(value, datetime):
        return write_time(value)
    if node.kind is Kind.DURATION and isinstance(value, int):
        return format_duration(value)
    return value if isinstance(value, int) else write_number(value, decimal=node.kind is Kind.NUMBER)


# --- Windows ----------------------------------------------------------------------------------------------------------

_PERIODS: Final = {"today": "day", "this_week": "week", "this_month": "month"}


def _read_last(value: object, spot: Spot) -> Window:
    return Window(kind="last", older=read_duration(value, spot))


def _read_between(value: object, spot: Spot) -> Window:
    if not isinstance(value, list) or len(value) != 2:
        raise spot.fail("two lengths of time belong here.", 'Give them as ["30d", "7d"].')
    older = read_duration(value[0], spot.at("[0]"))
    newer = read_duration(value[1], spot.at("[1]"), zero=True)
    if older <= newer:
        raise spot.fail("the window goes from the older end to the newer.", "Turn the two round.")
    return Window(kind="between", older=older, newer=newer)


def _read_calendar(window: Window) -> Callable[[object, Spot], Window]:
    def read(value: object, spot: Spot) -> Window:
        if value is not True:
            raise spot.fail("this window is switched on with true.", "Give true, or take it out.")
        return window

    return read


_WINDOWS: Final[dict[str, Callable[[object, Spot], Window]]] = {
    "last": _read_last,
    "between": _read_between,
    "since": lambda value, spot: Window(kind="since", start=read_text(value, spot)),
    "today": _read_calendar(Window(kind="day")),
    "this_week": _read_calendar(Window(kind="week")),
    "this_month": _read_calendar(Window(kind="month")),
}


def read_window(value: object, spot: Spot) -> Window:
    """The window of a JSON object with one member.

    Raises:
        RuleSyntaxError: It is something else.
    """
    key = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(value, dict) or key not in _WINDOWS:
        listed = ", ".join(_WINDOWS)
        raise spot.fail("a window belongs here.", f'Give one of {listed}, as in {{"last": "7d"}}.')
    return _WINDOWS[key](value[key], spot.at(f".{key}"))


def write_window(window: Window) -> Json:
    """The JSON object of a window; None for all of time."""
    match window.kind:
        case "ever":
            return None
        case "last":
            return {"last": format_duration(window.older)}
        case "between":
            return {"between": [format_duration(window.older), format_duration(window.newer)]}
        case "since":
            return {"since": window.start}
        case period:
            return {key: True for key, kind in _PERIODS.items() if kind == period}


def _one(key: str, schema: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {key: schema}, "required": [key], "additionalProperties": False}


DURATION_SCHEMA: Final[JsonObject] = {"type": "string", "pattern": DURATION_PATTERN, "minLength": 2}
DECIMAL_SCHEMA: Final[JsonObject] = {
    "oneOf": [{"type": "string", "pattern": f"^{_DECIMAL.pattern}$"}, {"type": "number"}]
}
WINDOW_SCHEMA: Final[JsonObject] = {
    "oneOf": [
        _one("last", DURATION_SCHEMA),
        _one("between", {"type": "array", "items": DURATION_SCHEMA, "minItems": 2, "maxItems": 2}),
        _one("since", {"type": "string"}),
        *(_one(key, {"const": True}) for key in _PERIODS),
    ]
}


def trait_name(value: object) -> str:
    """The name of the trait that a distance is measured from."""
    return value.name if isinstance(value, Name) else ""
