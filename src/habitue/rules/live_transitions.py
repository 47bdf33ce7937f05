"""What comes out of the live reading: who entered and left what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from habitue.rules.history import Value, instant_of

Cause = Literal["event", "deadline", "definition", "build"]


class Transition(NamedTuple):
    """Somebody entered or left a definition.

    Attributes:
        customer_id: Who.
        definition: Its name.
        entered: True when entered, False when left.
        occurred_us: The very instant (µs since 1970), however late it was noticed; for an event, when it was received.
        cause: `event` for something received, `deadline` for time that has passed.
    """

    customer_id: str
    definition: str
    entered: bool
    occurred_us: int
    cause: Cause

    @property
    def occurred_at(self) -> datetime:
        """The instant, in UTC."""
        return instant_of(self.occurred_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What came of a sweep of deadlines.

    Attributes:
        transitions: In the order of their instants.
        is_done: Whether nothing more is due.
    """

    transitions: Sequence[Transition]
    is_done: bool


def _nothing() -> Mapping[str, Value | None]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What became known of a person beside events; names that are left out stay as they are, None makes one missing.

    Attributes:
        traits: By name; a location is two: `<name>_lat` and `<name>_lon`.
        scores: By model, and by `<model>.decile`, `<model>.low`, `<model>.high`.
        clusters: The label by clustering.
    """

    traits: Mapping[str, Value | None] = field(default_factory=_nothing)
    scores: Mapping[str, Value | None] = field(default_factory=_nothing)
    clusters: Mapping[str, Value | None] = field(default_factory=_nothing)
