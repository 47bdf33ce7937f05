"""Who was found behind marks just now, so that the next page and the same click again need no reckoning.

Sets are kept in memory, a few and for a short while, and only as long as the answer would be the same people: a build,
a changed definition, an erasure, a consent, a restriction or a merge makes another key. All that read a project share
them.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import pyarrow as pa

MOST_KEPT: Final = 24
"""How many sets."""
MOST_IDS: Final = 3_000_000
"""How many people in all of them: about 100 MB."""
LONGEST: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class _Kept:
    ids: pa.ChunkedArray
    until: datetime


class KeptPeople:
    """Sets of people by what was asked; safe to be used by several threads."""

    def __init__(self) -> None:
        self._sets: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many sets are kept."""
        return len(self._sets)

    def find(self, key: Hashable, now: datetime) -> pa.ChunkedArray | None:
        """The ids of a set, in no order; None where it is not kept."""
        with self._lock:
            kept = self._sets.get(key)
            if kept is None:
                return None
            if now >= kept.until:
                del self._sets[key]
                return None
            self._sets.move_to_end(key)
            return kept.ids

    def keep(self, key: Hashable, ids: pa.ChunkedArray, now: datetime) -> None:
        """Hold on to a set for a while; what was not asked for longest makes room."""
        if len(ids) > MOST_IDS:
            return
        with self._lock:
            for stale in [each for each, kept in self._sets.items() if now >= kept.until]:
                del self._sets[stale]
            self._sets[key] = _Kept(ids, now + LONGEST)
            self._sets.move_to_end(key)
            while len(self._sets) > MOST_KEPT or sum(len(each.ids) for each in self._sets.values()) > MOST_IDS:
                self._sets.popitem(last=False)


class Itself:
    """An object that is the same as itself only."""

    def __init__(self, of: object) -> None:
        self._of = of

    def __eq__(self, other: object) -> bool:
        """Whether both are of one object."""
        return isinstance(other, Itself) and self._of is other._of

    def __hash__(self) -> int:
        """As of the object's place."""
        return id(self._of)


class Standing(NamedTuple):
    """What has to be the same for the same question to have the same people.

    Attributes:
        project: The definitions.
        build: The last build.
        consents: The last thing said about a purpose.
        burials: How many were erased.
        customers: How many there are: merging and undoing it changes that.
        restricted: How many of them are in no answer.
    """

    project: Itself
    build: int
    consents: int
    burials: int
    customers: int
    restricted: int
