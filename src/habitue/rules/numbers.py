"""How numbers are rounded before they are compared, and where their range ends."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from habitue.records import MONEY_DECIMALS

DIGITS: Final = 9
"""Significant decimals that a comparison of numbers looks at."""
LARGEST_INTEGER: Final = 9.0e18
"""Integer results at or beyond this size, either sign, are missing."""
LARGEST_MONEY: Final = 1.0e30
"""Money results at or beyond this size, either sign, are missing."""
LARGEST_FLOAT: Final = 1.0e300
"""Float results beyond this size, either sign, are missing."""
_QUANTUM: Final = Decimal(1).scaleb(-MONEY_DECIMALS)


def significant(value: float) -> float | None:
    """The number rounded to 9 significant decimals, halves away from zero; None for NaN and infinities.

    Every engine computes this very formula, so that they agree to the last bit.

    Examples:
        >>> significant(0.1 + 0.2), significant(1234567890.4)
        (0.3, 1234567890.0)
    """
    if not math.isfinite(value):
        return None
    if value == 0:
        return 0.0
    exponent = math.floor(math.log10(abs(value)))
    if exponent < DIGITS:
        scale = 10.0 ** (DIGITS - 1 - exponent)
        return _half_away(value * scale) / scale
    scale = 10.0 ** (exponent - (DIGITS - 1))
    return _half_away(value / scale) * scale


def _half_away(value: float) -> float:
    whole = math.floor(abs(value) + 0.5)
    return math.copysign(float(whole), value)


def fits_money(value: Decimal) -> bool:
    """Whether a written number is exact in the four decimals of money.

    Examples:
        >>> fits_money(Decimal("0.25")), fits_money(Decimal("0.00001"))
        (True, False)
    """
    return abs(value) < Decimal(10) ** 14 and value == value.quantize(_QUANTUM, rounding=ROUND_HALF_EVEN)


def fits_range(value: float) -> float | None:
    """The result of arithmetic, or None where it is not a number or beyond ±1e300."""
    return value if abs(value) <= LARGEST_FLOAT else None
