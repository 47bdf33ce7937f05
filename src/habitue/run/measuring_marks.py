"""Who is behind the marks of charts: values of metrics, cells of cohorts, parts of paths, channels, steps of funnels.

The people listed are found by the same tables as the counts, so that a count and its list are of the same people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import reduce

import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.measure.attribution import people_won, touches
from habitue.measure.cohorts import CohortPlan, firsts
from habitue.measure.cohorts import people_of as people_of_cohort
from habitue.measure.dimensions import Dimension, read_dimensions
from habitue.measure.figures import Cut, events_of, people_behind, rule_of
from habitue.measure.frame import Frame
from habitue.measure.paths import most_frequent, named, people_on, steps_of
from habitue.measure.people_rules import Stretch, cohort_rule, figure_rule, touched_rule
from habitue.measure.periods import Every, Period, every_named, period_of
from habitue.measure.spec import FigureSpec
from habitue.records.durations import DAY
from habitue.rules.catalogue import Catalogue
from habitue.rules.nodes import EVER, Window
from habitue.rules.windows import local_midnight
from habitue.run.id_ranges import IdRange
from habitue.run.measuring import MeasureAsked, find_metric, limited_grounds
from habitue.run.measuring_attribution import AttributionAsked, attribution_plan
from habitue.run.measuring_cohorts import CohortsAsked, cohorts_frame, cohorts_period, cohorts_plan
from habitue.run.measuring_frame import Asked, frame_of
from habitue.run.measuring_paths import PathsAsked, paths_plan
from habitue.run.measuring_views import may_see
from habitue.run.people_pages import EVERYBODY, Keep, MarkPeople, Page, Said, limited, people_page
from habitue.run.workspace import Workspace


class MarkError(HabitueError):
    """People are asked for behind a mark that there is not."""

    code = "MARK-UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMark:
    """One value of a metric.

    Attributes:
        groups: Its group of each dimension; None where it is not known; empty for the whole.
        step: The first day of its step; None for the whole period.
        upper: Of a metric that divides: whether those behind what is divided are meant, not those it is divided by.
    """

    groups: tuple[str | None, ...] = ()
    step: date | None = None
    upper: bool = False


def metric_people(
    workspace: Workspace, access: Access, name: str, asked: MeasureAsked, mark: ValueMark, page: Page
) -> MarkPeople:
    """Who is behind one value of a metric.

    Raises:
        HabitueError: There is no such metric or value, or the role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    metric = find_metric(workspace, name)
    if not may_see(metric, access):
        raise RoleForbiddenError(access.role, Permission.SEE_AGGREGATES)
    catalogue, as_of = workspace.project.catalogue, workspace.as_of()
    period = period_of(workspace.instant(asked.since), workspace.instant(asked.until), as_of=as_of, zone=catalogue.zone)
    dimensions = read_dimensions(asked.by, catalogue, events_of(metric.figures))
    if mark.groups and len(mark.groups) != len(dimensions):
        what = f"The value has {len(mark.groups)} groups, and there are {len(dimensions)} dimensions."
        raise MarkError(what=what, do="Give one group for each dimension of `by`.")
    if not mark.groups:
        dimensions = ()
    every = every_named(asked.every) if asked.every else None
    cut = Cut(period=period, as_of=as_of, every=every, dimensions=dimensions)
    figures = metric.upper if mark.upper or not metric.lower else metric.lower

    def find(keep: Keep, some: IdRange) -> tuple[ir.Table, Said]:
        grounds = limited_grounds(workspace, metric.purpose, asked.of, keep, some)
        parts = [people_behind(each, cut, grounds, groups=mark.groups, step=mark.step) for each in figures]
        said = _said_of_value(workspace, figures, cut, mark)
        about = Asked(of=asked.of, purpose=metric.purpose)
        said = replace(said, rule=limited(said.rule, about), moving=limited(said.moving, about))
        return reduce(lambda left, right: left.union(right, distinct=True), parts), said

    is_apart = all(_is_apart(each, catalogue) for each in figures)
    return people_page(workspace, access, (name, asked, mark, cut), page, find, is_apart=is_apart)


def _is_apart(figure: FigureSpec, catalogue: Catalogue) -> bool:
    """Whether somebody is behind a figure whoever else there is."""
    return figure.figure is not None or EVERYBODY.tells(rule_of(figure, catalogue), catalogue)


def _said_of_value(workspace: Workspace, figures: Sequence[FigureSpec], cut: Cut, mark: ValueMark) -> Said:
    period, catalogue = cut.period, workspace.project.catalogue
    if mark.step is not None and cut.every is not None:
        period = next(each.period for each in cut.period.steps(cut.every) if each.day == mark.step)
    # What nothing lies behind needs no end.
    is_open = period.until > cut.as_of
    grouped: list[tuple[Dimension, str | None]] = list(zip(cut.dimensions, mark.groups, strict=True))
    fixed = Stretch(since=period.since, until=None if is_open else period.until)
    rule = figure_rule(figures, fixed, grouped, catalogue)
    moving = None
    if is_open and rule is not None:
        moving = figure_rule(figures, Stretch(last=period.days * DAY), grouped, catalogue)
        moving = None if moving == rule else moving
    why = "The rule language knows who somebody is now, not who they were at the end of a period that is over."
    return Said(rule=rule, moving=moving, why_not=why)


