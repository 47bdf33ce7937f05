"""Cut points: what a build keeps of a ranking, so that a person can be placed without looking at everybody.

For a numeric value over all customers who have one, cut point k (in thousandths) is the smallest value that at least
k/1000 of them lie at or below. Batch and single-person readings place people by the same cut points.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Number = int | float | Decimal
STEPS = 1000


def _no_tops() -> Mapping[int, Number]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPoints:
    """The cut points of one ranked expression.

    Attributes:
        values: Ascending, distinct; at most 1000.
        per_mille: For each value the share of customers at or below it, in whole thousandths, rounded down.
        count: Customers with a value.
        tops: For each asked size n the n-th largest value; the smallest value where fewer than n have one.
    """

    values: tuple[Number, ...]
    per_mille: tuple[int, ...]
    count: int
    tops: Mapping[int, Number] = field(default_factory=_no_tops)

    def place(self, value: Number) -> int:
        """The place of a value in whole thousandths, 0 below all cut points."""
        at = bisect_right(self.values, value)
        return self.per_mille[at - 1] if at else 0

    def tile(self, value: Number, n: int) -> int:
        """The quantile score 1..n of a value: ceil(place * n / 1000), at least 1."""
        return max(1, -(-self.place(value) * n // STEPS))

    def in_top(self, value: Number, n: int) -> bool:
        """Whether a value is among the n largest, ties included; false for a size that was never asked for."""
        return n in self.tops and value >= self.tops[n]
