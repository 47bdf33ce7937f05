"""One customer whole, as roles may see them: traits, figures, segments, consents, and what happened.

What is personal is masked, whoever asks; `show` with a purpose gives it in the clear to who may see it, with a basis.
Every answer about somebody is in the audit log before it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.rules.history import instant_of
from habitue.run.answers import FEATURES
from habitue.run.auditing import note
from habitue.run.consenting import PurposeState, show_consent
from habitue.run.customer_values import shown_value
from habitue.run.customers import customers_meant
from habitue.run.permitted import refuse_restricted
from habitue.run.personal_reads import PersonShown, check_identifier, seen_customer, show_people
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.segments.memberships import MEMBERSHIPS

MOST_FOUND: Final = 20


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
class CustomersFound:
    """Whom an identifier may mean.

    Attributes:
        customers: Internal ids.
        more: Whether there are others.
    """

    customers: tuple[str, ...]
    more: bool


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
    customer = open_customer(workspace, access, wanted)
    (clear,) = show_people(workspace, access, [customer], show=show, purpose=purpose, about="customers show") or [
        PersonShown(customer=customer, values={})
    ]
    note(workspace, AuditAction.READ, subject=customer, about="customers show", actor=access.actor)
    overview = show_consent(workspace, customer, actor=access.actor)
    return CustomerProfile(
        customer=customer,
        as_of=workspace.as_of().astimezone(UTC),
        traits=_traits(workspace, customer),
        features=_features(workspace, customer),
        segments=memberships_of(workspace, customer),
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
    customer = open_customer(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers segments", actor=access.actor)
    live = workspace.live_answers
    as_of = live.as_of() if live is not None and live.sizes() else workspace.as_of()
    segments = memberships_of(workspace, customer)
    return CustomerMemberships(customer=customer, as_of=as_of.astimezone(UTC), segments=segments)


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


def open_customer(workspace: Workspace, access: Access, wanted: str) -> str:
    """The id of the customer whom somebody means and may be shown.

    Raises:
        RoleForbiddenError: The role sees no people, or gave an identifier of somebody without seeing such.
        HabitueError: There is no such customer, nothing was built yet, or their data is restricted.
    """
    access.need(Permission.SEE_PEOPLE)
    customer = seen_customer(workspace, access, wanted)
    refuse_restricted(workspace.warehouse, customer)
    return customer


def _traits(workspace: Workspace, customer: str) -> dict[str, object]:
    table = workspace.tables().customers
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    kinds = workspace.project.catalogue.traits
    return {name: shown_value(value, kinds.get(name)) for row in rows for name, value in row.items() if name in kinds}


def _features(workspace: Workspace, customer: str) -> dict[str, object]:
    if FEATURES not in workspace.warehouse.tables():
        return {}
    table = workspace.warehouse.table(FEATURES)
    rows = workspace.warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    declared = workspace.project.features
    return {name: shown_value(value, None) for row in rows for name, value in row.items() if name in declared}


def memberships_of(workspace: Workspace, customer: str) -> tuple[Membership, ...]:
    """The segments that somebody is in: at this moment where they are read live, else as of the last build."""
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


def _utc(value: object) -> datetime | None:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else None
