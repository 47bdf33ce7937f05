"""Which formats read a column of times."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.sources.guess_times import read_times

FORMATS = [
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %I:%M %p",
    "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y",
]  # fmt: skip


def counted(*values: str) -> dict[str, int]:
    return dict.fromkeys(values, 1)


@pytest.mark.parametrize("form", FORMATS)
def test_a_column_of_days_over_two_months_is_read_by_the_format_that_wrote_it(form: str) -> None:
    start = datetime.fromisoformat("2021-05-01T13:05:00")
    values = counted(*((start + timedelta(days=day)).strftime(form) for day in range(60)))
    reading = read_times(values, named_as_time=True, month_first=None)
    assert reading is not None
    # %b and %B are the same word in May; both read it.
    assert form in reading.formats
    assert reading.is_date_only == ("%H" not in form and "%I" not in form)


@given(st.lists(st.datetimes(datetime.fromisoformat("2001-01-01"), datetime.fromisoformat("2035-01-01")), min_size=1))
def test_whatever_is_taken_for_a_time_is_read_by_its_formats(moments: list[datetime]) -> None:
    values = [moment.strftime("%d.%m.%Y %H:%M:%S") for moment in moments]
    reading = read_times(counted(*values), named_as_time=False, month_first=None)
    assert reading is not None
    assert all(datetime.strptime(value, form).timetuple() for value in values for form in reading.formats)


def test_a_day_above_twelve_settles_the_order() -> None:
    for values, form in ((("28/02/2015", "01/02/2015"), "%d/%m/%Y"), (("2/28/2015", "2/1/2015"), "%m/%d/%Y")):
        reading = read_times(counted(*values), named_as_time=True, month_first=None)
        assert reading is not None
        assert (reading.formats, reading.day_order) == ((form,), "certain")


def test_days_that_could_be_months_are_said_to_be_ambiguous() -> None:
    reading = read_times(counted("01/02/2015", "03/04/2015"), named_as_time=True, month_first=None)
    assert reading is not None
    assert reading.day_order == "ambiguous"


def test_other_columns_decide_what_a_column_leaves_open() -> None:
    values = counted("01/02/2015", "03/04/2015")
    american = read_times(values, named_as_time=True, month_first=True)
    european = read_times(values, named_as_time=True, month_first=False)
    assert american is not None
    assert european is not None
    assert (american.formats, european.formats) == (("%m/%d/%Y",), ("%d/%m/%Y",))


def test_a_clock_with_am_and_pm_puts_the_month_first() -> None:
    reading = read_times(counted("1/2/2015 3:04 PM"), named_as_time=True, month_first=None)
    assert reading is not None
    assert reading.formats == ("%m/%d/%Y %I:%M %p",)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1577836800", "epoch_s"),
        ("1577836800000", "epoch_ms"),
    ],
)
def test_numbers_are_times_only_under_a_name_that_says_so(value: str, form: str) -> None:
    named = read_times(counted(value), named_as_time=True, month_first=None)
    assert named is not None
    assert named.formats == (form,)
    assert read_times(counted(value), named_as_time=False, month_first=None) is None


@pytest.mark.parametrize("value", ["2017-01-28 19:06:53+00:00", "2017-01-28T19:06:53.123Z", "2017-01-28T19:06:53+0100"])
def test_times_with_an_offset_are_iso(value: str) -> None:
    reading = read_times(counted(value), named_as_time=False, month_first=None)
    assert reading is not None
    assert (reading.formats, reading.has_offset) == (("iso",), True)


def test_two_ways_of_writing_in_one_column_are_both_kept() -> None:
    reading = read_times(
        counted("2017-01-28", "2017-01-29", "2017-01-28 10:00:00"), named_as_time=True, month_first=None
    )
    assert reading is not None
    assert set(reading.formats) == {"%Y-%m-%d", "%Y-%m-%d %H:%M:%S"}


@pytest.mark.parametrize("value", ["hello", "12345678", "10.50", "31/31/2015", "192.168.1.1", "05057"])
def test_what_is_no_time_is_not_taken_for_one(value: str) -> None:
    assert read_times(counted(value), named_as_time=False, month_first=None) is None