def cohort_people(
    workspace: Workspace, access: Access, asked: CohortsAsked, *, start: date, later: int | None, page: Page
) -> MarkPeople:
    """Who is of a cohort, or of those of it who came again so many steps later.

    Raises:
        HabitueError: There is no such cohort, or the role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    plan = cohorts_plan(workspace.project.catalogue, asked)

    def find(keep: Keep, some: IdRange) -> tuple[ir.Table, Said]:
        frame = cohorts_frame(workspace, plan, asked, keep, some)
        always = replace(frame, since=None)
        if not some.is_all:
            return _some_of_cohort(plan, always, frame.since, keep, start=start, later=later), Said()
        period = cohorts_period(workspace, plan, frame)
        days = [each.day for each in period.steps(plan.every)] if period is not None else []
        if period is None or start not in days or (later or 0) >= len(days) - days.index(start):
            raise MarkError(what="There is no such cohort, or no such step of it.", do="Take one that is shown.")
        found = keep(firsts(plan, always, period))
        people = people_of_cohort(plan, always, found, period, start=start, later=-1 if later is None else later)
        is_same = plan.first == plan.again
        if later == 0 and not is_same:
            said = Said(why_not="The rule language cannot say what came after a first time within the same step.")
        else:
            own = _step_of(period, plan.every, start)
            again = None if not later else _step_of(period, plan.every, days[days.index(start) + later])
            rule = cohort_rule(plan, own, again, workspace.project.catalogue.zone)
            said = Said(rule=limited(rule, asked.about))
        return people, said

    return people_page(workspace, access, ("cohort", asked, start, later), page, find)


def _some_of_cohort(
    plan: CohortPlan, frame: Frame, since: datetime | None, keep: Keep, *, start: date, later: int | None
) -> ir.Table:
    """Who of some customers is of a cohort; nobody where there is no such cohort: where it begins is looked up for all.

    Args:
        plan: What makes a cohort.
        frame: Of these customers, with events from the beginning of time on.
        since: When the first cohort begins at the earliest.
        keep: Keeps tables meanwhile.
        start: The first day of the cohort's step.
        later: How many steps after it; None for everybody of the cohort.
    """
    zone = frame.catalogue.zone
    begins = max(filter(None, (since, local_midnight(start, zone))))
    period = Period(since=begins, until=max(frame.until, begins + timedelta(microseconds=1)), zone=zone)
    found = keep(firsts(plan, frame, period))
    return people_of_cohort(plan, frame, found, period, start=start, later=-1 if later is None else later)


def _step_of(period: Period, every: Every, day: date) -> tuple[datetime, datetime]:
    step = next(each.period for each in period.steps(every) if each.day == day)
    return step.since, step.until


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMark:
    """A thing on paths, or what leads from it to another.

    Attributes:
        place: 1 for the things nearest to where paths are told from.
        source: What they do there; None for what is not shown by name.
        target: What they do next; None for what is not shown by name.
        ends: Whether the path ends there; None for everybody at the thing, whatever follows.
        names: What is shown by name, as the paths themselves say; empty for what most people do, which everybody is
            looked at for.
    """

    place: int
    source: str | None
    target: str | None = None
    ends: bool | None = None
    names: tuple[str, ...] = ()


def path_people(workspace: Workspace, access: Access, asked: PathsAsked, mark: PathMark, page: Page) -> MarkPeople:
    """Who is at a thing on paths, or goes on from it to another.

    Raises:
        HabitueError: The paths do not fit the project, or the role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    plan = paths_plan(workspace.project.catalogue, asked)

    def find(keep: Keep, some: IdRange) -> tuple[ir.Table, Said]:
        steps = keep(steps_of(plan, frame_of(workspace, asked.about, keep, some)))
        names = mark.names or _most_frequent(workspace, steps, asked.top)
        shown = named(steps, names)
        why = "The rule language cannot say what comes next after what with nothing else between."
        return people_on(shown, mark.place, mark.source, following=mark.target, ends=mark.ends), Said(why_not=why)

    return people_page(workspace, access, ("path", asked, mark), page, find, is_apart=bool(mark.names))


def _most_frequent(workspace: Workspace, steps: ir.Table, many: int) -> tuple[str, ...]:
    return tuple(row["touch"] for row in workspace.warehouse.fetch(most_frequent(steps, many)).to_pylist())


def channel_people(
    workspace: Workspace, access: Access, asked: AttributionAsked, channel: str, page: Page
) -> MarkPeople:
    """Who is behind the conversions that a channel has a part in.

    Raises:
        HabitueError: The attribution does not fit the project, or the role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    catalogue = workspace.project.catalogue
    plan = attribution_plan(catalogue, asked)
    kind = catalogue.events[plan.touch.event].properties[plan.channel]

    def find(keep: Keep, some: IdRange) -> tuple[ir.Table, Said]:
        frame = frame_of(workspace, asked.about, keep, some)
        window = EVER if frame.since is None else Window(kind="since", start=frame.since.isoformat())
        rule = touched_rule(plan.touch, plan.goal, plan.within, (plan.channel, kind, channel), window)
        if asked.about.until is not None:
            rule = None
        why = "The rule language cannot say this of a conversion with a condition, or of a time that is over."
        return people_won(touches(plan, frame), channel), Said(rule=limited(rule, asked.about), why_not=why)

    return people_page(workspace, access, ("channel", asked, channel), page, find)
