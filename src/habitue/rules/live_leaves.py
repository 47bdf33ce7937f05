"""A leaf of the live reading: one smallest true-or-false part, shared by all rules that hold it.

Any leaf can be answered from the person's kept events by the one-person reading; `live_quick` knows shorter ways.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from habitue.rules.courses import Course
from habitue.rules.evaluation import Context
from habitue.rules.live_asked import AnyState, Asked
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import State
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
