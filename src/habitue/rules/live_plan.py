"""The definitions made ready to be kept live: shared leaves, the ways events take to them, and how answers follow."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from habitue.rules.catalogue import Definition
from habitue.rules.checking import Checker
from habitue.rules.evaluation import Context, answering, source_of
from habitue.rules.failures import RuleTypeError
from habitue.rules.happened import Person, Row
from habitue.rules.history import history_of
from habitue.rules.live_keeping import Keeping, keepings_of
from habitue.rules.live_leaves import Leaf, Shape, any_shape, events_of
from habitue.rules.live_people import State
from habitue.rules.live_quick import quick_shape
from habitue.rules.lowering import inline
from habitue.rules.nodes import And, Node, Not, Or, Relation
from habitue.rules.proof import leaves_of
from habitue.rules.walking import walk

Truth = Callable[[bytearray], bool]
Taker = tuple[int, int, Callable[[], State]]
"""A leaf's number, the role of its input, and how its state is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where events of one name, or consents for one purpose, go.

    Attributes:
        name: The event or the purpose.
        is_consent: Which of both.
        keeping: How the events themselves are kept, None where nobody looks back at them.
        groups: Leaves by the condition that they put on the event, None for none.
    """

    name: str
    is_consent: bool
    keeping: Keeping | None
    groups: tuple[tuple[Row | None, tuple[Taker, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Some definitions, ready.

    Attributes:
        names: Of the definitions.
        leaves: Each once, whatever the number of definitions that hold it.
        answers: How each definition follows from the truth of its leaves.
        events: Routes by event.
        consents: Routes by purpose.
        facts: Leaves by the trait, score or cluster that they look at.
        eager: Leaves that have to be looked at as soon as a person is known.
        truths: The leaves for somebody of whom nothing is known.
        members: The definitions for them.
    """

    names: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    answers: tuple[Truth, ...]
    events: Mapping[str, Route]
    consents: Mapping[str, Route]
    facts: Mapping[tuple[str, str], tuple[Leaf, ...]]
    eager: tuple[Leaf, ...]
    truths: bytes
    members: bytes


def plan_of(definitions: Iterable[Definition], context: Context, revised: Mapping[str, int] | None = None) -> Plan:
    """The plan of some segments.

    Args:
        definitions: The segments.
        context: What their rules refer to.
        revised: Events that may be taken back, and for how long after they occurred (µs): leaves about them look at
            the events themselves.

    Raises:
        RuleError: A definition does not fit the catalogue.
    """
    checker = Checker(context.catalogue)
    named = {each.name: inline(checker.definition("segment", each).node, context.catalogue) for each in definitions}
    _refuse_relations(named)
    leaves = _leaves(tuple(named.values()), context, frozenset(revised or ()))
    numbers = {leaf.node: leaf.index for leaf in leaves}
    answers = tuple(_truth(node, numbers) for node in named.values())
    nobody = Person(history_of("", events={}), 0)
    truths = bytearray(answering(leaf.node, context)(nobody) is True for leaf in leaves)
    looking = keepings_of((leaf.node for leaf in leaves if leaf.shape.looks_back), context)
    for event, length in (revised or {}).items():
        if event in looking:
            looking[event].length = max(looking[event].length, length)
    facts: dict[tuple[str, str], list[Leaf]] = {}
    for leaf in leaves:
        for fact in leaf.shape.facts:
            facts.setdefault(fact, []).append(leaf)
    return Plan(
        names=tuple(named),
        leaves=leaves,
        answers=answers,
        events=_event_routes(leaves, looking, context),
        consents=_consent_routes(leaves),
        facts={fact: tuple(found) for fact, found in facts.items()},
        eager=tuple(leaf for leaf in leaves if leaf.shape.eager),
        truths=bytes(truths),
        members=bytes(answer(truths) for answer in answers),
    )


def _refuse_relations(named: Mapping[str, Node]) -> None:
    """A person is kept live by themselves: what others of their household do does not reach them."""
    for name, rule in named.items():
        part = next((each for each in walk(rule) if isinstance(each, Relation)), None)
        if part is not None:
            raise RuleTypeError(
                what=f"segment.{name} asks about the customer's {part.relation}, which only builds answer.",
                do="Leave it out of what is kept live, or take the relation out.",
            )


def _leaves(rules: tuple[Node, ...], context: Context, revised: frozenset[str]) -> tuple[Leaf, ...]:
    hanging: dict[Node, list[int]] = {}
    for number, rule in enumerate(rules):
        for node in dict.fromkeys(leaves_of(rule)):
            hanging.setdefault(node, []).append(number)
    return tuple(
        Leaf(index=index, node=node, shape=shape_of(node, context, revised), definitions=tuple(numbers))
        for index, (node, numbers) in enumerate(hanging.items())
    )


def shape_of(node: Node, context: Context, revised: frozenset[str] = frozenset()) -> Shape:
    """How a leaf is kept: the short way if there is one, and nothing it took in is ever taken back."""
    if revised and any(name in revised for part in walk(node) for name in events_of(part)):
        return any_shape(node, context)
    return quick_shape(node, context) or any_shape(node, context)


def _truth(node: Node, numbers: Mapping[Node, int]) -> Truth:
    match node:
        case And(parts=parts):
            every = tuple(_truth(each, numbers) for each in parts)
            return lambda truths: all(each(truths) for each in every)
        case Or(parts=parts):
            some = tuple(_truth(each, numbers) for each in parts)
            return lambda truths: any(each(truths) for each in some)
        case Not(operand=operand):
            denied = _truth(operand, numbers)
            return lambda truths: not denied(truths)
    index = numbers[node]
    return lambda truths: truths[index] == 1


def _event_routes(leaves: Iterable[Leaf], kept: Mapping[str, Keeping], context: Context) -> dict[str, Route]:
    found: dict[str, dict[Node | None, list[Taker]]] = {}
    for leaf in leaves:
        for role, each in enumerate(leaf.shape.inputs):
            groups = found.setdefault(each.event, {})
            groups.setdefault(each.where, []).append((leaf.index, role, leaf.shape.make))
    return {
        event: Route(
            name=event,
            is_consent=False,
            keeping=kept.get(event),
            groups=tuple((source_of(event, where, context).where, tuple(takers)) for where, takers in groups.items()),
        )
        for event, groups in found.items()
    }


def _consent_routes(leaves: Iterable[Leaf]) -> dict[str, Route]:
    found: dict[str, list[Taker]] = {}
    for leaf in leaves:
        for purpose in leaf.shape.purposes:
            found.setdefault(purpose, []).append((leaf.index, 0, leaf.shape.make))
    return {
        purpose: Route(name=purpose, is_consent=True, keeping=None, groups=((None, tuple(takers)),))
        for purpose, takers in found.items()
    }
