"""Event terms for one person: figures over events, sequences, and what was followed, in plain Python.

Every term finds its window by bisection and looks only at events inside it. A `Person` that keeps its selections
(see `Person.keeping`) filters each event once, for readings that ask about many instants.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from habitue.records import Kind
from habitue.rules.history import Happening, Happenings, History, Value
from habitue.rules.nodes import Aggregate, Followed, Node, Regularly, Stopped
from habitue.rules.nodes import Sequence as SequenceNode
from habitue.rules.operations import mean, sign_between, total

Row = Callable[[Happening], Value | None]
Reach = Callable[[int], tuple[int | None, int]]
"""From an instant to the window (after, until] that is meant then, in µs."""
NONE: Final = Happenings()
_NEVER: Final = 1 << 62


class Person:
    """One history at one instant that may be moved.

    Attributes:
        history: The person.
        now: Microseconds since 1970.
    """

    __slots__ = ("_answers", "_kept", "_values", "history", "now")

    def __init__(self, history: History, now: int) -> None:
        self.history = history
        self.now = now
        self._kept: dict[tuple[str, Node], Happenings] | None = None
        self._answers: dict[Followed, Sequence[int]] = {}
        self._values: dict[tuple[str, Node | None, str], list[Value | None]] = {}

    @classmethod
    def keeping(cls, history: History, now: int) -> "Person":
        """A person whose events are filtered once per condition, to be asked at many instants."""
        person = cls(history, now)
        person._kept = {}
        return person

    def chosen(self, source: "Source", after: int | None, until: int) -> "Chosen":
        """The events of a source in (after, until] that meet its condition."""
        every = self.history.events.get(source.event, NONE)
        if source.where is None or source.node is None:
            return Chosen(every, *every.span(after, until))
        if self._kept is not None:
            key = (source.event, source.node)
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = Happenings.in_order(tuple(filter(source.holds, every.items)))
            return Chosen(kept, *kept.span(after, until))
        low, high = every.span(after, until)
        inside = Happenings.in_order(tuple(filter(source.holds, every.items[low:high])))
        return Chosen(inside, 0, len(inside.items))

    def values(self, source: "Source", name: str, value: Row, chosen: "Chosen") -> list[Value]:
        """The present values of a property of the chosen events."""
        if self._kept is None:
            return [found for each in chosen.items if (found := value(each)) is not None]
        key = (source.event, source.node, name)
        if key not in self._values:
            self._values[key] = [value(each) for each in chosen.rows.items]
        return [each for each in self._values[key][chosen.low : chosen.high] if each is not None]

    def answers(self, pair: "Pair", chosen: "Chosen") -> Sequence[int]:
        """For each chosen first event, when it was first answered (µs), as if all that is known had happened."""
        answering = self.history.events.get(pair.node.by, NONE)
        if self._kept is None:
            return first_answers(pair, chosen, answering)
        if pair.node not in self._answers:
            self._answers[pair.node] = first_answers(
                pair, replace(chosen, low=0, high=len(chosen.rows.items)), answering
            )
        return self._answers[pair.node][chosen.low : chosen.high]


@dataclass(frozen=True, slots=True)
class Source:
    """Events of one name that meet a condition.

    Attributes:
        event: The name.
        where: The condition on one event, or None.
        node: The tree of the condition, by which selections are told apart.
    """

    event: str
    where: Row | None = None
    node: Node | None = None

    def holds(self, happening: Happening) -> bool:
        """Whether one event meets the condition."""
        return self.where is None or self.where(happening) is True


@dataclass(frozen=True, slots=True)
class Chosen:
    """Part of some events in order: those at indices [low, high)."""

    rows: Happenings
    low: int
    high: int

    @property
    def items(self) -> tuple[Happening, ...]:
        """The events themselves, ascending."""
        return self.rows.items[self.low : self.high]


Answer = Callable[[Person], Value | None]


def aggregate_answer(node: Aggregate, source: Source, reach: Reach, value: Row, kind: Kind) -> Answer:
    """How an aggregate is answered for one person.

    Args:
        node: The aggregate.
        source: Its events.
        reach: Its window.
        value: Its property of one event; not asked for aggregates without one.
        kind: Kind of the property.
    """
    figure = _FIGURES.get(node.kind)
    if figure is not None:
        return lambda person: figure(person.chosen(source, *reach(person.now)))
    if node.kind in ("first", "latest"):
        return _at_an_end(0 if node.kind == "first" else -1, source, reach, value)
    over = _OVER_VALUES[node.kind]

    def answer(person: Person) -> Value | None:
        chosen = person.chosen(source, *reach(person.now))
        return over(person.values(source, node.property, value, chosen), kind)

    return answer


def _at_an_end(index: int, source: Source, reach: Reach, value: Row) -> Answer:
    def answer(person: Person) -> Value | None:
        items = person.chosen(source, *reach(person.now)).items
        return value(items[index]) if items else None

    return answer


_FIGURES: Final[Mapping[str, Callable[[Chosen], Value | None]]] = {
    "did": lambda chosen: chosen.high > chosen.low,
    "count": lambda chosen: chosen.high - chosen.low,
    "first_at": lambda chosen: chosen.rows.items[chosen.low].occurred_at if chosen.high > chosen.low else None,
    "last_at": lambda chosen: chosen.rows.items[chosen.high - 1].occurred_at if chosen.high > chosen.low else None,
}


def _extreme(wanted: int) -> Callable[[list[Value], Kind], Value | None]:
    def find(values: list[Value], _kind: Kind) -> Value | None:
        found: Value | None = None
        for each in values:
            if found is None or _order(each, found) == wanted:
                found = each
        return found

    return find


def _order(left: Value, right: Value) -> int | None:
    if isinstance(left, float) and isinstance(right, float):
        return (left > right) - (left < right)
    return sign_between(left, right)


def _mode(values: list[Value], _kind: Kind) -> Value | None:
    if not values:
        return None
    counted = Counter(values)
    most = max(counted.values())
    return _extreme(-1)([value for value, times in counted.items() if times == most], _kind)


_OVER_VALUES: Final[Mapping[str, Callable[[list[Value], Kind], Value | None]]] = {
    "sum": total,
    "avg": mean,
    "min": _extreme(-1),
    "max": _extreme(1),
    "distinct": lambda values, _: len(set(values)),
    "mode": _mode,
}


def stopped_answer(node: Stopped, source: Source) -> Answer:
    """Whether the latest event lies at (now - after) or before."""

    def answer(person: Person) -> bool:
        chosen = person.chosen(source, None, person.now)
        return chosen.high > 0 and chosen.rows.times[chosen.high - 1] <= person.now - node.after

    return answer


def regularly_answer(node: Regularly, source: Source) -> Answer:
    """Whether enough of the last periods hold an event."""

    def answer(person: Person) -> bool:
        now, every = person.now, node.every
        chosen = person.chosen(source, now - node.of * every, now)
        found, index, times = 0, chosen.high, chosen.rows.times
        # From the newest period backwards, one bisection for each that holds an event.
        while index > chosen.low and found < node.periods:
            found += 1
            start = now - ((now - times[index - 1]) // every + 1) * every
            index = bisect_right(times, start, chosen.low, index)
        return found >= node.periods

    return answer


@dataclass(frozen=True, slots=True)
class Pair:
    """A `followed` or `unfollowed`, and how the value that links its two events is read from each of them."""

    node: Followed
    first_link: Row
    answer_link: Row


def first_answers(pair: Pair, chosen: Chosen, answering: Happenings) -> "array[int]":
    """For each chosen first event, the instant of the earliest later event that answers it; far away for none."""
    linked, found = bool(pair.node.on), array("q")
    if chosen.low == chosen.high:
        return found
    ranks: dict[Value | None, list[tuple[int, int]]] = {}
    for index in range(bisect_left(answering.times, chosen.rows.times[chosen.low]), len(answering.items)):
        each = answering.items[index]
        link = pair.answer_link(each) if linked else None
        if link is not None or not linked:
            ranks.setdefault(link, []).append((answering.times[index], each.position))
    for index in range(chosen.low, chosen.high):
        each = chosen.rows.items[index]
        later = ranks.get(pair.first_link(each) if linked else None, [])
        place = bisect_right(later, (chosen.rows.times[index], each.position))
        found.append(later[place][0] if place < len(later) else _NEVER)
    return found


def followed_answer(pair: Pair, source: Source, reach: Reach) -> Answer:
    """Whether some first event in the window was answered in time, or went unanswered for all of its time."""
    return lambda person: bool(followed_indices(pair, person.chosen(source, *reach(person.now)), person))


def followed_indices(pair: Pair, chosen: Chosen, person: Person) -> Sequence[int]:
    """The indices of the chosen first events that make a `followed` or `unfollowed` true."""
    answered = person.answers(pair, chosen)
    times, now, within, low = chosen.rows.times, person.now, pair.node.within, chosen.low
    if pair.node.negated:
        high = min(chosen.high, bisect_right(times, now - within))
        return [i for i in range(low, high) if answered[i - low] > times[i] + within]
    return [i for i in range(low, chosen.high) if answered[i - low] <= min(now, times[i] + within)]


def sequence_answer(node: SequenceNode, source: Source, reach: Reach) -> Answer:
    """Whether the events happened one after the other, each at most `within` after the one before."""
    return lambda person: bool(sequence_steps(node, person.chosen(source, *reach(person.now)), person)[-1])


Rank = tuple[int, int]
"""Time (µs) and position: the order of events."""


def sequence_steps(node: SequenceNode, chosen: Chosen, person: Person) -> list[list[Rank]]:
    """The ranks of the events that reach each step of the sequence, ascending; those of the last step complete it."""
    times, items = chosen.rows.times, chosen.rows.items
    steps = [[(times[i], items[i].position) for i in range(chosen.low, chosen.high)]]
    for event in node.events[1:]:
        reached = steps[-1]
        rows = person.history.events.get(event, NONE) if reached else NONE
        low = bisect_left(rows.times, reached[0][0]) if reached else 0
        following = ((rows.times[i], rows.items[i].position) for i in range(low, bisect_right(rows.times, person.now)))
        steps.append([each for each in following if step_before(reached, each, node.within) is not None])
    return steps


def step_before(reached: list[Rank], step: Rank, within: int) -> Rank | None:
    """The latest event of the step before that lies earlier than an event and at most `within` from it."""
    index = bisect_left(reached, step)
    return reached[index - 1] if index and step[0] - reached[index - 1][0] <= within else None
