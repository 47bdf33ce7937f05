"""Every link between records is a stored fact in `.habitue/identity.sqlite`: added, and never changed.

The file holds record ids, weights and decisions: no identifier and no name. What holds now is the newest fact of each
pair and rule. Who a record is now, and ever was, stands beside the links.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import numpy as np

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.identity.edges import ALWAYS, Edges, Ints
from habitue.identity.link_tables import IDENTITY
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, from_us, open_database, to_us

IDENTITY_FILE: Final = "identity.sqlite"
DECISION: Final = "decision"
MATCHED: Final = "matched"


class LinkState(StrEnum):
    """What a fact says of two records."""

    LINK = "link"
    REVIEW = "review"
    WITHDRAWN = "withdrawn"
    ALWAYS = "always"
    NEVER = "never"


class RecordUnknownError(HabitueError):
    """No record has an id."""

    code = "RECORD-UNKNOWN"

    def __init__(self, record_id: str) -> None:
        super().__init__(
            what=f"No record has the id {record_id[:40]!r}.",
            do="Give an id as `habitue identity show` prints it; what was erased stays unknown.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFact:
    """One stored fact about two records.

    Attributes:
        fact: Its number; a greater one is newer.
        left: Record id of the older record.
        right: Record id of the younger record.
        rule: The namespace or matching that made it, or `decision` for somebody's.
        state: What it says.
        weight: How strongly, in bits for matching.
        model: Version of the matching model; empty for other rules.
        decided_at: When.
        decided_by: By whom: a person, or `build`.
        act: Number shared by the facts that were added together; a decision is taken back by it.
    """

    fact: int
    left: str
    right: str
    rule: str
    state: LinkState
    weight: float
    model: str
    decided_at: datetime
    decided_by: str
    act: int


class Links(StateFile):
    """The link store of one project. Every writing method is one transaction.

    Attributes:
        connection: To the file, for the other readers and writers of this room.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, open_database(path, IDENTITY))
        self.connection = self._connection
        self.connection.execute("PRAGMA secure_delete = ON")
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute("CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY)")
        self.connection.execute("CREATE TEMP TABLE named (record_id TEXT PRIMARY KEY) WITHOUT ROWID")

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the link store of a project folder, made when absent."""
        return cls(state_folder(project) / IDENTITY_FILE)

    def hurry(self) -> None:
        """Wait no longer than 2 ms for somebody else who writes the file, and not at all for the disk.

        What is written then outlives the process, and may be lost with the power: for what can be found again.
        """
        self.connection.execute("PRAGMA busy_timeout = 2")
        self.connection.execute("PRAGMA synchronous = NORMAL")

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is open."""
        return self.connection.in_transaction

    def begin(self) -> None:
        """Begin a transaction that `commit` ends; those of the methods called meanwhile are part of it.

        Raises:
            StateBusyError: Somebody else writes the file.
        """
        with answering(self._path):
            self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Have everything since `begin` in the file."""
        with answering(self._path):
            self.connection.execute("COMMIT")

    def take_back(self) -> None:
        """Undo everything since `begin`, where that was not done already."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Whatever is changed inside the block is undone at its end: what would happen, told by what happens."""
        with answering(self._path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                self.connection.execute("ROLLBACK")

    # --- records ------------------------------------------------------------------------------------------------------

    def register(self, record_ids: Sequence[str], *, now: datetime) -> Ints:
        """The number of each record, new ones numbered in the order given: a smaller number is an older record.

        Args:
            record_ids: Random ids of the vault, never identifiers of people.
            now: The present time, aware.
        """
        at = to_us(now)
        with self.transaction():
            self.connection.executemany(
                "INSERT OR IGNORE INTO records (record_id, first_us) VALUES (?, ?)", ((each, at) for each in record_ids)
            )
            known = self._numbers(record_ids)
        return np.array([known[each] for each in record_ids], dtype=np.int64)

    def numbers(self, record_ids: Iterable[str]) -> dict[str, int]:
        """The numbers of records by id; unknown ones are absent."""
        return self._numbers(record_ids)

    def number(self, record_id: str) -> int:
        """The number of one record.

        Raises:
            RecordUnknownError: Nothing has that id.
        """
        found = self._numbers([record_id])
        if record_id not in found:
            raise RecordUnknownError(record_id)
        return found[record_id]

    def _numbers(self, record_ids: Iterable[str]) -> dict[str, int]:
        self.connection.execute("DELETE FROM temp.named")
        self.connection.executemany("INSERT OR IGNORE INTO temp.named VALUES (?)", ((each,) for each in record_ids))
        rows = self.connection.execute(
            "SELECT r.record_id, r.number FROM temp.named AS n CROSS JOIN records AS r ON r.record_id = n.record_id"
        )
        return dict(rows.fetchall())

    def record_ids(self, numbers: Iterable[int] | None = None) -> dict[int, str]:
        """The ids of records by number; of all of them when none are named."""
        if numbers is None:
            return dict(self.connection.execute("SELECT number, record_id FROM records").fetchall())
        self.choose(numbers)
        rows = self.connection.execute(
            "SELECT r.number, r.record_id FROM temp.chosen AS c CROSS JOIN records AS r ON r.number = c.number"
        )
        return dict(rows.fetchall())

    def count(self) -> int:
        """How many records there are."""
        return int(self.connection.execute("SELECT count(*) FROM records").fetchone()[0])

    def choose(self, numbers: Iterable[int]) -> None:
        """Put records into the temporary table `chosen`, by number, in place of what was there."""
        self.connection.execute("DELETE FROM temp.chosen")
        self.connection.executemany("INSERT OR IGNORE INTO temp.chosen VALUES (?)", ((each,) for each in numbers))

    # --- links --------------------------------------------------------------------------------------------------------

    def add(self, edges: Edges, *, rule: str, state: LinkState, model: str = "", now: datetime, by: str) -> int:
        """Add a fact for each link; returns how many.

        Args:
            edges: Links between record numbers.
            rule: What made them.
            state: What they say.
            model: Version of the model that made them.
            now: The present time, aware.
            by: Who decided.
        """
        at = to_us(now)
        rows = zip(edges.left.tolist(), edges.right.tolist(), edges.weight.tolist(), strict=True)
        with self.transaction():
            act = int(self.connection.execute("SELECT coalesce(max(fact), 0) + 1 FROM links").fetchone()[0])
            self.connection.executemany(
                """
                INSERT INTO links (left_record, right_record, rule, state, weight, model, decided_us, decided_by, act)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                ((left, right, rule, state.value, weight, model, at, by, act) for left, right, weight in rows),
            )
        return len(edges)

    def replace(
        self, rule: str, found: Mapping[LinkState, Edges], *, model: str = "", now: datetime, by: str
    ) -> tuple[int, int]:
        """Make the links of a rule those found now: new and changed ones are added, the others withdrawn.

        Args:
            rule: What made them.
            found: Links by what they say; a pair stands in one of them.
            model: Version of the model that made them.
            now: The present time, aware.
            by: Who decided.

        Returns:
            How many were added, and how many withdrawn.
        """
        added = withdrawn = 0
        with self.transaction():
            known = {(left, right): (state, weight, of) for left, right, state, weight, of in self._of_rule(rule)}
            for state, edges in found.items():
                rows = zip(edges.left.tolist(), edges.right.tolist(), edges.weight.tolist(), strict=True)
                same = [known.pop((left, right), None) == (state.value, weight, model) for left, right, weight in rows]
                added += self.add(
                    edges.taken(~np.array(same, dtype=np.bool_)), rule=rule, state=state, model=model, now=now, by=by
                )
            gone = [
                (left, right, known[left, right][1])
                for left, right in known
                if known[left, right][0] != LinkState.WITHDRAWN.value
            ]
            if gone:
                lefts, rights, weights = zip(*gone, strict=True)
                pairs = Edges.of(lefts, rights, weights, matched=False)
                withdrawn = self.add(pairs, rule=rule, state=LinkState.WITHDRAWN, model=model, now=now, by=by)
        return added, withdrawn

    def _of_rule(self, rule: str) -> list[tuple[int, int, str, float, str]]:
        return self.connection.execute(
            "SELECT left_record, right_record, state, weight, model FROM current_links WHERE rule = ?", (rule,)
        ).fetchall()

    def decide(self, one: str, two: str, state: LinkState, *, now: datetime, by: str) -> LinkFact:
        """Add somebody's decision about two records: always one person, never, or neither any longer.

        Raises:
            RecordUnknownError: One of them is not known.
        """
        edges = Edges.of([self.number(one)], [self.number(two)], [ALWAYS], matched=False)
        if not len(edges):
            raise RecordUnknownError(two)
        self.add(edges, rule=DECISION, state=state, now=now, by=by)
        return self.facts(one, two)[-1]

    def facts(self, one: str, two: str | None = None) -> list[LinkFact]:
        """All facts about a record, or about two records, the oldest first."""
        number = self.number(one)
        other = None if two is None else self.number(two)
        rows = self.connection.execute(
            """
            SELECT fact, l.record_id, r.record_id, rule, state, weight, model, decided_us, decided_by, act
            FROM links JOIN records AS l ON l.number = left_record JOIN records AS r ON r.number = right_record
            WHERE (left_record = ?1 AND (?2 IS NULL OR right_record = ?2))
            OR (right_record = ?1 AND (?2 IS NULL OR left_record = ?2)) ORDER BY fact
            """,
            (number, other),
        )
        return [_fact(row) for row in rows.fetchall()]

    def decisions(self, act: int) -> list[LinkFact]:
        """The facts of one decision that somebody made, by its number; none when there is no such decision."""
        rows = self.connection.execute(
            """
            SELECT fact, l.record_id, r.record_id, rule, state, weight, model, decided_us, decided_by, act
            FROM links JOIN records AS l ON l.number = left_record JOIN records AS r ON r.number = right_record
            WHERE act = ? AND rule = 'decision' ORDER BY fact
            """,
            (act,),
        )
        return [_fact(row) for row in rows.fetchall()]

    def newest_decision(self) -> int:
        """The number of the newest decision; 0 before the first."""
        row = self.connection.execute("SELECT coalesce(max(act), 0) FROM links WHERE rule = 'decision'").fetchone()
        return int(row[0])

    def newest_step(self) -> int:
        """The number of the last change of any record's person; 0 before the first."""
        return int(self.connection.execute("SELECT coalesce(max(step), 0) FROM persons").fetchone()[0])

    def forget(self, record_ids: Iterable[str]) -> int:
        """Delete records and everything about them, as an erasure asks; returns how many facts went.

        The file is written anew, so that no file of the store holds them any longer.
        """
        self.choose(self._numbers(record_ids).values())
        with self.transaction():
            gone = self.connection.execute(
                """
                DELETE FROM links WHERE left_record IN (SELECT number FROM temp.chosen)
                OR right_record IN (SELECT number FROM temp.chosen)
                """
            ).rowcount
            gone += self.connection.execute(
                "DELETE FROM persons WHERE record IN (SELECT number FROM temp.chosen)"
            ).rowcount
            self.connection.execute("DELETE FROM records WHERE number IN (SELECT number FROM temp.chosen)")
        self.scrub()
        return gone

    def note(self, name: str, value: str) -> None:
        """Keep a mark beside the links, such as what they were made from."""
        with self.transaction():
            self.connection.execute(
                "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def noted(self, name: str) -> str | None:
        """A mark that was kept, or None."""
        row = self.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_model(self, version: str, body: str, *, now: datetime) -> None:
        """Keep a matching model beside the links it made."""
        with self.transaction():
            self.connection.execute(
                "INSERT OR IGNORE INTO models (version, body, made_us) VALUES (?, ?, ?)", (version, body, to_us(now))
            )

    def model(self, version: str | None = None) -> str | None:
        """A kept matching model, or the newest; None when there is none."""
        row = self.connection.execute(
            "SELECT body FROM models WHERE ?1 IS NULL OR version = ?1 ORDER BY made_us DESC, version LIMIT 1",
            (version,),
        ).fetchone()
        return None if row is None else str(row[0])


def _fact(row: tuple[int, str, str, str, str, float, str, int, str, int]) -> LinkFact:
    fact, left, right, rule, state, weight, model, at, by, act = row
    return LinkFact(
        fact=fact,
        left=left,
        right=right,
        rule=rule,
        state=LinkState(state),
        weight=weight,
        model=model,
        decided_at=from_us(at),
        decided_by=by,
        act=act,
    )
