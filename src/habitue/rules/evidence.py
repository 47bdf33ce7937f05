"""The events that a part of a rule takes its answer from, for one person at one instant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from habitue.rules.evaluation import Context, answering, pair_of, property_of, reach_of, source_of, spelled_change
from habitue.rules.happened import NONE, Chosen, Pair, Person, Rank, followed_indices, sequence_steps, step_before
from habitue.rules.history import Happening, micros
from habitue.rules.nodes import Aggregate, Change, Followed, Node, Regularly, Sequence, Stopped
from habitue.rules.walking import children

MOST_WITNESSES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """One event that an answer was taken from.

    Attributes:
        event: Its name.
        occurred_at: UTC.
        position: Order of arrival.
        event_id: As the source gave it; empty where unknown.
    """

    event: str
    occurred_at: datetime
    position: int
    event_id: str


def witnesses_of(node: Node, person: Person, context: Context) -> tuple[tuple[Witness, ...], int]:
    """The newest events behind a part of a rule, newest first, and how many there are in all."""
    found = {(name, each.position): (name, each) for name, each in _behind(node, person, context)}
    newest = sorted(found.values(), key=lambda one: (one[1].occurred_at, one[1].position), reverse=True)
    kept = tuple(
        Witness(event=name, occurred_at=each.occurred_at, position=each.position, event_id=each.event_id)
        for name, each in newest[:MOST_WITNESSES]
    )
    return kept, len(newest)


def _behind(node: Node, person: Person, context: Context) -> Iterator[tuple[str, Happening]]:
    match node:
        case Aggregate(event=event):
            yield from ((event, each) for each in _of_aggregate(node, person, context))
        case Stopped(event=event, where=where):
            chosen = person.chosen(source_of(event, where, context), None, person.now)
            yield from ((event, each) for each in chosen.items[-1:])
        case Regularly(event=event, where=where, every=every, of=of):
            chosen = person.chosen(source_of(event, where, context), person.now - of * every, person.now)
            yield from ((event, each) for each in chosen.items)
        case Followed():
            yield from _of_followed(node, person, context)
        case Sequence():
            yield from _of_sequence(node, person, context)
        case Change():
            yield from _behind(spelled_change(node), person, context)
        case _:
            for child in children(node):
                yield from _behind(child, person, context)


def _in_window(node: Aggregate | Followed | Sequence, event: str, person: Person, context: Context) -> Chosen:
    return person.chosen(source_of(event, node.where, context), *reach_of(node.window, context)(person.now))


def _of_aggregate(node: Aggregate, person: Person, context: Context) -> tuple[Happening, ...]:
    items = _in_window(node, node.event, person, context).items
    match node.kind:
        case "first" | "first_at":
            return items[:1]
        case "latest" | "last_at":
            return items[-1:]
        case "min" | "max" | "mode":
            wanted, value = answering(node, context)(person), property_of(node.event, node.property, context)
            return tuple(each for each in items if wanted is not None and value(each) == wanted)
    return items


def _of_followed(node: Followed, person: Person, context: Context) -> Iterator[tuple[str, Happening]]:
    chosen, pair = _in_window(node, node.event, person, context), pair_of(node, context)
    answered, answers = person.answers(pair, chosen), person.history.events.get(node.by, NONE)
    for index in followed_indices(pair, chosen, person):
        first = chosen.rows.items[index]
        yield node.event, first
        if not node.negated:
            at = answered[index - chosen.low]
            low, high = answers.span(at - 1, at)
            yield from ((node.by, each) for each in answers.items[low:high] if _answers(pair, first, each))


def _answers(pair: Pair, first: Happening, answer: Happening) -> bool:
    later = (first.occurred_at, first.position) < (answer.occurred_at, answer.position)
    return later and (not pair.node.on or pair.first_link(first) == pair.answer_link(answer))


def _of_sequence(node: Sequence, person: Person, context: Context) -> Iterator[tuple[str, Happening]]:
    """The newest run through the sequence, and every event that completes it."""
    chosen = _in_window(node, node.events[0], person, context)
    steps = sequence_steps(node, chosen, person)
    if not steps[-1]:
        return
    for end in steps[-1]:
        yield from _ranked(node.events[-1], end, person)
    rank: Rank | None = steps[-1][-1]
    for event, reached in zip(reversed(node.events[:-1]), reversed(steps[:-1]), strict=True):
        rank = step_before(reached, rank, node.within) if rank is not None else None
        if rank is not None:
            yield from _ranked(event, rank, person)


def _ranked(event: str, rank: Rank, person: Person) -> Iterator[tuple[str, Happening]]:
    rows = person.history.events.get(event, NONE)
    low, high = rows.span(rank[0] - 1, rank[0])
    yield from ((event, each) for each in rows.items[low:high] if (micros(each.occurred_at), each.position) == rank)
