"""Leaves about what was followed by something: the first events still open, and what could answer late ones."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import Final

from habitue.rules.happened import Row
from habitue.rules.history import Happening, Value
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, State

Open = tuple[int, int, Value | None]
"""A first event that nothing has answered in time: its instant, its position, its link."""
_SLACK: Final = 16
_NOT_MET: Final = -2 * NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A `followed` or `unfollowed`.

    Attributes:
        frame: Where the first event lies.
        within: How long it may be answered (µs).
        negated: Whether it is `unfollowed`.
        linked: Whether both events must share a value.
        first_link: Reads that value from the first event.
        answer_link: Reads it from the answer.
    """

    frame: Frame
    within: int
    negated: bool
    linked: bool
    first_link: Row
    answer_link: Row


class Answers(State):
    """The open first events in order, the instant of the newest answered one, and the answers by their link."""

    __slots__ = ("_most", "_pair", "answers", "held", "met", "open")

    def __init__(self, pair: Answering) -> None:
        super().__init__()
        self._pair = pair
        self.open: list[Open] = []
        self.met = _NOT_MET
        self.answers: dict[Value | None, list[tuple[int, int]]] = {}
        self.held = 0
        self._most = _SLACK

    def take(self, role: int, time: int, happening: Happening, /) -> bool:
        """Take in a first event (role 0) or an answer (role 1)."""
        if role == 0:
            return self._take_first(time, happening.position, self._pair.first_link(happening))
        link = self._pair.answer_link(happening)
        if link is None and self._pair.linked:
            return False
        insort(self.answers.setdefault(link, []), (time, happening.position))
        self.held += 1
        return self._answer(time, happening.position, link)

    def _take_first(self, time: int, position: int, link: Value | None) -> bool:
        if time < self._pair.frame.start:
            return False
        answers = () if link is None and self._pair.linked else self.answers.get(link, ())
        place = bisect_right(answers, (time, position))
        if place < len(answers) and answers[place][0] <= time + self._pair.within:
            self.met = max(self.met, time)
            return not self._pair.negated
        insort(self.open, (time, position, link), key=_rank)
        return self._pair.negated

    def _answer(self, time: int, position: int, link: Value | None) -> bool:
        first = bisect_left(self.open, (time - self._pair.within, -NEVER), key=_rank)
        last = bisect_left(self.open, (time, position), key=_rank)
        met = [each for each in self.open[first:last] if each[2] == link]
        if not met:
            return False
        self.met = max(self.met, met[-1][0])
        self.open[first:last] = [each for each in self.open[first:last] if each[2] != link]
        return True

    def look(self, _person: LivePerson, now: int, /) -> bool:
        """Whether some first event was answered, or went unanswered; finds when that one leaves or the next is due."""
        pair, opened = self._pair, self.open
        after = pair.frame.after(now)
        if opened and opened[0][0] <= after:
            del opened[: bisect_right(opened, after, key=_time)]
        if self.held > self._most:
            self._prune(after)
        found, following = self.met, NEVER
        if pair.negated:
            index = bisect_right(opened, now - pair.within, key=_time)
            found = opened[index - 1][0] if index else _NOT_MET
            following = opened[index][0] + pair.within if index < len(opened) else NEVER
        holds = found > after
        self.due = pair.frame.leaves_at(found, now) if holds else following
        return holds

    def _prune(self, after: int) -> None:
        """Drop answers that no first event in the window can be older than."""
        for link, answers in list(self.answers.items()):
            kept = answers[bisect_right(answers, (after, NEVER)) :]
            if kept:
                self.answers[link] = kept
            else:
                del self.answers[link]
        self.held = sum(map(len, self.answers.values()))
        self._most = 2 * self.held + _SLACK

    def join(self, other: State, /) -> None:
        """Take in what somebody else has left open and answered."""
        if not isinstance(other, Answers):
            return
        self.met = max(self.met, other.met)
        for link, answers in other.answers.items():
            for each in answers:
                insort(self.answers.setdefault(link, []), each)
                self._answer(*each, link)
        self.held += other.held
        for time, position, link in other.open:
            self._take_first(time, position, link)

    @property
    def items(self) -> int:
        """Values kept, three for an open event and two for an answer."""
        return 3 * len(self.open) + 2 * self.held + 1


def _rank(first: Open) -> tuple[int, int]:
    return first[0], first[1]


def _time(first: Open) -> int:
    return first[0]
