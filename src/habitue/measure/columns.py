"""Several figures of one event as columns of one table, so that its rows are read once for all of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir

from habitue.measure.dimensions import Grounds
from habitue.measure.figures import BY_FIRST, Cut, first_counted, inside, value_of
from habitue.measure.spec import FigureKind, FigureSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Figures of the same rows.

    Attributes:
        specs: The figures, each once, all of one event and condition.
        rows: The events, with the keys of a cut.
        values: By place the value of each figure, as an aggregate of the rows.
        people: By place how many people are behind it.
    """

    specs: tuple[FigureSpec, ...]
    rows: ir.Table
    values: tuple[ir.Value, ...]
    people: tuple[ir.Value, ...]

    def table(self, cut: Cut) -> ir.Table:
        """The keys of the cut, and for each figure `value_N` and `people_N`."""
        found = {f"value_{place}": value for place, value in enumerate(self.values)}
        found |= {f"people_{place}": value for place, value in enumerate(self.people)}
        return self.rows.group_by(cut.keys).aggregate(**found) if cut.keys else self.rows.aggregate(**found)


def together(specs: Iterable[FigureSpec]) -> list[tuple[FigureSpec, ...]]:
    """Figures of events, each once, parted into those that have the same rows."""
    groups: dict[tuple[str, str], dict[FigureSpec, None]] = {}
    for spec in specs:
        groups.setdefault((spec.event, spec.where), {})[spec.model_copy(update={"times": 1})] = None
    return [tuple(each) for each in groups.values()]


def _as_it_is(rows: ir.Table) -> ir.Table:
    return rows


def columns_of(
    specs: Sequence[FigureSpec], cut: Cut, grounds: Grounds, *, parted: Callable[[ir.Table], ir.Table] = _as_it_is
) -> Columns:
    """Figures of one event and condition.

    Args:
        specs: They; at least one, and none of how things stand.
        cut: How their period is parted.
        grounds: From what they are reckoned.
        parted: Adds the columns of other groups than those of the cut.

    Raises:
        HabitueError: They cannot be parted like this.
    """
    first = next((each for each in specs if each.figure in BY_FIRST), specs[0])
    rows = parted(inside(first, cut, grounds))
    shape = grounds.catalogue.events[first.event]
    everybody = rows.customer_id.nunique()
    values, people = [], []
    for spec in specs:
        if spec.figure in BY_FIRST:
            value = first_counted(rows, spec.figure, cut)
            people.append(value)
        else:
            value = everybody if spec.figure is FigureKind.CUSTOMERS else value_of(rows, spec, shape)
            people.append(everybody)
        values.append(value)
    return Columns(specs=tuple(specs), rows=rows, values=tuple(values), people=tuple(people))
