"""Which days were out of the ordinary, by which metrics and groups, as a role is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import ibis.expr.types as ir

from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.anomalies import WEEKS, Chance, Driver, Observed, Oddity, find_drivers, find_oddities
from habitue.measure.dimensions import Grounds, dimensions_of, read_dimensions
from habitue.measure.figures import Cut, events_of
from habitue.measure.metrics import Cell, reckon
from habitue.measure.periods import Every, Period, period_of
from habitue.measure.spec import FigureKind, MetricSpec, Unit
from habitue.records import Kind
from habitue.rules.windows import local_midnight
from habitue.run.measuring import find_metric, grounds_for, project_metrics
from habitue.run.measuring_hidden import Rest
from habitue.run.measuring_views import may_see, roughly
from habitue.run.workspace import Workspace

USUAL_DAYS: Final = 14
MOST_DAYS: Final = 400
_CHANCE: Final = {Unit.COUNT: Chance.COUNT, Unit.SHARE: Chance.SHARE}
_MOST_GROUPS: Final = 50
_MOST_DRIVERS: Final = 3
NOT_KNOWN: Final = "-"
"""The group of those of whom a dimension says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAnomaly:
    """A day on which a metric was out of the ordinary, as a role is shown it.

    Attributes:
        metric: Its name.
        label: A few words for people.
        unit: money, count, share or number.
        currency: Of money; empty for others.
        good: Whether it went the way it is wished to go; None where neither is wished.
        day: The local date, ISO 8601.
        value: What it was.
        expected: The median of the same weekdays before.
        score: By how many robust standard deviations it differs.
        drivers: Groups that account for it, the most surprising first.
    """

    metric: str
    label: str
    unit: Unit
    currency: str
    good: bool | None
    day: str
    value: float
    expected: float
    score: float
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAnomalies:
    """Days out of the ordinary.

    Attributes:
        since: The first day that was looked at.
        until: The last, whole.
        metrics: What was looked at.
        anomalies: What was found, the latest day first.
        rounded: Whether values are rounded.
    """

    since: str
    until: str
    metrics: tuple[str, ...]
    anomalies: tuple[SeenAnomaly, ...]
    rounded: bool


