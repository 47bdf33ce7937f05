"""Who is to be looked at when: one queue of everybody's next deadline, earliest first."""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Final

from habitue.rules.live_people import NEVER, LivePerson

_SLACK: Final = 1_000


class Deadlines:
    """A queue in which a person stands once by `LivePerson.due`, and maybe by earlier thoughts that no longer count."""

    __slots__ = ("_pushed", "_queue", "_waiting")

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, LivePerson]] = []
        self._pushed = 0
        self._waiting = 0

    def put(self, person: LivePerson, due: int) -> None:
        """Let a person be looked at at an instant (µs), which is before the one known so far."""
        person.due = due
        self._pushed += 1
        heappush(self._queue, (due, self._pushed, person))
        if len(self._queue) > 2 * self._waiting + _SLACK:
            self._tidy()

    def first(self, until: int) -> LivePerson | None:
        """Whoever is due first, by an instant (µs); None where nobody is."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            due, _, person = queue[0]
            if person.due == due:
                return person
            heappop(queue)
        return None

    def put_first(self, person: LivePerson, due: int) -> None:
        """Let whoever is first be looked at next at another instant (µs); `NEVER` for not by itself."""
        person.due = due
        if due < NEVER:
            self._pushed += 1
            heapreplace(self._queue, (due, self._pushed, person))
        else:
            heappop(self._queue)

    def begin(self, people: Iterable[LivePerson]) -> None:
        """Begin anew with some people."""
        waiting = (each for each in people if each.due < NEVER)
        self._queue = [(each.due, number, each) for number, each in enumerate(waiting)]
        self._pushed = self._waiting = len(self._queue)
        heapify(self._queue)

    def _tidy(self) -> None:
        """Drop what does not count any more."""
        self.begin({id(each): each for due, _, each in self._queue if each.due == due}.values())

    @property
    def next_due(self) -> int:
        """Nobody is due before this (µs)."""
        return self._queue[0][0] if self._queue else NEVER
