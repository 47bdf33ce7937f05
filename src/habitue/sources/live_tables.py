"""The live part of the tables that sources fill: how far the log was read into them, and its rows put in and taken out.

Rows of live events are a range of positions of their own, so that they and those from files are never in each other's
way.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import ibis
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.sources.plans import SourcesProject
from habitue.sources.shapes import CUSTOMERS, TYPES
from habitue.sources.tables import (
    GIVEN,
    LIVE_READ,
    LIVE_SLOT,
    SLOT_STEP,
    create,
    delete_slot,
    insertion,
    live_position,
    wanted_tables,
)
from habitue.sources.times import utc_to_local

_INCOMING: Final = "incoming_live"
_READ: Final = {
    "place": "int64",
    "received_us": "int64",
    "said": "int64",
    "digest": "string",
    "tables": "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRead:
    """How far the log was read into the warehouse.

    Attributes:
        place: The offset of the last record read.
        received_us: When that was received; it tells one log from another.
        said: The offset of the last record that said who somebody is.
        digest: Of what rows depend on besides the log.
        tables: The tables that may hold live rows.
    """

    place: int = 0
    received_us: int = 0
    said: int = 0
    digest: str = ""
    tables: tuple[str, ...] = ()


def live_read(warehouse: Warehouse) -> LiveRead | None:
    """How far the log was read; None where it never was, or has to be read anew."""
    if LIVE_READ not in warehouse.tables():
        return None
    row = warehouse.con.execute("SELECT place, received_us, said, digest, tables FROM live_read").fetchone()
    if row is None:
        return None
    place, received_us, said, digest, tables = row
    return LiveRead(place=place, received_us=received_us, said=said, digest=digest, tables=tuple(json.loads(tables)))


def note_live_read(warehouse: Warehouse, read: LiveRead) -> None:
    """Remember how far the log was read, inside the transaction of the rows."""
    if LIVE_READ not in warehouse.tables():
        create(warehouse, LIVE_READ, _READ)
    warehouse.con.execute("DELETE FROM live_read")
    warehouse.con.execute(
        "INSERT INTO live_read (place, received_us, said, digest, tables) VALUES (?, ?, ?, ?, ?)",
        [read.place, read.received_us, read.said, read.digest, json.dumps(read.tables)],
    )


def differing_tables(warehouse: Warehouse, project: SourcesProject) -> list[str]:
    """The tables that have other columns than the project declares, and so wait for a build."""
    there = set(warehouse.tables())
    return [
        name
        for name, columns in wanted_tables(project).items()
        if name in there and warehouse.table(name).schema() != ibis.schema(columns)
    ]


def ensure_tables(warehouse: Warehouse, project: SourcesProject) -> None:
    """Make the tables that are not there."""
    there = set(warehouse.tables())
    for name, columns in wanted_tables(project).items():
        if name not in there:
            create(warehouse, name, columns)


def clear_live(warehouse: Warehouse, project: SourcesProject, tables: Iterable[str]) -> None:
    """Take every live row out; tables that nothing declares any longer go altogether.

    Args:
        warehouse: Where they are.
        project: Declares the tables.
        tables: Those that may hold live rows.
    """
    wanted, there = wanted_tables(project), set(warehouse.tables())
    warehouse.drop(sorted(set(tables) - set(wanted)))
    for name in wanted:
        if name in there and "position" in wanted[name]:
            delete_slot(warehouse, name, LIVE_SLOT)


def clear_given(warehouse: Warehouse, first: int) -> None:
    """Take out what customers said in messages that are older than the oldest there still is."""
    column = exp.column("position")
    low, high = exp.convert(LIVE_SLOT * SLOT_STEP), exp.convert(live_position(first) - 1)
    old = exp.Between(this=column, low=low, high=high)
    warehouse.con.execute(exp.delete(exp.to_table(GIVEN[CUSTOMERS]), where=old).sql("duckdb"))


class LiveWriter:
    """Puts gathered rows into their tables; each statement is made once.

    Args:
        warehouse: Where the tables are.
        project: Declares them.
        persons: Name of the table that says whose a record is: `record_id` and `customer_id`.

    Attributes:
        warehouse: Where the tables are.
    """

    def __init__(self, warehouse: Warehouse, project: SourcesProject, *, persons: str) -> None:
        self.warehouse = warehouse
        self._zone = project.zone
        self._wanted = wanted_tables(project)
        self._persons = persons
        self._statements: dict[str, str] = {}

    def put(self, table: str, rows: pa.Table) -> None:
        """Put rows in, each with the person of its record, and events with their local clock."""
        self.warehouse.con.register(_INCOMING, rows)
        try:
            statement = self._statements.get(table)
            if statement is None:
                statement = self._statements[table] = self._statement(table)
            self.warehouse.con.execute(statement)
        finally:
            self.warehouse.con.unregister(_INCOMING)

    def _statement(self, table: str) -> str:
        rows, stored = self.warehouse.table(_INCOMING), self._wanted[table]
        people = self.warehouse.table(self._persons).select(person="customer_id", record_of="record_id")
        found = rows.left_join(people, rows.record_id == people.record_of)
        made = {"customer_id": found.person.fill_null(found.record_id)}
        if table == GIVEN[CUSTOMERS]:
            made["habitue_rank"] = found.occurred_at
        else:
            local = utc_to_local(found.occurred_at, self._zone)
            made |= {
                "local_hour": local.hour(),
                "local_weekday": local.day_of_week.index() + 1,
                "local_month": local.month(),
            }
        columns = {}
        for name, kind in stored.items():
            value = made[name] if name in made else found[name]
            columns[name] = value.try_cast(kind) if kind == TYPES[Kind.MONEY] else value.cast(kind)
        return insertion(self.warehouse, table, found.select(**columns))
