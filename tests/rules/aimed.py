"""Short histories aimed at the edges of one rule: its window ends, gaps, deadlines and constants, ± 1 µs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules import nodes as n
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import check
from habitue.rules.walking import walk
from tests.rules.populations import Event, Person, Said, Stored

MICROSECOND: Final = timedelta(microseconds=1)
MOST_EVENTS: Final = 8
_EVENT_BYTES: Final = 16
_PERSON_BYTES: Final = 32
NOWS: Final = tuple(
    datetime.fromisoformat(each).replace(tzinfo=UTC)
    for each in (
        "2026-03-29T12:00:00",  # the day the clocks of Berlin go forward
        "2026-03-28T23:00:00",  # its midnight
        "2026-03-29T01:00:00",  # the skipped hour
        "2026-10-25T00:30:00",  # 02:30, the first time
        "2026-10-25T01:30:00.000001",  # 02:30, the second time
        "2026-10-24T22:00:00",  # midnight of that day
        "2026-03-31T22:00:00",  # midnight, first of April
        "2026-02-28T23:00:00",  # midnight, first of March
        "2026-03-22T22:59:59.999999",  # the last instant of a Sunday
        "2026-03-22T23:00:00",  # the first of a Monday
        "2026-12-31T23:00:00",  # midnight, New Year's Day
    )
)
_VALUES: Final[Mapping[Kind, tuple[Stored | None, ...]]] = {
    Kind.TEXT: (
        *("a", "b", None, "ab", "", "DE", "Straße", "it's", "STRASSE", "straße", "İ", "ΑΣ", '"', "\\", "%", "a\nb"),
        *("😀", " a", "a; DROP TABLE customers; --", "B"),
    ),
    Kind.INTEGER: (1, 2, None, 3, 0, 4, 5, -1, 2**31, 2**62, -(2**62), -(2**63)),
    Kind.NUMBER: (0.1, 0.2, None, 0.7, 0.0, 2.5, -3.75, 1e6, 1e-7, 1e18, 1e200, 5e-324, 0.3),
    Kind.MONEY: tuple(
        Decimal(each) if each else None
        for each in ("10.0000", "0.1", "", "0.2", "0", "-0.5", "12.3456", "0.0001", "99999999999999.9999", "2.5", "3")
    ),
    Kind.BOOLEAN: (True, False, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What one rule turns on, as of an instant.

    Attributes:
        now: The instant.
        names: Events that the rule is about.
        edges: Instants at which an event's place in some window changes.
        gaps: Lengths of time that two events may lie apart.
        values: Values that the rule compares with, by kind.
    """

    catalogue: Catalogue
    now: datetime
    names: tuple[str, ...]
    edges: tuple[datetime, ...]
    gaps: tuple[timedelta, ...]
    values: Mapping[Kind, tuple[Stored | None, ...]]


def aim_at(rule: n.Node, catalogue: Catalogue, now: datetime) -> Aim:
    """Where a settled rule's edges lie."""
    terms = tuple(_all(rule, catalogue))
    names = dict.fromkeys(name for term in terms for name in _names(term))
    gaps = {timedelta(microseconds=term.within) for term in terms if isinstance(term, n.Sequence | n.Followed)}
    edges = {now, *(edge for term in terms for edge in _edges(term, now, catalogue.zone))}
    edges |= {edge - gap for edge in edges for gap in gaps}
    values = dict(_VALUES)
    for term in terms:
        if isinstance(term, n.Constant) and term.kind in values and not isinstance(term.value, datetime):
            values[term.kind] += tuple(_beside(term.value, term.kind))
    return Aim(
        catalogue=catalogue,
        now=now,
        names=tuple(names) or tuple(catalogue.events),
        edges=tuple(sorted(edges, reverse=True)),
        gaps=(timedelta(0), *sorted(gaps)),
        values=values,
    )


def _all(rule: n.Node, catalogue: Catalogue) -> Iterator[n.Node]:
    for node in walk(rule):
        yield node
        if isinstance(node, n.Name) and node.space in ("feature", "segment"):
            yield from _all(check(catalogue.definition(node.space, node.name).rule, catalogue).node, catalogue)


def _names(term: n.Node) -> tuple[str, ...]:
    match term:
        case n.Sequence():
            return term.events
        case n.Followed():
            return term.event, term.by
        case n.Aggregate() | n.Stopped() | n.Regularly():
            return (term.event,)
    return ()


