"""What the states of a live reading need of the past, so that it can be asked of everybody at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from habitue.records import Kind
from habitue.rules.catalogue import EVENT_CLOCK, Catalogue
from habitue.rules.history import micros
from habitue.rules.live_answers import Answering
from habitue.rules.live_keeping import Keeping
from habitue.rules.live_leaves import Counted, Leaf, events_of
from habitue.rules.live_moments import Steps
from habitue.rules.live_plan import Plan
from habitue.rules.live_routes import Route
from habitue.rules.live_sequences import Row
from habitue.rules.live_sums import Sum
from habitue.rules.live_trails import Track
from habitue.rules.nodes import Aggregate, Followed, Node, Property
from habitue.rules.walking import walk
from habitue.rules.windows import LONG_AGO

_BEGINNING: Final = micros(LONG_AGO)


class Form(StrEnum):
    """What is asked, which is also how the answer is laid out: one row per customer, or per customer and name."""

    PEOPLE = "people"
    SCORES = "scores"
    LABELS = "labels"
    CONSENTS = "consents"
    CONSENTS_AHEAD = "consents_ahead"
    NUMBER = "number"
    INSTANTS = "instants"
    EDGE = "edge"
    AMOUNT = "amount"
    AMOUNTS = "amounts"
    PAIRS = "pairs"
    STEPS = "steps"
    KEPT = "kept"
    END = "end"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One question about everybody's past.

    Attributes:
        form: What is asked of the events, consents or facts.
        event: Name of the events; empty for what is no event.
        where: The condition that the events meet, settled; None for all.
        after: Only what happened after this (µs) can be seen; None for everything.
        until: Only what happened up to this instant (µs); None without an end.
        most: Of each person the newest so many; 0 for all.
        latest: Whether the last is wanted and not the first.
        properties: Of the events, in order; the names of traits, models or purposes for what is no event.
        takers: Numbers of the leaves that it is for.
        role: Which input of the leaf.
    """

    form: Form
    event: str = ""
    where: Node | None = None
    after: int | None = None
    until: int | None = None
    most: int = 0
    latest: bool = False
    properties: tuple[str, ...] = ()
    takers: tuple[int, ...] = ()
    role: int = 0


def needs_of(plan: Plan, catalogue: Catalogue, now: int) -> tuple[Need, ...]:
    """Everything to be asked so that a plan can go on from an instant (µs), people first.

    Equal questions of several leaves are one.
    """
    found = [*_facts(plan, catalogue), *_consents(plan, now)]
    looking: dict[str, list[Leaf]] = {}
    shared: dict[Need, list[int]] = {}
    for offset, track in plan.tracks.items():
        found.append(_of_track(plan.leaves[offset], track, now))
    for leaf in plan.leaves:
        for need in _of_leaf(leaf, now):
            shared.setdefault(need, []).append(leaf.index)
        for event in (each.event for each in leaf.shape.inputs if leaf.shape.looks_back):
            looking.setdefault(event, []).append(leaf)
    found += [replace(need, takers=tuple(takers)) for need, takers in shared.items()]
    for event, leaves in looking.items():
        found += _kept(plan.events[event].keeping, event, leaves, now)
    found += [_ahead(route, catalogue, now) for route in plan.events.values()]
    return tuple(found)


def _facts(plan: Plan, catalogue: Catalogue) -> Iterator[Need]:
    """The people with the traits that leaves look at, and their scores and labels."""
    names: dict[str, list[str]] = {"trait": [], "score": [], "cluster": []}
    for space, name in plan.facts:
        names[space].append(name)
    located = [name for name in names["trait"] if catalogue.traits[name] is Kind.LOCATION]
    plain = [name for name in names["trait"] if name not in located]
    yield Need(
        form=Form.PEOPLE, properties=(*plain, *(f"{each}_{part}" for each in located for part in ("lat", "lon")))
    )
    if names["score"]:
        yield Need(form=Form.SCORES, properties=tuple(names["score"]))
    if names["cluster"]:
        yield Need(form=Form.LABELS, properties=tuple(names["cluster"]))


def _consents(plan: Plan, now: int) -> Iterator[Need]:
    if plan.consents:
        purposes = tuple(plan.consents)
        yield Need(form=Form.CONSENTS, properties=purposes, until=now, latest=True)
        yield Need(form=Form.CONSENTS_AHEAD, properties=purposes, after=now)


