"""The common join: a record known by one identifier and no more is joined to one person, as a cookie to a customer.

What settling would find is known without it: the person keeps their id, and nobody else is touched. Every other case is
left to settling.

Cost: a few look-ups in memory; the persons met are remembered while nobody else writes the file.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from habitue.identity.apart import Apart
from habitue.identity.known import Known
from habitue.identity.rules import Guards

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
        known: What the link store says.
        apart: What keeps records apart.
        guards: What keeps people apart.
    """

    def __init__(self, known: Known, apart: Apart, guards: Guards) -> None:
        self._known = known
        self._apart = apart
        self._guards = guards
        self._calm: dict[int, _Calm] = {}

    def clear(self) -> None:
        """Know nothing of anybody any longer."""
        self._calm.clear()

    def forget(self, records: Iterable[int]) -> None:
        """Know nothing of some records any longer, all of those of each person they are of."""
        for record in records:
            self._calm.pop(record, None)

    def knows(self, record: int) -> bool:
        """Whether the person of a record was met, so that nothing more has to be known of their other records."""
        return record in self._calm

    def join(self, touched: Collection[int], place: int, at_us: int) -> dict[str, str] | None:
        """Join records that were just linked, since all are known by one identifier.

        Args:
            touched: Their numbers; two or more.
            place: Of the namespace of the identifier.
            at_us: The present time (µs).

        Returns:
            The person of all of them; None where that has to be settled.
        """
        if len(self._calm) > _HELD:
            self._calm.clear()
        for newcomer in sorted(touched, reverse=True):
            others = [each for each in touched if each != newcomer]
            if newcomer not in self._calm and self._known.is_alone(newcomer, others):
                found = self._joined(newcomer, others, place, at_us)
                if found is not None:
                    return found
        return None

    def _joined(self, newcomer: int, others: Sequence[int], place: int, at_us: int) -> dict[str, str] | None:
        known = self._known
        if not all(known.are_just_linked(newcomer, each) for each in others):
            return None
        ids = known.record_ids((newcomer, *others))
        values = self._free(ids[newcomer], place)
        person = None if values is None else self._person_of(others, newcomer)
        if values is None or person is None or not self._has_room(person, values, place):
            return None
        if person.records == 1 and newcomer < others[0]:
            # Of two who were each alone, the older gives the id.
            person.name, moved = ids[newcomer], others[0]
        else:
            moved = newcomer
        known.assign({moved: person.name}, at_us)
        person.records += 1
        person.values[place] += values
        self._calm[newcomer] = person
        return dict.fromkeys(ids.values(), person.name)

    def _person_of(self, records: Sequence[int], newcomer: int) -> _Calm | None:
        """The one person that some records are of; None where they are several, or not calm."""
        persons = [self._calm.get(each) or self._look(each, newcomer) for each in records]
        return persons[0] if all(each is persons[0] for each in persons) else None

    def _has_room(self, person: _Calm, values: int, place: int) -> bool:
        """Whether no limit forbids that somebody with so many identifiers of a namespace becomes a person's."""
        limits = self._guards.limits
        limit = limits[place] if place < len(limits) else 0
        return person.records < self._guards.size and not 0 < limit < person.values[place] + values

    def _look(self, record: int, newcomer: int) -> _Calm | None:
        """The person of a record, where all that links reach without a newcomer is that one person."""
        known = self._known
        reach = known.reach((record, newcomer)) - {newcomer}
        if len(set(known.persons_of(reach).values())) > 1 or not known.is_calm(reach):
            return None
        values, _ = self._apart.said_of(list(known.record_ids(reach).values()))
        person = _Calm(known.person(record), len(reach), Counter(place for place, _ in values))
        self._calm.update(dict.fromkeys(reach, person))
        return person

    def _free(self, record: str, place: int) -> int | None:
        """How many identifiers of a namespace a record has; None where more is known that could keep it apart."""
        values, is_born = self._apart.said_of([record])
        return None if is_born or any(each != place for each, _ in values) else len(values)
