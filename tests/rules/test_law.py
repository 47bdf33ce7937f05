"""The law: whatever the rule, the history and the instant, every reading answers as the oracle does.

Each case is a rule, drawn first, a short history aimed at its edges, and an instant. `HYPOTHESIS_PROFILE=ci` holds
more than 10,000 of them, always the same; other profiles a few hundred, always new.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.nodes import Node
from habitue.rules.reading import read
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, InMemory, cases, differences
from tests.rules.typed_rules import rules_for, values_for

RULES, PEOPLE = 6, 5
PARTS = 2
"""No test is so long that a loaded machine takes it for one that hangs."""
# A case is long; what is wrong with it is said by the difference itself.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
ANY_VALUE = st.sampled_from([Kind.INTEGER, Kind.MONEY, Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.TIME]).flatmap(
    lambda kind: values_for(CATALOGUE, kind)
)


@pytest.fixture(scope="module")
def engine() -> Iterator[InMemory]:
    """One DuckDB for all cases."""
    made = InMemory(CATALOGUE)
    yield made
    made.con.close()


def held(engine: InMemory, rules: st.SearchStrategy[Node], examples: int, *, part: int = 0) -> int:
    """Hold the law over drawn examples; returns the number of cases (rule, short history, instant).

    Args:
        engine: Where the batch reading runs.
        rules: What is drawn.
        examples: How often.
        part: Other parts draw other examples.
    """
    count = 0

    @settings(max_examples=examples)
    @given(cases(engine.catalogue, rules, many=RULES, people=PEOPLE))
    def hold(case: Case) -> None:
        nonlocal count
        count += sum(map(len, case.aimed))
        found = differences(engine, case)
        assert not found, f"{len(found)} differences, the first: {found[0]}"

    (seed(part) if THOROUGH and part else _as_it_is)(hold)()
    return count


def _as_it_is(hold: Callable[[], None]) -> Callable[[], None]:
    return hold


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_drawn_rules_hold_for_the_same_people_in_every_reading(
    part: int, engine: InMemory, capsys: pytest.CaptureFixture[str]
) -> None:
    count = held(engine, rules_for(CATALOGUE), 205 if THOROUGH else 10, part=part)
    with capsys.disabled():
        sys.stdout.write(f" [{count:,} drawn rules with a history]")
    assert count >= (10_000 if THOROUGH else 300) / PARTS


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Africa/Cairo", "2026-04-23T22:00:00"),  # the clock goes from 00:00 to 01:00
        ("America/Havana", "2026-11-01T04:00:00"),  # from 01:00 back to 00:00, so that midnight comes twice
        ("America/Havana", "2026-11-01T05:00:00"),
        ("Asia/Kolkata", "2026-02-28T18:30:00"),
    ],
)
def test_calendar_windows_hold_where_midnight_is_skipped_or_comes_twice(zone: str, midnight: str) -> None:
    catalogue = replace(CATALOGUE, zone=ZoneInfo(zone))
    start = datetime.fromisoformat(midnight).replace(tzinfo=UTC)
    nows = [start, start + timedelta(hours=30), start - timedelta(microseconds=1), start + timedelta(minutes=70)]
    there = InMemory(catalogue)
    windows = ("today=True", "this_week=True", "this_month=True", "since='2026-04-24'", "since='2026-11-01'")
    rules = st.sampled_from([read(f"count('Order Completed', {window})") for window in windows])

    @settings(max_examples=8)
    @given(cases(catalogue, rules, many=5, people=3, nows=nows))
    def hold(case: Case) -> None:
        assert [str(each) for each in differences(there, case)] == []

    hold()


@pytest.mark.slow
def test_drawn_values_are_the_same_in_every_reading(engine: InMemory, capsys: pytest.CaptureFixture[str]) -> None:
    count = held(engine, ANY_VALUE, 120 if THOROUGH else 10)
    with capsys.disabled():
        sys.stdout.write(f" [{count:,} drawn values with a history]")
    assert count >= (3_000 if THOROUGH else 150)
