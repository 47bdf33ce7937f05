"""What a role is shown of metrics: everything, or rounded figures in which no small group stands.

Without people a value shows only where ten people or more are behind each figure that it is made of. Where parts of a
whole are shown, the hidden ones together are of ten people or more: one that could show is hidden with them. Because
whoever may choose any period could compare two that differ in one person, counts are rounded to tens and other values
to three digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission, RoleForbiddenError
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.metrics import Cell, Number
from habitue.measure.spec import Good, MetricSpec, Unit
from habitue.run.measuring import (
    MeasureAsked,
    Measured,
    dimensions_for,
    find_metric,
    measure_several,
    project_metrics,
)
from habitue.run.measuring_hidden import Rest, hidden_values, slices_of
from habitue.run.workspace import Workspace

MOST_CELLS: Final = 5_000
MOST_METRICS: Final = 24
_DIGITS: Final = 3


class MetricsManyError(HabitueError):
    """Too many metrics are asked for at once, or none."""

    code = "METRICS-MANY"

    def __init__(self, many: int) -> None:
        what = f"{many} metrics are asked for at once."
        super().__init__(what=what, do=f"Ask for 1 to {MOST_METRICS}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEntry:
    """One metric as a list shows it.

    Attributes:
        metric: Its name.
        label: A few words for people.
        description: Its definition in words.
        owner: Who answers for it.
        unit: money, count, share, number or duration.
        currency: Of money; empty for others.
        good: up, down or nothing.
        purpose: What it is for; empty for none.
        shipped: Whether it came with the product.
        dimensions: What it can be parted by.
        standing: Whether it says how things stand at an instant, so that many steps of time take a while.
    """

    metric: str
    label: str
    description: str
    owner: str
    unit: Unit
    currency: str
    good: Good
    purpose: str
    shipped: bool
    dimensions: tuple[str, ...]
    standing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCell:
    """One value, as a role is shown it.

    Attributes:
        step: The first day of its day, week or month, ISO 8601; None without steps.
        groups: The group of each dimension; None where it is not known.
        value: None where there is none, or it is hidden.
        before: The same in the period before.
        change: By what share the value differs from that before; None where that cannot be said.
        customers: How many customers it is about; None when hidden.
        hidden: Whether the value is hidden.
    """

    step: str | None
    groups: tuple[str | None, ...]
    value: Number | None
    before: Number | None
    change: float | None
    customers: int | None
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMeasure:
    """A metric reckoned, as a role is shown it.

    Attributes:
        metric: Its name, words and unit.
        since: The first instant.
        until: The first instant after it.
        before_since: The first instant of the period before, which ends as long before this one's end.
        before_until: The first instant after that.
        every: `day`, `week`, `month`, or nothing.
        by: The dimensions of the groups.
        whole: The whole period.
        cells: Its parts: steps in order, or groups with the largest first.
        more: How many groups are left out because there are so many.
        withheld: How many groups are left out, names and all, because they are of few people or could tell of few.
        rounded: Whether values are rounded.
    """

    metric: MetricEntry
    since: datetime
    until: datetime
    before_since: datetime
    before_until: datetime
    every: str
    by: tuple[str, ...]
    whole: SeenCell
    cells: tuple[SeenCell, ...]
    more: int
    withheld: int
    rounded: bool


def view_metrics(workspace: Workspace, access: Access) -> list[MetricEntry]:
    """The metrics that a role sees.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    found = project_metrics(workspace).values()
    return [metric_entry(workspace, each) for each in found if may_see(each, access)]


def metric_entry(workspace: Workspace, metric: MetricSpec) -> MetricEntry:
    """One metric in words."""
    return MetricEntry(
        metric=metric.metric,
        label=metric.label or metric.metric,
        description=metric.description,
        owner=metric.owner,
        unit=metric.unit,
        currency=workspace.project.settings.currency if metric.unit is Unit.MONEY else "",
        good=metric.good,
        purpose=metric.purpose,
        shipped=metric.metric not in workspace.project.metrics,
        dimensions=tuple(dimensions_for(workspace, metric)),
        standing=any(each.figure is None for each in metric.figures),
    )


def may_see(metric: MetricSpec, access: Access) -> bool:
    """Whether a role sees a metric."""
    return not metric.see or access.role in metric.see


def view_measure(workspace: Workspace, access: Access, name: str, asked: MeasureAsked, *, limit: int) -> SeenMeasure:
    """A metric reckoned.

    Args:
        workspace: The open project.
        access: Who asks.
        name: The metric, or `segment.NAME` for the size of a segment.
        asked: What is asked of it.
        limit: How many groups at most; steps are all shown.

    Raises:
        HabitueError: The role may not see it, there is none, or it cannot be parted or timed like this.
    """
    return _view_alike(workspace, access, [_may_ask(workspace, access, name)], asked, limit=limit)[0]


