"""Which days and spells of days were out of the ordinary, by which metrics and groups, as a role is shown it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

import ibis.expr.types as ir
import numpy as np

from habitue.engines.grouping import fetch_apart
from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.anomalies import (
    DAYS_BEFORE,
    Chance,
    Daily,
    Spell,
    find_group_spells,
    find_spells,
)
from habitue.measure.columns import together
from habitue.measure.dimensions import Dimension, Grounds, dimensions_of, read_dimensions
from habitue.measure.drivers import Driver, find_drivers
from habitue.measure.figures import Cut
from habitue.measure.metrics import Value, reckon_figures
from habitue.measure.periods import Every, Period, period_of
from habitue.measure.series import (
    NOT_KNOWN,
    Days,
    FigureDays,
    adds_up,
    can_be_looked_at,
    chance_of,
    daily_of,
    figures_apart,
    single,
)
from habitue.measure.spec import FigureKind, FigureSpec, MetricSpec, Unit
from habitue.records import Kind
from habitue.rules.windows import local_midnight
from habitue.run.measuring import find_metric, grounds_for, project_metrics
from habitue.run.measuring_hidden import Rest
from habitue.run.measuring_views import may_see, roughly
from habitue.run.workspace import Workspace

USUAL_DAYS: Final = 14
MOST_DAYS: Final = 400
_MOST_GROUPS: Final = 12
"""The most groups of a dimension that is looked at: of many small ones nothing can be said by the day."""
_MOST_DRIVERS: Final = 3
Group = tuple[str, str]
Figures = Mapping[FigureSpec, FigureDays]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAnomaly:
    """A day or several on which a metric was out of the ordinary, as a role is shown it.

    Attributes:
        metric: Its name.
        label: A few words for people.
        unit: money, count, share or number.
        currency: Of money; empty for others.
        good: Whether it went the way it is wished to go; None where neither is wished.
        dimension: What parts the metric, where one group alone was out of the ordinary; empty for the whole.
        group: The group.
        day: The first local date, ISO 8601.
        last_day: The last, the same for a single day.
        value: What it was, of all these days together.
        expected: The median of the same weekdays before.
        score: By how many robust standard deviations it differs.
        drivers: Groups that account for it, what says most first.
    """

    metric: str
    label: str
    unit: Unit
    currency: str
    good: bool | None
    dimension: str
    group: str
    day: str
    last_day: str
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
        anomalies: What was found, the latest first.
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

    Wholes are looked at, and of what is counted every group of dimensions with few groups; days on which the whole was
    out of the ordinary are told once, with the groups that account for it. Without people neither days nor groups of
    fewer than ten people are told of, groups only as what accounts for a whole, and values are rounded.

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
    found: list[SeenAnomaly] = []
    for purpose in dict.fromkeys(each.purpose for each in looked):
        looking = _Looking(workspace, access, [each for each in looked if each.purpose == purpose], asked)
        found += looking.anomalies()
    found.sort(key=lambda each: (-date.fromisoformat(each.last_day).toordinal(), -abs(each.score)))
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
        found = [each for each in project_metrics(workspace).values() if may_see(each, access)]
    return [each for each in found if can_be_looked_at(each)]


def _whole_days(workspace: Workspace, since: datetime | None, until: datetime | None, days: int) -> Period:
    """The period that was asked for without its last day, where that is not over."""
    zone, as_of = workspace.project.catalogue.zone, workspace.as_of()
    today = local_midnight(as_of.astimezone(zone).date(), zone)
    ends = min(workspace.instant(until) or today, today)
    return period_of(workspace.instant(since), ends, as_of=as_of, zone=zone, days=days)


class _Looking:
    """Metrics of one purpose, their days, and those of their groups."""

    def __init__(self, workspace: Workspace, access: Access, metrics: Sequence[MetricSpec], asked: Period) -> None:
        self.workspace, self.access, self.metrics = workspace, access, metrics
        first = asked.first_day - timedelta(days=DAYS_BEFORE)
        period = Period(since=local_midnight(first, asked.zone), until=asked.until, zone=asked.zone)
        self.cut = Cut(period=period, as_of=workspace.as_of(), every=Every.DAY)
        self.days = Days(first=first, count=period.days)
        self.places = range(DAYS_BEFORE, period.days)
        self.grounds: Grounds = grounds_for(workspace, metrics[0].purpose)
        self.whole: Figures = {}

    def anomalies(self) -> Iterator[SeenAnomaly]:
        """What was out of the ordinary of every metric."""
        specs = [each for metric in self.metrics for each in metric.figures]
        cells = reckon_figures(specs, self.cut, self.grounds, self.workspace.warehouse.fetch)
        self.whole = {
            spec: self.days.figure(known, of_mean=spec.figure is FigureKind.AVG) for spec, known in cells.items()
        }
        spells = {metric.metric: self._spells(metric) for metric in self.metrics}
        parted = [each for each in self.metrics if adds_up(each) and self._needs_groups(each, spells[each.metric])]
        groups = self._groups([single(each) for metric in parted for each in metric.upper])
        for metric in self.metrics:
            yield from _Told(self, metric, spells[metric.metric]).anomalies(groups if metric in parted else {})

    def begins(self, metric: MetricSpec) -> int:
        """The place of the first day that is known of."""
        known = np.flatnonzero(daily_of(metric, self.whole).people[0])
        return int(known[0]) if len(known) else self.days.count

    def places_since(self, begins: int) -> range:
        """The places of the days that are looked at, counted from a later day on."""
        return range(max(self.places.start - begins, 0), max(self.places.stop - begins, 0))

    def _spells(self, metric: MetricSpec) -> list[Spell]:
        begins = self.begins(metric)
        daily = _since(daily_of(metric, self.whole), begins)
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

    def _needs_groups(self, metric: MetricSpec, spells: Sequence[Spell]) -> bool:
        return bool(spells) or (self.access.sees_people and chance_of(metric) is Chance.COUNT)

    def _groups(self, specs: Iterable[FigureSpec]) -> dict[Group, dict[FigureSpec, FigureDays]]:
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


def _named(names: Sequence[str], grounds: Grounds, events: Sequence[str]) -> tuple[Dimension, ...]:
    """Dimensions by name, however many."""
    return tuple(read_dimensions([name], grounds.catalogue, events)[0] for name in names)


def _since(daily: Daily, place: int) -> Daily:
    return Daily(
        upper=daily.upper[:, place:],
        lower=None if daily.lower is None else daily.lower[:, place:],
        people=daily.people[:, place:],
    )


class _Told:
    """One metric: spells of its whole with the groups that account for them, and those of single groups."""

    def __init__(self, looking: _Looking, metric: MetricSpec, spells: Sequence[Spell]) -> None:
        self.looking, self.metric, self.spells = looking, metric, spells
        self.begins = looking.begins(metric)

    def anomalies(self, groups: Mapping[Group, Figures]) -> Iterator[SeenAnomaly]:
        """What was out of the ordinary."""
        specs = [single(each) for each in self.metric.upper]
        daily = {
            group: daily_of(self.metric, each) for group, each in groups.items() if all(spec in each for spec in specs)
        }
        daily = {group: _since(each, self.begins) for group, each in daily.items()}
        alone = list(self._alone({group: each for group, each in daily.items() if group[1] != NOT_KNOWN}))
        for spell in self.spells:
            same = {group for group, each in alone if _alike(each, spell) and _mostly(each, spell)}
            drivers = sorted(
                _telling(self._drivers(spell, daily)), key=lambda each: (each.dimension, each.group) not in same
            )
            yield self._seen(spell, drivers)
        hits = [hit for hit in alone if not any(_alike(hit[1], each) and _mostly(hit[1], each) for each in self.spells)]
        kept: list[Spell] = []
        for group, spell in hits:
            if not any(_alike(spell, each) for each in kept):
                kept.append(spell)
                others = [other for other in hits if _alike(other[1], spell) and other[0] != group]
                yield self._seen(spell, _of_group(group, spell, others), group=group)

    def _drivers(self, spell: Spell, daily: Mapping[Group, Daily]) -> Iterator[Driver]:
        here = spell._replace(last=spell.last - self.begins)
        for dimension in dict.fromkeys(name for name, _ in daily):
            groups = {group: each.upper[0] for (name, group), each in daily.items() if name == dimension}
            yield from find_drivers(here, groups, dimension)

    def _alone(self, daily: Mapping[Group, Daily]) -> Iterator[tuple[Group, Spell]]:
        """Groups that were out of the ordinary by themselves, the furthest off first."""
        looking, begins = self.looking, self.begins
        if not daily or not looking.access.sees_people or chance_of(self.metric) is not Chance.COUNT:
            return
        groups = np.concatenate([each.upper for each in daily.values()])
        whole = _since(daily_of(self.metric, looking.whole), begins).upper
        found = find_group_spells(
            groups,
            np.maximum(whole - groups, 0.0),
            looking.places_since(begins),
            wholes=[each._replace(last=each.last - begins) for each in self.spells],
        )
        hits = [
            (group, spell._replace(last=spell.last + begins))
            for group, spells in zip(daily, found, strict=True)
            for spell in spells
        ]
        # What events say of themselves comes before what is known of people.
        yield from sorted(hits, key=lambda hit: (-abs(hit[1].score), "." in hit[0][0], hit[0]))

    def _seen(self, spell: Spell, drivers: Sequence[Driver], *, group: Group = ("", "")) -> SeenAnomaly:
        metric, rough = self.metric, not self.looking.access.sees_people
        wished = metric.good.value
        return SeenAnomaly(
            metric=metric.metric,
            label=metric.label or metric.metric,
            unit=metric.unit,
            currency=self.looking.workspace.project.settings.currency if metric.unit is Unit.MONEY else "",
            good=(spell.score > 0) == (wished == "up") if wished else None,
            dimension=group[0],
            group=group[1],
            day=self.looking.days.at(spell.first).isoformat(),
            last_day=self.looking.days.at(spell.last).isoformat(),
            value=_rough(spell.value) if rough else spell.value,
            expected=_rough(spell.expected) if rough else spell.expected,
            score=spell.score,
            drivers=tuple(_rough_driver(each) if rough else each for each in drivers[:_MOST_DRIVERS]),
        )


def _alike(one: Spell, other: Spell) -> bool:
    """Whether two spells are of the same days and the same direction."""
    return one.overlaps(other) and (one.score > 0) == (other.score > 0)


def _mostly(one: Spell, other: Spell) -> bool:
    """Whether two spells of the same direction share at least half of their days."""
    if not _alike(one, other):
        return False
    shared = min(one.last, other.last) - max(one.first, other.first) + 1
    return 2 * shared >= max(one.last, other.last) - min(one.first, other.first) + 1


def _of_group(group: Group, spell: Spell, others: Sequence[tuple[Group, Spell]]) -> list[Driver]:
    """A group that was out of the ordinary by itself, and those that were on the same days."""
    found: dict[Group, Driver] = {}
    off = spell.value - spell.expected
    for (dimension, name), each in [(group, spell), *others]:
        driver = Driver(
            dimension=dimension,
            group=name,
            value=each.value,
            expected=each.expected,
            explains=round((each.value - each.expected) / off, 3) if off else 0.0,
            surprise=0.0,
        )
        found.setdefault((dimension, name), driver)
    return list(found.values())


def _telling(drivers: Iterable[Driver]) -> list[Driver]:
    """Drivers without those that say of the same people the same again, what says most first.

    What is known of people comes before that nothing is known of them.
    """
    ranked = sorted(
        drivers,
        key=lambda each: (
            each.group == NOT_KNOWN,
            -each.weight,
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
