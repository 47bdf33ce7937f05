"""Whose the rows of the warehouse are: `persons` holds records that are somebody else, and every table follows it.

Cost: one pass over the two id columns of each table that holds both; only rows whose person changed are written.
"""

from collections.abc import Mapping
from typing import Final

import ibis
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse
from habitue.identity.ledger import persons_of
from habitue.identity.links import Links

PERSONS: Final = "persons"
_SCHEMA: Final = pa.schema([("record_id", pa.string()), ("customer_id", pa.string())])


def write_persons(warehouse: Warehouse, persons: Mapping[str, str]) -> dict[str, int]:
    """Make the rows of every record those of its person, also where it is its own person again.

    Args:
        warehouse: Where the tables are.
        persons: The person of each record that is not its own.

    Returns:
        How many rows changed hands, by table; tables without such rows are absent.
    """
    with warehouse.transaction():
        ordered = sorted(persons.items())
        columns = [pa.array([pair[place] for pair in ordered], pa.string()) for place in (0, 1)]
        warehouse.replace_rows(PERSONS, pa.table(columns, schema=_SCHEMA))
        changed = {table: _follow(warehouse, table) for table in tables_of_records(warehouse)}
    return {table: rows for table, rows in changed.items() if rows}


def ensure_persons(warehouse: Warehouse) -> None:
    """Make the table of records that are somebody else where there is none."""
    warehouse.ensure(PERSONS, ibis.schema(dict.fromkeys(_SCHEMA.names, "string")))


def joined_records(links: Links) -> dict[str, str]:
    """The person of each record that is not its own."""
    # Persons first: whoever is registered meanwhile, by events that come in, is in the ids then.
    people = persons_of(links)
    ids = links.record_ids()
    return {ids[number]: person for number, person in people.items() if ids[number] != person}


def read_persons(warehouse: Warehouse) -> dict[str, str]:
    """The person of each record that is not its own, as the warehouse has it."""
    if PERSONS not in warehouse.tables():
        return {}
    rows = warehouse.fetch(warehouse.table(PERSONS))
    return dict(zip(rows.column("record_id").to_pylist(), rows.column("customer_id").to_pylist(), strict=True))


def tables_of_records(warehouse: Warehouse) -> list[str]:
    """The tables whose rows belong to records of people, sorted."""
    found = warehouse.con.execute(
        """
        SELECT c.table_name FROM duckdb_columns() AS c JOIN duckdb_tables() AS t USING (table_oid)
        WHERE NOT t.temporary AND c.schema_name = 'main' AND c.column_name IN ('record_id', 'customer_id')
        GROUP BY c.table_name HAVING count(*) = 2 ORDER BY c.table_name
        """
    )
    return [name for (name,) in found.fetchall() if name != PERSONS]


def _follow(warehouse: Warehouse, table: str) -> int:
    """One UPDATE: the person that `persons` names, or else the record itself."""
    rows, people = exp.to_identifier(table, quoted=True), exp.to_identifier(PERSONS, quoted=True)
    record, customer = exp.column("record_id", table=rows), exp.column("customer_id", table=rows)
    person = (
        exp.select(exp.column("customer_id", table=people))
        .from_(exp.Table(this=people))
        .where(exp.EQ(this=exp.column("record_id", table=people), expression=record))
        .subquery()
    )
    owner = exp.Coalesce(this=person, expressions=[record.copy()])
    update = exp.Update(
        this=exp.Table(this=rows),
        expressions=[exp.EQ(this=exp.column("customer_id"), expression=owner)],
        where=exp.Where(this=exp.NullSafeNEQ(this=customer, expression=owner.copy())),
    )
    counted = warehouse.con.execute(update.sql("duckdb")).fetchone()
    return int(counted[0]) if counted else 0
