"""The ledger of consents: what was said by whom, when and where; entries are added and never changed.

It is no projection: `.habitue/consents.sqlite` is the only copy of what was said here and not in a source's files.
People stand in it by the ids of their records. An erased person's entries go with them.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from habitue.config import state_folder
from habitue.govern.consent import ConsentEntry, ConsentState, Strength
from habitue.govern.spec import LegalBasis
from habitue.state.file import StateFile
from habitue.state.sqlite import Format, answering, from_us, open_database, storable, to_us, transaction

CONSENTS_FILE: Final = "consents.sqlite"
LONGEST: Final = 200
"""Characters of a source, a wording or a region that are kept."""
_REPEATED_US: Final = 3_600_000_000
_LAYOUT: Final = Format(
    application=0x4842434F,
    version=1,
    statements=(
        "PRAGMA application_id = 1212302159",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY AUTOINCREMENT, record_id TEXT NOT NULL, purpose TEXT NOT NULL,
            state TEXT NOT NULL, basis TEXT NOT NULL, source TEXT NOT NULL, text_version TEXT NOT NULL,
            region TEXT NOT NULL, occurred_us INTEGER NOT NULL, received_us INTEGER NOT NULL, strength TEXT NOT NULL
        )
        """,
        "CREATE INDEX entries_of ON entries (record_id)",
        "CREATE TRIGGER unchanged BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An entry with its place in the ledger, counted from 1; what is erased leaves a gap."""

    number: int
    entry: ConsentEntry


class ConsentLedger(StateFile):
    """The ledger of one project."""

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the ledger of a project folder, made when absent."""
        path = state_folder(project) / CONSENTS_FILE
        return cls(path, open_database(path, _LAYOUT))

    def append(self, entries: Iterable[ConsentEntry]) -> int:
        """Add entries, all or none, on disk before this returns; gives the number of the last entry of all."""
        rows = [_row(entry) for entry in entries]
        with self.transaction():
            self._connection.executemany(
                "INSERT INTO entries (record_id, purpose, state, basis, source, text_version, region,"
                " occurred_us, received_us, strength) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
        return self.newest()

    def keep(self, entries: Iterable[ConsentEntry]) -> int:
        """Add what messages say, and not what was said already; gives how many entries are new.

        A message may come twice, and tags and browsers repeat a signal with every page: one that says what the latest
        entry of its record says is not added within an hour of that.
        """
        before = self.newest()
        with self.transaction():
            for entry in entries:
                if not self._is_repeated(entry):
                    self.append([entry])
        return self.newest() - before

    def _is_repeated(self, entry: ConsentEntry) -> bool:
        said = (entry.record_id, entry.purpose, to_us(entry.occurred_at))
        rows = self._connection.execute(
            "SELECT state, strength, source, occurred_us FROM entries WHERE record_id = ?1 AND purpose = ?2"
            " AND occurred_us <= ?3 ORDER BY occurred_us DESC, number DESC",
            said,
        )
        wanted = (entry.state.value, entry.strength.value, storable(entry.source[:LONGEST]))
        latest = rows.fetchone()
        if latest is None:
            return False
        if entry.strength is not Strength.EXPLICIT and latest[:3] == wanted and said[2] - latest[3] < _REPEATED_US:
            return True
        return any(row[:3] == wanted for row in (latest, *rows) if row[3] == said[2])

    def newest(self) -> int:
        """The number of the last entry ever made; 0 before the first."""
        with answering(self._path):
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        return 0 if row is None else int(row[0])

    def entries(self, records: Sequence[str] | None = None, *, after: int = 0) -> Iterator[Numbered]:
        """Entries in the order of their arrival: of some records or of all, behind a number."""
        with answering(self._path):
            if records is None:
                rows = self._connection.execute(
                    "SELECT number, record_id, purpose, state, basis, source, text_version, region, occurred_us,"
                    " received_us, strength FROM entries WHERE number > ? ORDER BY number",
                    (after,),
                )
                yield from map(_numbered, rows)
                return
            found = self._connection.execute(
                "SELECT e.number, e.record_id, purpose, state, basis, source, text_version, region, occurred_us,"
                " received_us, strength FROM json_each(?) AS j CROSS JOIN entries AS e ON e.record_id = j.value"
                " WHERE number > ?",
                (json.dumps(list(dict.fromkeys(records))), after),
            ).fetchall()
        yield from map(_numbered, sorted(found))

    def version(self) -> int:
        """Another number whenever somebody else has written the file."""
        with answering(self._path):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def erase(self, records: Iterable[str]) -> int:
        """Take out all that some records said, and write the file anew; gives the number of entries."""
        gone = 0
        with answering(self._path):
            self._connection.execute("PRAGMA secure_delete = ON")
            with transaction(self._connection):
                for record in records:
                    gone += self._connection.execute("DELETE FROM entries WHERE record_id = ?", (record,)).rowcount
        self.scrub()
        return gone


def _row(entry: ConsentEntry) -> tuple[str | int, ...]:
    return (
        entry.record_id,
        entry.purpose,
        entry.state.value,
        entry.basis.value,
        storable(entry.source[:LONGEST]),
        storable(entry.text_version[:LONGEST]),
        storable(entry.region[:LONGEST]),
        to_us(entry.occurred_at),
        to_us(entry.received_at),
        entry.strength.value,
    )


def _numbered(row: tuple[int, str, str, str, str, str, str, str, int, int, str]) -> Numbered:
    number, record_id, purpose, state, basis, source, text_version, region, occurred_us, received_us, strength = row
    entry = ConsentEntry(
        record_id=record_id,
        purpose=purpose,
        state=ConsentState(state),
        basis=LegalBasis(basis),
        source=source,
        text_version=text_version,
        region=region,
        occurred_at=from_us(occurred_us),
        received_at=from_us(received_us),
        strength=Strength(strength),
    )
    return Numbered(number=number, entry=entry)