def _edges(term: n.Node, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    def before(us: int) -> datetime:
        return now - timedelta(microseconds=us)

    match term:
        case n.Aggregate() | n.Sequence() | n.Followed():
            yield from _window_edges(term.window, now, zone)
        case n.Stopped():
            yield before(term.after)
        case n.Regularly():
            yield from (before(i * term.every) for i in range(1, term.of + 1))
        case n.Change():
            yield from (before(term.last), before(2 * term.last))
        case n.Constant(kind=Kind.DURATION, value=int(us)):
            yield before(us)
        case n.Constant(value=datetime() as instant):
            yield instant


def _window_edges(window: n.Window, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = now.astimezone(zone)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match window.kind:
        case "last" | "between":
            yield from (now - timedelta(microseconds=us) for us in (window.older, window.newer))
        case "since":
            start = datetime.fromisoformat(window.start)
            yield (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
        case "day":
            yield day.astimezone(UTC)
        case "week":
            yield (day - timedelta(days=day.weekday())).astimezone(UTC)
        case "month":
            yield day.replace(day=1).astimezone(UTC)


def _beside(value: bool | int | Decimal | str, kind: Kind) -> Iterator[Stored]:
    if isinstance(value, bool | str):
        yield value
    elif kind is Kind.NUMBER:
        yield from (float(value), float(value) + 1e-13)
    elif kind is Kind.MONEY:
        yield from (Decimal(value) + Decimal(step) / 10_000 for step in (-1, 0, 1))
    else:
        yield from (int(value) + step for step in (-1, 0, 1))


# --- From drawn bytes to people ---------------------------------------------------------------------------------------


def people_for(aim: Aim, name: str) -> st.SearchStrategy[Person]:
    """A person with up to eight events at the rule's edges; shrinks to nobody in particular with no events."""
    size = _PERSON_BYTES + MOST_EVENTS * _EVENT_BYTES
    return st.binary(min_size=size, max_size=size).map(lambda drawn: _Draw(aim, name, drawn).person)


@dataclass
class _Draw:
    """One person read off a string of bytes, each byte one choice."""

    aim: Aim
    name: str
    drawn: bytes
    _at: int = field(default=0)

    def byte(self) -> int:
        self._at += 1
        return self.drawn[self._at - 1]

    @cached_property
    def person(self) -> Person:
        catalogue = self.aim.catalogue
        traits: dict[str, Stored | None] = {}
        for trait, kind in catalogue.traits.items():
            if kind is Kind.LOCATION:
                traits |= {f"{trait}_{end}": self._degrees() for end in ("lat", "lon")}
            else:
                traits[trait] = self._value(kind)
        scores: dict[str, Stored | None] = {}
        for model in sorted(catalogue.scores):
            if self.byte() % 4:
                parts = {"low": Kind.NUMBER, "high": Kind.NUMBER, "decile": Kind.INTEGER}
                scores[model] = self._value(Kind.NUMBER)
                scores |= {f"{model}.{part}": self._value(kind) for part, kind in parts.items()}
        clusters = {each: self._value(Kind.TEXT) for each in sorted(catalogue.clusters) if self.byte() % 4}
        consents = tuple(self._said(sorted(catalogue.purposes)) for _ in range(self.byte() % 4))
        count = self.byte() % (MOST_EVENTS + 1)
        events: list[Event] = []
        for index in range(count):
            self._at = _PERSON_BYTES + index * _EVENT_BYTES
            events.append(self._event(events))
        return Person(
            customer_id=self.name,
            events=tuple(events),
            traits=traits,
            scores=scores,
            clusters=clusters,
            consents=consents,
        )

    def _of(self, choices: Sequence[Stored | None]) -> Stored | None:
        """Mostly one of the first few, so that values meet again."""
        byte = self.byte()
        return choices[byte % min(3, len(choices))] if byte < 112 else choices[byte % len(choices)]

    def _value(self, kind: Kind) -> Stored | None:
        if kind in (Kind.TIME, Kind.DATE):
            return self._instant(None) if self.byte() % 4 else None
        return self._of(self.aim.values[kind])

    def _degrees(self) -> float | None:
        return (52.5, None, 13.4, -33.9, 179.9, 0.0)[self.byte() % 6]

    def _instant(self, before: datetime | None) -> datetime:
        way, place, step = self.byte(), self.byte(), self.byte()
        edges, gaps = self.aim.edges, self.aim.gaps
        after = before is not None and way % 3 == 2
        base = before + gaps[place % len(gaps)] if before and after else edges[place % len(edges)]
        return base + (0, -1, 1, 0)[step % 4] * MICROSECOND

    def _said(self, purposes: Sequence[str]) -> Said:
        purpose = purposes[self.byte() % len(purposes)]
        place = self.byte()
        moment = self.aim.now + (0, -1, 1)[place % 3] * MICROSECOND
        return Said(purpose=purpose, given=place % 2 == 0, occurred_at=moment, position=self._position())

    def _position(self) -> int:
        """Any order of arrival, never the same twice for one person."""
        return self.byte() * 1_000 + self._at

    def _event(self, before: Sequence[Event]) -> Event:
        names = self.aim.names
        byte = self.byte()
        name = names[byte % len(names)] if byte < 224 else sorted(self.aim.catalogue.events)[byte % 3]
        kinds = self.aim.catalogue.events[name].properties
        instant = self._instant(before[-1].occurred_at if before else None)
        position = self._position()
        values = {prop: self._value(kind) for prop, kind in kinds.items()}
        kept = {prop: value for prop, value in values.items() if value is not None or self._at % 2}
        return Event(name=name, occurred_at=instant, position=position, properties=kept)
