"""The log's file in the hands of its one writer: transactions that last, fencing, and what stops it for good."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from habitue.errors import HabitueError
from habitue.streams.claim import Claim
from habitue.streams.log_file import known_error, open_for_reading
from habitue.streams.refusals import (
    LogClosedError,
    LogFencedError,
    LogFullError,
    LogHeldError,
    LogStoppedError,
)


class HeldFile:
    """The file of a log, opened and claimed for writing.

    Args:
        path: The file.
        connect: How it is opened.
        take_over: Whether to take it from a process that still has it.

    Attributes:
        path: The file.
        connection: The one connection that writes.
        epoch: Counted up by every opening; whoever has an older one cannot commit.

    Raises:
        LogHeldError: Another process writes it.
        LogDamagedError: The file is no log, or damaged.
        LogNewerError: A later Habitue wrote it.
    """

    def __init__(self, path: Path, connect: Callable[[Path], sqlite3.Connection], *, take_over: bool) -> None:
        self.path = path
        self._why_stopped: str | None = None
        self._is_fenced = False
        self._is_closed = False
        self._claim = Claim(path, take_over=take_over)
        try:
            self.connection = connect(path)
        except BaseException:
            self._claim.release()
            raise
        try:
            self.epoch = self._raise_epoch()
        except BaseException:
            self.connection.close()
            self._claim.release()
            raise

    @property
    def is_stopped(self) -> bool:
        """Whether nothing can be written any longer, until the log is opened again."""
        return self._is_closed or self._is_fenced or self._why_stopped is not None

    def check(self) -> None:
        """Raise what stands against writing, if anything does."""
        if self._is_closed:
            raise LogClosedError(self.path)
        if self._is_fenced:
            raise LogFencedError(self.path)
        if self._why_stopped is not None:
            raise LogStoppedError(self.path, self._why_stopped)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction of the newest epoch: on the disk when the block has ended, or not there at all."""
        self.check()
        run = self.connection.execute
        try:
            run("BEGIN IMMEDIATE")
            self._check_epoch()
            yield
            run("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            raise self._judged(error) from error
        except BaseException:
            self._undo()
            raise

    def checkpoint(self) -> None:
        """Carry what was committed into the file proper, as far as readers allow; it is safe without that."""
        self.check()
        try:
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            raise self._judged(error) from error

    def write_anew(self) -> None:
        """Write the file anew and empty its journal: nothing that was removed is in either afterwards.

        Raises:
            LogHeldError: Somebody reads the log for too long.
        """
        self.check()
        try:
            self.connection.execute("VACUUM")
            is_busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            raise self._judged(error) from error
        if is_busy:
            raise LogHeldError(self.path, 0)

    def close(self) -> None:
        """Give the file back; after a failure of the disk it is left exactly as it is."""
        if self._is_closed:
            return
        # Whoever closes the file last carries the log over; a reader cannot, so after a failure one goes last.
        with suppress(HabitueError):
            self.checkpoint()
        guard: sqlite3.Connection | None = None
        if self.is_stopped:
            with suppress(HabitueError):
                guard = open_for_reading(self.path)
        self._is_closed = True
        with suppress(sqlite3.Error):
            self.connection.close()
        if guard is not None:
            guard.close()
        self._claim.release()

    def _raise_epoch(self) -> int:
        try:
            rows = self.connection.execute(
                "UPDATE facts SET value = value + 1 WHERE name = 'epoch' RETURNING value"
            ).fetchall()
        except sqlite3.Error as error:
            raise known_error(self.path, error) from error
        return int(rows[0][0])

    def _check_epoch(self) -> None:
        found = self.connection.execute("SELECT value FROM facts WHERE name = 'epoch'").fetchone()[0]
        if found != self.epoch:
            self._is_fenced = True
            raise LogFencedError(self.path)

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _judged(self, error: sqlite3.Error) -> HabitueError:
        """What an error means; whatever may not pass by itself stops the log for good."""
        known = known_error(self.path, error)
        if not isinstance(known, LogFullError | LogHeldError):
            self._why_stopped = known.why if isinstance(known, LogStoppedError) else known.what
        return known
