"""How records, failed events and their counts become rows, inside a transaction that somebody else ends."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from habitue.streams.entries import NewFailure, NewRecord
from habitue.streams.log_rows import Row, failed_columns, keys_of, row_of
from habitue.streams.log_tables import COUNT, FAIL, INSERT
from habitue.streams.message_ids import MessageIds


class Stored(NamedTuple):
    """Where records lie: the offset of each, and whether it is there for the first time."""

    offsets: list[int]
    is_new: list[bool]


class _Known(NamedTuple):
    """What the file says of itself: the next offset, the newest segment's stretch of time, the lane's bytes."""

    next_place: int
    start_us: int
    end_us: int
    lane_bytes: int


class Appender:
    """Appends to the tables of a log, remembering between commits what it would otherwise have to ask.

    Args:
        connection: The one that writes; a transaction is open at every call but `forget`.
        segment_us: The stretch of time of one segment, µs.
        lane_bytes: How much the failed lane keeps of events as they came.
        sweep: How many message ids wait before they are carried into the index.

    Attributes:
        ids: The message ids of all records.
    """

    def __init__(self, connection: sqlite3.Connection, *, segment_us: int, lane_bytes: int, sweep: int) -> None:
        self.ids = MessageIds(connection, sweep=sweep)
        self._connection = connection
        self._segment_us = segment_us
        self._lane_bytes = lane_bytes
        self._known: _Known | None = None
        self._sources: dict[str, int] = {}

    def forget(self) -> None:
        """Ask the file again, since what was remembered was not committed."""
        self.ids.unsettle()
        self._known = None
        self._sources.clear()

    def reread(self) -> None:
        """Ask the file again about what is remembered of it, since somebody else changes that."""
        self._known = None

    def settle(self) -> None:
        """What was appended was committed."""
        self.ids.settle()

    def store(self, records: Sequence[NewRecord]) -> Stored:
        """Keep each record whose message id its source has not used; say where they all lie."""
        if not records:
            return Stored([], [])
        for name in {record.source for record in records}:
            self.source(name)
        keys = keys_of(self._sources, records)
        places = self.ids.find(keys)
        first = self.next_place()
        if places or len(set(keys)) < len(keys):
            return self._store_new(records, keys, places)
        self._insert(records, keys)
        return Stored(list(range(first, first + len(records))), [True] * len(records))

    def _store_new(self, records: Sequence[NewRecord], keys: Sequence[bytes], places: dict[bytes, int]) -> Stored:
        first = self.next_place()
        new, new_keys, is_new = list[NewRecord](), list[bytes](), list[bool]()
        for record, key in zip(records, keys, strict=True):
            is_new.append(key not in places)
            if key not in places:
                places[key] = first + len(new)
                new.append(record)
                new_keys.append(key)
        if new:
            self._insert(new, new_keys)
        return Stored([places[key] for key in keys], is_new)

    def _insert(self, records: Sequence[NewRecord], keys: Sequence[bytes]) -> None:
        place, start_us, end_us, _ = self._know()
        rows, segments, first = list[Row](), list[tuple[int, int, int]](), place
        for record, key in zip(records, keys, strict=True):
            if not start_us <= record.received_us < end_us:
                start_us = record.received_us // self._segment_us * self._segment_us
                end_us = start_us + self._segment_us
                segments.append((place, start_us, end_us))
            rows.append(row_of(place, self._sources[record.source], key, record))
            place += 1
        self._connection.executemany(INSERT, rows)
        self.ids.add(dict(zip(keys, range(first, place), strict=True)))
        self._advance(len(rows), segments)

    def count(self, records: Iterable[NewRecord], is_new: Iterable[bool]) -> None:
        """Count what was received and what became of it, by source."""
        seen = Counter(zip((record.source for record in records), is_new, strict=True))
        for (name, new), number in seen.items():
            kept, again = (number, 0) if new else (0, number)
            self._connection.execute(COUNT, (number, kept, again, 0, self.source(name)))

    def fail(self, failures: Sequence[NewFailure]) -> None:
        """Put events into the failed lane and count them; what came is kept as long as the lane has room."""
        if not failures:
            return
        room = self._lane_bytes - self._know().lane_bytes
        used = 0
        rows = []
        for failure in failures:
            raw = failure.raw if used + len(failure.raw) <= room else None
            used += 0 if raw is None else len(raw)
            rows.append((self.source(failure.source), *failed_columns(failure), raw))
        self._connection.executemany(FAIL, rows)
        for number, seen in Counter(row[0] for row in rows).items():
            self._connection.execute(COUNT, (seen, 0, 0, seen, number))
        self._connection.execute("UPDATE facts SET value = value + ? WHERE name = 'lane_bytes'", (used,))
        self._known = self._know()._replace(lane_bytes=self._know().lane_bytes + used)

    def source(self, name: str) -> int:
        """The number of a source, which gets one when it has none."""
        number = self._sources.get(name)
        if number is None:
            run = self._connection.execute
            run("INSERT INTO sources (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (name,))
            number = int(run("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()[0])
            self._sources[name] = number
        return number

    def next_place(self) -> int:
        """The offset of the next record."""
        return self._know().next_place

    def _advance(self, stored: int, segments: Sequence[tuple[int, int, int]]) -> None:
        known = self._know()
        if segments:
            statement = "INSERT INTO segments (first_place, start_us, end_us) VALUES (?, ?, ?)"
            self._connection.executemany(statement, segments)
            known = known._replace(start_us=segments[-1][1], end_us=segments[-1][2])
        known = known._replace(next_place=known.next_place + stored)
        self._connection.execute("UPDATE facts SET value = ? WHERE name = 'next'", (known.next_place,))
        self._known = known

    def _know(self) -> _Known:
        if self._known is None:
            run = self._connection.execute
            facts = dict(run("SELECT name, value FROM facts").fetchall())
            last = run("SELECT start_us, end_us FROM segments ORDER BY first_place DESC LIMIT 1").fetchone()
            start_us, end_us = last or (0, 0)
            self._known = _Known(facts["next"], start_us, end_us, facts["lane_bytes"])
        return self._known
