"""Drafts: what somebody is making in the browser and has not published, kept on the server under their name.

In a file of its own, `.habitue/drafts.sqlite`: a draft is saved while a build holds the control data.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.state.sqlite import Format, answering, from_us, open_database, to_us, transaction

DRAFTS_FILE: Final = "drafts.sqlite"
MOST_DRAFTS: Final = 200
"""How many one person may keep."""
_LAYOUT: Final = Format(
    application=0x48424446,
    version=1,
    statements=(
        "PRAGMA application_id = 1212302406",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE drafts (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
            version INTEGER NOT NULL, made_us INTEGER NOT NULL, changed_us INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX drafts_of ON drafts (owner, kind, changed_us)",
    ),
)


class DraftUnknownError(HabitueError):
    """There is no such draft, or it is somebody else's."""

    code = "DRAFT-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(what="You have no such draft.", do="It may be published or thrown away; look at the list.")


class DraftChangedError(HabitueError):
    """A draft was saved elsewhere meanwhile."""

    code = "DRAFT-CHANGED"

    def __init__(self) -> None:
        super().__init__(
            what="This draft was saved elsewhere meanwhile, in another tab perhaps.",
            do="Load it anew, or save yours as another draft.",
        )


class DraftsFullError(HabitueError):
    """Somebody keeps too many drafts."""

    code = "DRAFTS-FULL"

    def __init__(self) -> None:
        super().__init__(what=f"You keep {MOST_DRAFTS} drafts already.", do="Throw some away.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something that is not published yet.

    Attributes:
        id: Chosen by whoever made it.
        kind: What it is to become: `segment`.
        owner: Whose it is, as the audit log names them.
        name: What it is about: the segment that it changes; empty for a new one.
        body: What it says, as JSON text.
        version: How many times it was saved.
        made_at: When it was saved first.
        changed_at: When it was saved last.
    """

    id: str
    kind: str
    owner: str
    name: str
    body: str
    version: int
    made_at: datetime
    changed_at: datetime


class Drafts:
    """The drafts of one project. A connection is used by the thread that opened it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection = open_database(path, _LAYOUT)

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the drafts of a project folder, made when absent."""
        return cls(state_folder(project) / DRAFTS_FILE)

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

    def save(self, draft: Draft, *, now: datetime) -> Draft:
        """Keep a draft, fsynced before this returns.

        Args:
            draft: What to keep; `version` is that which it was made from, 0 for a new one.
            now: The present time.

        Returns:
            As it is kept.

        Raises:
            DraftChangedError: It was saved meanwhile, or somebody else has one of this id.
            DraftsFullError: There are too many.
        """
        at = to_us(now)
        with answering(self._path), transaction(self._connection):
            found = self._connection.execute("SELECT owner, version FROM drafts WHERE id = ?", (draft.id,)).fetchone()
            if found is not None and (found[0] != draft.owner or found[1] != draft.version):
                raise DraftChangedError
            if found is None and self._count(draft.owner) >= MOST_DRAFTS:
                raise DraftsFullError
            self._connection.execute(
                """
                INSERT INTO drafts (id, kind, owner, name, body, version, made_us, changed_us)
                VALUES (?, ?, ?, ?, ?, 1, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    name = excluded.name, body = excluded.body, version = version + 1, changed_us = excluded.changed_us
                """,
                (draft.id, draft.kind, draft.owner, draft.name, draft.body, at, at),
            )
        return self.find(draft.owner, draft.id)

    def _count(self, owner: str) -> int:
        return int(self._connection.execute("SELECT count(*) FROM drafts WHERE owner = ?", (owner,)).fetchone()[0])

    def find(self, owner: str, number: str) -> Draft:
        """Somebody's draft.

        Raises:
            DraftUnknownError: They have none of this id.
        """
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT id, kind, owner, name, body, version, made_us, changed_us FROM drafts
                WHERE id = ? AND owner = ?
                """,
                (number, owner),
            ).fetchone()
        if row is None:
            raise DraftUnknownError
        return _draft(row)

    def of(self, owner: str, kind: str) -> list[Draft]:
        """Somebody's drafts, the one saved last first."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT id, kind, owner, name, body, version, made_us, changed_us FROM drafts
                WHERE owner = ? AND kind = ? ORDER BY changed_us DESC, id
                """,
                (owner, kind),
            ).fetchall()
        return [_draft(row) for row in rows]

    def drop(self, owner: str, number: str) -> bool:
        """Throw a draft away; whether there was one."""
        with answering(self._path), transaction(self._connection):
            done = self._connection.execute("DELETE FROM drafts WHERE id = ? AND owner = ?", (number, owner))
        return done.rowcount > 0


def _draft(row: Sequence[Any]) -> Draft:
    return Draft(
        id=row[0],
        kind=row[1],
        owner=row[2],
        name=row[3],
        body=row[4],
        version=row[5],
        made_at=from_us(row[6]),
        changed_at=from_us(row[7]),
    )
