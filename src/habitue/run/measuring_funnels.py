"""Funnels of an open project, as a role is shown them; and the people who went on or did not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.dimensions import read_dimensions
from habitue.measure.frame import Frame, read_step
from habitue.measure.funnels import Funnel, Order, StepCount, counts_of, journeys, people_at, step_counts
from habitue.measure.people_rules import Stretch, both, funnel_rule, value_rule
from habitue.records.durations import DAY, SECOND, parse_duration
from habitue.rules import Node
from habitue.run.drawn_customers import Draw, Estimated, draw_customers
from habitue.run.id_ranges import IdRange
from habitue.run.measuring_frame import EVERYTHING, MOST_GROUPS, Asked, frame_of, values_of
from habitue.run.people_pages import FIRST_PAGE, Keep, MarkRule, Page, Said, limited, people_page
from habitue.run.veiling import rough, rounded, veiled
from habitue.run.workspace import Workspace

Group = tuple[str | None, bool, tuple[StepCount, ...]]
"""A value, whether it is all others, and its steps."""


class FunnelStepError(HabitueError):
    """The people of a step are asked for that a funnel does not have."""

    code = "FUNNEL-STEP"

    def __init__(self, steps: int) -> None:
        super().__init__(
            what="The funnel has no such step.",
            do=f"Steps are numbered from 1 to {steps}; nobody can drop out before step 2.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelAsked:
    """A funnel as it is asked for at a door.

    Attributes:
        steps: Two or more, each `EVENT` or `EVENT where CONDITION`.
        within: Longest time from the first to the last step, as `7d`; empty without a limit.
        order: How they have to follow each other.
        by: A property of the first step, `trait.NAME`, `segment.NAME` or `cluster.NAME` to break it down by; or empty.
        about: Whose events, and of which time.
    """

    steps: tuple[str, ...]
    within: str = ""
    order: Order = Order.ORDERED
    by: str = ""
    about: Asked = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStep:
    """One step as a role is shown it; figures are None when they are hidden.

    Attributes:
        step: As it was asked for.
        customers: How many took it after all before it.
        of_first: The same as a share of those who took the first.
        of_before: As a share of those who took the one before.
        median_s: Half of them needed no more seconds from the first step.
        hidden: Whether the figures are hidden.
        margin: Of an estimate, how far off `customers` may be, 19 times in 20.
    """

    step: str
    customers: int | None
    of_first: float | None
    of_before: float | None
    median_s: float | None
    hidden: bool = False
    margin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenGroup:
    """The funnel of the people with one value.

    Attributes:
        value: The value; None for people without one, and for all others together.
        others: Whether it is all others together.
        steps: Its steps.
    """

    value: str | None
    others: bool
    steps: tuple[SeenStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFunnel(Estimated):
    """A funnel as a role is shown it.

    Attributes:
        order: How the steps have to follow each other.
        within_s: Longest time from the first to the last, in seconds; None without a limit.
        since: The first instant that counts; None from the beginning.
        until: The first instant that does not count any more.
        steps: Of everybody.
        by: What it is broken down by; empty for nothing.
        groups: By value, the largest first.
        rounded: Whether figures are rounded to whole tens, for roles that see no people.
    """

    order: Order
    within_s: float | None
    since: datetime | None
    until: datetime
    steps: tuple[SeenStep, ...]
    by: str
    groups: tuple[SeenGroup, ...]
    rounded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPeople:
    """A page of the people at a step.

    Attributes:
        step: Its number, from 1.
        dropped: Whether they took the step before and not this one.
        customers: Ids in ascending order.
        total: How many there are on all pages; None where the first of them were wanted soon, and not everybody was
            looked at.
        next_cursor: What to give as `cursor` for the next page; None on the last.
        rule: What to make a segment of; None where it was not asked for.
    """

    step: int
    dropped: bool
    customers: tuple[str, ...]
    total: int | None
    next_cursor: str | None
    rule: MarkRule | None = None


def read_funnel(workspace: Workspace, asked: FunnelAsked) -> Funnel:
    """The funnel that is asked for.

    Raises:
        HabitueError: It does not fit the project.
    """
    catalogue = workspace.project.catalogue
    return Funnel(
        steps=tuple(read_step(each, catalogue) for each in asked.steps),
        order=asked.order,
        within=parse_duration(asked.within) if asked.within else None,
    )


def measure_funnel(workspace: Workspace, access: Access, asked: FunnelAsked, *, estimate: bool = False) -> SeenFunnel:
    """How many people take each step; without people rounded, and nothing about few.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: The funnel.
        estimate: Whether some people are enough where there are many.

    Raises:
        HabitueError: It does not fit the project, or the role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    funnel = read_funnel(workspace, asked)
    warehouse, draw = workspace.warehouse, draw_customers(workspace, estimate=estimate)
    with warehouse.keeping() as keep:
        frame = frame_of(workspace, asked.about, keep, draw)
        found = keep(journeys(funnel, frame))
        whole = step_counts(funnel, warehouse.fetch(counts_of(funnel, found)).to_pylist()[0])
        groups: list[Group] = []
        if asked.by:
            valued = keep(_by_value(found, values_of(workspace, frame, funnel.steps[0], asked.by)))
            rows = warehouse.fetch(_with_others(workspace, funnel, valued)).to_pylist()
            groups = [(row["value"], row["others"], step_counts(funnel, row)) for row in rows]
        everybody = warehouse.count(frame.crowd)
    if not access.sees_people:
        groups = _few_together(groups)
    groups.sort(key=lambda each: (each[1], -each[2][0].customers, each[0] or ""))
    seen, parts = _shown(access, whole, [each[2] for each in groups], everybody)
    told = draw.told(access)
    return SeenFunnel(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
        order=funnel.order,
        within_s=None if funnel.within is None else funnel.within / SECOND,
        since=frame.since,
        until=frame.until,
        steps=_scaled(access, seen, draw),
        by=asked.by,
        groups=tuple(
            SeenGroup(value=value, others=others, steps=_scaled(access, part, draw))
            for (value, others, _), part in zip(groups, parts, strict=True)
        ),
        rounded=not access.sees_people,
    )


