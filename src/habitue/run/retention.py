"""How long data stays: what is older than its rule leaves in every build, after the sources were taken in.

It happens in the transaction of the build, so that a file read again brings nothing back: events go by when they
happened, failed rows by when their file was first taken in, people by their last sign of life.

Cost: one look at the times of each event table that has a rule; the cards of people whose events go are opened.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.govern.audit import AuditAction, AuditEntry, AuditLog
from habitue.govern.requests import PrivacyJournal
from habitue.govern.spec import DataClass, RetentionSpec
from habitue.govern.vault import Vault
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.run.project import Project
from habitue.run.stores import Stores
from habitue.segments.transitions import TRANSITIONS_FILE, TransitionLog
from habitue.sources.shapes import CUSTOMERS, TableShape
from habitue.sources.tables import GIVEN
from habitue.state import Control
from habitue.state.sqlite import to_us

_PAGE = 10_000
_TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionEntry:
    """A rule of retention, applied to one table or class of data.

    Attributes:
        rule: Its name; empty where nothing is declared.
        about: The event, or the class of data.
        keep: How long; empty for as long as there is no rule.
        limit: What is older goes; None without a rule.
        purpose: What the data is kept for.
        rows: Rows there are.
        gone: Rows that went, or that are too old and go with the next build.
    """

    rule: str
    about: str
    keep: str
    limit: datetime | None
    purpose: str
    rows: int
    gone: int


def apply_retention(
    project: Project, warehouse: Warehouse, vault: Vault, control: Control, *, now: datetime
) -> list[RetentionEntry]:
    """Take out what is too old; inside the transactions of a build, after sources and who is who.

    Args:
        project: Declares the rules.
        warehouse: Its event tables lose rows.
        vault: Its cards lose what was said in those rows, and people whose time has passed.
        control: Its failed lane loses rows.
        now: The present time, aware.
    """
    done = []
    for shape, spec in _events(project):
        if spec is not None:
            rows = warehouse.table(shape.name)
            old = rows.filter(rows.occurred_at < _limit(spec, now))
            count = warehouse.count(rows)
            _forget_words(warehouse, vault, shape, old)
            gone = _delete_before(warehouse, shape.name, _limit_at(spec, now))
            done.append(_entry(spec, shape.event, now, rows=count, gone=gone))
    done += [_retire(project, warehouse, vault, spec, now) for spec in _classed(project, DataClass.CUSTOMERS)]
    # Rows are dated by when their file was first seen, whether or not a rule is there yet.
    with PrivacyJournal.open(project.folder) as journal:
        seen = journal.see(((each.source, each.sha256) for each in control.loads()), now=now)
    for spec in _classed(project, DataClass.FAILED_ROWS):
        count, old_rows = _old_failures(control, seen, _limit_at(spec, now))
        done.append(_entry(spec, DataClass.FAILED_ROWS.value, now, rows=count, gone=control.failed.remove(old_rows)))
    return done


def list_retention(project: Project, stores: Stores, *, now: datetime) -> list[RetentionEntry]:
    """Every table of events and class of data with its rule, and how much of it is too old now."""
    there = set(stores.warehouse.tables())
    found = []
    for shape, spec in _events(project):
        if shape.name in there:
            rows = stores.warehouse.table(shape.name)
            old = 0 if spec is None else stores.warehouse.count(rows.filter(rows.occurred_at < _limit(spec, now)))
            found.append(_entry(spec, shape.event, now, rows=stores.warehouse.count(rows), gone=old))
    found += list(_list_classes(project, stores, there, now))
    return found


def _list_classes(project: Project, stores: Stores, there: set[str], now: datetime) -> Iterator[RetentionEntry]:
    people = next(_classed(project, DataClass.CUSTOMERS), None)
    passed = _passed(project, stores.warehouse, people, now) if people and GIVEN[CUSTOMERS] in there else []
    old = len(stores.vault.with_cards(passed))
    yield _entry(people, DataClass.CUSTOMERS.value, now, rows=stores.vault.count(), gone=old)
    lane = next(_classed(project, DataClass.FAILED_ROWS), None)
    with PrivacyJournal.open(project.folder) as journal:
        seen = journal.see((), now=now)
    count, rows = _old_failures(stores.control, seen, None if lane is None else _limit_at(lane, now))
    yield _entry(lane, DataClass.FAILED_ROWS.value, now, rows=count, gone=len(rows))
    moves = next(_classed(project, DataClass.TRANSITIONS), None)
    count = old = 0
    if (state_folder(project.folder) / TRANSITIONS_FILE).exists():
        with TransitionLog.open(project.folder) as log:
            count, old = log.count(), 0 if moves is None else log.count(to_us(_limit_at(moves, now)))
    yield _entry(moves, DataClass.TRANSITIONS.value, now, rows=count, gone=old)


def is_overdue(project: Project, stores: Stores, now: datetime) -> bool:
    """Whether anything is older than its rule."""
    return bool(project.retention) and any(each.gone for each in list_retention(project, stores, now=now))


def note_retention(audit: AuditLog, done: Sequence[RetentionEntry], *, now: datetime) -> None:
    """Put what went into the audit log, if anything did."""
    for each in done:
        if each.gone:
            about = f"{each.rule}: {each.gone} rows of {each.about}"
            audit.append(
                AuditEntry(at=now, actor="build", action=AuditAction.RETENTION, about=about, purpose=each.purpose)
            )


def _events(project: Project) -> Iterator[tuple[TableShape, RetentionSpec | None]]:
    """The event tables, each with its rule: the one that names it, else the one for events at large."""
    named = {event: each for each in project.retention.values() for event in each.events}
    general = next(_classed(project, DataClass.EVENTS), None)
    for shape in project.sources.tables.values():
        if shape.event:
            yield shape, named.get(shape.event, general)


def _classed(project: Project, data: DataClass) -> Iterator[RetentionSpec]:
    return (each for each in project.retention.values() if each.data is data)


def _limit_at(spec: RetentionSpec, now: datetime) -> datetime:
    return now - timedelta(microseconds=spec.keep_us)


def _limit(spec: RetentionSpec, now: datetime) -> ir.TimestampValue:
    return literal(_limit_at(spec, now), Kind.TIME)


def _entry(spec: RetentionSpec | None, about: str, now: datetime, *, rows: int, gone: int) -> RetentionEntry:
    return RetentionEntry(
        rule="" if spec is None else spec.retention,
        about=about,
        keep="" if spec is None else spec.keep,
        limit=None if spec is None else _limit_at(spec, now),
        purpose="" if spec is None else spec.purpose,
        rows=rows,
        gone=gone,
    )


def _delete_before(warehouse: Warehouse, table: str, limit: datetime) -> int:
    moment = exp.cast(exp.convert(limit.replace(tzinfo=None).isoformat(sep=" ")), "timestamp")
    older = exp.LT(this=exp.column("occurred_at", quoted=True), expression=moment)
    statement = exp.delete(exp.to_table(table), where=older)
    counted = warehouse.con.execute(statement.sql("duckdb")).fetchone()
    return int(counted[0]) if counted else 0


def _forget_words(warehouse: Warehouse, vault: Vault, shape: TableShape, old: ir.Table) -> None:
    """Take what rows that go said in the clear out of the cards."""
    if not any(each.personal for each in shape.columns):
        return
    gone: dict[str, set[str]] = {}
    batches = warehouse.ibis.to_pyarrow_batches(old.select("record_id", "event_id"), chunk_size=_PAGE)
    for batch in batches:
        for record, event in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            gone.setdefault(record, set()).add(event)
    changed: dict[str, list[tuple[str, str]]] = {}
    for record in sorted(gone):
        for source, card in vault.card(record).items() if vault.record_known(record) else ():
            less = _without(card, shape.name, gone[record])
            if less is not None:
                changed.setdefault(source, []).append((record, less))
    for source, cards in changed.items():
        vault.put_cards(source, [record for record, _ in cards], [card for _, card in cards])


def _without(card: str, table: str, events: set[str]) -> str | None:
    """A card without what some events said; None where it says nothing of them."""
    said = json.loads(card)
    there = said.get("events", {}).get(table, {})
    kept = {event: words for event, words in there.items() if event not in events}
    if len(kept) == len(there):
        return None
    tables = {**said["events"], table: kept}
    return json.dumps({**said, "events": {name: each for name, each in tables.items() if each}}, ensure_ascii=False)


def _retire(project: Project, warehouse: Warehouse, vault: Vault, spec: RetentionSpec, now: datetime) -> RetentionEntry:
    """Empty the cards of people whose last sign of life is too old, and take out what sources say of them."""
    count = vault.count()
    records = _passed(project, warehouse, spec, now)
    gone = vault.with_cards(records)
    vault.drop_cards_of(sorted(gone))
    if records:
        wanted = pa.table({"record_id": pa.array(records, pa.string())})
        warehouse.replace_rows(_TOO_OLD, wanted)
        old = exp.select("record_id").from_(exp.to_table(_TOO_OLD))
        delete = exp.delete(exp.to_table(GIVEN[CUSTOMERS]), where=exp.column("record_id").isin(query=old))
        warehouse.con.execute(delete.sql("duckdb"))
        warehouse.drop([_TOO_OLD])
    return _entry(spec, DataClass.CUSTOMERS.value, now, rows=count, gone=len(gone))


def _passed(project: Project, warehouse: Warehouse, spec: RetentionSpec, now: datetime) -> list[str]:
    """The records of people whose last sign of life is too old; who never gave a dated one stays."""
    signs = [_signs(warehouse.table(shape.name), "occurred_at") for shape, _ in _events(project)]
    signs.append(_signs(warehouse.table(GIVEN[CUSTOMERS]), "habitue_rank"))
    every = ibis.union(*signs) if len(signs) > 1 else signs[0]
    last = every.group_by("customer_id").aggregate(last=every.seen.max())
    gone = last.filter(last["last"] < _limit(spec, now))
    told = [warehouse.table(shape.name).select("customer_id", "record_id") for shape, _ in _events(project)]
    told.append(warehouse.table(GIVEN[CUSTOMERS]).select("customer_id", "record_id"))
    rows = (ibis.union(*told, distinct=True) if len(told) > 1 else told[0].distinct()).semi_join(gone, "customer_id")
    return sorted(set(warehouse.fetch(rows.select("record_id")).column("record_id").to_pylist()))


def _signs(rows: ir.Table, column: str) -> ir.Table:
    return rows.filter(rows[column].notnull()).select("customer_id", seen=rows[column].cast("timestamp(6)"))


def _old_failures(
    control: Control, seen: Mapping[tuple[str, str], datetime], limit: datetime | None
) -> tuple[int, list[int]]:
    """How many failed rows there are, and the numbers of those that are too old."""
    count, old, after = 0, [], 0
    while page := control.failed.rows(after=after, limit=_PAGE):
        count += len(page)
        after = page[-1].id
        for row in page if limit is not None else ():
            dates = [each for each in (seen.get((row.source, row.file_sha256)), row.failed_at) if each is not None]
            if limit is not None and dates and min(dates) < limit:
                old.append(row.id)
    return count, old