def view_measures(
    workspace: Workspace, access: Access, names: Sequence[str], asked: MeasureAsked, *, limit: int
) -> list[SeenMeasure]:
    """Several metrics reckoned, parted alike; a metric that has no such dimension is reckoned whole.

    Raises:
        HabitueError: There are too many, or one of them cannot be reckoned or seen.
    """
    if not 1 <= len(names) <= MOST_METRICS:
        raise MetricsManyError(len(names))
    alike: dict[tuple[str, ...], dict[int, MetricSpec]] = {}
    for place, name in enumerate(names):
        metric = _may_ask(workspace, access, name)
        known = dimensions_for(workspace, metric) if asked.by else ()
        alike.setdefault(tuple(each for each in asked.by if each in known), {})[place] = metric
    found: dict[int, SeenMeasure] = {}
    for by, metrics in alike.items():
        seen = _view_alike(workspace, access, list(metrics.values()), replace(asked, by=by), limit=limit)
        found |= zip(metrics, seen, strict=True)
    return [found[place] for place in range(len(names))]


def _may_ask(workspace: Workspace, access: Access, name: str) -> MetricSpec:
    access.need(Permission.SEE_AGGREGATES)
    metric = find_metric(workspace, name)
    if not may_see(metric, access):
        raise RoleForbiddenError(access.role, Permission.SEE_AGGREGATES)
    return metric


def _view_alike(
    workspace: Workspace, access: Access, metrics: Sequence[MetricSpec], asked: MeasureAsked, *, limit: int
) -> list[SeenMeasure]:
    """Metrics reckoned that can all be parted as is asked."""
    found = measure_several(workspace, metrics, asked)
    everybody = workspace.preview(asked.of, sample=0).customers if asked.of else None
    if everybody is None:
        everybody = workspace.warehouse.count(workspace.tables().customers)
    return [_seen(workspace, access, each, asked, everybody=everybody, limit=limit) for each in found]


def _seen(
    workspace: Workspace, access: Access, found: Measured, asked: MeasureAsked, *, everybody: int, limit: int
) -> SeenMeasure:
    """A metric as a role is shown it."""
    metric = found.metric
    rest = Rest.left_by(metric, everybody)
    seen = _seen_cells(found.cells, metric, access, rest)
    shown = {each.groups for each in seen if not each.hidden} if asked.by else {each.groups for each in seen}
    cells, more = _first([each for each in seen if each.groups in shown], limit, asked)
    earlier = found.period.previous()
    return SeenMeasure(
        metric=metric_entry(workspace, metric),
        since=found.period.since,
        until=found.period.until,
        before_since=earlier.since,
        before_until=earlier.until,
        every=asked.every,
        by=asked.by,
        whole=_seen_cells([found.whole], metric, access, rest)[0],
        cells=cells,
        more=more,
        withheld=len({each.groups for each in seen} - shown),
        rounded=not access.sees_people,
    )


def _first(cells: Sequence[SeenCell], limit: int, asked: MeasureAsked) -> tuple[tuple[SeenCell, ...], int]:
    """The cells in the order that people read them, and how many groups are left out.

    With steps, the groups with the most customers over all steps come first.
    """
    weights: dict[tuple[str | None, ...], float] = {}
    for each in cells:
        weight = each.value if not asked.every and each.value is not None else each.customers
        weights[each.groups] = weights.get(each.groups, 0.0) + abs(float(weight or 0))
    ranked = sorted(weights, key=lambda groups: (-weights[groups], tuple(str(each) for each in groups)))
    place = {groups: number for number, groups in enumerate(ranked[:limit])}
    kept = [each for each in cells if each.groups in place]
    kept.sort(key=lambda each: (each.step or "", place[each.groups]))
    return tuple(kept[:MOST_CELLS]), len(ranked) - len(place)


def _seen_cells(cells: Sequence[Cell], metric: MetricSpec, access: Access, rest: Rest) -> list[SeenCell]:
    """Cells that are parts of one whole, as a role is shown them."""
    if access.sees_people:
        return [_cell(each, metric) for each in cells]
    slices = slices_of(cells)
    now = hidden_values([each.now for each in cells], slices, rest)
    before = hidden_values([each.before for each in cells], slices, rest)
    return [
        _cell(each, metric, hidden=place in now, hidden_before=place in before, rough=True)
        for place, each in enumerate(cells)
    ]


def _cell(
    cell: Cell, metric: MetricSpec, *, hidden: bool = False, hidden_before: bool = False, rough: bool = False
) -> SeenCell:
    value = None if hidden else cell.now.value
    before = None if hidden_before or cell.before is None else cell.before.value
    customers = None if hidden else cell.now.base
    if rough:
        value, before = roughly(value, metric.unit), roughly(before, metric.unit)
        customers = None if customers is None else _tens(customers)
    return SeenCell(
        step=None if cell.step is None else cell.step.isoformat(),
        groups=cell.groups,
        value=value,
        before=before,
        change=_change(value, before),
        customers=customers,
        hidden=hidden,
    )


def _change(value: Number | None, before: Number | None) -> float | None:
    if value is None or not before:
        return None
    # Of amounts below nothing, such as refunds, more is nearer to nothing.
    return (float(value) - float(before)) / abs(float(before))


def roughly(value: Number | None, unit: Unit) -> Number | None:
    """A value as somebody without people is shown it: counts to tens, others to three digits.

    Examples:
        >>> roughly(1234, Unit.COUNT), roughly(1234.56, Unit.MONEY), roughly(0.12345, Unit.SHARE)
        (1230, 1230.0, 0.123)
    """
    if value is None:
        return None
    if unit is Unit.COUNT and isinstance(value, int):
        return _tens(value)
    return float(f"{float(value):.{_DIGITS}g}")


def _tens(count: int) -> int:
    return (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
