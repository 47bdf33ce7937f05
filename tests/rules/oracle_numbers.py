"""How the oracle compares and calculates: in exact fractions, from the meaning of the language alone."""

import math
import sys
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final

Number = int | float | Decimal
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Value = bool | int | float | Decimal | str | datetime | timedelta
_NINE: Final = Context(prec=9, rounding=ROUND_HALF_UP)
_WIDE: Final = Context(prec=60)


def exact(value: Number) -> Fraction:
    """A number without any loss."""
    return Fraction(value)


def in_range(value: Fraction, like: type) -> Number | None:
    """A result of a kind of number, or None where it leaves the range of the kind."""
    if like is float:
        return float(value) if abs(value) <= Fraction(sys.float_info.max) else None
    if like is Decimal:
        made = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
        return made if abs(value) < 10**15 else None
    return int(value) if abs(value) < 10**18 else None


def calculated(op: str, left: Number, right: Number) -> Number | None:
    """The result of `+ - * /`, whole numbers and money exact; None beyond the range and for a division by 0."""
    kinds = {type(left), type(right)}
    if op == "/" and not right:
        return None
    if op == "/" or float in kinds or (op == "*" and kinds == {Decimal}):
        return in_range(_applied(op, exact(float(left)), exact(float(right))), float)
    return in_range(_applied(op, exact(left), exact(right)), Decimal if Decimal in kinds else int)


def _applied(op: str, left: Fraction, right: Fraction) -> Fraction:
    made = {"+": left + right, "-": left - right, "*": left * right}
    return left / right if op == "/" else made[op]


def rounded(value: Number) -> Decimal | None:
    """A number to 9 significant decimals, halves away from zero; 0 where it is closer to 0 than 1e-300."""
    value = float(value)
    if not math.isfinite(value):
        return None
    return _NINE.plus(Decimal(value)) if abs(value) >= 1e-300 else Decimal(0)


def compared(op: str, left: Value | None, right: Value | None) -> bool:
    """Whether a comparison holds; False where a side is missing."""
    if isinstance(left, float) or isinstance(right, float):
        left, right = (rounded(each) if isinstance(each, Number) else None for each in (left, right))
    if left is None or right is None:
        return False
    below, same = sortable(left) < sortable(right), left == right
    return {
        "==": same,
        "!=": not same,
        "<": below and not same,
        "<=": below or same,
        ">": not below and not same,
        ">=": not below or same,
    }[op]


def sortable(value: Value) -> tuple[float, Fraction, str]:
    """A value as something that sorts beside others of its kind: size for numbers and times, code points for text."""
    if isinstance(value, str):
        return (0, Fraction(0), value)
    if isinstance(value, datetime):
        return (0, Fraction((value - EPOCH) // timedelta(microseconds=1)), "")
    if isinstance(value, timedelta):
        return (0, Fraction(value // timedelta(microseconds=1)), "")
    return (0, exact(value), "")


def ranked(value: Number) -> Number | None:
    """The value by which people are ranked: numbers rounded, whole numbers and money as they are."""
    return rounded(value) if isinstance(value, float) else value


def great_circle(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Kilometres between two points on a sphere of radius 6371.0088 km, by the formula of Vincenty for a sphere."""
    p, q = math.radians(latitude), math.radians(to_latitude)
    turn = math.radians(to_longitude - longitude)
    north = math.cos(p) * math.sin(q) - math.sin(p) * math.cos(q) * math.cos(turn)
    across = math.hypot(math.cos(q) * math.sin(turn), north)
    along = math.sin(p) * math.sin(q) + math.cos(p) * math.cos(q) * math.cos(turn)
    return 6371.0088 * math.atan2(across, along)
