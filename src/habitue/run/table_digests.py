"""What the tables of a warehouse hold, in two figures each, whatever the order of their rows."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse
from habitue.run.marks import MARKS


class TableDigest(NamedTuple):
    """What a table holds.

    Attributes:
        rows: How many rows.
        digest: Of all rows and the names and types of their columns; equal for equal rows in any order.
    """

    rows: int
    digest: str


def table_digests(warehouse: Warehouse) -> dict[str, TableDigest]:
    """A digest of every table, save for the marks of what was built when.

    Cost: one pass over every column.
    """
    return {name: _digest(warehouse, name) for name in warehouse.tables() if name != MARKS}


def differing(before: Mapping[str, TableDigest], after: Mapping[str, TableDigest]) -> list[str]:
    """The tables that are not the same in both, sorted; also those that only one of them has."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _digest(warehouse: Warehouse, name: str) -> TableDigest:
    """The number of rows, and the sum and the exclusive or of a hash of each."""
    row = exp.Anonymous(this="hash", expressions=[exp.column(exp.to_identifier("t", quoted=True))])
    query = exp.select(
        exp.Count(this=exp.Star()),
        exp.Coalesce(this=exp.Sum(this=exp.cast(row, "hugeint")), expressions=[exp.convert(0)]),
        exp.Coalesce(this=exp.Anonymous(this="bit_xor", expressions=[row.copy()]), expressions=[exp.convert(0)]),
    ).from_(exp.alias_(exp.Table(this=exp.to_identifier(name, quoted=True)), "t", table=True))
    counted = warehouse.con.execute(query.sql("duckdb")).fetchone()
    rows, total, mixed = counted or (0, 0, 0)
    columns = ",".join(f"{column} {kind}" for column, kind in warehouse.table(name).schema().items())
    return TableDigest(rows, f"{total:x}-{mixed:x}-{columns}")
