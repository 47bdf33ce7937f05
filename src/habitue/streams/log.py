"""The log: everything that arrives live, in order, each message once, on the disk before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from habitue.errors import HabitueError
from habitue.streams.appending import Appender, Stored
from habitue.streams.entries import NewFailure, NewRecord, Receipt, Removed, Rewritten
from habitue.streams.held_file import HeldFile
from habitue.streams.log_file import open_for_writing
from habitue.streams.log_rows import check_records
from habitue.streams.log_tables import COUNT, REPLAY
from habitue.streams.message_ids import SWEEP
from habitue.streams.refusals import LogRecordError
from habitue.streams.retention import clear_failures, retire
from habitue.streams.rewriting import Change, rewrite

_HOUR_US: Final = 3_600_000_000
_LANE_BYTES: Final = 1 << 30
_CHECKPOINT_PAGES: Final = 16_384
_PAGES_OF_A_COMMIT: Final = 6
_PAGES_OF_A_RECORD: Final = 1
_PAGE: Final = 4_096


class Limits(NamedTuple):
    """How a log is cut and bounded.

    Attributes:
        segment_us: The stretch of time, in µs, that retention removes at once.
        lane_bytes: How much the failed lane keeps of events as they came; beyond it only the reasons are kept.
        sweep: How many message ids wait in memory before they are carried into the index.
    """

    segment_us: int = _HOUR_US
    lane_bytes: int = _LANE_BYTES
    sweep: int = SWEEP


class Group(NamedTuple):
    """What one sender gave at once: taken in wholly or not at all, and answered with one receipt."""

    records: Sequence[NewRecord]
    failures: Sequence[NewFailure] = ()


class Log:
    """A log opened for writing, by one thread at a time; a `Committer` makes it one for many.

    Args:
        file: Its file, held for writing.
        limits: How it is cut and bounded.

    Attributes:
        path: Its file.
        epoch: Counted up by every opening; whoever has an older one cannot commit.
        replayed: The newest offset that `replay` has given; 0 before the first.
    """

    def __init__(self, file: HeldFile, limits: Limits) -> None:
        self.path = file.path
        self.epoch = file.epoch
        self._file = file
        self._connection = file.connection
        self._appender = Appender(
            file.connection, segment_us=limits.segment_us, lane_bytes=limits.lane_bytes, sweep=limits.sweep
        )
        self._pages = 0
        self.replayed = 0

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        take_over: bool = False,
        limits: Limits | None = None,
        connect: Callable[[Path], sqlite3.Connection] = open_for_writing,
    ) -> Self:
        """Open a log, made when absent; nobody else may write it from now on.

        Args:
            path: The file; its folder exists.
            take_over: Whether to take it from a process that still has it, whose commits are refused from then on.
            limits: How it is cut and bounded.
            connect: How the file is opened.

        Raises:
            LogHeldError: Another process writes it.
            LogDamagedError: The file is no log, or damaged.
            LogNewerError: A later Habitue wrote it.
            LogMissingError: The path does not lead to a file that can be written.
        """
        return cls(HeldFile(path, connect, take_over=take_over), limits or Limits())

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is taken in any longer, until the log is opened again."""
        return self._file.is_stopped

    def append_many(self, records: Sequence[NewRecord], failures: Sequence[NewFailure] = ()) -> Receipt:
        """Keep records and failed events in one transaction; when this returns they are on the disk.

        A message id that its source used before, as long as the log goes back, is not kept again: the receipt has
        the offset of the first, and the record counts as a duplicate.

        Raises:
            LogRecordError: One of them cannot be kept.
            LogFullError: There is no room; nothing was kept, and a later call may succeed.
            LogHeldError: Something else held the file too long; nothing was kept, and a later call may succeed.
            LogFencedError: Another process took the log over.
            LogStoppedError: The disk failed, now or before.
            LogDamagedError: The file is damaged; the log has stopped.
        """
        check_records(records)
        return self.append_groups([Group(records, failures)])[0]

    def append_groups(self, groups: Sequence[Group]) -> list[Receipt]:
        """Keep several groups in one transaction; as `append_many`, for records that `check_records` has seen."""
        records = [record for group in groups for record in group.records]
        with self._writing():
            stored = self._appender.store(records)
            self._appender.count(records, stored.is_new)
            self._appender.fail([failure for group in groups for failure in group.failures])
        self._wrote(len(records), sum(len(record.body) for record in records))
        return list(_receipts(groups, stored))

    def replay(self, number: int, record: NewRecord) -> Receipt:
        """Keep a mended event in place of its failed row, which no longer counts as failed.

        Raises:
            LogRecordError: No failed event of its source waits under the number, or the record cannot be kept.
        """
        check_records([record])
        with self._writing():
            stored = self._appender.store([record])
            source = self._appender.source(record.source)
            if not self._connection.execute(REPLAY, (number, source)).rowcount:
                raise LogRecordError(f"no failed event of its source waits under the number {number}")
            new = int(stored.is_new[0])
            self._connection.execute(COUNT, (0, new, 1 - new, -1, source))
        self._wrote(1, len(record.body))
        self.replayed = max(self.replayed, *stored.offsets)
        return Receipt(stored.offsets, 1 - new)

    def drop_failures(self, numbers: Iterable[int]) -> int:
        """Give failed events up: their rows stay, without what came, and count as failed; how many were open."""
        with self._writing():
            self._appender.reread()
            return clear_failures(self._connection, numbers)

    def retire(self, before_us: int, *, limit: int = 10_000) -> Removed:
        """Take one step towards forgetting what was received before an instant; call it until it is done.

        Whole stretches of time go, with their message ids; the stretch that the instant lies in goes when all of it
        is older. Counts and offsets are not touched, and no offset is given twice.

        Args:
            before_us: The instant, µs since 1970 UTC.
            limit: How many rows go at most in this step, so that writing does not wait long.
        """
        with self._writing():
            self._appender.reread()
            removed = retire(self._connection, self._appender.ids, before_us, limit)
        self._wrote(removed.records + removed.failures, 0)
        return removed

    def rewrite(self, change: Change, *, after: int = 0, limit: int = 10_000) -> Rewritten:
        """Take one step through all bodies and change some; call it with the offset it gives until it is done.

        Ids, counts and offsets stay, so that what comes again is a duplicate still. Once all is changed, `compact`
        takes what was there before out of the files.

        Args:
            change: Says what a body is to be; None for as it is.
            after: The last offset that was looked at.
            limit: How many records one step looks at, so that writing does not wait long.
        """
        with self._writing():
            self._appender.reread()
            done = rewrite(self._connection, change, after, limit)
        self._wrote(done.records, 0)
        return done

    def compact(self) -> None:
        """Write the file anew, so that nothing that was changed or removed is in any file of the log.

        Cost: the whole file is written twice; nothing is taken in meanwhile.

        Raises:
            LogHeldError: Somebody reads the log for too long; call it again.
            LogFullError: There is no room for a second copy.
        """
        self._file.write_anew()
        self._pages = 0

    def checkpoint(self) -> None:
        """Carry what was committed into the file proper, as far as readers allow; it is safe without that.

        Raises:
            LogStoppedError: The disk failed; what was acknowledged is safe.
        """
        self._file.checkpoint()
        self._pages = 0

    def close(self) -> None:
        """Give the log back."""
        self._file.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._file.transaction():
                yield
        except BaseException:
            self._appender.forget()
            raise
        self._appender.settle()

    def _wrote(self, rows: int, size: int) -> None:
        """Checkpoint now and then; what was just committed is safe whatever comes of it, so that is not raised."""
        self._pages += _PAGES_OF_A_COMMIT + _PAGES_OF_A_RECORD * rows + size // _PAGE
        if self._pages >= _CHECKPOINT_PAGES:
            with suppress(HabitueError):
                self.checkpoint()


def _receipts(groups: Iterable[Group], stored: Stored) -> Iterator[Receipt]:
    begin = 0
    for group in groups:
        end = begin + len(group.records)
        yield Receipt(stored.offsets[begin:end], stored.is_new[begin:end].count(False))
        begin = end
