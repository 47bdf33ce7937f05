"""Orders of people about their data, and what they touch: a journal, so that one cut short is carried out after all.

It holds random ids only. Those of records are there while an order is being carried out, and go with its end; the id
of the order, of the person, and the times stay as proof that it was carried out.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from habitue.config import state_folder
from habitue.state.file import StateFile
from habitue.state.sqlite import Format, answering, from_us, open_database, storable, to_us

PRIVACY_FILE: Final = "privacy.sqlite"
OPEN, DONE = "open", "done"
_LAYOUT: Final = Format(
    application=0x48425052,
    version=1,
    statements=(
        "PRAGMA application_id = 1212305490",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE requests (
            request_id TEXT PRIMARY KEY, kind TEXT NOT NULL, subjects TEXT NOT NULL, records TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'done')), asked_us INTEGER NOT NULL, done_us INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE recipients (
            number INTEGER PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, what TEXT NOT NULL,
            given_us INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE first_seen (
            source TEXT NOT NULL, sha256 TEXT NOT NULL, seen_us INTEGER NOT NULL, PRIMARY KEY (source, sha256)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An order to erase.

    Attributes:
        request_id: Random.
        subjects: The persons, by internal id.
        records: Their records, while the order is open.
        is_open: Whether it is still to be carried out.
        asked_at: When it was given.
        done_at: When it had been carried out.
    """

    request_id: str
    subjects: tuple[str, ...]
    records: tuple[str, ...]
    is_open: bool
    asked_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somewhere that data of people was given to.

    Attributes:
        kind: How: `export`, `publish`, `webhook`.
        target: To where: a file's name, a host. No personal data.
        what: What was given: a segment, a table.
        given_at: When.
    """

    kind: str
    target: str
    what: str
    given_at: datetime


class PrivacyJournal(StateFile):
    """The journal of one project, in `.habitue/privacy.sqlite`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection)
        self._connection.execute("PRAGMA secure_delete = ON")

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the journal of a project folder, made when absent."""
        path = state_folder(project) / PRIVACY_FILE
        return cls(path, open_database(path, _LAYOUT))

    def begin(self, request_id: str, subjects: Sequence[str], records: Sequence[str], *, now: datetime) -> Request:
        """Write an order down, on disk before this returns."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO requests (request_id, kind, subjects, records, state, asked_us)"
                " VALUES (?, 'erase', ?, ?, 'open', ?)",
                (request_id, json.dumps(list(subjects)), json.dumps(list(records)), to_us(now)),
            )
        return Request(
            request_id=request_id, subjects=tuple(subjects), records=tuple(records), is_open=True, asked_at=now
        )

    def finish(self, request_id: str, *, now: datetime) -> None:
        """Note that an order was carried out; the ids of records go, from the file too."""
        with self.transaction():
            self._connection.execute(
                "UPDATE requests SET state = 'done', records = '[]', done_us = ? WHERE request_id = ?",
                (to_us(now), request_id),
            )
        self.scrub()

    def requests(self) -> list[Request]:
        """Every order, the oldest first."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT request_id, subjects, records, state, asked_us, done_us FROM requests"
                " ORDER BY asked_us, request_id"
            ).fetchall()
        return [
            Request(
                request_id=request,
                subjects=tuple(json.loads(subjects)),
                records=tuple(json.loads(records)),
                is_open=state == OPEN,
                asked_at=from_us(asked),
                done_at=None if done is None else from_us(done),
            )
            for request, subjects, records, state, asked, done in rows
        ]

    def unfinished(self) -> list[Request]:
        """The orders that are still to be carried out."""
        return [each for each in self.requests() if each.is_open]

    def give(self, kind: str, target: str, what: str, *, now: datetime) -> None:
        """Note that data of people was given away: an order to erase names these recipients."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO recipients (kind, target, what, given_us) VALUES (?, ?, ?, ?)",
                (kind, storable(target), storable(what), to_us(now)),
            )

    def recipients(self) -> list[Recipient]:
        """Everywhere that data was given to: each way and place once, with the last time."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT kind, target, what, max(given_us) FROM recipients GROUP BY kind, target, what"
                " ORDER BY kind, target, what"
            ).fetchall()
        return [
            Recipient(kind=kind, target=target, what=what, given_at=from_us(given))
            for kind, target, what, given in rows
        ]

    def see(self, files: Iterable[tuple[str, str]], *, now: datetime) -> dict[tuple[str, str], datetime]:
        """Note files (source and digest) that were never seen before; gives when each of all was first seen."""
        with self.transaction():
            self._connection.executemany(
                "INSERT OR IGNORE INTO first_seen (source, sha256, seen_us) VALUES (?, ?, ?)",
                ((source, sha256, to_us(now)) for source, sha256 in files),
            )
            rows = self._connection.execute("SELECT source, sha256, seen_us FROM first_seen").fetchall()
        return {(source, sha256): from_us(seen) for source, sha256, seen in rows}
