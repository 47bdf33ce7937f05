"""One person minded: events reach their states, deadlines pass, and what flips by that is found."""

from collections.abc import Iterable
from heapq import heappop, heappush

from habitue.rules.history import Happening, Happenings, micros
from habitue.rules.live_keeping import kept_with
from habitue.rules.live_people import NEVER, OFFSET_BITS, OFFSET_MASK, Held, LivePerson, Properties, entry
from habitue.rules.live_plan import Plan
from habitue.rules.live_queue import Deadlines
from habitue.rules.live_routes import Route, Taker
from habitue.rules.live_transitions import Facts, Transition


class Minding:
    """What is done to one person at a time, by a plan.

    Attributes:
        plan: The definitions, made ready.
        deadlines: Everybody's next.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.deadlines = Deadlines()

    # --- Events -------------------------------------------------------------------------------------------------------

    def reach(
        self,
        person: LivePerson,
        takers: Iterable[Taker],
        time: int,
        position: int,
        properties: Properties,
        now: int,
    ) -> int:
        """Take in an event that has occurred, and what is due now; what flips, a bit for each leaf.

        Args:
            person: With their deadlines before now minded.
            takers: The states it goes to.
            time: When it occurred (µs).
            position: Its place in the order of arrival.
            properties: What it was like.
            now: The instant (µs).
        """
        flips, states, soonest = 0, person.states, person.due
        for offset, role, keeper in takers:
            state = states.get(offset)
            if state is None:
                state = states[offset] = keeper.new()
            flipped = state.feed(role, time, position, properties, person, now)
            if flipped:
                flips ^= flipped << offset
            due = state.due
            if due < state.awaited:
                state.awaited = due
                heappush(person.agenda, due << OFFSET_BITS | offset)
                soonest = min(soonest, due)
        if soonest < person.due:
            self.deadlines.put(person, soonest)
        if soonest <= now:
            flips ^= self.pass_to(person, now)
        return flips

    def taken(self, person: LivePerson, route: Route, held: Held, now: int) -> int:
        """Take in something that was held until its instant came; what flips. Deadlines are left to the caller."""
        flips, happening = 0, held.happening
        position, properties = happening.position, happening.properties
        self._keep(person, route, held.time, happening, now)
        for offset, role, keeper in route.takers(properties, held.time):
            state = person.states.get(offset)
            if state is None:
                state = person.states[offset] = keeper.new()
            flips ^= state.feed(role, held.time, position, properties, person, now) << offset
            if state.due < state.awaited:
                state.awaited = state.due
                heappush(person.agenda, entry(state.due, offset))
        return flips

    def tell(self, person: LivePerson, route: Route, happening: Happening, now: int) -> bool:
        """Put an event or a consent where it belongs, without looking what follows; whether its time has come."""
        time, position, properties = micros(happening.occurred_at), happening.position, happening.properties
        if time > now:
            person.hold(Held(time, route.name, route.is_consent, happening))
            return False
        self._keep(person, route, time, happening, now)
        for offset, role, keeper in route.takers(properties, time):
            if offset not in person.states:
                person.states[offset] = keeper.new()
            person.states[offset].take(role, time, position, properties)
        return True

    def hold(self, person: LivePerson, held: Held) -> None:
        """Keep something until its instant comes."""
        person.hold(held)
        if held.time < person.due:
            self.deadlines.put(person, held.time)

    def _keep(self, person: LivePerson, route: Route, time: int, happening: Happening, now: int) -> None:
        if route.keeping is not None:
            route.keeping.keep(person, time, happening.position, happening.properties, now)
        elif route.is_consent:
            person.consents[route.name] = kept_with(person.consents.get(route.name, Happenings()), happening)

    # --- Deadlines ----------------------------------------------------------------------------------------------------

    def mind(self, person: LivePerson, until: int, out: list[Transition]) -> None:
        """Mind what is due of a person by an instant (µs), each as of its own."""
        while person.due <= until:
            due = person.due
            flips = self.pass_to(person, due)
            if flips:
                self.plan.standings.settle(person, flips, due, "deadline", out)

    def sweep(self, until: int, limit: int) -> list[Transition]:
        """Mind what is due by an instant (µs), in the order of the instants, for at most so many people."""
        out, deadlines, settle = list[Transition](), self.deadlines, self.plan.standings.settle
        for _ in range(limit):
            person = deadlines.take(until)
            if person is None and deadlines.next_due > until:
                break
            if person is None:
                continue
            due = person.due
            flips, following = self._passed(person, due)
            deadlines.put(person, following)
            if flips:
                settle(person, flips, due, "deadline", out)
        return out

    def pass_to(self, person: LivePerson, now: int) -> int:
        """Let an instant come at which something of a person may be due; what flips, a bit for each leaf."""
        flips, following = self._passed(person, now)
        person.due = NEVER
        if following < NEVER:
            self.deadlines.put(person, following)
        return flips

    def _passed(self, person: LivePerson, now: int) -> tuple[int, int]:
        """What flips at an instant, and the one at which to look again."""
        flips = self._happened(person, now) if person.held else 0
        agenda, states, end = person.agenda, person.states, entry(now + 1, 0)
        while agenda and agenda[0] < end:
            first = heappop(agenda)
            offset = first & OFFSET_MASK
            state = states[offset]
            if state.awaited != first >> OFFSET_BITS:
                continue
            if state.due <= now:
                holds = state.look(person, now)
                flips ^= (holds ^ state.holds) << offset
                state.holds = holds
            due = state.awaited = state.due
            if due < NEVER:
                heappush(agenda, due << OFFSET_BITS | offset)
        following = agenda[0] >> OFFSET_BITS if agenda else NEVER
        return flips, min(following, person.held[0].time) if person.held else following

    def _happened(self, person: LivePerson, now: int) -> int:
        """Take in what was held until now; what flips."""
        flips = 0
        while isinstance(person.held, list) and person.held and person.held[0].time <= now:
            held = heappop(person.held)
            routes = self.plan.consents if held.is_consent else self.plan.events
            flips ^= self.taken(person, routes[held.name], held, now)
        return flips

    def rearm(self, person: LivePerson) -> None:
        """See anew when to look at a person."""
        person.arm()
        if person.due < NEVER:
            self.deadlines.put(person, person.due)

    # --- Answers ------------------------------------------------------------------------------------------------------

    def begin(self, customer_id: str, now: int, out: list[Transition]) -> LivePerson:
        """Somebody new, of whom nothing is known yet."""
        person = LivePerson(customer_id, self.plan.truths)
        person.truths ^= self.look_at(person, (leaf.index for leaf in self.plan.eager), now)
        self.plan.standings.tell(person, now, "event", out)
        return person

    def look_at(self, person: LivePerson, indices: Iterable[int], now: int) -> int:
        """Look at some leaves that have a state for themselves, whatever they took in; what flips."""
        flips = 0
        for index in dict.fromkeys(indices):
            state = person.states.get(index)
            if state is None:
                state = person.states[index] = self.plan.keepers[index].new()
            state.holds = state.look(person, now)
            flips |= ((person.truths >> index ^ state.holds) & 1) << index
        self.rearm(person)
        return flips

    def look_at_all(self, person: LivePerson, now: int) -> None:
        """Look at all leaves of a person whatever was known, and see when to look again."""
        answer_all(person, self.plan, now)
        if person.due < NEVER:
            self.deadlines.put(person, person.due)

    def look_anew(self, person: LivePerson, offsets: Iterable[int], now: int) -> None:
        """Look at some states of a person whatever was known of their answers, and see when to look again."""
        tracks, truths = self.plan.tracks, person.truths
        for offset in offsets:
            state = person.states[offset]
            state.holds = state.look(person, now)
            track = tracks.get(offset)
            mask = 1 if track is None else (1 << len(track.marks)) - 1
            truths = truths & ~(mask << offset) | state.holds << offset
        person.truths = truths
        self.rearm(person)

    def about(self, facts: Facts) -> list[int]:
        """The leaves that look at some facts."""
        names = {("score", name.partition(".")[0]) for name in facts.scores}
        names |= {("cluster", name) for name in facts.clusters}
        for name in facts.traits:
            names |= {("trait", name), ("trait", name.removesuffix("_lat")), ("trait", name.removesuffix("_lon"))}
        return [leaf.index for name in names for leaf in self.plan.facts.get(name, ())]


def answer_all(person: LivePerson, plan: Plan, now: int) -> None:
    """Look at all leaves of a person that have a state, and see when to look again; nobody is told."""
    keepers, truths = plan.keepers, plan.truths
    for offset, state in person.states.items():
        state.holds = state.look(person, now)
        truths ^= (state.holds ^ keepers[offset].holds) << offset
    person.truths = truths
    person.arm()