def _of_track(leaf: Leaf, track: Track, now: int) -> Need:
    """What the trail of a track is made from, for all of its leaves."""
    (source,) = leaf.shape.inputs
    return Need(
        form=Form.INSTANTS,
        event=source.event,
        where=source.where,
        after=seen_after(track.after(now)),
        until=now,
        most=track.most,
        takers=(leaf.index,),
    )


def _of_leaf(leaf: Leaf, now: int) -> Iterator[Need]:
    """What the state of a leaf is made from, for leaves that keep their own."""
    tested, inputs = leaf.shape.tested, leaf.shape.inputs
    if tested is None:
        return
    asked = Need(form=Form.EDGE, event=inputs[0].event, where=inputs[0].where, until=now)
    match tested:
        case Counted(frame=frame, least=least):
            yield replace(asked, form=Form.NUMBER, after=seen_after(frame.after(now)), most=least)
        case Row(frame=frame):
            for role, each in enumerate(inputs):
                rows = replace(asked, form=Form.STEPS, event=each.event, where=each.where, role=role)
                yield replace(rows, after=seen_after(frame.after(now)))
        case Sum(frame=frame, kind=kind):
            # Numbers are added up in the order of the events, as one by one.
            form = Form.AMOUNT if frame.keeps and kind is not Kind.NUMBER else Form.AMOUNTS
            yield replace(asked, form=form, after=seen_after(frame.after(now)), properties=(_summed(leaf.node),))
        case Steps(start=start, latest=latest):
            yield replace(asked, after=seen_after(start - 1), latest=latest)
        case Answering(frame=frame):
            linked = _link(leaf.node)
            pairs = replace(asked, form=Form.PAIRS, after=seen_after(frame.after(now)), properties=linked)
            # Answers first, so that first events know at once whether they were answered.
            yield replace(pairs, event=inputs[1].event, where=None, role=1)
            yield pairs


def seen_after(after: int) -> int | None:
    """An instant (µs) that what counts is later than; None where that is everything."""
    return after if after >= _BEGINNING else None


def _summed(node: Node) -> str:
    """The property that a tested sum or average is of."""
    return next(each.property for each in walk(node) if isinstance(each, Aggregate))


def _link(node: Node) -> tuple[str, ...]:
    return (node.on,) if isinstance(node, Followed) and node.on else ()


def _kept(keeping: Keeping | None, event: str, leaves: Iterable[Leaf], now: int) -> Iterator[Need]:
    """The events that leaves still look back at."""
    if keeping is None:
        return
    leaves = list(leaves)
    properties = tuple(dict.fromkeys(name for leaf in leaves for name in _looked_at(leaf.node, event)))
    takers = tuple(leaf.index for leaf in leaves)
    kept = Need(form=Form.KEPT, event=event, properties=properties, takers=takers, until=now)
    end = seen_after(min(now - keeping.length, keeping.start - 1))
    if end is None or end < now:
        yield replace(kept, after=end)
    if end is None:
        return
    before = replace(kept, form=Form.END, until=min(end, now))
    for where in keeping.firsts:
        yield replace(before, where=where, latest=False)
    for where in keeping.lasts:
        yield replace(before, where=where, latest=True)


def _looked_at(node: Node, event: str) -> Iterator[str]:
    """The properties of some events that a leaf looks at, those of their clock left out."""
    for term in walk(node):
        about, named = events_of(term), list[str]()
        if about[:1] == (event,):
            # Conditions are on the first of several events.
            named = [part.name for part in walk(term) if isinstance(part, Property)]
        match term:
            case Aggregate(property=name) if name and about == (event,):
                named.append(name)
            case Followed(on=name) if name and event in about:
                named.append(name)
        yield from (each for each in named if each not in EVENT_CLOCK)


def _ahead(route: Route, catalogue: Catalogue, now: int) -> Need:
    """What will have happened only later, whole."""
    declared = catalogue.events[route.name].properties
    properties = tuple(name for name, kind in declared.items() if kind is not Kind.LOCATION)
    return Need(form=Form.AHEAD, event=route.name, properties=properties, after=now)
