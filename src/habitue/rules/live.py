"""The live reading: events in, people enter and leave on time, always as a batch at that instant would answer."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Final

from habitue.rules.catalogue import Catalogue, Definition
from habitue.rules.cuts import CutPoints
from habitue.rules.evaluation import Context
from habitue.rules.history import Consent, Happening, Happenings, History, Value, instant_of, micros
from habitue.rules.live_keeping import entry_of, joined, kept_with, take_back
from habitue.rules.live_people import NEVER, Held, LivePerson
from habitue.rules.live_plan import Plan, Route, plan_of
from habitue.rules.live_transitions import Cause, Facts, Footprint, Swept, Transition
from habitue.rules.nodes import Node

SLICE: Final = 1_000
"""How many people one sweep of deadlines looks at."""
_STATE_BYTES: Final = 150
_ITEM_BYTES: Final = 40
_SLACK: Final = 1_000


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
        self._people: dict[str, LivePerson] = {}
        self._queue: list[tuple[int, int, LivePerson]] = []
        self._pushed = 0
        self._now = -NEVER

    # --- What comes in ------------------------------------------------------------------------------------------------

    def feed(self, customer_id: str, event: str, happening: Happening, received_at: datetime) -> list[Transition]:
        """Take in one event of one person, late or not; duplicates must be gone.

        Args:
            customer_id: Internal id, after identity resolution.
            event: Its name as rules write it.
            happening: When it occurred, its place in the log and its properties as the contract has them. One that
                occurs after `received_at` counts when its time comes.
            received_at: Now.

        Returns:
            What this and the person's own deadlines before it changed, in order.
        """
        occurred_us = micros(happening.occurred_at)
        position, received_us = happening.position, micros(received_at)
        return self.take(customer_id, event, occurred_us, position, happening.properties, received_us)

    def take(
        self,
        customer_id: str,
        event: str,
        occurred_us: int,
        position: int,
        properties: Mapping[str, Value | None],
        received_us: int,
    ) -> list[Transition]:
        """As `feed`, with instants in microseconds since 1970."""
        now, out = max(self._now, received_us), list[Transition]()
        self._now = now
        person = self._known(customer_id, now, out)
        route = self._plan.events.get(event)
        if route is not None:
            happening = Happening(occurred_at=instant_of(occurred_us), position=position, properties=properties)
            self._deliver(person, route, happening, now, out)
        return out

    def revise(
        self,
        customer_id: str,
        event: str,
        gone: Collection[tuple[int, int]],
        come: Sequence[Happening],
        received_us: int,
    ) -> list[Transition]:
        """Take back events of a name that may be revised, by instant (µs) and position, and take others in instead."""
        now, out = max(self._now, received_us), list[Transition]()
        self._now = now
        person, route = self._known(customer_id, now, out), self._plan.events.get(event)
        if route is not None:
            looks = take_back(person, event, gone)
            for each in come:
                looks |= bool(self._take(person, route, each, now))
            if looks:
                takers = (index for _, takers in route.groups for index, _, _ in takers)
                self._look_at(person, (index for index in takers if index in person.states), now, out)
        return out

    def consent(self, customer_id: str, consent: Consent, received_at: datetime) -> list[Transition]:
        """Take in one entry of a person's consent ledger, late or not."""
        now, out = self._clock(received_at), list[Transition]()
        person = self._known(customer_id, now, out)
        route = self._plan.consents.get(consent.purpose)
        if route is not None:
            self._deliver(person, route, entry_of(consent), now, out)
        return out

    def know(self, customer_id: str, facts: Facts, received_at: datetime) -> list[Transition]:
        """Take in traits, scores and labels of a person, as they are from now on."""
        now, out = self._clock(received_at), list[Transition]()
        person = self._known(customer_id, now, out)
        person.traits.update(facts.traits)
        person.scores.update(facts.scores)
        person.clusters.update(facts.clusters)
        self._look_at(person, self._about(facts), now, out)
        return out

    def advance(self, now: datetime, *, limit: int = SLICE) -> Swept:
        """Mind deadlines due by now, in the order of their instants, for at most so many people at once."""
        until, out = self._clock(now), list[Transition]()
        for _ in range(limit):
            if not self._queue or self._queue[0][0] > until:
                break
            due, _, person = heappop(self._queue)
            if person.due == due:
                self._mind(person, out)
        return Swept(transitions=out, is_done=not self._queue or self._queue[0][0] > until)

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
        for index, state in gone.states.items():
            if index in person.states:
                person.states[index].join(state)
            else:
                person.states[index] = state
        person.held = sorted((*person.held, *gone.held))
        self._look_at(person, person.states, now, out)
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
        person = LivePerson(history.customer_id, self._plan.truths, bytes(len(self._plan.names)))
        if before is not None:
            self._mind_until(before, now, out)
            person.members[:] = before.members
            before.due = NEVER
        self._people[person.customer_id] = person
        person.traits.update(history.traits)
        person.scores.update(history.scores)
        person.clusters.update(history.clusters)
        for routes, happened in ((self._plan.events, history.events), (self._plan.consents, history.consents)):
            for name, route in routes.items():
                for happening in happened[name].items if name in happened else ():
                    self._take(person, route, happening, now)
        facts = Facts(traits=history.traits, scores=history.scores, clusters=history.clusters)
        eager = (leaf.index for leaf in self._plan.eager)
        self._look_again(person, (*person.states, *self._about(facts), *eager), now)
        self._tell(person, range(len(self._plan.names)), now, "event", out)
        return out

    def adopt(self, people: dict[str, LivePerson], now: int) -> None:
        """Take over people who were seeded as of an instant (µs), in place of all that was known."""
        self._people, self._now = people, max(self._now, now)
        self._queue_anew()

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
        return instant_of(self._queue[0][0]) if self._queue else None

    def is_member(self, customer_id: str, definition: str) -> bool:
        """Whether a person is in a definition; False for somebody unknown."""
        person = self._people.get(customer_id)
        return person is not None and person.members[self._numbers[definition]] == 1

    def members(self, definition: str) -> Iterator[str]:
        """Everybody who is in a definition."""
        number = self._numbers[definition]
        return (customer_id for customer_id, person in self._people.items() if person.members[number])

    def state_of(self, definition: str) -> Footprint:
        """What is kept for a definition."""
        number = self._numbers[definition]
        leaves = [leaf for leaf in self._plan.leaves if number in leaf.definitions]
        names = {each.event for leaf in leaves if leaf.shape.looks_back for each in leaf.shape.inputs}
        people = states = items = 0
        for person in self._people.values():
            found = [person.states[leaf.index] for leaf in leaves if leaf.index in person.states]
            people += bool(found)
            states += len(found)
            items += sum(state.items for state in found)
            items += sum(len(person.events[name].items) for name in names if name in person.events)
        return Footprint(people=people, items=items, approximate_bytes=states * _STATE_BYTES + items * _ITEM_BYTES)

    # --- One person ---------------------------------------------------------------------------------------------------

    def _clock(self, instant: datetime) -> int:
        self._now = max(self._now, micros(instant))
        return self._now

    def _known(self, customer_id: str, now: int, out: list[Transition]) -> LivePerson:
        """The person, with their deadlines before now minded; somebody new begins as nothing is known of them."""
        person = self._people.get(customer_id)
        if person is None:
            person = LivePerson(customer_id, self._plan.truths, bytes(len(self._plan.names)))
            self._people[customer_id] = person
            self._look_again(person, (leaf.index for leaf in self._plan.eager), now)
            self._tell(person, range(len(self._plan.names)), now, "event", out)
        elif person.due < now:
            self._mind_until(person, now - 1, out)
        return person

    def _mind_until(self, person: LivePerson, until: int, out: list[Transition]) -> None:
        while person.due <= until:
            self._mind(person, out)

    def _mind(self, person: LivePerson, out: list[Transition]) -> None:
        """Mind what is due next for a person, as of that instant."""
        now, flipped = person.due, list[int]()
        self._look_due(person, now, flipped)
        self._settle(person, flipped, now, "deadline", out)

    def _look_due(self, person: LivePerson, now: int, flipped: list[int]) -> None:
        while person.held and person.held[0].time <= now:
            held = heappop(person.held)
            routes = self._plan.consents if held.is_consent else self._plan.events
            for index in self._take(person, routes[held.name], held.happening, now):
                self._look(person, index, now, flipped)
        truths, lowest = person.truths, person.held[0].time if person.held else NEVER
        for index, state in person.states.items():
            due = state.due
            if due <= now:
                if state.look(person, now) != truths[index]:
                    truths[index] ^= 1
                    flipped.append(index)
                due = state.due
            lowest = min(lowest, due)
        person.due = NEVER
        if lowest < NEVER:
            self._await(person, lowest)

    def _deliver(self, person: LivePerson, route: Route, happening: Happening, now: int, out: list[Transition]) -> None:
        flipped, lowest = list[int](), person.due
        states, truths = person.states, person.truths
        for index in self._take(person, route, happening, now):
            state = states[index]
            if state.look(person, now) != truths[index]:
                truths[index] ^= 1
                flipped.append(index)
            lowest = min(lowest, state.due)
        if person.due <= now:
            self._look_due(person, now, flipped)
        elif lowest < person.due:
            self._await(person, lowest)
        if flipped:
            self._settle(person, flipped, now, "event", out)

    def _take(self, person: LivePerson, route: Route, happening: Happening, now: int) -> list[int]:
        """Take in an event or a consent; the leaves that have to be looked at."""
        time = micros(happening.occurred_at)
        if time > now:
            heappush(person.held, Held(time, route.name, route.is_consent, happening))
            if time < person.due:
                self._await(person, time)
            return []
        if route.keeping is not None:
            route.keeping.keep(person, happening, now)
        elif route.is_consent:
            person.consents[route.name] = kept_with(person.consents.get(route.name, Happenings()), happening)
        found, states = list[int](), person.states
        for where, takers in route.groups:
            if where is not None and where(happening) is not True:
                continue
            for index, role, make in takers:
                state = states.get(index)
                if state is None:
                    state = states[index] = make()
                if state.take(role, time, happening):
                    found.append(index)
        return found

    def _look(self, person: LivePerson, index: int, now: int, flipped: list[int]) -> None:
        if person.states[index].look(person, now) != person.truths[index]:
            person.truths[index] ^= 1
            flipped.append(index)

    def _look_at(self, person: LivePerson, indices: Iterable[int], now: int, out: list[Transition]) -> None:
        """Look at some leaves whatever they took in, and tell what follows."""
        self._settle(person, self._look_again(person, indices, now), now, "event", out)

    def _look_again(self, person: LivePerson, indices: Iterable[int], now: int) -> list[int]:
        flipped = list[int]()
        for index in tuple(dict.fromkeys(indices)):
            if index not in person.states:
                person.states[index] = self._plan.leaves[index].shape.make()
            self._look(person, index, now, flipped)
        self._rearm(person)
        return flipped

    def _about(self, facts: Facts) -> list[int]:
        """The leaves that look at some facts."""
        names = {("score", name.partition(".")[0]) for name in facts.scores}
        names |= {("cluster", name) for name in facts.clusters}
        for name in facts.traits:
            names |= {("trait", name), ("trait", name.removesuffix("_lat")), ("trait", name.removesuffix("_lon"))}
        return [leaf.index for name in names for leaf in self._plan.facts.get(name, ())]

    # --- Deadlines and answers ----------------------------------------------------------------------------------------

    def _rearm(self, person: LivePerson) -> None:
        due = min((state.due for state in person.states.values()), default=NEVER)
        if person.held:
            due = min(due, person.held[0].time)
        person.due = NEVER
        if due < NEVER:
            self._await(person, due)

    def _await(self, person: LivePerson, due: int) -> None:
        person.due = due
        self._pushed += 1
        if len(self._queue) > 2 * len(self._people) + _SLACK:
            self._queue_anew()
        heappush(self._queue, (due, self._pushed, person))

    def _queue_anew(self) -> None:
        waiting = (each for each in self._people.values() if each.due < NEVER)
        self._queue = [(each.due, number, each) for number, each in enumerate(waiting)]
        self._pushed = len(self._queue)
        heapify(self._queue)

    def _settle(self, person: LivePerson, flipped: list[int], now: int, cause: Cause, out: list[Transition]) -> None:
        if flipped:
            leaves = self._plan.leaves
            numbers = sorted({number for index in flipped for number in leaves[index].definitions})
            self._tell(person, numbers, now, cause, out)

    def _tell(self, person: LivePerson, numbers: Iterable[int], now: int, cause: Cause, out: list[Transition]) -> None:
        for number in numbers:
            holds = self._plan.answers[number](person.truths)
            if holds != person.members[number]:
                person.members[number] = holds
                out.append(self._transition(person, number, now, cause))

    def _transition(self, person: LivePerson, number: int, now: int, cause: Cause) -> Transition:
        return Transition(
            customer_id=person.customer_id,
            definition=self._plan.names[number],
            entered=person.members[number] == 1,
            occurred_us=now,
            cause=cause,
        )

    def _leave(self, person: LivePerson, now: int, out: list[Transition]) -> None:
        self._mind_until(person, now - 1, out)
        del self._people[person.customer_id]
        person.due = NEVER
        for number, held in enumerate(person.members):
            if held:
                person.members[number] = 0
                out.append(self._transition(person, number, now, "event"))
