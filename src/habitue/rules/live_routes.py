"""Where an event goes: from its name, and the values of its properties, to the states that take it in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from habitue.rules.evaluation import Context
from habitue.rules.history import Value
from habitue.rules.live_keeping import Keeping
from habitue.rules.live_leaves import Leaf
from habitue.rules.live_people import Properties, State
from habitue.rules.live_where import Test, condition, keyed
from habitue.rules.nodes import Node


class Keeper(NamedTuple):
    """What makes the state of one leaf, or of several that share it.

    Attributes:
        offset: The number of its first leaf; the others follow.
        make: Makes the state of somebody of whom nothing is known.
        holds: What holds for them, a bit for each leaf.
    """

    offset: int
    make: Callable[[], State]
    holds: int

    def new(self) -> State:
        """A state of somebody of whom nothing is known."""
        state = self.make()
        state.holds = self.holds
        return state


Taker = tuple[int, int, Keeper]
"""A state that an event goes to: its number among a person's, the role of the event, what makes it.

A plain tuple, which is taken apart faster than a named one.
"""

Tested = tuple[Test | None, tuple[Taker, ...]]
"""Takers of the events that meet a condition; None for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where events of one name, or consents for one purpose, go.

    Attributes:
        name: The event or the purpose.
        is_consent: Which of both.
        keeping: How the events themselves are kept, None where nobody looks back at them.
        always: Those that take all of them.
        tables: By property and value: those that take only events of that value.
        tested: Those that ask something else.
        is_plain: Whether there are only those that take all.
    """

    name: str
    is_consent: bool
    keeping: Keeping | None
    always: tuple[Taker, ...]
    tables: tuple[tuple[str, Mapping[Value | None, tuple[Tested, ...]]], ...] = ()
    tested: tuple[Tested, ...] = ()
    is_plain: bool = True

    def takers(self, properties: Properties, time: int) -> Sequence[Taker]:
        """Those that take an event of such properties, which occurred at an instant (µs)."""
        if self.is_plain:
            return self.always
        found = [*self.always]
        for name, table in self.tables:
            for test, takers in table.get(properties.get(name), ()):
                if test is None or test(properties, time):
                    found += takers
        for test, takers in self.tested:
            if test is None or test(properties, time):
                found += takers
        return found


def event_routes(
    leaves: Iterable[Leaf], keepers: Mapping[int, Keeper], kept: Mapping[str, Keeping], context: Context
) -> dict[str, Route]:
    """Routes by event.

    Args:
        leaves: Of the plan.
        keepers: By the number of each leaf.
        kept: How events are kept, by name.
        context: The catalogue.
    """
    found: dict[str, dict[Node | None, dict[Taker, None]]] = {}
    for leaf in leaves:
        keeper = keepers[leaf.index]
        for role, each in enumerate(leaf.shape.inputs):
            takers = found.setdefault(each.event, {}).setdefault(each.where, {})
            takers[keeper.offset, role, keeper] = None
    return {event: _event_route(event, groups, kept.get(event), context) for event, groups in found.items()}


def _event_route(
    event: str, groups: Mapping[Node | None, Iterable[Taker]], keeping: Keeping | None, context: Context
) -> Route:
    tables: dict[str, dict[Value | None, list[Tested]]] = {}
    others: list[Tested] = []
    for where, takers in groups.items():
        if where is None:
            continue
        key = keyed(event, where, context)
        if key is None:
            others.append((condition(event, where, context), tuple(takers)))
            continue
        test = None if key.rest is None else condition(event, key.rest, context)
        for value in key.values:
            tables.setdefault(key.name, {}).setdefault(value, []).append((test, tuple(takers)))
    return Route(
        name=event,
        is_consent=False,
        keeping=keeping,
        always=tuple(groups.get(None, ())),
        tables=tuple((name, {value: tuple(found) for value, found in table.items()}) for name, table in tables.items()),
        tested=tuple(others),
        is_plain=not tables and not others,
    )


def consent_routes(leaves: Iterable[Leaf], keepers: Mapping[int, Keeper]) -> dict[str, Route]:
    """Routes by purpose."""
    found: dict[str, list[Taker]] = {}
    for leaf in leaves:
        for purpose in leaf.shape.purposes:
            found.setdefault(purpose, []).append((leaf.index, 0, keepers[leaf.index]))
    return {
        purpose: Route(name=purpose, is_consent=True, keeping=None, always=tuple(takers))
        for purpose, takers in found.items()
    }