def view_anomalies(
    workspace: Workspace,
    access: Access,
    *,
    metric: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    days: int = USUAL_DAYS,
) -> SeenAnomalies:
    """Days out of the ordinary, of one metric or of all that are reckoned of events.

    Without people neither days nor groups of fewer than ten people are told of, and values are rounded.

    Args:
        workspace: The open project.
        access: Who asks.
        metric: Its name; empty for all.
        since: The first day; None for so many whole days.
        until: The first instant after the last day; None for what is known.
        days: How many, where `since` is left out.

    Raises:
        HabitueError: There is no such metric, the role may not see it, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    looked = _looked_at(workspace, access, metric)
    asked = _whole_days(workspace, since, until, min(days, MOST_DAYS))
    each_day = [each.day for each in asked.steps(Every.DAY)]
    found: list[SeenAnomaly] = []
    for spec in looked:
        found += _Looking(workspace, access, spec, asked).anomalies(each_day)
    found.sort(key=lambda each: (-date.fromisoformat(each.day).toordinal(), -abs(each.score)))
    return SeenAnomalies(
        since=asked.first_day.isoformat(),
        until=asked.last_day.isoformat(),
        metrics=tuple(each.metric for each in looked),
        anomalies=tuple(found),
        rounded=not access.sees_people,
    )


def _looked_at(workspace: Workspace, access: Access, metric: str) -> list[MetricSpec]:
    if metric:
        found = [find_metric(workspace, metric)]
        if not may_see(found[0], access):
            raise RoleForbiddenError(access.role, Permission.SEE_AGGREGATES)
    else:
        everything = project_metrics(workspace).values()
        found = [each for each in everything if not any(figure.is_standing() for figure in each.figures)]
    return [each for each in found if may_see(each, access)]


def _whole_days(workspace: Workspace, since: datetime | None, until: datetime | None, days: int) -> Period:
    """The period that was asked for without its last day, where that is not over."""
    zone, as_of = workspace.project.catalogue.zone, workspace.as_of()
    today = local_midnight(as_of.astimezone(zone).date(), zone)
    ends = min(workspace.instant(until) or today, today)
    return period_of(workspace.instant(since), ends, as_of=as_of, zone=zone, days=days)


class _Looking:
    """One metric, its days, and its groups where a day is out of the ordinary."""

    def __init__(self, workspace: Workspace, access: Access, metric: MetricSpec, asked: Period) -> None:
        self.workspace, self.access, self.metric = workspace, access, metric
        first = local_midnight(asked.first_day - timedelta(weeks=WEEKS), asked.zone)
        self.cut = Cut(
            period=Period(since=first, until=asked.until, zone=asked.zone), as_of=workspace.as_of(), every=Every.DAY
        )
        self.grounds: Grounds = grounds_for(workspace, metric.purpose)

    def anomalies(self, days: Sequence[date]) -> list[SeenAnomaly]:
        cells = {each.step: each for each in self._cells() if each.step is not None}
        begins = min((day for day, cell in cells.items() if cell.now.base), default=None)
        if begins is None:
            return []
        values = {
            day: Observed(value=number, people=cell.now.base)
            for day, cell in cells.items()
            if day >= begins and (number := _number(cell)) is not None
        }
        found = find_oddities(values, days, chance=_CHANCE.get(self.metric.unit, Chance.SIZE))
        shown = [each for each in found if self._is_shown(cells[each.day])]
        groups = self._groups() if shown and self._adds_up() else {}
        return [self._seen(each, groups, begins) for each in shown]

    def _cells(self, *by: str) -> list[Cell]:
        dimensions = read_dimensions(by, self.grounds.catalogue, events_of(self.metric.figures))
        cut = Cut(period=self.cut.period, as_of=self.cut.as_of, every=Every.DAY, dimensions=dimensions)
        return reckon(self.metric, cut, self.grounds, self.workspace.warehouse.fetch, compare=False)

    def _is_shown(self, cell: Cell) -> bool:
        return self.access.sees_people or Rest.left_by(self.metric, 0).fewest(cell.now) >= LEAST_GROUP

    def _adds_up(self) -> bool:
        """Whether the metric of a whole is the sum of those of its parts, or near it."""
        kinds = (FigureKind.COUNT, FigureKind.SUM, FigureKind.CUSTOMERS, FigureKind.NEW_CUSTOMERS)
        return not self.metric.lower and all(each.figure in kinds for each in self.metric.upper)

    def _groups(self) -> dict[str, dict[str, dict[date, float]]]:
        """By dimension and group the values of days, of dimensions with few groups."""
        found: dict[str, dict[str, dict[date, float]]] = {}
        for name in self._few():
            groups = found.setdefault(name, {})
            for cell in self._cells(name):
                number = _number(cell)
                if cell.step is not None and number is not None and self._is_shown(cell):
                    groups.setdefault(cell.groups[0] or NOT_KNOWN, {})[cell.step] = number
        return found

    def _few(self) -> list[str]:
        """Properties and traits that part events into a few groups."""
        events = events_of(self.metric.figures)
        catalogue, tables = self.grounds.catalogue, self.grounds.tables
        known = dimensions_of(catalogue, events)
        own = [name for name in known if "." not in name and _parts(catalogue.events[events[0]].properties[name])]
        traits = [f"trait.{name}" for name, kind in catalogue.traits.items() if _parts(kind)]
        many: dict[str, int] = {}
        for event in events if own else ():
            table = tables.events[event]
            many |= self._counted({name: table[name].nunique() for name in own}, table)
        if traits:
            columns = {name: tables.customers[name.removeprefix("trait.")].nunique() for name in traits}
            many |= self._counted(columns, tables.customers)
        return [name for name, groups in many.items() if 1 < groups <= _MOST_GROUPS]

    def _counted(self, columns: dict[str, ir.Value], table: ir.Table) -> dict[str, int]:
        row: dict[str, int] = self.workspace.warehouse.fetch(table.aggregate(**columns)).to_pylist()[0]
        return row

    def _seen(self, oddity: Oddity, groups: dict[str, dict[str, dict[date, float]]], begins: date) -> SeenAnomaly:
        drivers = _telling(
            [each for name, known in groups.items() for each in find_drivers(oddity, known, name, begins=begins)]
        )
        wished = self.metric.good.value
        rough = not self.access.sees_people
        return SeenAnomaly(
            metric=self.metric.metric,
            label=self.metric.label or self.metric.metric,
            unit=self.metric.unit,
            currency=self.workspace.project.settings.currency if self.metric.unit is Unit.MONEY else "",
            good=(oddity.score > 0) == (wished == "up") if wished else None,
            day=oddity.day.isoformat(),
            value=_rough(oddity.value) if rough else oddity.value,
            expected=_rough(oddity.expected) if rough else oddity.expected,
            score=oddity.score,
            drivers=tuple(_rough_driver(each) if rough else each for each in drivers[:_MOST_DRIVERS]),
        )


def _telling(drivers: Sequence[Driver]) -> list[Driver]:
    """Drivers without those that say of the same people the same again, the most surprising first.

    What is known of people comes before that nothing is known of them.
    """
    ranked = sorted(
        drivers,
        key=lambda each: (
            each.group == NOT_KNOWN,
            -each.surprise,
            -each.explains,
            "." in each.dimension,
            len(each.group),
            each.dimension,
        ),
    )
    kept: dict[tuple[float, float], Driver] = {}
    for each in ranked:
        kept.setdefault((each.value, each.expected), each)
    return list(kept.values())


def _parts(kind: Kind) -> bool:
    """Whether values of a kind are names of groups."""
    return kind in (Kind.TEXT, Kind.BOOLEAN)


def _number(cell: Cell) -> float | None:
    return None if cell.now.value is None else float(cell.now.value)


def _rough(value: float) -> float:
    return float(roughly(value, Unit.NUMBER) or 0.0)


def _rough_driver(driver: Driver) -> Driver:
    return Driver(
        dimension=driver.dimension,
        group=driver.group,
        value=_rough(driver.value),
        expected=_rough(driver.expected),
        explains=round(driver.explains, 2),
        surprise=round(driver.surprise, 2),
    )
