"""Who is to be looked at when: everybody's next deadline, in one bucket for every quarter of an hour or so.

Most deadlines are far ahead and are put off before they come, so they are only thrown into their bucket. What is due
next is put in order; a bucket is emptied a little at a time, however much is in it.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final

from habitue.rules.live_people import NEVER, LivePerson

BUCKET_BITS: Final = 30
"""A bucket is 2 to the power of so many microseconds long: 18 minutes."""
_EMPTIED: Final = 16
_NUMBER_BITS: Final = 40
_NUMBER_MASK: Final = (1 << _NUMBER_BITS) - 1


class Deadlines:
    """A queue in which a person stands once by `LivePerson.due`, and maybe by other thoughts that no longer count."""

    __slots__ = ("_buckets", "_near", "_order", "_pushed", "_until", "_who")

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        # Instants and numbers in one, and who has which number: whole numbers are nothing that garbage is sought in.
        self._near: list[int] = []
        self._who: dict[int, LivePerson] = {}
        self._buckets: dict[int, list[LivePerson]] = {}
        self._order: list[int] = []
        # Whoever is due in a bucket before this one stands among those who are near.
        self._until = -NEVER
        self._pushed = 0

    def put(self, person: LivePerson, due: int) -> None:
        """Let a person be looked at at an instant (µs); `NEVER` for not by itself."""
        person.due = due
        number = due >> BUCKET_BITS
        if number < self._until:
            pushed = self._pushed = self._pushed + 1
            self._who[pushed] = person
            heappush(self._near, due << _NUMBER_BITS | pushed)
        elif number != person.thrown and due < NEVER:
            self._throw(number, person)

    def _throw(self, number: int, person: LivePerson) -> None:
        person.thrown = number
        bucket = self._buckets.get(number)
        if bucket is None:
            self._buckets[number] = [person]
            heappush(self._order, number)
        else:
            bucket.append(person)

    def take(self, until: int) -> LivePerson | None:
        """Whoever is due first, by an instant (µs); they stand in the queue no more.

        Returns:
            None where nobody is, or a bucket is still being emptied; see `next_due`.
        """
        if self._order and self._order[0] <= until >> BUCKET_BITS and not self._is_empty():
            return None
        near, end = self._near, until + 1 << _NUMBER_BITS
        while near and near[0] < end:
            first = heappop(near)
            person = self._who.pop(first & _NUMBER_MASK)
            if person.due == first >> _NUMBER_BITS:
                return person
        return None

    def _is_empty(self) -> bool:
        """Take some people out of the next bucket, if nobody is due before it; whether it is done with for now."""
        number, near = self._order[0], self._near
        if near and near[0] >> _NUMBER_BITS + BUCKET_BITS < number:
            return True
        self._until = number + 1
        bucket = self._buckets[number]
        for person in bucket[-_EMPTIED:]:
            if person.due >> BUCKET_BITS == number:
                self.put(person, person.due)
        del bucket[-_EMPTIED:]
        if bucket:
            return False
        del self._buckets[heappop(self._order)]
        return True

    def begin(self, people: Iterable[LivePerson]) -> None:
        """Begin anew with some people, each once."""
        self._clear()
        for person in people:
            person.thrown = -NEVER
            if person.due < NEVER:
                self._throw(person.due >> BUCKET_BITS, person)

    @property
    def next_due(self) -> int:
        """Nobody is due before this (µs)."""
        ahead = self._order[0] << BUCKET_BITS if self._order else NEVER
        return min(self._near[0] >> _NUMBER_BITS, ahead) if self._near else ahead
