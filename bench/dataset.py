"""The generated tables on disk: a DuckDB warehouse and the same rows as Parquet, made once per recipe."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.generate import CATEGORIES, EVENTS, GENERATION, PRODUCTS, Day, Recipe, days
from habitue.records import event_table

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PROPERTIES = {
    "Page Viewed": ("category",),
    "Product Viewed": ("product_id", "category"),
    "Product Added": ("product_id", "category", "items"),
    "Cart Viewed": ("items",),
    "Email Opened": ("category",),
    "Order Completed": ("product_id", "category", "revenue", "items"),
}
_COUNTRIES = ("GB", "DE", "FR", "NL", "ES", "PL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One generated history in its folder.

    Attributes:
        folder: Holds `warehouse.duckdb` and one Parquet file per table.
        events: Rows over all event tables.
        customers: Rows of the customers table.
        now: The instant the definitions are asked for, that of the newest event (aware, UTC).
    """

    folder: Path
    events: int
    customers: int
    now: datetime

    @property
    def warehouse(self) -> Path:
        """The DuckDB file, laid out as a project's warehouse."""
        return self.folder / "warehouse.duckdb"

    def parquet(self, table: str) -> Path:
        """The file with the rows of one warehouse table, in the same order."""
        return self.folder / f"{table}.parquet"


def folder_of(cache: Path, recipe: Recipe) -> Path:
    """Where the history of a recipe lives; another recipe or generator has another folder."""
    name = f"v{GENERATION}-{recipe.events}-{recipe.customers}-{recipe.days}d-{recipe.seed}"
    return cache / "histories" / name


def open_dataset(folder: Path) -> Dataset | None:
    """The history in a folder, or None when none was finished there."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return None
    return _read(json.loads(manifest.read_text(encoding="utf-8")), folder)


def _read(facts: Mapping[str, int], folder: Path) -> Dataset:
    return Dataset(
        folder=folder,
        events=facts["events"],
        customers=facts["customers"],
        now=_EPOCH + timedelta(microseconds=facts["now_us"]),
    )


def make_dataset(cache: Path, recipe: Recipe) -> Dataset:
    """The history of a recipe, generated day by day when the cache does not hold it yet."""
    folder = folder_of(cache, recipe)
    if (found := open_dataset(folder)) is not None:
        return found
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (cache / ".gitignore").write_text("*\n", encoding="utf-8")
    with duckdb.connect(folder / "warehouse.duckdb", config={"threads": 2, "memory_limit": "1GB"}) as con:
        con.execute("SET enable_progress_bar = false")
        written, now_us = _write_warehouse(con, recipe)
        for table in ("customers", *(event_table(name) for name, _ in EVENTS)):
            con.table(table).write_parquet(str(folder / f"{table}.parquet"), compression="zstd")
    facts = {"events": written, "customers": recipe.customers, "now_us": now_us}
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    return _read(facts, folder)


def _write_warehouse(con: duckdb.DuckDBPyConnection, recipe: Recipe) -> tuple[int, int]:
    """Fill the tables in time order; the number of events and the microsecond of the newest."""
    ids, products = customer_ids(recipe.customers), product_columns()
    countries = pa.array([_COUNTRIES[number * number % 11 % 6] for number in range(recipe.customers)])
    con.from_arrow(pa.table({"customer_id": ids, "country": countries})).create("customers")
    written, now_us = 0, 0
    con.begin()
    for day in days(recipe):
        columns = event_columns(day, ids, products)
        for kind, (name, _) in enumerate(EVENTS):
            rows = columns.filter(pa.array(day.kind == kind)).select([*_OWN_COLUMNS, *PROPERTIES[name]])
            _append(con, event_table(name), rows)
        written += day.customer.size
        now_us = int(day.occurred_us[-1])
    con.commit()
    con.execute("checkpoint")
    return written, now_us


_OWN_COLUMNS = (
    "customer_id",
    "occurred_at",
    "position",
    "event_id",
    "local_hour",
    "local_weekday",
    "local_month",
)


def _append(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    fresh = con.from_arrow(rows)
    if _has_table(con, table):
        fresh.insert_into(table)
    else:
        fresh.create(table)


def _has_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = con.execute("select 1 from duckdb_tables() where table_name = ?", [table]).fetchone()
    return found is not None


def _texts(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def customer_ids(count: int) -> pa.Array:
    """The id of each customer by number."""
    return pc.binary_join_element_wise("u", pc.utf8_lpad(_texts(np.arange(count)), 7, "0"), "")


def product_columns() -> pa.Table:
    """Id and category of each product by number."""
    ids = pc.binary_join_element_wise("p", pc.utf8_lpad(_texts(np.arange(PRODUCTS)), 5, "0"), "")
    categories = pa.array([f"c{number % CATEGORIES:02d}" for number in range(PRODUCTS)])
    return pa.table({"product_id": ids, "category": categories})


def event_columns(day: Day, ids: pa.Array, products: pa.Table) -> pa.Table:
    """All columns any event table has, for the events of one day; local times are those of UTC.

    Args:
        day: The events.
        ids: Of all customers, by number.
        products: Of `product_columns`.
    """
    occurred = pa.array(day.occurred_us).cast(pa.timestamp("us"))
    viewed = products.take(pa.array(day.product))
    return pa.table(
        {
            "customer_id": ids.take(pa.array(day.customer)),
            "occurred_at": occurred,
            "position": pa.array(day.position),
            "event_id": pc.binary_join_element_wise("e", pc.utf8_lpad(_texts(day.position), 15, "0"), ""),
            "local_hour": pc.hour(occurred).cast(pa.int8()),
            "local_weekday": pc.day_of_week(occurred, count_from_zero=False).cast(pa.int8()),
            "local_month": pc.month(occurred).cast(pa.int8()),
            "product_id": viewed["product_id"],
            "category": viewed["category"],
            "items": pa.array(day.items),
            "revenue": _money(day.cents),
        }
    )


def _money(cents: np.ndarray) -> pa.Array:
    """Exact decimals with four places, from their two 64-bit halves (amounts are never negative)."""
    halves = np.zeros((cents.size, 2), dtype="<i8")
    halves[:, 0] = cents * 100
    return pa.Array.from_buffers(pa.decimal128(18, 4), cents.size, [None, pa.py_buffer(halves.tobytes())])


def event_tables() -> Sequence[str]:
    """The names of the event tables, most rows first."""
    return [event_table(name) for name, _ in EVENTS]
