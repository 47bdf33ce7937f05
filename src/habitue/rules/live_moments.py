"""Leaves about one moment: time elapsed since the first or the last event, and the last word on a consent."""

from dataclasses import dataclass
from typing import Final

from habitue.rules.history import Happening
from habitue.rules.live_people import NEVER, LivePerson, State
from habitue.rules.operations import compares

_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """A test of the time that has passed since the first or the last event.

    Attributes:
        op: How it is compared.
        bound: What it is compared with: µs, or days of 24 hours.
        in_days: Whether whole seconds in days are compared.
        latest: Whether the last event is meant and not the first.
        start: The first instant at which events count (µs).
        reaches: Lengths (µs, or whole seconds where days are compared) at which the answer may change, ascending.
    """

    op: str
    bound: int | float
    in_days: bool
    latest: bool
    start: int
    reaches: tuple[int, ...]


class ElapsedSince(State):
    """Time elapsed since one event, of which only the instant is kept."""

    __slots__ = ("_tested", "time")

    def __init__(self, tested: Elapsed) -> None:
        super().__init__()
        self._tested = tested
        self.time: int | None = None

    def take(self, _role: int, time: int, _happening: Happening, /) -> bool:
        """Keep an instant if it is the first, or the last."""
        return self._keep(time)

    def _keep(self, time: int) -> bool:
        kept = self.time
        if time < self._tested.start or (kept is not None and (time <= kept) is self._tested.latest):
            return False
        self.time = time
        return True

    def look(self, _person: LivePerson, now: int, /) -> bool:
        """Whether the comparison holds at an instant; finds when the bound is reached or passed."""
        self.due = NEVER
        tested, time = self._tested, self.time
        if time is None:
            return False
        for reach in tested.reaches:
            instant = (time // _SECOND + reach) * _SECOND if tested.in_days else time + reach
            if instant > now:
                self.due = instant
                break
        elapsed = (now // _SECOND - time // _SECOND) / 86_400.0 if tested.in_days else now - time
        return compares(tested.op, elapsed, tested.bound)

    def join(self, other: State, /) -> None:
        """Keep the first, or the last, of both."""
        if isinstance(other, ElapsedSince) and other.time is not None:
            self._keep(other.time)

    @property
    def items(self) -> int:
        """The instant."""
        return 1


class Agreed(State):
    """The last word on a consent."""

    __slots__ = ("given", "rank")

    def __init__(self) -> None:
        super().__init__()
        self.rank = (-NEVER, 0)
        self.given = False

    def take(self, _role: int, time: int, happening: Happening, /) -> bool:
        """Keep a word if it is the last."""
        rank = (time, happening.position)
        if rank < self.rank:
            return False
        self.rank, self.given = rank, happening.properties.get("given") is True
        return True

    def look(self, _person: LivePerson, _now: int, /) -> bool:
        """Whether consent was given."""
        return self.given

    def join(self, other: State, /) -> None:
        """Keep the later word of both."""
        if isinstance(other, Agreed) and other.rank >= self.rank:
            self.rank, self.given = other.rank, other.given

    @property
    def items(self) -> int:
        """The word and its place."""
        return 2
