"""What a rule may refer to: the events, properties and names of one project."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from habitue.records import Kind, event_table
from habitue.rules.nodes import Node

EVENT_CLOCK: Final[Mapping[str, Kind]] = {
    "occurred_at": Kind.TIME,
    "local_hour": Kind.INTEGER,
    "local_weekday": Kind.INTEGER,
    "local_month": Kind.INTEGER,
}
"""Properties that every event has: its instant, and the local hour 0-23, ISO weekday 1-7 and month 1-12 of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShape:
    """One event name and what its events carry.

    Attributes:
        name: As written in rules: `Order Completed`.
        properties: Kind of each declared property.
    """

    name: str
    properties: Mapping[str, Kind]

    @property
    def table(self) -> str:
        """The warehouse table of these events."""
        return event_table(self.name)

    def kind_of(self, name: str) -> Kind | None:
        """Kind of a property, the clock's included; None when there is none of that name."""
        return self.properties.get(name, EVENT_CLOCK.get(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A named feature or segment.

    Attributes:
        name: An identifier, unique among its kind.
        rule: Its tree, as read.
        purpose: What the answer may be used for; empty for none. People without that consent are not in it.
        label: A few words for people.
    """

    name: str
    rule: Node
    purpose: str = ""
    label: str = ""


def _nothing() -> Mapping[str, Definition]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything a project's rules may name.

    Attributes:
        zone: The project's time zone, for dates and calendar windows.
        events: By name.
        traits: Kind of each trait of a customer.
        features: Declared features by name.
        segments: Declared segments by name.
        scores: Names of the models that score customers.
        clusters: Names of the clusterings.
        purposes: Declared purposes of consent.
        relations: Relations that groups of customers are known of: `household`, `account`.
    """

    zone: ZoneInfo
    events: Mapping[str, EventShape]
    traits: Mapping[str, Kind]
    features: Mapping[str, Definition] = field(default_factory=_nothing)
    segments: Mapping[str, Definition] = field(default_factory=_nothing)
    scores: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()

    def definition(self, space: str, name: str) -> Definition:
        """The feature or segment of a name that is known to exist."""
        return self.features[name] if space == "feature" else self.segments[name]
