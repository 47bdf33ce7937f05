"""Drift against the profile before: real shifts are seen, other samples of the same are not."""

from collections.abc import Sequence
from datetime import UTC, datetime

import ibis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.sources.profile import ProfileRequest, profile_table
from habitue.sources.profile_drift import compare_numbers, compare_shares, stability_index
from habitue.sources.profile_values import ColumnDrift, TableProfile

REQUEST = ProfileRequest(now=datetime(2026, 4, 1, tzinfo=UTC))
ROWS = 5_000
LEVELS = np.linspace(0, 1, 101)


def _profile(values: Sequence[object], kind: str, before: TableProfile | None = None) -> TableProfile:
    made = ibis.memtable([(value,) for value in values], schema=ibis.schema({"x": kind}))
    return profile_table(made, REQUEST, previous=before)


def _drift(before: Sequence[object], after: Sequence[object], kind: str = "float64") -> ColumnDrift:
    drift = _profile(after, kind, _profile(before, kind)).column("x").drift
    assert drift is not None
    return drift


def test_shifts_that_the_usual_limits_of_the_stability_index_miss_are_seen() -> None:
    draw = np.random.default_rng(1)
    before = draw.normal(size=ROWS).tolist()
    shifted = _drift(before, draw.normal(0.25, size=ROWS).tolist())
    wider = _drift(before, draw.normal(0, 1.35, size=ROWS).tolist())
    same = _drift(before, draw.normal(size=ROWS).tolist())
    assert [shifted.has_drifted, wider.has_drifted, same.has_drifted] == [True, True, False]
    assert shifted.psi is not None
    assert shifted.psi < 0.1


def test_small_tables_do_not_drift_by_chance() -> None:
    draw = np.random.default_rng(2)
    before = draw.normal(size=30).tolist()
    assert not _drift(before, draw.normal(size=30).tolist()).has_drifted


def test_a_value_that_becomes_frequent_or_missing_is_drift() -> None:
    before = ["web"] * 800 + ["shop"] * 200
    assert _drift(before, ["web"] * 600 + ["shop"] * 200 + ["app"] * 200, "string").has_drifted
    gone = _drift(before, ["web"] * 800 + [None] * 200, "string")
    assert (gone.has_drifted, round(gone.missing_change, 6)) == (True, 0.2)
    assert not _drift(before, before, "string").has_drifted


def test_columns_that_came_and_went_are_named() -> None:
    before = _profile([1, 2], "int64")
    made = ibis.memtable([(1,)], schema=ibis.schema({"y": "int64"}))
    after = profile_table(made, REQUEST, previous=before)
    assert (after.new_columns, after.lost_columns) == (("y",), ("x",))
    assert after.column("y").drift is None


def test_the_stability_index_of_a_worked_example() -> None:
    # (0.3 - 0.2) ln(0.3 / 0.2) + (0.7 - 0.8) ln(0.7 / 0.8)
    assert stability_index([0.2, 0.8], [0.3, 0.7]) == pytest.approx(0.040547 + 0.013353, abs=1e-6)


VALUES = st.lists(st.integers(-6, 6).map(float), min_size=40, max_size=200)


@given(before=VALUES, after=VALUES)
def test_the_distance_is_that_of_kolmogorov_and_smirnov_to_one_percent(before: list[float], after: list[float]) -> None:
    # Percentiles by inverse distribution, so that the only error is that of 101 levels.
    grid = np.quantile(before, LEVELS, method="inverted_cdf")
    _, distance = compare_numbers(grid.tolist(), np.array(after))
    assert distance == pytest.approx(_naive_distance(before, after), abs=0.0201)


def _naive_distance(one: list[float], other: list[float]) -> float:
    """The largest difference of both distribution functions, point by point."""
    return max(
        abs(sum(value <= point for value in one) / len(one) - sum(value <= point for value in other) / len(other))
        for point in {*one, *other}
    )


def test_shares_of_unnamed_values_count_as_one_value() -> None:
    psi, distance = compare_shares({"a": 0.5, "b": 0.3}, {"a": 0.5, "c": 0.1})
    assert distance == pytest.approx(0.3)
    assert psi > 0.3
