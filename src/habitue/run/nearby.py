"""Some customers, kept in memory with their events: those that estimates and first pages look at.

Ids are random, so the events of the few who are looked at lie everywhere in the tables, and reading them takes almost
as long as reading everybody's: 0.5 to 2 CPU-seconds with 40 million events, of which half is saved where they are kept
apart.

Who has the project open for long makes them, once after each build, an erasure or a restriction, and each edit
of the project's files, and every ten minutes where messages come in: one pass over the tables, 7 CPU-seconds and 510 MB
for 60,000 of a million customers. Without them, or where they do not hold any longer, the tables themselves are read.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.engines.warehouse_failures import WarehouseFullError
from habitue.rules.tables import Tables
from habitue.run.id_ranges import ends_among
from habitue.run.kept_people import Itself, Standing
from habitue.sources.shapes import CUSTOMERS

MOST_AGE: Final = timedelta(minutes=10)
"""So long estimates are of tables that moved since: events that came late, visitors who became one."""
LEFT_FOR: Final = timedelta(seconds=60)
"""So long after others took their place they are there still, for questions that began before: none takes longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where they are taken from.

    Attributes:
        warehouse: A connection.
        tables: Everybody's, through it.
        names: Of the tables of events, by event.
    """

    warehouse: Warehouse
    tables: Tables
    names: Mapping[str, str]


class Some(NamedTuple):
    """Which customers: those of either.

    Attributes:
        ends: Those whose id ends in one of the first so many of 65,536 ends; see `ends_among`.
        below: Those with an id below it; empty for none.
    """

    ends: int = 0
    below: str = ""

    def holds(self, other: "Some") -> bool:
        """Whether all of others are among these."""
        return self.ends >= other.ends and self.below >= other.below

    def of(self, rows: ir.Table) -> ir.Table:
        """Rows with a customer_id, of these alone."""
        return rows.filter(ends_among(rows.customer_id, self.ends) | (rows.customer_id < self.below))


NOBODY: Final = Some()


class Whom(NamedTuple):
    """Which customers, and of when.

    Attributes:
        some: Which.
        standing: How the project stood, without what moves all day: words about consents, and how many customers there
            are.
        file: The open file of the tables.
    """

    some: Some
    standing: Standing
    file: Itself

    def is_of(self, kept: "Whom") -> bool:
        """Whether these are among those who are kept, as things stand now."""
        return self[1:] == kept[1:] and kept.some.holds(self.some)


class Moved(NamedTuple):
    """What moves between builds while messages come in.

    Attributes:
        customers: How many there are.
        place: How far the log is in the tables.
    """

    customers: int
    place: int


class _Kept(NamedTuple):
    whom: Whom
    place: str
    moved: Moved
    made_at: datetime


class Nearby:
    """Some customers, for all that read a project; safe to be used by several threads."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._filling: _Kept | None = None
        self._waiting: list[str] = []
        self._left: list[tuple[_Kept, datetime]] = []
        self._made = 0
        self._failed: Whom | None = None
        self._making = threading.Lock()

    def find(self, whom: Whom, source: Source, moved: Moved) -> Tables | None:
        """Their tables, for whoever asks through a connection; None where those are not kept, or hold no longer.

        What moves all day, or is about groups, is everybody's: consents and relations. Lists of people are exact, so
        that customers below an id are not there where anything moved; estimates may be some minutes old.

        Args:
            whom: Which, as the project stands now.
            source: Everybody's.
            moved: How far the tables are.
        """
        kept = self._kept
        if kept is None or not whom.is_of(kept.whom) or (whom.some.below and moved != kept.moved):
            return None
        near = _InMemory(source.warehouse, kept.place, source.names)
        return replace(source.tables, customers=source.warehouse.memory.table(kept.place, CUSTOMERS), events=near)

    def tend(self, whom: Whom, source: Source, moved: Moved, now: datetime) -> bool:
        """Have them kept as they are now, a table at a time, and let go of those that nobody asks any more.

        What is broken off in the middle is done when this is called again.

        Args:
            whom: Which, as the project stands now.
            source: Everybody's.
            moved: How far the tables are.
            now: The present time.

        Returns:
            Whether there is more to do.

        Raises:
            WarehouseFullError: There is no room for them; everybody's tables are read then.
        """
        with self._making:
            self._let_go(source.warehouse, now)
            self._kept = self._if_of(self._kept, whom, moved, now)
            self._filling = self._if_of(self._filling, whom, moved, now)
            # What failed once takes as long to fail again.
            if self._kept is not None or whom.some == NOBODY or whom == self._failed:
                return False
            if self._filling is None:
                self._made += 1
                self._filling = _Kept(whom, f"nearby_{self._made}", moved, now)
                self._waiting = [CUSTOMERS, *source.names]
            name = self._waiting[-1]
            table = source.tables.customers if name == CUSTOMERS else source.tables.events[name]
            some, place = self._filling.whom.some, self._filling.place
            try:
                source.warehouse.memory.keep(place, source.names.get(name, name), some.of(table))
            except WarehouseFullError:
                self._left.append((self._filling, now))
                self._filling, self._failed = None, whom
                raise
            self._waiting.pop()
            if not self._waiting:
                self._kept, self._filling = self._filling, None
            return bool(self._waiting)

    def _if_of(self, kept: _Kept | None, whom: Whom, moved: Moved, now: datetime) -> _Kept | None:
        """What is kept where it is of these, and not old; else it is left."""
        if kept is None:
            return None
        is_old = moved != kept.moved and now - kept.made_at > MOST_AGE
        if whom.some != NOBODY and whom.is_of(kept.whom) and not is_old:
            return kept
        self._left.append((kept, now))
        return None

    def _let_go(self, warehouse: Warehouse, now: datetime) -> None:
        gone = [each for each, left_at in self._left if now - left_at > LEFT_FOR]
        self._left = [each for each in self._left if each[0] not in gone]
        for each in gone:
            # Of a file that was closed nothing is left.
            if each.whom.file == Itself(warehouse.file):
                warehouse.memory.forget(each.place)


class _InMemory(Mapping[str, ir.Table]):
    """Tables by the names of events, each looked up when it is asked for: a question names few of them."""

    def __init__(self, warehouse: Warehouse, place: str, names: Mapping[str, str]) -> None:
        self._warehouse = warehouse
        self._place = place
        self._names = names

    def __getitem__(self, name: str) -> ir.Table:
        return self._warehouse.memory.table(self._place, self._names[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
