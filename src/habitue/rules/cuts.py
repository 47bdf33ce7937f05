"""Cut points: what one build keeps of everybody's values, so that a single person's place can be told later."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Number = int | float | Decimal
PER_MILLE = 1000


def _no_tops() -> Mapping[int, Number]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPoints:
    """Where the thousandths of one ranked expression lie among all customers who have a value.

    Values are as they are ranked: numbers to 9 significant decimals, whole numbers and money exact.

    Attributes:
        values: Ascending; each the smallest value that reaches its place. At most a thousand.
        per_mille: Ascending places of these values: customers at or below the value, in whole thousandths of all,
            rounded down.
        count: Customers with a value.
        tops: For each n asked for by a `top(…, n)`: the n-th largest value; the smallest where there are fewer.
    """

    values: tuple[Number, ...] = ()
    per_mille: tuple[int, ...] = ()
    count: int = 0
    tops: Mapping[int, Number] = field(default_factory=_no_tops)

    def place(self, value: Number) -> int:
        """The value's place in whole thousandths, 0..1000; 0 below the first cut point.

        Examples:
            >>> cut_points([10, 20, 30]).place(25)
            666
        """
        index = bisect_right(self.values, value)
        return self.per_mille[index - 1] if index else 0

    def percentile(self, value: Number) -> float:
        """The place as a share, 0..1 in steps of 0.001.

        Examples:
            >>> cut_points([10, 20, 30]).percentile(30)
            1.0
        """
        return self.place(value) / PER_MILLE

    def below(self, value: Number) -> int:
        """Customers strictly below the value, in whole thousandths of all, rounded down.

        Examples:
            >>> cut_points([10, 20, 30]).below(30)
            666
        """
        index = bisect_left(self.values, value)
        return self.per_mille[index - 1] if index else 0

    def tile(self, value: Number, n: int) -> int:
        """The quantile score 1..n: 1 + floor(n * share strictly below), so that equal values score alike.

        Examples:
            >>> [cut_points([10, 20, 30]).tile(each, 3) for each in (5, 10, 20, 30)]
            [1, 1, 1, 2]
        """
        return 1 + self.below(value) * n // PER_MILLE

    def is_top(self, value: Number, n: int) -> bool:
        """Whether the value is among the n largest, ties in; False where that top was never computed.

        Examples:
            >>> [cut_points([10, 20, 20, 30], tops=[2]).is_top(each, 2) for each in (10, 20, 30)]
            [False, True, True]
        """
        return n in self.tops and value >= self.tops[n]


def cut_points(values: Iterable[Number], *, tops: Iterable[int] = ()) -> CutPoints:
    """The cut points of all customers' values.

    Args:
        values: One value per customer who has one, as ranked, in any order.
        tops: Sizes of the tops that will be asked for, each above 0.

    Examples:
        >>> made = cut_points([30, 10, 20, 20])
        >>> made.values, made.per_mille
        ((10, 20, 30), (250, 750, 1000))
    """
    ranked = sorted(values)
    count = len(ranked)
    cuts: list[Number] = []
    places: list[int] = []
    for index, value in enumerate(ranked):
        if index + 1 < count and ranked[index + 1] == value:
            continue
        place = (index + 1) * PER_MILLE // count
        if place > (places[-1] if places else 0):
            cuts.append(value)
            places.append(place)
    largest = {n: ranked[max(0, count - n)] for n in tops} if count else {}
    return CutPoints(values=tuple(cuts), per_mille=tuple(places), count=count, tops=largest)
