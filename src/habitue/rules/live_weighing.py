"""How much a live reading keeps: some of its people are looked at, a few at a time, so that nobody waits for it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from habitue.rules.live import LiveRules
from habitue.rules.live_people import LivePerson
from habitue.rules.live_plan import Plan

SAMPLE: Final = 1_000
SLICE: Final = 50
"""How many people are looked at in one step."""
_PERSON_BYTES: Final = 1_000
_STATE_BYTES: Final = 250
_ITEM_BYTES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What is kept for one definition; what it shares with others is split evenly among them.

    Attributes:
        people: People of whom anything is kept for it.
        items: Values kept: instants, amounts, events.
        approximate_bytes: About how much memory that takes.
    """

    people: int
    items: int
    approximate_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a live reading keeps.

    Attributes:
        people: How many are known.
        looked_at: How many of them were looked at; the figures are exact where that is everybody, else estimates.
        states: What leaves keep of people, one for each leaf, or group of leaves, that somebody has met.
        items: Values kept in these: instants, amounts; and the events that leaves look back at.
        approximate_bytes: About how much memory all takes.
        definitions: What is kept for each.
    """

    people: int
    looked_at: int
    states: int
    items: int
    approximate_bytes: int
    definitions: Mapping[str, Footprint]


class Weighing:
    """Weighs a live reading; between two steps it may go on.

    Args:
        rules: The live reading.
        sample: How many people are looked at, at most.
    """

    def __init__(self, rules: LiveRules, *, sample: int = SAMPLE) -> None:
        self._plan = rules.plan
        self._people = rules.people
        self._waiting = rules.some(sample)
        self._looked_at = len(self._waiting)
        self._states, self._items = Counter[int](), Counter[int]()
        self._events = Counter[str]()
        self._met = Counter[int]()
        self._sharing = _sharing(self._plan)
        self._looking = _looking(self._plan)

    def step(self, many: int = SLICE) -> bool:
        """Look at some people; whether more are to be looked at."""
        for person in self._waiting[-many:]:
            self._look(person)
        del self._waiting[-many:]
        return bool(self._waiting)

    def _look(self, person: LivePerson) -> None:
        met = 0
        for offset, state in person.states.items():
            self._states[offset] += 1
            self._items[offset] += state.items
            met |= self._sharing[offset]
        for name, many in person.kept.items():
            self._events[name] += many
            met |= self._looking.get(name, 0) if many else 0
        self._met[met] += 1

    def weight(self) -> Weight:
        """What was found so far, for everybody."""
        times = self._people / max(1, self._looked_at)
        states, items = sum(self._states.values()), sum(self._items.values()) + sum(self._events.values())
        return Weight(
            people=self._people,
            looked_at=self._looked_at,
            states=round(states * times),
            items=round(items * times),
            approximate_bytes=round(_bytes(states, items) * times) + _PERSON_BYTES * self._people,
            definitions={name: self._footprint(1 << place, times) for place, name in enumerate(self._plan.names)},
        )

    def _footprint(self, bit: int, times: float) -> Footprint:
        states = sum(_part(many, self._sharing[offset], bit) for offset, many in self._states.items())
        items = sum(_part(many, self._sharing[offset], bit) for offset, many in self._items.items())
        items += sum(_part(many, self._looking.get(name, 0), bit) for name, many in self._events.items())
        people = sum(many for met, many in self._met.items() if met & bit)
        return Footprint(
            people=round(people * times),
            items=round(items * times),
            approximate_bytes=round(_bytes(states, items) * times),
        )


def _sharing(plan: Plan) -> dict[int, int]:
    """The definitions that each state is kept for, a bit for each, by the number of the state."""
    found: dict[int, int] = {}
    for leaf in plan.leaves:
        offset = plan.keepers[leaf.index].offset
        found[offset] = found.get(offset, 0) | _bits(leaf.definitions)
    return found


def _looking(plan: Plan) -> dict[str, int]:
    """The definitions that events are kept for, by the name of the event."""
    found: dict[str, int] = {}
    for leaf in plan.leaves:
        for each in leaf.shape.inputs if leaf.shape.looks_back else ():
            found[each.event] = found.get(each.event, 0) | _bits(leaf.definitions)
    return found


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))


def _part(many: float, sharing: int, bit: int) -> float:
    return many / sharing.bit_count() if sharing & bit else 0.0


def _bytes(states: float, items: float) -> float:
    return states * _STATE_BYTES + items * _ITEM_BYTES
