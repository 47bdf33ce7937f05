"""How numbers are rounded before they are compared, and where their range ends."""

import math
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from habitue.records import MONEY_DECIMALS

DIGITS: Final = 9
"""Significant decimals that a comparison of numbers looks at."""
LARGEST_INTEGER: Final = 10**18
"""Sums and results of whole numbers at or beyond this size, either sign, are missing."""
LARGEST_MONEY: Final = 10**15
"""Sums and results of money at or beyond this size, either sign, are missing."""
LARGEST_FLOAT: Final = sys.float_info.max
"""Sums and results of numbers beyond this size, either sign, are not finite and therefore missing."""
SMALLEST_FLOAT: Final = 1e-300
"""Numbers closer to 0 than this compare as 0."""
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
    if abs(value) < SMALLEST_FLOAT:
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
    """The result of arithmetic, or None where it is not finite."""
    return value if math.isfinite(value) else None
