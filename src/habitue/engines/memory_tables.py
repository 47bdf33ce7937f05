"""Tables in memory beside a warehouse's file: all connections to the open file see them, and no file holds them."""

from typing import Final

import duckdb
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from sqlglot import expressions as exp

from habitue.engines.warehouse_failures import say_when_full

_MEMORY: Final = "memory_of_all"


class MemoryTables:
    """Those tables, as one connection sees them; they are there until `forget`, or until the file is closed.

    Args:
        con: The driver's connection.
        backend: The same connection for table expressions.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, backend: Backend) -> None:
        self._con = con
        self._backend = backend
        self._known: dict[tuple[str, str], ir.Table] = {}

    def keep(self, place: str, name: str, rows: ir.Table) -> None:
        """Put an expression's rows into a table.

        Outside any transaction: a transaction changes one of both, files or memory.

        Args:
            place: Holds tables that are forgotten together.
            name: Of the table.
            rows: What it holds.

        Raises:
            WarehouseFullError: Memory and spill folder are full.
        """
        query = self._backend.compiler.to_sqlglot(rows)
        create = exp.Create(kind="TABLE", this=_table(place, name), replace=True, expression=query)
        schema = exp.Create(kind="SCHEMA", this=_table(place), exists=True)
        try:
            self._attach()
            for each in (schema, create):
                self._con.execute(each.sql("duckdb"))
        except duckdb.Error as error:
            say_when_full(error)
            raise

    def table(self, place: str, name: str) -> ir.Table:
        """A table as an expression, looked up once: it stays as it is."""
        if (place, name) not in self._known:
            self._known = {known: table for known, table in self._known.items() if known[0] == place}
            self._known[place, name] = self._backend.table(name, database=(_MEMORY, place))
        return self._known[place, name]

    def forget(self, place: str) -> None:
        """Let go of all tables in one place."""
        drop = exp.Drop(kind="SCHEMA", tables=[_table(place)], exists=True, cascade=True)
        self._attach()
        self._con.execute(drop.sql("duckdb"))

    def _attach(self) -> None:
        self._con.execute("ATTACH IF NOT EXISTS ':memory:' AS memory_of_all")


def _table(place: str, name: str = "") -> exp.Table:
    """A table in one place, or all that is there."""
    catalog, within = exp.to_identifier(_MEMORY, quoted=True), exp.to_identifier(place, quoted=True)
    if not name:
        return exp.Table(db=within, catalog=catalog)
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=within, catalog=catalog)
