"""One state of everything live: the rules, who is who, open visits and consents, as of a place in the log.

A record goes the same way whether it has just arrived, is read again after a restart, or is the tail of what a new
generation was made from.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from habitue.features.sessions import SESSION_EVENT
from habitue.features.visits_live import PersonVisits, Revision
from habitue.identity.joining import Told
from habitue.live.consents import LiveConsents, Occasion, Spoken
from habitue.live.identity import LiveIdentity
from habitue.live.reading import Reading
from habitue.live.sessions import LiveVisits
from habitue.rules.history import Value, instant_of, micros
from habitue.rules.live import LiveRules
from habitue.rules.live_transitions import Facts, Swept, Transition
from habitue.sources.arrivals import Arrival, ArrivalDamagedError, read_arrival, values_of
from habitue.sources.tables import live_position
from habitue.streams import Record


class Seeded(NamedTuple):
    """A live reading of rules made in bulk.

    Attributes:
        rules: As of that offset, and of the instant asked for.
        offset: Of the last record of the log that is in them; None for the one asked for.
        persons: The person of each record that is not its own, as the tables had it that they were made of; None for
            as it was kept last.
        visits: The visits that may still change, by customer; their sessions are in the rules.
        restricted: People whose data is used for nothing; they are not in the rules.
        told: When traits were said, by customer and trait (µs), where that was not long ago.
        spoken: What sources say that some records said about purposes.
    """

    rules: LiveRules
    offset: int | None = None
    persons: Mapping[str, str] | None = None
    visits: Mapping[str, PersonVisits] | None = None
    restricted: Collection[str] = ()
    told: Mapping[tuple[str, str], int] | None = None
    spoken: Spoken | None = None


Make = Callable[[int, datetime, Mapping[str, Collection[str]]], LiveRules | Seeded]
"""Makes a live reading as of an offset of the log and an instant; it is given who was inside each segment."""


@dataclass(slots=True, kw_only=True)
class Generation:
    """Everything live, as of the last record taken.

    Attributes:
        rules: Who is in what.
        reading: How messages are read.
        identity: Who is who.
        offset: Of the last record taken.
        consents: What people allow.
        visits: Open visits and those just past; None where no rule asks for them.
        subjects: Whom the record is about that is being taken.
        told: When traits were last said (µs), by customer and trait.
    """

    rules: LiveRules
    reading: Reading
    identity: LiveIdentity
    offset: int
    consents: LiveConsents = field(default_factory=LiveConsents)
    visits: LiveVisits | None = None
    subjects: set[str] = field(default_factory=set)
    _live: frozenset[str] = frozenset()
    told: dict[tuple[str, str], int] = field(default_factory=dict)
    _said: dict[tuple[str, str], Value | None] = field(default_factory=dict)
    _ahead: dict[int, Arrival] = field(default_factory=dict)
    _known: set[int] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        seeded: Seeded,
        reading: Reading,
        identity: LiveIdentity,
        offset: int,
        consents: LiveConsents | None = None,
    ) -> "Generation":
        """From what was seeded, as of an offset of the log."""
        visits = None
        if SESSION_EVENT in seeded.rules.plan.events and reading.visits:
            visits = LiveVisits(reading.visits, reading.gap_us, seeded.visits)
        consents = consents or LiveConsents()
        consents.purposes = reading.purposes
        consents.restricted |= set(seeded.restricted)
        consents.spoken = seeded.spoken or consents.spoken
        return cls(
            rules=seeded.rules,
            reading=reading,
            identity=identity,
            offset=offset,
            visits=visits,
            consents=consents,
            told=dict(seeded.told or {}),
        )

    def close(self) -> None:
        """Give back what it holds."""
        self.identity.close()
        self.consents.close()

    def __post_init__(self) -> None:
        """Know which segments are live."""
        self._live = frozenset(self.rules.plan.names)

    def begin(self, persons: Mapping[str, str] | None, step: int | None, now: datetime) -> list[Transition]:
        """Make persons one who were not yet where all was made from, but are by a state of who is who."""
        merges = self.identity.begin(step, persons)
        return [each for stays, gone in merges for each in self._merge(stays, gone, now)]

    def look_ahead(self, records: Sequence[Record]) -> None:
        """Read what the next records say, and have at hand, by a few questions, what taking them in will ask for."""
        self._ahead.clear()
        self._known.clear()
        news = list[Told]()
        for each in records:
            with suppress(ArrivalDamagedError):
                arrival = self._ahead[each.offset] = read_arrival(each.body)
                told = Told(arrival.record, arrival.others, arrival.carried)
                if arrival.record and self.identity.is_news(told):
                    news.append(told)
                else:
                    self._known.add(each.offset)
        concerned = self.identity.look_ahead(news)
        if self.rules.plan.consents and concerned:
            self.consents.look_ahead(concerned)

    def take(self, record: Record) -> list[Transition]:
        """Take in one record of the log; gives what changed, in order.

        Raises:
            ArrivalDamagedError: It says something else than a message.
        """
        self.offset = record.offset
        self.subjects.clear()
        arrival = self._ahead.pop(record.offset, None) or read_arrival(record.body)
        if not arrival.record:
            return []
        out = list[Transition]()
        received, received_at = record.received_us, instant_of(record.received_us)
        person = self._identify(arrival, received_at, out)
        consents = self.consents
        may_matter = arrival.consents or consents.restricted or self.rules.plan.consents
        if may_matter and not self._heed(person, arrival, received_at, out):
            return out
        if arrival.traits:
            self._know(person, arrival, received_at, out)
        for event in arrival.events:
            readers = self.reading.events.get(event.name)
            if readers is None:
                continue
            place = arrival.occurred_us, live_position(record.offset, event.child)
            properties = values_of(event.properties, readers)
            if self.visits is not None:
                out += self._revise(person, self.visits.take(person, event.name, place, properties, received), received)
            out += self.rules.take(person, event.name, *place, properties, received)
        return out

    def join(self, record: Record) -> None:
        """Make those one whom a record that was read before says are one, and nothing more of it."""
        arrival = read_arrival(record.body)
        if arrival.record:
            self._identify(arrival, instant_of(record.received_us), [])

    def _heed(self, person: str, arrival: Arrival, received_at: datetime, out: list[Transition]) -> bool:
        """Whether a message may be read by what its person allows, with what it says of that itself."""
        consents = self.consents
        if person in consents.restricted:
            if arrival.consents:
                consents.recall(self._occasion(person, self.offset, received_at), arrival)
            return False
        if self.rules.plan.consents and not self.rules.knows(person):
            out += consents.greet(self.rules, person, received_at)
        if arrival.consents:
            out += consents.hear(self.rules, arrival, self._occasion(person, self.offset, received_at))
        return person not in consents.restricted

    def catch_up(self, now: datetime) -> list[Transition]:
        """Merge whom somebody who wrote who is who kept from being merged."""
        merges = self.identity.catch_up(now) if self.identity.late else ()
        return [each for stays, gone in merges for each in self._merge(stays, gone, now)]

    def decide(self, records: Sequence[str], now: datetime) -> list[Transition]:
        """Look anew at what some records' people allow, after something was said by another way than messages."""
        out = list[Transition]()
        self.consents.look_ahead(records)
        for person in dict.fromkeys(self.identity.person_of(each) for each in records):
            occasion = self._occasion(person, self.offset, now)
            if person in self.consents.restricted:
                self.consents.recall(occasion)
            else:
                out += self.consents.decide(self.rules, occasion)
        return out

    def _occasion(self, person: str, offset: int, now: datetime) -> Occasion:
        records = self.identity.records_of(person)
        return Occasion(person=person, records=records, received_at=now, position=live_position(offset))

    def _merge(self, stays: str, gone: str, now: datetime) -> list[Transition]:
        self.consents.merge(stays, gone)
        if stays in self.consents.restricted:
            return [*self.rules.forget(stays, now), *self.rules.forget(gone, now)]
        out = self.rules.merge(stays, gone, now)
        fresh = self._later_said(stays, gone)
        if fresh:
            out += self.rules.know(stays, Facts(traits=fresh), now)
        if self.visits is not None:
            out += self._revise(stays, self.visits.merge(stays, gone), micros(now))
        if self.rules.plan.consents:
            # A word that lifts nothing of what its own person said lifts nothing of what the other one did.
            out += self.consents.decide(self.rules, self._occasion(stays, self.offset, now))
        return out

    def _later_said(self, stays: str, gone: str) -> dict[str, Value | None]:
        """What of two people who are one was said later of the one who is gone; theirs from now on."""
        fresh = dict[str, Value | None]()
        for name in self.reading.words:
            at = self.told.pop((gone, name), None)
            if at is None:
                continue
            known, key = (gone, name) in self._said, (stays, name)
            value = self._said.pop((gone, name), None)
            if at > self.told.get(key, -1):
                self.told[key] = at
                if known:
                    fresh[name] = self._said[key] = value
        return fresh

    def _revise(self, person: str, revision: Revision | None, now_us: int) -> list[Transition]:
        """Have the rules see the sessions of a person as they are now."""
        if revision is None:
            return []
        return self.rules.revise(person, SESSION_EVENT, revision.gone, revision.come, now_us)

    def advance(self, now: datetime, *, limit: int) -> Swept:
        """Mind deadlines due by now, those of at most so many people."""
        return self.rules.advance(now, limit=limit)

    def next_due_at(self) -> datetime | None:
        """Nothing changes by itself before this; None where nothing does."""
        return self.rules.next_due_at()

    @property
    def names(self) -> tuple[str, ...]:
        """The segments that are live."""
        return self.rules.plan.names

    def holds(self, customer: str, segment: str) -> bool:
        """Whether a customer is in a segment; nobody is in one that is not live."""
        return segment in self._live and self.rules.is_member(customer, segment)

    def members(self) -> dict[str, set[str]]:
        """Who is in each segment."""
        return {name: set(self.rules.members(name)) for name in self.names}

    def _identify(self, arrival: Arrival, received_at: datetime, out: list[Transition]) -> str:
        """The person a message is about, made one with whom it says they are."""
        self.subjects.add(self.identity.person_of(arrival.record))
        if self.offset not in self._known:
            for stays, gone in self.identity.join(arrival.record, arrival.others, arrival.carried, received_at):
                self.subjects |= {stays, gone}
                out += self._merge(stays, gone, received_at)
        return self.identity.person_of(arrival.record)

    def _know(self, person: str, arrival: Arrival, received_at: datetime, out: list[Transition]) -> None:
        """Traits as of the latest word on each."""
        fresh = dict(values_of(arrival.traits, self.reading.traits))
        for name in arrival.traits:
            key, latest = (person, name), self.told.get((person, name))
            if not self.reading.chooses(name) or (latest is not None and latest > arrival.occurred_us):
                del fresh[name]
            else:
                self.told[key], self._said[key] = arrival.occurred_us, fresh[name]
        if fresh:
            out += self.rules.know(person, Facts(traits=fresh), received_at)

    def forget(self, customers: Sequence[str], now: datetime) -> None:
        """Drop all that is known of some people; nobody is told."""
        for customer in customers:
            self.rules.forget(customer, now)
        self.identity.forget(customers)
        self.consents.forget(customers)
        if self.visits is not None:
            self.visits.forget(customers)
