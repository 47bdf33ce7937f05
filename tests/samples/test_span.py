"""Days, seasons and the shop clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from habitue.samples.dice import Dice
from habitue.samples.feeds import wall_clock
from habitue.samples.span import DAYS, make_span, seconds_of_day, to_local, to_utc

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(
    int(datetime(1997, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
)
EDGES = st.builds(
    lambda year, month, day, off: int(datetime(year, month, day, 1, tzinfo=UTC).timestamp()) + off,
    st.integers(1997, 2036),
    st.sampled_from([3, 10]),
    st.integers(25, 31),
    st.sampled_from([-3601, -3600, -1, 0, 1, 3599, 3600]),
)


@given(MOMENTS | EDGES)
def test_the_wall_clock_is_londons(utc: int) -> None:
    local = (EPOCH + timedelta(seconds=utc)).astimezone(LONDON)
    shown = wall_clock(np.array([utc]))[0].as_py()
    assert shown == local.strftime("%Y-%m-%d %H:%M:%S")


@given(MOMENTS | EDGES)
def test_the_way_back_is_the_same_moment_or_the_first_of_two(utc: int) -> None:
    back = int(to_utc(to_local(np.array([utc])))[0])
    assert back in (utc, utc - 3600)
    assert to_local(np.array([back]))[0] == to_local(np.array([utc]))[0]


@given(MOMENTS.map(lambda seconds: EPOCH + timedelta(seconds=seconds)))
def test_a_span_is_two_years_that_hold_their_end(until: datetime) -> None:
    span = make_span(until, [1.0])
    assert span.day_of(np.array([span.until]))[0] == DAYS - 1
    assert span.day_of(np.array([span.start]))[0] == 0
    assert span.day_of(np.array([span.start - 1]))[0] == -1


@given(st.floats(0, DAYS - 0.001), st.integers(0, 1))
def test_day_weights_lead_back_to_their_day(day: float, season: int) -> None:
    span = make_span(datetime(2026, 6, 30, 12, tzinfo=UTC), [1.0, 0.3])
    gathered = span.busy_before(np.array([day]), np.array([season]))
    assert abs(int(span.day_when(gathered, np.array([season]))[0]) - int(day)) <= (day % 1 < 1e-6 or day % 1 > 1 - 1e-6)


def test_more_weight_than_there_is_never_comes() -> None:
    span = make_span(datetime(2026, 6, 30, 12, tzinfo=UTC), [1.0, 0.3])
    assert span.day_when(np.array([1e9, 1e9]), np.array([0, 1])).tolist() == [DAYS, DAYS]


def test_nothing_is_planned_for_the_hour_that_comes_twice() -> None:
    hours = seconds_of_day(Dice(1, 1), 20_000) // 3600
    assert 1 not in hours
    assert set(hours) <= set(range(24))
