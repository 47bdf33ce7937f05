"""The audit log: who looked at or changed what about whom, as a chain in which every entry vouches for those before it.

Each entry's digest is SHA-256 over the digest before it and the entry's own canonical text. A changed, removed or
reordered byte breaks the chain at a place that `verify` names. Persons stand in it by internal id only.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from habitue.config import state_folder
from habitue.state.sqlite import Format, answering, from_us, open_database, to_us, transaction

AUDIT_FILE: Final = "audit.sqlite"
_LAYOUT: Final = Format(
    application=0x48424155,
    version=1,
    statements=(
        "PRAGMA application_id = 1212301653",
        "PRAGMA user_version = 1",
        "CREATE TABLE entries (number INTEGER PRIMARY KEY, said TEXT NOT NULL, digest TEXT NOT NULL)",
    ),
)
_FIRST: Final = "0" * 64


class AuditAction(StrEnum):
    """What can be done to personal data or to permissions."""

    READ = "read"
    EXPORT = "export"
    ERASE = "erase"
    CONSENT = "consent"
    MERGE = "merge"
    UNMERGE = "unmerge"
    PERMISSION = "permission"
    RETENTION = "retention"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that was done.

    Attributes:
        at: When, UTC.
        actor: Who: a user's or key's id, or `cli:<user of the machine>`.
        action: What.
        subject: The person it was about, by internal id; empty for none.
        about: What it was about: a command, table, segment or role. No personal data.
        purpose: What for; empty for none.
    """

    at: datetime
    actor: str
    action: AuditAction
    subject: str = ""
    about: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """Whether the chain holds.

    Attributes:
        entries: Entries that were read.
        broken_at: Number of the first entry that does not fit, None when all do.
        head: Digest of the last entry: kept elsewhere, it also proves that none was cut off at the end.
    """

    entries: int
    broken_at: int | None
    head: str


class AuditLog:
    """The audit log of one project, in `.habitue/audit.sqlite`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the audit log of a project folder, made when absent."""
        path = state_folder(project) / AUDIT_FILE
        return cls(path, open_database(path, _LAYOUT))

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def append(self, entry: AuditEntry) -> str:
        """Add an entry, fsynced before this returns; gives its digest."""
        said = _canonical(entry)
        with answering(self._path), transaction(self._connection):
            digest = _chained(self._head(), said)
            self._connection.execute("INSERT INTO entries (said, digest) VALUES (?, ?)", (said, digest))
        return digest

    def entries(self, *, subject: str | None = None, limit: int = 1000) -> list[AuditEntry]:
        """The latest entries, the newest first; about one person or about all."""
        found: list[AuditEntry] = []
        with answering(self._path):
            for (said,) in self._connection.execute("SELECT said FROM entries ORDER BY number DESC"):
                entry = _read(said)
                if subject is None or entry.subject == subject:
                    found.append(entry)
                if len(found) == limit:
                    break
        return found

    def verify(self, *, head: str | None = None) -> AuditCheck:
        """Go through the whole chain.

        Args:
            head: Digest that the last entry must have, when one was kept elsewhere.
        """
        before, count = _FIRST, 0
        for expected, (number, said, digest) in enumerate(self._rows(), start=1):
            if number != expected or digest != _chained(before, said):
                return AuditCheck(entries=count, broken_at=expected, head=before)
            before, count = digest, count + 1
        cut_off = head is not None and head != before
        return AuditCheck(entries=count, broken_at=count + 1 if cut_off else None, head=before)

    def _rows(self) -> Iterator[tuple[int, str, str]]:
        with answering(self._path):
            yield from self._connection.execute("SELECT number, said, digest FROM entries ORDER BY number")

    def _head(self) -> str:
        row = self._connection.execute("SELECT digest FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        return _FIRST if row is None else str(row[0])


def _canonical(entry: AuditEntry) -> str:
    values = {**asdict(entry), "at": to_us(entry.at), "action": entry.action.value}
    return json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _read(said: str) -> AuditEntry:
    values = json.loads(said)
    return AuditEntry(**{**values, "at": from_us(values["at"]), "action": AuditAction(values["action"])})


def _chained(before: str, said: str) -> str:
    return hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()
