"""Reading the log by offset, beside its writer and after it has stopped."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from habitue.streams.entries import Counts, Failure, FailureState, Record
from habitue.streams.log_file import answering, open_for_reading
from habitue.streams.log_rows import checksum, id_of
from habitue.streams.log_tables import READ, READ_FAILED
from habitue.streams.refusals import LogDamagedError

MAX_PAGE: Final = 10_000


class LogReader:
    """A log opened for reading, by one thread at a time; there may be many.

    Args:
        path: The file of a log that is there.

    Raises:
        LogMissingError: There is no log.
        LogDamagedError: The file is no log.
        LogNewerError: A later Habitue wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection = open_for_reading(path)

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def read(self, after: int = 0, limit: int = 1_000, *, with_ids: bool = True) -> list[Record]:
        """The records that follow an offset, in order; only what is on the disk.

        Args:
            after: The offset of the last record read before; 0 begins with the oldest there is.
            limit: How many at most, up to 10,000.
            with_ids: Whether the ids of messages are wanted; else they are empty, which is quicker.

        Raises:
            LogDamagedError: A record is not what was written; the error names its offset.
        """
        with answering(self._path):
            rows = self._connection.execute(READ, (after, max(0, min(limit, MAX_PAGE)))).fetchall()
        records = list[Record]()
        for place, received_us, source, key, kind, body, crc in rows:
            if checksum(place, received_us, key, body) != crc:
                raise LogDamagedError(self._path, f"the record at offset {place} is not what was written")
            records.append(Record(place, received_us, source, id_of(key) if with_ids else "", kind, body))
        return records

    def bounds(self) -> tuple[int, int]:
        """The offsets of the oldest record there is and of the newest ever kept; when none is left, newest + 1 first.

        Both are 0 and 1 turned about, `(1, 0)`, in a log that never held anything.
        """
        with answering(self._path):
            oldest, following = self._connection.execute(
                "SELECT (SELECT min(place) FROM records), (SELECT value FROM facts WHERE name = 'next')"
            ).fetchone()
        return (following if oldest is None else oldest), following - 1

    def counts(self) -> dict[str, Counts]:
        """What became of everything each source ever sent; the sums survive restarts and retention."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT name, received, stored, duplicates, failed FROM sources ORDER BY name"
            ).fetchall()
        return {name: Counts(*numbers) for name, *numbers in rows}

    def failures(
        self,
        *,
        source: str | None = None,
        code: str | None = None,
        state: FailureState | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Failure]:
        """One page of the failed lane, by number.

        Args:
            source: Only events of this source.
            code: Only events that failed with this code.
            state: Only events that stand so.
            after: Only events with a greater number: the last one of the page before.
            limit: The length of the page, at most 10,000.
        """
        wanted = {"source": source, "code": code, "state": state, "after": after, "limit": max(0, min(limit, MAX_PAGE))}
        with answering(self._path):
            rows = self._connection.execute(READ_FAILED, wanted).fetchall()
        return [Failure._make((*row[:8], FailureState(row[8]))) for row in rows]
