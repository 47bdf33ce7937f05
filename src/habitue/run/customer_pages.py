"""One customer on one page: what is known of them in an answer, and where they stand in every segment in another.

Every answer is in the audit log before it is given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access
from habitue.records import Kind
from habitue.run.answers import FEATURES
from habitue.run.auditing import note
from habitue.run.consenting import PurposeState, show_consent
from habitue.run.consents import records_of
from habitue.run.customer_events import EventCount, count_events
from habitue.run.customer_rows import kind_of_column
from habitue.run.customer_values import shown_value
from habitue.run.customer_views import Membership, memberships_of, open_customer
from habitue.run.customers import namespaces
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValue:
    """One trait or figure of a customer.

    Attributes:
        name: Its name.
        label: A few words for people.
        kind: Kind of its value.
        unit: Its unit; empty for none.
        personal: Whether it is shown as `~` where there is one.
        value: The value; None where there is none.
    """

    name: str
    label: str
    kind: str
    unit: str
    personal: bool
    value: object = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many things a customer did on a day, `2026-01-31`, of the project's time zone."""

    day: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """What is known of a customer.

    Attributes:
        customer: Internal id.
        as_of: The instant of the last build.
        traits: Everything that sources say; personal values as `~`.
        features: Every figure, as of the last build.
        segments: Those they are in.
        consents: What may be done with their data, by purpose.
        restricted: Whether their data is used for nothing; then there is no page.
        events: What they did how often, the most frequent first.
        days: Days on which they did something, the oldest first.
        records: How many records of sources are theirs.
        clearable: Identifiers and personal traits that whoever asks may see in the clear, for a purpose.
        purposes: The declared purposes, by name with their labels.
    """

    customer: str
    as_of: datetime
    traits: tuple[KnownValue, ...]
    features: tuple[KnownValue, ...]
    segments: tuple[Membership, ...]
    consents: tuple[PurposeState, ...]
    restricted: bool
    events: tuple[EventCount, ...]
    days: tuple[DayCount, ...]
    records: int
    clearable: tuple[str, ...]
    purposes: Mapping[str, str]


def view_page(workspace: Workspace, access: Access, wanted: str) -> CustomerPage:
    """What is known of a customer.

    Cost: one scan of the customer column of every event table.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.

    Raises:
        RoleForbiddenError: The role sees no people.
        HabitueError: There is no such customer, nothing was built yet, or their data is restricted.
    """
    customer = open_customer(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers page", actor=access.actor)
    overview = show_consent(workspace, customer, actor=access.actor)
    done = count_events(workspace, customer)
    purposes = workspace.project.purposes
    return CustomerPage(
        customer=customer,
        as_of=workspace.as_of().astimezone(UTC),
        traits=tuple(_traits(workspace, customer)),
        features=tuple(_figures(workspace, customer)),
        segments=memberships_of(workspace, customer),
        consents=overview.purposes,
        restricted=overview.restricted,
        events=done.events,
        days=tuple(DayCount(day=day.isoformat(), events=count) for day, count in done.days.items()),
        records=len(records_of(workspace.warehouse, customer)),
        clearable=_clearable(workspace) if access.sees_personal else (),
        purposes={name: each.label or name for name, each in purposes.items()},
    )


def _traits(workspace: Workspace, customer: str) -> Iterator[KnownValue]:
    table = workspace.tables().customers
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    held = rows[0] if rows else {}
    for name, kind in workspace.project.catalogue.traits.items():
        value = shown_value(held.get(name), kind)
        if kind is Kind.LOCATION:
            places = held.get(f"{name}_lat"), held.get(f"{name}_lon")
            value = None if None in places else places
        yield KnownValue(
            name=name,
            label=name.replace("_", " "),
            kind=kind.value,
            unit="",
            personal=kind is Kind.PERSONAL,
            value=value,
        )


def _figures(workspace: Workspace, customer: str) -> Iterator[KnownValue]:
    if FEATURES not in workspace.warehouse.tables():
        return
    table = workspace.warehouse.table(FEATURES)
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    held = rows[0] if rows else {}
    for name, spec in workspace.project.features.items():
        if name in table.columns:
            yield KnownValue(
                name=name,
                label=spec.label or name.replace("_", " "),
                kind=kind_of_column(table[name]).value,
                unit=spec.unit,
                personal=False,
                value=shown_value(held.get(name), None),
            )


def _clearable(workspace: Workspace) -> tuple[str, ...]:
    traits = [name for name, kind in workspace.project.catalogue.traits.items() if kind is Kind.PERSONAL]
    return tuple(dict.fromkeys([*namespaces(workspace), *traits]))