def _by_value(found: ir.Table, values: ir.Table) -> ir.Table:
    return found.left_join(values, "customer_id").drop("customer_id_right")


def _with_others(workspace: Workspace, funnel: Funnel, valued: ir.Table) -> ir.Table:
    counted = valued.group_by("value").aggregate(customers=valued.count())
    top = counted.order_by(ibis.desc("customers"), "value").limit(MOST_GROUPS + 1)
    names = [row["value"] for row in workspace.warehouse.fetch(top).to_pylist()]
    if len(names) > MOST_GROUPS:
        named = [each for each in names[:MOST_GROUPS] if each is not None]
        others = valued["value"].notnull() & ~valued["value"].isin(named)
    else:
        others = ibis.literal(False)
    marked = valued.mutate(others=others)
    marked = marked.mutate(value=ibis.ifelse(marked.others, ibis.null("string"), marked["value"]))
    return counts_of(funnel, marked, by=["value", "others"])


def _few_together(groups: Sequence[Group]) -> list[Group]:
    """Values of fewer than ten people among the others: the name alone would tell of them."""
    named = [each for each in groups if not each[1] and each[2][0].customers >= LEAST_GROUP]
    rest = [each[2] for each in groups if each[1] or each[2][0].customers < LEAST_GROUP]
    if not rest:
        return named
    together = tuple(
        StepCount(step=steps[0].step, customers=sum(each.customers for each in steps), median_s=None)
        for steps in zip(*rest, strict=True)
    )
    return [*named, (None, True, together if len(rest) > 1 else rest[0])]


