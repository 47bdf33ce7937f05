"""What is known of one person: the events, traits, scores and consents that a rule is asked about."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

Value = bool | int | float | Decimal | str | datetime
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Whole microseconds since 1970 of an aware time.

    Examples:
        >>> micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
        1000000
    """
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(us: int) -> datetime:
    """The UTC time of microseconds since 1970.

    Raises:
        OverflowError: It lies outside the years 1 to 9999.

    Examples:
        >>> instant_of(1_000_000).isoformat()
        '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + timedelta(microseconds=us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of one person.

    Attributes:
        occurred_at: Aware, UTC.
        position: Global order of arrival; it orders events of the same instant.
        properties: By name; a property that is absent or None is missing.
        event_id: As the source gave it; empty where unknown.
    """

    occurred_at: datetime
    position: int
    properties: Mapping[str, Value | None]
    event_id: str = ""


def _rank(happening: Happening) -> tuple[datetime, int]:
    return happening.occurred_at, happening.position


@dataclass(frozen=True, slots=True)
class Happenings:
    """Events of one name in the order (occurred_at, position), with an array of their times to search in.

    Attributes:
        items: Ascending.
        times: Microseconds since 1970 of each, in the same order.
    """

    items: tuple[Happening, ...] = ()
    times: "array[int]" = field(default_factory=lambda: array("q"))

    @classmethod
    def of(cls, happenings: Iterable[Happening]) -> "Happenings":
        """The events put in order."""
        return cls.in_order(tuple(sorted(happenings, key=_rank)))

    @classmethod
    def in_order(cls, items: tuple[Happening, ...]) -> "Happenings":
        """Events that are in order already."""
        return cls(items, array("q", (micros(each.occurred_at) for each in items)))

    def span(self, after: int | None, until: int) -> tuple[int, int]:
        """The index range [low, high) of the events in (after, until]; `after` None means from the first."""
        low = 0 if after is None else bisect_right(self.times, after)
        return low, max(low, bisect_right(self.times, until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One entry of a person's consent ledger.

    Attributes:
        purpose: What it is about.
        given: True when given, False when withdrawn.
        occurred_at: Aware, UTC.
        position: Order of arrival; the later entry of one instant counts.
    """

    purpose: str
    given: bool
    occurred_at: datetime
    position: int


def _empty() -> Mapping[str, Value | None]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One person, as a rule sees them. Build it with `history_of`.

    Attributes:
        customer_id: Internal id.
        events: By event name, in order; a name that is absent never happened.
        traits: Current traits; a location is two: `<name>_lat` and `<name>_lon`.
        scores: By model, and by `<model>.decile`, `<model>.low`, `<model>.high`.
        clusters: The person's label by clustering.
        consents: The ledger by purpose, each in order.
    """

    customer_id: str
    events: Mapping[str, Happenings]
    traits: Mapping[str, Value | None] = field(default_factory=_empty)
    scores: Mapping[str, Value | None] = field(default_factory=_empty)
    clusters: Mapping[str, Value | None] = field(default_factory=_empty)
    consents: Mapping[str, Happenings] = field(default_factory=dict)

    def given(self, purpose: str, now: int) -> bool | None:
        """The latest word on a purpose at `now` (µs), that instant included; None where none was said."""
        ledger = self.consents.get(purpose)
        if ledger is None:
            return None
        _, high = ledger.span(None, now)
        return ledger.items[high - 1].properties["given"] is True if high else None


def history_of(
    customer_id: str,
    *,
    events: Mapping[str, Iterable[Happening]],
    traits: Mapping[str, Value | None] | None = None,
    scores: Mapping[str, Value | None] | None = None,
    clusters: Mapping[str, Value | None] | None = None,
    consents: Iterable[Consent] = (),
) -> History:
    """A person's history from events and consents in any order.

    Examples:
        >>> order = Happening(occurred_at=instant_of(5), position=1, properties={"revenue": 3})
        >>> history_of("42", events={"Order Completed": [order]}).events["Order Completed"].span(None, 5)
        (0, 1)
    """
    ledgers: dict[str, list[Happening]] = {}
    for each in consents:
        entry = Happening(occurred_at=each.occurred_at, position=each.position, properties={"given": each.given})
        ledgers.setdefault(each.purpose, []).append(entry)
    return History(
        customer_id=customer_id,
        events={name: Happenings.of(each) for name, each in events.items()},
        traits=traits or {},
        scores=scores or {},
        clusters=clusters or {},
        consents={purpose: Happenings.of(each) for purpose, each in ledgers.items()},
    )
