"""Persistent ids of persons: the largest part keeps the id, and a part that comes back gets back the id it had."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

NewId = Callable[[], str]


def name_parts(
    parts: Sequence[Sequence[int]],
    *,
    current: Mapping[int, str],
    before: Mapping[int, Sequence[str]],
    own: Mapping[int, str],
    taken: Collection[str],
    new_id: NewId,
) -> list[str]:
    """An id for each part.

    Of the parts that hold records of one person, the one with most of them keeps the id; of equal ones, that with the
    oldest record. A part without an id takes the one that most of its records had before, newest first; then the own
    id of its oldest record that is free; then a new one.

    Args:
        parts: Records of each part, oldest first, by number; every record of every person touched is in one of them.
        current: The person each record is now.
        before: Persons each record was before, the newest first.
        own: The id of each record itself; a record that nobody joined is its own person.
        taken: Ids of persons outside the parts.
        new_id: Makes an id nobody ever had.

    Examples:
        >>> records = {1: "r1", 2: "r2", 3: "r3"}
        >>> together = {1: "r1", 2: "r1", 3: "r1"}
        >>> name_parts([[1], [2, 3]], current=together, before={}, own=records, taken=(), new_id=lambda: "new")
        ['new', 'r1']
    """
    names: dict[int, str] = {}
    used: set[str] = set()
    _give(_claims(parts, current), names, used, taken)
    _give(_memories(parts, before, names), names, used, taken)
    for place, part in enumerate(parts):
        if place in names:
            continue
        free = (own[record] for record in part if own[record] not in used and own[record] not in taken)
        names[place] = next(free, None) or new_id()
        used.add(names[place])
    return [names[place] for place in range(len(parts))]


Claim = tuple[int, int, int, int, str]


def _claims(parts: Sequence[Sequence[int]], current: Mapping[int, str]) -> list[Claim]:
    """What each part holds of each person, the largest holding first, of equal ones that with the oldest record."""
    claims: list[Claim] = []
    for place, part in enumerate(parts):
        oldest: dict[str, int] = {}
        for record in part:
            oldest.setdefault(current[record], record)
        counts = Counter(current[record] for record in part)
        claims += [(0, -count, oldest[person], place, person) for person, count in counts.items()]
    return sorted(claims)


def _memories(
    parts: Sequence[Sequence[int]], before: Mapping[int, Sequence[str]], names: Mapping[int, str]
) -> list[Claim]:
    """Who the records of parts without an id were, the last time first."""
    claims: list[Claim] = []
    for place, part in enumerate(parts):
        if place not in names:
            counts = Counter((age, person) for record in part for age, person in enumerate(before.get(record, ())))
            claims += [(age, -count, part[0], place, person) for (age, person), count in counts.items()]
    return sorted(claims)


def _give(claims: Sequence[Claim], names: dict[int, str], used: set[str], taken: Collection[str]) -> None:
    for *_, place, person in claims:
        if place not in names and person not in used and person not in taken:
            names[place] = person
            used.add(person)
