"""Which event a message is, and what it becomes: the event itself, and one for each entry of its lists."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from habitue.sources.arrivals import ArrivedEvent, Stored
from habitue.sources.inbox_commerce import Translation, translation
from habitue.sources.inbox_fields import FieldsReader, Found, Mask
from habitue.sources.inbox_places import place_of
from habitue.sources.inbox_values import LIST_LONG, Wrong
from habitue.sources.plans import CollectPlan
from habitue.sources.spec import MAX_CHILDREN, PropertySpec
from habitue.streams.commerce_names import ga4_name, segment_name
from habitue.streams.messages import Message, MessageKind

UNDECLARED: Final = Wrong("EVENT-UNDECLARED", "has no contract, so that it becomes no row")
PAGES: Final = {MessageKind.PAGE: "Page Viewed", MessageKind.SCREEN: "Screen Viewed"}


Personal = dict[str, dict[str, Stored]]
"""Personal values as written, by event and name; of an entry of a list by the event, a blank and its place."""


class _List(NamedTuple):
    """A list that explodes."""

    event: str
    reader: FieldsReader


class EventReader:
    """Reads one declared event as it is sent under one name."""

    def __init__(self, event: str, plan: CollectPlan, mask: Mask, said: Translation) -> None:
        parts, zone = plan.contracts[event], ZoneInfo(plan.zone)
        self._event = event
        self._said = said
        self._is_plain = said.is_plain
        self._fields = _reader(parts, plan, zone, mask, said)
        self._lists = {
            name: _List(
                rules.explode,
                FieldsReader(
                    rules.properties,
                    spellings=_keys(rules.properties, said.entries),
                    others=said.other_entries,
                    places={},
                    zone=zone,
                    mask=mask,
                ),
            )
            for name, rules in parts.items()
            if rules.explode is not None
        }

    def read(self, message: Message) -> tuple[tuple[ArrivedEvent, ...], Found, Personal | None]:
        """What a message of it becomes: the events, what else was found, and what is personal in them."""
        if not self._is_plain:
            return self._read_translated(message)
        found = self._fields.read(message.properties, message)
        event = ArrivedEvent(self._event, found.values)
        if found.lists is None:
            return (event,), found, None if found.personal is None else {self._event: found.personal}
        personal: Personal = {} if found.personal is None else {self._event: found.personal}
        return (event, *self._children(found, found.lists, personal)), found, personal or None

    def _read_translated(self, message: Message) -> tuple[tuple[ArrivedEvent, ...], Found, Personal | None]:
        """The same of an event that is sent in other words; items sent together become an event each."""
        events: list[ArrivedEvent] = []
        personal: Personal = {}
        whole = Found({})
        for each in self._said.objects(message.properties):
            found, number = self._fields.read(each, message), len(events)
            events.append(ArrivedEvent(self._event, found.values, number))
            whole.take_over(found, str(number) if number else "")
            if found.personal is not None:
                personal[f"{self._event} {number}" if number else self._event] = found.personal
            if found.lists is not None:
                events += self._children(found, found.lists, personal, after=number)
                whole.take_over(found, "")
        return tuple(events), whole, personal or None

    def _children(
        self, found: Found, lists: Mapping[str, list[object]], personal: Personal, *, after: int = 0
    ) -> list[ArrivedEvent]:
        children: list[ArrivedEvent] = []
        for name, entries in lists.items():
            if after + len(children) + len(entries) > MAX_CHILDREN:
                found.add_problem(name, LIST_LONG)
                found.keep(name, entries)
                continue
            into, rest = self._lists[name], dict[str, object]()
            for entry in entries:
                inner = into.reader.read(entry if isinstance(entry, dict) else {}, None)
                number = after + len(children) + 1
                children.append(ArrivedEvent(into.event, inner.values, number))
                for each, wrong in inner.problems or ():
                    found.add_problem(f"{name}.{each}", wrong)
                if inner.personal is not None:
                    personal[f"{into.event} {number}"] = inner.personal
                if inner.rest is not None or not isinstance(entry, dict):
                    rest[str(number)] = inner.rest or entry
            if rest:
                found.keep(name, rest)
        return children


def _keys(parts: Mapping[str, PropertySpec], spellings: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [key] for name, key in spellings.items() if name in parts}


def _reader(
    parts: Mapping[str, PropertySpec], plan: CollectPlan, zone: ZoneInfo, mask: Mask, words: Translation
) -> FieldsReader:
    """Where a place is a property itself, it is one more way to write its name."""
    said = {name: places for name, places in plan.properties.items() if name in parts}
    keys = _keys(parts, words.spellings)
    for name, places in said.items():
        keys[name] = [*(key for key in map(_own_key, places) if key), *keys.get(name, ())]
    elsewhere = {name: [place_of(each) for each in places if not _own_key(each)] for name, places in said.items()}
    return FieldsReader(
        parts,
        spellings={name: each for name, each in keys.items() if each},
        places={name: each for name, each in elsewhere.items() if each},
        others=words.others,
        only_there={*said, *words.taken},
        zone=zone,
        mask=mask,
    )


def _own_key(path: str) -> str:
    root, _, key = path.partition(".")
    return key if root == "properties" and "." not in key else ""


def event_readers(plan: CollectPlan, mask: Mask) -> dict[str, EventReader]:
    """What reads each event, by every name under which it may be sent."""
    names = dict.fromkeys([*plan.events, *plan.contracts])
    for event in plan.contracts:
        for other in (ga4_name(event), segment_name(event)):
            if other is not None:
                names.setdefault(other)
    readers: dict[str, EventReader] = {}
    for sent in names:
        meant = (plan.events.get(sent), sent, segment_name(sent), ga4_name(sent))
        declared = next((name for name in meant if name in plan.contracts), None)
        if declared is not None:
            readers[sent] = EventReader(declared, plan, mask, translation(sent, declared))
    return readers
