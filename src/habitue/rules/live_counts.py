"""Leaves that count: they keep the latest instants, as many as matter, in place of the events.

Late events are put at their place, so that the order of arrival never matters.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass

from habitue.rules.edges import next_period
from habitue.rules.evaluation import Context, reach_of
from habitue.rules.happened import Reach
from habitue.rules.history import Happening, micros
from habitue.rules.live_people import NEVER, LivePerson, State
from habitue.rules.nodes import Window
from habitue.rules.windows import read_instant


class Frame:
    """A window that events come into as they happen and leave at an instant of their own: all but `between`.

    Attributes:
        start: The first instant that counts (µs), where that is fixed.
        length: Microseconds that an event stays, 0 where it stays for ever or for a calendar period.
        is_period: Whether the window is a day, week or month.
    """

    __slots__ = ("_context", "_end", "_kind", "_reach", "_start", "is_period", "length", "start")

    def __init__(self, window: Window, context: Context) -> None:
        self._kind = window.kind
        self._context = context
        self._reach: Reach = reach_of(window, context)
        self._start = self._end = 0
        self.start = micros(read_instant(window.start, context.catalogue.zone)) if window.kind == "since" else -NEVER
        self.length = window.older
        self.is_period = window.kind in ("day", "week", "month")

    @property
    def keeps(self) -> bool:
        """Whether events never leave."""
        return not self.length and not self.is_period

    def after(self, now: int) -> int:
        """The instant (µs) that every event in the window is later than."""
        if self.length:
            return now - self.length
        return self._period(now)[0] - 1 if self.is_period else self.start - 1

    def leaves_at(self, time: int, now: int) -> int:
        """When an event that is in the window at an instant leaves it (µs)."""
        if self.length:
            return time + self.length
        return self._period(now)[1] if self.is_period else NEVER

    def _period(self, now: int) -> tuple[int, int]:
        if not self._start <= now < self._end:
            after, _ = self._reach(now)
            self._start = 0 if after is None else after + 1
            self._end = next_period(self._kind, now, self._context)
        return self._start, self._end


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A test of how often something happened.

    Attributes:
        frame: Which events count.
        most: From so many on the answer stays the same.
        passes: Whether it holds, for each count from 0 to `most`.
    """

    frame: Frame
    most: int
    passes: tuple[bool, ...]


class CountEver(State):
    """How often something happened in a window that nothing leaves."""

    __slots__ = ("_tally", "count")

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally
        self.count = 0

    def take(self, _role: int, time: int, _happening: Happening, /) -> bool:
        """Count an event, up to where it matters."""
        if self.count == self._tally.most or time < self._tally.frame.start:
            return False
        self.count += 1
        return True

    def look(self, _person: LivePerson, _now: int, /) -> bool:
        """Whether the count passes."""
        return self._tally.passes[self.count]

    def join(self, other: State, /) -> None:
        """Count what both have done."""
        if isinstance(other, CountEver):
            self.count = min(self._tally.most, self.count + other.count)

    @property
    def items(self) -> int:
        """The count."""
        return 1


class CountLately(State):
    """How often something happened in a window that events leave: the latest instants, as many as matter."""

    __slots__ = ("_tally", "times")

    def __init__(self, tally: Tally) -> None:
        super().__init__()
        self._tally = tally
        self.times: list[int] = []

    def take(self, _role: int, time: int, _happening: Happening, /) -> bool:
        """Keep an instant if it is among the latest."""
        times = self.times
        if not times or time >= times[-1]:
            times.append(time)
        else:
            insort(times, time)
        if len(times) > self._tally.most:
            del times[0]
        return True

    def look(self, _person: LivePerson, now: int, /) -> bool:
        """Whether the count passes at an instant; finds when so many will have left that this changes."""
        tally, times = self._tally, self.times
        after = tally.frame.after(now)
        if times and times[0] <= after:
            del times[: bisect_right(times, after)]
        count, passes = len(times), tally.passes
        holds = passes[count]
        self.due = NEVER
        if tally.frame.is_period:
            if count and passes[0] is not holds:
                self.due = tally.frame.leaves_at(times[0], now)
            return holds
        for left in range(1, count + 1):
            if passes[count - left] is not holds:
                self.due = times[left - 1] + tally.frame.length
                break
        return holds

    def join(self, other: State, /) -> None:
        """Keep the latest of both."""
        if isinstance(other, CountLately):
            self.times = sorted((*self.times, *other.times))[-self._tally.most :]

    @property
    def items(self) -> int:
        """Instants kept."""
        return len(self.times)
