"""A leaf of the live reading: one smallest true-or-false part, shared by all rules that hold it.

Any leaf can be answered from the person's kept events by the one-person reading; `live_quick` knows shorter ways.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from habitue.rules.courses import Course, answer_at
from habitue.rules.evaluation import Context
from habitue.rules.happened import Person
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties, State
from habitue.rules.live_spelling import TURNED
from habitue.rules.nodes import (
    Aggregate,
    Bucket,
    Change,
    Compare,
    Constant,
    Days,
    Distance,
    Followed,
    Name,
    Node,
    Regularly,
    Since,
    Stopped,
)
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


class Counted(NamedTuple):
    """At least so many events in a window."""

    least: int
    frame: Frame


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
        tested: What its state was made to test: a `Sum`, `Steps`, `Row`, `Answering`; None for all others.
        counted: What it counts, where it shares the trail of its event with others.
    """

    make: Callable[[], State]
    inputs: tuple[Input, ...] = ()
    purposes: tuple[str, ...] = ()
    facts: frozenset[tuple[str, str]] = frozenset()
    looks_back: bool = False
    eager: bool = False
    tested: object = None
    counted: Counted | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A leaf that looks back, ready to be asked.

    Attributes:
        course: Its answer, and how that goes on in time.
        is_timeless: Whether time alone never changes it.
        rises: Whether events can only make it true, and time alone only false.
        last: The role of the events that alone can make it true when nothing known is later; None for all.
    """

    course: Course
    is_timeless: bool
    rises: bool
    last: int | None


def any_shape(node: Node, context: Context) -> Shape:
    """How any leaf can be kept: by the one-person reading over the kept events."""
    parts = tuple(walk(node))
    names = [each for each in parts if isinstance(each, Name)]
    events = tuple(dict.fromkeys(name for part in parts for name in events_of(part)))
    purposes = dict.fromkeys(each.name for each in names if each.space == "consent")
    facts = {(each.space, each.name) for each in names if each.space != "consent"}
    facts |= {("trait", each.place.name) for each in parts if isinstance(each, Distance)}
    moves = any(isinstance(each, Since | Days) for each in parts)
    asked = Asked(
        course=Course(node, context),
        is_timeless=not (purposes or moves) and all(map(_stays, parts)),
        rises=_rises(node),
        last=events.index(node.events[-1]) if isinstance(node, SequenceNode) else None,
    )
    return Shape(
        make=lambda: AnyState(asked),
        inputs=tuple(Input(event=each) for each in events),
        purposes=tuple(purposes),
        facts=frozenset(facts),
        looks_back=bool(events),
        eager=moves or any(isinstance(each, Bucket) for each in parts),
    )


def _stays(part: Node) -> bool:
    """Whether time alone changes nothing of what a part gives: no event leaves its view, and none enters it later."""
    if isinstance(part, Aggregate):
        return part.window.kind in ("ever", "since")
    return not (events_of(part) or isinstance(part, Change))


def _rises(node: Node) -> bool:
    """Whether more events can only make a leaf true, and fewer in its window only false."""
    match node:
        case SequenceNode(window=window):
            return window.kind != "between"
        case Compare(op=op, left=Constant(), right=Aggregate() as figure):
            return _grows(figure, TURNED.get(op, op))
        case Compare(op=op, left=Aggregate() as figure, right=Constant()):
            return _grows(figure, op)
    return False


def _grows(figure: Aggregate, op: str) -> bool:
    rising = (">", ">=") if figure.kind in ("distinct", "max") else ("<", "<=") if figure.kind == "min" else ()
    return op in rising and figure.window.kind != "between"


class AnyState(State):
    """A leaf that is answered anew from the kept events whenever one of them may matter or an edge is reached."""

    __slots__ = ("_asked", "_latest")

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self._latest = -NEVER

    def take(self, role: int, time: int, _position: int, _properties: Properties, /) -> bool:
        """Whether an event can change the answer; the event itself is kept with the person."""
        asked, latest = self._asked, self._latest
        self._latest = max(time, latest)
        if not asked.rises:
            return True
        return not self.holds and (asked.last is None or role == asked.last or time <= latest)

    def look(self, person: LivePerson, now: int, /) -> int:
        """Whether the leaf holds at an instant (µs); finds when that changes."""
        asked = self._asked
        self._latest = max(now, self._latest)
        subject = Person.keeping(person.history, now)
        holds = asked.course.answer(subject) is True
        waits = asked.is_timeless or (asked.rises and not holds)
        self.due = NEVER if waits else self._next_change(subject, holds, now)
        return holds

    def _next_change(self, subject: Person, holds: bool, now: int) -> int:
        course, instant = self._asked.course, NEVER
        for instant in islice(self._instants(subject, now), MOST_LOOKS):
            if (answer_at(course.answer, subject, instant) is True) is not holds:
                break
        return instant

    def _instants(self, subject: Person, now: int) -> Iterator[int]:
        course = self._asked.course
        edges = course.edges(subject)
        if course.moves:
            return course.ahead(subject, edges, now)
        return (each for each in edges if each > now)

    def join(self, _other: State, /) -> None:
        """Nothing: the events are joined with the person."""

    @property
    def items(self) -> int:
        """None of its own."""
        return 0
