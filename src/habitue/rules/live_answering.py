"""How definitions follow from the truth of their leaves: bits in, bits out, looked at only where a leaf has flipped."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from habitue.rules.live_people import LivePerson
from habitue.rules.live_transitions import Cause, Transition
from habitue.rules.nodes import And, Node, Not, Or

Truth = Callable[[int], bool]
"""Whether a definition holds, given the leaves that do, a bit for each."""
MOST_PATTERNS: Final = 16_384
"""How many patterns of flipped leaves are remembered."""


class Standing(NamedTuple):
    """One definition.

    Attributes:
        name: Its name.
        bit: 1 shifted by its number.
        care: The leaves that it is about, where it is a plain conjunction of leaves and denied leaves; else 0.
        want: Those of them that have to hold.
        truth: Whether it holds.
    """

    name: str
    bit: int
    care: int
    want: int
    truth: Truth


_Affected = tuple[str, int, int, int, Truth]
"""The same as a plain tuple, which is taken apart faster."""


class Standings:
    """All definitions of a plan.

    Attributes:
        every: In order.
    """

    def __init__(self, named: Mapping[str, Node], numbers: Mapping[Node, int]) -> None:
        self.every = tuple(
            Standing(name, 1 << number, *(_literals(rule, numbers) or (0, 0)), truth_of(rule, numbers))
            for number, (name, rule) in enumerate(named.items())
        )
        hanging: dict[int, list[Standing]] = {}
        for each, rule in zip(self.every, named.values(), strict=True):
            for leaf in _leaves_of(rule):
                hanging.setdefault(numbers[leaf], []).append(each)
        self._hanging = hanging
        self._affected: dict[int, tuple[_Affected, ...]] = {}

    def members(self, truths: int) -> int:
        """The definitions that hold, a bit for each, given the leaves that do."""
        return sum(each.bit for each in self.every if each.truth(truths))

    def settle(self, person: LivePerson, flips: int, now: int, cause: Cause, out: list[Transition]) -> None:
        """Turn over some leaves of a person, and tell of the definitions that follow.

        Args:
            person: The person.
            flips: A bit for each leaf that has flipped.
            now: When (µs).
            cause: Why.
            out: Is told.
        """
        truths = person.truths = person.truths ^ flips
        affected = self._affected.get(flips)
        if affected is None:
            affected = self._affected_by(flips)
        members = person.members
        for name, bit, care, want, truth in affected:
            holds = truths & care == want if care else truth(truths)
            if holds is not (members & bit != 0):
                members ^= bit
                out.append(Transition(person.customer_id, name, holds, now, cause))
        person.members = members

    def tell(self, person: LivePerson, now: int, cause: Cause, out: list[Transition]) -> None:
        """Tell of all definitions whose answer is not what a person was told."""
        members = self.members(person.truths)
        out += [
            Transition(person.customer_id, each.name, bool(members & each.bit), now, cause)
            for each in self.every
            if (members ^ person.members) & each.bit
        ]
        person.members = members

    def leave(self, person: LivePerson, now: int, out: list[Transition]) -> None:
        """Tell that somebody leaves all that they are in."""
        left = [each.name for each in self.every if person.members & each.bit]
        out += [Transition(person.customer_id, name, False, now, "event") for name in left]
        person.members = 0

    def _affected_by(self, flips: int) -> tuple[_Affected, ...]:
        found: dict[int, Standing] = {}
        number, rest = 0, flips
        while rest:
            if rest & 1:
                found.update((each.bit, each) for each in self._hanging.get(number, ()))
            number, rest = number + 1, rest >> 1
        if len(self._affected) >= MOST_PATTERNS:
            self._affected.clear()
        every = (found[bit] for bit in sorted(found))
        affected = self._affected[flips] = tuple(
            (each.name, each.bit, each.care, each.want, each.truth) for each in every
        )
        return affected


def truth_of(node: Node, numbers: Mapping[Node, int]) -> Truth:
    """How a rule follows from its leaves.

    Args:
        node: The rule.
        numbers: Of its leaves.
    """
    literals = _literals(node, numbers)
    if literals is not None:
        care, want = literals
        return lambda truths: truths & care == want
    match node:
        case And(parts=parts):
            every = tuple(truth_of(each, numbers) for each in parts)
            return lambda truths: all(each(truths) for each in every)
        case Or(parts=parts):
            some = tuple(truth_of(each, numbers) for each in parts)
            return lambda truths: any(each(truths) for each in some)
        case Not(operand=operand):
            denied = truth_of(operand, numbers)
            return lambda truths: not denied(truths)
    raise TypeError(type(node))


def _literals(node: Node, numbers: Mapping[Node, int]) -> tuple[int, int] | None:
    """The leaves that a plain conjunction is about, and those that it wants to hold; None for another rule."""
    match node:
        case And(parts=parts):
            return _conjunction(parts, numbers)
        case Not(operand=operand) if not isinstance(operand, And | Or | Not):
            return 1 << numbers[operand], 0
        case Or() | Not():
            return None
    bit = 1 << numbers[node]
    return bit, bit


def _conjunction(parts: Iterable[Node], numbers: Mapping[Node, int]) -> tuple[int, int] | None:
    care = want = 0
    for part in parts:
        literal = _literals(part, numbers)
        if literal is None or (care & literal[0]) & (want ^ literal[1]):
            return None
        care, want = care | literal[0], want | literal[1]
    return care, want


def _leaves_of(rule: Node) -> Sequence[Node]:
    match rule:
        case And(parts=parts) | Or(parts=parts):
            return [leaf for part in parts for leaf in _leaves_of(part)]
        case Not(operand=operand):
            return _leaves_of(operand)
    return [rule]
