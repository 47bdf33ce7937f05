"""One figure of a metric as a table: its value, and how many people are behind it, by group and calendar step.

Restricted people never count: they are none of the customers. Cost: one scan of the event's table and a hash aggregate;
for first-timers one more over everything before the period's end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.measure.dimensions import Dimension, DimensionError, Grounds, with_groups
from habitue.measure.periods import Every, Period, PeriodError, before_end, plain_instant, within
from habitue.measure.spec import FigureKind, FigureSpec
from habitue.records import Kind
from habitue.rules import Catalogue, EventShape, Moment, Node, check_condition, read, read_row
from habitue.rules.batch import Question, members
from habitue.rules.checking import Checker
from habitue.rules.expressions import row_term

MOST_MOMENTS: Final = 120
"""The most instants for which people are counted in one question."""
BY_FIRST: Final = (FigureKind.NEW_CUSTOMERS, FigureKind.RETURNING_CUSTOMERS)
_WIDE: Final = "decimal(38, 4)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a period is parted.

    Attributes:
        period: Which events count.
        every: Calendar steps, if any.
        dimensions: Groups, if any.
        as_of: The instant of the last build's answers: nobody is asked about later.
    """

    period: Period
    as_of: datetime
    every: Every | None = None
    dimensions: tuple[Dimension, ...] = ()

    @property
    def keys(self) -> list[str]:
        """The columns that tell rows apart."""
        return [*(["step"] if self.every else []), *(f"group_{place}" for place in range(len(self.dimensions)))]


def people_behind(
    spec: FigureSpec, cut: Cut, grounds: Grounds, *, groups: Sequence[str | None] = (), step: date | None = None
) -> ir.Table:
    """One column, customer_id: everybody behind one value of a figure, each once.

    Args:
        spec: The figure.
        cut: How its period is parted.
        grounds: From what it is reckoned.
        groups: The value's group of each dimension; None where it is not known.
        step: The first day of its step; None for the whole period.

    Raises:
        HabitueError: The figure cannot be parted like this, or the period has no such step.
    """
    if step is not None:
        cut = replace(cut, period=_step_at(cut, step))
    cut = replace(cut, every=None)
    rows = _standing_rows(spec, cut, grounds) if spec.is_standing() else inside(spec, cut, grounds)
    if spec.figure in BY_FIRST:
        is_new = rows.first_at >= plain_instant(cut.period.since)
        rows = rows.filter(is_new if spec.figure is FigureKind.NEW_CUSTOMERS else ~is_new)
    for place, group in enumerate(groups):
        column = rows[f"group_{place}"]
        rows = rows.filter(column.isnull() if group is None else column == group)
    return rows.select("customer_id").distinct()


def _step_at(cut: Cut, day: date) -> Period:
    for each in cut.period.steps(cut.every) if cut.every is not None else ():
        if each.day == day:
            return each.period
    raise PeriodError(what=f"The period has no step that begins on {day.isoformat()}.", do="Ask for one of its steps.")


def inside(spec: FigureSpec, cut: Cut, grounds: Grounds) -> ir.Table:
    """The events of a period behind a figure, with the keys of the cut and, where it matters, `first_at`."""
    rows = _rows(spec, grounds)
    inside = rows.filter(*within(rows.occurred_at, cut.period))
    if spec.figure in BY_FIRST:
        inside = _with_first(inside, rows.filter(before_end(rows.occurred_at, cut.period)))
    if cut.every is not None:
        inside = inside.mutate(step=cut.period.step_of(inside.occurred_at, cut.every))
    return with_groups(inside, cut.dimensions, grounds)


def _aggregated(rows: ir.Table, cut: Cut, *, value: ir.Value, people: ir.Value) -> ir.Table:
    if not cut.keys:
        return rows.aggregate(value=value, people=people)
    return rows.group_by(cut.keys).aggregate(value=value, people=people)


def _rows(spec: FigureSpec, grounds: Grounds) -> ir.Table:
    """The events of a figure, of the people that may count."""
    rows = grounds.tables.events[spec.event]
    shape = grounds.catalogue.events[spec.event]
    where = where_of(spec, grounds)
    if where is not None:
        rows = rows.filter(row_term(where, rows, shape.kind_of).expression)
    return rows if grounds.people is None else rows.semi_join(grounds.people, "customer_id")


def where_of(spec: FigureSpec, grounds: Grounds) -> Node | None:
    """The settled condition on the events of a figure."""
    if not spec.where:
        return None
    return Checker(grounds.catalogue).where(grounds.catalogue.events[spec.event], read_row(spec.where))


