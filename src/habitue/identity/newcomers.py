"""The common join: a record known by one identifier and no more is joined to one person, as a cookie to a customer.

What settling would find is known without it: the person keeps their id, and nobody else is touched. Every other case is
left to settling.

Cost: a few searches of an index; the persons met are remembered while nobody else writes the file.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from habitue.identity.edges import UNKNOWN, Facts
from habitue.identity.ledger import assign, persons_of
from habitue.identity.links import MATCHED, Links, LinkState
from habitue.identity.rules import Guards
from habitue.identity.settling import FactsOf, reach_of

_HELD: Final = 200_000


class _Calm:
    """A person whose records no decision parts and nothing but shared identifiers joins.

    Attributes:
        name: Their id.
        records: How many records are theirs.
        values: How many identifiers of each limited namespace they have at most, by its place.
    """

    __slots__ = ("name", "records", "values")

    def __init__(self, name: str, records: int, values: Counter[int]) -> None:
        self.name = name
        self.records = records
        self.values = values


class Newcomers:
    """Joins newcomers of one link store; used by one thread.

    Args:
        links: The link store.
        facts_of: What is known of records that keeps them apart, by record ids.
        guards: What keeps people apart.
    """

    def __init__(self, links: Links, facts_of: FactsOf, guards: Guards) -> None:
        self._links = links
        self._facts_of = facts_of
        self._guards = guards
        self._calm: dict[int, _Calm] = {}
        self._version = -1

    def clear(self) -> None:
        """Know nothing of anybody any longer."""
        self._calm.clear()

    def forget(self, records: Iterable[int]) -> None:
        """Know nothing of some records any longer, all of those of each person they are of."""
        for record in records:
            self._calm.pop(record, None)

    def join(self, one: int, two: int, place: int, *, now: datetime) -> dict[str, str] | None:
        """Join two records that were just linked, since both are known by one identifier.

        Args:
            one: The older record, by number.
            two: The younger.
            place: Of the namespace of the identifier.
            now: The present time, aware.

        Returns:
            The person of both; None where that has to be settled.
        """
        self._look_for_others()
        for newcomer, other in ((two, one), (one, two)):
            if self._is_alone(newcomer, other):
                found = self._joined(newcomer, other, place, now)
                if found is not None:
                    return found
        return None

    def _look_for_others(self) -> None:
        """Forget what was known where somebody else has written the file."""
        version = int(self._links.connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._version or len(self._calm) > _HELD:
            self._calm.clear()
            self._version = version

    def _is_alone(self, record: int, other: int) -> bool:
        """Whether a record was never linked with any but another one, nor ever anybody else, nor anybody else it."""
        if record in self._calm:
            return False
        row = self._links.connection.execute(
            """
            SELECT EXISTS (SELECT 1 FROM links WHERE left_record = ?1 AND right_record <> ?2)
            OR EXISTS (SELECT 1 FROM links WHERE right_record = ?1 AND left_record <> ?2)
            OR EXISTS (SELECT 1 FROM persons WHERE record = ?1)
            OR EXISTS (SELECT 1 FROM records AS r CROSS JOIN persons AS p ON p.person = r.record_id WHERE r.number = ?1)
            """,
            (record, other),
        ).fetchone()
        return not row[0]

    def _joined(self, newcomer: int, other: int, place: int, now: datetime) -> dict[str, str] | None:
        links = self._links
        ids = links.record_ids((newcomer, other))
        if not self._are_just_linked(newcomer, other):
            return None
        values = _free(self._facts_of([ids[newcomer]]), place)
        person = None if values is None else self._calm.get(other) or self._look(other, newcomer)
        if values is None or person is None or not self._has_room(person, values, place):
            return None
        if person.records == 1 and newcomer < other:
            # Of two who were each alone, the older gives the id.
            person.name, moved = ids[newcomer], other
        else:
            moved = newcomer
        assign(links, {moved: person.name}, now=now)
        person.records += 1
        person.values[place] += values
        self._calm[newcomer] = self._calm[other] = person
        return dict.fromkeys(ids.values(), person.name)

    def _has_room(self, person: _Calm, values: int, place: int) -> bool:
        """Whether no limit forbids that somebody with so many identifiers of a namespace becomes a person's."""
        limits = self._guards.limits
        limit = limits[place] if place < len(limits) else 0
        return person.records < self._guards.size and not 0 < limit < person.values[place] + values

    def _are_just_linked(self, one: int, two: int) -> bool:
        """Whether all that was ever said of two records is that identifiers link them."""
        said = self._links.connection.execute(
            "SELECT rule, state FROM links WHERE left_record = ? AND right_record = ?", (min(one, two), max(one, two))
        ).fetchall()
        return all(state == LinkState.LINK and rule != MATCHED for rule, state in said)

    def _look(self, record: int, newcomer: int) -> _Calm | None:
        """The person of a record, where all that links reach without a newcomer is that one person."""
        links = self._links
        reach = reach_of(links, (record, newcomer)) - {newcomer}
        persons = persons_of(links, reach)
        if len(set(persons.values())) > 1:
            return None
        links.choose(reach)
        row = links.connection.execute(
            """
            SELECT 1 FROM temp.chosen AS c CROSS JOIN links AS l ON l.left_record = c.number
            WHERE l.state IN ('never', 'always', 'review') OR l.rule = ? LIMIT 1
            """,
            (MATCHED,),
        ).fetchone()
        if row is not None:
            return None
        ids = links.record_ids(reach)
        known = {value for values in self._facts_of(list(ids.values())).identifiers.values() for value in values}
        person = _Calm(persons[record], len(reach), Counter(place for place, _ in known))
        self._calm.update(dict.fromkeys(reach, person))
        return person


def _free(facts: Facts, place: int) -> int | None:
    """How many identifiers of a namespace a record has; None where more is known that could keep it apart."""
    values = facts.identifiers.get(0, ())
    if facts.year[0] != UNKNOWN or any(each != place for each, _ in values):
        return None
    return len(values)
