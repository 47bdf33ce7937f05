"""The conformance suite on Spark: what the batch reading answers there is what it answers on the embedded engine.

Needs Java 17 and the `spark` extra (`make spark`).
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import re2
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from habitue.engines.spark import Spark
from habitue.records import Kind
from habitue.rules.catalogue import Catalogue as RuleCatalogue
from habitue.rules.expressions import row_term
from habitue.rules.nodes import Lower, Property
from habitue.rules.operations import lowered
from habitue.rules.tables import Tables
from tests.engines.test_spark_patterns import ALIKE, TEXTS
from tests.rules.conformance import wrong
from tests.rules.example_catalogue import CATALOGUE, RELATED
from tests.rules.examples import EVENTS, PATHS, PLACES, RELATIONS, VALUES, Example
from tests.rules.law import Case, Engine, cases, differences
from tests.rules.populations import Person, arrow_tables
from tests.rules.typed_rules import relations_for, rules_for

pytest.importorskip("pyspark", reason="needs the `spark` extra: make spark")
# PySpark 4.3 warns of pandas 3 although nothing here goes through pandas.
pytestmark = [
    pytest.mark.spark,
    pytest.mark.xdist_group("spark"),
    pytest.mark.skipif(shutil.which("java") is None, reason="needs Java 17 or later"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]


INSTANT = datetime(2026, 3, 29, 2, 30, 0, 1, tzinfo=UTC)
NAIVE = INSTANT.replace(tzinfo=None)


class OnSpark(Engine):
    """Spark in this process."""

    def __init__(self, spark: Spark, catalogue: RuleCatalogue = CATALOGUE) -> None:
        super().__init__(catalogue)
        self.spark = spark

    def fill(self, people: Sequence[Person]) -> Tables:
        """Put these people in place of those that were there."""
        tables = arrow_tables(people, self.catalogue)
        return self.laid_out({name: self.spark.register(name, rows) for name, rows in tables.items()})

    def fetch(self, rows: ir.Table) -> pa.Table:
        """The rows of an expression."""
        return self.spark.fetch(rows)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """A Spark of this machine that compiles nothing: the tables are tiny and the queries many."""
    folder = tmp_path_factory.mktemp("spark")
    quick = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    engine = Spark.local(folder=folder)
    for key, value in quick.items():
        engine.session.conf.set(key, value)
    yield engine
    engine.close()


@pytest.fixture
def engine(spark: Spark) -> OnSpark:
    """The engine that the examples run on."""
    return OnSpark(spark)


@pytest.mark.parametrize(
    "examples", [EVENTS, PATHS, VALUES, *([each] for each in PLACES)], ids=lambda each: each[0].rule
)
def test_terms_mean_on_spark_what_their_examples_say(engine: OnSpark, examples: Sequence[Example]) -> None:
    assert wrong(engine, examples) == []


def test_relations_mean_on_spark_what_their_examples_say(spark: Spark) -> None:
    assert [wrong(OnSpark(spark, RELATED), [each]) for each in RELATIONS] == [[] for _ in RELATIONS]


@pytest.mark.slow
def test_drawn_relations_answer_on_spark_as_the_oracle_does(spark: Spark) -> None:
    @settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(cases(RELATED, relations_for(RELATED), many=6, people=3))
    def hold(case: Case) -> None:
        found = differences(OnSpark(spark, RELATED), case, evaluation=False)
        assert not found, f"{len(found)} differences, the first: {found[0]}"

    hold()


@pytest.mark.slow
def test_drawn_rules_answer_on_spark_as_the_oracle_does(engine: OnSpark) -> None:
    count = 0

    @settings(max_examples=14, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(cases(CATALOGUE, rules_for(CATALOGUE), many=8, people=3))
    def hold(case: Case) -> None:
        nonlocal count
        count += sum(map(len, case.aimed))
        found = differences(engine, case, evaluation=False)
        assert not found, f"{len(found)} differences, the first: {found[0]}"

    hold()
    assert count >= 200


def test_instants_texts_and_decimals_come_back_as_they_went_in(spark: Spark) -> None:
    rows = pa.table(
        {
            "instant": pa.array([NAIVE, None], pa.timestamp("us")),
            "money": pa.array([Decimal("99999999999999.9999"), None], pa.decimal128(18, 4)),
            "text": pa.array(["a'b\\n\n\"%_\u2028 😀", None], pa.string()),
            "number": pa.array([0.1 + 0.2, None], pa.float64()),
        }
    )
    assert spark.fetch(spark.register("values", rows)).to_pydict() == rows.to_pydict()


def test_times_with_a_zone_become_the_same_instants_without_one(spark: Spark) -> None:
    rows = pa.table({"instant": pa.array([INSTANT], pa.timestamp("us", tz="UTC"))})
    found = spark.fetch(spark.register("zoned", rows))
    assert found.to_pydict() == {"instant": [NAIVE]}


def test_parquet_files_are_read_with_their_exact_instants(spark: Spark, tmp_path: Path) -> None:
    rows = pa.table({"instant": pa.array([NAIVE], pa.timestamp("us"))})
    pq.write_table(rows, tmp_path / "part.parquet")
    assert spark.fetch(spark.register_parquet("from_files", tmp_path)).to_pydict() == rows.to_pydict()


def test_the_session_that_was_given_keeps_its_settings(spark: Spark) -> None:
    from pyspark.sql import SparkSession

    given_session = SparkSession.builder.getOrCreate()
    assert given_session.conf.get("spark.sql.timestampType") != "TIMESTAMP_NTZ"
    assert given_session is not spark.session


def test_a_pattern_is_found_on_spark_where_re2_finds_it(spark: Spark) -> None:
    assert not spark.whole_re2
    rows = spark.register("texts", pa.table({"text": pa.array(TEXTS, pa.string())}))
    searches = {f"found_{i}": rows.text.re_search(pattern) for i, pattern in enumerate(ALIKE)}
    found = spark.fetch(rows.select("text", **searches)).to_pydict()
    wanted = {
        f"found_{i}": [re2.search(pattern, text) is not None for text in found["text"]]
        for i, pattern in enumerate(ALIKE)
    }
    assert {name: found[name] for name in wanted} == wanted


def test_texts_are_lowered_on_spark_character_by_character(spark: Spark) -> None:
    letters = [chr(code) for code in (*range(0x80, 0x600), *range(0x1E00, 0x2000))]
    texts = [*letters, "\u0391\u03a3", "a\u0130b"]
    term = Lower(operand=Property(name="text"))
    rows = spark.register("letters", pa.table({"text": pa.array(texts, pa.string())}))
    lower = row_term(term, rows, {"text": Kind.TEXT}.get).expression
    found = spark.fetch(rows.select("text", lower=lower)).to_pydict()
    assert found["lower"] == [lowered(text) for text in found["text"]]


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
@settings(max_examples=15)
def test_any_constant_is_the_same_text_on_spark(spark: Spark, text: str) -> None:
    rows = spark.register("one", pa.table({"text": pa.array([text], pa.string())}))
    assert spark.fetch(rows.mutate(same=rows.text == text).select("same")).to_pydict() == {"same": [True]}
