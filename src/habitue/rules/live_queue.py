"""Who is to be looked at when: everybody's next deadline, in one bucket for every quarter of an hour or so.

Most deadlines are far ahead and are put off before they come, so they are only thrown into their bucket. What is due
next is put in order; a bucket is emptied a little at a time, however much is in it.
"""

from collections.abc import Iterable
from heapq import heappop, heappush, heapreplace
from typing import Final

from habitue.rules.live_people import NEVER, LivePerson

BUCKET_BITS: Final = 30
"""A bucket is 2 to the power of so many microseconds long: 18 minutes."""
_EMPTIED: Final = 16
_SLACK: Final = 1_000


class Deadlines:
    """A queue in which a person stands once by `LivePerson.due`, and maybe by other thoughts that no longer count."""

    __slots__ = ("_buckets", "_near", "_order", "_pushed", "_size", "_until", "_waiting")

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._near: list[tuple[int, int, LivePerson]] = []
        self._buckets: dict[int, list[LivePerson]] = {}
        self._order: list[int] = []
        # Whoever is due in a bucket before this one stands among those who are near.
        self._until = -NEVER
        self._pushed = self._size = self._waiting = 0

    def put(self, person: LivePerson, due: int) -> None:
        """Let a person be looked at at an instant (µs), which is before the one known so far."""
        person.due = due
        number = due >> BUCKET_BITS
        if number < self._until:
            self._pushed += 1
            heappush(self._near, (due, self._pushed, person))
        else:
            self._throw(number, person)

    def _throw(self, number: int, person: LivePerson) -> None:
        bucket = self._buckets.get(number)
        if bucket is None:
            self._buckets[number] = [person]
            heappush(self._order, number)
        else:
            bucket.append(person)
        self._size += 1
        if self._size > 2 * self._waiting + _SLACK:
            self._tidy()

    def first(self, until: int) -> LivePerson | None:
        """Whoever is due first, by an instant (µs); None where nobody is, or a bucket is still being emptied."""
        near = self._near
        if self._order and self._order[0] <= until >> BUCKET_BITS and not self._empty(near[0][0] if near else NEVER):
            return None
        while near and near[0][0] <= until:
            due, _, person = near[0]
            if person.due == due:
                return person
            heappop(near)
        return None

    def _empty(self, nearest: int) -> bool:
        """Take some people out of the next bucket if nobody is due before; whether there are none of them left."""
        number = self._order[0]
        if nearest >> BUCKET_BITS < number:
            return True
        self._until = number + 1
        bucket = self._buckets[number]
        for person in bucket[-_EMPTIED:]:
            self._size -= 1
            if person.due >> BUCKET_BITS == number:
                self._pushed += 1
                heappush(self._near, (person.due, self._pushed, person))
        del bucket[-_EMPTIED:]
        if bucket:
            return False
        del self._buckets[heappop(self._order)]
        return True

    def put_first(self, person: LivePerson, due: int) -> None:
        """Let whoever is first be looked at next at another instant (µs); `NEVER` for not by itself."""
        person.due = due
        number = due >> BUCKET_BITS
        if number < self._until:
            self._pushed += 1
            heapreplace(self._near, (due, self._pushed, person))
            return
        heappop(self._near)
        if due < NEVER:
            self._throw(number, person)

    def begin(self, people: Iterable[LivePerson]) -> None:
        """Begin anew with some people, each once."""
        waiting = [each for each in people if each.due < NEVER]
        self._clear()
        self._waiting = len(waiting)
        for person in waiting:
            self._throw(person.due >> BUCKET_BITS, person)

    def _tidy(self) -> None:
        """Drop what does not count any more."""
        found = {id(each): each for bucket in self._buckets.values() for each in bucket}
        self.begin((found | {id(each): each for _, _, each in self._near}).values())

    @property
    def next_due(self) -> int:
        """Nobody is due before this (µs)."""
        ahead = self._order[0] << BUCKET_BITS if self._order else NEVER
        return min(self._near[0][0], ahead) if self._near else ahead
