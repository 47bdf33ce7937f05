"""The table `consents` that rules read, from what sources and the ledger say; and who is left out of every answer.

A row says whether there is a basis for a purpose from an instant on, so that every reading of a rule, which takes the
latest row by its moment, answers alike. Both tables are a projection of the sources and the ledger: the number of the
ledger's last entry stands beside them, in the same transaction.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse
from habitue.govern.consent import SKEW, ConsentEntry, Terms, kind_of
from habitue.govern.consent_batch import (
    ALWAYS,
    SAID,
    effective_rows,
    kind_expression,
    regions,
    restricted_people,
    silence,
    with_region,
)
from habitue.govern.ledger import ConsentLedger
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.run.marks import digest_of
from habitue.run.person_rows import PERSONS
from habitue.run.project import Project
from habitue.sources.shapes import CONSENT_COLUMNS, CONSENTS, SOURCE_CONSENTS
from habitue.sources.tables import GIVEN, append

RESTRICTED: Final = "restricted"
"""People whose data is kept and used for nothing: one column, customer_id."""
LEDGER_READ: Final = "consent_ledger"
"""How far the two tables have followed the ledger: one row, one column, number."""
FEW: Final = 200
"""Up to so many people are looked up in the ledger one by one."""
SILENT, SAID_AT = 0, 1
"""Positions: a row that stands for silence, and one for something said. No two rows of a purpose share an instant."""
Keep = Callable[[ir.Table], ir.Table]
_INCOMING: Final = "incoming_consents"
_GIVING: Final = ("given_at", "claimed_at", "signalled_on_at", "preset_on_at", "lifted")


def project_consents(project: Project, warehouse: Warehouse, ledger: ConsentLedger, *, now: datetime) -> int:
    """Make `consents` and `restricted` anew; gives the number of rows of `consents`.

    Cost: one pass over all that was said, and, where silence can mean yes, one over the ids of every event table.

    Args:
        project: Says what purposes there are, and on what terms.
        warehouse: Holds `source_consents`, and `persons` where records are joined to people.
        ledger: Holds what was said here.
        now: The present time, aware: a permission that is dated later does not count.
    """
    newest = ledger.newest()
    with warehouse.transaction(), warehouse.keeping() as keep:
        said = keep(_said(warehouse, ledger, now, keep))
        warehouse.replace(RESTRICTED, restricted_people(said))
        rows = keep(effective_rows(said, project.purposes, kinds=_kinds(warehouse, said)))
        made = [_laid_out(rows, SAID_AT), *_silent(project, said, rows, _everybody(project, warehouse))]
        count = warehouse.replace(CONSENTS, ibis.union(*made) if len(made) > 1 else made[0])
        warehouse.replace_rows(LEDGER_READ, pa.table({"number": [newest]}))
    return count


def refresh_consents(
    project: Project, warehouse: Warehouse, ledger: ConsentLedger, people: Collection[str], *, now: datetime
) -> None:
    """Make the rows of some people anew, after something was said by them; the rest is left as it is."""
    newest, few = ledger.newest(), len(people) <= FEW
    with warehouse.transaction(), warehouse.keeping() as keep:
        wanted = kept_people(warehouse, keep, people)
        records = [record for person in people for record in records_of(warehouse, person)] if few else None
        said = keep(_said(warehouse, ledger, now, keep, records).semi_join(wanted, "customer_id"))
        rows = keep(effective_rows(said, project.purposes, kinds=_kinds(warehouse, said)))
        made = [_laid_out(rows, SAID_AT), *_silent(project, said, rows, wanted)]
        fresh = {
            RESTRICTED: keep(restricted_people(said)),
            CONSENTS: keep(ibis.union(*made) if len(made) > 1 else made[0]),
        }
        for name, table in fresh.items():
            remove_people(warehouse, name, people)
            append(warehouse, name, table)
        warehouse.replace_rows(LEDGER_READ, pa.table({"number": [newest]}))


def spoken(consents: ir.Table) -> ir.Table:
    """The rows of `consents` that stand for something said: silence is nobody's first sign."""
    return consents.filter(consents.position > SILENT)


def ledger_read(warehouse: Warehouse) -> int:
    """The number of the last entry of the ledger that the tables know; 0 where there are none yet."""
    if LEDGER_READ not in warehouse.tables():
        return 0
    rows = warehouse.fetch(warehouse.table(LEDGER_READ)).to_pylist()
    return int(rows[0]["number"]) if rows else 0


def consents_digest(project: Project, ledger: ConsentLedger) -> str:
    """What the tables are made from, the sources left out."""
    return digest_of([ledger.newest(), {name: each.model_dump(mode="json") for name, each in project.purposes.items()}])


def people_of(warehouse: Warehouse, records: Collection[str]) -> dict[str, str]:
    """The person of each record; a record that belongs to none is its own."""
    if PERSONS not in warehouse.tables():
        return {record: record for record in records}
    persons = warehouse.table(PERSONS)
    rows = warehouse.fetch(persons.filter(persons.record_id.isin(sorted(records)))).to_pylist()
    found = {row["record_id"]: row["customer_id"] for row in rows}
    return {record: found.get(record) or record for record in records}


