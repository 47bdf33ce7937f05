"""What the live reading keeps of one person, and the parts that keep it: a state per leaf that somebody has met."""

from abc import ABCMeta, abstractmethod
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heapify, heappush
from typing import Final

from habitue.rules.history import Happening, Happenings, History, Value, instant_of

NEVER: Final = 1 << 58
"""The instant (µs) of a deadline that does not come: after the year 9999, and four times as much is a short number."""
OFFSET_BITS: Final = 20
OFFSET_MASK: Final = (1 << OFFSET_BITS) - 1
Properties = Mapping[str, Value | None]
Recent = tuple[int, int, Properties]
"""An event as it came: instant (µs), position, properties."""


def entry(due: int, offset: int) -> int:
    """An entry of an agenda: an instant (µs), and the number of a state.

    Examples:
        >>> entry(5, 7) >> OFFSET_BITS, entry(5, 7) & OFFSET_MASK
        (5, 7)
    """
    return due << OFFSET_BITS | offset


class Lore:
    """What is known of one person beside the states of leaves; most people have none.

    Attributes:
        history: All of it, as rules see it; shares the mappings below.
        events: Kept events by name, of the names that leaves look back at.
        recent: Those that came since they were last looked at.
        consents: The ledger by purpose.
        traits: Current traits.
        scores: Current scores.
        clusters: Current labels.
        pruned: How many events of a name were kept when they were last gone through.
    """

    __slots__ = ("clusters", "consents", "events", "history", "pruned", "recent", "scores", "traits")

    def __init__(self, customer_id: str) -> None:
        self.events: dict[str, Happenings] = {}
        self.recent: dict[str, list[Recent]] = {}
        self.consents: dict[str, Happenings] = {}
        self.traits: dict[str, Value | None] = {}
        self.scores: dict[str, Value | None] = {}
        self.clusters: dict[str, Value | None] = {}
        self.pruned: dict[str, int] = {}
        self.history = History(
            customer_id=customer_id,
            events=self.events,
            consents=self.consents,
            traits=self.traits,
            scores=self.scores,
            clusters=self.clusters,
        )

    def gather(self) -> None:
        """Put the recent events at their places among those kept."""
        for name, recent in self.recent.items():
            recent.sort(key=_rank)
            added = [
                Happening(occurred_at=instant_of(each[0]), position=each[1], properties=each[2]) for each in recent
            ]
            kept = self.events.get(name, Happenings())
            if kept.items and recent[0][0] <= kept.times[-1]:
                self.events[name] = Happenings.of((*kept.items, *added))
            else:
                times = kept.times + array("q", (each[0] for each in recent))
                self.events[name] = Happenings((*kept.items, *added), times)
        self.recent.clear()


def _rank(recent: Recent) -> tuple[int, int]:
    return recent[0], recent[1]


