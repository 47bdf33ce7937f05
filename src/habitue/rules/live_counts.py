"""The windows of leaves that keep their own, and counts of which only the number matters."""

from habitue.rules.edges import next_period
from habitue.rules.evaluation import Context, reach_of
from habitue.rules.happened import Reach
from habitue.rules.history import micros
from habitue.rules.live_people import NEVER, LivePerson, Properties, State
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


class CountEver(State):
    """Whether something happened at least so often in a window that nothing leaves; only the number is kept."""

    __slots__ = ("_frame", "_least", "count")

    def __init__(self, frame: Frame, least: int) -> None:
        super().__init__()
        self._frame = frame
        self._least = least
        self.count = 0

    def take(self, _role: int, time: int, _position: int, _properties: Properties, /) -> bool:
        """Count an event, up to where it matters."""
        if self.count == self._least or time < self._frame.start:
            return False
        self.count += 1
        return self.count == self._least

    def look(self, _person: LivePerson, _now: int, /) -> int:
        """Whether the count is reached."""
        return self.count == self._least

    def join(self, other: State, /) -> None:
        """Count what both have done."""
        if isinstance(other, CountEver):
            self.count = min(self._least, self.count + other.count)

    @property
    def items(self) -> int:
        """The count."""
        return 1
