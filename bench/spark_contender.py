"""Spark on this machine alone: the queries written by hand for it, over the same rows in Parquet."""

from pathlib import Path

import pyarrow as pa
import pyspark
from pyspark.sql import SparkSession

from bench.contender import THREADS, Contender, Held, Limits
from bench.dataset import Dataset, event_tables
from bench.definitions import Definition

_QUERIES = Path(__file__).parent / "sql" / "spark"


class SparkContender(Contender):
    """One local session; the times of the Java process it starts are counted with this one's."""

    def __init__(self, session: SparkSession, dataset: Dataset) -> None:
        self.versions = {"pyspark": pyspark.__version__}
        self._session = session
        self._now = dataset.now.replace(tzinfo=None)
        for table in ("customers", *event_tables()):
            session.read.parquet(str(dataset.parquet(table))).createOrReplaceTempView(table)

    def answer(self, definition: Definition) -> Held:
        """Read the query, run it, fetch the result."""
        query = (_QUERIES / definition.sql_file).read_text(encoding="utf-8")
        rows: pa.Table = self._session.sql(query, args={"now": self._now}).toArrow()
        return lambda: rows

    def close(self) -> None:
        """Stop the session and its Java process."""
        self._session.stop()


def open_contender(dataset: Dataset, limits: Limits) -> Contender:
    """A local session without a web page, in UTC."""
    session = (
        SparkSession.builder.master(f"local[{THREADS}]")
        .appName("bench")
        .config("spark.driver.memory", "6g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", str(limits.spill))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", str(4 * THREADS))
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return SparkContender(session, dataset)