def value_of(rows: ir.Table, spec: FigureSpec, shape: EventShape) -> ir.Value:
    """The value of a figure over events, as an aggregate of them."""
    match spec.figure:
        case FigureKind.COUNT:
            return rows.count()
        case FigureKind.CUSTOMERS:
            return rows.customer_id.nunique()
        case FigureKind.DISTINCT:
            return rows[spec.property].nunique()
    column = rows[spec.property]
    match spec.figure:
        case FigureKind.SUM:
            exact = shape.kind_of(spec.property) in (Kind.MONEY, Kind.INTEGER)
            return (column.cast(_WIDE) if exact else column).sum()
        case FigureKind.AVG:
            return column.cast("float64").mean()
        case FigureKind.MIN:
            return column.min()
    return column.max()


def _with_first(inside: ir.Table, ever: ir.Table) -> ir.Table:
    """The rows with the instant of the first such event of each customer, ever."""
    first = ever.group_by(first_customer="customer_id").aggregate(first_at=ever.occurred_at.min())
    return inside.join(first, [("customer_id", "first_customer")]).drop("first_customer")


def first_counted(rows: ir.Table, kind: FigureKind, cut: Cut) -> ir.IntegerScalar:
    """How many customers have their first event ever in the step of the row, or before it."""
    is_new = rows.first_at >= plain_instant(cut.period.since)
    if cut.every is not None:
        is_new = is_new & (cut.period.step_of(rows.first_at, cut.every) == rows.step)
    return rows.customer_id.nunique(where=is_new if kind is FigureKind.NEW_CUSTOMERS else ~is_new)


def standing_table(spec: FigureSpec, cut: Cut, grounds: Grounds) -> ir.Table:
    """The rows of a figure of how things stand at the end of the period, or of each of its steps.

    They have the keys of the cut, `value` (null for none), and `people` behind it.

    Raises:
        HabitueError: The figure cannot be parted like this.
    """
    if cut.every is None:
        return _total(spec, cut, grounds) if spec.figure is not None else _members(spec, cut, grounds)
    steps = [step for step in cut.period.steps(cut.every) if step.period.since <= cut.as_of]
    if len(steps) > MOST_MOMENTS:
        what = f"People are counted for at most {MOST_MOMENTS} instants at once."
        raise PeriodError(what=what, do="Ask for a shorter period, or for weeks or months.")
    found = []
    for step in steps:
        counted = standing_table(spec, replace(cut, period=step.period, every=None), grounds)
        found.append(counted.mutate(step=ibis.literal(step.day, "date")))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _total(spec: FigureSpec, cut: Cut, grounds: Grounds) -> ir.Table:
    """A figure of everything before the period's end."""
    rows = _standing_rows(spec, cut, grounds)
    value = value_of(rows, spec, grounds.catalogue.events[spec.event])
    return _aggregated(rows, cut, value=value, people=rows.customer_id.nunique())


def _members(spec: FigureSpec, cut: Cut, grounds: Grounds) -> ir.Table:
    """How many customers a rule holds for as of the end of the period."""
    inside = _standing_rows(spec, cut, grounds)
    return _aggregated(inside, cut, value=inside.count(), people=inside.count())


def _standing_rows(spec: FigureSpec, cut: Cut, grounds: Grounds) -> ir.Table:
    """The events before the period's end, or the customers for whom a rule holds as of it, with their groups."""
    if spec.figure is not None:
        rows = _rows(spec, grounds)
        return with_groups(rows.filter(before_end(rows.occurred_at, cut.period)), cut.dimensions, grounds)
    if any(not each.space for each in cut.dimensions):
        what = "People are not parted by a property of an event."
        raise DimensionError(what=what, do="Name a trait, a segment or a cluster: trait.country.")
    rule = rule_of(spec, grounds.catalogue)
    now = min(cut.period.until - timedelta(microseconds=1), cut.as_of)
    moment = Moment(now=now, zone=grounds.catalogue.zone)
    inside = members(rule, Question(catalogue=grounds.catalogue, tables=grounds.tables, moment=moment, cuts={}))
    if grounds.people is not None:
        inside = inside.semi_join(grounds.people, "customer_id")
    return with_groups(inside, cut.dimensions, grounds)


def rule_of(spec: FigureSpec, catalogue: Catalogue) -> Node:
    """The settled rule of whom a figure counts, where it is about no events."""
    return check_condition(read(spec.holds or f"segment.{spec.segment}"), catalogue)


def events_of(specs: Sequence[FigureSpec]) -> list[str]:
    """The events that figures are about, each once."""
    return list(dict.fromkeys(each.event for each in specs if each.event))
