"""One person as identity sees them: records, what joined them, and what was decided."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from habitue.govern.audit import AuditAction
from habitue.govern.vault import Vault
from habitue.identity.edges import probability
from habitue.identity.ledger import members
from habitue.identity.links import DECISION, MATCHED, LinkFact, Links, LinkState
from habitue.run.auditing import note
from habitue.run.customers import find_customer
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """One record of a person.

    Attributes:
        record: Its id.
        sources: The sources that say something of it.
        kinds: How many identifiers it has, by kind.
        identifiers: Its identifiers as they are written, by kind; None unless they were asked for.
    """

    record: str
    sources: tuple[str, ...]
    kinds: Mapping[str, int]
    identifiers: Mapping[str, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLink:
    """What was found or decided about two records, one of them the person's.

    Attributes:
        left: Record id of the older one.
        right: Record id of the younger one.
        rule: The kind of identifiers both carry, `matched` for likeness, or `decision`.
        state: link, review, withdrawn, always or never.
        probability: That they are one person, for likeness; None else.
        decided_at: When.
        decided_by: By whom.
        decision: Its number, to take it back by; None for what a build found.
    """

    left: str
    right: str
    rule: str
    state: str
    probability: float | None
    decided_at: datetime
    decided_by: str
    decision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonShown:
    """One person as identity sees them.

    Attributes:
        customer: Their id.
        records: Their records, the oldest first.
        links: What holds now between records, theirs on one side at least.
    """

    customer: str
    records: tuple[PersonRecord, ...]
    links: tuple[PersonLink, ...]


def show_person(
    workspace: Workspace,
    customer: str,
    *,
    clear: bool = False,
    purpose: str = "",
    actor: str = "",
    noted: bool = False,
) -> PersonShown:
    """The records of a person and what joins them.

    Args:
        workspace: The open project.
        customer: As `find_customer` takes them.
        clear: Whether identifiers are shown as they are written; that is written into the audit log.
        purpose: What for, for that log.
        actor: Who asks, for that log; by default who sits at the terminal.
        noted: Whether it is written down in any case.

    Raises:
        HabitueError: Nobody is meant, or several are.
    """
    person = find_customer(workspace, customer)
    if clear or noted:
        about = "identity show"
        note(workspace, AuditAction.READ, subject=person, about=about, purpose=purpose if clear else "", actor=actor)
    with Links.open(workspace.project.folder) as links:
        if workspace.vault.record_known(person) and not links.numbers([person]):
            return PersonShown(customer=person, records=(_record(workspace.vault, person, clear),), links=())
        records = members(links, person)
        facts = [fact for record in records for fact in links.facts(record)]
    return PersonShown(
        customer=person,
        records=tuple(_record(workspace.vault, record, clear) for record in records),
        links=tuple(_link(fact) for fact in _newest(facts)),
    )


def side_by_side(vault: Vault, left: str, right: str) -> dict[str, tuple[str | None, str | None]]:
    """What two records say, by trait and kind of identifiers; only what one of them says."""
    one, two = (_said(vault, record) for record in (left, right))
    return {name: (one.get(name), two.get(name)) for name in dict.fromkeys([*one, *two])}


def _said(vault: Vault, record: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for _, text in sorted(vault.card(record).items()):
        card = json.loads(text)
        for name, value in card.get("traits", {}).items():
            if value not in (None, ""):
                said.setdefault(name, str(value))
        for name, values in card.get("identifiers", {}).items():
            if values:
                said.setdefault(name, ", ".join(map(str, values)))
    return said


def _record(vault: Vault, record: str, clear: bool) -> PersonRecord:
    found: dict[str, dict[str, None]] = {}
    cards = vault.card(record) if vault.record_known(record) else {}
    for text in cards.values():
        card = json.loads(text)
        pairs = [
            *card.get("id", ()),
            *((name, value) for name, values in card.get("identifiers", {}).items() for value in values),
        ]
        for name, value in pairs:
            found.setdefault(name, {})[value] = None
    return PersonRecord(
        record=record,
        sources=tuple(sorted(filter(None, cards))),
        kinds={name: len(values) for name, values in sorted(found.items())},
        identifiers={name: tuple(values) for name, values in sorted(found.items())} if clear else None,
    )


def _newest(facts: list[LinkFact]) -> list[LinkFact]:
    """Of each pair and rule the newest fact, unless it takes something back."""
    newest = {(fact.left, fact.right, fact.rule): fact for fact in sorted(facts, key=lambda each: each.fact)}
    return [fact for fact in sorted(newest.values(), key=lambda each: each.fact) if fact.state != LinkState.WITHDRAWN]


def _link(fact: LinkFact) -> PersonLink:
    return PersonLink(
        left=fact.left,
        right=fact.right,
        rule=fact.rule,
        state=fact.state.value,
        probability=probability(fact.weight) if fact.rule == MATCHED else None,
        decided_at=fact.decided_at,
        decided_by=fact.decided_by,
        decision=fact.act if fact.rule == DECISION else None,
    )
