"""The log's file: opened for writing or reading, and what SQLite answers turned into errors with a sentence."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EACCES
from pathlib import Path
from typing import Final

from habitue.errors import HabitueError
from habitue.streams.log_tables import APPLICATION, MAKE, VERSION
from habitue.streams.refusals import (
    LogDamagedError,
    LogFullError,
    LogHeldError,
    LogMissingError,
    LogNewerError,
    LogStoppedError,
)

_BUSY_SECONDS: Final = 2.0
_SPARE_BYTES: Final = 1 << 16
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_MISSING: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY})


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the log, made when absent: WAL, an fsync at every commit, mode 0600, usable from one thread at a time.

    The file is checkpointed by `checkpoint` only, never by SQLite on its own: its automatic checkpoints pass over
    a failed fsync without a word.

    Raises:
        LogMissingError: The path does not lead to a file that can be written.
        LogDamagedError: The file is no log.
        LogNewerError: A later Habitue wrote it.
        LogFullError: No room is left to make it.
    """
    with answering(path):
        _make_private(path)
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a log that is there; nothing can be changed through this connection.

    Raises:
        LogMissingError: There is none.
        LogDamagedError: The file is no log.
        LogNewerError: A later Habitue wrote it.
    """
    with answering(path):
        place = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(
            place, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA query_only = ON")
            _check_made(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _make_private(path: Path) -> None:
    """Have a file that only its owner may read; one that is there is not opened, see `state.sqlite`."""
    if path.exists():
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
        path.chmod(0o600)
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.close(handle)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file holds a log; False when it is empty."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    if version == 0 and application == 0 and tables == 0:
        return False
    if application != APPLICATION:
        raise LogDamagedError(path, "it is a file of another program")
    if version > VERSION:
        raise LogNewerError(path, version, VERSION)
    return True


def _check_made(connection: sqlite3.Connection, path: Path) -> None:
    if not _is_ours(connection, path):
        raise LogMissingError(path, "it is empty")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    is_ours = _is_ours(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cache_size = -65536")
    # What retention removes is overwritten with zeros; appending pays nothing for it.
    connection.execute("PRAGMA secure_delete = ON")
    if not is_ours:
        connection.execute("BEGIN IMMEDIATE")
        for statement in MAKE:
            connection.execute(statement)
        connection.execute("COMMIT")


@contextmanager
def answering(path: Path) -> Iterator[None]:
    """Turn what SQLite or the system refuses inside the block into one of the log's errors."""
    try:
        yield
    except sqlite3.Error as error:
        raise known_error(path, error) from error
    except OSError as error:
        raise LogMissingError(path, (os.strerror(error.errno or 0)).lower()) from error


def known_error(path: Path, error: sqlite3.Error) -> HabitueError:
    """What an error of SQLite means for the log; whatever is neither of the known causes means that it stops."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _DAMAGED:
        return LogDamagedError(path, "SQLite cannot read it")
    if primary in _HELD:
        return LogHeldError(path, 0)
    if primary in _MISSING:
        return LogMissingError(path, "it or its folder is missing or read-only")
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and not _is_sync(code) and _is_full(path)):
        return LogFullError(path)
    if primary == sqlite3.SQLITE_IOERR:
        return LogStoppedError(path, f"the disk failed ({getattr(error, 'sqlite_errorname', 'input/output error')})")
    return LogStoppedError(path, f"SQLite refused a statement ({type(error).__name__})")


def _is_sync(code: int | None) -> bool:
    return code in (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)


def _is_full(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _SPARE_BYTES
