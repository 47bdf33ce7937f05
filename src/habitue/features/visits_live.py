"""Visits while their events arrive, in any order: the same as `sessions.sessions` cuts out of all of them at once.

A visit is kept as what it says and where each word stands, so that an event that comes late, that joins two visits, or
that turns out to be the same person's, changes it exactly; the events themselves are not kept.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from habitue.features.sessions import (
    CHANNEL_PROPERTIES,
    DEVICE_PROPERTIES,
    PAGE_PROPERTIES,
    REFERRER_PROPERTIES,
    is_page_event,
)
from habitue.records import Kind
from habitue.rules import EventShape
from habitue.rules.history import Happening, Value, instant_of

REVISED_US: Final = 48 * 3_600 * 1_000_000
"""For how long after a visit has occurred an event that comes late may still change it."""
_SECOND_US: Final = 1_000_000
_TEXTS: Final = frozenset({Kind.TEXT, Kind.PERSONAL})
Place = tuple[int, int]
"""An instant (µs) and a position."""


class Step(NamedTuple):
    """One event of a visit.

    Attributes:
        place: When, and where in the order of arrival.
        shows: Whether it is a page.
        page: What it shows; None where it does not say.
        channel: By which channel somebody came.
        device: On what device.
    """

    place: Place
    shows: bool
    page: str | None = None
    channel: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSays:
    """Where events of one name say something of a visit: names of properties, empty for nowhere."""

    shows: bool
    page: str = ""
    channel: str = ""
    referrer: str = ""
    device: str = ""

    def step(self, place: Place, properties: Mapping[str, Value | None]) -> Step:
        """What one event says."""
        channel = properties.get(self.channel) if self.channel else None
        if channel is None and self.referrer:
            channel = "direct" if properties.get(self.referrer) is None else "referral"
        page = properties.get(self.page) if self.page else None
        device = properties.get(self.device) if self.device else None
        return Step(place, self.shows, _text(page), _text(channel), _text(device))


def says_of(events: Sequence[EventShape]) -> dict[str, EventSays]:
    """Where each of the events that visits are made of says something: in the first text property of each kind.

    Examples:
        >>> shape = EventShape(name="Page Viewed", properties={"url": Kind.TEXT, "path": Kind.TEXT})
        >>> says_of([shape])["Page Viewed"].page
        'path'
    """
    any_page = any(is_page_event(each.name) for each in events)
    found = dict[str, EventSays]()
    for each in events:
        shows = is_page_event(each.name) or not any_page
        found[each.name] = EventSays(
            shows=shows,
            page=_first(each, PAGE_PROPERTIES) if shows else "",
            channel=_first(each, CHANNEL_PROPERTIES),
            referrer=_first(each, REFERRER_PROPERTIES),
            device=_first(each, DEVICE_PROPERTIES),
        )
    return found


def _first(event: EventShape, names: Sequence[str]) -> str:
    return next((name for name in names if event.properties.get(name) in _TEXTS), "")


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)


Word = tuple[Place, str]


@dataclass(slots=True)
class Visit:
    """One visit, so far.

    Attributes:
        first: Place of its first event.
        last: Place of its last event.
        events: How many.
        pages: How many of them are pages.
        entry: The first page that was said, and where.
        exit: The last one.
        channel: The first channel that was said.
        device: The first device.
        told_us: When something was last told of it (µs); 0 for long ago.
    """

    first: Place
    last: Place
    events: int = 1
    pages: int = 0
    entry: Word | None = None
    exit: Word | None = None
    channel: Word | None = None
    device: Word | None = None
    told_us: int = 0

    @classmethod
    def of(cls, step: Step, told_us: int = 0) -> "Visit":
        """A visit of one event."""
        place, shows, page, channel, device = step
        word = None if page is None else (place, page)
        return cls(
            place,
            place,
            1,
            int(shows),
            word,
            word,
            None if channel is None else (place, channel),
            None if device is None else (place, device),
            told_us,
        )

    def extend(self, step: Step, told_us: int) -> None:
        """One more event, after the last of them."""
        place, shows, page, channel, device = step
        self.last = place
        self.told_us = max(self.told_us, told_us)
        self.events += 1
        self.pages += shows
        if page is not None:
            self.exit = (place, page)
            self.entry = self.entry or self.exit
        if channel is not None and self.channel is None:
            self.channel = (place, channel)
        if device is not None and self.device is None:
            self.device = (place, device)

    def join(self, other: "Visit") -> None:
        """Two visits turn out to be one."""
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.told_us = max(self.told_us, other.told_us)
        self.events += other.events
        self.pages += other.pages
        self.entry, self.exit = _earlier(self.entry, other.entry), _later(self.exit, other.exit)
        self.channel, self.device = _earlier(self.channel, other.channel), _earlier(self.device, other.device)

    def session(self, gap_us: int) -> Happening:
        """The event that it is: it occurs when the gap has passed after its last event."""
        start, end = self.first[0], self.last[0]
        return Happening(
            occurred_at=instant_of(end + gap_us),
            position=self.last[1],
            properties={
                "started_at": instant_of(start),
                "duration_s": (end - start) // _SECOND_US,
                "pages": self.pages,
                "events": self.events,
                "bounced": self.events == 1,
                "entry": self.entry and self.entry[1],
                "exit": self.exit and self.exit[1],
                "channel": self.channel and self.channel[1],
                "device": self.device and self.device[1],
            },
        )


def _earlier(one: Word | None, other: Word | None) -> Word | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _later(one: Word | None, other: Word | None) -> Word | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


class Revision(NamedTuple):
    """What one event, or one merge, changes of the visits of a person.

    Attributes:
        gone: Sessions that are no more: when they occur and their positions.
        come: Sessions in their place.
    """

    gone: list[Place]
    come: list[Happening]


@dataclass(slots=True)
class PersonVisits:
    """The visits of one person that may still change, in order.

    Attributes:
        visits: Each the gap or more apart from the next.
    """

    visits: list[Visit] = field(default_factory=list)

    def hear(self, step: Step, told_us: int, gap_us: int) -> Revision:
        """Take in one more event, told of at an instant; most often it is the next of the last visit."""
        last = self.visits[-1] if self.visits else None
        if last is None or not last.last < step.place or step.place[0] >= last.last[0] + gap_us:
            return self.take(Visit.of(step, told_us), gap_us)
        gone = (last.last[0] + gap_us, last.last[1])
        last.extend(step, told_us)
        return Revision([gone], [last.session(gap_us)])

    def take(self, visit: Visit, gap_us: int) -> Revision:
        """Take in one more event, or visit."""
        visits, gone = self.visits, list[Place]()
        low = bisect_right(visits, visit.first[0] - gap_us, key=lambda each: each.last[0])
        high = low
        while high < len(visits) and visits[high].first[0] < visit.last[0] + gap_us:
            other = visits[high]
            gone.append((other.last[0] + gap_us, other.last[1]))
            visit.join(other)
            high += 1
        visits[low:high] = [visit]
        return Revision(gone, [visit.session(gap_us)])

    def merge(self, other: "PersonVisits", gap_us: int) -> Revision:
        """Another person turns out to be the same; what was told of theirs is moved by whoever merges them."""
        gone, come = dict[Place, None](), dict[Place, Happening]()
        for visit in other.visits:
            place = (visit.last[0] + gap_us, visit.last[1])
            revision = self.take(visit, gap_us)
            if not revision.gone:
                continue
            for each in (*revision.gone, place):
                if come.pop(each, None) is None:
                    gone[each] = None
            come[visit.last[0] + gap_us, visit.last[1]] = revision.come[0]
        return Revision(list(gone), list(come.values()))

    def prune(self, before_us: int) -> None:
        """Drop visits that ended at or before an instant; but those told of after it, as more of them may follow."""
        low = bisect_right(self.visits, before_us, key=lambda each: each.last[0])
        if low:
            self.visits[:low] = [each for each in self.visits[:low] if each.told_us > before_us]

    def is_past(self, before_us: int) -> bool:
        """Whether all visits ended, and were told of, at or before an instant."""
        return all(each.last[0] <= before_us and each.told_us <= before_us for each in self.visits)


def visits_of(steps: Iterable[Step], gap_us: int) -> PersonVisits:
    """The visits of one person, from events in any order."""
    found = PersonVisits()
    for step in sorted(steps):
        found.take(Visit.of(step), gap_us)
    return found
