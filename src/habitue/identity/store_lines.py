"""What is read from and written to the link store for many records at once: one statement whatever their number."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

NEWEST: Final = """
SELECT (SELECT coalesce(max(number), 0) FROM records), (SELECT coalesce(max(fact), 0) FROM links),
    (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'links'),
    (SELECT coalesce(max(step), 0) FROM persons),
    (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'persons')
"""
NUMBERS: Final = """
SELECT r.record_id, r.number FROM json_each(?) AS j CROSS JOIN records AS r ON r.record_id = j.value
"""
REACH: Final = """
WITH RECURSIVE reach(number) AS (
    SELECT value FROM json_each(?)
    UNION SELECT l.right_record FROM reach AS r CROSS JOIN links AS l ON l.left_record = r.number
        AND l.state <> 'review' AND l.state <> 'never'
    UNION SELECT l.left_record FROM reach AS r CROSS JOIN links AS l ON l.right_record = r.number
        AND l.state <> 'review' AND l.state <> 'never'
    UNION SELECT q.record FROM reach AS r CROSS JOIN persons AS p ON p.record = r.number
        CROSS JOIN persons AS q ON q.person = p.person
    UNION SELECT n.number FROM reach AS r CROSS JOIN persons AS p ON p.record = r.number
        CROSS JOIN records AS n ON n.record_id = p.person
    UNION SELECT q.record FROM reach AS r CROSS JOIN records AS n ON n.number = r.number
        CROSS JOIN persons AS q ON q.person = n.record_id
)
SELECT number FROM reach
"""
"""Whoever a link or a person of any time connects with some records."""
IDS: Final = "SELECT r.number, r.record_id FROM json_each(?) AS j CROSS JOIN records AS r ON r.number = j.value"
LINKED: Final = """
SELECT l.fact, l.left_record, l.right_record, l.rule, l.state, l.weight
FROM json_each(?1) AS j CROSS JOIN links AS l ON l.left_record = j.value
UNION SELECT l.fact, l.left_record, l.right_record, l.rule, l.state, l.weight
FROM json_each(?1) AS j CROSS JOIN links AS l ON l.right_record = j.value
ORDER BY 1
"""
PERSONS: Final = """
SELECT p.record, p.person FROM json_each(?) AS j CROSS JOIN persons AS p ON p.record = j.value ORDER BY p.step
"""
WRITE_RECORDS: Final = """
INSERT INTO records (number, record_id, first_us)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)
"""
WRITE_LINKS: Final = """
INSERT INTO links (fact, left_record, right_record, rule, state, weight, model, decided_us, decided_by, act)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), 'link', json_extract(value, '$[4]'), '', json_extract(value, '$[5]'),
    json_extract(value, '$[6]'), json_extract(value, '$[7]')
FROM json_each(?)
"""
WRITE_PERSONS: Final = """
INSERT INTO persons (step, record, person, since_us)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]')
FROM json_each(?)
"""


class RecordLine(NamedTuple):
    """A new record: its number, its id, and when it was first met (µs)."""

    number: int
    record_id: str
    at_us: int


class LinkLine(NamedTuple):
    """A new fact: a rule links two records."""

    fact: int
    left: int
    right: int
    rule: str
    weight: float
    at_us: int
    by: str
    act: int


class PersonLine(NamedTuple):
    """A record is a person from now on."""

    step: int
    record: int
    person: str
    at_us: int


@dataclass(slots=True)
class Written:
    """What is to be written, in order.

    Attributes:
        records: New records.
        links: New facts.
        persons: Who records are from now on.
        numbers: The number of every record that is named in them, by id.
    """

    records: list[RecordLine] = field(default_factory=list)
    links: list[LinkLine] = field(default_factory=list)
    persons: list[PersonLine] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.records or self.links or self.persons)

    def name(self, ids: Mapping[int, str], *numbers: int) -> None:
        """Know the ids of records that are named."""
        for number in numbers:
            self.numbers[ids[number]] = number

    def without(self, gone: Collection[int]) -> "Written":
        """The same without what is said of some records."""
        return Written(
            [each for each in self.records if each.number not in gone],
            [each for each in self.links if each.left not in gone and each.right not in gone],
            [each for each in self.persons if each.record not in gone],
            {name: number for name, number in self.numbers.items() if number not in gone},
        )
