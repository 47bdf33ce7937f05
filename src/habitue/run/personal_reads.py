"""Single people, as roles may see them: by random id, and in the clear only for a purpose that they have agreed to.

Every person whose values are shown gets an entry in the audit log before the answer is given.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from habitue.errors import HabitueError, did_you_mean
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.records import Kind
from habitue.rules.batch import answer
from habitue.run.auditing import note, note_all
from habitue.run.customers import find_customer, namespaces
from habitue.run.explaining import Explanation, explain
from habitue.run.person_rows import PERSONS
from habitue.run.segments import Members, list_members
from habitue.run.sources import FailedEntry
from habitue.run.workspace import Workspace

MOST_IN_THE_CLEAR: Final = 10_000
"""How many people are shown in the clear at once."""


class ReadPurposeError(HabitueError):
    """Personal values are asked for without a purpose, or for one that is not declared."""

    code = "READ-PURPOSE"

    def __init__(self, purpose: str, declared: Sequence[str]) -> None:
        near = did_you_mean(purpose, declared) if purpose else None
        known = f"Declared under policies/: {', '.join(declared)}." if declared else "Declare one under policies/."
        super().__init__(
            what=f"No purpose is called {purpose[:40]!r}."
            if purpose
            else "Nothing personal is shown without a purpose.",
            do=f"Did you mean {near!r}?" if near else f"Say --purpose NAME. {known}",
        )


class ReadColumnError(HabitueError):
    """The vault keeps nothing of that name."""

    code = "READ-COLUMN"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"The vault keeps no identifier or personal trait called {name[:40]!r}.",
            do=f"Did you mean {near!r}?" if near else f"It keeps: {', '.join(known)}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShown:
    """What is shown of one person.

    Attributes:
        customer: Internal id.
        values: Clear values by identifier or trait, each once, as sources wrote them.
    """

    customer: str
    values: Mapping[str, tuple[str, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersShown:
    """A page of a segment's members, some in the clear.

    Attributes:
        segment: Its name.
        as_of: The instant of the last build.
        customers: Ids in ascending order.
        next_cursor: What to give as `after` for the next page; None on the last.
        purpose: What clear values were read for.
        people: Those with a basis for the purpose, in the clear.
        withheld: How many of the page have none, and are not shown in the clear.
    """

    segment: str
    as_of: datetime
    customers: tuple[str, ...]
    next_cursor: str | None
    purpose: str
    people: tuple[PersonShown, ...]
    withheld: int


def view_members(
    workspace: Workspace, access: Access, segment: str, *, after: str | None = None, limit: int = 1000
) -> Members:
    """A page of a segment's members by random id.

    Raises:
        RoleForbiddenError: The role sees no people.
        HabitueError: There is no such segment, or it was not built yet.
    """
    access.need(Permission.SEE_PEOPLE)
    return list_members(workspace, segment, after=after, limit=limit)


def read_members(
    workspace: Workspace,
    access: Access,
    segment: str,
    *,
    show: Sequence[str],
    purpose: str,
    after: str | None = None,
    limit: int = 1000,
) -> MembersShown:
    """A page of a segment's members with values in the clear, of those who have agreed to the purpose.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: Name of a declared segment.
        show: Identifiers and personal traits.
        purpose: What for; a declared purpose.
        after: `next_cursor` of the page before.
        limit: How many people at most; never more than 10,000.

    Raises:
        RoleForbiddenError: The role sees no people, or none in the clear.
        ReadPurposeError: No declared purpose is given.
        ReadColumnError: The vault keeps no such value.
    """
    access.need(Permission.SEE_PEOPLE)
    access.need(Permission.SEE_PERSONAL)
    check_purpose(workspace, purpose)
    wanted = _columns(workspace, show)
    page = list_members(workspace, segment, after=after, limit=min(limit, MOST_IN_THE_CLEAR))
    allowed = with_basis(workspace, page.customers, purpose)
    shown = [each for each in page.customers if each in allowed]
    about = f"segments members {segment}: {', '.join(wanted)}"
    note_all(workspace, AuditAction.READ, subjects=shown, about=about, purpose=purpose, actor=access.actor)
    return MembersShown(
        segment=page.segment,
        as_of=page.as_of,
        customers=page.customers,
        next_cursor=page.next_cursor,
        purpose=purpose,
        people=tuple(_people(workspace, shown, wanted)),
        withheld=len(page.customers) - len(shown),
    )


def show_people(
    workspace: Workspace, access: Access, customers: Sequence[str], *, show: Sequence[str], purpose: str, about: str
) -> list[PersonShown]:
    """Some people in the clear, of those who have agreed to the purpose; nobody where nothing is to be shown.

    Args:
        workspace: The open project.
        access: Who asks.
        customers: Internal ids.
        show: Identifiers and personal traits.
        purpose: What for; a declared purpose.
        about: What they are read for: the command.

    Raises:
        RoleForbiddenError: The role sees no people in the clear.
        ReadPurposeError: No declared purpose is given.
        ReadColumnError: The vault keeps no such value.
    """
    if not show:
        return []
    access.need(Permission.SEE_PEOPLE)
    access.need(Permission.SEE_PERSONAL)
    check_purpose(workspace, purpose)
    wanted = _columns(workspace, show)
    allowed = with_basis(workspace, customers, purpose)
    shown = [each for each in customers if each in allowed]
    listed = f"{about}: {', '.join(wanted)}"
    note_all(workspace, AuditAction.READ, subjects=shown, about=listed, purpose=purpose, actor=access.actor)
    return _people(workspace, shown, wanted)


def check_purpose(workspace: Workspace, purpose: str) -> None:
    """Pass where a declared purpose is given.

    Raises:
        ReadPurposeError: None is, or one that is not declared.
    """
    if purpose not in workspace.project.purposes:
        raise ReadPurposeError(purpose, sorted(workspace.project.purposes))


def with_basis(workspace: Workspace, customers: Collection[str], purpose: str) -> frozenset[str]:
    """Those of some customers whose data may be used for a purpose now.

    Args:
        workspace: The open project.
        customers: Internal ids.
        purpose: A declared purpose.
    """
    question = workspace.question(as_of=max(workspace.as_of(), workspace.clock()))
    table = answer({"basis": workspace.rule(f"consent.{purpose}")}, question)
    ids = workspace.warehouse.fetch(table.filter(table.basis).select("customer_id")).column("customer_id").to_pylist()
    return frozenset(ids).intersection(customers)


def _columns(workspace: Workspace, show: Sequence[str]) -> list[str]:
    traits = [name for name, kind in workspace.project.catalogue.traits.items() if kind is Kind.PERSONAL]
    known = list(dict.fromkeys([*namespaces(workspace), *traits]))
    wanted = list(dict.fromkeys(each.strip() for each in show if each.strip()))
    for name in wanted:
        if name not in known:
            raise ReadColumnError(name, known)
    return wanted


def _people(workspace: Workspace, customers: Sequence[str], wanted: Sequence[str]) -> list[PersonShown]:
    records = _records(workspace, customers)
    return [
        PersonShown(customer=each, values=_values(workspace, records.get(each, [each]), wanted)) for each in customers
    ]


def _records(workspace: Workspace, customers: Sequence[str]) -> dict[str, list[str]]:
    """The records of people who have several, or one of another id."""
    found: dict[str, list[str]] = {}
    if PERSONS in workspace.warehouse.tables():
        wanted = set(customers)
        rows = workspace.warehouse.fetch(workspace.warehouse.table(PERSONS))
        pairs = zip(rows.column("customer_id").to_pylist(), rows.column("record_id").to_pylist(), strict=True)
        for customer, record in pairs:
            if customer in wanted:
                found.setdefault(customer, [customer]).append(record)
    return found


def _values(workspace: Workspace, records: Sequence[str], wanted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {name: {} for name in wanted}
    for record in dict.fromkeys(records):
        if not workspace.vault.record_known(record):
            continue
        for text in workspace.vault.card(record).values():
            for name, value in _said(json.loads(text)):
                if name in found and value is not None:
                    found[name][str(value)] = None
    return {name: tuple(values) for name, values in found.items()}


def _said(card: Mapping[str, object]) -> list[tuple[str, object]]:
    """The identifiers and traits of a card as (name, value)."""
    own, named, traits = card.get("id"), card.get("identifiers"), card.get("traits")
    pairs: list[tuple[str, object]] = [(each[0], each[1]) for each in own] if isinstance(own, list) else []
    if isinstance(named, dict):
        pairs += [(space, value) for space, values in named.items() for value in values]
    if isinstance(traits, dict):
        pairs += list(traits.items())
    return pairs


def seen_customer(workspace: Workspace, access: Access, wanted: str) -> str:
    """The id of the customer whom somebody means; by anything but an id or an open trait only in the clear.

    Raises:
        RoleForbiddenError: The role sees no people, or gave an identifier of somebody without seeing such.
        HabitueError: Nobody, or more than one customer, is meant.
    """
    access.need(Permission.SEE_PEOPLE)
    check_identifier(workspace, access, wanted)
    return find_customer(workspace, wanted)


def check_identifier(workspace: Workspace, access: Access, wanted: str) -> None:
    """Pass where somebody may ask by this identifier: an id, an open trait, or any for who sees such in the clear.

    Raises:
        RoleForbiddenError: They may not.
    """
    if not access.sees_personal and not workspace.vault.record_known(wanted):
        space = wanted.partition(":")[0]
        traits = workspace.project.catalogue.traits
        if space in namespaces(workspace) or traits.get(space, Kind.PERSONAL) is Kind.PERSONAL:
            access.need(Permission.SEE_PERSONAL)


def view_explanation(workspace: Workspace, access: Access, segment: str, wanted: str) -> Explanation:
    """The proof of somebody's place in or out of a segment; the read is in the audit log.

    Raises:
        RoleForbiddenError: The role sees no people, or gave an identifier of somebody without seeing such.
        HabitueError: There is no such segment or customer, or nothing was built yet.
    """
    found = explain(workspace, segment, seen_customer(workspace, access, wanted))
    note(
        workspace,
        AuditAction.READ,
        subject=found.customer,
        about=f"segments explain {segment}",
        actor=access.actor,
    )
    return found


def view_failed(
    workspace: Workspace, access: Access, rows: Sequence[FailedEntry], *, about: str = "sources failed"
) -> list[FailedEntry]:
    """Rows that failed; what stood in them only for who sees people in the clear, and then it is written down.

    Args:
        workspace: The open project.
        access: Who asks.
        rows: The rows.
        about: What they are read for: the command.

    Raises:
        RoleForbiddenError: The role sees no single rows.
    """
    access.need(Permission.SEE_PEOPLE)
    if not access.sees_personal:
        return [replace(each, row={}) for each in rows]
    if rows:
        note(workspace, AuditAction.READ, about=f"{about}: {len(rows)} rows", actor=access.actor)
    return list(rows)
