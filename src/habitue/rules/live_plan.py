"""The definitions made ready to be kept live: shared leaves, the ways events take to them, and how answers follow."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from habitue.rules.catalogue import Definition
from habitue.rules.checking import Checker
from habitue.rules.evaluation import Context, answering
from habitue.rules.failures import RuleTypeError
from habitue.rules.happened import Person
from habitue.rules.history import history_of
from habitue.rules.live_answering import Standings
from habitue.rules.live_keeping import keepings_of
from habitue.rules.live_leaves import Leaf, Shape, any_shape, events_of
from habitue.rules.live_quick import quick_shape
from habitue.rules.live_routes import Keeper, Route, consent_routes, event_routes
from habitue.rules.live_spelling import spelled
from habitue.rules.live_trails import Track, Trail
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node, Relation
from habitue.rules.proof import leaves_of
from habitue.rules.walking import walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Some definitions, ready.

    Attributes:
        names: Of the definitions.
        leaves: Each once, whatever the number of definitions that hold it; those of one track follow one another.
        keepers: By the number of the leaf: what makes the state that keeps it.
        tracks: Leaves that share one state, by the number of the first of them.
        standings: How definitions follow from the truth of their leaves.
        events: Routes by event.
        consents: Routes by purpose.
        facts: Leaves by the trait, score or cluster that they look at.
        eager: Leaves that have to be looked at as soon as a person is known.
        truths: The leaves that hold for somebody of whom nothing is known, a bit for each.
    """

    names: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    keepers: Mapping[int, Keeper]
    tracks: Mapping[int, Track]
    standings: Standings
    events: Mapping[str, Route]
    consents: Mapping[str, Route]
    facts: Mapping[tuple[str, str], tuple[Leaf, ...]]
    eager: tuple[Leaf, ...]
    truths: int


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
    named = {
        each.name: spelled(inline(checker.definition("segment", each).node, context.catalogue)) for each in definitions
    }
    _refuse_relations(named)
    leaves = _leaves(tuple(named.values()), context, frozenset(revised or ()))
    nobody = Person(history_of("", events={}), 0)
    truths = sum((answering(leaf.node, context)(nobody) is True) << leaf.index for leaf in leaves)
    tracks = _tracks(leaves)
    keepers = _keepers(leaves, tracks, truths)
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
        keepers=keepers,
        tracks=tracks,
        standings=Standings(named, {leaf.node: leaf.index for leaf in leaves}),
        events=event_routes(leaves, keepers, looking, context),
        consents=consent_routes(leaves, keepers),
        facts={fact: tuple(found) for fact, found in facts.items()},
        eager=tuple(leaf for leaf in leaves if leaf.shape.eager),
        truths=truths,
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
    shapes = {node: shape_of(node, context, revised) for node in hanging}
    trails: dict[object, list[Node]] = {}
    for node, shape in shapes.items():
        trails.setdefault(shape.inputs if shape.counted else node, []).append(node)
    ordered = [node for nodes in trails.values() for node in nodes]
    return tuple(
        Leaf(index=index, node=node, shape=shapes[node], definitions=tuple(hanging[node]))
        for index, node in enumerate(ordered)
    )


def _tracks(leaves: Iterable[Leaf]) -> dict[int, Track]:
    found: dict[object, list[Leaf]] = {}
    for leaf in leaves:
        if leaf.shape.counted is not None:
            found.setdefault(leaf.shape.inputs, []).append(leaf)
    return {
        sharing[0].index: Track(tuple(leaf.shape.counted for leaf in sharing if leaf.shape.counted))
        for sharing in found.values()
    }


def _keepers(leaves: Iterable[Leaf], tracks: Mapping[int, Track], truths: int) -> dict[int, Keeper]:
    """What makes the state of each leaf, by its number."""
    found: dict[int, Keeper] = {}
    for leaf in leaves:
        if leaf.index in tracks:
            found[leaf.index] = Keeper(leaf.index, partial(Trail, tracks[leaf.index]), 0)
        elif leaf.shape.counted is None:
            found[leaf.index] = Keeper(leaf.index, leaf.shape.make, truths >> leaf.index & 1)
        else:
            found[leaf.index] = found[leaf.index - 1]
    return found


def shape_of(node: Node, context: Context, revised: frozenset[str] = frozenset()) -> Shape:
    """How a leaf is kept: the short way if there is one, and nothing it took in is ever taken back."""
    if revised and any(name in revised for part in walk(node) for name in events_of(part)):
        return any_shape(node, context)
    return quick_shape(node, context) or any_shape(node, context)
