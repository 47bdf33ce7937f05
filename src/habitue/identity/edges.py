"""Links between records as arrays, and what is known of records that can keep them apart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
UNKNOWN: Final = -1
ALWAYS: Final = float("inf")


def probability(weight: float) -> float:
    """That two records are one person, from a weight in bits; 0 bits is as likely as not.

    Examples:
        >>> probability(0.0), round(probability(3.17), 2)
        (0.5, 0.9)
    """
    return float(1.0 / (1.0 + 2.0 ** -min(max(weight, -60.0), 60.0)))


def bits(likely: float) -> float:
    """The weight in bits of a probability between 0 and 1, exclusive.

    Examples:
        >>> bits(0.5)
        0.0
    """
    return math.log2(likely / (1.0 - likely))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Links between records, each once, the smaller record number on the left.

    Attributes:
        left: Record numbers; a smaller number is an older record.
        right: Record numbers, greater than those on the left.
        weight: How strongly each speaks for one person; `ALWAYS` where somebody decided it.
        matched: Whether likeness alone made the link.
    """

    left: Ints
    right: Ints
    weight: Floats
    matched: Bools

    def __len__(self) -> int:
        """How many links."""
        return len(self.left)

    @classmethod
    def of(
        cls, left: Sequence[int] | Ints, right: Sequence[int] | Ints, weight: Sequence[float] | Floats, *, matched: bool
    ) -> Self:
        """Links in any order of their ends, as they are kept: of several for one pair, the heaviest.

        Examples:
            >>> Edges.of([3, 1], [1, 3], [2.0, 5.0], matched=True).weight.tolist()
            [5.0]
        """
        one, two = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
        heavy = np.asarray(weight, dtype=np.float64)
        marks = np.full(len(one), matched, dtype=np.bool_)
        return cls(left=np.minimum(one, two), right=np.maximum(one, two), weight=heavy, matched=marks).single()

    @classmethod
    def joined(cls, several: Sequence[Self]) -> Self:
        """All links of several sets; of several for one pair, the heaviest, a certain one before one by likeness."""
        return cls(
            left=np.concatenate([each.left for each in several]) if several else np.zeros(0, np.int64),
            right=np.concatenate([each.right for each in several]) if several else np.zeros(0, np.int64),
            weight=np.concatenate([each.weight for each in several]) if several else np.zeros(0),
            matched=np.concatenate([each.matched for each in several]) if several else np.zeros(0, np.bool_),
        ).single()

    def single(self) -> Self:
        """Each pair once, without records linked to themselves; see `joined` for which of several stays."""
        kept = self.left != self.right
        order = np.flatnonzero(kept)
        order = order[np.lexsort((-self.weight[order], self.matched[order], self.right[order], self.left[order]))]
        left, right = self.left[order], self.right[order]
        first = np.ones(len(order), dtype=np.bool_)
        first[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
        return self.taken(order[first])

    def taken(self, chosen: Ints | Bools) -> Self:
        """Some of the links, by place or by mark."""
        return type(self)(
            left=self.left[chosen],
            right=self.right[chosen],
            weight=self.weight[chosen],
            matched=self.matched[chosen],
        )

    def falling(self) -> Ints:
        """Places of the links by falling weight; equal ones by their records, so that no order of input matters."""
        return np.lexsort((self.right, self.left, -self.weight)).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What keeps records apart, in memory only.

    Attributes:
        year: Year of birth by record number, `UNKNOWN` where it is.
        day: Month and day of birth, `UNKNOWN` also for the first of January, which clerks write for "some day".
        identifiers: Pairs of the place of a limited namespace and a number standing for the value, by record.
    """

    year: Ints
    day: Ints
    identifiers: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def none(cls, records: int) -> Self:
        """Nothing is known of so many records."""
        nothing = np.full(records, UNKNOWN, dtype=np.int64)
        return cls(year=nothing, day=nothing)

    @classmethod
    def born(
        cls, dates: Sequence[str | None], identifiers: Mapping[int, Sequence[tuple[int, int]]] | None = None
    ) -> Self:
        """From dates of birth such as `1987-05-31`, one a record; what is no date is unknown.

        Examples:
            >>> facts = Facts.born(["1987-05-31", "1987-01-01", None, "soon"])
            >>> facts.year.tolist(), facts.day.tolist()
            ([1987, 1987, -1, -1], [531, -1, -1, -1])
        """
        year = np.full(len(dates), UNKNOWN, dtype=np.int64)
        day = np.full(len(dates), UNKNOWN, dtype=np.int64)
        for place, date in enumerate(dates):
            if date is None or len(date) < 10 or not (date[:4] + date[5:7] + date[8:10]).isdecimal():
                continue
            year[place] = int(date[:4])
            if date[5:10] != "01-01":
                day[place] = int(date[5:7] + date[8:10])
        return cls(year=year, day=day, identifiers=identifiers or {})

    def of(self, records: Ints) -> Self:
        """Of some records only, renumbered from 0 in the order given."""
        return type(self)(
            year=self.year[records],
            day=self.day[records],
            identifiers={
                place: self.identifiers[record]
                for place, record in enumerate(records.tolist())
                if record in self.identifiers
            },
        )
