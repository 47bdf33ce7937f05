"""Leaves about one moment: time elapsed since the first or the last event, and the last word on a consent."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from habitue.rules.live_people import NEVER, LivePerson, Properties, State

_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A test of the time that has passed since the first or the last event, as a staircase of answers.

    Attributes:
        reaches: Lengths from which another answer holds, ascending: µs, or whole seconds where days are compared.
        truths: The answer on each stair: one more than there are reaches.
        in_days: Whether whole seconds in days are compared.
        latest: Whether the last event is meant and not the first.
        start: The first instant at which events count (µs).
        rises: Whether a shorter time never makes it true.
    """

    reaches: tuple[int, ...]
    truths: tuple[bool, ...]
    in_days: bool
    latest: bool
    start: int = -NEVER
    rises: bool = field(init=False)

    def __post_init__(self) -> None:
        """See whether the stairs only go up."""
        object.__setattr__(self, "rises", list(self.truths) == sorted(self.truths))


class ElapsedSince(State):
    """Time elapsed since one event, of which only the instant is kept."""

    __slots__ = ("_steps", "time")

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps
        self.time: int | None = None

    def take(self, _role: int, time: int, _position: int, _properties: Properties, /) -> bool:
        """Keep an instant if it is the first, or the last; what was too short ago then goes on to be."""
        steps, is_first = self._steps, self.time is None
        if not self._keep(time):
            return False
        return is_first or self.holds == 1 or not steps.latest or not steps.rises

    def feed(self, role: int, time: int, position: int, properties: Properties, person: LivePerson, now: int, /) -> int:
        """As of any leaf; almost always it is one more event of somebody who did it too short ago."""
        steps = self._steps
        if not self.holds and self.due < NEVER and steps.rises and steps.latest and self.time is not None:
            self.time = max(time, self.time)
            return 0
        return super().feed(role, time, position, properties, person, now)

    def _keep(self, time: int) -> bool:
        kept = self.time
        if time < self._steps.start or (kept is not None and (time <= kept) is self._steps.latest):
            return False
        self.time = time
        return True

    def look(self, _person: LivePerson, now: int, /) -> int:
        """Whether the test holds at an instant; finds when the next stair is reached."""
        self.due = NEVER
        steps, time = self._steps, self.time
        if time is None:
            return False
        elapsed = now // _SECOND - time // _SECOND if steps.in_days else now - time
        stair = bisect_right(steps.reaches, elapsed)
        if stair < len(steps.reaches):
            reach = steps.reaches[stair]
            self.due = (time // _SECOND + reach) * _SECOND if steps.in_days else time + reach
        return steps.truths[stair]

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

    def take(self, _role: int, time: int, position: int, properties: Properties, /) -> bool:
        """Keep a word if it is the last."""
        rank = (time, position)
        if rank < self.rank:
            return False
        self.rank, self.given = rank, properties.get("given") is True
        return True

    def look(self, _person: LivePerson, _now: int, /) -> int:
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
