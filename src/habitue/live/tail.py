"""The log read page by page; a record that is damaged is passed over and told, not stumbled at for ever."""

from pathlib import Path
from typing import NamedTuple

from habitue.errors import HabitueError
from habitue.streams import LogReader, Record
from habitue.streams.refusals import LogDamagedError


class Page(NamedTuple):
    """Some records that follow each other.

    Attributes:
        records: In order.
        damaged: Offsets of those in between that cannot be read, and why.
        last: The offset of the last one, damaged or not; that of the page before where there was none.
    """

    records: list[Record]
    damaged: list[tuple[int, HabitueError]]
    last: int


class Tail:
    """A log opened for reading by one thread."""

    def __init__(self, path: Path) -> None:
        self._reader = LogReader(path)

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()

    def newest(self) -> int:
        """The offset of the newest record ever kept; 0 in a log that never held anything."""
        return self._reader.bounds()[1]

    def read(self, after: int, limit: int) -> Page:
        """The records behind an offset, so many at most."""
        try:
            records = self._reader.read(after, limit)
        except LogDamagedError:
            return self._one_by_one(after, limit)
        return Page(records, [], records[-1].offset if records else after)

    def _one_by_one(self, after: int, limit: int) -> Page:
        records, damaged, last, newest = list[Record](), list[tuple[int, HabitueError]](), after, self.newest()
        while last < newest and len(records) + len(damaged) < limit:
            try:
                found = self._reader.read(last, 1)
            except LogDamagedError as error:
                # The reader does not say which record it is other than in words; offsets have no gaps.
                last = max(last + 1, self._reader.bounds()[0])
                damaged.append((last, error))
                continue
            if not found:
                break
            records += found
            last = found[0].offset
        return Page(records, damaged, last)
