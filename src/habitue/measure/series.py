"""Metrics by day as rows of numbers, whole and by group, for anomalies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from habitue.measure.anomalies import Chance, Daily, Floats
from habitue.measure.columns import columns_of
from habitue.measure.dimensions import Dimension, Grounds
from habitue.measure.figures import Cut
from habitue.measure.metrics import Key, Number
from habitue.measure.spec import FigureKind, FigureSpec, MetricSpec, Unit

NOT_KNOWN: Final = "-"
"""The group of those of whom a dimension says nothing."""
_COUNTED: Final = frozenset(
    {
        FigureKind.COUNT,
        FigureKind.DISTINCT,
        FigureKind.CUSTOMERS,
        FigureKind.NEW_CUSTOMERS,
        FigureKind.RETURNING_CUSTOMERS,
    }
)
_ADDED: Final = _COUNTED | {FigureKind.SUM}
Apart = Callable[[ir.Table, str, Sequence[str]], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDays:
    """A figure by day.

    Attributes:
        value: What it came to; 0 where nothing happened.
        people: How many people are behind it.
    """

    value: Floats
    people: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A stretch of local days, each with its place.

    Attributes:
        first: The first of them.
        count: How many.
    """

    first: date
    count: int

    def at(self, place: int) -> date:
        """The day at a place."""
        return self.first + timedelta(days=place)

    def figure(self, cells: Mapping[Key, tuple[Number | None, int]], *, of_mean: bool = False) -> FigureDays:
        """A figure from its cells by day.

        Args:
            cells: They.
            of_mean: Whether they are means, which are made sums over people: those can be added up.
        """
        value, people = np.zeros(self.count), np.zeros(self.count)
        for (step, _), (number, many) in cells.items():
            place = (step - self.first).days if step is not None else -1
            if 0 <= place < self.count:
                value[place] = float(number or 0) * (many if of_mean else 1)
                people[place] = many
        return FigureDays(value=value, people=people)


def can_be_looked_at(metric: MetricSpec) -> bool:
    """Whether days of a metric can be put together: it is about events, and no smallest or largest of them."""
    kinds = _ADDED | {FigureKind.AVG}
    return not any(each.is_standing() or each.figure not in kinds for each in metric.figures)


def adds_up(metric: MetricSpec) -> bool:
    """Whether the metric of a whole is the sum of those of its parts, or near it."""
    return not metric.lower and all(each.figure in _ADDED for each in metric.upper)


def scales(metric: MetricSpec) -> bool:
    """Whether the metric of some customers tells that of all: not how many different things there are."""
    return not any(each.figure is FigureKind.DISTINCT for each in metric.figures)


def chance_of(metric: MetricSpec) -> Chance:
    """What chance alone makes a metric vary by."""
    if any(each.figure not in _COUNTED or each.times < 0 for each in metric.figures):
        return Chance.SIZE
    if not metric.lower:
        return Chance.COUNT
    return Chance.RATIO if metric.unit is not Unit.MONEY else Chance.SIZE


def daily_of(metric: MetricSpec, figures: Mapping[FigureSpec, FigureDays]) -> Daily:
    """A metric by day from its figures by day, as one series."""
    upper = _added(metric.upper, figures)
    lower: Floats | None = None
    if metric.lower:
        lower = _added(metric.lower, figures)
    elif any(each.figure is FigureKind.AVG for each in metric.upper):
        lower = figures[single(metric.upper[0])].people
    base = metric.lower or metric.upper
    people = np.max([figures[single(each)].people for each in base], axis=0)
    return Daily(upper=upper[np.newaxis], lower=None if lower is None else lower[np.newaxis], people=people[np.newaxis])


def single(spec: FigureSpec) -> FigureSpec:
    """The figure as it is reckoned: once."""
    return spec.model_copy(update={"times": 1})


def _added(specs: Sequence[FigureSpec], figures: Mapping[FigureSpec, FigureDays]) -> Floats:
    found = np.zeros(len(figures[single(specs[0])].value))
    for each in specs:
        found += figures[single(each)].value * each.times
    return found


def figures_apart(
    specs: Sequence[FigureSpec],
    cut: Cut,
    grounds: Grounds,
    dimensions: Sequence[Dimension],
    *,
    days: Days,
    apart: Apart,
) -> dict[tuple[str, str], dict[FigureSpec, FigureDays]]:
    """Figures of one event and condition by day, of every group of each dimension by itself.

    Args:
        specs: The figures.
        cut: Its period and steps; its dimensions are left out.
        grounds: From what they are reckoned.
        dimensions: What parts them, properties and traits.
        days: The days of the period.
        apart: Asks for each grouping in one scan.

    Returns:
        By dimension and group the figures.
    """
    found = columns_of(
        specs, replace(cut, dimensions=()), grounds, parted=lambda rows: _parted(rows, dimensions, grounds)
    )
    names = [f"group_{place}" for place in range(len(dimensions))]
    rows = apart(found.table(replace(cut, dimensions=tuple(dimensions))), "step", names)
    columns = {name: rows.column(name).to_pylist() for name in rows.column_names}
    cells: dict[tuple[str, str], list[dict[Key, tuple[Number | None, int]]]] = {}
    for place in range(rows.num_rows):
        which = next(number for number, name in enumerate(names) if columns[name][place] is not None)
        key = dimensions[which].text, columns[names[which]][place]
        mine = cells.setdefault(key, [{} for _ in specs])
        for number in range(len(specs)):
            step = columns["step"][place], ()
            mine[number][step] = columns[f"value_{number}"][place], columns[f"people_{number}"][place]
    return {
        key: {spec: days.figure(each) for spec, each in zip(specs, mine, strict=True)} for key, mine in cells.items()
    }


def _parted(rows: ir.Table, dimensions: Sequence[Dimension], grounds: Grounds) -> ir.Table:
    """Rows with a column of text per dimension; what is known of customers is joined once."""
    traits = {place: each.name for place, each in enumerate(dimensions) if each.space}
    if traits:
        customers = grounds.tables.customers
        side = {f"group_{place}": customers[name].cast("string") for place, name in traits.items()}
        rows = rows.left_join(
            customers.select(side_customer=customers.customer_id, **side), [("customer_id", "side_customer")]
        )
    own = {f"group_{place}": rows[each.name].cast("string") for place, each in enumerate(dimensions) if not each.space}
    rows = rows.mutate(**own)
    names = [f"group_{place}" for place in range(len(dimensions))]
    return rows.mutate(**{name: ibis.coalesce(rows[name], NOT_KNOWN) for name in names})
