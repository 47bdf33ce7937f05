"""Who each record is now, and was before: added to, and never changed.

A record that nobody joined is its own person and needs no row.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from habitue.errors import HabitueError
from habitue.identity.links import Links
from habitue.state.sqlite import from_us, to_us


class PersonNotFoundError(HabitueError):
    """No record belongs to a person of an id."""

    code = "IDENTITY-PERSON-UNKNOWN"

    def __init__(self, person: str) -> None:
        super().__init__(
            what=f"No record belongs to a customer with the id {person[:40]!r}.",
            do="Give an id as `habitue identity show` prints it; an id that was merged away leads nowhere.",
        )


def persons_of(links: Links, numbers: Iterable[int] | None = None) -> dict[int, str]:
    """The person of records by number; of all records when none are named."""
    people = links.record_ids(numbers)
    if numbers is None:
        rows = links.connection.execute("SELECT record, person FROM current_persons")
    else:
        rows = links.connection.execute(
            """
            SELECT record, person FROM persons WHERE step IN (
                SELECT max(p.step) FROM temp.chosen AS c CROSS JOIN persons AS p ON p.record = c.number
                GROUP BY p.record
            )
            """
        )
    people.update(rows.fetchall())
    return people


def members(links: Links, person: str) -> list[str]:
    """The record ids of a person, oldest first.

    Raises:
        PersonNotFoundError: There is none.
    """
    rows = links.connection.execute("SELECT DISTINCT record FROM persons WHERE person = ?", (person,)).fetchall()
    numbers = {record for (record,) in rows} | set(links.numbers([person]).values())
    now = persons_of(links, numbers)
    found = sorted(record for record, current in now.items() if current == person)
    if not found:
        raise PersonNotFoundError(person)
    names = links.record_ids(found)
    return [names[record] for record in found]


def person_of(links: Links, record_id: str) -> str:
    """The person of one record.

    Raises:
        RecordUnknownError: No record has that id.
    """
    number = links.number(record_id)
    return persons_of(links, [number])[number]


def before(links: Links, numbers: Iterable[int]) -> dict[int, list[str]]:
    """The persons that records were before, the newest first, without the present one."""
    links.choose(numbers)
    rows = links.connection.execute(
        """
        SELECT p.record, p.person FROM temp.chosen AS c CROSS JOIN persons AS p ON p.record = c.number
        ORDER BY p.record, p.step DESC
        """
    ).fetchall()
    past: dict[int, dict[str, None]] = {}
    for record, person in rows:
        past.setdefault(record, {})[person] = None
    return {record: list(names)[1:] for record, names in past.items() if len(names) > 1}


def assign(links: Links, persons: Mapping[int, str], *, now: datetime) -> None:
    """Write down who records are from now on."""
    at = to_us(now)
    with links.transaction():
        links.connection.executemany(
            "INSERT INTO persons (record, person, since_us) VALUES (?, ?, ?)",
            ((record, person, at) for record, person in sorted(persons.items())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A record that is another person than it was at an earlier state.

    Attributes:
        record: Its id.
        before: The person it was.
        since: When it had become that person; None where it was its own from the beginning.
        after: The person it is.
    """

    record: str
    before: str
    since: datetime | None
    after: str


def moved_since(links: Links, step: int) -> list[Moved]:
    """The records that are another person than they were at a state, by number; see `Links.newest_step`."""
    rows = links.connection.execute(
        """
        WITH earlier AS (SELECT record, max(step) AS step FROM persons WHERE step <= ?1 GROUP BY record),
        later AS (SELECT record, max(step) AS step FROM persons GROUP BY record HAVING max(step) > ?1)
        SELECT r.record_id, coalesce(b.person, r.record_id), b.since_us, a.person
        FROM later JOIN records AS r ON r.number = later.record JOIN persons AS a ON a.step = later.step
        LEFT JOIN earlier ON earlier.record = later.record LEFT JOIN persons AS b ON b.step = earlier.step
        WHERE a.person <> coalesce(b.person, r.record_id) ORDER BY r.number
        """,
        (step,),
    ).fetchall()
    return [
        Moved(record=record, before=before, since=None if since is None else from_us(since), after=after)
        for record, before, since, after in rows
    ]


def made_of(links: Links, persons: Collection[str], step: int) -> dict[str, list[str]]:
    """The record ids that persons were made of at a state, by id of the person; those who were nobody are absent."""
    links.connection.execute("DELETE FROM temp.named")
    links.connection.executemany("INSERT OR IGNORE INTO temp.named VALUES (?)", ((name,) for name in persons))
    rows = links.connection.execute(
        """
        WITH those AS (
            SELECT p.record FROM temp.named AS n CROSS JOIN persons AS p ON p.person = n.record_id
            UNION SELECT r.number FROM temp.named AS n CROSS JOIN records AS r ON r.record_id = n.record_id
        )
        SELECT r.record_id, coalesce((
            SELECT q.person FROM persons AS q WHERE q.record = t.record AND q.step <= ? ORDER BY q.step DESC LIMIT 1
        ), r.record_id) FROM those AS t CROSS JOIN records AS r ON r.number = t.record ORDER BY r.number
        """,
        (step,),
    ).fetchall()
    found: dict[str, list[str]] = {}
    for record, person in rows:
        if person in persons:
            found.setdefault(person, []).append(record)
    return found


def taken(links: Links, names: Collection[str], besides: Collection[int]) -> set[str]:
    """Those of some ids that are persons now, not counting some records."""
    links.connection.execute("DELETE FROM temp.named")
    links.connection.executemany("INSERT OR IGNORE INTO temp.named VALUES (?)", ((name,) for name in names))
    rows = links.connection.execute(
        "SELECT p.record FROM temp.named AS n CROSS JOIN persons AS p ON p.person = n.record_id"
    ).fetchall()
    holders = ({record for (record,) in rows} | set(links.numbers(names).values())) - set(besides)
    return {person for person in persons_of(links, holders).values() if person in set(names)}


def digest(links: Links) -> str:
    """A fingerprint of who is who: SHA-256 over every record id and its person, in order of the ids."""
    ids = links.record_ids()
    people = persons_of(links)
    sum_of = hashlib.sha256()
    for record, number in sorted((name, number) for number, name in ids.items()):
        sum_of.update(f"{record}\x1f{people[number]}\x1e".encode())
    return sum_of.hexdigest()


class People(Protocol):
    """Who records are and were, as deciding anew asks for it; see the functions of the same names."""

    def record_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of records by number."""
        ...

    def persons_of(self, numbers: Iterable[int]) -> dict[int, str]:
        """The person of records by number."""
        ...

    def before(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        """The persons that records were before, the newest first, without the present one."""
        ...

    def taken(self, names: Collection[str], besides: Collection[int]) -> set[str]:
        """Those of some ids that are persons now, not counting some records."""
        ...


class StoredPeople:
    """The people of a link store, each question asked of the file.

    Args:
        links: The link store.
    """

    def __init__(self, links: Links) -> None:
        self._links = links

    def record_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of records by number."""
        return self._links.record_ids(numbers)

    def persons_of(self, numbers: Iterable[int]) -> dict[int, str]:
        """The person of records by number."""
        return persons_of(self._links, numbers)

    def before(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        """The persons that records were before, the newest first, without the present one."""
        return before(self._links, numbers)

    def taken(self, names: Collection[str], besides: Collection[int]) -> set[str]:
        """Those of some ids that are persons now, not counting some records."""
        return taken(self._links, names, besides)
