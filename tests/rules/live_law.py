"""The live reading at work: people told event by event, late or not, and held to the oracle at every edge."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from habitue.rules.catalogue import Catalogue, Definition
from habitue.rules.cuts import CutPoints
from habitue.rules.edges import edges_of
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Person as Subject
from habitue.rules.history import Consent, Happening, instant_of, micros
from habitue.rules.live import LiveRules
from habitue.rules.live_transitions import Facts, Transition
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node, Place
from habitue.rules.walking import walk
from habitue.rules.writing import write
from tests.rules.aimed import MICROSECOND
from tests.rules.example_catalogue import LENGTHS
from tests.rules.law import Case, cuts_of, is_determined
from tests.rules.oracle import Oracle
from tests.rules.populations import Event, Person, Said, histories

NONE: Final = timedelta(0)
MOST_SWEEPS: Final = 2_000
LATE: Final = (
    *(NONE, MICROSECOND, -MICROSECOND, -timedelta(hours=1), timedelta(days=7, hours=1)),
    *(timedelta(microseconds=us) for us in LENGTHS),
)
"""How long after it occurred something comes in; what will occur only later counts when its time comes."""
EARLIEST: Final = datetime(2026, 3, 1, tzinfo=UTC)
Item = Event | Said | Person
"""An event, a consent, or what is known beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Something of a customer that comes in at an instant."""

    customer_id: str
    at: datetime
    item: Item


def arrivals(person: Person, chance: Random, *, late: bool) -> list[Received]:
    """A person's events and consents as they come in: in the order of their instants, or late and out of it."""
    said: list[Event | Said] = [*person.events, *person.consents]
    times = [each.occurred_at + (chance.choice(LATE) if late else NONE) for each in said]
    if late and times and chance.random() < 0.3:
        times = [max(times)] * len(times)
    items: list[tuple[datetime, Item]] = list(zip(times, said, strict=True))
    chance.shuffle(items)
    items.insert(0, (chance.choice(sorted(times)) if times else EARLIEST, person))
    found = [Received(customer_id=person.customer_id, at=time, item=item) for time, item in items]
    return sorted(found, key=lambda each: each.at)


def grown(known: Person, item: Item) -> Person:
    """A person of whom one thing more is known."""
    match item:
        case Event():
            return replace(known, events=(*known.events, item))
        case Said():
            return replace(known, consents=(*known.consents, item))
    return replace(known, traits=item.traits, scores=item.scores, clusters=item.clusters)


class DifferenceError(AssertionError):
    """The live reading and the oracle do not agree."""


@dataclass
class Watched:
    """One person who is told to the live reading.

    Attributes:
        rule: Number of the rule that the person is aimed at.
        known: What has been told so far.
        told: Whether the person is in each rule, by the transitions so far.
    """

    rule: int
    known: Person
    told: dict[str, bool] = field(default_factory=dict)


