"""Whether a column's values have moved since the profile before."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from habitue.sources.profile_outliers import Numbers
from habitue.sources.profile_values import ColumnDrift, ColumnProfile

DRIFT_FLOOR = 0.05
"""The smallest distance that counts as drift.

A shift by a quarter of a standard deviation is a Kolmogorov-Smirnov distance of 0.10 and a spread 1.3 times as wide
one of 0.06, while their PSI of 0.06 and 0.09 stay under its usual limits of 0.1 and 0.2.
"""

_CHANCE = 1.95
_SMALLEST_SHARE = 1e-4
_BINS = 10


def stability_index(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    """Population stability index of two lists of shares of the same bins: `sum((a - b) ln(a / b))`.

    Empty bins count as a share of 0.0001. It is the sum of both Kullback-Leibler divergences (Jeffreys), in
    [0, infinity).

    Examples:
        >>> stability_index([0.5, 0.5], [0.5, 0.5])
        0.0
    """
    one, other = (np.maximum(np.asarray(shares, dtype=np.float64), _SMALLEST_SHARE) for shares in (before, after))
    one, other = one / one.sum(), other / other.sum()
    return float(np.sum((other - one) * np.log(other / one)))


def compare_numbers(percentiles: Sequence[float], values: Numbers) -> tuple[float, float]:
    """PSI and Kolmogorov-Smirnov distance of numbers now against the percentiles 0 to 100 of before.

    PSI over the tenths of before (fewer where values repeat). The distance is taken at the percentiles, just below
    and just above each, so that many equal values do no harm: it is exact to 0.01.
    """
    grid = np.asarray(percentiles, dtype=np.float64)
    ordered = np.sort(values)
    at_most = np.searchsorted(ordered, grid, side="right") / len(ordered)
    below = np.searchsorted(ordered, grid, side="left") / len(ordered)
    levels = np.linspace(0.0, 1.0, len(grid))
    # Between a value's own percentiles and the next, the distribution before is known to one step only.
    reached = np.searchsorted(grid, grid, side="right") - 1
    passed = np.searchsorted(grid, grid, side="left")
    step = 1 / (len(grid) - 1)
    gaps = (levels[reached] - at_most, at_most - levels[reached] - step)
    gaps_below = (below - levels[passed], levels[passed] - step - below)
    distance = max(0.0, *(float(np.max(gap)) for gap in (*gaps, *gaps_below)))
    edges = np.unique(grid[:: (len(grid) - 1) // _BINS][1:-1])
    now = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1) / len(values)
    before = np.diff([0.0, *levels[np.searchsorted(grid, edges, side="left")], 1.0])
    return stability_index(before, now), distance


def compare_shares(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[float, float]:
    """PSI and total variation distance of the shares of values; what neither names is one value more."""
    values = sorted({*before, *after})
    one = [before.get(value, 0.0) for value in values]
    other = [after.get(value, 0.0) for value in values]
    one.append(max(0.0, 1.0 - sum(one)))
    other.append(max(0.0, 1.0 - sum(other)))
    distance = sum(abs(a - b) for a, b in zip(one, other, strict=True)) / 2
    return stability_index(one, other), distance


def measure_drift(before: ColumnProfile, after: ColumnProfile, values: Numbers, *, sampled: int) -> ColumnDrift:
    """How far a column has moved.

    A distance counts as drift when it is at least `DRIFT_FLOOR` and more than chance explains: over
    `1.95 sqrt(1/n + 1/m)`, the limit of the Kolmogorov-Smirnov test at 1 in 1,000.

    Args:
        before: The profile before.
        after: The profile now, without drift.
        values: The column's finite numbers of the sample; empty for other kinds.
        sampled: Rows of the sample.
    """
    psi: float | None = None
    distance: float | None = None
    if before.number is not None and after.number is not None and len(values):
        psi, distance = compare_numbers(before.number.percentiles, values)
    elif before.text is not None and after.text is not None and before.text.top and after.text.top:
        shares = ({each.value: each.share for each in text.top} for text in (before.text, after.text))
        psi, distance = compare_shares(*shares)
    missing_change = (1 - after.completeness) - (1 - before.completeness)
    seen = min(after.present, sampled)
    floor = max(DRIFT_FLOOR, _CHANCE * math.sqrt(1 / max(1, seen) + 1 / max(1, min(before.present, sampled))))
    return ColumnDrift(
        psi=psi,
        distance=distance,
        missing_change=missing_change,
        has_drifted=(distance is not None and distance >= floor) or abs(missing_change) >= floor,
    )
