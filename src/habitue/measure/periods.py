"""Stretches of time that metrics are about, and the days, weeks and months in them, in the project's zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.rules.windows import local_midnight

MOST_STEPS: Final = 1_500
"""The most days, weeks or months that one question is about."""
USUAL_DAYS: Final = 30
"""How long a period is where nobody says."""
MOST_DAYS: Final = 3_660
_DECEMBER: Final = 12


class PeriodError(HabitueError):
    """A period that cannot be asked about."""

    code = "PERIOD"


class Every(StrEnum):
    """Calendar steps of a period; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the step that a day is in."""
        match self:
            case Every.WEEK:
                return day - timedelta(days=day.weekday())
            case Every.MONTH:
                return day.replace(day=1)
        return day

    def after(self, start: date) -> date:
        """The first day of the next step."""
        match self:
            case Every.WEEK:
                return start + timedelta(days=7)
            case Every.MONTH:
                return _months_on(start, 1)
        return start + timedelta(days=1)


def every_named(name: str) -> Every:
    """The step of a name.

    Raises:
        PeriodError: None is called that.
    """
    try:
        return Every(name)
    except ValueError:
        what = f"A period has no steps called {name[:40]!r}."
        raise PeriodError(what=what, do="Ask for day, week or month.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of time [since, until), UTC, in a zone whose days it has."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    @property
    def first_day(self) -> date:
        """The local date of its first instant."""
        return self.since.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The local date of its last instant."""
        return (self.until - timedelta(microseconds=1)).astimezone(self.zone).date()

    @property
    def days(self) -> int:
        """How many local days it touches."""
        return (self.last_day - self.first_day).days + 1

    def previous(self) -> "Period":
        """The period of the same length just before: whole months before whole months, else as many local days."""
        months = self._whole_months()
        if months:
            first = local_midnight(_months_on(self.first_day, -months), self.zone)
            return Period(since=first, until=self.since, zone=self.zone)
        return Period(
            since=_days_on(self.since, -self.days, self.zone),
            until=_days_on(self.until, -self.days, self.zone),
            zone=self.zone,
        )

    def _whole_months(self) -> int:
        """How many calendar months it is made of; 0 where it is not."""
        ends = self.until.astimezone(self.zone).date()
        edges = [(self.since, self.first_day), (self.until, ends)]
        if any(day.day != 1 or local_midnight(day, self.zone) != instant for instant, day in edges):
            return 0
        return (ends.year - self.first_day.year) * _DECEMBER + ends.month - self.first_day.month

    def steps(self, every: Every) -> list["Step"]:
        """Its days, weeks or months in order; the first and the last may be cut.

        Raises:
            PeriodError: There are too many.
        """
        found: list[Step] = []
        for day in self._starts(every):
            if len(found) >= MOST_STEPS:
                what = f"The period has more than {MOST_STEPS:,} steps."
                raise PeriodError(what=what, do="Ask for a shorter one, or for weeks or months.")
            begins, ends = (local_midnight(each, self.zone) for each in (day, every.after(day)))
            inside = Period(since=max(begins, self.since), until=min(ends, self.until), zone=self.zone)
            found.append(Step(day=day, period=inside))
        return found

    def _starts(self, every: Every) -> Iterator[date]:
        day = every.start(self.first_day)
        while day <= self.last_day:
            yield day
            day = every.after(day)

    def step_of(self, instant: ir.TimestampValue, every: Every) -> ir.DateValue:
        """The first day of the step that an instant of the period is in, as a column."""
        return (instant + self._offset(instant)).truncate({"day": "D", "week": "W", "month": "M"}[every]).date()

    def _offset(self, instant: ir.TimestampValue) -> ir.IntervalValue:
        """How far the zone's clocks are ahead of UTC at an instant of the period."""
        offsets = list(_offsets(self))
        first = ibis.interval(seconds=int(offsets[0][1].total_seconds()))
        if len(offsets) == 1:
            return first
        later = [
            (instant >= _plain(since), ibis.interval(seconds=int(ahead.total_seconds())))
            for since, ahead in reversed(offsets[1:])
        ]
        return ibis.cases(*later, else_=first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One day, week or month of a period.

    Attributes:
        day: The first day of the whole step.
        period: The part of it that is inside the period.
    """

    day: date
    period: Period


def period_of(
    since: datetime | None, until: datetime | None, *, as_of: datetime, zone: ZoneInfo, days: int = USUAL_DAYS
) -> Period:
    """The period [since, until) that was asked for.

    Args:
        since: Aware; left out: so many local days, the last day included.
        until: Aware; left out: what is known as of the last build.
        as_of: The instant of the last build's answers.
        zone: The project's.
        days: How many, where `since` is left out.

    Raises:
        PeriodError: It is empty, or longer than a calendar.
    """
    ends = until or as_of + timedelta(microseconds=1)
    last = (ends - timedelta(microseconds=1)).astimezone(zone).date()
    begins = since or local_midnight(last - timedelta(days=days - 1), zone)
    if begins >= ends:
        what = "The period ends before it begins."
        raise PeriodError(what=what, do="Give an instant to --since that lies before --until.")
    found = Period(since=begins.astimezone(UTC), until=ends.astimezone(UTC), zone=zone)
    if found.first_day.year - found.days // 366 - 1 < 2:
        raise PeriodError(what="The period begins too long ago.", do="Begin it later.")
    return found


def within(instant: ir.TimestampValue, period: Period) -> list[ir.BooleanValue]:
    """The conditions that keep the instants of a period."""
    return [instant >= _plain(period.since), instant < _plain(period.until)]


def before_end(instant: ir.TimestampValue, period: Period) -> ir.BooleanValue:
    """The condition that keeps what happened before the end of a period, however long ago."""
    return instant < _plain(period.until)


def plain_instant(instant: datetime) -> ir.TimestampValue:
    """An instant as the tables of events have them."""
    return _plain(instant)


def _plain(instant: datetime) -> ir.TimestampValue:
    return ibis.literal(instant.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")


def _offsets(period: Period) -> Iterator[tuple[datetime, timedelta]]:
    """The zone's offsets from UTC in a period, each with the instant from which it counts."""
    ahead: timedelta | None = None
    here = period.since
    while here < period.until:
        now = _ahead(here, period.zone)
        if now != ahead:
            yield (here if ahead is None else _changed(here - timedelta(days=1), here, period.zone)), now
            ahead = now
        here += timedelta(days=1)
    last = period.until - timedelta(microseconds=1)
    if _ahead(last, period.zone) != ahead:
        yield _changed(max(period.since, last - timedelta(days=1)), last, period.zone), _ahead(last, period.zone)


def _changed(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the offset that counts at `high` and not at `low`."""
    after = _ahead(high, zone)
    left, right = int(low.timestamp()), int(high.timestamp())
    while right - left > 1:
        middle = (left + right) // 2
        if _ahead(datetime.fromtimestamp(middle, UTC), zone) == after:
            right = middle
        else:
            left = middle
    return datetime.fromtimestamp(right, UTC)


def _ahead(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _days_on(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day so many local days later."""
    local = instant.astimezone(zone)
    return (local.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)


def _months_on(day: date, months: int) -> date:
    """The first of a month so many months later."""
    month = day.year * _DECEMBER + day.month - 1 + months
    return date(month // _DECEMBER, month % _DECEMBER + 1, 1)
