"""Periods: the day, week and month of an instant in any zone, and the period before."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.measure.periods import Every, Period, period_of, within

# Clocks that change by an hour, by half an hour, on the far side of the date line, at midnight, and never.
ZONES = [
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Santiago",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "UTC",
]
FIRST = datetime(2010, 1, 2, tzinfo=UTC)
INSTANTS = st.integers(0, 18 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


def table_of(instants: Sequence[datetime]) -> ir.Table:
    plain = [each.replace(tzinfo=None) for each in instants]
    return ibis.memtable(pa.table({"occurred_at": pa.array(plain, pa.timestamp("us"))}))


@settings(max_examples=40)
@given(
    zone=st.sampled_from(ZONES),
    since=INSTANTS,
    days=st.integers(1, 400),
    offsets=st.lists(st.floats(0, 0.999999), min_size=1, max_size=8),
)
def test_the_step_of_an_instant_is_that_of_its_local_date(
    zone: str, since: datetime, days: int, offsets: list[float]
) -> None:
    place = ZoneInfo(zone)
    period = Period(since=since, until=since + timedelta(days=days), zone=place)
    instants = [since + timedelta(days=days) * offset for offset in offsets]
    rows = table_of(instants)
    columns = {every.value: period.step_of(rows.occurred_at, every) for every in Every}
    found = ibis.duckdb.connect().to_pyarrow(rows.select("occurred_at", **columns)).to_pylist()
    for row in found:
        local = row["occurred_at"].replace(tzinfo=UTC).astimezone(place).date()
        assert {each: row[each] for each in Every} == {each: each.start(local) for each in Every}


@given(zone=st.sampled_from(ZONES), since=INSTANTS, days=st.integers(1, 100), every=st.sampled_from(Every))
def test_the_steps_of_a_period_cover_it_without_a_gap(zone: str, since: datetime, days: int, every: Every) -> None:
    period = Period(since=since, until=since + timedelta(days=days), zone=ZoneInfo(zone))
    parts = [each.period for each in period.steps(every)]
    assert (parts[0].since, parts[-1].until) == (period.since, period.until)
    assert all(one.until == other.since for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ("2026-03-01", "2026-04-01", "2026-02-01"),
        ("2026-01-01", "2026-04-01", "2025-10-01"),
        ("2026-03-01", "2026-03-08", "2026-02-22"),
        ("2026-03-29", "2026-03-30", "2026-03-28"),
    ],
)
def test_the_period_before_is_as_many_months_or_days_long(since: str, until: str, before: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    edges = [datetime.fromisoformat(each).replace(tzinfo=berlin) for each in (since, until)]
    period = period_of(*edges, as_of=edges[1], zone=berlin)
    earlier = period.previous()
    assert earlier.first_day == date.fromisoformat(before)
    assert earlier.until == period.since


def test_without_dates_a_period_is_thirty_days_with_the_last_of_them() -> None:
    as_of = datetime(2026, 3, 30, 15, tzinfo=UTC)
    period = period_of(None, None, as_of=as_of, zone=ZoneInfo("UTC"))
    assert (period.first_day, period.last_day, period.days) == (date(2026, 3, 1), date(2026, 3, 30), 30)
    rows = table_of([as_of])
    inside = rows.filter(*within(rows.occurred_at, period))
    assert ibis.duckdb.connect().to_pyarrow(inside.count()).as_py() == 1
