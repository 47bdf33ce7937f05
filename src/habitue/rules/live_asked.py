"""A leaf that keeps nothing of its own: it is answered from the person's kept events by the one-person reading."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from habitue.rules.courses import Course, answer_at
from habitue.rules.happened import Person
from habitue.rules.live_people import NEVER, LivePerson, Properties, State

MOST_LOOKS: Final = 64
"""How many edges ahead a flip is looked for at once; beyond them the leaf is looked at again when the last is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A leaf that looks back, ready to be asked.

    Attributes:
        course: Its answer, and how that goes on in time.
        is_timeless: Whether time alone never changes it.
        rises: Whether events can only make it true, and time alone only false.
        last: The role of the events that alone can make it true when nothing known is later; None for all.
    """

    course: Course
    is_timeless: bool
    rises: bool
    last: int | None


class AnyState(State):
    """A leaf that is answered anew from the kept events whenever one of them may matter or an edge is reached."""

    __slots__ = ("_asked", "_latest")

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self._asked = asked
        self._latest = -NEVER

    def take(self, role: int, time: int, _position: int, _properties: Properties, /) -> bool:
        """Whether an event can change the answer; the event itself is kept with the person."""
        asked, latest = self._asked, self._latest
        self._latest = max(time, latest)
        if not asked.rises:
            return True
        return not self.holds and (asked.last is None or role == asked.last or time <= latest)

    def look(self, person: LivePerson, now: int, /) -> int:
        """Whether the leaf holds at an instant (µs); finds when that changes."""
        asked = self._asked
        self._latest = max(now, self._latest)
        subject = Person.keeping(person.history, now)
        holds = asked.course.answer(subject) is True
        waits = asked.is_timeless or (asked.rises and not holds)
        self.due = NEVER if waits else self._next_change(subject, holds, now)
        return holds

    def _next_change(self, subject: Person, holds: bool, now: int) -> int:
        course, instant = self._asked.course, NEVER
        for instant in islice(self._instants(subject, now), MOST_LOOKS):
            if (answer_at(course.answer, subject, instant) is True) is not holds:
                break
        return instant

    def _instants(self, subject: Person, now: int) -> Iterator[int]:
        course = self._asked.course
        edges = course.edges(subject)
        if course.moves:
            return course.ahead(subject, edges, now)
        return (each for each in edges if each > now)

    def join(self, _other: State, /) -> None:
        """Nothing: the events are joined with the person."""

    @property
    def items(self) -> int:
        """None of its own."""
        return 0
