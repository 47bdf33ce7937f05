"""The yardstick: queries written by hand for DuckDB, over the same warehouse tables that Habitue reads."""

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from bench.contender import THREADS, Contender, Held, Limits
from bench.dataset import Dataset
from bench.definitions import Definition

QUERIES = Path(__file__).parent / "sql"


class SqlContender(Contender):
    """DuckDB on constant SQL texts with one bound parameter, the instant asked about."""

    def __init__(self, con: duckdb.DuckDBPyConnection, now: datetime) -> None:
        self.versions = {"duckdb": duckdb.__version__}
        self._con = con
        self._now = now.replace(tzinfo=None)

    def answer(self, definition: Definition) -> Held:
        """Read the query, run it, fetch the result."""
        query = (QUERIES / definition.sql_file).read_text(encoding="utf-8")
        rows: pa.Table = self._con.execute(query, {"now": self._now}).to_arrow_table()
        return lambda: rows

    def close(self) -> None:
        """Close the connection."""
        self._con.close()


def open_contender(dataset: Dataset, limits: Limits) -> Contender:
    """The warehouse opened read-only."""
    con = duckdb.connect(
        dataset.warehouse,
        read_only=True,
        config={
            "threads": THREADS,
            "memory_limit": f"{limits.memory_mb}MB",
            "temp_directory": str(limits.spill),
        },
    )
    con.execute("set enable_progress_bar = false")
    return SqlContender(con, dataset.now)
