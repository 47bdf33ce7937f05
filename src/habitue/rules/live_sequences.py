"""Leaves about events in a row: how far each row has come, and by which first event.

The later a step, the later the first event of its best row: so the latest event of a step says it all, and only what
comes late has rows told anew.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass
from typing import Final

from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties, State

Rank = tuple[int, int]
"""Time (µs) and position: the order of events."""
Reached = tuple[int, int, int]
"""An event that ends a row: its time (µs), its position, the time of the latest first event of such a row."""
_SLACK: Final = 16
_NOWHERE: Final = (-4 * NEVER, 0, 0)
_NOT_MET: Final = -2 * NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A `sequence`.

    Attributes:
        frame: Where the first event lies.
        within: How long after the one before an event may come (µs).
        steps: How many events make a row.
    """

    frame: Frame
    within: int
    steps: int


class Rows(State):
    """What happened at each step, and how far that has come.

    Attributes:
        seen: By step: the events, ascending, from the oldest that may still matter.
        best: The time of the latest first event of a whole row.
    """

    __slots__ = ("_last", "_most", "_row", "_told", "_ways", "best", "seen")

    def __init__(self, row: Row) -> None:
        super().__init__()
        self._row = row
        self._most = _SLACK
        self._last: Rank = (-NEVER, 0)
        self._told = True
        # The two latest events that each step was reached by; an event does not follow itself.
        self._ways: list[tuple[Reached, Reached]] = [(_NOWHERE, _NOWHERE)] * (row.steps - 1)
        self.seen: list[list[Rank]] = [[] for _ in range(row.steps)]
        self.best = _NOT_MET

    def take(self, role: int, time: int, position: int, _properties: Properties, /) -> bool:
        """Take in an event of a step."""
        row, rank, seen = self._row, (time, position), self.seen[role]
        if (role == 0 and time < row.frame.start) or (self.holds and row.frame.keeps):
            return False
        if rank < self._last:
            insort(seen, rank)
            self._told = False
            return True
        self._last = rank
        seen.append(rank)
        if role == 0:
            self._ways[0] = (self._ways[0][1], (time, position, time))
        elif time - self._ways[role - 1][1][0] <= row.within and self._reach(role, time, position) and not self.holds:
            return True
        return len(seen) > self._most

    def put(self, role: int, ranks: list[Rank]) -> None:
        """Keep some events of a step, ascending, in place of those kept."""
        self.seen[role], self._told = ranks, False

    def _reach(self, role: int, time: int, position: int) -> bool:
        """The latest event so far: whether it makes a row whose first event is later than that of any before."""
        first = time
        if role:
            former, before = self._ways[role - 1]
            if (before[0], before[1]) == (time, position):
                before = former
            if time - before[0] > self._row.within:
                return False
            first = before[2]
        if role < self._row.steps - 1:
            self._ways[role] = (self._ways[role][1], (time, position, first))
            return False
        is_better = first > self.best
        self.best = max(first, self.best)
        return is_better

    def look(self, _person: LivePerson, now: int, /) -> int:
        """Whether there is a row whose first event is in the window; finds when that leaves."""
        frame = self._row.frame
        after = frame.after(now)
        if not self._told:
            self._tell_anew()
        if max(map(len, self.seen)) > self._most:
            self._prune(after)
        holds = self.best > after
        self.due = frame.leaves_at(self.best, now) if holds else NEVER
        return holds

    def _tell_anew(self) -> None:
        """Go through all events again."""
        steps = self._row.steps
        self._ways = [(_NOWHERE, _NOWHERE)] * (steps - 1)
        self._told = True
        every = sorted((rank, -role) for role, ranks in enumerate(self.seen) for rank in ranks)
        for (time, position), role in every:
            self._reach(-role, time, position)
        if every:
            self._last = max(self._last, every[-1][0])

    def _prune(self, after: int) -> None:
        """Drop events that no first event in the window can be older than."""
        for ranks in self.seen:
            del ranks[: bisect_right(ranks, (after, NEVER))]
        self._most = 2 * max(map(len, self.seen)) + _SLACK

    def join(self, other: State, /) -> None:
        """Take in what somebody else has done."""
        if not isinstance(other, Rows):
            return
        self.best = max(self.best, other.best)
        self.seen = [sorted((*ours, *theirs)) for ours, theirs in zip(self.seen, other.seen, strict=True)]
        self._told = False

    @property
    def items(self) -> int:
        """Values kept, two for an event."""
        return 2 * sum(map(len, self.seen)) + 1
