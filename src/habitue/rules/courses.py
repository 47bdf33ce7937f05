"""How the answer of one part of a rule goes on in time: the instants, behind and ahead, at which it may change."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final, TypeVar

from habitue.rules.edges import edges_of
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Answer, Person
from habitue.rules.nodes import Compare, Days, IsIn, Node, Relation, Since
from habitue.rules.operations import sign_between
from habitue.rules.relatives import Relatives
from habitue.rules.walking import walk

REACH: Final = timedelta(days=36_525) // timedelta(microseconds=1)
"""How far back and ahead an answer is followed: 100 years, in µs."""
MOST_CROSSINGS: Final = 64
"""How many changes of one comparison are looked for between two edges; a steady one has two at most."""
T = TypeVar("T")
Signature = Callable[[Person], object]


class Course:
    """One part of a rule, made ready to be followed through time for many people.

    Between two neighbouring edges a part without elapsed time keeps its value. One with elapsed time moves steadily
    there, and its crossings are found by bisection.

    Attributes:
        answer: The part's answer for one person.
        moves: Whether time elapsed has a part in it.
    """

    def __init__(self, node: Node, context: Context) -> None:
        self.answer = answering(node, context)
        self._node = node
        self._context = context
        self._signatures = tuple(_signatures(node, context, self.answer))
        self.moves = bool(self._signatures)

    def edges(self, person: Person) -> list[int]:
        """The edges of the part for one person (µs), ascending, past and future."""
        return sorted(edges_of(self._node, person, self._context))

    def ahead(self, person: Person, edges: Sequence[int], now: int) -> Iterator[int]:
        """Instants after now at which the answer may change, ascending, within the reach."""
        start, end = now, now + REACH
        for edge in [*(each for each in edges if now < each <= end), end]:
            yield from self._crossings(person, start, edge)
            yield edge
            start = edge

    def back(self, person: Person, edges: Sequence[int], now: int) -> Iterator[int]:
        """Instants up to now at which the answer may have changed, descending, within the reach."""
        start, end = now - REACH, now + 1
        for edge in [*(each for each in reversed(edges) if start < each <= now), start]:
            yield from reversed(self._crossings(person, edge, end))
            if edge > start:
                yield edge
            end = edge

    def _crossings(self, person: Person, start: int, end: int) -> list[int]:
        """Instants inside (start, end) at which steadily moving figures pass each other, ascending."""
        found: list[int] = []
        for signature in self._signatures:
            bounds = [start, *found, end]
            for low, high in pairwise(bounds):
                found.extend(_changes(signature, person, low, high))
            found = sorted(set(found))
        return found


def answer_at(answer: Callable[[Person], T], person: Person, instant: int) -> T:
    """What is answered at another instant; the person stays where they are."""
    now, person.now = person.now, instant
    try:
        return answer(person)
    finally:
        person.now = now


def _changes(signature: Signature, person: Person, start: int, end: int) -> Iterator[int]:
    """Instants inside (start, end) at which a signature changes that never comes back to what it was."""
    here, last = answer_at(signature, person, start), answer_at(signature, person, end - 1)
    for _ in range(MOST_CROSSINGS):
        if here == last:
            return
        low, high = start, end - 1
        while high - low > 1:
            middle = (low + high) // 2
            if answer_at(signature, person, middle) == here:
                low = middle
            else:
                high = middle
        yield high
        start, here = high, answer_at(signature, person, high)


def _signatures(node: Node, context: Context, answer: Answer) -> Iterator[Signature]:
    """What moves steadily in one direction behind an answer, inner parts first, so that bisection finds its changes.

    A comparison passes from below over equal to above, so its sign is looked at and not its truth.
    """
    for part in reversed(list(walk(node))):
        if not any(isinstance(each, Since | Days) for each in walk(part)):
            continue
        match part:
            case Relation(condition=condition):
                inner = _signatures(condition, context, answering(condition, context))
                yield from (_of_members(each, Relatives(part, context.groups)) for each in inner)
            case Compare(left=left, right=right):
                yield _sign(answering(left, context), answering(right, context))
            case IsIn(operand=operand, options=options):
                yield from (_sign(answering(operand, context), answering(each, context)) for each in options)
            case _ if part is node:
                yield answer


def _of_members(signature: Signature, relatives: Relatives) -> Signature:
    """What moves steadily behind the answers of everybody in a group."""
    return lambda person: tuple(signature(each) for each in (person, *relatives.of(person)))


def _sign(left: Answer, right: Answer) -> Signature:
    return lambda person: sign_between(left(person), right(person))
