"""Who entered and left which segment, and when: each change once, in one order, kept through any crash.

`.habitue/transitions.sqlite` holds the changes, who is inside since when, and up to where events were read: all three
are written in one transaction, so that whatever stops the process, the changes of an event are there once or not yet.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

from habitue.config import state_folder
from habitue.rules.live_transitions import Transition
from habitue.segments.transition_tables import (
    ADVANCE,
    DECLARE,
    ENTER,
    INSIDE,
    LEAVE,
    READ,
    READ_BOTH,
    READ_CUSTOMER,
    READ_LATEST,
    READ_SEGMENT,
    SEQUENCE,
    TRANSITIONS,
    WRITE,
)
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, open_database, reading

TRANSITIONS_FILE: Final = "transitions.sqlite"
MAX_PAGE: Final = 10_000
_TOGETHER: Final = 5_000
"""How many transitions are written by one statement."""


class Moved(NamedTuple):
    """Somebody entered or left a segment.

    Attributes:
        sequence: Its number; later ones are greater, and gaps mean that somebody was forgotten.
        customer_id: Who.
        segment: Its name.
        entered: True when entered, False when left.
        occurred_us: The very instant, µs since 1970 UTC, however late it was noticed.
        noticed_us: When it was noticed.
        cause: `event`, `deadline`, `definition` (of a new or changed rule) or `build` (other data).
        offset: Up to where the log of events was read.
    """

    sequence: int
    customer_id: str
    segment: str
    entered: bool
    occurred_us: int
    noticed_us: int
    cause: str
    offset: int


class Position(NamedTuple):
    """How far a project's live reading has come.

    Attributes:
        offset: Of the last record of the log that was read; 0 before the first.
        clock_us: The instant of its answers, µs since 1970 UTC; 0 before the first.
        people: The state of who is who that they are about.
        settled: An offset up to which everything was read and every deadline minded: where to begin again.
        settled_us: The instant at which that was so.
    """

    offset: int
    clock_us: int
    people: int = 0
    settled: int = 0
    settled_us: int = 0


class TransitionLog(StateFile):
    """The transitions of one project. A connection is used by the thread that opened it; there may be many readers.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, open_database(path, TRANSITIONS))
        self._connection.execute("PRAGMA secure_delete = ON")
        self._numbers: dict[str, int] = {}

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the transitions of a project folder, made when absent."""
        return cls(state_folder(project) / TRANSITIONS_FILE)

    # --- Writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; whatever it made known is unknown again when it fails."""
        try:
            with self.transaction():
                yield
        except BaseException:
            self._numbers.clear()
            raise

    def commit(
        self,
        transitions: Sequence[Transition],
        *,
        offset: int,
        clock_us: int,
        noticed_us: int,
        offsets: Sequence[int] | None = None,
        people: int | None = None,
        is_settled: bool = False,
        rules: Mapping[str, str] | None = None,
    ) -> list[Moved]:
        """Keep what changed together with how far events were read.

        One that changes nothing, since somebody is inside already or is not, is left out and counted (`refused`).

        Args:
            transitions: In order.
            offset: Of the last record of the log that was read.
            clock_us: The instant up to which deadlines were minded.
            noticed_us: Now.
            offsets: For each transition up to where the log was read; `offset` for all when not said.
            people: The state of who is who; as it was when not said.
            is_settled: Whether every deadline up to that instant was minded, and nothing read came later than it.
            rules: What segments are declared as from now on, so that a changed rule can be told from changed data.

        Returns:
            What was kept.
        """
        places = offsets if offsets is not None else [offset] * len(transitions)
        kept = list[Moved]()
        with self._writing():
            for begin in range(0, len(transitions), _TOGETHER):
                some = slice(begin, begin + _TOGETHER)
                kept += self._keep(transitions[some], places[some], noticed_us)
            facts = {"offset": offset, "clock_us": clock_us, "people": people or 0}
            if is_settled:
                facts |= {"settled": offset, "settled_us": clock_us}
            self._connection.execute(ADVANCE, (json.dumps(facts),))
            refused = len(transitions) - len(kept)
            if refused:
                self._connection.execute("UPDATE facts SET value = value + ? WHERE name = 'refused'", (refused,))
            if rules:
                self._connection.executemany(DECLARE, rules.items())
        return kept

    def _keep(self, transitions: Sequence[Transition], places: Sequence[int], noticed_us: int) -> list[Moved]:
        """Write some transitions down, but those that change nothing; few statements, however many there are."""
        execute = self._connection.execute
        pairs = [(self._number(each.definition), each.customer_id) for each in transitions]
        before = set[tuple[int, str]](execute(INSIDE, (_lines(dict.fromkeys(pairs)),)).fetchall())
        after = dict.fromkeys(before, (0, 0))
        sequence = int(execute(SEQUENCE).fetchone()[0])
        kept, rows, touched = list[Moved](), list[tuple[object, ...]](), set[tuple[int, str]]()
        for each, pair, place in zip(transitions, pairs, places, strict=True):
            if (pair in after) is each.entered:
                continue
            sequence += 1
            touched.add(pair)
            if each.entered:
                after[pair] = (each.occurred_us, sequence)
            else:
                del after[pair]
            what = (each.occurred_us, noticed_us, each.cause, place)
            rows.append((sequence, each.customer_id, pair[0], int(each.entered), *what))
            kept.append(Moved(sequence, each.customer_id, each.definition, each.entered, *what))
        gone: dict[int, list[str]] = {}
        for number, customer in before & touched:
            gone.setdefault(number, []).append(customer)
        for number, customers in gone.items():
            execute(LEAVE, (number, _lines(customers)))
        come = [(*pair, *after[pair]) for pair in touched if pair in after]
        for statement, lines in ((WRITE, rows), (ENTER, come)):
            if lines:
                execute(statement, (_lines(lines),))
        return kept

    def _number(self, segment: str) -> int:
        known = self._numbers.get(segment)
        if known is None:
            self._connection.execute("INSERT OR IGNORE INTO segments (name) VALUES (?)", (segment,))
            row = self._connection.execute("SELECT number FROM segments WHERE name = ?", (segment,)).fetchone()
            known = self._numbers[segment] = int(row[0])
        return known

    def rewind(self) -> None:
        """Begin the log of events anew: another one is in its place. What was kept stays."""
        with self._writing():
            self._connection.execute(
                "UPDATE facts SET value = 0 WHERE name IN ('offset', 'clock_us', 'settled', 'settled_us')"
            )

    def forget(self, customers: Collection[str], *, anew: bool = True) -> int:
        """Delete all that is told of some customers; how many rows went.

        Args:
            customers: Their ids.
            anew: Whether to write the file anew, so that nothing of them is left in it.
        """
        gone = 0
        with self.transaction():
            for customer in customers:
                for statement in (
                    "DELETE FROM transitions WHERE customer_id = ?",
                    "DELETE FROM members WHERE customer_id = ?",
                ):
                    gone += self._connection.execute(statement, (customer,)).rowcount
        if anew:
            self.scrub()
        return gone

    def retire(self, before_us: int, *, limit: int = MAX_PAGE) -> int:
        """Delete transitions noticed before an instant, of the oldest so many; who is inside stays known."""
        with self.transaction():
            return self._connection.execute(
                """
                DELETE FROM transitions WHERE noticed_us < ? AND sequence IN (
                    SELECT sequence FROM transitions ORDER BY sequence LIMIT ?)
                """,
                (before_us, limit),
            ).rowcount

    def count(self, before_us: int | None = None) -> int:
        """How many transitions are kept; those noticed before an instant, where one is given."""
        with answering(self._path):
            found = self._connection.execute(
                "SELECT count(*) FROM transitions WHERE ?1 IS NULL OR noticed_us < ?1", (before_us,)
            ).fetchone()
        return int(found[0])

    # --- Reading ------------------------------------------------------------------------------------------------------

    def position(self) -> Position:
        """How far events were read, and the instant of the answers."""
        with answering(self._path):
            facts = dict(self._connection.execute("SELECT name, value FROM facts").fetchall())
        return Position(*(facts[name] for name in Position._fields))

    @property
    def refused(self) -> int:
        """How many transitions were left out since they changed nothing: each one is a mistake of whoever told it."""
        return self._fact("refused")

    def _fact(self, name: str) -> int:
        with answering(self._path):
            return int(self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0])

    def newest(self) -> int:
        """The sequence of the newest transition there ever was; 0 before the first."""
        with answering(self._path):
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'transitions'").fetchone()
        return 0 if row is None else int(row[0])

    def oldest(self) -> int:
        """The sequence of the oldest transition there still is; one after the newest where none is left."""
        with answering(self._path):
            row = self._connection.execute("SELECT min(sequence) FROM transitions").fetchone()
        return self.newest() + 1 if row[0] is None else int(row[0])

    def read(
        self, after: int = 0, limit: int = 1_000, *, segment: str | None = None, customer: str | None = None
    ) -> list[Moved]:
        """The transitions that follow a sequence, in order.

        Args:
            after: The last sequence read before; 0 begins with the oldest there is.
            limit: How many at most, up to 10,000.
            segment: Only of this segment.
            customer: Only of this customer.
        """
        count = max(0, min(limit, MAX_PAGE))
        rows: Iterable[tuple[int, str, str, int, int, int, str, int]]
        with answering(self._path):
            if customer is not None and segment is not None:
                rows = self._connection.execute(READ_BOTH, (customer, segment, after, count)).fetchall()
            elif customer is not None:
                rows = self._connection.execute(READ_CUSTOMER, (customer, after, count)).fetchall()
            elif segment is not None:
                rows = self._connection.execute(READ_SEGMENT, (segment, after, count)).fetchall()
            else:
                rows = self._connection.execute(READ, (after, count)).fetchall()
        return [_moved(row) for row in rows]

    def latest(self, segment: str, limit: int = 100) -> list[Moved]:
        """The newest transitions of a segment, the newest first, so many at most."""
        with answering(self._path):
            rows = self._connection.execute(READ_LATEST, (segment, max(0, min(limit, MAX_PAGE)))).fetchall()
        return [_moved(row) for row in rows]

    def last(self, customer: str, segment: str) -> int | None:
        """When a customer last entered or left a segment, µs since 1970 UTC; None where that is not known."""
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT max(t.occurred_us) FROM transitions AS t JOIN segments AS s ON s.number = t.segment
                WHERE t.customer_id = ? AND s.name = ?
                """,
                (customer, segment),
            ).fetchone()
        return None if row[0] is None else int(row[0])

    def is_member(self, customer: str, segment: str) -> bool:
        """Whether a customer is inside a segment."""
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT 1 FROM segments AS s CROSS JOIN members AS m ON m.segment = s.number AND m.customer_id = ?
                WHERE s.name = ?
                """,
                (customer, segment),
            ).fetchone()
        return row is not None

    def page(self, segment: str, *, after: str = "", limit: int = 1_000) -> list[tuple[str, int]]:
        """Members of a segment, each since when, by id, from behind a given one.

        Args:
            segment: Its name.
            after: The last id of the page before.
            limit: How many at most, up to 10,000.
        """
        with answering(self._path):
            return self._connection.execute(
                """
                SELECT m.customer_id, m.since_us FROM segments AS s CROSS JOIN members AS m ON m.segment = s.number
                WHERE s.name = ? AND m.customer_id > ? ORDER BY m.customer_id LIMIT ?
                """,
                (segment, after, max(0, min(limit, MAX_PAGE))),
            ).fetchall()

    def members(self, segment: str) -> dict[str, int]:
        """Who is inside a segment, each since when (µs since 1970 UTC)."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT m.customer_id, m.since_us FROM segments AS s CROSS JOIN members AS m ON m.segment = s.number
                WHERE s.name = ?
                """,
                (segment,),
            )
            return dict(rows.fetchall())

    def snapshot(self) -> tuple[Position, dict[str, set[str]]]:
        """How far events were read, and who is inside each segment just then."""
        inside: dict[str, set[str]] = {}
        with answering(self._path), reading(self._connection):
            position = self.position()
            rows = self._connection.execute(
                "SELECT s.name, m.customer_id FROM segments AS s JOIN members AS m ON m.segment = s.number"
            )
            for segment, customer in rows:
                inside.setdefault(segment, set()).add(customer)
        return position, inside

    def memberships(self, customer: str) -> dict[str, int]:
        """The segments that a customer is inside, each since when (µs since 1970 UTC)."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT s.name, m.since_us FROM members AS m JOIN segments AS s ON s.number = m.segment
                WHERE m.customer_id = ? ORDER BY s.name
                """,
                (customer,),
            )
            return dict(rows.fetchall())

    def sizes(self) -> dict[str, int]:
        """How many are inside each segment that anybody ever entered, or whose rule was kept."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT s.name, count(m.customer_id) FROM segments AS s LEFT JOIN members AS m ON m.segment = s.number
                GROUP BY s.number ORDER BY s.name
                """
            )
            return dict(rows.fetchall())

    def rules(self) -> dict[str, str]:
        """What each segment was declared as when it was last kept; empty where that is not known."""
        with answering(self._path):
            return dict(self._connection.execute("SELECT name, rule FROM segments ORDER BY name").fetchall())


def _moved(row: tuple[int, str, str, int, int, int, str, int]) -> Moved:
    sequence, customer, segment, entered, occurred_us, noticed_us, cause, offset = row
    return Moved(sequence, customer, segment, entered == 1, occurred_us, noticed_us, cause, offset)


def _lines(rows: Iterable[object]) -> str:
    """Rows for a statement that takes many; half a character is refused there, as in any other text."""
    return json.dumps(list(rows), ensure_ascii=False)
