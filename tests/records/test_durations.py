"""Durations read as written and write as read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.records.durations import LONGEST, DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30d", 2_592_000),
        ("24h", 86_400),
        ("90m", 5_400),
        ("10s", 10),
        ("2w", 1_209_600),
        ("1d12h", 129_600),
        ("0d", 0),
    ],
)
def test_each_unit_has_its_exact_length(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds * 1_000_000


def test_decimal_seconds_are_microseconds() -> None:
    assert parse_duration("0.000001s") == 1
    assert parse_duration("1m0.5s") == 60_500_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "30",
        "d",
        "30 d",
        "-1d",
        "+1d",
        "1.5h",
        "12h1d",
        "1d1d",
        "1y",
        "30D",
        "٣d",
        "1d\n",
        "9999999999d",
        "40000d",
    ],
)
def test_anything_else_is_refused_with_its_code(text: str) -> None:
    with pytest.raises(DurationError) as refusal:
        parse_duration(text)
    assert refusal.value.code == "DURATION"
    assert isinstance(refusal.value, HabitueError)
    assert isinstance(refusal.value, ValueError)
    assert "30d" in refusal.value.do


def test_a_very_long_text_is_not_repeated_whole() -> None:
    with pytest.raises(DurationError) as refusal:
        parse_duration("x" * 100_000)
    assert len(refusal.value.what) < 100


@pytest.mark.parametrize("us", [-1, LONGEST + 1])
def test_lengths_out_of_range_are_not_written(us: int) -> None:
    with pytest.raises(DurationError):
        format_duration(us)


@given(st.integers(0, LONGEST))
def test_what_is_written_reads_back_the_same(us: int) -> None:
    assert parse_duration(format_duration(us)) == us


@given(st.text(alphabet="0123456789wdhms. ", max_size=12))
def test_a_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        us = parse_duration(text)
    except DurationError:
        return
    assert 0 <= us <= LONGEST
    assert parse_duration(format_duration(us)) == us
