"""Leaves about what was followed by something: the first events still open, and what could answer late ones."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import Final

from habitue.rules.history import Value
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties, State
from habitue.rules.live_where import Read

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
    first_link: Read
    answer_link: Read


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

    def take(self, role: int, time: int, position: int, properties: Properties, /) -> bool:
        """Take in a first event (role 0) or an answer (role 1)."""
        return self._earliest(role, time, position, properties) is not None

    def feed(self, role: int, time: int, position: int, properties: Properties, person: LivePerson, now: int, /) -> int:
        """Take in an event, and look only where it concerns first events that time is up for."""
        pair = self._pair
        if role == 0 and pair.negated and now - pair.within < time >= pair.frame.start:
            link, opened = pair.first_link(properties, time), self.open
            answers = self.answers.get(link)
            if (answers is None or answers[-1][0] < time) and (not opened or opened[-1][0] < time):
                # The newest of all, which nothing can have answered yet.
                opened.append((time, position, link))
                if self.due == NEVER:
                    self.due = time + pair.within
                return 0
        earliest = self._earliest(role, time, position, properties)
        if earliest is not None and pair.negated and earliest + pair.within > now:
            self.due = min(self.due, earliest + pair.within)
            earliest = None
        if earliest is None and self.held <= self._most:
            return 0
        holds = self.look(person, now)
        flips = self.holds ^ holds
        self.holds = holds
        return flips

    def _earliest(self, role: int, time: int, position: int, properties: Properties) -> int | None:
        """Take in an event; the instant of the earliest first event about which something changed."""
        pair, link = self._pair, None
        if pair.linked:
            link = (pair.answer_link if role else pair.first_link)(properties, time)
        if role == 0:
            return self._take_first(time, position, link)
        if link is None and pair.linked:
            return None
        answers = self.answers.get(link)
        if answers is None:
            self.answers[link] = [(time, position)]
        else:
            insort(answers, (time, position))
        self.held += 1
        return self._answer(time, position, link) if self.open else None

    def _take_first(self, time: int, position: int, link: Value | None) -> int | None:
        pair, opened = self._pair, self.open
        if time < pair.frame.start:
            return None
        answers = () if link is None and pair.linked else self.answers.get(link, ())
        place = bisect_right(answers, (time, position))
        if place < len(answers) and answers[place][0] <= time + pair.within:
            self.met = max(self.met, time)
            return None if pair.negated else time
        if not opened or (time, position) > opened[-1]:
            opened.append((time, position, link))
        else:
            insort(opened, (time, position, link), key=_rank)
        return time if pair.negated else None

    def _answer(self, time: int, position: int, link: Value | None) -> int | None:
        first = bisect_left(self.open, (time - self._pair.within, -NEVER), key=_rank)
        last = bisect_left(self.open, (time, position), key=_rank)
        met = [each for each in self.open[first:last] if each[2] == link]
        if not met:
            return None
        self.met = max(self.met, met[-1][0])
        self.open[first:last] = [each for each in self.open[first:last] if each[2] != link]
        return met[0][0]

    def look(self, _person: LivePerson, now: int, /) -> int:
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
