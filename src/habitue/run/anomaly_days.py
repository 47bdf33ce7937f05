"""The days of metrics and of their groups among which anomalies are looked for, as far as a role may be shown them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import ibis.expr.types as ir
import numpy as np

from habitue.engines.grouping import fetch_apart
from habitue.govern.roles import Access
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.anomalies import DAYS_BEFORE, Chance, Daily, Spell, find_spells
from habitue.measure.columns import together
from habitue.measure.dimensions import Dimension, Grounds, dimensions_of, read_dimensions
from habitue.measure.figures import Cut
from habitue.measure.metrics import Value, reckon_figures
from habitue.measure.periods import Every, Period
from habitue.measure.series import Days, FigureDays, adds_up, chance_of, daily_of, figures_apart, single
from habitue.measure.spec import FigureKind, FigureSpec, MetricSpec, Unit
from habitue.records import Kind
from habitue.rules.windows import local_midnight
from habitue.run.drawn_customers import Draw
from habitue.run.measuring import grounds_for
from habitue.run.measuring_hidden import Rest
from habitue.run.measuring_views import roughly
from habitue.run.veiling import rough, rounded
from habitue.run.workspace import Workspace

_MOST_GROUPS: Final = 12
"""The most groups of a dimension that is looked at: of many small ones nothing can be said by the day."""
Group = tuple[str, str]
Figures = Mapping[FigureSpec, FigureDays]


class Looking:
    """Metrics of one purpose, their days, and those of their groups."""

    def __init__(
        self, workspace: Workspace, access: Access, metrics: Sequence[MetricSpec], asked: Period, draw: Draw
    ) -> None:
        self.workspace, self.access, self.metrics, self.draw = workspace, access, metrics, draw
        first = asked.first_day - timedelta(days=DAYS_BEFORE)
        period = Period(since=local_midnight(first, asked.zone), until=asked.until, zone=asked.zone)
        self.cut = Cut(period=period, as_of=workspace.as_of(), every=Every.DAY)
        self.days = Days(first=first, count=period.days)
        self.places = range(DAYS_BEFORE, period.days)
        self.grounds: Grounds = grounds_for(workspace, metrics[0].purpose, draw)
        self.whole: Figures = {}

    def spells(self) -> dict[str, list[Spell]]:
        """By metric what was out of the ordinary of its whole, as far as the role may be shown it."""
        specs = [each for metric in self.metrics for each in metric.figures]
        cells = reckon_figures(specs, self.cut, self.grounds, self.workspace.warehouse.fetch)
        self.whole = {
            spec: self.days.figure(known, of_mean=spec.figure is FigureKind.AVG) for spec, known in cells.items()
        }
        return {metric.metric: self._spells(metric) for metric in self.metrics}

    def told(self, metric: MetricSpec, value: float) -> float:
        """A value of a metric among all, as the role is shown it."""
        if not self.access.sees_people:
            value = self._rough(metric, value)
        if self.draw.is_all or not adds_up(metric):
            return value
        among_all = self.draw.amount(value)
        return _three_digits(among_all) if not self.access.sees_people else float(round(among_all))

    def _rough(self, metric: MetricSpec, value: float) -> float:
        # Times so much, a count of a few hundred would tell of every single one of those who were looked at.
        if not self.draw.is_all and adds_up(metric):
            value = rounded(round(value)) if chance_of(metric) is Chance.COUNT else rough(value) or 0.0
        return _three_digits(value)

    def begins(self, metric: MetricSpec) -> int:
        """The place of the first day that is known of."""
        known = np.flatnonzero(daily_of(metric, self.whole).people[0])
        return int(known[0]) if len(known) else self.days.count

    def places_since(self, begins: int) -> range:
        """The places of the days that are looked at, counted from a later day on."""
        return range(max(self.places.start - begins, 0), max(self.places.stop - begins, 0))

    def _spells(self, metric: MetricSpec) -> list[Spell]:
        begins = self.begins(metric)
        if begins >= self.days.count:
            return []
        daily = since_place(daily_of(metric, self.whole), begins)
        (found,) = find_spells(daily, self.places_since(begins), chance=chance_of(metric))
        moved = (each._replace(last=each.last + begins) for each in found)
        return [each for each in moved if self._is_shown(metric, each)]

    def _is_shown(self, metric: MetricSpec, spell: Spell) -> bool:
        """Whether every one of the days could be shown by itself."""
        if self.access.sees_people:
            return True
        rest = Rest.left_by(metric, 0)
        people = [self.whole[single(each)].people for each in metric.figures]
        days = range(spell.first, spell.last + 1)
        counts = (tuple(int(each[place]) for each in people) for place in days)
        return all(rest.fewest(Value(value=None, people=each, base=0)) >= LEAST_GROUP for each in counts)

    def groups(self, specs: Iterable[FigureSpec]) -> dict[Group, dict[FigureSpec, FigureDays]]:
        """By dimension and group the figures of days, of dimensions with few groups."""
        found: dict[Group, dict[FigureSpec, FigureDays]] = {}
        apart = partial(fetch_apart, self.workspace.warehouse)
        traits = self._few_traits()
        for few in together(specs):
            dimensions = [*self._few_properties(few[0].event), *traits]
            if not dimensions:
                continue
            mine = figures_apart(few, self.cut, self.grounds, dimensions, days=self.days, apart=apart)
            for group, figures in mine.items():
                found.setdefault(group, {}).update({spec: self._shown(each) for spec, each in figures.items()})
        return found

    def _shown(self, figure: FigureDays) -> FigureDays:
        """A group without the days of few people, for roles without people."""
        if self.access.sees_people:
            return figure
        return replace(figure, value=np.where(figure.people >= LEAST_GROUP, figure.value, 0.0))

    def _few_properties(self, event: str) -> tuple[Dimension, ...]:
        catalogue, table = self.grounds.catalogue, self.grounds.tables.events[event]
        kinds = catalogue.events[event].properties
        own = [name for name in dimensions_of(catalogue, [event]) if "." not in name and _parts(kinds[name])]
        return _named(self._few({name: table[name] for name in own}, table), self.grounds, [event])

    def _few_traits(self) -> tuple[Dimension, ...]:
        customers = self.grounds.tables.customers
        traits = [name for name, kind in self.grounds.catalogue.traits.items() if _parts(kind)]
        return _named(self._few({f"trait.{name}": customers[name] for name in traits}, customers), self.grounds, [])

    def _few(self, columns: Mapping[str, ir.Column], table: ir.Table) -> list[str]:
        """Those that have more than one group and no more than a few."""
        if not columns:
            return []
        rows = table.aggregate(**{name: column.approx_nunique() for name, column in columns.items()})
        (many,) = self.workspace.warehouse.fetch(rows).to_pylist()
        return [name for name, groups in many.items() if 1 < groups <= _MOST_GROUPS]


def _three_digits(value: float) -> float:
    return float(roughly(value, Unit.NUMBER) or 0.0)


def _named(names: Sequence[str], grounds: Grounds, events: Sequence[str]) -> tuple[Dimension, ...]:
    """Dimensions by name, however many."""
    return tuple(read_dimensions([name], grounds.catalogue, events)[0] for name in names)


def since_place(daily: Daily, place: int) -> Daily:
    """Series from a later day on."""
    return Daily(
        upper=daily.upper[:, place:],
        lower=None if daily.lower is None else daily.lower[:, place:],
        people=daily.people[:, place:],
    )


def _parts(kind: Kind) -> bool:
    """Whether values of a kind are names of groups."""
    return kind in (Kind.TEXT, Kind.BOOLEAN)
