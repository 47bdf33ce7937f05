"""How right links and persons are, against known truth."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from habitue.identity.edges import Edges, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Right and wrong pairs.

    Attributes:
        right: Pairs found that are one person.
        found: Pairs found.
        true: Pairs that are one person.
    """

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 1 when there is nothing to find."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both.

        Examples:
            >>> Tally(right=8, found=10, true=10).f1
            0.8
        """
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def numbered(labels: Iterable[Hashable]) -> Ints:
    """A number for each label, equal for equal ones; None means not labelled and becomes -1.

    Examples:
        >>> numbered(["a", None, "b", "a"]).tolist()
        [0, -1, 1, 0]
    """
    places: dict[Hashable, int] = {}
    return np.array(
        [-1 if label is None else places.setdefault(label, len(places)) for label in labels], dtype=np.int64
    )


def pairs_within(labels: Ints) -> int:
    """How many pairs have one label."""
    counts = np.unique(labels, return_counts=True)[1] if len(labels) else np.zeros(0, dtype=np.int64)
    return int((counts * (counts - 1) // 2).sum())


def score_links(edges: Edges, truth: Ints) -> Tally:
    """Links against the truth; links of records without a label count for nothing.

    Args:
        edges: Links between places of the truth.
        truth: The person behind each record, -1 where nobody knows.
    """
    one, two = truth[edges.left], truth[edges.right]
    known = (one >= 0) & (two >= 0)
    return Tally(
        right=int((one[known] == two[known]).sum()), found=int(known.sum()), true=pairs_within(truth[truth >= 0])
    )


def score_persons(persons: Ints, truth: Ints) -> Tally:
    """Persons against the truth, over all pairs of records that are one person by either.

    Args:
        persons: Who each record was found to be.
        truth: Who it is, -1 where nobody knows.
    """
    known = truth >= 0
    found, true = persons[known], truth[known]
    both = found * (int(true.max(initial=0)) + 1) + true
    return Tally(right=pairs_within(both), found=pairs_within(found), true=pairs_within(true))


def exact_share(persons: Ints, truth: Ints) -> float:
    """Share of the true persons whose records are exactly the records of one found person."""
    known = truth >= 0
    found, true = persons[known], truth[known]
    if not len(true):
        return 1.0
    both = np.unique(np.stack([true, found]), axis=1)
    parts_of_true = np.bincount(np.unique(both[0], return_inverse=True)[1])
    _, place, parts_of_found = np.unique(both[1], return_inverse=True, return_counts=True)
    whole = (parts_of_found[place] == 1) & (parts_of_true[np.unique(both[0], return_inverse=True)[1]] == 1)
    return float(whole.sum() / len(parts_of_true))


def score_labelled(persons: Ints, pairs: Sequence[tuple[int, int, bool]]) -> Tally:
    """Persons against judgements of single pairs, as people make them.

    Args:
        persons: Who each record was found to be.
        pairs: Places of two records and whether somebody says that they are one person.
    """
    together = [(persons[one] == persons[two], same) for one, two, same in pairs]
    return Tally(
        right=sum(bool(found) and same for found, same in together),
        found=sum(bool(found) for found, _ in together),
        true=sum(same for _, same in together),
    )
