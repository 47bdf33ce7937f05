"""The tables brought up to what messages made of people meanwhile: who became one person, and who allowed what.

Cost: nothing where nothing changed; else one pass over the record ids of each table about people.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa
from sqlglot import expressions as exp

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.run.consents import RESTRICTED, kept_people, remove_people
from habitue.run.opened import Opened
from habitue.run.peopling import survival_of
from habitue.run.person_rows import PERSONS, joined_records, read_persons, tables_of_records, write_persons
from habitue.sources.entities import customers_of
from habitue.sources.shapes import CUSTOMERS, SOURCE_CONSENTS
from habitue.sources.tables import GIVEN, append

_MOVED = "moved_records"


def people_step(folder: Path) -> int:
    """The state of who is who in a project, as a number that grows; 0 where nobody was ever joined."""
    if not (state_folder(folder) / IDENTITY_FILE).exists():
        return 0
    with Links.open(folder) as links:
        return links.newest_step()


def follow_people(opened: Opened) -> dict[str, str]:
    """Make the rows of records that messages joined those of their person; gives the person of each joined record.

    `customers` follows; what was built from the rows otherwise stays as the last build has it.
    """
    warehouse = opened.stores.warehouse
    if not (state_folder(opened.project.folder) / IDENTITY_FILE).exists():
        return read_persons(warehouse)
    with Links.open(opened.project.folder) as links:
        persons = joined_records(links)
    before = read_persons(warehouse)
    changed = {record for record in {*persons, *before} if persons.get(record) != before.get(record)}
    if changed:
        after = {record: persons.get(record, record) for record in changed}
        with warehouse.transaction():
            _move(warehouse, persons, after)
            _rejoin(opened, {*after.values(), *(before.get(record, record) for record in changed)})
    return persons


def _rejoin(opened: Opened, people: Collection[str]) -> None:
    """Have `customers` know the people whose records these are now, and nobody who is somebody else by now."""
    warehouse, project = opened.stores.warehouse, opened.project
    there = set(warehouse.tables())
    if not {CUSTOMERS, GIVEN[CUSTOMERS], SOURCE_CONSENTS} <= there:
        return
    restricted = warehouse.table(RESTRICTED) if RESTRICTED in there else None
    with warehouse.keeping() as keep:
        wanted = kept_people(warehouse, keep, people)
        rows = customers_of(
            warehouse, project.sources, survival=survival_of(project), people=wanted, without=restricted
        )
        kept = keep(rows)
        remove_people(warehouse, CUSTOMERS, people)
        append(warehouse, CUSTOMERS, kept)


def _move(warehouse: Warehouse, persons: Mapping[str, str], changed: Mapping[str, str]) -> None:
    if PERSONS not in warehouse.tables():
        write_persons(warehouse, persons)
        return
    moved = pa.table({"record_id": list(changed), "customer_id": list(changed.values())})
    with warehouse.transaction():
        warehouse.con.register(_MOVED, moved)
        try:
            for table in tables_of_records(warehouse):
                warehouse.con.execute(_update(table))
        finally:
            warehouse.con.unregister(_MOVED)
        ordered = sorted(persons.items())
        columns = {"record_id": [record for record, _ in ordered], "customer_id": [person for _, person in ordered]}
        warehouse.replace_rows(PERSONS, pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns])))


def _update(table: str) -> str:
    """The statement that makes rows of some records those of their person."""
    rows, moved = exp.to_identifier(table, quoted=True), exp.to_identifier(_MOVED, quoted=True)
    update = exp.Update(
        this=exp.Table(this=rows),
        expressions=[
            exp.EQ(this=exp.column("customer_id"), expression=exp.column("customer_id", table=moved)),
        ],
        from_=exp.From(this=exp.Table(this=moved)),
        where=exp.Where(
            this=exp.EQ(
                this=exp.column("record_id", table=rows.copy()), expression=exp.column("record_id", table=moved.copy())
            )
        ),
    )
    return update.sql("duckdb")
