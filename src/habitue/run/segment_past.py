"""How many a segment's rule would have held for at earlier instants: from events, whatever builds there were."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP
from habitue.rules.batch import answer
from habitue.run.drawn_customers import draw_customers, may_be_drawn
from habitue.run.viewing import hidden_sizes, segment_crowd, view_history
from habitue.run.workspace import Workspace
from habitue.segments.history import SegmentBuild

MOST_POINTS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSize:
    """One instant.

    Attributes:
        as_of: The instant.
        customers: For how many the present rule would have held; None where that is hidden.
    """

    as_of: datetime
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPast:
    """Sizes as the present rule would have had them.

    Attributes:
        segment: The segment.
        points: The oldest first, the last one as of the last build.
        is_estimate: Whether only some customers were looked at.
        note: What is as it is now at every instant.
    """

    segment: str
    points: tuple[PastSize, ...]
    is_estimate: bool
    note: str


def past_of(workspace: Workspace, access: Access, segment: str, *, points: int, days: int) -> SegmentPast:
    """The size of a segment at instants before the last build, by its present rule.

    Cost: a size of the rule at each instant; beyond 60,000 customers from some of them.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: The segment.
        points: How many instants.
        days: How many days lie between two.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: There is no such segment, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    rule, now = workspace.segment_rule(segment), workspace.as_of()
    draw, sizes = draw_customers(workspace, estimate=may_be_drawn(rule, workspace.project.catalogue)), []
    for back in reversed(range(min(points, MOST_POINTS))):
        question = workspace.question(as_of=now - timedelta(days=days) * back)
        question = replace(question, tables=draw.tables(question.tables))
        table = answer({"holds": rule}, question)
        inside = workspace.warehouse.count(table.filter(table.holds))
        sizes.append((question.moment.now, inside))
    seen = _seen(workspace, access, segment, sizes)
    return SegmentPast(
        segment=segment,
        points=tuple(
            PastSize(as_of=at, customers=None if size is None else draw.scaled(size))
            for (at, _), size in zip(sizes, seen, strict=True)
        ),
        is_estimate=not draw.is_all,
        note="Traits, scores and clusters are as they are now.",
    )


def _seen(workspace: Workspace, access: Access, segment: str, sizes: list[tuple[datetime, int]]) -> list[int | None]:
    """Sizes as a role is shown them: without people in whole tens, and none that is close to the next."""
    if access.sees_people:
        return [size for _, size in sizes]
    builds = [SegmentBuild(segment=segment, as_of=at, customers=size, entered=0, left=0, rule="") for at, size in sizes]
    shown = view_history(access, builds, hidden=segment in hidden_sizes(segment_crowd(workspace)))
    return [
        None if each.customers is None else (each.customers + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
        for each in shown
    ]
