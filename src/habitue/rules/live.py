"""The live reading: events in, people enter and leave on time, always as a batch at that instant would answer."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from habitue.rules.catalogue import Catalogue, Definition
from habitue.rules.cuts import CutPoints
from habitue.rules.evaluation import Context
from habitue.rules.history import Consent, Happening, History, Value, instant_of, micros
from habitue.rules.live_keeping import entry_of, joined, take_back
from habitue.rules.live_minding import Minding
from habitue.rules.live_people import NEVER, OFFSET_BITS, Held, LivePerson
from habitue.rules.live_plan import Plan, plan_of
from habitue.rules.live_transitions import Facts, Swept, Transition
from habitue.rules.nodes import Node

SLICE: Final = 1_000
"""How many people one sweep of deadlines looks at."""


class LiveRules:
    """Some segments kept up to date: after every event received and every deadline swept, as of that instant.

    Time is told by the instants that come in; it never goes back. Between `feed` and `advance` a person's own
    deadlines are always minded first, so sweeping may lag behind without a wrong answer for whoever just acted.

    Args:
        definitions: The segments, by unique names.
        catalogue: The project's names, with the features and segments that these refer to.
        cuts: Cut points of the last build, by the inlined expression that is ranked.
        revised: Events that `revise` may take back, and for how long after they occurred (µs).

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from habitue.rules import Catalogue, Definition, EventShape, read
        >>> shapes = {"Visit": EventShape(name="Visit", properties={})}
        >>> visitors = Definition(name="visitors", rule=read("did('Visit', last='1d')"))
        >>> live = LiveRules([visitors], Catalogue(zone=ZoneInfo("UTC"), events=shapes, traits={}))
        >>> now = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
        >>> [entered] = live.feed("42", "Visit", Happening(occurred_at=now, position=1, properties={}), now)
        >>> [left] = live.advance(now.replace(day=3)).transitions
        >>> left.cause, left.occurred_at.isoformat()
        ('deadline', '2026-01-02T00:00:00+00:00')
    """

    def __init__(
        self,
        definitions: Iterable[Definition],
        catalogue: Catalogue,
        cuts: Mapping[Node, CutPoints] | None = None,
        revised: Mapping[str, int] | None = None,
    ) -> None:
        self._plan = plan_of(definitions, Context(catalogue=catalogue, cuts=cuts or {}), revised)
        self._numbers = {name: number for number, name in enumerate(self._plan.names)}
        self._events = self._plan.events
        self._settle = self._plan.standings.settle
        self._minding = Minding(self._plan)
        self._reach = self._minding.reach
        self._people: dict[str, LivePerson] = {}
        self._now = -NEVER

    # --- What comes in ------------------------------------------------------------------------------------------------

    def take(
        self,
        customer_id: str,
        event: str,
        occurred_us: int,
        position: int,
        properties: Mapping[str, Value | None],
        received_us: int,
    ) -> list[Transition]:
        """Take in one event of one person, late or not; duplicates must be gone.

        Args:
            customer_id: Internal id, after identity resolution.
            event: Its name as rules write it.
            occurred_us: When it occurred (µs since 1970). One that occurs after `received_us` counts when its time
                comes.
            position: Its place in the order of arrival.
            properties: As the contract has them; kept, so not to be changed.
            received_us: Now (µs).

        Returns:
            What this and the person's own deadlines before it changed, in order.
        """
        now = self._now
        if received_us > now:
            now = self._now = received_us
        out: list[Transition] = []
        person = self._people.get(customer_id)
        if person is None:
            person = self._people[customer_id] = self._minding.begin(customer_id, now, out)
        elif person.due < now:
            self._minding.mind(person, now - 1, out)
        route = self._events.get(event)
        if route is None:
            return out
        if occurred_us > now:
            happening = Happening(occurred_at=instant_of(occurred_us), position=position, properties=properties)
            self._minding.hold(person, Held(occurred_us, event, False, happening))
            return out
        if route.keeping is not None:
            route.keeping.keep(person, occurred_us, position, properties, now)
        takers = route.always if route.is_plain else route.takers(properties, occurred_us)
        flips = self._reach(person, takers, occurred_us, position, properties, now)
        if flips:
            self._settle(person, flips, now, "event", out)
        return out

    def feed(self, customer_id: str, event: str, happening: Happening, received_at: datetime) -> list[Transition]:
        """As `take`, with plain instants."""
        occurred_us, position = micros(happening.occurred_at), happening.position
        return self.take(customer_id, event, occurred_us, position, happening.properties, micros(received_at))

    def revise(
        self,
        customer_id: str,
        event: str,
        gone: Collection[tuple[int, int]],
        come: Sequence[Happening],
        received_us: int,
    ) -> list[Transition]:
        """Take back events of a name that may be revised, by instant (µs) and position, and take others in instead."""
        now = self._now = max(self._now, received_us)
        out, minding, route = list[Transition](), self._minding, self._events.get(event)
        person = self._known(customer_id, now, out)
        if route is not None:
            looks = take_back(person, event, gone)
            for each in come:
                looks |= minding.tell(person, route, each, now)
            if looks:
                offsets = [offset for offset, _, _ in route.always if offset in person.states]
                self._settle(person, minding.look_at(person, offsets, now), now, "event", out)
            else:
                self._await(person)
        return out

    def consent(self, customer_id: str, consent: Consent, received_at: datetime) -> list[Transition]:
        """Take in one entry of a person's consent ledger, late or not."""
        now, out = self._clock(received_at), list[Transition]()
        person = self._known(customer_id, now, out)
        route = self._plan.consents.get(consent.purpose)
        if route is None:
            return out
        entry, time = entry_of(consent), micros(consent.occurred_at)
        if time > now:
            self._minding.hold(person, Held(time, consent.purpose, True, entry))
            return out
        flips = self._minding.taken(person, route, Held(time, consent.purpose, True, entry), now)
        self._minding.rearm(person)
        if person.due <= now:
            flips ^= self._minding.pass_to(person, now)
        self._settle(person, flips, now, "event", out)
        return out

    def know(self, customer_id: str, facts: Facts, received_at: datetime) -> list[Transition]:
        """Take in traits, scores and labels of a person, as they are from now on."""
        now, out = self._clock(received_at), list[Transition]()
        person = self._known(customer_id, now, out)
        person.traits.update(facts.traits)
        person.scores.update(facts.scores)
        person.clusters.update(facts.clusters)
        flips = self._minding.look_at(person, self._minding.about(facts), now)
        self._settle(person, flips, now, "event", out)
        return out

    def advance(self, now: datetime, *, limit: int = SLICE) -> Swept:
        """Mind deadlines due by now, in the order of their instants, for at most so many people at once."""
        return self.advance_to(micros(now), limit=limit)

    def advance_to(self, now_us: int, *, limit: int = SLICE) -> Swept:
        """As `advance`, for an instant in microseconds."""
        until = self._now = max(self._now, now_us)
        transitions = self._minding.sweep(until, limit)
        return Swept(transitions=transitions, is_done=self._minding.deadlines.next_due > until)

    # --- Who is who ---------------------------------------------------------------------------------------------------

    def merge(self, customer_id: str, gone_id: str, received_at: datetime) -> list[Transition]:
        """Two people turn out to be one: from now on all answers are as if they had always been.

        Traits, scores and labels of the one who stays win; say others by `know`. The one who is gone leaves everything.
        """
        now, out = self._clock(received_at), list[Transition]()
        person, gone = self._known(customer_id, now, out), self._known(gone_id, now, out)
        self._leave(gone, now, out)
        for name, happenings in gone.events.items():
            person.events[name] = joined(person.events.get(name), happenings)
        for name, happenings in gone.consents.items():
            person.consents[name] = joined(person.consents.get(name), happenings)
        for mine, theirs in (
            (person.traits, gone.traits),
            (person.scores, gone.scores),
            (person.clusters, gone.clusters),
        ):
            mine.update({name: value for name, value in theirs.items() if mine.get(name) is None})
        for offset, state in gone.states.items():
            if offset in person.states:
                person.states[offset].join(state)
            else:
                person.states[offset] = state
        for held in gone.held:
            person.hold(held)
        # What the other had nothing of stands as it did.
        self._minding.look_anew(person, gone.states, now)
        self._plan.standings.tell(person, now, "event", out)
        return out

    def part(self, customer_id: str, histories: Iterable[History], received_at: datetime) -> list[Transition]:
        """One person turns out to be several: each is told anew, as if they had never been one."""
        now, out = self._clock(received_at), list[Transition]()
        parted = {each.customer_id: each for each in histories}
        if customer_id in self._people and customer_id not in parted:
            self._leave(self._people[customer_id], now, out)
        for history in parted.values():
            out += self.seed(history, received_at)
        return out

    def forget(self, customer_id: str, received_at: datetime) -> list[Transition]:
        """Drop all that is known of a person."""
        now, out = self._clock(received_at), list[Transition]()
        if customer_id in self._people:
            self._leave(self._people[customer_id], now, out)
        return out

    def seed(self, history: History, received_at: datetime) -> list[Transition]:
        """Set a person to a whole history, in place of what was known; what changes by that is told."""
        now, out = self._clock(received_at), list[Transition]()
        before = self._people.get(history.customer_id)
        person = LivePerson(history.customer_id, self._plan.truths)
        if before is not None:
            self._minding.mind(before, now, out)
            person.members = before.members
            before.due = NEVER
        self._people[person.customer_id] = person
        person.traits.update(history.traits)
        person.scores.update(history.scores)
        person.clusters.update(history.clusters)
        for routes, happened in ((self._plan.events, history.events), (self._plan.consents, history.consents)):
            for name, route in routes.items():
                for happening in happened[name].items if name in happened else ():
                    self._minding.tell(person, route, happening, now)
        facts = Facts(traits=history.traits, scores=history.scores, clusters=history.clusters)
        for index in (*self._minding.about(facts), *(leaf.index for leaf in self._plan.eager)):
            if index not in person.states:
                person.states[index] = self._plan.keepers[index].new()
        self._minding.look_at_all(person, now)
        self._plan.standings.tell(person, now, "event", out)
        return out

    def adopt(self, people: dict[str, LivePerson], now: int) -> None:
        """Take over people who were seeded as of an instant (µs), in place of all that was known."""
        self._people, self._now = people, max(self._now, now)
        self._minding.deadlines.begin(people.values())

    # --- What is known ------------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        """The definitions, made ready."""
        return self._plan

    @property
    def people(self) -> int:
        """How many people are known."""
        return len(self._people)

    @property
    def leaves(self) -> int:
        """How many different leaves the definitions have."""
        return len(self._plan.leaves)

    def next_due_at(self) -> datetime | None:
        """No deadline is due before this; None where nothing is."""
        due = self._minding.deadlines.next_due
        return instant_of(due) if due < NEVER else None

    def knows(self, customer_id: str) -> bool:
        """Whether anything was ever told of a person."""
        return customer_id in self._people

    def is_member(self, customer_id: str, definition: str) -> bool:
        """Whether a person is in a definition; False for somebody unknown."""
        person = self._people.get(customer_id)
        return person is not None and person.members >> self._numbers[definition] & 1 == 1

    def members(self, definition: str) -> Iterator[str]:
        """Everybody who is in a definition."""
        bit = 1 << self._numbers[definition]
        return (customer_id for customer_id, person in self._people.items() if person.members & bit)

    def some(self, most: int) -> list[LivePerson]:
        """Some of the people, spread evenly over all: everybody, where they are no more than that."""
        return list(islice(self._people.values(), 0, None, -(-len(self._people) // most) or 1))

    # --- One person ---------------------------------------------------------------------------------------------------

    def _clock(self, instant: datetime) -> int:
        self._now = max(self._now, micros(instant))
        return self._now

    def _known(self, customer_id: str, now: int, out: list[Transition]) -> LivePerson:
        """The person, with their deadlines before now minded; somebody new begins as nothing is known of them."""
        person = self._people.get(customer_id)
        if person is None:
            person = self._people[customer_id] = self._minding.begin(customer_id, now, out)
            return person
        self._minding.mind(person, now - 1, out)
        return person

    def _await(self, person: LivePerson) -> None:
        """See when to look at a person of whom nothing is other than what is held until its instant comes."""
        due = person.agenda[0] >> OFFSET_BITS if person.agenda else NEVER
        if person.held:
            due = min(due, person.held[0].time)
        if due != person.due:
            self._minding.deadlines.put(person, due)

    def _leave(self, person: LivePerson, now: int, out: list[Transition]) -> None:
        self._minding.mind(person, now - 1, out)
        del self._people[person.customer_id]
        person.due = NEVER
        self._plan.standings.leave(person, now, out)
