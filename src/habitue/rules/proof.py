"""The proof reading: why somebody is in or out, since when, and when that changes if nothing more happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Final

from habitue.records import Kind
from habitue.rules.checking import Checker
from habitue.rules.courses import Course, answer_at
from habitue.rules.evaluation import Context, answering
from habitue.rules.evidence import Witness, witnesses_of
from habitue.rules.happened import Answer, Person
from habitue.rules.history import History, Value, instant_of, micros
from habitue.rules.nodes import And, Compare, Constant, IsIn, Node, Not, Or, TextTest
from habitue.rules.words import describe_condition
from habitue.rules.writing import write

MOST_EDGES: Final = 20_000
"""How many instants are looked at in one direction before the search is given up: the bound of a proof's work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafProof:
    """One smallest true-or-false part of a rule, for one person.

    Attributes:
        rule: Its canonical text.
        words: The same in English.
        value: What is compared or tested (the truth itself where nothing is); None where it is missing.
        kind: Kind of the value; a duration is an int of microseconds.
        holds: Whether the part is true.
        events: The newest events that the value comes from, newest first, at most a handful.
        event_count: How many such events there are in all.
        since: When the part's present truth began; None where it held for as long as can be told.
        changes_at: When it flips if nothing more happens; None for never within 100 years.
    """

    rule: str
    words: str
    value: Value | None
    kind: Kind
    holds: bool
    events: tuple[Witness, ...]
    event_count: int
    since: datetime | None
    changes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a person is in or out.

    Attributes:
        member: Whether the whole rule holds.
        since: When the present answer began; None where it held for as long as can be told: traits, scores and
            clusters are known as they are now only, and at most 20,000 instants are looked at in each direction.
        changes_at: The exact instant at which the answer flips if nothing more happens; None for never within 100
            years.
        leaves: The parts, in the order of the text, each once.
    """

    member: bool
    since: datetime | None
    changes_at: datetime | None
    leaves: tuple[LeafProof, ...]


def prove(node: Node, history: History, now: datetime, context: Context) -> Proof:
    """The answer of a settled, inlined rule for one person, with its reasons.

    Both instants are exact to the microsecond. Where elapsed time is calculated with (`days(…)` in arithmetic), the
    crossing is found by bisection between edges, which supposes that the figure only rises or only falls between
    them; `since(…)` and `days(…)` compared with a constant always do.

    Args:
        node: Settled by `check`; features and segments put in by `inline`. `stopped` and `change` may stand in it.
        history: The person. Events later than `now` (a visit that will have ended) count when their time comes.
        now: Aware; the instant asked about.
        context: The project and its cut points.
    """
    person = Person.keeping(history, micros(now))
    leaves = [_Leaf(part, person, context) for part in dict.fromkeys(leaves_of(node))]
    whole = answering(node, context)
    return Proof(
        member=whole(person) is True,
        since=_instant(_flip_back(whole, leaves, person)),
        changes_at=_instant(_flip_ahead(whole, leaves, person)),
        leaves=tuple(each.proof() for each in leaves),
    )


def leaves_of(node: Node) -> Iterator[Node]:
    """The smallest true-or-false parts of a rule, in the order of the text."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from leaves_of(part)
        case Not(operand=operand):
            yield from leaves_of(operand)
        case _:
            yield node


class _Leaf:
    """One part of the rule: its answer, and the instants at which that may change."""

    def __init__(self, node: Node, person: Person, context: Context) -> None:
        self.node = node
        self.person = person
        self.context = context
        self._course = Course(node, context)
        self.answer = self._course.answer
        self.edges = self._course.edges(person)

    def proof(self) -> LeafProof:
        tested = _tested(self.node)
        found, count = witnesses_of(self.node, self.person, self.context)
        return LeafProof(
            rule=write(self.node),
            words=describe_condition(self.node, zone=self.context.catalogue.zone),
            value=answering(tested, self.context)(self.person),
            kind=Checker(self.context.catalogue).settle(tested).kind,
            holds=self.answer(self.person) is True,
            events=found,
            event_count=count,
            since=_instant(_flip_back(self.answer, [self], self.person)),
            changes_at=_instant(_flip_ahead(self.answer, [self], self.person)),
        )

    def ahead(self, now: int) -> Iterator[int]:
        """Instants after now at which the answer may change, ascending, within the reach."""
        return self._course.ahead(self.person, self.edges, now)

    def back(self, now: int) -> Iterator[int]:
        """Instants up to now at which the answer may have changed, descending, within the reach."""
        return self._course.back(self.person, self.edges, now)


def _flip_ahead(answer: Answer, leaves: list[_Leaf], person: Person) -> int | None:
    now = person.now
    holds = answer(person) is True
    for instant in islice(merge(*(leaf.ahead(now) for leaf in leaves)), MOST_EDGES):
        if (answer_at(answer, person, instant) is True) is not holds:
            return instant
    return None


def _flip_back(answer: Answer, leaves: list[_Leaf], person: Person) -> int | None:
    now = person.now
    holds = answer(person) is True
    for instant in islice(merge(*(leaf.back(now) for leaf in leaves), reverse=True), MOST_EDGES):
        if (answer_at(answer, person, instant - 1) is True) is not holds:
            return instant
    return None


def _instant(us: int | None) -> datetime | None:
    return None if us is None else instant_of(us)


def _tested(node: Node) -> Node:
    """What a person wants to see the value of: the side of a comparison that is not a constant, or the part itself."""
    match node:
        case Compare(left=Constant(), right=right):
            return right
        case Compare(left=left):
            return left
        case IsIn(operand=operand) | TextTest(operand=operand):
            return operand
    return node
