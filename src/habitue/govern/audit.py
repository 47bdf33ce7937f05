"""The audit log: who looked at or changed what about whom, as a chain in which every entry vouches for those before it.

Each entry's digest is SHA-256 over the digest before it and the entry's own canonical text. A changed, removed or
reordered byte breaks the chain at a place that `verify` names. With a voucher each entry is signed too, so that a chain
made anew from some place on is seen there, and the last entry is remembered outside, so that none can be cut off the
end. Persons stand in it by internal id only: an erased person's entries stay, and say nothing about anybody.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from habitue.config import state_folder
from habitue.govern.vouching import Voucher
from habitue.state.file import StateFile
from habitue.state.sqlite import Format, answering, from_us, open_database, to_us

AUDIT_FILE: Final = "audit.sqlite"
_LAYOUT: Final = Format(
    application=0x48424155,
    version=1,
    statements=(
        "PRAGMA application_id = 1212301653",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY, said TEXT NOT NULL, digest TEXT NOT NULL, signature TEXT NOT NULL
        ) STRICT
        """,
    ),
)
_FIRST: Final = "0" * 64
_LAST: Final = 2**62


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
    DEFINITION = "definition"
    SIGN_IN = "sign_in"


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
class AuditLine(AuditEntry):
    """An entry with its place in the log.

    Attributes:
        number: From 1, without gaps.
    """

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """Whether the chain holds.

    Attributes:
        entries: Entries that were read.
        broken_at: Number of the first entry that does not fit, None when all do.
        head: Digest of the last entry: kept elsewhere, it also proves that none was cut off at the end.
        why: What is wrong there; empty when nothing is.
    """

    entries: int
    broken_at: int | None
    head: str
    why: str = ""


class AuditLog(StateFile):
    """The audit log of one project, in `.habitue/audit.sqlite`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, voucher: Voucher | None = None) -> None:
        super().__init__(path, connection)
        self._voucher = voucher

    @classmethod
    def open(cls, project: Path, *, voucher: Voucher | None = None) -> Self:
        """Open the audit log of a project folder, made when absent.

        Args:
            project: The project folder.
            voucher: Who signs entries; a log written with one is verified with one.
        """
        path = state_folder(project) / AUDIT_FILE
        return cls(path, open_database(path, _LAYOUT), voucher)

    def append(self, entry: AuditEntry) -> str:
        """Add an entry, fsynced before this returns; gives its digest."""
        return self.append_all([entry])

    def append_all(self, entries: Iterable[AuditEntry]) -> str:
        """Add entries together, fsynced before this returns; gives the digest of the last in the log."""
        with self.transaction():
            number, digest = self._last()
            rows = []
            for entry in entries:
                number, said = number + 1, _canonical(entry)
                digest = _chained(digest, said)
                signature = self._voucher.sign(_signing(number, digest)) if self._voucher else ""
                rows.append((number, said, digest, signature))
            self._connection.executemany(
                "INSERT INTO entries (number, said, digest, signature) VALUES (?, ?, ?, ?)", rows
            )
        if self._voucher and rows:
            self._voucher.remember(number, digest)
        return digest

    def entries(
        self, *, subject: str | None = None, since: datetime | None = None, limit: int = 1000
    ) -> list[AuditEntry]:
        """The latest entries, the newest first; those that somebody made unreadable are left out.

        Args:
            subject: Only about this person.
            since: Only from this instant on.
            limit: At most so many.
        """
        found: list[AuditEntry] = []
        with answering(self._path):
            for (said,) in self._connection.execute("SELECT CAST(said AS BLOB) FROM entries ORDER BY number DESC"):
                entry = _read(str(said, "utf-8", "replace"))
                if entry is None or subject not in (None, entry.subject) or (since and entry.at < since):
                    continue
                found.append(entry)
                if len(found) == limit:
                    break
        return found

    def lines(
        self,
        *,
        takes: Callable[[AuditLine], bool] = lambda _: True,
        actions: Collection[AuditAction] = tuple(AuditAction),
        before: int | None = None,
        limit: int = 1000,
    ) -> list[AuditLine]:
        """The latest entries with their numbers, the newest first; those that somebody made unreadable are left out.

        Args:
            takes: Whether an entry is asked for.
            actions: Only these.
            before: Only entries with a smaller number.
            limit: At most so many.
        """
        found: list[AuditLine] = []
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT number, CAST(said AS BLOB) FROM entries WHERE number < ? ORDER BY number DESC",
                (before if before is not None else _LAST,),
            )
            for number, said in rows:
                entry = _read(str(said, "utf-8", "replace"))
                if entry is None or entry.action not in actions:
                    continue
                line = AuditLine(**asdict(entry), number=number)
                if takes(line):
                    found.append(line)
                if len(found) == limit:
                    break
        return found

    def verify(self, *, head: str | None = None) -> AuditCheck:
        """Go through the whole chain.

        Args:
            head: A digest kept elsewhere, of the entry that was the last then: it has to be in the chain.
        """
        before, count, seen = _FIRST, 0, head in (None, _FIRST)
        kept = self._voucher.remembered() if self._voucher else None
        for number, (found, said, digest, signature) in enumerate(self._rows(), start=1):
            if number != found:
                why = "an entry was taken out here, or moved"
            elif _chained(before, said) != digest:
                why = "it was changed"
            else:
                why = "" if self._is_signed(number, digest, signature) else "it was not signed by this project"
            if kept and kept[0] == number and kept[1] != digest:
                why = why or "it is not the entry that the vault remembers"
            if why:
                return AuditCheck(entries=count, broken_at=number, head=before, why=why)
            before, count, seen = digest, number, seen or digest == head
        if not seen or (kept and kept[0] > count):
            why = "entries after it were cut off" if count else "all entries were cut off"
            return AuditCheck(entries=count, broken_at=count + 1, head=before, why=why)
        return AuditCheck(entries=count, broken_at=None, head=before)

    def _is_signed(self, number: int, digest: str, signature: str) -> bool:
        return self._voucher is None or self._voucher.signed(_signing(number, digest), signature)

    def _rows(self) -> Iterator[tuple[int, str, str, str]]:
        with answering(self._path):
            for number, *texts in self._connection.execute(
                """
                SELECT number, CAST(said AS BLOB), CAST(digest AS BLOB), CAST(signature AS BLOB)
                FROM entries ORDER BY number
                """
            ):
                # Read as bytes: what was changed may be no text any longer.
                said, digest, signature = (str(each, "utf-8", "replace") for each in texts)
                yield number, said, digest, signature

    def _last(self) -> tuple[int, str]:
        row = self._connection.execute("SELECT number, digest FROM entries ORDER BY number DESC LIMIT 1").fetchone()
        return (0, _FIRST) if row is None else (int(row[0]), str(row[1]))


def _canonical(entry: AuditEntry) -> str:
    values = {**asdict(entry), "at": to_us(entry.at), "action": entry.action.value}
    return json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _read(said: str) -> AuditEntry | None:
    try:
        values = json.loads(said)
        return AuditEntry(**{**values, "at": from_us(values["at"]), "action": AuditAction(values["action"])})
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _chained(before: str, said: str) -> str:
    return hashlib.sha256(f"{before}\n{said}".encode("utf-8", "surrogatepass")).hexdigest()


def _signing(number: int, digest: str) -> str:
    return f"entry {number} {digest}"
