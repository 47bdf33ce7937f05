"""A shop whose customers said many things about purposes, and what it uses their data for."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa

from habitue.govern.consent import ConsentEntry, Strength
from habitue.run.answers import FEATURES
from habitue.run.clearing import clearance
from habitue.run.explaining import explain
from habitue.run.permitted import CustomerRestrictedError
from habitue.run.person_rows import read_persons
from habitue.run.personal_reads import with_basis
from habitue.run.segments import list_members, list_overlaps
from habitue.run.training import ASKED, features_at
from habitue.run.workspace import Workspace
from tests.govern.consent_histories import NOON, PURPOSES, drawn
from tests.govern.consent_oracle import has_basis, is_restricted
from tests.projects import around, put

NOW = NOON + timedelta(hours=1)
LONG_AGO = NOON - timedelta(days=30)
EVERYBODY = 1_000_000
SETTINGS = "name: uses\nas_of: newest_event\n"
SOURCES = """source: seen
files: seen.csv
identifiers: {user_id: customer, email: email}
columns:
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  at: {field: seen_at, type: time, required: true}
makes:
  - event: Seen
    customer: customer
    occurred_at: seen_at
---
source: said
files: said.csv
columns:
  customer: {field: customer, type: text, required: true}
  purpose: {field: purpose, type: text, required: true}
  state: {field: said, type: text}
  basis: {field: basis, type: text}
  region: {field: region, type: text}
  at: {field: said_at, type: time, required: true}
makes:
  - consents: customer
    purpose: purpose
    state: said
    basis: basis
    region: region
    occurred_at: said_at
