"""The people behind a mark of a chart as a rule, where the rule language can say it.

What happened in a stretch of time that is over is said as a difference: more often since its beginning than since its
end. Whether a rule holds for exactly the people behind a mark is for whoever asks to count: events of the same instant
may be taken in another order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from habitue.measure.cohorts import CohortPlan
from habitue.measure.dimensions import IN, Dimension
from habitue.measure.frame import Step
from habitue.measure.funnels import Funnel, Order
from habitue.measure.spec import FigureKind, FigureSpec
from habitue.records import Kind
from habitue.records.durations import LONGEST
from habitue.rules import Catalogue, Node, read, read_row
from habitue.rules.nodes import (
    EVER,
    Aggregate,
    And,
    Compare,
    Constant,
    Exists,
    Followed,
    Name,
    Not,
    Or,
    Property,
    Window,
)
from habitue.rules.nodes import (
    Sequence as InSequence,
)
from habitue.rules.windows import local_midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time [since, until) as rules see it.

    Attributes:
        since: The first instant; None from the beginning.
        until: The first instant that does not count; None for up to now.
        last: Instead of `since`: so many microseconds back from now; 0 for none.
    """

    since: datetime | None = None
    until: datetime | None = None
    last: int = 0


def both(parts: Iterable[Node | None]) -> Node | None:
    """All of some conditions; None without any."""
    kept = tuple(each for each in parts if each is not None)
    return None if not kept else kept[0] if len(kept) == 1 else And(parts=kept)


def happened(event: str, where: Node | None, stretch: Stretch, zone: ZoneInfo) -> Node:
    """Whether something happened in a stretch of time."""
    window = _window(stretch, zone)
    if stretch.until is None:
        return Aggregate(kind="did", event=event, where=where, window=window)
    after = Aggregate(kind="count", event=event, where=where, window=_from(stretch.until, zone))
    return Compare(op=">", left=Aggregate(kind="count", event=event, where=where, window=window), right=after)


def _window(stretch: Stretch, zone: ZoneInfo) -> Window:
    if stretch.last:
        return Window(kind="last", older=stretch.last)
    return EVER if stretch.since is None else _from(stretch.since, zone)


def _from(instant: datetime, zone: ZoneInfo) -> Window:
    day = instant.astimezone(zone).date()
    is_midnight = local_midnight(day, zone) == instant
    return Window(kind="since", start=day.isoformat() if is_midnight else instant.astimezone(UTC).isoformat())


def figure_rule(
    figures: Sequence[FigureSpec],
    stretch: Stretch,
    grouped: Sequence[tuple[Dimension, str | None]],
    catalogue: Catalogue,
) -> Node | None:
    """Who is behind a value of some figures; None where the language has no word for it.

    Args:
        figures: Those of one side of a metric.
        stretch: The time that it is about.
        grouped: Each dimension with the group of the value.
        catalogue: The project's names.
    """
    found = []
    for each in figures:
        rule = _one_figure(each, stretch, grouped, catalogue)
        if rule is None:
            return None
        found.append(rule)
    whole = found[0] if len(found) == 1 else Or(parts=tuple(dict.fromkeys(found)))
    if isinstance(whole, Or) and len(whole.parts) == 1:
        whole = whole.parts[0]
    return both([whole, *(_person_group(dimension, group, catalogue) for dimension, group in grouped)])


def _one_figure(
    spec: FigureSpec, stretch: Stretch, grouped: Sequence[tuple[Dimension, str | None]], catalogue: Catalogue
) -> Node | None:
    if spec.figure is None:
        return None if stretch.until is not None else read(spec.holds or f"segment.{spec.segment}")
    shape = catalogue.events[spec.event]
    own = read_row(spec.where) if spec.where else None
    groups = [
        _is_value(Property(name=each.name), shape.properties[each.name], value)
        for each, value in grouped
        if not each.space
    ]
    inside = happened(
        spec.event, both([own, *groups]), Stretch(until=stretch.until) if spec.ever else stretch, catalogue.zone
    )
    if spec.figure not in (FigureKind.NEW_CUSTOMERS, FigureKind.RETURNING_CUSTOMERS):
        return inside
    if stretch.since is None and not stretch.last:
        return inside if spec.figure is FigureKind.NEW_CUSTOMERS else None
    window = _window(stretch, catalogue.zone)
    is_new = spec.figure is FigureKind.NEW_CUSTOMERS
    ever = Aggregate(kind="count", event=spec.event, where=own)
    since = Aggregate(kind="count", event=spec.event, where=own, window=window)
    return And(parts=(inside, Compare(op="==" if is_new else ">", left=ever, right=since)))


