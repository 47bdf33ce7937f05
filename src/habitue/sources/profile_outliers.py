"""How far from the rest a number is, whatever the shape of its column."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

ROBUST_Z_LIMIT = 3.5
"""Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993)."""

SKEWED = 0.2
"""Kelly skewness from which a column is transformed first: the exponential law has 0.47, the normal law 0."""

_SMALLEST = 1e-200
_LARGEST_POWER = 700.0
_Z_OF_MAD = 0.6745
_Z_OF_MEAN_DEVIATION = 0.7979


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle and the width of a column, on a scale on which it is not skewed.

    Attributes:
        transform: `none`, `log` (natural logarithm) or `asinh` (of the value by `unit`).
        unit: What values are divided by before `asinh`; 1 otherwise.
        centre: The median, transformed.
        deviation: Distance, transformed, that makes up a robust z-score of 1; 0 when nothing varies.
        usual: The value that more than half of the column has, if one does: its score is 0, and centre and deviation
            are those of the others.
    """

    transform: str
    unit: float
    centre: float
    deviation: float
    usual: float | None = None

    def scores(self, values: Numbers) -> Numbers:
        """Robust z-scores; those of values where nothing varies are 0, those of missing values missing."""
        moved = transformed(values, transform=self.transform, unit=self.unit) - self.centre
        scores = moved / self.deviation if self.deviation > 0 else moved * 0.0
        return scores if self.usual is None else np.where(values == self.usual, 0.0, scores)

    def bounds(self, limit: float = ROBUST_Z_LIMIT) -> tuple[float, float]:
        """The values whose robust z-scores are -limit and +limit; infinite where nothing varies."""
        if self.deviation <= 0:
            return -math.inf, math.inf
        low, high = (self._value(self.centre + sign * limit * self.deviation) for sign in (-1, 1))
        return (low, high) if self.usual is None else (min(low, self.usual), max(high, self.usual))

    def _value(self, place: float) -> float:
        """The value at a place of the scale."""
        match self.transform:
            case "log":
                return math.exp(place) if place < _LARGEST_POWER else math.inf
            case "asinh":
                return math.sinh(min(max(place, -_LARGEST_POWER), _LARGEST_POWER)) * self.unit
            case _:
                return place


_NOTHING = Spread(transform="none", unit=1.0, centre=0.0, deviation=0.0)


def kelly_skewness(values: Numbers) -> float:
    """Skewness in [-1, 1] by the deciles, `(p90 + p10 - 2 p50) / (p90 - p10)` (Kelly); 0 when they coincide.

    A few outliers do not move it, which the third moment cannot say of itself.

    Examples:
        >>> kelly_skewness(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        0.0
    """
    if len(values) == 0:
        return 0.0
    low, middle, high = (float(each) for each in np.quantile(values, (0.1, 0.5, 0.9)))
    width = high - low
    return (high + low - 2 * middle) / width if width > 0 and math.isfinite(width) else 0.0


def measure_spread(values: Numbers) -> Spread:
    """Find the scale on which a column is not skewed, and its middle and width there.

    A column skewed to the right by `SKEWED` or more is put on a logarithmic scale when all its values are positive,
    else on `asinh(value / unit)` with the median distance from the median as unit; the scale is kept only if it
    lessens the skewness. The width is that of the modified z-score, `0.6745 (x - median) / MAD` (Iglewicz and
    Hoaglin 1993).

    Where more than half of the values are the same (no visit, no refund) the MAD is 0: the other values are judged
    among themselves, and a column of one other value, a flag, has no outliers. Should the MAD of the others be 0 as
    well, the mean distance from the median takes its place: `0.7979 (x - median) / mean distance`.

    Args:
        values: Finite numbers, in any order; none is allowed.
    """
    if len(values) == 0:
        return _NOTHING
    median = float(np.median(values))
    others = values[values != median]
    if 2 * len(others) >= len(values):
        return _measure(values, lowest=float(np.min(values)))
    if len(others) == 0 or float(np.min(others)) == float(np.max(others)):
        return replace(_NOTHING, centre=median)
    return replace(_measure(others, lowest=float(np.min(values))), usual=median)


def _measure(values: Numbers, *, lowest: float) -> Spread:
    plain = _spread(values, transform="none", unit=1.0)
    skewness = kelly_skewness(values)
    if skewness < SKEWED:
        return plain
    transform, unit = ("log", 1.0) if lowest > 0 else ("asinh", plain.deviation)
    if unit <= _SMALLEST * float(np.max(np.abs(values))):
        return plain
    if abs(kelly_skewness(transformed(values, transform=transform, unit=unit))) >= skewness:
        return plain
    return _spread(values, transform=transform, unit=unit)


def transformed(values: Numbers, *, transform: str, unit: float) -> Numbers:
    """Values on another scale; on the logarithmic one, values not above 0 are missing."""
    match transform:
        case "log":
            positive = np.where(values > 0, values, np.nan)
            return np.asarray(np.log(positive), dtype=np.float64)
        case "asinh":
            return np.asarray(np.arcsinh(values / unit), dtype=np.float64)
        case _:
            return values


def quartile_fences(values: Numbers) -> tuple[float, float]:
    """Tukey's fences: 1.5 interquartile ranges outside of the quartiles; infinite for no values."""
    if len(values) == 0:
        return -math.inf, math.inf
    first, third = (float(each) for each in np.quantile(values, (0.25, 0.75)))
    return first - 1.5 * (third - first), third + 1.5 * (third - first)


def _spread(values: Numbers, *, transform: str, unit: float) -> Spread:
    on_scale = transformed(values, transform=transform, unit=unit)
    centre = float(np.median(on_scale))
    distances = np.abs(on_scale - centre)
    deviation = float(np.median(distances)) / _Z_OF_MAD
    if deviation <= _SMALLEST * float(np.max(distances)):
        deviation = float(np.mean(distances)) / _Z_OF_MEAN_DEVIATION
    return Spread(transform=transform, unit=unit, centre=centre, deviation=deviation)
