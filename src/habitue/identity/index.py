"""Who an identifier belongs to, answered from memory while events come in.

A projection: made from the vault's keyed identifiers and the persons of the records, and changed as they change.

Cost: two dictionary look-ups; about 250 bytes an identifier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Who several identifiers of one event belong to.

    Attributes:
        person: The person of the most trusted identifier that is known; None when none is.
        others: Persons of the other identifiers, who then may be the same one.
        unknown: Places of the identifiers that nobody is known by.
    """

    person: str | None
    others: tuple[str, ...]
    unknown: tuple[int, ...]


class LiveIndex:
    """Identifiers and their persons.

    Keys are keyed pseudonyms of the vault, never identifiers in the clear.
    """

    def __init__(self) -> None:
        self._record: dict[bytes, str] = {}
        self._person: dict[str, str] = {}
        self._keys: dict[str, list[bytes]] = {}

    @classmethod
    def built(cls, identifiers: Iterable[tuple[bytes, str]], persons: Mapping[str, str]) -> Self:
        """From the keyed identifiers of records.

        Args:
            identifiers: A key and the record that carries it; of several records for one key, the first.
            persons: The person of each record; a record that is absent is its own person.

        Examples:
            >>> index = LiveIndex.built([(b"k1", "c1"), (b"k2", "c2")], {"c2": "c1"})
            >>> index.find(b"k2"), index.find(b"k3")
            ('c1', None)
        """
        index = cls()
        for key, record in identifiers:
            index.add(key, record)
        for record, person in persons.items():
            index.move(record, person)
        return index

    def __len__(self) -> int:
        """How many identifiers."""
        return len(self._record)

    def find(self, key: bytes) -> str | None:
        """The person known by an identifier, or None."""
        record = self._record.get(key)
        return None if record is None else self._person.get(record, record)

    def resolve(self, keys: Sequence[bytes]) -> Resolution:
        """The person of several identifiers that came together, the most trusted first."""
        people: dict[str, None] = {}
        unknown: list[int] = []
        for place, key in enumerate(keys):
            person = self.find(key)
            if person is None:
                unknown.append(place)
            else:
                people[person] = None
        found = list(people)
        return Resolution(person=found[0] if found else None, others=tuple(found[1:]), unknown=tuple(unknown))

    def add(self, key: bytes, record: str) -> bool:
        """Know a record by one more identifier; False where another record is known by it already."""
        known = self._record.get(key)
        if known is None:
            self._record[key] = record
            self._keys.setdefault(record, []).append(key)
        return known is None or known == record

    def move(self, record: str, person: str) -> None:
        """Make a record another person's, as after a merge or an unmerge."""
        if record == person:
            self._person.pop(record, None)
        else:
            self._person[record] = person

    def forget(self, records: Iterable[str]) -> int:
        """Know nobody by the identifiers of some records any longer; returns how many identifiers went."""
        gone = 0
        for record in records:
            for key in self._keys.pop(record, ()):
                gone += self._record.pop(key, None) is not None
            self._person.pop(record, None)
        return gone
