"""Visits while their events arrive: the built-in `Session` event, held until its pause has passed."""

from collections.abc import Iterable, Mapping
from itertools import islice

from habitue.features.visits_live import REVISED_US, EventSays, PersonVisits, Revision
from habitue.rules.history import Value

_TRIMMED = 2
"""How many people are looked at, for each event, of whom nothing may be worth keeping any more."""


class LiveVisits:
    """The visits of everybody that an event may still change.

    Args:
        says: Where each event that visits are made of says something of them.
        gap_us: The pause that ends a visit (µs).
        visits: What is known at the beginning.

    Attributes:
        stale: Events that came so late that visits before them were not known any more: until the next build, sessions
            around them may be counted apart.
    """

    def __init__(
        self, says: Mapping[str, EventSays], gap_us: int, visits: Mapping[str, PersonVisits] | None = None
    ) -> None:
        self._says = says
        self._gap_us = gap_us
        self._people: dict[str, PersonVisits] = dict(visits or {})
        self.stale = 0

    def __len__(self) -> int:
        """Of how many people visits are kept."""
        return len(self._people)

    @property
    def people(self) -> Mapping[str, PersonVisits]:
        """The visits of everybody, by customer."""
        return self._people

    def take(
        self, customer: str, event: str, place: tuple[int, int], properties: Mapping[str, Value | None], now_us: int
    ) -> Revision | None:
        """Take in one event; what changes of the person's sessions, None where it belongs to no visit.

        Args:
            customer: Whose it is.
            event: Its name.
            place: When it occurred (µs), and its position.
            properties: As rules see them.
            now_us: When it was received.
        """
        says = self._says.get(event)
        if says is None:
            return None
        floor = now_us - REVISED_US
        self.stale += place[0] < floor
        person = self._people.pop(customer, None) or PersonVisits()
        person.prune(floor - self._gap_us)
        # Whoever was there last stands last, so that those whose visits are all past stand first.
        self._people[customer] = person
        self._trim(floor - self._gap_us)
        return person.hear(says.step(place, properties), now_us, self._gap_us)

    def merge(self, stays: str, gone: str) -> Revision | None:
        """Two people turn out to be one; what changes of the sessions of both together, None for nothing."""
        theirs = self._people.pop(gone, None)
        if theirs is None:
            return None
        revision = self._people.setdefault(stays, PersonVisits()).merge(theirs, self._gap_us)
        return revision if revision.gone else None

    def forget(self, customers: Iterable[str]) -> None:
        """Drop what is known of some people."""
        for customer in customers:
            self._people.pop(customer, None)

    def _trim(self, before_us: int) -> None:
        past = []
        for customer, person in islice(self._people.items(), _TRIMMED):
            if not person.is_past(before_us):
                break
            past.append(customer)
        for customer in past:
            if len(self._people) > 1:
                del self._people[customer]
