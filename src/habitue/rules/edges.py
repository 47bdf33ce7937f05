"""Edges: the instants at which the answer of a rule's part may change by itself, one person's history given.

Between two neighbouring edges a part without elapsed time keeps its value; one with elapsed time (`since`, `days`)
moves steadily, and `proof` finds its crossings by bisection.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from habitue.rules.evaluation import Context, pair_of, source_of, spelled_change
from habitue.rules.happened import NONE, Chosen, Person
from habitue.rules.history import Happenings, instant_of, micros
from habitue.rules.nodes import (
    Aggregate,
    Change,
    Followed,
    Name,
    Node,
    Regularly,
    Relation,
    Sequence,
    Stopped,
    Window,
)
from habitue.rules.relatives import Relatives
from habitue.rules.walking import children
from habitue.rules.windows import local_midnight

_ALL_TIME = 1 << 62


def edges_of(node: Node, person: Person, context: Context) -> set[int]:
    """Instants (µs) at which the value of a tree may differ from the instant before, past and future."""
    match node:
        case Aggregate(event=event, where=where, window=window):
            return set(_windowed(known_events(event, where, person, context).times, window, context))
        case Followed():
            return set(_followed(node, person, context))
        case Sequence(events=events, where=where, window=window):
            first = _windowed(known_events(events[0], where, person, context).times, window, context)
            later = (time for event in events[1:] for time in known_events(event, None, person, context).times)
            return {*first, *later}
        case Regularly(event=event, where=where, every=every, of=of):
            times = known_events(event, where, person, context).times
            return {time + step * every for time in times for step in range(of + 1)}
        case Stopped(event=event, where=where, after=after):
            times = known_events(event, where, person, context).times
            return {*times, *(time + after for time in times)}
        case Name(space="consent", name=purpose):
            return set(person.history.consents.get(purpose, NONE).times)
        case Change():
            return edges_of(spelled_change(node), person, context)
        case Relation():
            members = (person, *Relatives(node, context.groups).of(person))
            return {edge for member in members for edge in edges_of(node.condition, member, context)}
    return {edge for child in children(node) for edge in edges_of(child, person, context)}


def known_events(event: str, where: Node | None, person: Person, context: Context) -> Happenings:
    """All of a person's events of one name that meet a settled condition, whenever they are."""
    chosen = person.chosen(source_of(event, where, context), None, _ALL_TIME)
    return chosen.rows


def _followed(node: Followed, person: Person, context: Context) -> Iterator[int]:
    rows = known_events(node.event, node.where, person, context)
    answered = person.answers(pair_of(node, context), Chosen(rows, 0, len(rows.items)))
    for time, answer in zip(rows.times, answered, strict=True):
        in_time = answer <= time + node.within
        if in_time is not node.negated:
            yield from _windowed([time], node.window, context)
            yield answer if in_time else time + node.within


def _windowed(times: Iterable[int], window: Window, context: Context) -> Iterator[int]:
    """When events of these times come into a window and leave it."""
    for time in times:
        yield time + window.newer
        if window.kind in ("last", "between"):
            yield time + window.older
        elif window.kind in ("day", "week", "month"):
            yield next_period(window.kind, time, context)


def next_period(kind: str, time: int, context: Context) -> int:
    """The first instant of the local day, week or month after the one that holds a time."""
    zone = context.catalogue.zone
    today = instant_of(time).astimezone(zone).date()
    return micros(local_midnight(_next_start(kind, today), zone))


def _next_start(kind: str, today: date) -> date:
    if kind == "day":
        return today + timedelta(days=1)
    if kind == "week":
        return today + timedelta(days=7 - today.weekday())
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
