"""Visits cut by Spark are the visits cut by DuckDB."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random

import ibis
import ibis.expr.types as ir
import pytest

from habitue.features.sessions import SESSION_COLUMNS, sessions
from habitue.features.sessions_given import VisitIds, sessions_given

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pyspark") is None or shutil.which("java") is None, reason="needs Java and PySpark"),
    # Ibis 12 fetches through a name that DuckDB 1.5.5 is about to drop, and calls what Spark 4 and pandas 3 deprecate.
    pytest.mark.filterwarnings("ignore"),
]

START = datetime.fromisoformat("2026-03-28T23:59:50")
GAP_US = 1_800_000_000
COLUMNS = {
    "customer_id": "string",
    "occurred_at": "timestamp(6)",
    "position": "int64",
    "session_id": "string",
    "page_view_id": "string",
    "page": "string",
    "device": "string",
    "referrer": "string",
}
STEPS_US = (0, 1, 999_999, 5_000_000, GAP_US - 1, GAP_US, GAP_US + 1, 3 * GAP_US)
Row = tuple[str, datetime, int, str | None, str | None, str | None, str | None, str | None]


def _rows(seed: int, customers: int = 40) -> list[Row]:
    draw = Random(seed)
    rows: list[Row] = []
    positions = list(range(customers * 12))
    draw.shuffle(positions)
    for customer in range(customers):
        moment = START
        for step in range(12):
            moment += timedelta(microseconds=draw.choice(STEPS_US))
            place = positions[customer * 12 + step]
            page, device, referrer = (draw.choice([None, "/a", "/b", "/c"]) for _ in range(3))
            visit = draw.choice([None, "s1", "s2"])
            rows.append((f"c{customer}", moment, place, visit, f"v{draw.randrange(4)}", page, device, referrer))
    return rows


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(folder))
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
    session.stop()


def _on_both(spark: ibis.BaseBackend, folder: Path) -> list[list[tuple[str, ir.Table]]]:
    """The same events as Parquet, seen by both engines."""
    duckdb = ibis.duckdb.connect()
    both: list[list[tuple[str, ir.Table]]] = [[], []]
    for seed, event in enumerate(("Page Viewed", "Page Ping", "Order Completed")):
        path = folder / f"{seed}.parquet"
        ibis.memtable(_rows(seed), schema=ibis.schema(COLUMNS)).mutate(position=ibis._.position * 3 + seed).to_parquet(
            path
        )
        both[0].append((event, duckdb.read_parquet(path, table_name=f"events_{seed}")))
        table = spark.read_parquet(path, table_name=f"events_{seed}")
        both[1].append((event, table.mutate(occurred_at=table.occurred_at.cast("timestamp(6)"))))
    return both


def _answer(table: ir.Table) -> list[tuple[object, ...]]:
    plain = table.mutate(occurred_at=table.occurred_at.cast("string"), started_at=table.started_at.cast("string"))
    frame = plain.execute()
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    return sorted(rows, key=str)


TIMES = ("customer_id", "occurred_at", "duration_s", "started_at")
FIGURES = ("customer_id", "occurred_at", "position", "event_id", "started_at", "duration_s", "pages", "events")


@pytest.mark.parametrize("columns", [SESSION_COLUMNS, FIGURES, TIMES])
@pytest.mark.parametrize("gap_us", [GAP_US, 4_999_999])
def test_both_engines_cut_the_same_visits_by_the_gap(
    spark: ibis.BaseBackend, tmp_path: Path, gap_us: int, columns: tuple[str, ...]
) -> None:
    ours, theirs = (_answer(sessions(tables, gap_us=gap_us, columns=columns)) for tables in _on_both(spark, tmp_path))
    assert len(ours) > 100
    assert ours == theirs


def test_both_engines_cut_the_same_visits_by_their_ids(spark: ibis.BaseBackend, tmp_path: Path) -> None:
    ids = VisitIds(
        session="session_id", page_view="page_view_id", ping="Page Ping", first=("referrer",), last=("device",)
    )
    ours, theirs = (_answer(sessions_given(tables, ids=ids, gap_us=GAP_US)) for tables in _on_both(spark, tmp_path))
    assert len(ours) == 80
    assert ours == theirs
