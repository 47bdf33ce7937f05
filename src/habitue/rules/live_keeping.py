"""Which events of one name are kept: those that some leaf can still see, however the clock goes on."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heapify
from typing import Final

from habitue.rules.evaluation import Context, source_of
from habitue.rules.happened import Source
from habitue.rules.history import Consent, Happening, Happenings, micros
from habitue.rules.live_leaves import events_of
from habitue.rules.live_people import LivePerson, Properties
from habitue.rules.nodes import Aggregate, Followed, Node, Regularly, Stopped, Window
from habitue.rules.nodes import Sequence as SequenceNode
from habitue.rules.walking import walk
from habitue.rules.windows import read_instant

FOREVER: Final = 1 << 61
_DAY: Final = timedelta(days=1) // timedelta(microseconds=1)
_PERIODS: Final = {"day": 2 * _DAY, "week": 9 * _DAY, "month": 33 * _DAY}
"""Longer than any local day, week or month, whatever the clocks do."""
_SLACK: Final = 16


@dataclass(slots=True)
class Keeping:
    """What is kept of the events of one name.

    Attributes:
        name: The event.
        length: Events after (now - length) are kept (µs).
        start: Events from this instant on are kept (µs).
        firsts: Of each of these the first is kept.
        lasts: Of each of these the last is kept.
    """

    name: str
    length: int = 0
    start: int = FOREVER
    firsts: dict[Node | None, Source] = field(default_factory=dict)
    lasts: dict[Node | None, Source] = field(default_factory=dict)

    def keep(self, person: LivePerson, time: int, position: int, properties: Properties, now: int) -> None:
        """Add an event to those of a person, and drop now and then what nobody will see any more."""
        lore = person.lore
        recent = lore.recent.get(self.name)
        if recent is None:
            recent = lore.recent[self.name] = []
        recent.append((time, position, properties))
        kept = lore.events.get(self.name)
        many = len(recent) if kept is None else len(recent) + len(kept.items)
        if many > 2 * lore.pruned.get(self.name, 0) + _SLACK:
            lore.gather()
            kept = lore.events[self.name] = self.pruned(lore.events[self.name], now)
            lore.pruned[self.name] = len(kept.items)

    def pruned(self, happenings: Happenings, now: int) -> Happenings:
        """The events that may still be seen at an instant (µs) or later."""
        end = min(now - self.length, self.start - 1)
        low = bisect_right(happenings.times, end)
        if not low:
            return happenings
        dropped = happenings.items[:low]
        ends = {self._first(source, dropped) for source in self.firsts.values()}
        ends |= {self._first(source, dropped[::-1]) for source in self.lasts.values()}
        kept = tuple(each for each in dropped if id(each) in ends)
        return Happenings.in_order((*kept, *happenings.items[low:]))

    def _first(self, source: Source, among: Sequence[Happening]) -> int:
        return next((id(each) for each in among if source.holds(each)), 0)


def kept_with(kept: Happenings, happening: Happening) -> Happenings:
    """Events in order with one more, at its place."""
    time = micros(happening.occurred_at)
    index = bisect_right(kept.times, time)
    while index and kept.times[index - 1] == time and kept.items[index - 1].position > happening.position:
        index -= 1
    times = kept.times[:]
    times.insert(index, time)
    return Happenings((*kept.items[:index], happening, *kept.items[index:]), times)


def take_back(person: LivePerson, event: str, gone: Collection[tuple[int, int]]) -> bool:
    """Take events of one name out of what a person did, or is to have done, by instant (µs) and position.

    Returns:
        Whether one had happened already.
    """
    if not gone:
        return False
    if person.held:
        waiting = [each for each in person.held if each.is_consent or each.name != event or each.place not in gone]
        found = len(person.held) - len(waiting)
        if found:
            heapify(waiting)
            person.held = waiting
        if found == len(gone):
            return False
    kept = person.events.get(event)
    if kept is None:
        return False
    left = tuple(each for time, each in zip(kept.times, kept.items, strict=True) if (time, each.position) not in gone)
    if len(left) == len(kept.items):
        return False
    person.events[event] = Happenings.in_order(left)
    return True


def joined(mine: Happenings | None, theirs: Happenings) -> Happenings:
    """The events of two people as those of one."""
    return theirs if mine is None else Happenings.of((*mine.items, *theirs.items))


def entry_of(consent: Consent) -> Happening:
    """An entry of a ledger as something that happened."""
    return Happening(occurred_at=consent.occurred_at, position=consent.position, properties={"given": consent.given})


def keepings_of(leaves: Iterable[Node], context: Context) -> dict[str, Keeping]:
    """What must be kept by name of event, for leaves that look back at it."""
    found: dict[str, Keeping] = {}
    for leaf in leaves:
        for term in walk(leaf):
            for name in events_of(term):
                _widen(found.setdefault(name, Keeping(name)), term, context)
    return found


def _widen(keeping: Keeping, term: Node, context: Context) -> None:
    match term:
        case Regularly(every=every, of=of):
            keeping.length = max(keeping.length, every * of)
        case Stopped(where=where):
            keeping.lasts[where] = source_of(keeping.name, where, context)
        case Aggregate(kind="first" | "first_at", window=Window(kind="ever"), where=where):
            keeping.firsts[where] = source_of(keeping.name, where, context)
        case Aggregate(kind="latest" | "last_at" | "did", window=Window(kind="ever"), where=where):
            keeping.lasts[where] = source_of(keeping.name, where, context)
        case Aggregate(window=window) | SequenceNode(window=window) | Followed(window=window):
            _widen_to(keeping, window, context)


def _widen_to(keeping: Keeping, window: Window, context: Context) -> None:
    match window.kind:
        case "ever":
            keeping.length = FOREVER
        case "last" | "between":
            keeping.length = max(keeping.length, window.older)
        case "since":
            keeping.start = min(keeping.start, micros(read_instant(window.start, context.catalogue.zone)))
        case period:
            keeping.length = max(keeping.length, _PERIODS[period])
