"""Which message ids the log holds, exactly, for as far back as it goes.

Ids are as good as random, so an index that takes each with its record rewrites a page of the disk for every record.
Here ids wait in memory, where the newest records would tell them again, and are carried over in their own order, a few
with each commit, so that those of one page go together.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from habitue.streams.log_tables import FIND_FIFTY, INDEX, INDEXED, UNINDEX, UNINDEXED

SWEEP: Final = 131_072
_AT_ONCE: Final = 50
_PACE: Final = 2


class MessageIds:
    """The ids of a log's records, by key; what changes inside a transaction counts once `settle` was called.

    Args:
        connection: The one that writes.
        sweep: How many ids wait before they are carried into the index.
    """

    def __init__(self, connection: sqlite3.Connection, *, sweep: int = SWEEP) -> None:
        self._connection = connection
        self._sweep = sweep
        self._waiting: dict[bytes, int] | None = None
        self._order: list[bytes] = []
        self._next = 0
        self._last_place = 0
        self._new: dict[bytes, int] = {}
        self._carried: Sequence[bytes] = ()
        self._gone: Sequence[bytes] = ()

    def find(self, keys: Iterable[bytes]) -> dict[bytes, int]:
        """The place of each key that is known."""
        waiting = self._known()
        found = dict[bytes, int]()
        asked = list[bytes]()
        for key in keys:
            if key in waiting:
                found[key] = waiting[key]
            else:
                asked.append(key)
        for begin in range(0, len(asked), _AT_ONCE):
            some = asked[begin : begin + _AT_ONCE]
            some += some[:1] * (_AT_ONCE - len(some))
            found.update(self._connection.execute(FIND_FIFTY, some).fetchall())
        return found

    def add(self, places: Mapping[bytes, int]) -> None:
        """Take in new keys, and carry over some of those that wait."""
        self._new = dict(places)
        waiting = self._known()
        if not self._order and len(waiting) >= self._sweep:
            self._order, self._next = sorted(waiting), 0
            self._last_place = max(waiting.values())
        if self._order:
            self._carried = self._order[self._next : self._next + _PACE * len(places)]
            here = [(key, waiting[key]) for key in self._carried if key in waiting]
            self._connection.executemany(INDEX, here)
            if self._next + len(self._carried) >= len(self._order):
                self._connection.execute(INDEXED, (self._last_place,))

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget keys, whose records go."""
        self._connection.executemany(UNINDEX, ((key,) for key in keys))
        self._gone = keys

    def settle(self) -> None:
        """What changed was committed."""
        waiting = self._known()
        for key in self._carried:
            waiting.pop(key, None)
        self._next += len(self._carried)
        if self._next >= len(self._order):
            self._order, self._next = [], 0
        waiting.update(self._new)
        for key in self._gone:
            waiting.pop(key, None)
        self.unsettle()

    def unsettle(self) -> None:
        """What changed was not committed."""
        self._new, self._carried, self._gone = {}, (), ()

    def _known(self) -> dict[bytes, int]:
        if self._waiting is None:
            self._waiting = dict(self._connection.execute(UNINDEXED).fetchall())
        return self._waiting
