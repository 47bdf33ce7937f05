"""The two years a sample covers: shop days, shop clock, seasons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from habitue.samples.dice import Dice, Floats, Ints

DAYS = 730
DAY = 86_400
_EPOCH = date(1970, 1, 1)

# Share of a week's and a year's orders; shaped like a British gift shop's (public Online Retail data, 2010).
_WEEKDAY = [1.0, 1.17, 1.14, 1.32, 0.88, 0.22, 0.92]
_MONTH = [0.74, 0.80, 0.95, 0.92, 0.93, 1.02, 0.94, 0.89, 1.15, 1.38, 1.78, 1.22]
_HOUR = [0.0] * 6 + [0.1, 0.5, 2.4, 6.2, 11.2, 12.2, 15.6, 14.3, 11.9, 10.6, 6.9, 4.0, 2.6, 2.4, 1.6, 0.8, 0.3, 0.0]
EVENING_HOUR = [0.0] * 6 + [0.5, 1.2, 2.0, 2.6, 3.2, 3.6, 4.6, 4.4, 3.8, 3.6, 3.9, 4.6, 6.0, 8.2, 9.6, 8.8, 5.2, 1.6]


def _summer_changes() -> list[int]:
    """British clock changes as UTC seconds, spring and autumn in turn: last Sundays of March and October, 01:00."""
    changes = []
    for year in range(1996, 2101):
        for month in (3, 10):
            last = date(year, month, 31)
            sunday = last - timedelta(days=(last.weekday() + 1) % 7)
            changes.append((sunday - _EPOCH).days * DAY + 3600)
    return changes


_CHANGES = np.array(_summer_changes(), dtype=np.int64)
# The same on the shop's own clock: spring jumps from 01:00, autumn falls back at 02:00.
_LOCAL_CHANGES = _CHANGES + np.tile(np.array([0, 3600], dtype=np.int64), len(_CHANGES) // 2)


def to_local(utc: Ints) -> Ints:
    """Seconds on the British wall clock for UTC seconds since 1970."""
    return utc + 3600 * (np.searchsorted(_CHANGES, utc, side="right") % 2)


def to_utc(local: Ints) -> Ints:
    """UTC seconds for seconds on the British wall clock; the hour that comes twice is read as its first coming."""
    return local - 3600 * (np.searchsorted(_LOCAL_CHANGES, local, side="right") % 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time a sample covers, [start, until], and how busy each of its days is for each kind of buyer.

    Attributes:
        first_day: Days since 1970 of the first shop day.
        until: Last second of the sample, UTC seconds since 1970.
        busy: Running total of day weights, one row per season strength; column d is what lies before day d.
    """

    first_day: int
    until: int
    busy: Floats

    @property
    def start(self) -> int:
        """First second of the first day, UTC."""
        return int(to_utc(np.array([self.first_day * DAY], dtype=np.int64))[0])

    def day_of(self, utc: Ints) -> Ints:
        """Shop day (0 is the first) of UTC seconds."""
        return to_local(utc) // DAY - self.first_day

    def moment(self, day: Ints, second: Ints) -> Ints:
        """UTC seconds of a shop day and a second of it on the shop's clock."""
        return to_utc((day + self.first_day) * DAY + second)

    def busy_before(self, day: Floats, season: Ints) -> Floats:
        """Day weights gathered before a moment, given in days from the start."""
        held = np.clip(day, 0.0, DAYS)
        whole = np.minimum(held.astype(np.int64), DAYS - 1)
        low: Floats = self.busy[season, whole]
        return np.asarray(low + (self.busy[season, whole + 1] - low) * (held - whole), dtype=np.float64)

    def day_when(self, busy: Floats, season: Ints) -> Ints:
        """The day on which so much day weight has gathered; `DAYS` when never."""
        lift = float(self.busy.max()) + 1.0
        rows = np.arange(len(self.busy), dtype=np.float64)[:, None]
        ladder = (self.busy[:, 1:] + rows * lift).ravel()
        place: Ints = np.searchsorted(ladder, np.minimum(busy, lift - 0.5) + season * lift, side="right")
        return np.asarray(np.minimum(place - season * DAYS, DAYS), dtype=np.int64)


def make_span(until: datetime, strengths: list[float]) -> Span:
    """The two years that end at an instant.

    Args:
        until: Last instant, with its offset.
        strengths: How strongly each kind of buyer follows the seasons: 0 not at all, 1 as the whole shop.
    """
    instant = int((until.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    last_day = int(to_local(np.array([instant], dtype=np.int64))[0]) // DAY
    first_day = last_day - DAYS + 1
    rows = []
    for strength in strengths:
        weights = []
        for day in range(DAYS):
            on = _EPOCH + timedelta(days=first_day + day)
            season = 1.0 + strength * (_MONTH[on.month - 1] - 1.0)
            weights.append(max(season, 0.05) * _WEEKDAY[on.weekday()])
        rows.append(np.concatenate([[0.0], np.cumsum(np.array(weights, dtype=np.float64))]))
    return Span(first_day=first_day, until=instant, busy=np.stack(rows))


def seconds_of_day(dice: Dice, size: int, hours: list[float] | None = None) -> Ints:
    """Seconds of the day on the shop's clock, busy around noon unless other hours are given; never 01:00 to 02:00."""
    return dice.pick(size, hours or _HOUR) * 3600 + dice.integers(size, 0, 3600)
