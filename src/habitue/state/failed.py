"""The failed lane: rows that were not taken in, why, and what became of them."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from habitue.errors import HabitueError
from habitue.state.entries import FailedCount, FailedRow, RowState
from habitue.state.sqlite import answering, from_us, storable, to_us, transaction

_CHUNK = 10_000
MAX_PAGE = 10_000


class FailedRowNotFoundError(HabitueError):
    """The failed lane has no row of this number that can still be changed."""

    code = "FAILED-ROW"

    def __init__(self, row_id: int) -> None:
        super().__init__(
            what=f"The failed lane has no row {row_id} that waits.",
            do="List the rows with `habitue sources failed`; replayed and dropped rows cannot be changed.",
        )


class Sealer(Protocol):
    """Makes text unreadable to whoever has the file only."""

    def seal(self, text: str) -> str:
        """The text, sealed."""

    def open(self, text: str) -> str:
        """The text again; one that was never sealed comes back as it is."""


class NoSealer:
    """Leaves text as it is: for control data without a vault."""

    def seal(self, text: str) -> str:
        """The text itself."""
        return text

    def open(self, text: str) -> str:
        """The text itself."""
        return text


class FailedLane:
    """The failed rows of one project, held in its control database.

    A row is known by its source, the digest of its file, its line and the stage at which it failed. Rows wait as
    `open` or `repaired`; `replayed` and `dropped` are ends. What a row says, raw and mended, is sealed before it is
    written.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, sealer: Sealer | None = None) -> None:
        self._path = path
        self._connection = connection
        self._sealer = sealer or NoSealer()

    def add(self, rows: Iterable[FailedRow], *, now: datetime) -> int:
        """Put rows into the lane; one that is there and still open takes the newer reason, others stay as they are.

        Args:
            rows: The rows; `id`, `state`, `repaired` and the times are not read.
            now: The present time, aware.

        Returns:
            How many rows were added or renewed.
        """
        changed = 0
        files: dict[tuple[str, str], int] = {}
        waiting = iter(rows)
        with answering(self._path), transaction(self._connection):
            while chunk := list(islice(waiting, _CHUNK)):
                changed += self._add_chunk(chunk, files, to_us(now))
        return changed

    def _add_chunk(self, rows: Sequence[FailedRow], files: dict[tuple[str, str], int], now_us: int) -> int:
        for each in rows:
            if (each.source, each.file_sha256) not in files:
                files[each.source, each.file_sha256] = self._file_id(each)
        done = self._connection.executemany(
            """
            INSERT INTO failed_rows (file_id, line, stage, code, field, reason, row, digest, failed_us, changed_us)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (file_id, line, stage) DO UPDATE SET
                code = excluded.code, field = excluded.field, reason = excluded.reason, row = excluded.row,
                digest = excluded.digest, changed_us = excluded.changed_us
            WHERE state = 'open'
            """,
            _parameters(rows, files, now_us, self._sealer),
        )
        return done.rowcount

    def _file_id(self, row: FailedRow) -> int:
        found = self._connection.execute(
            """
            INSERT INTO failed_files (source, sha256, file) VALUES (?, ?, ?)
            ON CONFLICT (source, sha256) DO UPDATE SET file = excluded.file RETURNING id
            """,
            (row.source, row.file_sha256, storable(row.file)),
        ).fetchone()
        return int(found[0])

    def rows(
        self,
        *,
        source: str | None = None,
        stage: str | None = None,
        code: str | None = None,
        state: RowState | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[FailedRow]:
        """One page of the lane, by number.

        Args:
            source: Only rows of this source.
            stage: Only rows that failed at this stage.
            code: Only rows that failed with this code.
            state: Only rows that stand so.
            after: Only rows with a greater number: the last number of the page before.
            limit: The length of the page, at most 10,000.
        """
        with answering(self._path):
            found = self._connection.execute(
                """
                SELECT r.id, f.source, f.file, f.sha256, r.line, r.stage, r.code, r.field, r.reason, r.row, r.digest,
                       r.state, r.repaired, r.failed_us, r.changed_us
                FROM failed_rows AS r JOIN failed_files AS f ON f.id = r.file_id
                WHERE r.id > :after
                  AND (:source IS NULL OR f.source = :source) AND (:stage IS NULL OR r.stage = :stage)
                  AND (:code IS NULL OR r.code = :code) AND (:state IS NULL OR r.state = :state)
                ORDER BY r.id LIMIT :limit
                """,
                {
                    "source": source,
                    "stage": stage,
                    "code": code,
                    "state": state,
                    "after": after,
                    "limit": max(0, min(limit, MAX_PAGE)),
                },
            ).fetchall()
        return [_row(each, self._sealer) for each in found]

    def row(self, row_id: int) -> FailedRow | None:
        """The row of this number, or None."""
        found = self.rows(after=row_id - 1, limit=1)
        return found[0] if found and found[0].id == row_id else None

    def counts(self, *, source: str | None = None, state: RowState | None = RowState.OPEN) -> list[FailedCount]:
        """How many rows stand so, by source, stage and code; the largest count first.

        Args:
            source: Only rows of this source.
            state: Only rows that stand so; None counts all.
        """
        with answering(self._path):
            found = self._connection.execute(
                """
                SELECT f.source, r.stage, r.code, count(*)
                FROM failed_rows AS r JOIN failed_files AS f ON f.id = r.file_id
                WHERE (:source IS NULL OR f.source = :source) AND (:state IS NULL OR r.state = :state)
                GROUP BY f.source, r.stage, r.code ORDER BY count(*) DESC, f.source, r.stage, r.code
                """,
                {"source": source, "state": state},
            ).fetchall()
        return [FailedCount(source=each[0], stage=each[1], code=each[2], rows=each[3]) for each in found]

    def counts_by_field(self, source: str) -> dict[str, int]:
        """How many rows of a source are open, by the field they failed for; the empty field is the whole row."""
        with answering(self._path):
            found = self._connection.execute(
                """
                SELECT r.field, count(*) FROM failed_rows AS r JOIN failed_files AS f ON f.id = r.file_id
                WHERE f.source = ? AND r.state = 'open' GROUP BY r.field ORDER BY r.field
                """,
                (source,),
            ).fetchall()
        return {str(field): int(rows) for field, rows in found}

    def repair(self, row_id: int, row: str, *, now: datetime) -> None:
        """Hold a mended row (JSON text) beside the raw one, to be taken in by the next replay.

        Raises:
            FailedRowNotFoundError: No row of this number waits.
        """
        with answering(self._path), transaction(self._connection):
            done = self._connection.execute(
                """
                UPDATE failed_rows SET state = 'repaired', repaired = ?, changed_us = ?
                WHERE id = ? AND state IN ('open', 'repaired')
                """,
                (self._sealer.seal(storable(row)), to_us(now), row_id),
            )
        if not done.rowcount:
            raise FailedRowNotFoundError(row_id)

    def mark(self, row_ids: Iterable[int], state: RowState, *, now: datetime) -> int:
        """Move waiting rows to another state; rows at an end stay there.

        Returns:
            How many rows moved.
        """
        with answering(self._path), transaction(self._connection):
            done = self._connection.executemany(
                """
                UPDATE failed_rows SET state = ?, changed_us = ?
                WHERE id = ? AND state IN ('open', 'repaired') AND state <> ?
                """,
                [(state.value, to_us(now), row_id, state.value) for row_id in row_ids],
            )
        return max(0, done.rowcount)

    def clear_open(self, source: str, file_sha256: str | None = None) -> int:
        """Take open rows out, of one file or of the whole source, before its rows are read anew; how many went."""
        with answering(self._path), transaction(self._connection):
            done = self._connection.execute(
                """
                DELETE FROM failed_rows WHERE state = 'open' AND file_id IN (
                    SELECT id FROM failed_files WHERE source = :source AND (:sha256 IS NULL OR sha256 = :sha256))
                """,
                {"source": source, "sha256": file_sha256},
            )
        return done.rowcount

    def remove(self, row_ids: Iterable[int]) -> int:
        """Delete rows for good, whatever their state; how many went. `Control.scrub` takes them out of the file."""
        with answering(self._path), transaction(self._connection):
            done = self._connection.executemany(
                "DELETE FROM failed_rows WHERE id = ?", [(row_id,) for row_id in row_ids]
            )
        return max(0, done.rowcount)


def _parameters(
    rows: Sequence[FailedRow], files: dict[tuple[str, str], int], now_us: int, sealer: Sealer
) -> Iterator[tuple[int, int, str, str, str, str, str, str, int, int]]:
    for each in rows:
        yield (
            files[each.source, each.file_sha256],
            each.line,
            each.stage,
            each.code,
            storable(each.field),
            storable(each.reason),
            sealer.seal(storable(each.row)),
            each.digest,
            now_us,
            now_us,
        )


def _row(row: Sequence[Any], sealer: Sealer) -> FailedRow:
    return FailedRow(
        id=row[0],
        source=row[1],
        file=row[2],
        file_sha256=row[3],
        line=row[4],
        stage=row[5],
        code=row[6],
        field=row[7],
        reason=row[8],
        row=sealer.open(row[9]),
        digest=row[10],
        state=RowState(row[11]),
        repaired=None if row[12] is None else sealer.open(row[12]),
        failed_at=from_us(row[13]),
        changed_at=from_us(row[14]),
    )
