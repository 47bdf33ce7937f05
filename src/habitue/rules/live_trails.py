"""Counts over the events of one name and one condition, all together: one trail of the latest instants per person.

An event can only make "at least so many" true and time can only make it false, so an event looks at what does not
hold, and a deadline at what does.
"""

from bisect import insort
from collections.abc import Sequence
from typing import Final

from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties, State

_FOREVER: Final = 2 * NEVER
MOST_PATTERNS: Final = 4_096
"""How many patterns of what holds are remembered for a track."""


Mark = tuple[int, int, int, Frame | None]
"""At least so many events in a window; a plain tuple, which is taken apart faster than a named one.

1 shifted by its place among the leaves of the track; so many; how long an event counts (µs); the window, where it is
a calendar period or has a fixed start, None where the length says it all.
"""


class Track:
    """The leaves that count the events of one name and one condition.

    Attributes:
        most: How many of the latest instants are kept of a person.
        marks: The leaves, by how many they want.
        absent: Those that do not hold, by what does.
    """

    __slots__ = ("absent", "marks", "most")

    def __init__(self, wanted: Sequence[tuple[int, Frame]]) -> None:
        self.most = max(least for least, _ in wanted)
        marks = [_mark(1 << place, least, frame) for place, (least, frame) in enumerate(wanted)]
        self.marks = tuple(sorted(marks, key=_least))
        self.absent: dict[int, tuple[Mark, ...]] = {}

    def after(self, now: int) -> int:
        """The instant (µs) that every event that may count at some instant from now on is later than."""
        return min(now - length if frame is None else frame.after(now) for _, _, length, frame in self.marks)

    def without(self, holds: int) -> tuple[Mark, ...]:
        """What does not hold, given what does; found once for each pattern."""
        if len(self.absent) >= MOST_PATTERNS:
            self.absent.clear()
        found = self.absent[holds] = tuple(mark for mark in self.marks if not mark[0] & holds)
        return found


class Trail(State):
    """What a track keeps of one person.

    Attributes:
        times: The latest instants (µs), ascending, as many as matter.
    """

    __slots__ = ("times", "track")

    def __init__(self, track: Track) -> None:
        # One is made for almost every person and event: the shortest way.
        self.due = self.awaited = NEVER
        self.holds = 0
        self.track = track
        self.times: list[int] = []

    def take(self, _role: int, time: int, _position: int, _properties: Properties, /) -> bool:
        """Keep an instant if it is among the latest."""
        times = self.times
        if not times or time >= times[-1]:
            times.append(time)
        else:
            insort(times, time)
        if len(times) > self.track.most:
            del times[0]
        return True

    def feed(
        self, _role: int, time: int, _position: int, _properties: Properties, _person: LivePerson, now: int, /
    ) -> int:
        """Keep an instant and see what it makes true; what holds already goes on to hold."""
        times, track, holds = self.times, self.track, self.holds
        if not times or time >= times[-1]:
            times.append(time)
        else:
            insort(times, time)
        size = len(times)
        if size > track.most:
            del times[0]
            size -= 1
        absent = track.absent.get(holds)
        if absent is None:
            absent = track.without(holds)
        flips, soonest = 0, self.due
        for bit, least, length, frame in absent:
            if least > size:
                break
            first = times[-least]
            leaves = first + length if frame is None else _leaves(frame, first, now)
            if now < leaves < soonest:
                flips, soonest = flips | bit, leaves
            elif leaves > now:
                flips |= bit
        if flips:
            self.holds, self.due = holds | flips, soonest
        return flips

    def look(self, _person: LivePerson, now: int, /) -> int:
        """What holds at an instant; finds when the next leaf holds no more."""
        times, holds, soonest = self.times, 0, NEVER
        size = len(times)
        for bit, least, length, frame in self.track.marks:
            if least > size:
                break
            first = times[-least]
            leaves = first + length if frame is None else _leaves(frame, first, now)
            if now < leaves < soonest:
                holds, soonest = holds | bit, leaves
            elif leaves > now:
                holds |= bit
        self.due = soonest
        return holds

    def join(self, other: State, /) -> None:
        """Keep the latest of both."""
        if isinstance(other, Trail):
            self.times = sorted((*self.times, *other.times))[-self.track.most :]

    @property
    def items(self) -> int:
        """Instants kept."""
        return len(self.times)


def _mark(bit: int, least: int, frame: Frame) -> Mark:
    if frame.keeps and frame.start == -NEVER:
        return bit, least, _FOREVER, None
    return bit, least, frame.length, None if frame.length else frame


def _least(mark: Mark) -> int:
    return mark[1]


def _leaves(frame: Frame, time: int, now: int) -> int:
    """When an event leaves a window; now, where it is not in it."""
    return frame.leaves_at(time, now) if time > frame.after(now) else now
