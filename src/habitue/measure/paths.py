"""Paths: what people do one thing after another, up to an event or from one on, and where they stop.

Cost: one scan of each event named and one sort of the rows found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.measure.frame import Frame, Step

OTHERS: Final = ""
"""Stands for all events that are not shown by name; no event has an empty name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPlan:
    """Which paths.

    Attributes:
        anchor: Paths lead to each person's first of these, or from it on; None for from whatever they do first.
        leads_to: Whether they lead to it.
        touches: What a path is made of; the same thing several times without another between is once.
        within: Longest time between the anchor and what counts, in microseconds, closed; None without a limit.
        steps: How many things of a path count, the nearest to the anchor.
    """

    anchor: Step | None
    leads_to: bool
    touches: tuple[Step, ...]
    within: int | None
    steps: int


def steps_of(plan: PathPlan, frame: Frame) -> ir.Table:
    """One row for each thing on a path: customer_id, place, touch, occurred_at, anchor_at.

    Place 1 is the nearest to the anchor. People whose path is empty are left out.
    """
    rows = _touches(plan.touches, frame)
    if plan.anchor is None:
        anchors = rows.group_by("customer_id").aggregate(anchor_at=rows.occurred_at.min())
    else:
        those = frame.rows(plan.anchor)
        anchors = those.group_by("customer_id").aggregate(anchor_at=those.occurred_at.min())
    rows = rows.inner_join(anchors, "customer_id")
    rows = rows.filter(*_near(plan, rows))
    line = {"group_by": rows.customer_id, "order_by": [rows.occurred_at, rows.position, rows.number]}
    # A path that leads somewhere is told from its end.
    before = rows.touch.lag(1).over(**line)
    rows = rows.mutate(is_new=before.isnull() | (before != rows.touch))
    rows = rows.filter(rows.is_new)
    order = [rows.occurred_at, rows.position, rows.number]
    turned = [each.desc() for each in order] if plan.leads_to else order
    rows = rows.mutate(place=ibis.row_number().over(group_by=rows.customer_id, order_by=turned) + 1)
    return rows.filter(rows.place <= plan.steps).select("customer_id", "place", "touch", "occurred_at", "anchor_at")


def people_of(plan: PathPlan, frame: Frame) -> ir.Table:
    """One column, customer_id: everybody who has the anchor, whether something lies on their path or not."""
    rows = frame.rows(plan.anchor) if plan.anchor is not None else _touches(plan.touches, frame)
    return rows.select("customer_id").distinct()


def _touches(touches: Sequence[Step], frame: Frame) -> ir.Table:
    parts = []
    for number, step in enumerate(touches):
        rows = frame.all_rows(step)
        touch, place = ibis.literal(step.text), ibis.literal(number, "int16")
        parts.append(rows.select("customer_id", "occurred_at", "position", touch=touch, number=place))
    return frame.counted(parts[0] if len(parts) == 1 else ibis.union(*parts))


def _near(plan: PathPlan, rows: ir.Table) -> list[ir.BooleanValue]:
    """What lies on the right side of the anchor, and near enough."""
    if plan.leads_to:
        kept = [rows.occurred_at < rows.anchor_at]
        if plan.within is not None:
            kept.append(rows.occurred_at >= rows.anchor_at - ibis.interval(microseconds=plan.within))
        return kept
    kept = [rows.occurred_at > rows.anchor_at if plan.anchor is not None else rows.occurred_at >= rows.anchor_at]
    if plan.within is not None:
        kept.append(rows.occurred_at <= rows.anchor_at + ibis.interval(microseconds=plan.within))
    return kept


def named(steps: ir.Table, names: Sequence[str]) -> ir.Table:
    """The steps with every touch that is not among the names as one of the others."""
    return steps.mutate(touch=ibis.ifelse(steps.touch.isin(list(names)), steps.touch, ibis.literal(OTHERS)))


def most_frequent(steps: ir.Table, many: int) -> ir.Table:
    """touch, customers: those on the paths of most people."""
    counted = steps.group_by("touch").aggregate(customers=steps.customer_id.nunique())
    return counted.order_by(ibis.desc("customers"), "touch").limit(many)


def links(steps: ir.Table) -> ir.Table:
    """place, touch, following, customers, median_s: who goes on to what; `following` is null where the path ends.

    `median_s` is the median of the seconds between the two. In a path that leads somewhere, `following` lies before.
    """
    line = {"group_by": steps.customer_id, "order_by": steps.place}
    rows = steps.mutate(following=steps.touch.lead(1).over(**line), then=steps.occurred_at.lead(1).over(**line))
    seconds = rows.then.delta(rows.occurred_at, unit="second").cast("float64").abs()
    return rows.group_by("place", "touch", "following").aggregate(customers=rows.count(), median_s=seconds.median())


def whole_paths(steps: ir.Table, many: int) -> ir.Table:
    """path, customers: the most frequent paths, each a list from its first place on."""
    paths = steps.group_by("customer_id").aggregate(path=steps.touch.collect(order_by=steps.place))
    counted = paths.group_by("path").aggregate(customers=paths.count())
    return counted.order_by(ibis.desc("customers"), "path").limit(many)


def people_on(
    shown: ir.Table, place: int, touch: str | None, *, following: str | None = None, ends: bool | None = None
) -> ir.Table:
    """One column, customer_id: who is at a touch of a place, or goes on from it to another.

    Args:
        shown: From `named`.
        place: 1 for the things nearest to where paths are told from.
        touch: What they do there; None for what is not shown by name.
        following: What they do next; None for what is not shown by name.
        ends: Whether the path ends there; None for everybody at the touch, whatever follows.
    """
    line = {"group_by": shown.customer_id, "order_by": shown.place}
    rows = shown.mutate(following=shown.touch.lead(1).over(**line))
    kept = [rows.place == place, rows.touch == (OTHERS if touch is None else touch)]
    if ends:
        kept.append(rows.following.isnull())
    elif ends is not None:
        kept.append(rows.following == (OTHERS if following is None else following))
    return rows.filter(*kept).select("customer_id")
