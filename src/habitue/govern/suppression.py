"""Hiding small groups: figures that show, or let somebody work out, a group of fewer than k people.

A figure is hidden when it is below k, when all but fewer than k people are in it, and when others shown beside it give
such a figure away. Rounding is not enough: 3 of 97 rounded is still known to be few. How differences are looked for:

- every sum and difference of shown figures that is a group of people: three added and three taken away among up to 25
  figures, two and two among up to 60, one and one beyond 200;
- every shown group less disjoint shown groups inside it, however many: parts of a whole;
- every hidden figure as any weighted sum of shown ones (linear algebra over the smallest parts that the groups cut
  everybody into).

Parts that hold nobody are taken as known to be empty, which errs on the side of hiding. A hidden group of nobody is no
secret. Cost, seconds of CPU: 0.1 for 25 groups of 500 people, 0.4 for 40 groups of 50,000 people of whom hardly two are
in the same groups.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

LEAST_GROUP: Final = 10
"""k: the fewest people that a figure may be about for somebody who may not see single people."""
_MOST_STEPS: Final = 20_000
"""How many families of parts of one whole are tried."""
_MOST_BY_THREE: Final = 25
_MOST_BY_TWO: Final = 60
_MOST_ADDED: Final = 200
_CLOSE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Crowd:
    """Groups of people, which may overlap.

    Attributes:
        parts: People in each of the smallest parts: disjoint, together everybody.
        groups: The parts that each group is made of, as bits: bit i stands for part i.
    """

    parts: Sequence[int]
    groups: Mapping[str, int]

    @property
    def everybody(self) -> int:
        """All parts, as bits."""
        return (1 << len(self.parts)) - 1

    def size(self, bits: int) -> int:
        """People in some parts.

        Examples:
            >>> Crowd([5, 7, 20], {}).size(0b101)
            25
        """
        digits = reversed(format(bits, "b"))
        return sum(people for people, digit in zip(self.parts, digits, strict=False) if digit == "1")


def crowd_of(patterns: Mapping[frozenset[str], int], names: Sequence[str], everybody: int) -> Crowd:
    """The groups of a crowd from how many people are in exactly which groups.

    Args:
        patterns: People by the exact set of groups that they are in; those in none may be left out.
        names: The groups.
        everybody: All people.
    """
    wanted = set(names)
    merged: dict[frozenset[str], int] = {}
    for groups, people in patterns.items():
        key = groups & wanted
        merged[key] = merged.get(key, 0) + people
    merged[frozenset()] = max(0, everybody - sum(people for groups, people in merged.items() if groups))
    kept = [(groups, people) for groups, people in merged.items() if people]
    bits = dict.fromkeys(names, 0)
    for number, (groups, _) in enumerate(kept):
        for name in groups:
            bits[name] |= 1 << number
    return Crowd([people for _, people in kept], bits)


def hidden_groups(
    crowd: Crowd, *, given: Collection[str] = (), secret: Collection[str] = (), least: int = LEAST_GROUP
) -> frozenset[str]:
    """The groups whose size has to be hidden; the size of everybody is taken as known.

    Args:
        crowd: The groups.
        given: Groups that are shown in any case, for instance in another output: never hidden here, but reckoned with.
        secret: Groups that are hidden in any case, and must stay so.
        least: The fewest people that a figure may be about.

    Examples:
        >>> sorted(hidden_groups(Crowd([100, 97, 3], {"a": 0b001, "b": 0b010, "c": 0b100})))
        ['b', 'c']
    """
    everybody = crowd.size(crowd.everybody)
    sizes = {name: crowd.size(bits) for name, bits in crowd.groups.items()}
    hidden = {
        name
        for name, size in sizes.items()
        if name not in given and (size < least or 0 < everybody - size < least or everybody < least)
    }
    hidden |= set(secret)
    search = _Search(crowd, sizes, hidden, frozenset(given), least)
    search.differences()
    while search.parts_of_wholes() or search.weighted_sums():
        continue
    return frozenset(hidden)


class _Search:
    """Looks for ways to work out a small group, and hides figures until there are none."""

    def __init__(
        self, crowd: Crowd, sizes: Mapping[str, int], hidden: set[str], given: frozenset[str], least: int
    ) -> None:
        self._crowd = crowd
        self._sizes = {**sizes, "": crowd.size(crowd.everybody)}
        self._hidden = hidden
        self._given = given
        self._least = least

    def _shown(self) -> list[tuple[str, int]]:
        """The shown groups, each set of people once, and everybody under the empty name."""
        found = {self._crowd.everybody: ""}
        for name, bits in self._crowd.groups.items():
            if name in self._given and bits != self._crowd.everybody:
                found[bits] = name
            elif name not in self._hidden and bits:
                found.setdefault(bits, name)
        return [(name, bits) for bits, name in found.items()]

    def _hide_one(self, names: Sequence[str]) -> bool:
        """Hide the smallest group among these, with all that hold the same people; False where none may be hidden."""
        free = [name for name in names if name and name not in self._given and name not in self._hidden]
        if not free:
            return False
        least = min(free, key=lambda name: (self._sizes[name], name))
        bits = self._crowd.groups[least]
        self._hidden |= {
            name for name, other in self._crowd.groups.items() if other == bits and name not in self._given
        }
        return True

    def differences(self) -> None:
        """Sums and differences of shown figures; each that is a small group loses its smallest term."""
        shown = self._shown()
        sides = _sides(shown, 3 if len(shown) <= _MOST_BY_THREE else 2 if len(shown) <= _MOST_ADDED else 1)
        both = sides if len(shown) <= _MOST_BY_TWO else _sides(shown, 1)
        totals = sorted(
            ((sum(self._sizes[name] for name, _ in side), number) for number, side in enumerate(both)),
        )
        only = [total for total, _ in totals]
        for plus in sides:
            whole = sum(self._sizes[name] for name, _ in plus)
            for number in _between(only, whole - self._least + 1, whole - 1):
                minus = both[totals[number][1]]
                names = [name for name, _ in (*plus, *minus)]
                if self._hidden.isdisjoint(names) and _is_group(plus, minus, self._crowd.everybody):
                    self._hide_one(names)

    def parts_of_wholes(self) -> bool:
        """Whether a shown group less disjoint shown groups inside it was small, and one of them was hidden for it."""
        shown = sorted(self._shown(), key=lambda each: -self._sizes[each[0]])
        for name, whole in shown:
            inside = [(part, bits) for part, bits in shown if bits != whole and bits & ~whole == 0]
            family = self._family(whole, self._sizes[name], inside)
            if family and self._hide_one([*family, name]):
                return True
        return False

    def _family(self, whole: int, people: int, inside: Sequence[tuple[str, int]]) -> list[str]:
        """Disjoint groups inside a whole that leave fewer than `least` people of it, but somebody."""
        rest_of = [0] * (len(inside) + 1)
        for place in range(len(inside) - 1, -1, -1):
            rest_of[place] = rest_of[place + 1] + self._sizes[inside[place][0]]
        waiting: list[tuple[int, int, int, tuple[str, ...]]] = [(0, whole, people, ())]
        for _ in range(_MOST_STEPS):
            if not waiting:
                break
            place, left, people, chosen = waiting.pop()
            if chosen and 0 < people < self._least:
                return list(chosen)
            if place == len(inside) or people - rest_of[place] >= self._least:
                continue
            name, bits = inside[place]
            waiting.append((place + 1, left, people, chosen))
            if bits & ~left == 0:
                waiting.append((place + 1, left & ~bits, people - self._sizes[name], (*chosen, name)))
        return []

    def weighted_sums(self) -> bool:
        """Whether a hidden figure was a weighted sum of shown ones, and one of those was hidden for it."""
        targets = [name for name in self._hidden if self._crowd.groups[name] and self._is_secret(name)]
        shown = self._shown()
        if not targets:
            return False
        # Weight: a table is listed without it for those who see everything.
        import numpy as np

        rows = np.array([self._digits(bits) for _, bits in shown], dtype=np.float64)
        for name in sorted(targets):
            wanted = np.array(self._digits(self._crowd.groups[name]), dtype=np.float64)
            weights, *_ = np.linalg.lstsq(rows.T, wanted, rcond=None)
            if np.abs(rows.T @ weights - wanted).max() > _CLOSE:
                continue
            used = [shown[place][0] for place in np.flatnonzero(np.abs(weights) > _CLOSE)]
            if self._hide_one(used):
                return True
        return False

    def _is_secret(self, name: str) -> bool:
        """Whether a hidden group holds other people than each group that is shown in any case."""
        return all(self._crowd.groups[name] != self._crowd.groups[each] for each in self._given)

    def _digits(self, bits: int) -> list[int]:
        return [int(each) for each in format(bits, f"0{len(self._crowd.parts)}b")]


def _between(ascending: Sequence[int], low: int, high: int) -> Iterator[int]:
    """Places of the values in [low, high]."""
    from bisect import bisect_left, bisect_right

    yield from range(bisect_left(ascending, low), bisect_right(ascending, high))


Side = tuple[tuple[str, int], ...]


def _sides(shown: Sequence[tuple[str, int]], most: int) -> list[Side]:
    """What may be added together: every one, two, up to `most` of the shown groups."""
    return [side for many in range(1, most + 1) for side in combinations(shown, many)]


def _is_group(plus: Side, minus: Side, everybody: int) -> bool:
    """Whether groups added and taken away leave each part once or not at all: the result counts people of a group."""
    ones, twos = _counted(plus)
    less_ones, less_twos = _counted(minus)
    equal = ~(ones ^ less_ones) & ~(twos ^ less_twos)
    # One more than what is taken away, as two binary digits; three and one more would be a third digit.
    one_more = ~(ones ^ ~less_ones) & ~(twos ^ (less_twos ^ less_ones)) & ~(less_ones & less_twos)
    return (equal | one_more) & everybody == everybody


def _counted(side: Side) -> tuple[int, int]:
    """How often each part is in up to three groups, as two binary digits: the ones, the twos."""
    ones = twos = 0
    for _, bits in side:
        twos |= ones & bits
        ones ^= bits
    return ones, twos


def hidden_parts(counts: Sequence[int], *, least: int = LEAST_GROUP) -> frozenset[int]:
    """The places of counts to hide among parts of a whole whose sum is known.

    Those below `least`, and as many of the next smallest as it takes for the hidden ones together to be `least` people
    or nobody.

    Examples:
        >>> sorted(hidden_parts([50, 4, 12, 30])), sorted(hidden_parts([50, 4, 7])), sorted(hidden_parts([50, 0]))
        ([1, 2], [1, 2], [1])
    """
    hidden = {place for place, count in enumerate(counts) if count < least}
    for place in sorted(range(len(counts)), key=lambda place: counts[place]):
        if not 0 < sum(counts[each] for each in hidden) < least:
            break
        hidden.add(place)
    return frozenset(hidden)


def apart(counts: Sequence[int], everybody: int, *, least: int = LEAST_GROUP) -> frozenset[int]:
    """The places of counts to hide where nothing is known of how the groups overlap.

    Shown counts, and that of everybody, are equal or at least `least` apart; the larger one is kept.

    Examples:
        >>> sorted(apart([100, 97, 50, 4], 200)), sorted(apart([198, 200, 200], 200))
        ([1, 3], [0])
    """
    if everybody < least:
        return frozenset(range(len(counts)))
    hidden: set[int] = set()
    shown = [everybody]
    for place in sorted(range(len(counts)), key=lambda place: -counts[place]):
        count = counts[place]
        if count < least or any(0 < abs(other - count) < least for other in shown):
            hidden.add(place)
        else:
            shown.append(count)
    return frozenset(hidden)
