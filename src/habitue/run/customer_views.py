"""One customer whole, as roles may see them: traits, figures, segments, consents, and what happened.

What is personal is masked, whoever asks; `show` with a purpose gives it in the clear to who may see it, with a basis.
Every answer about somebody is in the audit log before it is given.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeAlias

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.records import Kind
from habitue.rules.history import instant_of, micros
from habitue.run.answers import FEATURES
from habitue.run.auditing import note
from habitue.run.consenting import PurposeState, show_consent
from habitue.run.customers import customers_meant
from habitue.run.permitted import refuse_restricted
from habitue.run.personal_reads import PersonShown, check_identifier, seen_customer, show_people
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.segments.memberships import MEMBERSHIPS

MOST_FOUND: Final = 20
MASK: Final = "~"
"""What stands in place of a personal value that there is."""
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
class Membership:
    """A segment that somebody is in.

    Attributes:
        segment: Its name.
        label: A few words for people.
        purpose: What it may be used for; empty for none.
        since: When a build or event found them in it first; None where that is not known.
    """

    segment: str
    label: str
    purpose: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerMemberships:
    """The segments of a customer.

    Attributes:
        customer: Internal id.
        as_of: The instant of the answers.
        segments: Those they are in, in the order of the files.
    """

    customer: str
    as_of: datetime
    segments: tuple[Membership, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerProfile:
    """What is known of a customer.

    Attributes:
        customer: Internal id.
        as_of: The instant of the last build.
        traits: By name; personal ones that there are as `~`.
        features: By name, as of the last build.
        segments: Those they are in.
        restricted: Whether their data is used for nothing.
        consents: What may be done with their data, by purpose.
        clear: Identifiers and personal traits, where a purpose was given that they agreed to.
    """

    customer: str
    as_of: datetime
    traits: Mapping[str, object] = field(repr=False)
    features: Mapping[str, object] = field(repr=False)
    segments: tuple[Membership, ...]
    restricted: bool
    consents: tuple[PurposeState, ...]
    clear: Mapping[str, tuple[str, ...]] = field(repr=False)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersFound:
    """Whom an identifier may mean.

    Attributes:
        customers: Internal ids.
        more: Whether there are others.
    """

    customers: tuple[str, ...]
    more: bool


Place: TypeAlias = tuple[int, int, str]
"""Where an event stands: its instant in µs, its position, its name."""


def view_customer(
    workspace: Workspace, access: Access, wanted: str, *, show: Sequence[str] = (), purpose: str = ""
) -> CustomerProfile:
    """What is known of a customer.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.
        show: Identifiers and personal traits to be given in the clear.
        purpose: What those are for; without a basis for it none is given.

    Raises:
        RoleForbiddenError: The role sees no people, or asked for what it does not see.
        HabitueError: There is no such customer, nothing was built yet, or their data is restricted.
    """
    customer = _seen(workspace, access, wanted)
    (clear,) = show_people(workspace, access, [customer], show=show, purpose=purpose, about="customers show") or [
        PersonShown(customer=customer, values={})
    ]
    note(workspace, AuditAction.READ, subject=customer, about="customers show", actor=access.actor)
    overview = show_consent(workspace, customer)
    return CustomerProfile(
        customer=customer,
        as_of=workspace.as_of().astimezone(UTC),
        traits=_traits(workspace, customer),
        features=_features(workspace, customer),
        segments=_memberships(workspace, customer),
        restricted=overview.restricted,
        consents=overview.purposes,
        clear=clear.values,
    )


def view_customer_segments(workspace: Workspace, access: Access, wanted: str) -> CustomerMemberships:
    """The segments that a customer is in: at this moment where they are read live, else as of the last build.

    Raises:
        RoleForbiddenError: The role sees no people.
        HabitueError: There is no such customer, or nothing was built yet.
    """
    customer = _seen(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers segments", actor=access.actor)
    live = workspace.live_answers
    as_of = live.as_of() if live is not None and live.sizes() else workspace.as_of()
    segments = _memberships(workspace, customer)
    return CustomerMemberships(customer=customer, as_of=as_of.astimezone(UTC), segments=segments)


def view_timeline(
    workspace: Workspace, access: Access, wanted: str, *, after: str | None = None, limit: int = 50
) -> Timeline:
    """What a customer did, the newest first.

    Cost: one scan of the customer column of every event table.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.
        after: `next_cursor` of the page before.
        limit: How many events at most, up to 500.

    Raises:
        RoleForbiddenError: The role sees no people.
        CursorError: No answer gave the cursor.
        HabitueError: There is no such customer, or nothing was built yet.
    """
    customer = _seen(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers timeline", actor=access.actor)
    count = max(1, min(limit, LARGEST_TIMELINE))
    place = _place(after)
    tables = workspace.tables().events
    newest = heapq.merge(
        *(_events(workspace, name, tables[name], customer, place, count + 1) for name in sorted(tables)),
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


def search_customers(workspace: Workspace, access: Access, wanted: str) -> CustomersFound:
    """The customers whom an identifier may mean; nobody, one or several.

    Raises:
        RoleForbiddenError: The role sees no people, or gave an identifier of somebody without seeing such.
        HabitueError: It is no identifier of this project, or nothing was built yet.
    """
    access.need(Permission.SEE_PEOPLE)
    check_identifier(workspace, access, wanted)
    _, found = customers_meant(workspace, wanted)
    shown = tuple(found[:MOST_FOUND])
    for each in shown:
        note(workspace, AuditAction.READ, subject=each, about="customers search", actor=access.actor)
    return CustomersFound(customers=shown, more=len(found) > len(shown))


def _seen(workspace: Workspace, access: Access, wanted: str) -> str:
    access.need(Permission.SEE_PEOPLE)
    customer = seen_customer(workspace, access, wanted)
    refuse_restricted(workspace.warehouse, customer)
    return customer


def _traits(workspace: Workspace, customer: str) -> dict[str, object]:
    table = workspace.tables().customers
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    kinds = workspace.project.catalogue.traits
    return {name: _shown(value, kinds.get(name)) for row in rows for name, value in row.items() if name in kinds}


def _features(workspace: Workspace, customer: str) -> dict[str, object]:
    if FEATURES not in workspace.warehouse.tables():
        return {}
    table = workspace.warehouse.table(FEATURES)
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    declared = workspace.project.features
    return {name: _shown(value, None) for row in rows for name, value in row.items() if name in declared}


def _memberships(workspace: Workspace, customer: str) -> tuple[Membership, ...]:
    inside: dict[str, datetime | None] = {}
    if MEMBERSHIPS in workspace.warehouse.tables():
        table = workspace.warehouse.table(MEMBERSHIPS)
        mine = table.filter(table.customer_id == customer, table.left_at.isnull())
        inside = {str(row["segment"]): _utc(row["entered_at"]) for row in workspace.warehouse.fetch(mine).to_pylist()}
    live = workspace.live_answers
    if live is not None:
        read_live = live.sizes()
        inside = {name: since for name, since in inside.items() if name not in read_live}
        with TransitionLog.open(workspace.project.folder) as log:
            known = log.memberships(customer)
        inside |= {name: instant_of(since) for name, since in known.items() if name in read_live}
    return tuple(
        Membership(segment=name, label=spec.label, purpose=spec.purpose, since=inside[name])
        for name, spec in workspace.project.segments.items()
        if name in inside
    )


def _events(
    workspace: Workspace, name: str, table: ir.Table, customer: str, place: Place | None, count: int
) -> Iterator[tuple[Place, TimelineEvent]]:
    mine = table.filter(table.customer_id == customer)
    if place is not None:
        at = instant_of(place[0]).replace(tzinfo=None)
        # Within one instant the order is by position, then by name.
        last = place[1] - 1 if name >= place[2] else place[1]
        mine = mine.filter((table.occurred_at < at) | ((table.occurred_at == at) & (table.position <= last)))
    page = mine.order_by([ibis.desc("occurred_at"), ibis.desc("position")]).limit(count)
    shape = workspace.project.catalogue.events[name]
    for row in workspace.warehouse.fetch(page).to_pylist():
        occurred_at = _utc(row["occurred_at"])
        if occurred_at is None:
            continue
        said = {key: _shown(value, shape.kind_of(key)) for key, value in row.items() if key not in _HEAD}
        event = TimelineEvent(
            event=name,
            occurred_at=occurred_at,
            event_id=str(row.get("event_id") or ""),
            properties={key: value for key, value in said.items() if value is not None},
        )
        yield (micros(occurred_at), int(row["position"]), name), event


def _shown(value: object, kind: Kind | None) -> object:
    if kind is Kind.PERSONAL:
        return None if value is None else MASK
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _utc(value: object) -> datetime | None:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None


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
