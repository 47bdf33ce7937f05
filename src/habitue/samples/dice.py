"""Chance that comes out the same on every machine: raw PCG64 words and tables, no library mathematics."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_CELLS = 4096
_PLACES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A function held as a table and read by straight lines between its knots.

    `numpy.exp` and its siblings differ in the last bit between processors; adding and multiplying do not.

    Attributes:
        start: Argument of the first knot.
        per_unit: Knots per unit of the argument.
        values: Value at each knot.
    """

    start: float
    per_unit: float
    values: Floats

    def __call__(self, argument: Floats) -> Floats:
        """Read the table at each argument; outside it the nearest knot answers."""
        place = np.clip((argument - self.start) * self.per_unit, 0.0, len(self.values) - 1.000001)
        left = place.astype(np.int64)
        low = self.values[left]
        return low + (self.values[left + 1] - low) * (place - left)


def _table(values: list[float]) -> Floats:
    table = np.array([round(each, _PLACES) for each in values], dtype=np.float64)
    table.flags.writeable = False
    return table


def _shares() -> list[float]:
    """The knots 0 to 1 with both ends half a cell inside, where a quantile is finite."""
    return [min(max(knot, 0.25), _CELLS - 0.25) / _CELLS for knot in range(_CELLS + 1)]


_NORMAL = Curve(start=0.0, per_unit=_CELLS, values=_table([NormalDist().inv_cdf(u) for u in _shares()]))
_EXPONENTIAL = Curve(start=0.0, per_unit=_CELLS, values=_table([-math.log(1.0 - u) for u in _shares()]))
_EXP = Curve(start=-9.0, per_unit=256, values=_table([math.exp(k / 256 - 9.0) for k in range(15 * 256 + 1)]))


def exp(argument: Floats) -> Floats:
    """Exponential of arguments in [-9, 6], to six figures; beyond, the value at the end."""
    return _EXP(argument)


class Dice:
    """A stream of chance of its own for each (seed, path): drawing more in one never moves another.

    Only the raw words of PCG64 and the seeding of `SeedSequence` are used, which NumPy promises to keep.

    Examples:
        >>> int(Dice(7, 1).integers(1, 0, 1000)[0]) == int(Dice(7, 1).integers(1, 0, 1000)[0])
        True
    """

    def __init__(self, seed: int, *path: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=path))

    def uniform(self, size: int) -> Floats:
        """Numbers in [0, 1)."""
        words = np.asarray(self._bits.random_raw(size), dtype=np.uint64)
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def integers(self, size: int, low: int, high: int) -> Ints:
        """Whole numbers in [low, high)."""
        return low + (self.uniform(size) * (high - low)).astype(np.int64)

    def below(self, highs: Ints) -> Ints:
        """One whole number in [0, high) for each high."""
        return (self.uniform(len(highs)) * highs).astype(np.int64)

    def chance(self, probability: Floats | float, size: int | None = None) -> Bools:
        """True with the given probability; `size` is needed when it is one number."""
        if isinstance(probability, np.ndarray):
            return np.asarray(self.uniform(len(probability)) < probability)
        return np.asarray(self.uniform(size or 0) < probability)

    def normal(self, size: int) -> Floats:
        """Standard normal numbers, cut at about four deviations."""
        return _NORMAL(self.uniform(size))

    def exponential(self, size: int) -> Floats:
        """Exponential numbers of mean 1, cut at about 9."""
        return _EXPONENTIAL(self.uniform(size))

    def lognormal(self, size: int, sigma: float) -> Floats:
        """Log-normal numbers of median 1."""
        return exp(sigma * self.normal(size))

    def poisson(self, mean: Floats, most: int = 60) -> Ints:
        """Poisson counts of the given means (below 9), at most `most`."""
        u = self.uniform(len(mean))
        term = exp(-mean)
        total = term.copy()
        count = np.zeros(len(mean), dtype=np.int64)
        for k in range(1, most + 1):
            more = u >= total
            if not more.any():
                break
            count += more
            term = term * mean / k
            total = total + term
        return count

    def pick(self, size: int, weights: list[float]) -> Ints:
        """Positions 0, 1, … in proportion to the weights."""
        steps = np.cumsum(np.array(weights, dtype=np.float64))
        place: Ints = np.searchsorted(steps, self.uniform(size) * steps[-1], side="right")
        return np.minimum(place, len(weights) - 1)

    def pick_rows(self, steps: Floats, rows: Ints) -> Ints:
        """For each row number, a column in proportion to that row's weights, given as running totals ending in 1."""
        u = self.uniform(len(rows))
        chosen = np.zeros(len(rows), dtype=np.int64)
        for column in range(steps.shape[1] - 1):
            chosen += u >= steps[rows, column]
        return chosen


def running_shares(weights: Floats) -> Floats:
    """Row by row, the running totals of the weights as shares, ready for `Dice.pick_rows`."""
    total = np.zeros(weights.shape[0], dtype=np.float64)
    columns = []
    for column in range(weights.shape[1]):
        total = total + weights[:, column]
        columns.append(total)
    return np.stack([each / total for each in columns], axis=1)
