"""Preparation for learning: learnt on the training rows, the same for all others, and readable from JSON."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.features.preparation import (
    DroppedColumn,
    PreparationColumnError,
    PreparationNotWritableError,
    PreparationSpec,
    fit_preparation,
    read_preparation,
)
from habitue.features.preparation_columns import Scale
from habitue.features.preparation_imputation import Method

ROWS = 400
DRAW = np.random.default_rng(11)
TRAINING = pa.table(
    {
        "customer": [f"c{index}" for index in range(ROWS)],
        "spend": DRAW.lognormal(3, 1, ROWS),
        "age": [None if index % 7 == 0 else 20 + index % 50 for index in range(ROWS)],
        "is_member": [index % 3 == 0 for index in range(ROWS)],
        "country": ["GB"] * 300 + ["DE"] * 90 + ["FR"] * 5 + [None] * 5,
    }
)
PLAIN = PreparationSpec(outlier_limit=None, unskew=False, collinear=None)


def _fit(columns: dict[str, Sequence[object]], spec: PreparationSpec = PLAIN) -> dict[str, list[float]]:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    prepared = fit_preparation(table, spec).apply(table)
    return {name: prepared.values[:, index].tolist() for index, name in enumerate(prepared.names)}


def test_every_column_has_its_place_and_nothing_is_missing() -> None:
    preparation = fit_preparation(TRAINING, PreparationSpec(rare_share=0.05), leave_out=["customer"])
    prepared = preparation.apply(TRAINING)
    assert prepared.names == (
        *("spend", "age", "is_member", "age is missing"),
        *("country=GB", "country=DE", "country=(other)", "country=(missing)"),
    )
    assert np.isfinite(prepared.values).all()
    assert prepared.values[:, prepared.names.index("country=(other)")].sum() == 5
    assert prepared.values[:, prepared.names.index("age is missing")].sum() == 58


@pytest.mark.parametrize(
    ("scale", "expected"),
    [("standard", [-1.0, 1.0, -1.0, 1.0]), ("min_max", [0.0, 1.0, 0.0, 1.0]), ("none", [10.0, 30.0, 10.0, 30.0])],
)
def test_numbers_are_scaled_as_asked(scale: Scale, expected: list[float]) -> None:
    spec = PreparationSpec(outlier_limit=None, unskew=False, scale=scale)
    assert _fit({"n": [10, 30, 10, 30]}, spec)["n"] == pytest.approx(expected)


def test_robust_scaling_is_not_moved_by_one_wild_value() -> None:
    spec = PreparationSpec(outlier_limit=None, unskew=False, scale="robust")
    values = [float(each) for each in range(101)]
    wild = [*values[:-1], 1e9]
    assert _fit({"n": values}, spec)["n"][:100] == pytest.approx(_fit({"n": wild}, spec)["n"][:100])


def test_a_skewed_column_is_unskewed_and_its_wild_values_are_cut() -> None:
    spend = np.exp(np.random.default_rng(2).normal(size=2_000))
    spend[0] = 1e12
    prepared = _fit({"spend": spend.tolist()}, PreparationSpec())["spend"]
    assert max(prepared) < 4
    assert abs(float(np.mean(np.array(prepared) ** 3))) < 0.3


def test_values_not_above_zero_are_the_least_on_a_logarithmic_scale() -> None:
    table = pa.table({"spend": np.exp(np.random.default_rng(2).normal(size=500))})
    preparation = fit_preparation(table, PreparationSpec(outlier_limit=None))
    assert preparation.numbers[0].transform == "log"
    refunds = preparation.apply(pa.table({"spend": [-5.0, 0.0, float(np.min(table.column("spend").to_numpy()))]}))
    assert refunds.values[:, 0].tolist() == [pytest.approx(refunds.values[2, 0])] * 3


def test_unknown_text_joins_the_pooled_values_and_is_counted() -> None:
    preparation = fit_preparation(TRAINING, PreparationSpec(rare_share=0.05), leave_out=["customer"])
    rows = TRAINING.slice(0, 2).set_column(4, "country", pa.array(["JP", None]))
    prepared = preparation.apply(rows)
    levels = {name: index for index, name in enumerate(prepared.names)}
    assert prepared.values[:, levels["country=(other)"]].tolist() == [1.0, 0.0]
    assert prepared.values[:, levels["country=(missing)"]].tolist() == [0.0, 1.0]
    assert prepared.unknown == (("country", 1),)


def test_at_most_so_many_levels_get_a_column() -> None:
    prepared = _fit({"t": list("aaabbbccd")}, PreparationSpec(most_levels=2, rare_share=0.0))
    assert list(prepared) == ["t=a", "t=b", "t=(other)"]


def test_what_is_left_out_is_said_with_its_reason() -> None:
    columns = {
        "same": pa.array([3, 3, 3, 3]),
        "nothing": pa.array([None] * 4, type=pa.float64()),
        "not_a_number": pa.array([float("nan")] * 4),
        "metres": pa.array([1.0, 2.0, 4.0, 3.0]),
        "feet": pa.array([3.3, 6.6, 13.2, 9.9]),
        "seen": pa.array([0, 1, 2, 3], type=pa.timestamp("us")),
    }
    preparation = fit_preparation(pa.table(columns))
    assert preparation.names == ("metres",)
    assert sorted(preparation.dropped, key=lambda column: column.name) == [
        DroppedColumn(name="feet", reason="collinear", because="metres"),
        DroppedColumn(name="not_a_number", reason="empty"),
        DroppedColumn(name="nothing", reason="empty"),
        DroppedColumn(name="same", reason="constant"),
        DroppedColumn(name="seen", reason="type", because="timestamp[us]"),
    ]


def test_a_constant_that_is_sometimes_missing_keeps_its_indicator() -> None:
    assert list(_fit({"vip": [1, None, 1, None]})) == ["vip is missing"]


def test_held_out_rows_do_not_change_what_was_learnt() -> None:
    first = fit_preparation(TRAINING.slice(0, 300), leave_out=["customer"])
    alone = first.apply(TRAINING.slice(300, 1)).values
    together = first.apply(TRAINING.slice(300, 100)).values[:1]
    assert alone.tolist() == together.tolist()


@pytest.mark.parametrize("impute", ["median", "bayesian_ridge"])
def test_a_preparation_read_from_json_prepares_alike(impute: Method) -> None:
    preparation = fit_preparation(TRAINING, PreparationSpec(impute=impute), leave_out=["customer"])
    again = read_preparation(preparation.to_json())
    assert again == preparation
    assert again.apply(TRAINING).values.tolist() == preparation.apply(TRAINING).values.tolist()


def test_boosted_trees_cannot_be_written_down() -> None:
    preparation = fit_preparation(TRAINING, PreparationSpec(impute="gradient_boosted"), leave_out=["customer"])
    assert np.isfinite(preparation.apply(TRAINING).values).all()
    with pytest.raises(PreparationNotWritableError):
        preparation.to_json()


@pytest.mark.parametrize("columns", [{"age": [1]}, {"spend": ["dear"], "age": [1]}])
def test_a_table_of_other_columns_is_refused_by_name(columns: dict[str, list[object]]) -> None:
    preparation = fit_preparation(TRAINING.select(["spend", "age"]))
    with pytest.raises(PreparationColumnError, match="'spend'"):
        preparation.apply(pa.table(columns))


def test_no_rows_and_no_columns_are_no_trouble() -> None:
    preparation = fit_preparation(TRAINING, leave_out=["customer"])
    assert preparation.apply(TRAINING.slice(0, 0)).values.shape == (0, len(preparation.names))
    assert fit_preparation(TRAINING.select(["customer"]), leave_out=["customer"]).apply(TRAINING).names == ()


NUMBERS = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9), st.sampled_from([0.0, 1e-300])), min_size=2, max_size=40)
WORDS = st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", "(other)"])), min_size=2, max_size=40)


@settings(max_examples=60)
@given(numbers=NUMBERS, words=WORDS, scale=st.sampled_from(["standard", "min_max", "robust", "none"]))
def test_any_columns_become_finite_numbers(numbers: list[float | None], words: list[str | None], scale: Scale) -> None:
    rows = min(len(numbers), len(words))
    table = pa.table({"n": pa.array(numbers[:rows], pa.float64()), "t": pa.array(words[:rows], pa.string())})
    preparation = fit_preparation(table, PreparationSpec(scale=scale))
    prepared = preparation.apply(table)
    assert np.isfinite(prepared.values).all()
    assert len(set(prepared.names)) == len(prepared.names)
    assert read_preparation(preparation.to_json()) == preparation
