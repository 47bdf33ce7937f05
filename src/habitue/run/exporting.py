"""Everything that is known of one person, as an archive they can read: what was given, and what was made of it.

Values that the warehouse holds as masks stand in the clear, out of the vault. Of anybody else nothing is in it: links
to others say that there is another customer and not which, and a failed row that is another's, or cannot be taken
apart, says only where it names this person.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.catalogue import Category, Store, TableDeclaration
from habitue.identity.links import IDENTITY_FILE, LinkFact, Links
from habitue.run.catalogue import project_catalogue
from habitue.run.explaining import explain
from habitue.run.export_files import Archive, Row, plain
from habitue.run.exporting_live import live_rows
from habitue.run.opened import Opened
from habitue.run.subjects import Names, Subject, past_ids, read_subject, rows_naming
from habitue.run.workspace import Workspace

FORMAT: Final = 1
_OTHER: Final = "another customer"
_WITHHELD: Final = "names you; not shown, since the row may be another customer's"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableExported:
    """One table of the catalogue in an archive.

    Attributes:
        store: Where it is kept.
        table: Its name.
        rows: Rows about the person.
        file: The files' name without its ending; empty where there are no rows.
        columns: The columns that the rows have; those that are keys are left out.
        label: What a row is.
        retention: How long rows stay.
        purposes: What they are used for.
    """

    store: str
    table: str
    rows: int
    file: str
    columns: tuple[str, ...]
    label: str
    retention: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an archive holds.

    Attributes:
        subject: The person, by internal id.
        file: Where the archive is.
        exported_at: When it was made.
        as_of: The instant of the answers in it; None where nothing was answered yet.
        tables: Every table of the catalogue, also those without rows about the person.
        documents: Further files: identifiers, traits, segments with their reasons …
    """

    subject: str
    file: Path
    exported_at: datetime
    as_of: datetime | None
    tables: tuple[TableExported, ...]
    documents: tuple[str, ...]


def export_person(workspace: Workspace, customer: str, to: Path, *, actor: str) -> Export:
    """Write a person's archive.

    Args:
        workspace: The open project.
        customer: Internal id.
        to: The zip file to write; one that is there is replaced.
        actor: Who asked, for the audit log.

    Raises:
        HabitueError: Nothing was built yet, or the file cannot be written.
    """
    opened = workspace.opened
    subject = read_subject(opened, customer)
    # What the person may know of this very export belongs into it.
    now = opened.around.clock()
    entry = AuditEntry(at=now, actor=actor, action=AuditAction.EXPORT, subject=customer, about="privacy export")
    opened.stores.audit.append(entry)
    archive = Archive()
    documents = {
        "identifiers": list(_identifiers(subject)),
        "traits": list(_traits(subject)),
        "segments": _segments(workspace, customer),
    }
    for name, rows in documents.items():
        archive.add_rows(name, rows)
    tables = tuple(_tables(opened, subject, archive))
    last = opened.stores.control.last_answers()
    done = Export(
        subject=customer,
        file=to,
        exported_at=now,
        as_of=None if last is None else last.as_of,
        tables=tables,
        documents=tuple(documents),
    )
    archive.add_json("manifest", plain({"format": FORMAT, **asdict(done), "file": to.name}))
    archive.write(to)
    return done


def _identifiers(subject: Subject) -> Iterator[Row]:
    for each in subject.identifiers:
        yield {"namespace": each.namespace, "value": each.value, "source": each.source, "record_id": each.record}


def _traits(subject: Subject) -> Iterator[Row]:
    for record, cards in subject.cards.items():
        for source, card in cards.items():
            for trait, value in card.get("traits", {}).items():
                yield {"trait": trait, "value": value, "source": source, "record_id": record}


def _segments(workspace: Workspace, customer: str) -> list[Row]:
    """Every segment with whether the person is in it, and why."""
    found: list[Row] = []
    for name, spec in workspace.project.segments.items():
        head: dict[str, object] = {"segment": name, "label": spec.label, "purpose": spec.purpose}
        try:
            said = explain(workspace, name, customer)
        except HabitueError as error:
            found.append({**head, "member": None, "why": error.what})
            continue
        reasons = [
            {"words": leaf.words, "value": plain(leaf.value), "holds": leaf.holds, "events": leaf.event_count}
            for leaf in said.leaves
        ]
        told = {"member": said.member, "since": said.since, "changes_at": said.changes_at, "rule": said.words}
        found.append({**head, **told, "as_of": said.as_of, "why": reasons})
    return found


def _tables(opened: Opened, subject: Subject, archive: Archive) -> Iterator[TableExported]:
    """Every table of the catalogue with the rows about the person put into the archive."""
    readers = _Rows(opened, subject)
    for table in project_catalogue(opened.project).tables:
        rows = readers.of(table) if table.is_personal else []
        file = f"{table.store.value}/{table.name}" if rows else ""
        if rows:
            archive.add_rows(file, rows)
        yield TableExported(
            store=table.store.value,
            table=table.name,
            rows=len(rows),
            file=file,
            columns=tuple(dict.fromkeys(name for row in rows for name in row)),
            label=table.label,
            retention=table.retention,
            purposes=table.purposes,
        )


