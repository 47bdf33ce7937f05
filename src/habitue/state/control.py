"""The control database of a project: what was loaded, what failed, what was built, and the next position."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from habitue.config import state_folder
from habitue.state.entries import Build, BuildStatus, BuildStep, Load
from habitue.state.failed import FailedLane, Sealer
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, from_us, open_database, storable, to_us
from habitue.state.tables import CONTROL

CONTROL_FILE = "control.sqlite"
_POSITIONS = "position"


class Control(StateFile):
    """The control data of one project, in `.habitue/control.sqlite` (mode 0600; failed rows may be personal).

    Every writing method is one transaction, fsynced before it returns; several can share one with `transaction`.

    Attributes:
        failed: The rows that were not taken in.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, sealer: Sealer | None = None) -> None:
        super().__init__(path, connection)
        self.failed = FailedLane(path, connection, sealer)

    @classmethod
    def open(cls, project: Path, sealer: Sealer | None = None) -> Self:
        """Open the control data of a project folder, made when absent.

        Args:
            project: The project folder.
            sealer: Seals what failed rows say, and opens it again: the vault's `lane`.
        """
        path = state_folder(project) / CONTROL_FILE
        connection = open_database(path, CONTROL)
        # What is deleted is overwritten: rows of the failed lane may be about people.
        connection.execute("PRAGMA secure_delete = ON")
        return cls(path, connection, sealer)

    def record_load(self, load: Load) -> int:
        """Remember a file that was taken in; the same content of the same source replaces what was remembered.

        Returns:
            The number of the load.
        """
        with self.transaction():
            found = self._connection.execute(
                """
                INSERT INTO loads (source, file, sha256, size, rows_read, rows_used, rows_failed, mapping_digest,
                                   loaded_us, first_position, last_position)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (source, sha256) DO UPDATE SET
                    file = excluded.file, size = excluded.size, rows_read = excluded.rows_read,
                    rows_used = excluded.rows_used, rows_failed = excluded.rows_failed,
                    mapping_digest = excluded.mapping_digest, loaded_us = excluded.loaded_us,
                    first_position = excluded.first_position, last_position = excluded.last_position
                RETURNING id
                """,
                (
                    load.source,
                    storable(load.file),
                    load.sha256,
                    load.size,
                    load.rows_read,
                    load.rows_used,
                    load.rows_failed,
                    load.mapping_digest,
                    to_us(load.loaded_at),
                    load.first_position,
                    load.last_position,
                ),
            ).fetchone()
        return int(found[0])

    def find_load(self, source: str, sha256: str) -> Load | None:
        """What is remembered of this content in this source, or None."""
        return next((load for load in self.loads(source) if load.sha256 == sha256), None)

    def loads(self, source: str | None = None) -> list[Load]:
        """Every load, of one source or of all, in the order they were first recorded."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT id, source, file, sha256, size, rows_read, rows_used, rows_failed, mapping_digest, loaded_us,
                       first_position, last_position
                FROM loads WHERE :source IS NULL OR source = :source ORDER BY id
                """,
                {"source": source},
            ).fetchall()
        return [_load(row) for row in rows]

    def forget_loads(self, source: str | None = None) -> int:
        """Forget the loads of one source or of all, so that their files are taken in again; how many there were."""
        with self.transaction():
            done = self._connection.execute(
                "DELETE FROM loads WHERE :source IS NULL OR source = :source", {"source": source}
            )
        return done.rowcount

    def start_build(self, *, as_of: datetime | None, started_at: datetime) -> int:
        """Remember that a build begins; one still marked as running was interrupted, since only one can run.

        Args:
            as_of: The moment its answers are about, aware; None while that is not known.
            started_at: The present time, aware.

        Returns:
            The number of the build.
        """
        with self.transaction():
            self.interrupt_builds()
            found = self._connection.execute(
                "INSERT INTO builds (as_of_us, started_us, status, steps) VALUES (?, ?, 'running', '[]') RETURNING id",
                (None if as_of is None else to_us(as_of), to_us(started_at)),
            ).fetchone()
        return int(found[0])

    def interrupt_builds(self) -> None:
        """Say of whatever is marked as running that it was interrupted; right only where nothing builds."""
        with self.transaction():
            self._connection.execute("UPDATE builds SET status = 'interrupted' WHERE status = 'running'")

    def finish_build(
        self,
        build_id: int,
        *,
        as_of: datetime | None,
        finished_at: datetime,
        seconds: float,
        status: BuildStatus,
        steps: Sequence[BuildStep],
    ) -> None:
        """Remember how a build ended; `as_of` None keeps what was said at its start."""
        said = json.dumps([asdict(step) for step in steps], allow_nan=False)
        with self.transaction():
            self._connection.execute(
                """
                UPDATE builds SET as_of_us = coalesce(?, as_of_us), finished_us = ?, seconds = ?, status = ?, steps = ?
                WHERE id = ?
                """,
                (None if as_of is None else to_us(as_of), to_us(finished_at), seconds, status.value, said, build_id),
            )

    def builds(self, *, limit: int = 20) -> list[Build]:
        """The last builds, the latest first."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT id, as_of_us, started_us, finished_us, seconds, status, steps
                FROM builds ORDER BY id DESC LIMIT ?
                """,
                (limit,),
            ).fetchall()
        return [_build(row) for row in rows]

    def last_build(self) -> Build | None:
        """The latest build that ended well, or None."""
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT id, as_of_us, started_us, finished_us, seconds, status, steps
                FROM builds WHERE status = 'done' ORDER BY id DESC LIMIT 1
                """
            ).fetchone()
        return None if row is None else _build(row)

    def last_answers(self) -> Build | None:
        """The latest build that ended well and answered for an instant, or None."""
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT id, as_of_us, started_us, finished_us, seconds, status, steps
                FROM builds WHERE status = 'done' AND as_of_us IS NOT NULL ORDER BY id DESC LIMIT 1
                """
            ).fetchone()
        return None if row is None else _build(row)

    def next_position(self) -> int:
        """The position that the next event will get, counted from 1."""
        with answering(self._path):
            row = self._connection.execute("SELECT next FROM counters WHERE name = ?", (_POSITIONS,)).fetchone()
        return 1 if row is None else int(row[0])

    def take_positions(self, count: int) -> int:
        """Set `count` positions aside for good and give the first; nobody gets them again, even after a failure.

        Args:
            count: How many are needed, 0 or more.
        """
        if count < 0:
            raise ValueError("a count of positions cannot be negative")
        with self.transaction():
            first = self.next_position()
            self._connection.execute(
                "INSERT INTO counters (name, next) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET next = excluded.next",
                (_POSITIONS, first + count),
            )
        return first

    def reset_positions(self) -> None:
        """Begin again at position 1; right only when every event is taken in anew."""
        with self.transaction():
            self._connection.execute("DELETE FROM counters WHERE name = ?", (_POSITIONS,))


def _load(row: Sequence[Any]) -> Load:
    return Load(
        id=row[0],
        source=row[1],
        file=row[2],
        sha256=row[3],
        size=row[4],
        rows_read=row[5],
        rows_used=row[6],
        rows_failed=row[7],
        mapping_digest=row[8],
        loaded_at=from_us(row[9]),
        first_position=row[10],
        last_position=row[11],
    )


def _build(row: Sequence[Any]) -> Build:
    return Build(
        id=row[0],
        as_of=None if row[1] is None else from_us(row[1]),
        started_at=from_us(row[2]),
        finished_at=None if row[3] is None else from_us(row[3]),
        seconds=row[4],
        status=BuildStatus(row[5]),
        steps=tuple(_step(said) for said in json.loads(row[6])),
    )


def _step(said: Mapping[str, Any]) -> BuildStep:
    return BuildStep(
        name=said["name"], rows=said["rows"], seconds=said["seconds"], status=said["status"], note=said["note"]
    )