def records_of(warehouse: Warehouse, person: str) -> list[str]:
    """The records of a person, sorted."""
    if PERSONS not in warehouse.tables():
        return [person]
    persons = warehouse.table(PERSONS)
    rows = warehouse.fetch(persons.filter((persons.customer_id == person) | (persons.record_id == person))).to_pylist()
    found = {row["record_id"]: row["customer_id"] for row in rows}
    # A person goes by the id of one of their records.
    return sorted(record for record, owner in {person: person, **found}.items() if owner == person)


def remove_people(warehouse: Warehouse, table: str, people: Collection[str]) -> None:
    """Take some people's rows out of a table."""
    gone = exp.select("customer_id").from_(exp.to_table(_INCOMING))
    delete = exp.delete(exp.to_table(table), where=exp.column("customer_id").isin(query=gone))
    warehouse.con.register(_INCOMING, pa.table({"customer_id": pa.array(sorted(people), pa.string())}))
    try:
        warehouse.con.execute(delete.sql("duckdb"))
    finally:
        warehouse.con.unregister(_INCOMING)


def _kinds(warehouse: Warehouse, said: ir.Table) -> list[str]:
    return [str(each) for each in warehouse.fetch(said.select("kind").distinct()).column("kind").to_pylist()]


def _said(
    warehouse: Warehouse, ledger: ConsentLedger, now: datetime, keep: Keep, records: Collection[str] | None = None
) -> ir.Table:
    """Everything that was said by anybody, by person; from the ledger that of some records or of all."""
    parts = [_said_here(warehouse, ledger, keep, records)]
    if SOURCE_CONSENTS in warehouse.tables():
        rows = warehouse.table(SOURCE_CONSENTS)
        spoken = rows.state.fill_null(ibis.ifelse(rows.given, "given", "withdrawn"))
        rows = rows.mutate(kind=kind_expression(spoken, rows.basis), region=rows.region.fill_null(""))
        parts.append(rows.filter(rows.kind.notnull()).select(*SAID.names))
    said = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return said.filter((said.occurred_at <= literal(now + SKEW, Kind.TIME)) | ~said.kind.isin(_GIVING))


def _said_here(warehouse: Warehouse, ledger: ConsentLedger, keep: Keep, records: Collection[str] | None) -> ir.Table:
    """The entries of the ledger; those of one person's records together."""
    columns: dict[str, list[object]] = {name: [] for name in SAID.names}
    for row in _rows(each.entry for each in ledger.entries(None if records is None else list(records))):
        for name, value in zip(SAID.names, row, strict=True):
            columns[name].append(value)
    rows = _kept(warehouse, keep, pa.table(columns, schema=SAID.to_pyarrow()))
    if PERSONS not in warehouse.tables():
        return rows
    persons = warehouse.table(PERSONS).select(person="customer_id", record_of="record_id")
    joined = rows.left_join(persons, rows.customer_id == persons.record_of)
    return joined.mutate(customer_id=joined.person.fill_null(joined.customer_id)).select(*SAID.names)


def _rows(entries: Iterator[ConsentEntry]) -> Iterator[tuple[str, str, str, str, datetime]]:
    for entry in entries:
        kind = entry.state.value if entry.state.is_about_all else kind_of(entry.state, entry.strength, entry.basis)
        at = entry.occurred_at.astimezone(UTC).replace(tzinfo=None)
        yield entry.record_id, entry.purpose, kind, entry.region, at


def _silent(project: Project, said: ir.Table, rows: ir.Table, everybody: ir.Table) -> list[ir.Table]:
    """For each purpose that silence can allow, a row per person for the time before anything was said."""
    found = []
    placed = with_region(everybody, regions(said))
    for name, policy in project.purposes.items():
        terms = [Terms.of(policy), *(Terms.of(policy, region) for region in policy.regions)]
        if not any(each.silence for each in terms):
            continue
        ends = rows.filter(rows.purpose == name).group_by("customer_id")
        ends = ends.aggregate(allowed=rows.given.argmax(rows.occurred_at))
        allowed = placed.filter(silence(policy, placed.region))
        allowed = allowed.anti_join(ends.filter(~ends.allowed), "customer_id")
        always = literal(ALWAYS, Kind.TIME)
        found.append(_laid_out(allowed.mutate(purpose=ibis.literal(name), given=True, occurred_at=always), SILENT))
    return found


def _everybody(project: Project, warehouse: Warehouse) -> ir.Table:
    names = [
        GIVEN["customers"],
        SOURCE_CONSENTS,
        *(name for name, each in project.sources.tables.items() if each.event),
    ]
    return ibis.union(*(warehouse.table(name).select("customer_id") for name in names), distinct=True)


def kept_people(warehouse: Warehouse, keep: Keep, people: Collection[str]) -> ir.Table:
    """Some people as a table of one column, customer_id."""
    return _kept(warehouse, keep, pa.table({"customer_id": pa.array(sorted(people), pa.string())}))


def _kept(warehouse: Warehouse, keep: Keep, rows: pa.Table) -> ir.Table:
    warehouse.con.register(_INCOMING, rows)
    try:
        return keep(warehouse.table(_INCOMING))
    finally:
        warehouse.con.unregister(_INCOMING)


def _laid_out(rows: ir.Table, position: int) -> ir.Table:
    columns = rows.mutate(position=ibis.literal(position, "int64"))
    return columns.select(*(columns[name].cast(kind).name(name) for name, kind in CONSENT_COLUMNS.items()))
