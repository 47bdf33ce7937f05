"""What one customer did how often, over all event tables in one statement."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlglot import expressions as exp

from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """How often a customer did something.

    Attributes:
        event: Its name.
        times: How often.
        first_at: When first.
        last_at: When last.
    """

    event: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a customer did.

    Attributes:
        events: The most frequent first.
        days: How many things on each day of the project's time zone.
    """

    events: tuple[EventCount, ...]
    days: Mapping[date, int] = field(repr=False)


def count_events(workspace: Workspace, customer: str) -> Done:
    """What a customer did how often, and on which days.

    Cost: one scan of the customer column of every event table; an answer by quarters of an hour, on which every zone's
    days begin.

    Args:
        workspace: The open project.
        customer: Internal id.
    """
    catalogue = workspace.project.catalogue
    workspace.tables()
    names = sorted(catalogue.events)
    if not names:
        return Done(events=(), days={})
    parts = [_quarters(number, catalogue.events[name].table) for number, name in enumerate(names)]
    statement: exp.Query = parts[0]
    for part in parts[1:]:
        statement = exp.union(statement, part, distinct=False, copy=False)
    rows = workspace.warehouse.con.execute(statement.sql("duckdb"), {"customer": customer}).fetchall()
    found: dict[str, EventCount] = {}
    days = Counter[date]()
    for number, quarter, times, first, last in rows:
        name = names[number]
        one = EventCount(event=name, times=times, first_at=first.replace(tzinfo=UTC), last_at=last.replace(tzinfo=UTC))
        found[name] = one if name not in found else _together(found[name], one)
        days[quarter.replace(tzinfo=UTC).astimezone(catalogue.zone).date()] += times
    ordered = sorted(found.values(), key=lambda each: (-each.times, each.event))
    return Done(events=tuple(ordered), days=dict(sorted(days.items())))


def _quarters(number: int, table: str) -> exp.Select:
    at = exp.column("occurred_at")
    quarter = exp.func("time_bucket", exp.Interval(this=exp.Literal.string("15"), unit=exp.var("MINUTES")), at)
    mine = exp.column("customer_id").eq(exp.Parameter(this=exp.var("customer")))
    return (
        exp.select(
            exp.alias_(exp.Literal.number(number), "number"),
            exp.alias_(quarter, "quarter"),
            exp.alias_(exp.func("count", exp.Star()), "times"),
            exp.alias_(exp.func("min", at.copy()), "first_at"),
            exp.alias_(exp.func("max", at.copy()), "last_at"),
        )
        .from_(exp.to_table(table))
        .where(mine)
        .group_by(exp.Literal.number(1), exp.Literal.number(2))
    )


def _together(one: EventCount, other: EventCount) -> EventCount:
    return EventCount(
        event=one.event,
        times=one.times + other.times,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )
