"""What one customer did, the newest first, a page at a time."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeAlias

from sqlglot import expressions as exp

from habitue.errors import HabitueError, did_you_mean
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access
from habitue.rules.history import instant_of, micros
from habitue.run.auditing import note
from habitue.run.customer_events import count_events
from habitue.run.customer_values import shown_value
from habitue.run.customer_views import open_customer
from habitue.run.workspace import Workspace

LARGEST_TIMELINE: Final = 500
_LARGEST: Final = 2**62
_HEAD: Final = frozenset(
    {"customer_id", "record_id", "occurred_at", "position", "event_id", "local_hour", "local_weekday", "local_month"}
)


class CursorError(HabitueError):
    """A page is asked for by a cursor that no answer gave."""

    code = "CURSOR"

    def __init__(self) -> None:
        super().__init__(what="No answer gave this cursor.", do="Send `next_cursor` of the page before.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One thing that a customer did.

    Attributes:
        event: Its name.
        occurred_at: When.
        event_id: As its source numbers it.
        properties: By name, without missing ones; personal ones as `~`.
    """

    event: str
    occurred_at: datetime
    event_id: str
    properties: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A page of what a customer did, the newest first.

    Attributes:
        customer: Internal id.
        events: The page.
        next_cursor: What to ask the next page with; None on the last.
    """

    customer: str
    events: tuple[TimelineEvent, ...]
    next_cursor: str | None


class TimelineEventError(HabitueError):
    """A timeline is asked for an event that the project does not declare."""

    code = "TIMELINE-EVENT"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"No event is called {name[:60]!r}.",
            do=f"Did you mean {near!r}?" if near else f"There are: {', '.join(known)}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Part of what somebody did.

    Attributes:
        since: Only what happened at this instant or later, aware; None for no limit.
        until: Only what happened before it; None for no limit.
        events: Only these; empty for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    events: frozenset[str] = frozenset()

    def conditions(self) -> list[exp.Expression]:
        """What holds for rows that happened then, with `$since` and `$until`."""
        found: list[exp.Expression] = []
        if self.since is not None:
            found.append(exp.column("occurred_at") >= _given("since"))
        if self.until is not None:
            found.append(exp.column("occurred_at") < _given("until"))
        return found

    def given(self) -> dict[str, datetime]:
        """What those stand for, as the tables hold instants."""
        ends = {"since": self.since, "until": self.until}
        return {name: _plain_instant(at) for name, at in ends.items() if at is not None}


Place: TypeAlias = tuple[int, int, str]
"""Where an event stands: its instant in µs, its position, its name."""


def view_timeline(
    workspace: Workspace,
    access: Access,
    wanted: str,
    *,
    after: str | None = None,
    limit: int = 50,
    within: Span | None = None,
) -> Timeline:
    """What a customer did, the newest first.

    Cost: one scan of the customer column of every event table.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.
        after: `next_cursor` of the page before.
        limit: How many events at most, up to 500.
        within: Only what happened then, and only these events; None for everything.

    Raises:
        RoleForbiddenError: The role sees no people.
        TimelineEventError: There is no such event.
        CursorError: No answer gave the cursor.
        HabitueError: There is no such customer, or nothing was built yet.
    """
    customer = open_customer(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers timeline", actor=access.actor)
    count = max(1, min(limit, LARGEST_TIMELINE))
    place = _place(after)
    span, tables = within or Span(), workspace.tables().events
    for name in span.events:
        if name not in tables:
            raise TimelineEventError(name, sorted(tables))
    # Most people did few of all the things that there are.
    done = {each.event for each in count_events(workspace, customer).events}
    newest = heapq.merge(
        *(
            _events(workspace, name, span, customer, place, count + 1)
            for name in sorted(done & (span.events or frozenset(tables)))
        ),
        key=lambda each: each[0],
        reverse=True,
    )
    found = list(islice(newest, count + 1))
    more = len(found) > count
    shown = found[:count]
    return Timeline(
        customer=customer,
        events=tuple(event for _, event in shown),
        next_cursor=_cursor(shown[-1][0]) if more else None,
    )


def _events(
    workspace: Workspace, name: str, span: Span, customer: str, place: Place | None, count: int
) -> Iterator[tuple[Place, TimelineEvent]]:
    shape = workspace.project.catalogue.events[name]
    at, position = exp.column("occurred_at"), exp.column("position")
    wanted = [exp.column("customer_id").eq(_given("customer")), *span.conditions()]
    given: dict[str, object] = {"customer": customer, **span.given()}
    if place is not None:
        # Within one instant the order is by position, then by name.
        given |= {"place": _plain_instant(instant_of(place[0])), "last": place[1] - 1 if name >= place[2] else place[1]}
        wanted.append((at < _given("place")) | (at.eq(_given("place")) & (position <= _given("last"))))
    page = exp.select("*").from_(exp.to_table(shape.table)).where(*wanted)
    page = page.order_by(exp.Ordered(this=at, desc=True), exp.Ordered(this=position, desc=True)).limit(count)
    rows = workspace.warehouse.con.execute(page.sql("duckdb"), given).to_arrow_table().to_pylist()
    for row in rows:
        occurred_at = row["occurred_at"].replace(tzinfo=UTC)
        said = {key: shown_value(value, shape.kind_of(key)) for key, value in row.items() if key not in _HEAD}
        event = TimelineEvent(
            event=name,
            occurred_at=occurred_at,
            event_id=str(row.get("event_id") or ""),
            properties={key: value for key, value in said.items() if value is not None},
        )
        yield (micros(occurred_at), int(row["position"]), name), event


def _given(name: str) -> exp.Parameter:
    return exp.Parameter(this=exp.var(name))


def _plain_instant(at: datetime) -> datetime:
    """An instant as the tables hold it: of UTC, without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _cursor(place: Place) -> str:
    return f"{place[0]}.{place[1]}.{place[2]}"


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    at, _, rest = cursor.partition(".")
    position, _, name = rest.partition(".")
    try:
        place = int(at[:20]), int(position[:20]), name
        instant_of(place[0])
    except (ValueError, OverflowError):
        raise CursorError from None
    if not name or abs(place[1]) >= _LARGEST:
        raise CursorError
    return place
