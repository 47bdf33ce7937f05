"""Dashboards of an open project, as a role is shown them, with the figures of all their tiles."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from habitue.errors import HabitueError, did_you_mean
from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.measure.dashboards import ChartKind, DashboardSpec, TileSpec
from habitue.measure.periods import Every, period_of
from habitue.rules.windows import local_midnight
from habitue.rules.words import describe
from habitue.run.drawn_customers import Estimated
from habitue.run.measuring import MeasureAsked, find_metric
from habitue.run.measuring_cohorts import CohortsAsked, SeenCohorts, measure_cohorts
from habitue.run.measuring_frame import Asked
from habitue.run.measuring_funnels import FunnelAsked, SeenFunnel, measure_funnel
from habitue.run.measuring_views import SeenMeasure, view_measure
from habitue.run.project import Project
from habitue.run.segments import list_segments
from habitue.run.viewing import SeenSegment, view_segments
from habitue.run.workspace import Workspace

_BY_DAY: Final = 95
"""Up to so many days a number's trend is told by day, then by week."""


class DashboardUnknownError(HabitueError):
    """No dashboard has a name."""

    code = "DASHBOARD-UNKNOWN"

    def __init__(self, name: str, known: list[str]) -> None:
        near = did_you_mean(name, known)
        do = f"Did you mean {near!r}?" if near else f"There are: {', '.join(known) or 'none'}."
        super().__init__(what=f"No dashboard is called {name[:60]!r}.", do=do)


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardEntry:
    """A dashboard as a list shows it.

    Attributes:
        dashboard: Its name.
        label: A few words for people.
        description: What it is for.
        owner: Who answers for it.
        tiles: How many tiles it has.
        declared: Whether a file declares it; else it is made of what the project has.
    """

    dashboard: str
    label: str
    description: str
    owner: str
    tiles: int
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a tile shows nothing."""

    code: str
    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTile:
    """A tile with what it shows; of the figures one is there, or the trouble.

    Attributes:
        tile: Its name.
        kind: metric, funnel, cohorts, segments or text.
        label: A few words above it.
        chart: How a metric is drawn; empty for others.
        name: Of the metric; empty for others.
        by: What it is parted by; empty for nothing.
        every: day, week, month; empty for none.
        width: In columns.
        height: In rows.
        since: The first instant that it is about.
        until: The first instant after it.
        measure: Figures of a metric.
        funnel: Figures of a funnel.
        steps: Its steps as asked.
        within: Its limit as asked.
        cohorts: Figures of cohorts.
        sizes: Sizes of segments.
        text: Words.
        trouble: Why there is nothing.
    """

    tile: str
    kind: str
    label: str
    chart: str
    name: str
    by: str
    every: str
    width: int
    height: int
    since: datetime
    until: datetime
    measure: SeenMeasure | None = None
    funnel: SeenFunnel | None = None
    steps: tuple[str, ...] = ()
    within: str = ""
    cohorts: SeenCohorts | None = None
    sizes: tuple[SeenSegment, ...] = ()
    text: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDashboard(Estimated):
    """A dashboard with the figures of its tiles, as a role is shown them.

    Attributes:
        dashboard: Its name.
        label: A few words for people.
        description: What it is for.
        owner: Who answers for it.
        columns: How many columns it has on a wide screen.
        declared: Whether a file declares it.
        as_of: The instant of the last build's answers.
        of: The rule of those whom it is limited to; empty for everybody.
        of_words: The same in words.
        tiles: In reading order.
    """

    dashboard: str
    label: str
    description: str
    owner: str
    columns: int
    declared: bool
    as_of: datetime
    of: str
    of_words: str
    tiles: tuple[SeenTile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardAsked:
    """What somebody wants to see of a dashboard.

    Attributes:
        since: The first instant, in place of each tile's own period.
        until: The first instant after it; None for what is known.
        of: A rule: only people for whom it holds as of the last build.
        only: Only this tile; empty for all.
        bare: The tiles without their figures, which is at once.
        estimate: Whether some people are enough for funnels and cohorts where there are many.
    """

    since: datetime | None = None
    until: datetime | None = None
    of: str = ""
    only: str = ""
    bare: bool = False
    estimate: bool = False


def find_dashboard(project: Project, access: Access, name: str) -> DashboardSpec:
    """The dashboard of a name, where the role may see it.

    Raises:
        DashboardUnknownError: There is none.
        RoleForbiddenError: The role may not see it, or sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    known = project.dashboards.everything()
    if name not in known:
        raise DashboardUnknownError(name, [each for each, spec in known.items() if _may_see(spec, access)])
    if not _may_see(known[name], access):
        raise RoleForbiddenError(access.role, Permission.SEE_AGGREGATES)
    return known[name]


def _may_see(spec: DashboardSpec, access: Access) -> bool:
    return not spec.see or access.role in spec.see


