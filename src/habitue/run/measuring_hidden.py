"""Which values of metrics are hidden from roles without people: those that tell of few, or would let few be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.metrics import Cell, Value
from habitue.measure.spec import FigureKind, MetricSpec

_PEOPLE: Final = (None, FigureKind.CUSTOMERS, FigureKind.NEW_CUSTOMERS, FigureKind.RETURNING_CUSTOMERS)
"""What counts people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is known of those who are not behind a figure.

    Attributes:
        of: How many of a value's figures are divided by the others, where all of them count people; 0 for none.
        everybody: How many people there are, where a value is of those for whom a rule holds; 0 for none.
    """

    of: int = 0
    everybody: int = 0

    @classmethod
    def left_by(cls, metric: MetricSpec, everybody: int) -> "Rest":
        """What a metric leaves over."""
        if not all(each.figure in _PEOPLE for each in metric.figures):
            return cls()
        if metric.lower:
            return cls(of=len(metric.upper))
        return cls(everybody=everybody if all(each.figure is None for each in metric.figures) else 0)

    def fewest(self, value: Value) -> int:
        """The fewest people that a value tells of: those of a figure, or those that it leaves over."""
        counts = list(value.people)
        rest = 0
        if self.of:
            rest = abs(sum(value.people[self.of :]) - sum(value.people[: self.of]))
        elif self.everybody:
            rest = abs(self.everybody - sum(value.people))
        return min([*counts, rest] if rest else counts)


_NO_REST: Final = Rest()


def slices_of(cells: Sequence[Cell]) -> list[list[int]]:
    """The places of cells that are parts of one whole: all, and those that differ in one of their keys only.

    Whoever asks by week, and by country, knows the sum of each row and column of a table by both.
    """
    found: dict[tuple[object, ...], list[int]] = {}
    for place, each in enumerate(cells):
        keys = (each.step, *each.groups)
        for axis in range(len(keys)):
            found.setdefault((axis, *keys[:axis], *keys[axis + 1 :]), []).append(place)
    return [list(range(len(cells))), *found.values()]


def hidden_values(
    values: Sequence[Value | None], slices: Sequence[Sequence[int]], rest: Rest = _NO_REST
) -> frozenset[int]:
    """The places of values to hide among parts of wholes whose own values are known.

    Those that tell of fewer than ten people; and in each whole with one of those, where somebody is behind it, the
    smallest other one: people may be in several parts, so that several small ones may be the same few.

    Args:
        values: The parts; None for those that say nothing.
        slices: The places of the parts of each whole.
        rest: Who else each value tells of.

    Examples:
        >>> made = [Value(value=each, people=(each,), base=each) for each in (50, 4, 12, 0)]
        >>> sorted(hidden_values(made, [range(4)])), sorted(hidden_values(made[:1], [range(1)]))
        ([1, 2, 3], [])
    """
    fewest = {place: rest.fewest(each) for place, each in enumerate(values) if each is not None}
    most = {place: max(each.people) for place, each in enumerate(values) if each is not None}
    hidden = {place for place, many in fewest.items() if many < LEAST_GROUP}
    is_growing = True
    while is_growing:
        is_growing = False
        for whole in slices:
            parts = [place for place in whole if place in fewest]
            gone = [place for place in parts if place in hidden and most[place]]
            shown = [place for place in parts if place not in hidden]
            if shown and gone and all(fewest[place] < LEAST_GROUP for place in gone):
                hidden.add(min(shown, key=lambda place: fewest[place]))
                is_growing = True
    return frozenset(hidden)
