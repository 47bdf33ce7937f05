"""The language's operations on single plain values: comparing, arithmetic, text tests. None is a missing value.

A whole number is an int, money a Decimal, a number a float, a time an aware datetime, a length of time an int of µs.
"""

import math
import operator
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Final

import re2

from habitue.records import Kind
from habitue.rules.history import Value
from habitue.rules.nodes import Constant, TextTest
from habitue.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY, fits_range, significant

Numeric = int | float | Decimal
_EXACT: Final = Context(prec=80)
_EARTH_RADIUS_KM: Final = 6371.0088
_ORDERED: Final[dict[str, Callable[[int], bool]]] = {
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def as_kind(value: Value | None, kind: Kind) -> Value | None:
    """A stored value as the Python type of its declared kind.

    Examples:
        >>> as_kind(3, Kind.NUMBER), as_kind(3, Kind.MONEY)
        (3.0, Decimal('3'))
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if kind is Kind.NUMBER:
            return float(value)
        if kind is Kind.MONEY and not isinstance(value, Decimal):
            return Decimal(str(value))
        if kind is Kind.INTEGER and not isinstance(value, int):
            return int(value)
    return value


def constant_value(node: Constant) -> Value:
    """A settled constant as the Python type of its kind."""
    value = as_kind(node.value, node.kind)
    return node.value if value is None else value


def sign_between(left: Value | None, right: Value | None) -> int | None:
    """-1, 0 or 1 as left is below, equal to or above right; None where a side is missing.

    A number compares after rounding both sides to 9 significant decimals; whole numbers and money exactly.

    Examples:
        >>> sign_between(0.1 + 0.2, 0.3), sign_between(2, Decimal("2.5")), sign_between(None, 1)
        (0, -1, None)
    """
    if isinstance(left, float) or isinstance(right, float):
        left, right = _rounded(left), _rounded(right)
    if left is None or right is None:
        return None
    if left == right:
        return 0
    return -1 if operator.lt(left, right) else 1


def _rounded(value: Value | None) -> float | None:
    return significant(float(value)) if isinstance(value, int | float | Decimal) else None


def compares(op: str, left: Value | None, right: Value | None) -> bool:
    """Whether a comparison holds; False where a side is missing."""
    sign = sign_between(left, right)
    return sign is not None and _ORDERED[op](sign)


def calculate(op: str, left: Value | None, right: Value | None) -> Value | None:
    """The result of `+ - * /`; None where a side is missing, a divisor is 0, or the result leaves the range.

    Whole numbers stay whole and money exact under `+ - *`; two amounts of money multiplied, any division, and
    whatever a number takes part in, is a number.

    Examples:
        >>> calculate("*", 2, Decimal("1.25")), calculate("/", 1, 0)
        (Decimal('2.50'), None)
    """
    if not isinstance(left, int | float | Decimal) or not isinstance(right, int | float | Decimal):
        return None
    money = isinstance(left, Decimal) + isinstance(right, Decimal)
    if op == "/" or isinstance(left, float) or isinstance(right, float) or (op == "*" and money == 2):
        rough = _in_floats(op, float(left), float(right))
        return None if rough is None else fits_range(rough)
    if money == 0 and isinstance(left, int) and isinstance(right, int):
        return _within(_in_integers(op, left, right), LARGEST_INTEGER)
    return _within(_in_money(op, Decimal(left), Decimal(right)), LARGEST_MONEY)


def _within(value: int | Decimal, largest: int) -> int | Decimal | None:
    return value if -largest < value < largest else None


def _in_floats(op: str, left: float, right: float) -> float | None:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right if right else None


def _in_integers(op: str, left: int, right: int) -> int:
    return left + right if op == "+" else left - right if op == "-" else left * right


def _in_money(op: str, left: Decimal, right: Decimal) -> Decimal:
    if op == "*":
        return _EXACT.multiply(left, right)
    return _EXACT.add(left, right) if op == "+" else _EXACT.subtract(left, right)


def negated(value: Value | None) -> Value | None:
    """A number with its sign turned; None where it leaves the range."""
    if isinstance(value, Decimal):
        return _EXACT.minus(value)
    return _within(-value, LARGEST_INTEGER) if isinstance(value, int) else -value if isinstance(value, float) else None


def total(values: list[Value], kind: Kind) -> Value | None:
    """The sum of present values of one kind, 0 of that kind for none; None where it leaves the range."""
    if kind is Kind.NUMBER:
        return fits_range(sum((each for each in values if isinstance(each, int | float)), start=0.0))
    if kind is Kind.MONEY:
        result = Decimal(0)
        for each in values:
            result = _EXACT.add(result, each) if isinstance(each, Decimal) else result
        return _within(result, LARGEST_MONEY)
    return _within(sum(each for each in values if isinstance(each, int)), LARGEST_INTEGER)


def mean(values: list[Value], kind: Kind) -> float | None:
    """The average of present values as a number; None for none."""
    whole = total(values, kind)
    return float(whole) / len(values) if values and isinstance(whole, int | float | Decimal) else None


def lowered(text: str) -> str:
    """A text in lower case, character by character, so that no neighbour matters and no character becomes two.

    Examples:
        >>> lowered("STRASSE İ")
        'strasse i'
    """
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := each.lower()) == 1 else small[0] for each in text)


def text_test(node: TextTest) -> Callable[[Value | None], bool]:
    """The test of a text that a node describes; False for a missing text."""
    argument = node.argument
    match node.kind:
        case "contains":
            return lambda value: isinstance(value, str) and argument in value
        case "startswith":
            return lambda value: isinstance(value, str) and value.startswith(argument)
        case "endswith":
            return lambda value: isinstance(value, str) and value.endswith(argument)
        case _:
            found: Callable[[str], object] = re2.compile(argument).search
            return lambda value: isinstance(value, str) and found(value) is not None


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Great-circle distance in km between two points in degrees, by the haversine formula.

    R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984), with the mean earth radius 6371.0088 km.

    Examples:
        >>> round(distance_km(52.5, 13.4, 48.1, 11.6))
        506
    """
    radians = math.pi / 180
    half_up = math.sin((latitude - to_latitude) * (radians / 2))
    half_along = math.sin((longitude - to_longitude) * (radians / 2))
    across = math.cos(latitude * radians) * math.cos(to_latitude * radians)
    chord = half_up * half_up + across * half_along * half_along
    return math.asin(math.sqrt(min(1.0, chord))) * (2 * _EARTH_RADIUS_KM)
