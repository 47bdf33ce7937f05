"""Links become persons: union-find by falling weight, refusing what the guards forbid.

Plain transitive closure joins namesakes into one person of hundreds of records as data grows; here a link that would
join records which cannot be one person is refused, and reported. Equal links in any order give equal persons.

Cost: the sort of the links, then almost linear; about two microseconds a link.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from habitue.identity.edges import ALWAYS, UNKNOWN, Edges, Facts, Ints
from habitue.identity.rules import Guards

Birth = tuple[int, int]
Value = tuple[int, int]


class Reason(StrEnum):
    """Why a link was refused."""

    NEVER = "never"
    BIRTH_DATE = "birth_date"
    LIMIT = "limit"
    SIZE = "size"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A link that would have joined records which cannot be one person.

    Attributes:
        left: Record number.
        right: Record number.
        weight: Of the link.
        reason: What forbade it.
    """

    left: int
    right: int
    weight: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """Who is one person.

    Attributes:
        oldest: By record number, the oldest record of its person.
        refused: Links that were refused, by falling weight.
    """

    oldest: Ints
    refused: tuple[Refusal, ...]

    def parts(self) -> list[list[int]]:
        """The records of each person of two or more, oldest first, by their oldest record."""
        order = np.argsort(self.oldest, kind="stable")
        starts = np.flatnonzero(np.r_[True, self.oldest[order][1:] != self.oldest[order][:-1]])
        groups = np.split(order, starts[1:]) if len(order) else []
        return [group.tolist() for group in groups if len(group) > 1]


def cluster(
    records: int,
    edges: Edges,
    *,
    facts: Facts,
    guards: Guards,
    never: Iterable[tuple[int, int]] = (),
) -> Clustering:
    """Join records by their links, the heaviest first, unless a guard refuses.

    A link of weight `ALWAYS` passes every guard but `never`.

    Args:
        records: How many there are, numbered from 0 by age.
        edges: Links between them.
        facts: What keeps records apart.
        guards: What is refused.
        never: Pairs that are not one person, whatever else is known.
    """
    state = _Growing(records, facts, guards, never)
    state.hear(edges)
    refused: list[Refusal] = []
    order = edges.falling()
    lefts, rights = edges.left[order].tolist(), edges.right[order].tolist()
    weights, marks = edges.weight[order].tolist(), edges.matched[order].tolist()
    for left, right, weight, matched in zip(lefts, rights, weights, marks, strict=True):
        reason = state.join(left, right, decided=weight == ALWAYS, matched=matched)
        if reason is not None:
            refused.append(Refusal(left=left, right=right, weight=weight, reason=reason))
    return Clustering(oldest=state.oldest(), refused=tuple(refused))


