"""Where a window begins and ends, as instants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from habitue.rules.nodes import Window

MICROSECOND = timedelta(microseconds=1)
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant a rule is asked at, and the zone its calendar runs in.

    Attributes:
        now: Aware, UTC.
        zone: The project's time zone.
    """

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time (after, until], both UTC; `after` is None where it has no beginning."""

    after: datetime | None
    until: datetime


def span_of(window: Window, moment: Moment) -> Span:
    """The stretch of time that a window means at a moment.

    Calendar windows and `since` include their start: with microseconds as the smallest step, [start, …] is
    (start - 1 µs, …].
    """
    now = moment.now
    match window.kind:
        case "ever":
            return Span(after=None, until=now)
        case "last":
            return Span(after=earlier(now, window.older), until=now)
        case "between":
            return Span(after=earlier(now, window.older), until=earlier(now, window.newer))
        case "since":
            return Span(after=read_instant(window.start, moment.zone) - MICROSECOND, until=now)
        case _:
            return Span(after=period_start(window.kind, moment) - MICROSECOND, until=now)


def earlier(instant: datetime, microseconds: int) -> datetime:
    """The instant so much earlier, or the beginning of the calendar where that would be before year 1."""
    if microseconds >= (instant - LONG_AGO) // MICROSECOND:
        return LONG_AGO
    return instant - timedelta(microseconds=microseconds)


def period_start(kind: str, moment: Moment) -> datetime:
    """The first instant of the local day, week (from Monday) or month that holds the moment, in UTC."""
    today = moment.now.astimezone(moment.zone).date()
    if kind == "week":
        today -= timedelta(days=today.weekday())
    elif kind == "month":
        today = today.replace(day=1)
    return local_midnight(today, moment.zone)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date, in UTC; where midnight is skipped by a clock change, the first after it."""
    naive = datetime.combine(day, clock_time(0))
    return naive.replace(tzinfo=zone).astimezone(UTC)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The UTC instant of an ISO date (its local midnight) or time (local where it has no offset).

    Raises:
        ValueError: The text is neither.

    Examples:
        >>> read_instant("2026-01-01", ZoneInfo("Europe/Berlin")).isoformat()
        '2025-12-31T23:00:00+00:00'
    """
    if len(text) <= 10:
        return local_midnight(date.fromisoformat(text), zone)
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