"""
IDENTITY = "identity: people\nnamespaces: {user_id: {limit: 10}}\n"
Uses = dict[str, dict[str, set[str]]]
"""Customers whose data a sink used, by sink and purpose."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What the people of the shop say, by the own id of each of their records, and the way that it comes in.

    Attributes:
        people: The records of each person.
        filed: In a source's file.
        early: Put into the ledger before a build.
        late: Put into it after the last build.
    """

    people: list[list[str]]
    filed: dict[str, list[ConsentEntry]] = field(default_factory=dict)
    early: dict[str, list[ConsentEntry]] = field(default_factory=dict)
    late: dict[str, list[ConsentEntry]] = field(default_factory=dict)

    def of(self, person: list[str], *, late: bool) -> list[ConsentEntry]:
        """Everything that a person says."""
        ways = (self.filed, self.early, self.late) if late else (self.filed, self.early)
        return [entry for record in person for way in ways for entry in way.get(record, [])]


def entries_of(people: int, seed: int) -> Entries:
    """Histories of so many people, every tenth with two records; a quarter of each comes late."""
    chance = Random(seed)
    made = Entries(people=[[f"p{n}", f"p{n}b"] if n % 10 == 0 else [f"p{n}"] for n in range(people)])
    for person in made.people:
        for record in person:
            for _ in range(chance.randint(0, 7)):
                entry = replace(drawn(chance), received_at=NOW)
                if chance.random() < 0.1:
                    entry = replace(entry, occurred_at=NOON + timedelta(minutes=30))
                is_plain = entry.strength is Strength.EXPLICIT and not entry.state.is_about_all
                ways = [made.early, made.late] + [made.filed, made.filed] * is_plain
                chance.choice(ways).setdefault(record, []).append(entry)
    return made


def write_shop(folder: Path, entries: Entries) -> None:
    """The project, its files filled; everybody was seen once, long ago, and one visitor at noon."""
    put(folder / "habitue.yaml", SETTINGS)
    put(folder / "sources" / "all.yaml", SOURCES)
    put(folder / "identity" / "people.yaml", IDENTITY)
    policies = [json.dumps(each.model_dump(mode="json", exclude_defaults=True)) for each in PURPOSES.values()]
    put(folder / "policies" / "all.yaml", "\n---\n".join(policies))
    segments = [f"segment: for_{name}\npurpose: {name}\nrule: did('Seen')" for name in PURPOSES]
    put(folder / "segments" / "all.yaml", "\n---\n".join(segments))
    features = [f"feature: of_{name}\npurpose: {name}\nrule: count('Seen')" for name in PURPOSES]
    put(folder / "features" / "all.yaml", "\n---\n".join(features))
    with (folder / "seen.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["customer", "email", "at"])
        rows.writerow(["visitor", "visitor@example.org", NOON.isoformat()])
        for person in entries.people:
            rows.writerows([record, f"{person[0]}@example.org", LONG_AGO.isoformat()] for record in person)
    with (folder / "said.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["customer", "purpose", "state", "basis", "region", "at"])
        for record, said in entries.filed.items():
            for each in said:
                at = each.occurred_at.isoformat()
                rows.writerow([record, each.purpose, each.state.value, each.basis.value, each.region, at])


def opened(folder: Path) -> Workspace:
    """The project, an hour after noon."""
    return Workspace.open(folder, around=around(NOW.replace(tzinfo=None).isoformat(" ")))


def say(workspace: Workspace, entries: dict[str, list[ConsentEntry]]) -> None:
    """Put entries into the ledger; nothing follows it yet."""
    rows = []
    for own, said in entries.items():
        record = workspace.vault.resolve(workspace.vault.name("user_id", own))[0]
        rows += [replace(each, record_id=record) for each in said]
    Random(1).shuffle(rows)
    workspace.stores.consents.append(rows)


def customers(workspace: Workspace, entries: Entries) -> dict[str, list[str]]:
    """The records of each person as they know themselves, by internal id."""
    record = {
        own: workspace.vault.resolve(workspace.vault.name("user_id", own))[0]
        for person in entries.people
        for own in person
    }
    moved = read_persons(workspace.warehouse)
    owner = {each: moved.get(each, each) for each in record.values()}
    found: dict[str, list[str]] = {}
    for person in entries.people:
        (customer,) = {owner[record[own]] for own in person}
        found[customer] = person
    return found


def uses(workspace: Workspace, people: Sequence[str]) -> Iterator[tuple[str, datetime, str, set[str]]]:
    """Whose data every sink uses for each purpose, as (sink, instant, purpose, customers)."""
    memberships = workspace.history.memberships().to_pylist()
    features = workspace.warehouse.fetch(workspace.warehouse.table(FEATURES)).to_pylist()
    for name in PURPOSES:
        segment, feature = f"for_{name}", f"of_{name}"
        yield "members", NOON, name, set(list_members(workspace, segment, limit=100_000).customers)
        told = {row["customer_id"] for row in memberships if row["segment"] == segment and row["left_at"] is None}
        yield "history", NOON, name, told
        yield "features", NOON, name, {row["customer_id"] for row in features if row[feature] is not None}
        for rule in (f"segment.{segment}", f"feature.{feature} >= 1", f"did('Seen') and consent.{name}"):
            found = workspace.preview(rule, sample=EVERYBODY)
            assert found.customers == len(found.sample)
            yield f"preview {rule}", NOON, name, set(found.sample)
        yield "values in the clear", NOW, name, set(with_basis(workspace, people, name))
    with clearance(workspace.project.folder, workspace.beside, lambda: workspace.project) as asked:
        for name in PURPOSES:
            yield "channels", NOW, name, set(asked.permitted(people, name))
    yield from _tables(workspace)


def _tables(workspace: Workspace) -> Iterator[tuple[str, datetime, str, set[str]]]:
    """Training tables, as of several instants."""
    known = workspace.warehouse.fetch(workspace.tables().customers).column("customer_id").to_pylist()
    for hours in (0, 1, 3):
        instant = NOON - timedelta(hours=hours)
        asked = pa.table([known, [instant] * len(known)], schema=ASKED)
        rows = features_at(workspace, asked).rows
        for name in PURPOSES:
            values = zip(known, rows.column(f"of_{name}").to_pylist(), strict=True)
            yield "training table", instant, name, {customer for customer, value in values if value}


def explained(workspace: Workspace, people: Sequence[str]) -> Iterator[tuple[str, datetime, str, set[str]]]:
    """Of whom an explanation tells events, and whom it takes for a member."""
    for name in PURPOSES:
        found = set()
        for customer in people:
            try:
                proof = explain(workspace, f"for_{name}", customer)
            except CustomerRestrictedError:
                continue
            assert proof.member or not any(leaf.event_count for leaf in proof.leaves)
            found |= {customer} if proof.member else set()
        yield "explanation", NOON, name, found


@dataclass(slots=True)
class Count:
    """How often data was used.

    Attributes:
        uses: In all.
        without_basis: Of people who gave no basis for it.
        left_out: How often it was not, although there was a basis.
    """

    uses: int = 0
    without_basis: int = 0
    left_out: int = 0


def counted(
    workspace: Workspace,
    entries: Entries,
    *,
    late: bool,
    sinks: Callable[[Workspace, Sequence[str]], Iterator[tuple[str, datetime, str, set[str]]]] = uses,
    people: int | None = None,
) -> dict[str, Count]:
    """Every sink's uses, held against what the people said, gone through one by one.

    Args:
        workspace: The open project.
        entries: What they said.
        late: Whether what comes late has come.
        sinks: Tells of uses.
        people: How many to look at; all when None.
    """
    persons = dict(list(customers(workspace, entries).items())[:people])
    said = {customer: entries.of(person, late=late) for customer, person in persons.items()}
    allowed: dict[tuple[datetime, str], set[str]] = {}
    found: dict[str, Count] = {}
    for sink, instant, purpose, used in sinks(workspace, list(persons)):
        key = (instant, purpose)
        if key not in allowed:
            policy = PURPOSES[purpose]
            allowed[key] = {customer for customer, each in said.items() if has_basis(each, policy, instant)}
        mine = used & persons.keys()
        count = found.setdefault(sink.partition(" ")[0] if sink.startswith("preview") else sink, Count())
        count.uses += len(mine)
        count.without_basis += len(mine - allowed[key])
        count.left_out += len(allowed[key] - mine)
    restricted = {customer for customer, each in said.items() if is_restricted(each)}
    there = workspace.warehouse.fetch(workspace.tables().customers).column("customer_id").to_pylist()
    found["customers"] = Count(uses=len(there), without_basis=len(restricted & set(there)))
    assert list_overlaps(workspace)
    return found
