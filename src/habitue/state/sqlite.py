"""SQLite files that hold state: opened durably and privately, their refusals said in plain sentences."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from errno import EACCES, EISDIR
from pathlib import Path
from stat import S_ISDIR

from habitue.config import DiskError, DiskFullError, NotWritableError, writing
from habitue.errors import HabitueError

_BUSY_SECONDS = 2.0
_SPARE_BYTES = 1 << 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class StateDamagedError(HabitueError):
    """A state file is not the database it should be."""

    code = "STATE-DAMAGED"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"{str(path)!r} cannot be used: {why}.",
            do="Restore it from a backup, or move it away and run `habitue build --full`.",
        )


class StateNewerError(HabitueError):
    """A state file was written by a later Habitue."""

    code = "STATE-NEWER"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            what=f"{str(path)!r} has format {found}, and this version of Habitue knows formats up to {known}.",
            do="Install the newer Habitue again; nothing was changed.",
        )


class StateBusyError(HabitueError):
    """Another process holds the state file."""

    code = "STATE-BUSY"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"Another process is writing {str(path)!r}.",
            do="Wait until it has finished, then run the command again.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What a state file holds.

    Attributes:
        application: SQLite `application_id` of such files.
        version: SQLite `user_version`, counted up with each change of the tables.
        statements: Constant SQL that makes a new file, setting both numbers.
    """

    application: int
    version: int
    statements: Sequence[str]


@contextmanager
def answering(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses inside the block into an error with a sentence; mistakes of ours pass through."""
    try:
        yield
    except sqlite3.Error as error:
        known = _known(path, error)
        if known is None:
            raise
        raise known from error


def _known(path: Path, error: sqlite3.Error) -> HabitueError | None:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StateDamagedError(path, "it is damaged or not a database")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StateBusyError(path)
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH):
        return NotWritableError(path, "it or its folder is read-only")
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and not _has_room(path)):
        return DiskFullError(path)
    if primary == sqlite3.SQLITE_IOERR:
        return DiskError(path, "the operating system reports an input/output error")
    return None


def _has_room(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return True
    return disk.f_bavail * disk.f_frsize > _SPARE_BYTES


def open_database(path: Path, layout: Format) -> sqlite3.Connection:
    """Open, or make, a state file: WAL, an fsync at every commit, foreign keys, mode 0600, explicit transactions.

    Args:
        path: The file; its folder exists.
        layout: What the file has to hold.

    Raises:
        StateDamagedError: The file is no database, or another program's.
        StateNewerError: A later Habitue wrote it.
        NotWritableError: The file or its folder is read-only.
        DiskFullError: No room is left.
    """
    _make_private(path)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        with answering(path):
            _prepare(connection, path, layout)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Have a file that only its owner may read.

    One that is there is never opened here: to close it again would drop the locks that SQLite holds on it for the whole
    process, and then another process could take its journal away from under a connection that goes on writing.
    """
    with writing(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            return
        if S_ISDIR(mode):
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
        if mode & 0o077:
            path.chmod(0o600)


def _prepare(connection: sqlite3.Connection, path: Path, layout: Format) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
    is_new = version == 0 and application == 0 and tables == 0
    if not is_new and application != layout.application:
        raise StateDamagedError(path, "it is a database of another program")
    if version > layout.version:
        raise StateNewerError(path, version, layout.version)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cache_size = -32768")
    if is_new:
        with transaction(connection):
            # Somebody else may have made it meanwhile.
            if not int(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]):
                for statement in layout.statements:
                    connection.execute(statement)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements inside take effect together or not at all; inside another transaction they join that one."""
    joins_another = connection.in_transaction
    if joins_another:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """All questions inside see one state of the file, and hinder nobody who writes."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def write_anew(path: Path, connection: sqlite3.Connection) -> None:
    """Write a file anew and empty its log, so that nothing deleted is in either; outside any transaction.

    With `secure_delete` deleted rows are overwritten with zeros. But while a tree grows, SQLite (3.40) moves rows from
    page to page, and now and then leaves a copy in the unused part of a page: of one row in a thousand.

    Raises:
        StateBusyError: Somebody else reads the file.
    """
    with answering(path):
        connection.execute("VACUUM")
        is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if is_busy:
        raise StateBusyError(path)


def to_us(moment: datetime) -> int:
    """An aware time as whole microseconds since 1970-01-01 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The time of so many microseconds since 1970-01-01, in UTC."""
    return _EPOCH + us * _MICROSECOND


def storable(text: str) -> str:
    """The text with halves of character pairs, as in odd file names, written out as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
