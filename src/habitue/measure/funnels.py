"""Funnels: how many people take steps one after the other, how long it takes them, and who they are.

Cost: one scan of each event named and one sort of the rows found; a pass over them for each further step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.features.sessions import SESSION_EVENT
from habitue.measure.frame import Frame, Step
from habitue.rules.figures import where_of

MOST_STEPS: Final = 20


class Order(StrEnum):
    """How the steps have to follow each other."""

    ORDERED = "ordered"
    """One after the other, whatever lies between."""
    STRICT = "strict"
    """One after the other, with no other event of the same person between."""
    ANY = "any"
    """In any order: the second step is two of them, whichever they are."""


class FunnelStepsError(HabitueError):
    """A funnel has steps that cannot be counted."""

    code = "FUNNEL-STEPS"

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what=what, do=do)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Steps to be taken.

    Attributes:
        steps: Two or more.
        order: How they have to follow each other. Of one instant, events count in the order of the steps.
        within: Longest time from the first step to the last, in microseconds, closed; None without a limit.
    """

    steps: tuple[Step, ...]
    order: Order = Order.ORDERED
    within: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be counted.

        Raises:
            FunnelStepsError: Too few steps, too many, or the same one twice where the order does not matter.
        """
        if not 2 <= len(self.steps) <= MOST_STEPS:
            raise FunnelStepsError(f"A funnel has 2 to {MOST_STEPS} steps.", "Name that many events.")
        named = {(each.event, each.where) for each in self.steps}
        if self.order is Order.ANY and len(named) < len(self.steps):
            what = "A step stands there twice, which says nothing where the order does not matter."
            raise FunnelStepsError(what, "Name each step once, or ask in order.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCount:
    """How many took a step.

    Attributes:
        step: As it was written.
        customers: How many took it after all before it.
        median_s: Half of them needed no more seconds from the first step; None for the first, or without anybody.
    """

    step: str
    customers: int
    median_s: float | None


def journeys(funnel: Funnel, frame: Frame) -> ir.Table:
    """One row for each customer who took the first step: customer_id, at_1 … at_n, took_2 … took_n.

    `at_k` is when they first took step k after all before it, null if never; `took_k` the seconds from the start to
    it. Of several starts the latest that leads to the step counts, so that it is the shortest time.
    """
    rows = _marked(funnel, frame)
    chained = _any_order(funnel, rows) if funnel.order is Order.ANY else _in_order(funnel, rows)
    figures: dict[str, ir.Value] = {}
    for number in range(1, len(funnel.steps) + 1):
        start = chained[f"start_{number}"]
        reached = start.notnull()
        at = chained.occurred_at.min(where=reached)
        figures[f"at_{number}"] = at
        if number > 1:
            figures[f"from_{number}"] = start.argmin(chained.occurred_at, where=reached)
    found = chained.group_by("customer_id").aggregate(**figures)
    found = found.filter(found.at_1.notnull())
    took = {
        f"took_{number}": found[f"at_{number}"].delta(found[f"from_{number}"], unit="second").cast("float64")
        for number in range(2, len(funnel.steps) + 1)
    }
    return found.mutate(**took).drop(*(f"from_{number}" for number in range(2, len(funnel.steps) + 1)))


def _marked(funnel: Funnel, frame: Frame) -> ir.Table:
    """All events that matter, with a column for each step that says whether they are it."""
    named: dict[str, list[int]] = {}
    for number, step in enumerate(funnel.steps, 1):
        named.setdefault(step.event, []).append(number)
    others = (each for each in frame.catalogue.events if each not in named and each != SESSION_EVENT)
    parts = [_marks(funnel, frame, event, numbers) for event, numbers in named.items()]
    if funnel.order is Order.STRICT:
        parts += [_marks(funnel, frame, event, []) for event in others]
    return frame.counted(parts[0] if len(parts) == 1 else ibis.union(*parts))


def _marks(funnel: Funnel, frame: Frame, event: str, numbers: Sequence[int]) -> ir.Table:
    table, shape = frame.all_events(event), frame.catalogue.events[event]
    marks: dict[str, ir.BooleanValue] = {}
    for number, step in enumerate(funnel.steps, 1):
        holds = [ibis.literal(number in numbers), *where_of(table, shape, step.where)] if number in numbers else []
        marks[f"is_{number}"] = _all(holds).fill_null(ibis.literal(False))
    if funnel.order is not Order.STRICT:
        table = table.filter(reduce(or_, (marks[f"is_{number}"] for number in numbers)))
    # Of one instant, the earlier step is the earlier event; what is no step at all comes before it.
    rank = ibis.cases(*((marks[f"is_{number}"], number) for number in numbers), else_=0) if numbers else ibis.literal(0)
    return table.select("customer_id", "occurred_at", "position", rank=rank.cast("int8"), **marks)


def _all(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    found: ir.BooleanValue = ibis.literal(False)
    for place, each in enumerate(conditions):
        found = each if place == 0 else found & each
    return found


def _in_order(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """The rows with `start_k`: when the latest start lies that leads through all steps to this row as step k."""
    rows = rows.mutate(start_1=ibis.ifelse(rows.is_1, rows.occurred_at, ibis.null("timestamp(6)")))
    for number in range(2, len(funnel.steps) + 1):
        before = rows[f"start_{number - 1}"]
        line = {"group_by": "customer_id", "order_by": ["occurred_at", "rank", "position"]}
        if funnel.order is Order.STRICT:
            led = before.lag(1).over(ibis.window(**line))
        else:
            led = before.max().over(ibis.window(**line, rows=(None, -1)))
        rows = rows.mutate(led=led)
        kept = rows[f"is_{number}"] & rows.led.notnull()
        if funnel.within is not None:
            kept &= rows.occurred_at <= rows.led + ibis.interval(microseconds=funnel.within)
        rows = rows.mutate(**{f"start_{number}": ibis.ifelse(kept, rows.led, ibis.null("timestamp(6)"))}).drop("led")
    return rows


def _any_order(funnel: Funnel, rows: ir.Table) -> ir.Table:
    """The rows with `start_k`: of the latest of each step up to here and within the time, when the k latest began."""
    so_far = ibis.window(group_by="customer_id", order_by=["occurred_at", "rank", "position"], rows=(None, 0))
    steps = range(1, len(funnel.steps) + 1)
    nothing = ibis.null("timestamp(6)")
    latest = {
        f"latest_{number}": ibis.ifelse(rows[f"is_{number}"], rows.occurred_at, nothing).max().over(so_far)
        for number in steps
    }
    rows = rows.mutate(**latest)
    kept = [_recent(rows[f"latest_{number}"], rows, funnel.within) for number in steps]
    # The newest first: the k-th of them is when the shortest stretch with k steps began.
    newest = ibis.array(kept).filter(lambda each: each.notnull()).sort()
    rows = rows.mutate(newest=newest)
    length = rows.newest.length()
    starts = {
        f"start_{number}": ibis.ifelse(length >= number, rows.newest[length - number], nothing) for number in steps
    }
    return rows.mutate(**starts)


def _recent(at: ir.TimestampValue, rows: ir.Table, within: int | None) -> ir.TimestampValue:
    if within is None:
        return at
    return ibis.ifelse(at >= rows.occurred_at - ibis.interval(microseconds=within), at, ibis.null("timestamp(6)"))


def counts_of(funnel: Funnel, found: ir.Table, *, by: Sequence[str] = ()) -> ir.Table:
    """How many of the journeys reached each step, and the median of the seconds it took.

    Args:
        funnel: The funnel.
        found: From `journeys`, with the columns to break it down by.
        by: Columns to break it down by; none for one row about all.
    """
    numbers = range(1, len(funnel.steps) + 1)
    figures: dict[str, ir.Value] = {f"reached_{number}": found[f"at_{number}"].count() for number in numbers}
    figures |= {f"median_{number}": found[f"took_{number}"].median() for number in numbers if number > 1}
    return found.group_by(list(by)).aggregate(**figures) if by else found.aggregate(**figures)


def step_counts(funnel: Funnel, row: dict[str, object]) -> tuple[StepCount, ...]:
    """One row of `counts_of` as the counts of its steps."""
    return tuple(
        StepCount(
            step=step.text,
            customers=_whole(row[f"reached_{number}"]),
            median_s=_seconds(row.get(f"median_{number}")),
        )
        for number, step in enumerate(funnel.steps, 1)
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def people_at(found: ir.Table, step: int, *, dropped: bool) -> ir.Table:
    """Who took a step, or who took the one before and not this one: one column, customer_id.

    Args:
        found: From `journeys`.
        step: Its number, from 1.
        dropped: Those who did not go on to it.
    """
    here = found[f"at_{step}"]
    if not dropped:
        return found.filter(here.notnull()).select("customer_id")
    before = found[f"at_{step - 1}"] if step > 1 else found.at_1
    return found.filter(here.isnull(), before.notnull()).select("customer_id")
