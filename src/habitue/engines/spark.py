"""Spark, for data that does not fit one machine: the same tables and expressions on somebody's session.

Needs the `spark` extra and Java 17 or later. Everything here is about giving Spark the meaning that the expressions
have: times without a zone in UTC, to the microsecond; exact decimals; results that do not fit are missing.
"""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.common.patterns import InstanceOf, replace

from habitue.engines.spark_patterns import java_pattern

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend
    from pyspark.sql import DataFrame, SparkSession


class Spark:
    """Tables and answers of one Spark session.

    Attributes:
        engine: Name of the engine.
        whole_re2: Whether every RE2 pattern can be asked for. Here some cannot: `fetch` refuses them, see
            `java_pattern`.
        session: Its own session, of the same Spark as the one that was given.
        ibis: That session for table expressions.
    """

    engine: ClassVar = "spark"
    whole_re2: ClassVar = False

    def __init__(self, session: "SparkSession", *, started_here: bool = False) -> None:
        """Work beside what else the session does: its settings and its temporary views are left as they are.

        Args:
            session: A session that runs.
            started_here: Whether closing this stops it.
        """
        self.session: SparkSession = session.newSession()
        self._started_here = started_here
        self._views: set[str] = set()
        for key, value in _SETTINGS.items():
            self.session.conf.set(key, value)
        self.ibis: Backend = ibis.pyspark.connect(self.session)

    @classmethod
    def local(cls, *, folder: Path, cores: int = 2, memory: str = "1g") -> Self:
        """Work in a Spark of this machine, started when none runs in this process.

        Args:
            folder: For what Spark writes while it works.
            cores: Threads to work with.
            memory: Heap of the Java machine, as Java writes it.
        """
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(f"local[{cores:d}]").appName("habitue")
        settings = {
            "spark.driver.memory": memory,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.shuffle.partitions": str(cores),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        for key, value in settings.items():
            builder = builder.config(key, value)
        running = SparkSession.getActiveSession()
        return cls(builder.getOrCreate(), started_here=running is None)

    def register(self, name: str, rows: pa.Table) -> ir.Table:
        """Make Arrow rows known under a name, in place of what had it."""
        return self._view(name, self.session.createDataFrame(rows))

    def register_parquet(self, name: str, *folders: Path) -> ir.Table:
        """Make Parquet files or folders known under a name, in place of what had it."""
        return self._view(name, self.session.read.parquet(*(str(each) for each in folders)))

    def table(self, name: str) -> ir.Table:
        """A table or view of the session as an expression."""
        return self._view(name, self.session.table(name))

    def fetch(self, rows: ir.Table) -> pa.Table:
        """The expression's rows, in memory.

        Raises:
            SparkPatternError: It searches for a pattern that Spark cannot.
        """
        found: pa.Table = self.session.sql(self.ibis.compile(_in_java(rows))).toArrow()
        return found.cast(rows.schema().to_pyarrow())

    def close(self) -> None:
        """Forget the views made here, and stop Spark where it was started here; a session that was given goes on."""
        for each in sorted(self._views):
            self.session.catalog.dropTempView(each)
        if self._started_here:
            self.session.stop()

    def _view(self, name: str, rows: "DataFrame") -> ir.Table:
        from pyspark.sql import functions
        from pyspark.sql.types import TimestampType

        zoned = [field.name for field in rows.schema.fields if isinstance(field.dataType, TimestampType)]
        if zoned:
            # In a session whose zone is UTC this takes the zone off and leaves the instant as it is.
            rows = rows.withColumns({each: functions.col(f"`{each}`").cast("timestamp_ntz") for each in zoned})
        rows.createOrReplaceTempView(name)
        self._views.add(name)
        return self.ibis.table(name)


def _in_java(rows: ir.Table) -> ir.Table:
    """The expression with its RE2 patterns as Java writes them."""

    def turn(_: ops.RegexSearch, **_context: object) -> ops.RegexSearch:
        return _.copy(pattern=ibis.literal(java_pattern(_.pattern.value)).op())

    return rows.op().replace(replace(InstanceOf(ops.RegexSearch))(turn)).to_expr()


_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # What does not fit its type is missing, as the language has it, and never stops a job.
    "spark.sql.ansi.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # Regular expressions and texts come as they are written.
    "spark.sql.parser.escapedStringLiterals": "false",
}