@dataclass
class Stream:
    """Some people told to one live reading, and held to the oracle on the way.

    Attributes:
        live: The reading.
        case: Its rules.
        cuts: Cut points of the rules' places.
        people: Those watched, by id.
        checks: How many answers were compared.
        limit: How many people one sweep looks at.
    """

    live: LiveRules
    case: Case
    catalogue: Catalogue
    cuts: Mapping[Node, CutPoints]
    people: dict[str, Watched]
    checks: int = 0
    limit: int = 2

    def follow(self, received: Sequence[Received], *, edges: bool = True) -> None:
        """Tell things, with all deadlines between, and look at each edge."""
        for index, each in enumerate(received):
            self.tell(each)
            end = received[index + 1].at if index + 1 < len(received) else None
            for instant in self.edges(each.at, end) if edges else ():
                self.pass_to(instant)

    def finish(self, last: datetime) -> None:
        """Let a day go by after all edges, and look at every rule of everybody."""
        end = max((last, *self.edges(last, None))) + timedelta(days=1)
        self.pass_to(end)
        for watched in self.people.values():
            for number in range(len(self.case.rules)):
                self.look(watched, number, end)

    def tell(self, each: Received) -> None:
        """One thing comes in."""
        watched, item = self.people[each.customer_id], each.item
        customer = watched.known.customer_id
        match item:
            case Event():
                happened = Happening(occurred_at=item.occurred_at, position=item.position, properties=item.properties)
                self.note(self.live.feed(customer, item.name, happened, each.at))
            case Said():
                said = Consent(
                    purpose=item.purpose, given=item.given, occurred_at=item.occurred_at, position=item.position
                )
                self.note(self.live.consent(customer, said, each.at))
            case Person():
                facts = Facts(traits=item.traits, scores=item.scores, clusters=item.clusters)
                self.note(self.live.know(customer, facts, each.at))
        watched.known = grown(watched.known, item)
        self.pass_to(each.at)

    def pass_to(self, instant: datetime) -> None:
        """Time goes by."""
        for _ in range(MOST_SWEEPS):
            swept = self.live.advance(instant, limit=self.limit)
            self.note(swept.transitions)
            if swept.is_done:
                break
        else:
            raise DifferenceError(f"at {instant} there is always more due")
        for watched in self.people.values():
            self.look(watched, watched.rule, instant)

    def note(self, transitions: Sequence[Transition]) -> None:
        """Hold transitions to alternate, and those of deadlines to the very instant of a flip."""
        for each in transitions:
            watched = self.people[each.customer_id]
            if watched.told.get(each.definition, False) is each.entered:
                raise DifferenceError(f"{each} comes twice")
            watched.told[each.definition] = each.entered
            if each.cause == "deadline" and each.definition == f"rule_{watched.rule}":
                around = (each.occurred_at - MICROSECOND, each.occurred_at)
                truths = [self.expected(watched.rule, watched.known, instant) for instant in around]
                if truths != [not each.entered, each.entered] and self.is_determined(watched, each.occurred_at):
                    raise DifferenceError(f"{each}: {truths} around it\n{self.said(watched, watched.rule)}")

    def look(self, watched: Watched, number: int, instant: datetime) -> None:
        """Hold one answer to the oracle."""
        self.checks += 1
        name = f"rule_{number}"
        found, told = self.live.is_member(watched.known.customer_id, name), watched.told.get(name, False)
        wanted = self.expected(number, watched.known, instant) if watched.known != self._nobody(watched) else found
        if not found is wanted is told and self.is_determined(watched, instant, number):
            what = f"at {instant} {wanted}, live says {found} and told {told}"
            raise DifferenceError(f"{what}\n{self.said(watched, number)}")

    def _nobody(self, watched: Watched) -> Person:
        return Person(customer_id=watched.known.customer_id)

    def said(self, watched: Watched, number: int) -> str:
        """The case in words."""
        rule, known = self.case.rules[number], watched.known
        return "\n".join([write(rule), str(rule), *map(str, known.events), str(replace(known, events=()))])

    def expected(self, number: int, person: Person, now: datetime) -> bool:
        """What the oracle says; where people are ranked, the one-person reading by the cut points of the last build."""
        rule = self.case.rules[number]
        inlined = inline(rule, self.catalogue)
        if any(isinstance(each, Place) for each in walk(inlined)):
            (history,) = histories([person])
            context = Context(catalogue=self.catalogue, cuts=self.cuts)
            return answering(inlined, context)(Subject(history, micros(now))) is True
        return Oracle(catalogue=self.catalogue, people=(), now=now).holds(rule, person)

    def is_determined(self, watched: Watched, now: datetime, number: int | None = None) -> bool:
        """Whether no answer around an instant hangs on the order in which floats are added."""
        rule, known = self.case.rules[watched.rule if number is None else number], watched.known
        around = (Oracle(catalogue=self.catalogue, people=(known,), now=at) for at in (now - MICROSECOND, now))
        return all(is_determined(each, rule, known) for each in around)

    def edges(self, start: datetime, end: datetime | None) -> list[datetime]:
        """Edges of everybody's own rule between two instants, a microsecond on either side too."""
        found: set[datetime] = set()
        context = Context(catalogue=self.catalogue, cuts=self.cuts)
        for watched in self.people.values():
            (history,) = histories([watched.known])
            rule = inline(self.case.rules[watched.rule], self.catalogue)
            edges = edges_of(rule, Subject.keeping(history, micros(start)), context)
            found |= {instant_of(edge + step) for edge in edges for step in (-1, 0, 1)}
            found |= set(_elapsed(watched.known))
        return sorted(each for each in found if start < each and (end is None or each < end))


def _elapsed(person: Person) -> Iterator[datetime]:
    """Lengths of time after each event, at which elapsed time passes a bound."""
    for event in person.events:
        for length in LENGTHS:
            for step in (0, 1, 1_000_000):
                yield event.occurred_at + timedelta(microseconds=length + step)


def stream_of(case: Case, catalogue: Catalogue, people: dict[str, Watched]) -> Stream:
    """A stream of nobody's things yet."""
    cuts = cuts_of(case, Oracle(catalogue=catalogue, people=case.people, now=case.now))
    definitions = [Definition(name=f"rule_{index}", rule=rule) for index, rule in enumerate(case.rules)]
    return Stream(
        live=LiveRules(definitions, catalogue, cuts), case=case, catalogue=catalogue, cuts=cuts, people=people
    )