class _Growing:
    """Persons while they grow: parents, members, and what each person is known to have.

    Sets are made when a person gets a second record: most never do.
    """

    def __init__(self, records: int, facts: Facts, guards: Guards, never: Iterable[tuple[int, int]]) -> None:
        self._parent = list(range(records))
        self._members: dict[int, list[int]] = {}
        self._guards = guards
        self._years = facts.year.tolist() if guards.birth_date else [UNKNOWN] * records
        self._days = facts.day.tolist()
        self._births: dict[int, set[Birth]] = {}
        self._identifiers = facts.identifiers if any(guards.limits) else {}
        self._values: dict[int, set[Value]] = {}
        self._alike: dict[int, list[int]] = {}
        self._apart: dict[int, set[int]] = {}
        for one, two in never:
            self._apart.setdefault(one, set()).add(two)
            self._apart.setdefault(two, set()).add(one)

    def hear(self, edges: Edges) -> None:
        """Take note of all links by likeness, for those that speak for a person as a whole."""
        if not self._guards.support:
            return
        for left, right in zip(edges.left[edges.matched].tolist(), edges.right[edges.matched].tolist(), strict=True):
            self._alike.setdefault(left, []).append(right)
            self._alike.setdefault(right, []).append(left)

    def find(self, record: int) -> int:
        """The root of a record's person."""
        parent = self._parent
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    def join(self, left: int, right: int, *, decided: bool, matched: bool) -> Reason | None:
        """Make two records one person, or say why not."""
        one, two = self.find(left), self.find(right)
        if one == two:
            return None
        reason = self._refusal(one, two, decided=decided, matched=matched)
        if reason is None:
            self._unite(one, two)
        return reason

    def _refusal(self, one: int, two: int, *, decided: bool, matched: bool) -> Reason | None:
        if self._apart and self._are_apart(one, two):
            return Reason.NEVER
        if decided:
            return None
        size = len(self._members.get(one, (one,))) + len(self._members.get(two, (two,)))
        if size > (self._guards.matched_size if matched else self._guards.size):
            return Reason.SIZE
        if _births_conflict(self._births_of(one), self._births_of(two)):
            return Reason.BIRTH_DATE
        if self._identifiers and self._exceeds(self._values_of(one), self._values_of(two)):
            return Reason.LIMIT
        if matched and size > 2 and not self._supported(one, two):
            return Reason.SUPPORT
        return None

    def _supported(self, one: int, two: int) -> bool:
        """Whether enough of the pairs across two persons are links, counting records that have links by likeness."""
        mine = [record for record in self._members.get(one, (one,)) if record in self._alike]
        theirs = [record for record in self._members.get(two, (two,)) if record in self._alike]
        if len(mine) > len(theirs):
            mine, theirs, two = theirs, mine, one
        across = sum(self.find(other) == two for record in mine for other in self._alike[record])
        return across >= self._guards.support * len(mine) * len(theirs)

    def _are_apart(self, one: int, two: int) -> bool:
        mine, theirs = self._apart.get(one, ()), self._apart.get(two, ())
        if len(mine) <= len(theirs):
            return any(self.find(each) == two for each in mine)
        return any(self.find(each) == one for each in theirs)

    def _births_of(self, root: int) -> set[Birth]:
        known = self._births.get(root)
        if known is None:
            known = {(self._years[root], self._days[root])} if self._years[root] != UNKNOWN else set()
        return known

    def _values_of(self, root: int) -> set[Value]:
        known = self._values.get(root)
        return set(self._identifiers.get(root, ())) if known is None else known

    def _exceeds(self, mine: set[Value], theirs: set[Value]) -> bool:
        if not mine or not theirs:
            return False
        counts = Counter(namespace for namespace, _ in mine | theirs)
        shared = {namespace for namespace, _ in mine} & {namespace for namespace, _ in theirs}
        limits = self._guards.limits
        return any(0 < limits[namespace] < counts[namespace] for namespace in shared)

    def _unite(self, one: int, two: int) -> None:
        members, others = self._members.get(one) or [one], self._members.get(two) or [two]
        if len(members) < len(others):
            one, two, members, others = two, one, others, members
        self._births[one] = self._births_of(one) | self._births_of(two)
        self._births.pop(two, None)
        if self._identifiers:
            self._values[one] = self._values_of(one) | self._values_of(two)
            self._values.pop(two, None)
        if two in self._apart:
            self._apart[one] = self._apart.get(one, set()) | self._apart.pop(two)
        self._parent[two] = one
        members.extend(others)
        self._members[one] = members
        self._members.pop(two, None)

    def oldest(self) -> Ints:
        """By record, the oldest record of its person."""
        result = np.arange(len(self._parent), dtype=np.int64)
        for members in self._members.values():
            result[members] = min(members)
        return result


def _births_conflict(one: set[Birth], two: set[Birth]) -> bool:
    """Whether some two dates differ in the year and in the day; an unknown day differs from none."""
    return any(year != other and day != that and UNKNOWN not in (day, that) for year, day in one for other, that in two)


def reached(edges: Edges, start: Iterable[int], records: int) -> Ints:
    """The records that links connect with any of the given ones, these included, by number.

    Guards decide within what links connect, so these are all that a change at the given records can touch.
    """
    marked = np.zeros(records, dtype=np.bool_)
    marked[np.fromiter(start, dtype=np.int64)] = True
    while True:
        on_left, on_right = marked[edges.left], marked[edges.right]
        fresh = on_left != on_right
        if not fresh.any():
            return np.flatnonzero(marked).astype(np.int64)
        marked[edges.left[fresh]] = True
        marked[edges.right[fresh]] = True


def renumbered(edges: Edges, records: Ints) -> Edges:
    """The links inside some records, their ends numbered by place in the list; the list is in rising order."""
    inside = np.isin(edges.left, records) & np.isin(edges.right, records)
    kept = edges.taken(inside)
    return Edges(
        left=np.searchsorted(records, kept.left).astype(np.int64),
        right=np.searchsorted(records, kept.right).astype(np.int64),
        weight=kept.weight,
        matched=kept.matched,
    )


def pairs_inside(pairs: Sequence[tuple[int, int]], records: Ints) -> list[tuple[int, int]]:
    """The pairs inside some records, numbered by place in the list."""
    place = {record: index for index, record in enumerate(records.tolist())}
    return [(place[one], place[two]) for one, two in pairs if one in place and two in place]
