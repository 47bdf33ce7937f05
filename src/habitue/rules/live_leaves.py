"""A leaf of the live reading: one smallest true-or-false part, shared by all rules that hold it.

Any leaf can be answered from the person's kept events by the one-person reading; `live_quick` knows shorter ways.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from habitue.rules.courses import Course, answer_at
from habitue.rules.evaluation import Context
from habitue.rules.happened import Person
from habitue.rules.history import Happening
from habitue.rules.live_people import NEVER, LivePerson, State
from habitue.rules.nodes import Aggregate, Bucket, Days, Distance, Followed, Name, Node, Regularly, Since, Stopped
from habitue.rules.nodes import Sequence as SequenceNode
from habitue.rules.walking import walk

MOST_LOOKS: Final = 64
"""How many edges ahead a flip is looked for at once; beyond them the leaf is looked at again when the last is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Events that reach a leaf.

    Attributes:
        event: Their name.
        where: The condition they meet, settled; None for all.
    """

    event: str
    where: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one leaf is kept.

    Attributes:
        make: Its state for a person it meets.
        inputs: The events it takes in; the place of an input is its role.
        purposes: Purposes whose consents it takes in.
        facts: Traits, scores and clusters it looks at, as (space, name).
        looks_back: Whether it looks at the kept events instead of keeping its own.
        eager: Whether it may hold or change for somebody who has done nothing yet, as time or the person's id has it.
        tested: What its state was made to test: a `Tally`, `Sum`, `Steps` or `Answering`; None for all others.
    """

    make: Callable[[], State]
    inputs: tuple[Input, ...] = ()
    purposes: tuple[str, ...] = ()
    facts: frozenset[tuple[str, str]] = frozenset()
    looks_back: bool = False
    eager: bool = False
    tested: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One leaf of some definitions.

    Attributes:
        index: Its number.
        node: Its tree.
        shape: How it is kept.
        definitions: Numbers of the definitions that hang on it, ascending.
    """

    index: int
    node: Node
    shape: Shape
    definitions: tuple[int, ...]


def events_of(term: Node) -> tuple[str, ...]:
    """Names of the events that one term itself is about."""
    match term:
        case SequenceNode(events=events):
            return events
        case Followed(event=event, by=by):
            return (event, by)
        case Aggregate(event=event) | Regularly(event=event) | Stopped(event=event):
            return (event,)
    return ()


def any_shape(node: Node, context: Context) -> Shape:
    """How any leaf can be kept: by the one-person reading over the kept events."""
    parts = tuple(walk(node))
    course = Course(node, context)
    names = [each for each in parts if isinstance(each, Name)]
    events = dict.fromkeys(name for part in parts for name in events_of(part))
    purposes = dict.fromkeys(each.name for each in names if each.space == "consent")
    facts = {(each.space, each.name) for each in names if each.space != "consent"}
    facts |= {("trait", each.place.name) for each in parts if isinstance(each, Distance)}
    moves = any(isinstance(each, Since | Days) for each in parts)
    timeless = not (events or purposes or moves)
    return Shape(
        make=lambda: AnyState(course, timeless=timeless),
        inputs=tuple(Input(event=each) for each in events),
        purposes=tuple(purposes),
        facts=frozenset(facts),
        looks_back=bool(events),
        eager=moves or any(isinstance(each, Bucket) for each in parts),
    )


class AnyState(State):
    """A leaf that is answered anew from the kept events whenever one of them comes or an edge is reached."""

    __slots__ = ("_course", "_timeless")

    def __init__(self, course: Course, *, timeless: bool) -> None:
        super().__init__()
        self._course = course
        self._timeless = timeless

    def take(self, _role: int, _time: int, _happening: Happening, /) -> bool:
        """Always: the event itself is kept with the person."""
        return True

    def look(self, person: LivePerson, now: int, /) -> bool:
        """Whether the leaf holds at an instant (µs); finds when that changes."""
        subject = Person.keeping(person.history, now)
        holds = self._course.answer(subject) is True
        self.due = NEVER if self._timeless else self._next_change(subject, holds, now)
        return holds

    def _next_change(self, subject: Person, holds: bool, now: int) -> int:
        course, instant = self._course, NEVER
        for instant in islice(self._instants(subject, now), MOST_LOOKS):
            if (answer_at(course.answer, subject, instant) is True) is not holds:
                break
        return instant

    def _instants(self, subject: Person, now: int) -> Iterator[int]:
        edges = self._course.edges(subject)
        if self._course.moves:
            return self._course.ahead(subject, edges, now)
        return (each for each in edges if each > now)

    def join(self, other: State, /) -> None:
        """Nothing: the events are joined with the person."""

    @property
    def items(self) -> int:
        """None of its own."""
        return 0
