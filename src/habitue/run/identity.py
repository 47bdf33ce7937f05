"""Who is who, for a whole project: records linked, persons settled, and every table of the warehouse following.

Cost: nothing where no source names a second identifier and nothing is matched; else, when sources or rules changed,
every card is decrypted once (in memory only), linked and matched; the tables are rewritten only where a person changed.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.govern.vault import Vault
from habitue.identity.linking import Linked, link_records
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.identity.normalise import Kind
from habitue.identity.persons import NewId
from habitue.identity.rules import IdentityRules
from habitue.identity.settling import Outcome, settle
from habitue.run.identity_records import Records, read_records
from habitue.run.marks import digest_of
from habitue.run.person_rows import ensure_persons, joined_records, read_persons, write_persons
from habitue.run.project import Project
from habitue.sources.live_tables import live_read
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import loaded_sources

LINKED_FROM: Final = "linked_from"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleContext:
    """What deciding who is who needs.

    Attributes:
        project: The declarations.
        warehouse: The tables that follow.
        vault: Whom the records are of.
        now: The present time, aware.
        progress: Told how far it is.
        full: Link anew even when nothing changed.
        loaded: Whether rows were taken in since the last time.
    """

    project: Project
    warehouse: Warehouse
    vault: Vault
    now: datetime
    progress: Progress = silent
    full: bool = False
    loaded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Identifiers of one kind that say nothing because too many records share them.

    Attributes:
        namespace: What kind.
        values: How many.
        records: How many records carry one of them.
        most: How many share the most shared one.
        allowed: How many may.
    """

    namespace: str
    values: int
    records: int
    most: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReport:
    """What deciding who is who did.

    Attributes:
        status: `none` where there is nothing to decide, `fresh` where nothing changed, `done` else.
        records: How many records are known.
        people: How many of the persons are made of several records.
        joined: How many records are somebody else's.
        links: Links found, by what makes them; empty when they were not looked for anew.
        to_review: Pairs for somebody to look at.
        merged: Persons that took in others.
        split: Persons that were divided.
        blocked: Identifiers that too many share.
        refused: Links that guards refused, by reason.
        recall: Estimated share of the pairs of one person that matching compared; None where it cannot be told.
        rows: Rows that changed hands, by table.
    """

    status: str
    records: int = 0
    people: int = 0
    joined: int = 0
    links: Mapping[str, int] = field(default_factory=dict)
    to_review: int = 0
    merged: int = 0
    split: int = 0
    blocked: tuple[Sharing, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    recall: float | None = None
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether rows changed hands, so that everything made from them is stale."""
        return bool(self.rows)

    @property
    def note(self) -> str:
        """A few words for the table of a build's steps."""
        if self.status == "none":
            return "one record a person"
        parts = [f"{self.joined:,} records joined to {self.people:,} people"]
        if self.merged or self.split:
            parts.append(f"{self.merged:,} merged, {self.split:,} split")
        if self.to_review:
            parts.append(f"{self.to_review:,} to review")
        if self.refused:
            parts.append(f"{sum(self.refused.values()):,} links refused ({', '.join(sorted(self.refused))})")
        parts += [f"{each.values:,} of {each.namespace} shared by too many" for each in self.blocked]
        return ", ".join(parts)


def resolve_people(context: PeopleContext) -> IdentityReport:
    """Decide who is who, where sources, rules or decisions changed, and make every row its person's.

    Links and persons are kept beside the warehouse: a build that fails afterwards loses nothing, and the next one
    makes the tables follow.

    Raises:
        HabitueError: A stored state cannot be used.
    """
    project = context.project
    stored = (state_folder(project.folder) / IDENTITY_FILE).exists()
    if not stored and not can_link(project):
        rows = write_persons(context.warehouse, {}) if read_persons(context.warehouse) else {}
        ensure_persons(context.warehouse)
        return IdentityReport(status="none", rows=rows)
    with Links.open(project.folder) as links:
        digest = linking_digest(context)
        linked, outcome = None, None
        if (can_link(project) or links.count()) and (context.full or links.noted(LINKED_FROM) != digest):
            linked, outcome = _link(context, links, digest)
        persons = joined_records(links)
        follow = context.loaded or context.full or persons != read_persons(context.warehouse)
        rows = write_persons(context.warehouse, persons) if follow else {}
        return _report(links, persons, linked, outcome, rows)


def decided(folder: Path) -> int:
    """The number of the newest decision that somebody made about a project's people; 0 before the first.

    A build is stale when it is another than at the build before.
    """
    if not (state_folder(folder) / IDENTITY_FILE).exists():
        return 0
    with Links.open(folder) as links:
        return links.newest_decision()


def can_link(project: Project) -> bool:
    """Whether anything a source says could make two records one person."""
    if project.identity.matching is not None or project.sources.collected:
        return True
    for plan in project.sources.sources:
        own = plan.customers
        if any(name not in own for name in plan.identifiers.values()):
            return True
        kinds = (project.identity.namespace(plan.namespace(name)) for name in own)
        if any(rule is not None and rule.kind is not Kind.TEXT for rule in kinds):
            return True
    return False


def linking_digest(context: PeopleContext) -> str:
    """What links are made from: the sources' rows, what messages said of people, who is in the vault, and the rules."""
    held = loaded_sources(context.warehouse)
    sources = {name: each.digest for name, each in sorted(held.items())}
    live = live_read(context.warehouse)
    said = [] if live is None or not live.said else [live.said, live.digest]
    return digest_of([_VERSION, sources, *said, context.vault.count(), stable(context.project.identity)])


def stable(rules: IdentityRules) -> str:
    """The rules as text that is the same in every process."""
    namespaces = [
        (each.name, each.kind.value, each.limit, each.links.value, each.shared_by, sorted(each.blocked))
        for each in rules.namespaces
    ]
    matching = rules.matching
    matched = matching and (sorted(matching.columns.items()), matching.also, matching.link, matching.review)
    return repr((namespaces, rules.region, rules.guards, matched))


def _link(context: PeopleContext, links: Links, digest: str) -> tuple[Linked, Outcome]:
    rules = context.project.identity
    found = read_records(context.vault, rules, progress=context.progress)
    with links.transaction():
        linked, outcome = link_and_settle(context, links, rules, found)
        links.note(LINKED_FROM, digest)
    context.vault.clear_carried(but=found.shared)
    for namespace, pairs in found.shared.items():
        context.vault.put_carried(namespace, pairs)
    return linked, outcome


def link_and_settle(
    context: PeopleContext, links: Links, rules: IdentityRules, found: Records
) -> tuple[Linked, Outcome]:
    """Store the links that rules find between records, and make persons of them."""
    context.progress("who is who: linking", 0, 0)
    # In the order of random ids, so that numbers say nothing of names.
    links.register(sorted({record for each in found.carried.values() for record in each.record_id}), now=context.now)
    linked = link_records(links, rules, carried=found.carried, records=found.traits, now=context.now)
    context.progress("who is who: settling", 0, 0)
    outcome = settle(
        links,
        guards=linked.guards,
        facts_of=linked.known.facts_of,
        new_id=id_maker(links),
        now=context.now,
    )
    return linked, outcome


def id_maker(links: Links) -> NewId:
    """Makes ids of persons that nobody ever had: from random ids of records, and how many changes there were."""
    seed = f"{links.newest_step()}|{'|'.join(links.record_ids([1]).values())}"
    numbers = count(1)
    return lambda: f"c{hashlib.sha256(f'{seed}|{next(numbers)}'.encode()).hexdigest()[:16]}"


def _report(
    links: Links,
    persons: Mapping[str, str],
    linked: Linked | None,
    outcome: Outcome | None,
    rows: Mapping[str, int],
) -> IdentityReport:
    blocked: Sequence[Sharing] = ()
    if linked is not None:
        blocked = [
            Sharing(
                namespace=each.namespace,
                values=each.values,
                records=each.records,
                most=each.most,
                allowed=each.allowed,
            )
            for each in linked.blocked
        ]
    return IdentityReport(
        status="done" if linked is not None or rows else "fresh",
        records=links.count(),
        people=len(set(persons.values())),
        joined=len(persons),
        links=linked.by_rule if linked else {},
        to_review=linked.to_review if linked else 0,
        merged=len(outcome.merged) if outcome else 0,
        split=len(outcome.split) if outcome else 0,
        blocked=tuple(blocked),
        refused=Counter(each.reason.value for _, _, each in outcome.refused) if outcome else {},
        recall=linked.matches.recall if linked and linked.matches else None,
        rows=rows,
    )
