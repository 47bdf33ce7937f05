"""Cohorts: people by the day, week or month of their first event, and how many come again in those that follow.

Cost: two scans of the events named, grouped by person, and a join of both.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.measure.frame import Frame, Step
from habitue.measure.periods import Every, Period
from habitue.records import Kind
from habitue.rules.expressions import literal

USUAL_EVENT: Final = "Order Completed"
"""What people do for the first time, where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPlan:
    """What makes a cohort, and what is counted of it.

    Attributes:
        first: What people do for the first time; whoever did it earlier than the frame begins is in no cohort.
        again: What they come again for.
        paid: What brings money, and the property that holds it; None for none.
        amount: That property.
        every: The calendar steps.
    """

    first: Step
    again: Step
    paid: Step | None = None
    amount: str = ""
    every: Every = Every.MONTH


def firsts(plan: CohortPlan, frame: Frame, period: Period) -> ir.Table:
    """One row for each person of a cohort: customer_id, first_at, and `start`, the first day of the step it is in.

    Args:
        plan: What makes a cohort.
        frame: With events from the beginning of time on.
        period: From the earliest cohort to the end of the frame.
    """
    rows = frame.rows(plan.first)
    found = rows.group_by("customer_id").aggregate(first_at=rows.occurred_at.min())
    found = found.filter(found.first_at >= literal(period.since, Kind.TIME))
    return found.mutate(start=period.step_of(found.first_at, plan.every))


def sizes(people: ir.Table) -> ir.Table:
    """start, customers: how many people each cohort has."""
    return people.group_by("start").aggregate(customers=people.count())


def returns(plan: CohortPlan, frame: Frame, people: ir.Table, period: Period) -> ir.Table:
    """start, later, customers: how many of a cohort came again so many steps later, the first step itself being 0."""
    rows = _later(plan, frame.rows(plan.again), people, period)
    return rows.group_by("start", "later").aggregate(customers=rows.customer_id.nunique())


def amounts(plan: CohortPlan, frame: Frame, people: ir.Table, period: Period) -> ir.Table | None:
    """start, later, amount: what people of a cohort paid so many steps later; None where nothing is paid."""
    if plan.paid is None:
        return None
    rows = _later(plan, frame.rows(plan.paid), people, period)
    return rows.group_by("start", "later").aggregate(amount=rows[plan.amount].sum())


def _later(plan: CohortPlan, rows: ir.Table, people: ir.Table, period: Period) -> ir.Table:
    side = people.select(person=people.customer_id, first_at=people.first_at, start=people.start)
    joined = rows.inner_join(side, rows.customer_id == side.person)
    joined = joined.filter(joined.occurred_at >= joined.first_at)
    step = period.step_of(joined.occurred_at, plan.every)
    return joined.mutate(later=_steps_between(joined.start, step, plan.every))


def _steps_between(start: ir.DateValue, end: ir.DateValue, every: Every) -> ir.IntegerValue:
    if every is Every.MONTH:
        return ((end.year() - start.year()) * 12 + end.month() - start.month()).cast("int64")
    days = end.delta(start, unit="day").cast("int64")
    return days if every is Every.DAY else (days // ibis.literal(7, "int64")).cast("int64")


def earliest(plan: CohortPlan, frame: Frame) -> ir.Table:
    """One row: `at`, when anybody did for the first time what makes a cohort; null where nobody did."""
    rows = frame.rows(plan.first)
    return rows.aggregate(at=rows.occurred_at.min())


def people_of(plan: CohortPlan, frame: Frame, people: ir.Table, period: Period, *, start: date, later: int) -> ir.Table:
    """One column, customer_id: who of a cohort came again so many steps later.

    Args:
        plan: What makes a cohort.
        frame: With events from the beginning of time on.
        people: From `firsts`.
        period: As there.
        start: The first day of the cohort's step.
        later: How many steps after it; below 0 for everybody of the cohort.
    """
    mine = people.filter(people.start == start)
    if later < 0:
        return mine.select("customer_id")
    rows = _later(plan, frame.rows(plan.again), mine, period)
    return rows.filter(rows.later == later).select("customer_id").distinct()
