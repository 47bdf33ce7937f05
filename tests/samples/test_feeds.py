"""Columns of text, and the files they go to."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from habitue.samples.dice import Dice
from habitue.samples.feeds import FeedFile, Rows, Spoiling, field, instants, number, only_where, pounds, scrambled
from habitue.samples.truth import decimals


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_pence_are_written_as_exact_pounds(pence: list[int]) -> None:
    assert [Decimal(each) * 100 for each in pounds(np.array(pence)).to_pylist()] == pence


@given(st.lists(st.floats(-(10**6), 10**6), min_size=1))
def test_numbers_are_written_with_six_decimals(values: list[float]) -> None:
    for text, value in zip(decimals(np.array(values)).to_pylist(), values, strict=True):
        assert abs(float(text) - value) < 6e-7
        assert len(text.split(".")[1]) == 6


def test_scrambled_numbers_never_meet() -> None:
    near = np.arange(200_000)
    far = np.concatenate([near, near + 2**40, near + 2**42, near + 2**43])
    assert len(set(scrambled(far).to_pylist())) == len(far)


def test_instants_carry_milliseconds_and_their_zone() -> None:
    assert instants(np.array([1_782_864_000]), np.array([7])).to_pylist() == ["2026-07-01T00:00:00.007Z"]


def test_missing_members_are_left_out_of_objects(tmp_path: Path) -> None:
    rows = Rows(
        names=("a", "b"),
        columns=(
            field("a", only_where(pa.array(["x", "y"]), np.array([True, False]))),
            number("b", pa.array(["1", "2"])),
        ),
        form="ndjson",
    )
    with FeedFile(tmp_path / "f.ndjson") as file:
        file.append(rows, Dice(0))
    assert (tmp_path / "f.ndjson").read_text() == '{"a":"x","b":1}\n{"b":2}\n'


def test_spoilt_rows_are_added_and_counted_and_the_good_ones_stay(tmp_path: Path) -> None:
    rows = Rows(names=("id", "n"), columns=(pa.array(["1", "2"]), pa.array(["10", "20"])))
    bad = Spoiling(kind="wrong_type", column="n", value="many")
    with FeedFile(tmp_path / "f.csv", [bad]) as file:
        file.append(rows, Dice(0), 3)
        file.append(rows, Dice(1), 1)
        assert (file.rows, file.spoilt, file.faults()) == (8, [4], [("wrong_type", "n", 4)])
    lines = (tmp_path / "f.csv").read_text().splitlines()
    assert lines[:3] == ["id,n", "1,10", "2,20"]
    assert sum(line.endswith(",many") for line in lines) == 4


def test_a_feed_without_rows_still_says_its_columns(tmp_path: Path) -> None:
    empty = pa.array([], pa.string())
    with FeedFile(tmp_path / "f.csv", [Spoiling(kind="wrong_type", column="n", value="x")]) as file:
        file.append(Rows(names=("id", "n"), columns=(empty, empty)), Dice(0), 2)
    assert (tmp_path / "f.csv").read_text() == "id,n\n"