def view_dashboards(workspace: Workspace, access: Access) -> list[DashboardEntry]:
    """The dashboards that a role sees.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    shelf = workspace.project.dashboards
    return [
        DashboardEntry(
            dashboard=each.dashboard,
            label=each.label or each.dashboard,
            description=each.description,
            owner=each.owner,
            tiles=len(each.tiles),
            declared=each.dashboard in shelf.declared,
        )
        for each in shelf.everything().values()
        if _may_see(each, access)
    ]


def view_dashboard(workspace: Workspace, access: Access, name: str, asked: DashboardAsked) -> SeenDashboard:
    """A dashboard with the figures of all its tiles; a tile that cannot be reckoned says why.

    Raises:
        HabitueError: There is none, the role may not see it, the rule does not fit, or nothing was built yet.
    """
    spec = find_dashboard(workspace.project, access, name)
    words = describe(workspace.rule(asked.of), noun=workspace.project.settings.noun) if asked.of else ""
    tiles = [
        _seen(workspace, access, _Place(tile=tile, name=tile_name, spec=spec, asked=asked))
        for tile, tile_name in zip(spec.tiles, spec.names(), strict=True)
        if asked.only in ("", tile_name)
    ]
    figures = [each for tile in tiles for each in (tile.funnel, tile.cohorts) if each is not None]
    told = next((each for each in figures if each.is_estimate), Estimated())
    return SeenDashboard(
        dashboard=spec.dashboard,
        label=spec.label or spec.dashboard,
        description=spec.description,
        owner=spec.owner,
        columns=spec.columns,
        declared=spec.dashboard in workspace.project.dashboards.declared,
        as_of=workspace.as_of(),
        of=asked.of,
        of_words=words,
        tiles=tuple(tiles),
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    tile: TileSpec
    name: str
    spec: DashboardSpec
    asked: DashboardAsked


def _seen(workspace: Workspace, access: Access, place: _Place) -> SeenTile:
    tile = place.tile
    since, until, days = _period(workspace, place)
    shown = SeenTile(
        tile=place.name,
        kind=tile.subjects[0],
        label=tile.label or _usual_label(workspace, tile),
        chart=tile.drawn.value if tile.metric else "",
        name=tile.metric,
        by=tile.by or ("" if tile.funnel is None else tile.funnel.by),
        every="" if tile.every is None else tile.every.value,
        width=min(tile.width, place.spec.columns),
        height=tile.height,
        since=since,
        until=until,
        text=tile.text,
    )
    if place.asked.bare:
        return shown
    try:
        return _filled(workspace, access, place, shown, days)
    except HabitueError as error:
        # One tile that fails leaves the others to be seen.
        return replace(shown, trouble=Trouble(code=error.code, what=error.what, do=error.do))


def _usual_label(workspace: Workspace, tile: TileSpec) -> str:
    """What a tile is called where nobody says."""
    if tile.metric:
        metric = find_metric(workspace, tile.metric)
        return metric.label or metric.metric
    return {"funnel": "From step to step", "cohorts": "Who comes again", "segments": "Segments"}.get(
        tile.subjects[0], ""
    )


def _period(workspace: Workspace, place: _Place) -> tuple[datetime, datetime, int]:
    """What a tile is about: what was asked, else so many days up to the last build."""
    zone, as_of = workspace.project.catalogue.zone, workspace.as_of()
    days = int((place.tile.period or place.spec.period or "30d").removesuffix("d"))
    since, until = workspace.instant(place.asked.since), workspace.instant(place.asked.until)
    period = period_of(since, until, as_of=as_of, zone=zone, days=days)
    if place.tile.cohorts is not None and since is None:
        # Cohorts begin with a whole step, so that the first is not cut.
        first = local_midnight(place.tile.cohorts.every.start(period.first_day), zone)
        period = replace(period, since=first)
    return period.since, period.until, period.days


def _filled(workspace: Workspace, access: Access, place: _Place, shown: SeenTile, days: int) -> SeenTile:
    tile, asked = place.tile, place.asked
    # The end of the usual period is just after what is known; asking for it by name would be asking for the past.
    until = None if asked.until is None else shown.until
    about = Asked(since=shown.since, until=until, of=asked.of)
    if tile.metric:
        return _with_metric(workspace, access, tile, shown, asked.of, days)
    if tile.funnel is not None:
        funnel = tile.funnel
        wanted = FunnelAsked(steps=funnel.steps, within=funnel.within, order=funnel.order, by=funnel.by, about=about)
        found = measure_funnel(workspace, access, wanted, estimate=asked.estimate)
        return replace(shown, funnel=found, steps=funnel.steps, within=funnel.within)
    if tile.cohorts is not None:
        cohorts = tile.cohorts
        wished = CohortsAsked(
            event=cohorts.event, again=cohorts.again, every=cohorts.every.value, revenue=cohorts.revenue, about=about
        )
        seen = measure_cohorts(workspace, access, wished, estimate=asked.estimate)
        return replace(shown, cohorts=seen, every=cohorts.every.value)
    if tile.segments:
        entries = [each for each in list_segments(workspace) if each.name in tile.segments]
        entries.sort(key=lambda each: tile.segments.index(each.name))
        return replace(shown, sizes=tuple(view_segments(workspace, access, entries)))
    return shown


def _with_metric(workspace: Workspace, access: Access, tile: TileSpec, shown: SeenTile, of: str, days: int) -> SeenTile:
    every = shown.every
    if tile.drawn is ChartKind.NUMBER and not every:
        every = (Every.DAY if days <= _BY_DAY else Every.WEEK).value
    asked = MeasureAsked(by=(tile.by,) if tile.by else (), every=every, since=shown.since, until=shown.until, of=of)
    found = view_measure(workspace, access, tile.metric, asked, limit=tile.top)
    return replace(shown, measure=found, every=every)