class LivePerson:
    """One person as the live reading knows them.

    Attributes:
        customer_id: Whose this is.
        states: By the number of the leaf, or of the first where one state serves several; one that is absent answers
            as for somebody of whom nothing is known.
        truths: A bit for each leaf that holds, by its number.
        members: A bit for each definition that holds, by its number.
        due: Nothing changes by itself before this (µs); `NEVER` for not at all.
        agenda: When to look at which state, as a heap of instants and numbers in one (see `entry`); an entry counts
            while its state is `awaited` then.
        thrown: The bucket of the queue that they were last thrown into.
        held: What will have happened after now, as a heap by instant and position.
    """

    __slots__ = ("_lore", "agenda", "customer_id", "due", "held", "members", "states", "thrown", "truths")

    def __init__(self, customer_id: str, truths: int, members: int = 0) -> None:
        self.customer_id = customer_id
        self.states: dict[int, State] = {}
        self.truths = truths
        self.members = members
        self.due = NEVER
        self.agenda: list[int] = []
        self.thrown = -NEVER
        self.held: list[Held] | tuple[()] = ()
        self._lore: Lore | None = None

    @property
    def lore(self) -> Lore:
        """What is known beside the states."""
        if self._lore is None:
            self._lore = Lore(self.customer_id)
        return self._lore

    @property
    def history(self) -> History:
        """What leaves without a state of their own look at."""
        lore = self.lore
        if lore.recent:
            lore.gather()
        return lore.history

    @property
    def events(self) -> dict[str, Happenings]:
        """Kept events by name, of the names that leaves look back at."""
        lore = self.lore
        if lore.recent:
            lore.gather()
        return lore.events

    @property
    def kept(self) -> dict[str, int]:
        """How many events of each name are kept."""
        if self._lore is None:
            return {}
        found = {name: len(kept.items) for name, kept in self._lore.events.items()}
        for name, recent in self._lore.recent.items():
            found[name] = found.get(name, 0) + len(recent)
        return found

    @property
    def consents(self) -> dict[str, Happenings]:
        """The ledger by purpose."""
        return self.lore.consents

    @property
    def traits(self) -> dict[str, Value | None]:
        """Current traits."""
        return self.lore.traits

    @property
    def scores(self) -> dict[str, Value | None]:
        """Current scores."""
        return self.lore.scores

    @property
    def clusters(self) -> dict[str, Value | None]:
        """Current labels."""
        return self.lore.clusters

    @property
    def pruned(self) -> dict[str, int]:
        """How many events of a name were kept when they were last gone through."""
        return self.lore.pruned

    def hold(self, held: "Held") -> None:
        """Keep something until its instant comes."""
        if isinstance(self.held, tuple):
            self.held = []
        heappush(self.held, held)

    def arm(self) -> None:
        """See anew when to look at which state."""
        agenda = self.agenda = []
        for offset, state in self.states.items():
            state.awaited = state.due
            if state.due < NEVER:
                agenda.append(entry(state.due, offset))
        heapify(agenda)
        due = agenda[0] >> OFFSET_BITS if agenda else NEVER
        self.due = min(due, self.held[0].time) if self.held else due


@dataclass(frozen=True, slots=True)
class Held:
    """An event or a consent whose instant has not come; ordered by it, then by position.

    Attributes:
        time: Its instant in µs.
        name: The event, or the purpose.
        is_consent: Which of both.
        happening: The thing itself.
    """

    time: int
    name: str
    is_consent: bool
    happening: Happening

    @property
    def place(self) -> tuple[int, int]:
        """Its instant and its position."""
        return self.time, self.happening.position

    def __lt__(self, other: "Held") -> bool:
        """Whether this comes first."""
        return (self.time, self.happening.position) < (other.time, other.happening.position)


# Abstract by its metaclass: compiled, whatever inherits from `ABC` would keep a dictionary for each person and leaf.
class State(metaclass=ABCMeta):
    """What one leaf, or several that share it, keep of one person.

    Attributes:
        due: No answer changes before this instant (µs) if nothing happens.
        awaited: The instant at which it is to be looked at next; `NEVER` for none.
        holds: What holds as of now, a bit for each of its leaves.
    """

    __slots__ = ("awaited", "due", "holds")

    def __init__(self) -> None:
        self.due = self.awaited = NEVER
        self.holds = 0

    def feed(self, role: int, time: int, position: int, properties: Properties, person: LivePerson, now: int, /) -> int:
        """Take in an event and look where that is called for; what changed, a bit for each leaf."""
        if not self.take(role, time, position, properties):
            return 0
        holds = self.look(person, now)
        flips = self.holds ^ holds
        self.holds = holds
        return flips

    @abstractmethod
    def take(self, role: int, time: int, position: int, properties: Properties, /) -> bool:
        """Take in an event of one of the leaf's inputs, in any order; whether the leaf has to be looked at.

        Where it has not, `due` still may come earlier.

        Args:
            role: Which of its inputs.
            time: When it occurred (µs); not after the instant of the next look.
            position: Its place in the order of arrival.
            properties: Of the event, which meets the condition of the input.
        """

    @abstractmethod
    def look(self, person: LivePerson, now: int, /) -> int:
        """What holds at an instant (µs) that is not before that of the last look; sets `due`, leaves `holds`."""

    @abstractmethod
    def join(self, other: "State", /) -> None:
        """Take in what the same leaf has kept of somebody who turns out to be the same person."""

    @property
    @abstractmethod
    def items(self) -> int:
        """How many values are kept."""