class _Rows:
    """The rows about one person in any table of the catalogue."""

    def __init__(self, opened: Opened, subject: Subject) -> None:
        self._opened = opened
        self._subject = subject
        self._there = set(opened.stores.warehouse.tables())

    def of(self, table: TableDeclaration) -> list[Row]:
        """The rows of one table."""
        match table.store:
            case Store.WAREHOUSE:
                return self._warehouse(table)
            case Store.VAULT:
                return self._vault(table)
            case Store.HISTORY:
                return self._history(table)
            case Store.IDENTITY:
                return self._identity(table)
            case Store.CONTROL:
                return list(self._failed())
            case Store.CONSENTS:
                return [asdict(each.entry) for each in self._opened.stores.consents.entries(self._subject.records)]
            case Store.AUDIT:
                return [asdict(each) for each in self._opened.stores.audit.entries(subject=self._subject.customer)]
            case Store.LOG | Store.TRANSITIONS | Store.DELIVERIES:
                return live_rows(self._opened, self._subject, table)
            case Store.PRIVACY:
                return []
        return []

    def _warehouse(self, table: TableDeclaration) -> list[Row]:
        if table.name not in self._there:
            return []
        warehouse = self._opened.stores.warehouse
        rows = warehouse.table(table.name)
        is_mine = rows[table.subject_key] == self._subject.customer
        if "record_id" in rows.columns:
            is_mine |= rows.record_id.isin(list(self._subject.records))
        mine = rows.filter(is_mine)
        return [self._in_the_clear(table, row) for row in warehouse.fetch(mine).to_pylist()]

    def _in_the_clear(self, table: TableDeclaration, row: Mapping[str, Any]) -> Row:
        """A row with what masks stand for: of an event by its id, of a trait by its mask."""
        clear = dict(row)
        for column in table.columns:
            if not column.personal or row.get(column.name) is None:
                continue
            if "event_id" in row:
                words = self._said(table.name, str(row["record_id"]), str(row["event_id"]))
                clear[column.name] = words.get(column.name)
            else:
                clear[column.name] = self._unmasked(column.name, str(row[column.name]))
        return clear

    def _said(self, table: str, record: str, event: str) -> Mapping[str, object]:
        """What the cards hold of one event."""
        found: dict[str, object] = {}
        for card in self._subject.cards.get(record, {}).values():
            found.update(card.get("events", {}).get(table, {}).get(event, {}))
        return found

    def _unmasked(self, column: str, mask: str) -> str | None:
        """The trait that a mask stands for."""
        for cards in self._subject.cards.values():
            for card in cards.values():
                value = card.get("traits", {}).get(column)
                if value is not None and self._opened.stores.vault.mask(column, str(value)) == mask:
                    return str(value)
        return None

    def _vault(self, table: TableDeclaration) -> list[Row]:
        """What the vault holds, opened; keys and keyed names are no data of the person and stay."""
        known = [each for each in self._subject.records if each in self._subject.cards]
        match table.name:
            case "records":
                return [{"record": each} for each in known]
            case "cards":
                return [
                    {"record": record, "source": source, "card": json.dumps(card, ensure_ascii=False)}
                    for record, cards in self._subject.cards.items()
                    for source, card in cards.items()
                ]
            case "names":
                own = [(record, source) for record in known for source in self._subject.cards[record]]
                said = {
                    (r, str(space)) for r, source in own for space, _ in self._subject.cards[r][source].get("id", ())
                }
                return [{"record": record, "namespace": space} for record, space in sorted(said)]
            case "carried":
                mine = set(known)
                return [
                    {"record": record, "namespace": space}
                    for space, pairs in self._opened.stores.vault.carried().items()
                    for record, _ in pairs
                    if record in mine
                ]
        return []

    def _history(self, table: TableDeclaration) -> list[Row]:
        if table.name == "aside":
            known_by = {self._subject.customer, *past_ids(self._opened, self._subject.records)}
            return list(self._opened.history.aside.of(known_by))
        if table.name != "moves":
            return []
        told = {each.id: each.as_of for each in self._opened.stores.control.builds(limit=1_000_000)}
        moves = self._opened.history.moves(self._subject.customer)
        return [
            {"segment": segment, "entered": entered, "build": build, "as_of": told.get(build)}
            for build, segment, entered in moves
        ]

    def _identity(self, table: TableDeclaration) -> list[Row]:
        folder = self._opened.project.folder
        if not (state_folder(folder) / IDENTITY_FILE).exists():
            return []
        with Links.open(folder) as links:
            known = [each for each in self._subject.records if each in links.numbers(self._subject.records)]
            if table.name == "records":
                return [{"record_id": each} for each in known]
            if table.name == "links":
                facts = {fact.fact: fact for each in known for fact in links.facts(each)}
                return [self._link(facts[number]) for number in sorted(facts)]
            if table.name == "persons":
                return [{"record_id": each, "person": self._subject.customer} for each in known]
        return []

    def _link(self, fact: LinkFact) -> Row:
        mine = set(self._subject.records)
        ends = {"left": fact.left, "right": fact.right}
        shown = {name: each if each in mine else _OTHER for name, each in ends.items()}
        decided = {"decided_at": fact.decided_at, "decided_by": fact.decided_by}
        return {**shown, "rule": fact.rule, "state": fact.state.value, "weight": fact.weight, **decided}

    def _failed(self) -> Iterator[Row]:
        names = Names(self._opened.project, [self._subject])
        plans = {plan.name: plan for plan in self._opened.project.sources.sources}
        for row in rows_naming(self._opened, names):
            head = {"id": row.id, "source": row.source, "file": row.file, "line": row.line, "reason": row.reason}
            plan = plans.get(row.source)
            text = row.repaired or row.row
            places = names.cells(plan, text)
            is_mine = "" not in places and plan is not None and names.owned(plan, text) is not False
            shown = text if is_mine else json.dumps(dict.fromkeys(places, _WITHHELD))
            yield {**head, "state": row.state.value, "failed_at": row.failed_at, "row": shown}


def exported_columns(table: TableDeclaration) -> Sequence[str]:
    """The columns of a table that an archive has to show, where it has rows: all but keys."""
    return [each.name for each in table.columns if each.category is not Category.KEY]