def _shown(
    access: Access, whole: Sequence[StepCount], groups: Sequence[Sequence[StepCount]], everybody: int
) -> tuple[tuple[SeenStep, ...], list[tuple[SeenStep, ...]]]:
    rows = [whole, *groups]
    if access.sees_people:
        seen = [_steps(row, hidden=frozenset(), exact=True) for row in rows]
    else:
        unseen = veiled([[each.customers for each in row] for row in rows], everybody)
        seen = [
            _steps(row, hidden=frozenset(step for place, step in unseen if place == number), exact=False)
            for number, row in enumerate(rows)
        ]
    return seen[0], seen[1:]


def _steps(row: Sequence[StepCount], *, hidden: frozenset[int], exact: bool) -> tuple[SeenStep, ...]:
    sizes = [None if step in hidden else _size(each.customers, exact=exact) for step, each in enumerate(row)]
    seen = []
    for step, (each, size) in enumerate(zip(row, sizes, strict=True)):
        median = each.median_s if exact else rough(each.median_s)
        shown = SeenStep(
            step=each.step,
            customers=size,
            of_first=_share(size, sizes[0]),
            of_before=_share(size, sizes[step - 1] if step else size),
            median_s=median,
        )
        seen.append(shown if size is not None else replace(shown, median_s=None, hidden=True))
    return tuple(seen)


def _scaled(access: Access, steps: Sequence[SeenStep], draw: Draw) -> tuple[SeenStep, ...]:
    """Steps as they are among all; what may be shown was decided by those who were looked at."""
    if draw.is_all:
        return tuple(steps)
    return tuple(
        each
        if each.customers is None
        else replace(each, customers=draw.shown(each.customers, access), margin=draw.margin(each.customers))
        for each in steps
    )


def _size(customers: int, *, exact: bool) -> int:
    return customers if exact else rounded(customers)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _said(asked: FunnelAsked, frame: Frame, rule_of: Callable[[Stretch], Node | None]) -> Said:
    """What the language says of people of a funnel."""
    about = asked.about
    is_moving = bool(about.days) and about.since is None and about.until is None
    return Said(
        rule=rule_of(Stretch(since=frame.since, until=None if about.until is None else frame.until)),
        moving=rule_of(Stretch(last=about.days * DAY)) if is_moving else None,
        why_not="The rule language cannot say this order of steps, limit or condition.",
    )


def funnel_people(
    workspace: Workspace,
    access: Access,
    asked: FunnelAsked,
    *,
    step: int,
    dropped: bool = False,
    value: str | None = None,
    page: Page = FIRST_PAGE,
) -> FunnelPeople:
    """A page of those who took a step, or who did not go on to it.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: The funnel.
        step: Its number, from 1.
        dropped: Those who took the step before and not this one.
        value: Where it is broken down: only people with this value; None for those without one.
        page: Which of them.

    Raises:
        HabitueError: There is no such step, the funnel does not fit, or the role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    funnel, catalogue = read_funnel(workspace, asked), workspace.project.catalogue
    if not (2 if dropped else 1) <= step <= len(funnel.steps):
        raise FunnelStepError(len(funnel.steps))

    def find(keep: Keep, some: IdRange) -> tuple[ir.Table, Said]:
        frame = frame_of(workspace, asked.about, keep, some)
        found = journeys(funnel, frame)
        if asked.by:
            found = _by_value(found, values_of(workspace, frame, funnel.steps[0], asked.by))
            found = found.filter(found["value"].isnull() if value is None else found["value"] == value)

        def rule_of(stretch: Stretch) -> Node | None:
            rule = funnel_rule(funnel, stretch, catalogue.zone, step=step, dropped=dropped)
            if rule is None or not asked.by:
                return limited(rule, asked.about)
            (dimension,) = read_dimensions((asked.by,), catalogue, [funnel.steps[0].event])
            worth = value_rule(funnel.steps[0], dimension, value, catalogue, stretch)
            return limited(both([rule, worth]), asked.about)

        return people_at(found, step, dropped=dropped), _said(asked, frame, rule_of)

    shown = people_page(workspace, access, ("funnel", asked, step, dropped, value), page, find)
    return FunnelPeople(
        step=step,
        dropped=dropped,
        customers=shown.customers,
        total=shown.total,
        next_cursor=shown.next_cursor,
        rule=shown.rule,
    )
