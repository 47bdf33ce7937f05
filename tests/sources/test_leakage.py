"""Columns that give away a target are named, honest ones are not: on the public data sets and on small made ones."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
import pytest

from habitue.sources.leakage import area_under_roc, find_leaks
from habitue.sources.profile_values import Leak

Truth = np.ndarray[tuple[int], np.dtype[np.bool_]]
BANK = "bank-additional/bank-additional-full.csv"
ROWS = 2_000


def _read(path: Path, *, names: list[str] | None = None) -> pa.Table:
    with gzip.open(path) as file:
        text = file.read()
    return pv.read_csv(
        io.BytesIO(text),
        read_options=pv.ReadOptions(column_names=names),
        convert_options=pv.ConvertOptions(strings_can_be_null=True, null_values=["", "NA", "NULL"]),
    )


def _bank(data: Path) -> pa.Table:
    with zipfile.ZipFile(data / "bank_marketing" / "bank-additional.zip") as packed:
        return pv.read_csv(io.BytesIO(packed.read(BANK)), parse_options=pv.ParseOptions(delimiter=";"))


def _named(leaks: tuple[Leak, ...]) -> list[str]:
    return [leak.column for leak in leaks]


@pytest.mark.public_data
def test_the_length_of_the_call_gives_away_its_outcome(public_data: Path) -> None:
    leaks = find_leaks(_bank(public_data), "y", seed=1)
    assert _named(leaks) == ["duration"]
    assert not leaks[0].is_certain


@pytest.mark.public_data
def test_the_value_of_pages_before_a_purchase_gives_the_purchase_away(public_data: Path) -> None:
    sample = _read(public_data / "online_shoppers" / "online_shoppers_intention.csv.gz")
    assert _named(find_leaks(sample, "revenue", seed=1)) == ["pagevalues"]


@pytest.mark.public_data
def test_the_status_of_a_booking_says_that_it_was_cancelled_and_the_assigned_room_is_questioned(
    public_data: Path,
) -> None:
    sample = _read(public_data / "hotel_bookings" / "arrivals_before_2017_03.csv.gz")
    leaks = {leak.column: leak for leak in find_leaks(sample, "is_canceled", seed=1)}
    assert leaks["reservation_status"].is_certain
    twins = leaks["reserved_room_type / assigned_room_type"]
    assert (twins.reason, twins.is_certain) == ("twins", False)
    assert set(leaks) == {"reservation_status", "reserved_room_type / assigned_room_type"}


@pytest.mark.public_data
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_honest_columns_of_churn_and_income_are_not_named(public_data: Path, seed: int) -> None:
    churn = _read(public_data / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv.gz")
    assert find_leaks(churn, "Churn", seed=seed) == ()
    income = _read(public_data / "adult" / "adult.data.gz", names=[f"column_{index}" for index in range(15)])
    assert find_leaks(income, "column_14", seed=seed) == ()


def _made(target: Truth, **columns: Sequence[object]) -> pa.Table:
    return pa.table({"bought": target.tolist(), **{name: list(values) for name, values in columns.items()}})


@pytest.fixture
def bought() -> Truth:
    return np.random.default_rng(5).random(ROWS) < 0.3


def test_a_column_filled_in_only_after_the_target_is_known_by_its_missing_pattern(
    bought: Truth,
) -> None:
    noise = np.random.default_rng(6).integers(0, 50, ROWS)
    refunds = [int(value) if was else None for value, was in zip(noise, bought, strict=True)]
    (leak,) = find_leaks(_made(bought, refund_reason=refunds), "bought", seed=0)
    assert (leak.column, leak.reason, leak.is_certain) == ("refund_reason", "missing_pattern", True)


def test_a_dependence_that_goes_up_and_down_is_seen(bought: Truth) -> None:
    noise = np.random.default_rng(6).random(ROWS)
    middling = [float(0.4 + value / 5 if was else value) for value, was in zip(noise * 10 % 1, bought, strict=True)]
    (leak,) = find_leaks(_made(bought, middling=middling), "bought", seed=0)
    assert leak.column == "middling"


def test_an_identifier_is_not_learnt_by_heart(bought: Truth) -> None:
    table = _made(bought, customer=[f"c{index}" for index in range(ROWS)], number=list(range(ROWS)))
    assert find_leaks(table, "bought", seed=0) == ()


def test_a_number_that_is_the_target_in_another_unit_is_certain() -> None:
    spend = np.random.default_rng(7).lognormal(3, 1, ROWS)
    other = np.random.default_rng(8).lognormal(3, 1, ROWS)
    table = pa.table({"spend": spend, "spend_cents": spend * 100 + 3, "other": other, "text": ["x"] * ROWS})
    (leak,) = find_leaks(table, "spend", seed=0)
    assert (leak.column, leak.auc) == ("spend_cents", None)
    assert (leak.explained or 0) > 0.98


def test_targets_that_cannot_be_looked_at_give_no_leaks() -> None:
    table = pa.table({"constant": [1] * 100, "few": [True] + [False] * 99, "words": list("abcd") * 25})
    assert [find_leaks(table, name, seed=0) for name in table.column_names] == [(), (), ()]


def test_the_area_counts_ties_half() -> None:
    truth = np.array([True, False, True, False])
    assert area_under_roc(np.array([1.0, 1.0, 1.0, 1.0]), truth) == 0.5
    assert area_under_roc(np.array([2.0, 1.0, 1.0, 0.0]), truth) == pytest.approx(0.875)
