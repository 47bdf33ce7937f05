"""What keeps records apart, asked for many records at once and kept while one micro-batch is joined."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from habitue.errors import HabitueError
from habitue.identity.edges import UNKNOWN, Facts
from habitue.identity.settling import FactsOf

Values = frozenset[tuple[int, int]]
_NOTHING: Final[Values] = frozenset()


class Apart:
    """What is known of some records; used by one thread.

    Args:
        facts_of: What is known of records that keeps them apart, by record ids.
    """

    def __init__(self, facts_of: FactsOf) -> None:
        self._facts_of = facts_of
        self._facts = Facts.none(0)
        self._places: dict[str, int] = {}

    def clear(self) -> None:
        """Ask anew from now on."""
        self._facts, self._places = Facts.none(0), {}

    def load(self, records: Iterable[str]) -> None:
        """Ask for many records at once, in place of those before; one that nobody knows is asked for by itself."""
        wanted = list(dict.fromkeys(records))
        self.clear()
        try:
            self._facts = self._facts_of(wanted)
        except HabitueError:
            return
        self._places = {record: place for place, record in enumerate(wanted)}

    def facts_of(self, records: Sequence[str]) -> Facts:
        """What is known of some records, in their order."""
        places = [self._places.get(record, UNKNOWN) for record in records]
        if UNKNOWN in places:
            return self._facts_of(records)
        return self._facts.of(np.array(places, dtype=np.int64))

    def said_of(self, records: Sequence[str]) -> tuple[Values, bool]:
        """The identifiers of limited namespaces that some records have together, and whether a birth is known."""
        places = [self._places.get(record, UNKNOWN) for record in records]
        facts = self._facts
        if UNKNOWN in places:
            facts, places = self._facts_of(records), list(range(len(records)))
        identifiers = facts.identifiers
        values = _NOTHING.union(*(identifiers.get(place, ()) for place in places))
        return values, any(facts.year[place] != UNKNOWN for place in places)