def _person_group(dimension: Dimension, group: str | None, catalogue: Catalogue) -> Node | None:
    match dimension.space:
        case "trait":
            return _is_value(Name(space="trait", name=dimension.name), catalogue.traits[dimension.name], group)
        case "cluster":
            return _is_value(Name(space="cluster", name=dimension.name), Kind.TEXT, group)
        case "segment":
            inside = Name(space="segment", name=dimension.name)
            return inside if group == IN else Not(operand=inside)
    return None


def _is_value(operand: Node, kind: Kind, value: str | None) -> Node:
    if value is None:
        return Not(operand=Exists(operand=operand))
    constant: Constant
    match kind:
        case Kind.BOOLEAN:
            constant = Constant(value=value == "true", kind=Kind.BOOLEAN)
        case Kind.INTEGER:
            constant = Constant(value=int(value), kind=Kind.INTEGER)
        case _:
            constant = Constant(value=value, kind=Kind.TEXT)
    return Compare(op="==", left=operand, right=constant)


def cohort_rule(
    plan: CohortPlan, starts: tuple[datetime, datetime], again: tuple[datetime, datetime] | None, zone: ZoneInfo
) -> Node:
    """Who is of a cohort, and came again in a later step.

    Args:
        plan: What makes a cohort.
        starts: The stretch of the cohort's step.
        again: The stretch of the later step; None for everybody of the cohort.
        zone: The project's.
    """
    first = Aggregate(kind="count", event=plan.first.event, where=plan.first.where)
    since = Aggregate(kind="count", event=plan.first.event, where=plan.first.where, window=_from(starts[0], zone))
    is_first = Compare(op="==", left=first, right=since)
    inside = happened(plan.first.event, plan.first.where, Stretch(since=starts[0], until=starts[1]), zone)
    parts: list[Node] = [inside, is_first]
    if again is not None:
        stretch = Stretch(since=again[0], until=again[1])
        parts.append(happened(plan.again.event, plan.again.where, stretch, zone))
    return And(parts=tuple(parts))


def funnel_rule(funnel: Funnel, stretch: Stretch, zone: ZoneInfo, *, step: int, dropped: bool) -> Node | None:
    """Who took a step of a funnel, or did not go on to it; None where the language has no word for it."""
    reached = _reached(funnel, stretch, zone, step - 1 if dropped else step)
    if not dropped or reached is None:
        return reached
    beyond = _reached(funnel, stretch, zone, step)
    return None if beyond is None else And(parts=(reached, Not(operand=beyond)))


def _reached(funnel: Funnel, stretch: Stretch, zone: ZoneInfo, step: int) -> Node | None:
    first, rest = funnel.steps[0], funnel.steps[1:step]
    if funnel.order is Order.ANY:
        taken = [happened(each.event, each.where, stretch, zone) for each in funnel.steps]
        if step == 1:
            return Or(parts=tuple(taken))
        return And(parts=tuple(taken)) if step == len(funnel.steps) and funnel.within is None else None
    if not rest:
        return happened(first.event, first.where, stretch, zone)
    # In rules each gap has a limit of its own, and only the first event a condition; nothing may not lie between.
    has_limit = funnel.within is not None and len(rest) > 1
    if funnel.order is Order.STRICT or has_limit or stretch.until is not None or any(each.where for each in rest):
        return None
    return InSequence(
        events=(first.event, *(each.event for each in rest)),
        within=LONGEST if funnel.within is None else funnel.within,
        where=first.where,
        window=_window(stretch, zone),
    )


def value_rule(step: Step, dimension: Dimension, value: str | None, catalogue: Catalogue, stretch: Stretch) -> Node:
    """Whose first event of a step has a value, or who has it themselves."""
    if dimension.space:
        found = _person_group(dimension, value, catalogue)
        return found if found is not None else Constant(value=True, kind=Kind.BOOLEAN)
    window = _window(stretch, catalogue.zone)
    first = Aggregate(kind="first", event=step.event, property=dimension.name, where=step.where, window=window)
    return _is_value(first, catalogue.events[step.event].properties[dimension.name], value)


def touched_rule(
    touch: Step, goal: Step, within: int | None, channel: tuple[str, Kind, str], window: Window
) -> Node | None:
    """Who was touched through a channel before a conversion; None where the conversion has a condition.

    Args:
        touch: What people are touched by.
        goal: The conversion.
        within: Longest time between, in microseconds; None without a limit.
        channel: The property, its kind, and its value.
        window: When the touch was.
    """
    if goal.where is not None:
        return None
    name, kind, value = channel
    where = both([touch.where, _is_value(Property(name=name), kind, value)])
    length = LONGEST if within is None else within
    return Followed(event=touch.event, by=goal.event, within=length, where=where, window=window)