def held(case: Case, catalogue: Catalogue, seed: int, *, late: bool) -> int:
    """Hold the live reading of a case to the oracle; returns how many answers were compared.

    Raises:
        DifferenceError: They differ.
    """
    chance, checks = Random(seed), 0
    for number, people in enumerate(case.aimed):
        for person in people:
            watched = Watched(rule=number, known=Person(customer_id=person.customer_id))
            stream = stream_of(case, catalogue, {person.customer_id: watched})
            received = arrivals(person, chance, late=late)
            stream.follow(received)
            stream.finish(received[-1].at)
            checks += stream.checks
    return checks


def held_together(case: Case, catalogue: Catalogue, seed: int) -> int:
    """As `held`, with everybody in one stream; the first things that came in are seeded."""
    chance = Random(seed)
    people = {
        person.customer_id: Watched(rule=number, known=Person(customer_id=person.customer_id))
        for number, aimed in enumerate(case.aimed)
        for person in aimed
    }
    stream = stream_of(case, catalogue, people)
    received = _in_order(one for person in case.people for one in arrivals(person, chance, late=True))
    before = chance.randrange(len(received))
    for each in received[:before]:
        watched = people[each.customer_id]
        watched.known = grown(watched.known, each.item)
    told = {each.customer_id for each in received[:before]}
    for history in histories(watched.known for customer_id, watched in people.items() if customer_id in told):
        stream.note(stream.live.seed(history, received[before].at))
    stream.follow(received[before:], edges=False)
    stream.finish(received[-1].at)
    return stream.checks


def held_through_merges(case: Case, catalogue: Catalogue, seed: int) -> int:
    """As `held`, for two people who become one and mostly two again."""
    chance, checks = Random(seed), 0
    for number, aimed in enumerate(case.aimed):
        own = {each.customer_id: Person(customer_id=each.customer_id) for each in aimed[:2]}
        people = {each: Watched(rule=number, known=known) for each, known in own.items()}
        stream = stream_of(case, catalogue, people)
        received = _facts_first(
            _in_order(one for person in _apart(aimed[:2]) for one in arrivals(person, chance, late=True))
        )
        merge, part = sorted(chance.choices(range(2, len(received) + 1), k=2))
        for index, each in enumerate(received):
            if index == merge < part:
                _merge(stream, own, each.at)
            elif index == part > merge:
                _part(stream, own, each.at)
            own[each.customer_id] = grown(own[each.customer_id], each.item)
            owner = each.customer_id if each.customer_id in people else next(iter(people))
            stream.tell(replace(each, customer_id=owner))
            end = received[index + 1].at if index + 1 < len(received) else each.at
            for instant in stream.edges(each.at, end):
                stream.pass_to(instant)
        stream.finish(received[-1].at)
        checks += stream.checks
    return checks


def _in_order(received: Iterable[Received]) -> list[Received]:
    return sorted(received, key=lambda each: each.at)


def _facts_first(received: list[Received]) -> list[Received]:
    start = received[0].at
    facts = [replace(each, at=start) for each in received if isinstance(each.item, Person)]
    return [*facts, *(each for each in received if not isinstance(each.item, Person))]


def _apart(people: Sequence[Person]) -> Iterator[Person]:
    """People whose positions differ from one another's."""
    for index, person in enumerate(people):
        events = tuple(replace(each, position=each.position + 500 * index) for each in person.events)
        consents = tuple(replace(each, position=each.position + 500 * index) for each in person.consents)
        yield replace(person, events=events, consents=consents)


def _merge(stream: Stream, own: Mapping[str, Person], instant: datetime) -> None:
    stream.pass_to(instant)
    (stays, one), (goes, other) = own.items()
    stream.note(stream.live.merge(stays, goes, instant))
    gone = stream.people.pop(goes)
    assert not any(gone.told.values())
    joined = {
        name: {**theirs, **{key: value for key, value in mine.items() if value is not None}}
        for name, mine, theirs in (
            ("traits", one.traits, other.traits),
            ("scores", one.scores, other.scores),
            ("clusters", one.clusters, other.clusters),
        )
    }
    stream.people[stays].known = Person(
        customer_id=stays,
        events=(*one.events, *other.events),
        consents=(*one.consents, *other.consents),
        traits=joined["traits"],
        scores=joined["scores"],
        clusters=joined["clusters"],
    )
    stream.pass_to(instant)


def _part(stream: Stream, own: Mapping[str, Person], instant: datetime) -> None:
    stream.pass_to(instant)
    (stays, one), (goes, other) = own.items()
    rule = stream.people[stays].rule
    stream.people[goes] = Watched(rule=rule, known=other)
    stream.people[stays].known = one
    stream.note(stream.live.part(stays, histories([one, other]), instant))
    stream.pass_to(instant)
