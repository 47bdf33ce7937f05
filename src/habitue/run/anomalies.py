"""Which days and spells of days were out of the ordinary, by which metrics and groups, as a role is shown it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np

from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.measure.anomalies import Chance, Daily, Spell, find_group_spells
from habitue.measure.drivers import Driver, find_drivers
from habitue.measure.periods import Period, period_of
from habitue.measure.series import NOT_KNOWN, adds_up, can_be_looked_at, chance_of, daily_of, scales, single
from habitue.measure.spec import MetricSpec, Unit
from habitue.rules.windows import local_midnight
from habitue.run.anomaly_days import Figures, Group, Looking, since_place
from habitue.run.drawn_customers import Estimated, draw_customers
from habitue.run.measuring import find_metric, project_metrics
from habitue.run.measuring_views import may_see
from habitue.run.workspace import Workspace

USUAL_DAYS: Final = 14
MOST_DAYS: Final = 400
_MOST_DRIVERS: Final = 3


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
class SeenAnomalies(Estimated):
    """Days out of the ordinary.

    An estimate is a first look: where whole metrics stand out among some of the customers, with values as they would be
    among all. What was too small to stand out among them may be there besides; which groups account for it, and what
    single groups did by themselves, is looked at with everybody only: it takes twice as long as all the rest.

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
    estimate: bool = False,
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
        estimate: Whether some people are enough where there are many.

    Raises:
        HabitueError: There is no such metric, the role may not see it, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    draw = draw_customers(workspace, estimate=estimate)
    looked = [each for each in _looked_at(workspace, access, metric) if draw.is_all or scales(each)]
    asked = _whole_days(workspace, since, until, min(days, MOST_DAYS))
    found: list[SeenAnomaly] = []
    for purpose in dict.fromkeys(each.purpose for each in looked):
        alike = [each for each in looked if each.purpose == purpose]
        found += _anomalies(Looking(workspace, access, alike, asked, draw))
    found.sort(key=lambda each: (-date.fromisoformat(each.last_day).toordinal(), -abs(each.score)))
    told = draw.told(access)
    return SeenAnomalies(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
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


def _anomalies(looking: Looking) -> Iterator[SeenAnomaly]:
    """What was out of the ordinary of every metric."""
    spells, sees_people = looking.spells(), looking.access.sees_people
    parted = [
        each
        for each in looking.metrics
        if adds_up(each) and (spells[each.metric] or (sees_people and chance_of(each) is Chance.COUNT))
    ]
    parted = parted if looking.draw.is_all else []
    groups = looking.groups(single(each) for metric in parted for each in metric.upper) if parted else {}
    for metric in looking.metrics:
        yield from _Told(looking, metric, spells[metric.metric]).anomalies(groups if metric in parted else {})


class _Told:
    """One metric: spells of its whole with the groups that account for them, and those of single groups."""

    def __init__(self, looking: Looking, metric: MetricSpec, spells: Sequence[Spell]) -> None:
        self.looking, self.metric, self.spells = looking, metric, spells
        self.begins = looking.begins(metric)

    def anomalies(self, groups: Mapping[Group, Figures]) -> Iterator[SeenAnomaly]:
        """What was out of the ordinary."""
        specs = [single(each) for each in self.metric.upper]
        daily = {
            group: daily_of(self.metric, each) for group, each in groups.items() if all(spec in each for spec in specs)
        }
        daily = {group: since_place(each, self.begins) for group, each in daily.items()}
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
        whole = since_place(daily_of(self.metric, looking.whole), begins).upper
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
        metric, looking = self.metric, self.looking
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
            value=looking.told(metric, spell.value),
            expected=looking.told(metric, spell.expected),
            score=spell.score,
            drivers=tuple(self._told(each) for each in drivers[:_MOST_DRIVERS]),
        )

    def _told(self, driver: Driver) -> Driver:
        told, digits = self.looking.told, 4 if self.looking.access.sees_people else 2
        return replace(
            driver,
            value=told(self.metric, driver.value),
            expected=told(self.metric, driver.expected),
            explains=round(driver.explains, digits),
            surprise=round(driver.surprise, digits),
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
