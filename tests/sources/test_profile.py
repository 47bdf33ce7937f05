"""The quality profile, on small made tables whose every figure is known and on public ones."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from habitue.sources.profile import ProfileRequest, profile_table
from habitue.sources.profile_values import ColumnProfile, TableProfile, read_profile

NOW = datetime(2026, 4, 1, tzinfo=UTC)
REQUEST = ProfileRequest(now=NOW)


@pytest.fixture(scope="module")
def engine() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


def _table(columns: Mapping[str, Sequence[object]], schema: Mapping[str, str]) -> ir.Table:
    rows = list(zip(*columns.values(), strict=True))
    return ibis.memtable(rows, schema=ibis.schema(dict(schema)))


def _profile(name: str, kind: str, values: Sequence[object]) -> ColumnProfile:
    return profile_table(_table({name: values}, {name: kind}), REQUEST).columns[0]


def _codes(column: ColumnProfile) -> list[str]:
    return [hint.code for hint in column.hints]


def test_completeness_validity_and_uniqueness_are_shares_of_the_right_rows() -> None:
    table = _table({"email": ["a@x.io", "b@x.io", "b@x.io", None]}, {"email": "string"})
    request = ProfileRequest(now=NOW, failed={"email": 12})
    column = profile_table(table, request).column("email")
    assert (column.present, column.missing, column.completeness) == (3, 1, 0.75)
    assert column.validity == 4 / 16
    assert (column.distinct, column.is_distinct_exact, column.uniqueness) == (2, True, 2 / 3)


def test_an_empty_table_has_a_profile() -> None:
    schema = {"a": "int64", "b": "string", "c": "timestamp(6)", "d": "boolean"}
    nothing: dict[str, list[object]] = {name: [] for name in schema}
    profile = profile_table(_table(nothing, schema), REQUEST)
    assert (profile.rows, profile.duplicate_rows) == (0, 0)
    assert all(column.completeness == column.validity == column.uniqueness == 1.0 for column in profile.columns)
    assert read_profile(json.dumps(profile.to_json())) == profile


def test_repeated_rows_and_repeated_keys_are_counted_apart() -> None:
    columns: dict[str, list[object]] = {"order": [1, 1, 1, 2, None, None], "line": ["a", "a", "b", "a", "a", "a"]}
    table = _table(columns, {"order": "int64", "line": "string"})
    profile = profile_table(table, ProfileRequest(now=NOW, key=("order",)))
    assert (profile.duplicate_rows, profile.duplicate_keys) == (2, 3)
    assert profile_table(table, REQUEST).duplicate_keys is None


def test_values_of_personal_columns_are_nowhere_in_the_profile() -> None:
    columns: dict[str, list[object]] = {
        "email": ["ann.secret@example.org"] * 3,
        "born": [datetime.fromisoformat("1977-07-07")] * 3,
        "salary": [77_777.5] * 3,
        "city": ["Leeds"] * 3,
    }
    schema = {"email": "string", "born": "timestamp(6)", "salary": "float64", "city": "string"}
    request = ProfileRequest(now=NOW, personal=frozenset({"email", "born", "salary"}))
    text = json.dumps(profile_table(_table(columns, schema), request).to_json())
    assert "Leeds" in text
    assert not [secret for secret in ("secret", "1977", "77777") if secret in text]


def test_freshness_counts_from_now_and_gaps_skip_weekdays_that_never_have_rows() -> None:
    start = datetime.fromisoformat("2026-01-05")
    mondays_to_fridays = [day for day in (start + timedelta(days=step) for step in range(70)) if day.weekday() < 5]
    lost_week = [day for day in mondays_to_fridays if not 21 <= (day - start).days < 28]
    column = _profile("at", "timestamp(6)", [*lost_week, datetime.fromisoformat("2026-04-02")])
    assert column.time is not None
    assert column.time.newest == datetime(2026, 4, 2, tzinfo=UTC)
    assert column.time.age_s == -86_400
    assert (column.time.future_count, _codes(column)) == (1, ["in_the_future"])
    assert column.time.longest_gap_days == 13
    weeks = _profile("at", "timestamp(6)", lost_week).time
    assert weeks is not None
    assert (weeks.longest_gap_days, weeks.empty_days) == (5, 5)
    assert weeks.longest_gap_from == datetime(2026, 1, 26, tzinfo=UTC)


def test_numbers_are_described_by_hand_counted_figures() -> None:
    column = _profile("n", "float64", [-2.0, 0.0, 1.0, 2.0, 4.0, None, float("inf"), float("nan")])
    number = column.number
    assert number is not None
    assert (column.present, number.minimum, number.maximum, number.mean) == (5, -2.0, 4.0, 1.0)
    assert (number.zero_count, number.negative_count) == (1, 1)
    assert number.quantiles[4] == 1.0
    assert (sum(number.counts), len(number.edges)) == (5, len(number.counts) + 1)
    assert _codes(column) == ["not_finite", "whole_numbers"]


def test_a_skewed_column_is_judged_on_a_logarithmic_scale() -> None:
    spend = np.random.default_rng(3).lognormal(3, 1, 4_000)
    spend[:5] = 1e7
    number = _profile("spend", "float64", spend.tolist()).number
    assert number is not None
    outliers = number.outliers
    assert outliers.transform == "log"
    assert 5 <= outliers.count <= 8
    assert outliers.iqr_share > 0.05
    signed = _profile("profit", "float64", (spend[5:] - 5).tolist()).number
    assert signed is not None
    assert signed.outliers.transform == "asinh"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["1,5", "2", "-3.25"], "text_of_numbers"),
        (["2026-01-02", "2026-01-03 10:00"], "text_of_times"),
        (["Yes", "no"], "text_of_booleans"),
        (["a@example.org", "b@example.org"], "emails"),
        (["?", "blue"], "placeholders"),
        (["", "blue"], "blank"),
        ([" red", "blue"], "padded"),
        (["Red", "red"], "spellings"),
        (["same", "same"], "constant"),
        (["one", None, None], "mostly_missing"),
        (["one", "two"], "unique"),
        ([None, None], "empty"),
    ],
)
def test_a_column_that_wants_a_look_gets_a_hint(values: list[str | None], code: str) -> None:
    assert code in _codes(_profile("column", "string", values))


def test_postcodes_with_leading_zeros_are_not_taken_for_numbers() -> None:
    assert "text_of_numbers" not in _codes(_profile("code", "string", ["01067", "10115", "80331"]))


def test_a_long_table_is_sampled_evenly_and_always_alike(engine: Backend) -> None:
    numbers = engine.create_table("long", ibis.range(200_000).unnest().name("n").as_table())
    request = ProfileRequest(now=NOW, sample=5_000, seed=4)
    one, other = (profile_table(numbers, request) for _ in range(2))
    assert one == other
    number = one.column("n").number
    assert number is not None
    assert 4_500 < one.sampled < 5_500
    assert (number.maximum, one.column("n").distinct) == (199_999, 200_000)
    assert number.quantiles[4] == pytest.approx(100_000, rel=0.02)
    assert profile_table(numbers, ProfileRequest(now=NOW, sample=5_000, seed=5)).column("n") != one.column("n")


JUNK = st.one_of(st.none(), st.floats(), st.sampled_from([0.0, 1e308, -1e308, 5e-324]))


@settings(max_examples=20)
@given(values=st.lists(JUNK, max_size=30))
def test_any_numbers_have_a_profile_that_can_be_written_and_read(values: list[float | None]) -> None:
    profile = profile_table(_table({"n": values}, {"n": "float64"}), REQUEST)
    text = json.dumps(profile.to_json(), allow_nan=False)
    assert read_profile(text) == profile


@pytest.mark.public_data
def test_the_profile_of_raw_orders_gives_the_known_counts(engine: Backend, public_data: Path) -> None:
    path = public_data / "online_retail" / "online_retail_2009_2010.csv.gz"
    orders = engine.create_table("orders", engine.read_csv(str(path)))
    profile: TableProfile = profile_table(orders, ProfileRequest(now=NOW, sample=20_000))
    assert (profile.rows, profile.duplicate_rows) == (525_461, 6_865)
    assert profile.column("Customer ID").missing == 107_927
    assert profile.column("Invoice").distinct == 28_816
    quantity = profile.column("Quantity").number
    assert quantity is not None
    assert quantity.outliers.transform == "asinh"
    assert quantity.outliers.share < quantity.outliers.iqr_share
