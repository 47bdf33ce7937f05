"""What the live reading keeps of one person, and the parts that keep it: a state per leaf that somebody has met."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

from habitue.rules.history import Happening, Happenings, History, Value

NEVER: Final = 1 << 62
"""The instant (µs) of a deadline that does not come."""


class LivePerson:
    """One person as the live reading knows them.

    Attributes:
        history: What leaves without a state of their own still look at; shares the changing mappings below.
        events: Kept events by name, of the names that such leaves are about.
        consents: The ledger by purpose.
        traits: Current traits.
        scores: Current scores.
        clusters: Current labels.
        states: By the number of the leaf; a leaf that is absent answers as for somebody of whom nothing is known.
        truths: 1 for each leaf that holds, by its number.
        members: 1 for each definition that holds, by its number.
        due: When to look at this person again at the latest (µs); `NEVER` for not by itself.
        held: What will have happened after now, as a heap by instant and position.
        pruned: How many events of a name were kept when they were last gone through.
    """

    __slots__ = (
        "clusters", "consents", "due", "events", "held", "history", "members", "pruned", "scores", "states", "traits",
        "truths",
    )  # fmt: skip

    def __init__(self, customer_id: str, truths: bytes, members: bytes) -> None:
        self.events: dict[str, Happenings] = {}
        self.consents: dict[str, Happenings] = {}
        self.traits: dict[str, Value | None] = {}
        self.scores: dict[str, Value | None] = {}
        self.clusters: dict[str, Value | None] = {}
        self.history = History(
            customer_id=customer_id,
            events=self.events,
            consents=self.consents,
            traits=self.traits,
            scores=self.scores,
            clusters=self.clusters,
        )
        self.states: dict[int, State] = {}
        self.truths = bytearray(truths)
        self.members = bytearray(members)
        self.due = NEVER
        self.held: list[Held] = []
        self.pruned: dict[str, int] = {}

    @property
    def customer_id(self) -> str:
        """Whose this is."""
        return self.history.customer_id


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


class State(ABC):
    """What one leaf keeps of one person.

    Attributes:
        due: The next instant (µs) at which the answer may change if nothing happens, as of the last look.
    """

    __slots__ = ("due",)

    def __init__(self) -> None:
        self.due = NEVER

    @abstractmethod
    def take(self, role: int, time: int, happening: Happening, /) -> bool:
        """Take in an event of one of the leaf's inputs, in any order; whether the leaf has to be looked at.

        Args:
            role: Which of its inputs.
            time: When it occurred (µs); not after the instant of the next look.
            happening: The event, which meets the condition of the input.
        """

    @abstractmethod
    def look(self, person: LivePerson, now: int, /) -> bool:
        """Whether the leaf holds at an instant (µs) that is not before that of the last look; sets `due`."""

    @abstractmethod
    def join(self, other: "State", /) -> None:
        """Take in what the same leaf has kept of somebody who turns out to be the same person."""

    @property
    @abstractmethod
    def items(self) -> int:
        """How many values are kept."""
