"""What can be asked about everybody: the metrics of a project, and one of them reckoned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import ibis.expr.types as ir

from habitue.errors import HabitueError, did_you_mean
from habitue.measure.boards import size_metric
from habitue.measure.dimensions import Grounds, dimensions_of, read_dimensions
from habitue.measure.figures import Cut, events_of
from habitue.measure.metrics import Cell, reckon_several
from habitue.measure.periods import USUAL_DAYS, Period, every_named, period_of
from habitue.measure.spec import MetricSpec
from habitue.run.consents import RESTRICTED
from habitue.run.id_ranges import Part, members_in
from habitue.run.unheard import without_refusals
from habitue.run.workspace import Workspace
from habitue.segments.memberships import MEMBERSHIPS


class MetricUnknownError(HabitueError):
    """No metric has a name."""

    code = "METRIC-UNKNOWN"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        do = f"Did you mean {near!r}?" if near else "`habitue measure` lists them."
        super().__init__(what=f"No metric is called {name[:60]!r}.", do=do)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureAsked:
    """What somebody wants to know of a metric.

    Attributes:
        by: Dimensions: `country`, `trait.city`, `segment.champions`.
        every: `day`, `week` or `month`; empty for the whole period.
        since: The first instant; without an offset local to the project; None for so many days.
        until: The first instant after it; None for what is known.
        compare: Whether the period before is reckoned too.
        of: A rule: only people for whom it holds as of the last build; empty for everybody.
        days: How many local days, the last one included, where `since` is left out.
    """

    by: tuple[str, ...] = ()
    every: str = ""
    since: datetime | None = None
    until: datetime | None = None
    compare: bool = True
    of: str = ""
    days: int = USUAL_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric reckoned, for those who see everything.

    Attributes:
        metric: What was reckoned.
        period: The stretch of time.
        whole: The value of the whole period.
        cells: Its parts; empty where none were asked for.
    """

    metric: MetricSpec
    period: Period
    whole: Cell
    cells: tuple[Cell, ...]


def project_metrics(workspace: Workspace) -> Mapping[str, MetricSpec]:
    """Every metric of a project by name: its own, and those that come with the product and fit."""
    return workspace.project.metric_shelf.everything()


def find_metric(workspace: Workspace, name: str) -> MetricSpec:
    """The metric of a name; `segment.NAME` is the size of a segment.

    Raises:
        MetricUnknownError: There is none.
    """
    sized = size_metric(name, workspace.project.catalogue)
    if sized is not None:
        return sized
    known = project_metrics(workspace)
    if name not in known:
        raise MetricUnknownError(name, list(known))
    return known[name]


def dimensions_for(workspace: Workspace, metric: MetricSpec) -> list[str]:
    """What a metric can be parted by."""
    found = dimensions_of(workspace.project.catalogue, events_of(metric.figures))
    if any(each.figure is None for each in metric.figures):
        found = [each for each in found if "." in each]
    return found


def measure(workspace: Workspace, metric: MetricSpec, asked: MeasureAsked) -> Measured:
    """A metric reckoned.

    Raises:
        HabitueError: It cannot be parted or timed like this, or nothing was built yet.
    """
    return measure_several(workspace, [metric], asked)[0]


def measure_several(workspace: Workspace, metrics: Sequence[MetricSpec], asked: MeasureAsked) -> list[Measured]:
    """Several metrics reckoned, parted alike, in their order; figures of the same events in one question.

    Raises:
        HabitueError: One cannot be parted or timed like this, or nothing was built yet.
    """
    as_of, catalogue = workspace.as_of(), workspace.project.catalogue
    since, until = workspace.instant(asked.since), workspace.instant(asked.until)
    period = period_of(since, until, as_of=as_of, zone=catalogue.zone, days=asked.days)
    every = every_named(asked.every) if asked.every else None
    found: dict[int, Measured] = {}
    with workspace.warehouse.keeping() as keep:
        fetch = workspace.warehouse.fetch
        for purpose in dict.fromkeys(each.purpose for each in metrics):
            alike = {place: each for place, each in enumerate(metrics) if each.purpose == purpose}
            grounds, few = limited_grounds(workspace, purpose, asked.of, keep), list(alike.values())
            dimensions = [read_dimensions(asked.by, catalogue, events_of(each.figures)) for each in few]
            cut = Cut(period=period, as_of=as_of, every=every, dimensions=dimensions[0])
            whole = reckon_several(few, Cut(period=period, as_of=as_of), grounds, fetch, compare=asked.compare)
            cells = reckon_several(few, cut, grounds, fetch, compare=asked.compare) if cut.keys else [[] for _ in few]
            for place, metric, one, parts in zip(alike, few, whole, cells, strict=True):
                found[place] = Measured(metric=metric, period=period, whole=one[0], cells=tuple(parts))
    return [found[place] for place in sorted(found)]


def limited_grounds(
    workspace: Workspace, purpose: str, of: str, keep: Callable[[ir.Table], ir.Table], part: Part | None = None
) -> Grounds:
    """What metrics are reckoned from, only of those for whom a rule holds as of the last build.

    Args:
        workspace: The open project.
        purpose: As of `grounds_for`.
        of: The rule; empty for everybody.
        keep: Keeps tables meanwhile.
        part: Only of these customers; None for everybody.

    Raises:
        RuleError: The rule does not fit the project.
    """
    grounds = grounds_for(workspace, purpose, part)
    if not of:
        return grounds
    those = keep(members_in(part, workspace.rule(of), workspace.question()))
    return replace(
        grounds, people=those if grounds.people is None else keep(those.semi_join(grounds.people, "customer_id"))
    )


def grounds_for(workspace: Workspace, purpose: str = "", part: Part | None = None) -> Grounds:
    """What metrics are reckoned from: of people with a basis for the purpose now; never of restricted people."""
    tables, warehouse = workspace.tables(), workspace.warehouse
    there = warehouse.tables()
    people = None
    if part is not None and not part.is_all:
        tables = part.tables(tables)
    if purpose:
        present = workspace.question(as_of=max(workspace.as_of(), workspace.clock()))
        people = without_refusals(workspace, members_in(part, workspace.rule(f"consent.{purpose}"), present), purpose)
    elif RESTRICTED in there and warehouse.count(warehouse.table(RESTRICTED)):
        people = tables.customers.select("customer_id")
    open_rows = None
    if MEMBERSHIPS in there:
        rows = warehouse.table(MEMBERSHIPS)
        open_rows = rows.filter(rows.left_at.isnull()).select("segment", "customer_id")
        open_rows = open_rows if part is None else part.some(open_rows)
    return Grounds(catalogue=workspace.project.catalogue, tables=tables, members=open_rows, people=people)
