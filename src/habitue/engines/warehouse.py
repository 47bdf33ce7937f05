"""The embedded engine: one DuckDB file, a projection that can be deleted and built again.

The connection can read and write its own file and its spill folder and nothing else: no other file, no network, no
extension, and no setting can be changed once it is open.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.operations import DatabaseTable, Namespace
from sqlglot import expressions as exp

from habitue.engines.memory_tables import MemoryTables
from habitue.engines.warehouse_failures import WarehouseClosedError, WarehouseError, say_when_full

_PAUSE_S = 0.02


class _Settled:
    """Of a backend whose connection has its settings already, and may not change them."""

    def _post_connect(self, extensions: Sequence[str] | None = None) -> None:
        del extensions
        self._record_batch_readers_consumed: dict[str, bool] = {}


class Warehouse:
    """One open DuckDB file.

    Attributes:
        con: The driver's connection, for bulk insertion.
        ibis: The same connection for table expressions.
        file: The open file, the same for all connections to it.
        memory: Tables beside it that no file holds.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, *, backend: type[Backend] = Backend) -> None:
        self.con = con
        self._in_transaction = False
        self._kept = 0
        self._seconds: list[Self] = []
        self._opening = threading.Lock()
        self._use = threading.Lock()
        self._is_open = True
        self.file = object()
        self.ibis: Backend = backend.from_connection(con)
        self.memory = MemoryTables(con, self.ibis)

    @classmethod
    def open(cls, path: Path | None, *, spill: Path, memory: int | None = None, threads: int | None = None) -> Self:
        """Open a warehouse file, made when absent.

        Args:
            path: The file; None for one in memory.
            spill: Folder for what does not fit into memory, made when absent.
            memory: Bytes that tables and operators may take; None for half of the machine's.
            threads: Threads to work with; None for one a core.

        Raises:
            WarehouseError: The file is not a warehouse, is damaged, or another process has it.
        """
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "enable_external_access": False,
            "temp_directory": str(spill),
            "memory_limit": f"{(memory or half_of_memory()) // 1024}KiB",
        }
        if threads:
            config["threads"] = threads
        try:
            con = duckdb.connect(str(path) if path else ":memory:", config=config)
        except duckdb.Error as error:
            raise WarehouseError(path or Path(":memory:"), str(error).splitlines()[0][:200]) from None
        # Second connections begin with what is set for all of them.
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        con.execute("SET GLOBAL python_enable_replacements = false")
        # Where there is no script the driver takes us for a notebook and draws into standard output.
        con.execute("SET enable_progress_bar = false")
        warehouse = cls(con)
        con.execute("SET lock_configuration = true")
        return warehouse

    def close(self) -> None:
        """Give the file back; second connections are closed first, in the middle of what they compute."""
        with self._opening:
            self._is_open = False
            seconds, self._seconds = self._seconds, []
        for each in seconds:
            each.leave()
        self.con.close()

    def beside(self) -> Self:
        """A second connection to the open file, for another thread: it sees what was committed last.

        Cost: about a millisecond. Whatever is read through it belongs inside `in_use`.

        Raises:
            WarehouseClosedError: This one is closed.
        """
        with self._opening:
            if not self._is_open:
                raise WarehouseClosedError
            second = type(self)(self.con.cursor(), backend=type("SecondBackend", (_Settled, Backend), {}))
            second.file = self.file
            self._seconds = [each for each in self._seconds if each.is_open] + [second]
            return second

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._is_open

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Inside the block this second connection stays open, save that its queries may be broken off.

        Raises:
            WarehouseClosedError: It was closed, before the block or within it.
        """
        with self._use:
            if not self._is_open:
                raise WarehouseClosedError
            try:
                yield
            except duckdb.Error:
                if not self._is_open:
                    raise WarehouseClosedError from None
                raise

    def leave(self) -> None:
        """Close this second connection, from any thread; what it computes is broken off."""
        self._is_open = False
        while not self._use.acquire(timeout=_PAUSE_S):
            # Whoever had it may have closed it at this very moment.
            self.interrupt()
        try:
            self.con.close()
        finally:
            self._use.release()

    def checkpoint(self) -> None:
        """Have everything in the one file and nothing in its log; outside any transaction.

        Raises:
            WarehouseFullError: There is no room for it; nothing is lost.
        """
        try:
            self.con.execute("CHECKPOINT")
        except duckdb.Error as error:
            say_when_full(error)
            raise

    def interrupt(self) -> None:
        """Break off what this connection computes, from another thread."""
        with suppress(duckdb.Error):
            self.con.interrupt()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def tables(self) -> list[str]:
        """Names of the tables in the file, sorted; temporary ones are left out."""
        found = self.con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND schema_name = 'main' ORDER BY table_name"
        )
        return [name for (name,) in found.fetchall()]

    def table(self, name: str) -> ir.Table:
        """A table as an expression."""
        return self.ibis.table(name)

    def replace(self, name: str, rows: ir.Table) -> int:
        """Make a table from an expression, in place of one of that name, as one transaction.

        Returns:
            The number of rows.

        Raises:
            WarehouseFullError: Memory and spill folder, or the disk, are full; the old table is still there.
        """
        with self.transaction():
            return self._create(name, rows, temporary=False)

    def replace_rows(self, name: str, rows: pa.Table) -> int:
        """Make a table from Arrow rows, in place of one of that name; returns the number of rows."""
        incoming = f"incoming_{name}"
        self.con.register(incoming, rows)
        try:
            return self.replace(name, self.table(incoming))
        finally:
            self.con.unregister(incoming)

    def ensure(self, name: str, schema: ibis.Schema) -> None:
        """Make an empty table of that name where there is none with these columns.

        A table with other columns is left alone while it holds rows.
        """
        if name in self.tables():
            there = self.table(name)
            if there.columns == tuple(schema.names) or self.count(there):
                return
        with self.transaction():
            self._declare(name, schema, temporary=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside the block happen together, or none of them when it raises; blocks may nest.

        Raises:
            WarehouseFullError: There was no room for the changes.
        """
        if self._in_transaction:
            yield
            return
        self.con.execute("BEGIN TRANSACTION")
        self._in_transaction = True
        try:
            yield
            self.con.execute("COMMIT")
        except BaseException as error:
            with suppress(duckdb.Error):
                self.con.execute("ROLLBACK")
            say_when_full(error)
            raise
        finally:
            self._in_transaction = False

    @contextmanager
    def keeping(self) -> Iterator[Callable[[ir.Table], ir.Table]]:
        """Within the block, a function that puts an expression's rows into a temporary table; dropped after it."""
        kept: list[str] = []

        def keep(rows: ir.Table) -> ir.Table:
            self._kept += 1
            name = f"kept_{self._kept}"
            self._create(name, rows, temporary=True)
            kept.append(name)
            return _as_made(self.ibis, name, rows.schema())

        try:
            yield keep
        except duckdb.Error as error:
            say_when_full(error)
            raise
        finally:
            # After an error the transaction, and with it these tables, may be gone already.
            with suppress(duckdb.Error):
                self.drop(kept)

    def _create(self, name: str, rows: ir.Table, *, temporary: bool) -> int:
        """CREATE with the expression's own types, then INSERT: the engine's wider results are narrowed, or refused."""
        schema = rows.schema()
        query = self.ibis.compiler.to_sqlglot(rows)
        into = self._declare(name, schema, temporary=temporary)
        columns = [exp.to_identifier(each, quoted=True) for each in schema.names]
        insert = exp.insert(query, into=into, columns=columns, copy=False)
        ((count,),) = self.con.execute(insert.sql("duckdb", copy=False)).fetchall()
        return int(count)

    def _declare(self, name: str, schema: ibis.Schema, *, temporary: bool) -> exp.Table:
        table = exp.Table(this=exp.to_identifier(name, quoted=True))
        create = exp.Create(
            kind="TABLE",
            this=exp.Schema(this=table, expressions=schema.to_sqlglot_column_defs(self.ibis.dialect)),
            replace=True,
            properties=exp.Properties(expressions=[exp.TemporaryProperty()] if temporary else []),
        )
        self.con.execute(create.sql("duckdb"))
        return table

    def count(self, rows: ir.Table) -> int:
        """Number of rows of an expression."""
        return int(self.ibis.to_pyarrow(rows.count()).as_py())

    def fetch(self, rows: ir.Table) -> pa.Table:
        """The expression's rows, in memory."""
        return self.ibis.to_pyarrow(rows)

    def drop(self, names: Sequence[str]) -> None:
        """Remove tables that are there."""
        for name in names:
            table = exp.Table(this=exp.to_identifier(name, quoted=True))
            self.con.execute(exp.Drop(kind="TABLE", tables=[table], exists=True).sql("duckdb"))


def _as_made(backend: Backend, name: str, schema: ibis.Schema) -> ir.Table:
    """A table as an expression without asking the engine for what it was made with just now."""
    return DatabaseTable(name, schema=schema, source=backend, namespace=Namespace()).to_expr()


def half_of_memory() -> int:
    """Half of the machine's memory, in bytes: what tables and operators may take where nobody said how much."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
