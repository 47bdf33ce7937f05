"""A live source compiled: what a message says of events, traits and identifiers."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from habitue.sources.arrivals import ArrivedEvent, Sealed, Stored
from habitue.sources.inbox_events import PAGES, UNDECLARED, Personal, event_readers
from habitue.sources.inbox_fields import FieldsReader, Mask, Problem
from habitue.sources.inbox_places import Place, place_of, traits_of
from habitue.sources.inbox_values import text_of
from habitue.sources.plans import OWN, CollectPlan
from habitue.sources.spec import PropertySpec
from habitue.streams.messages import Message, MessageKind

USER: Final = "userId"
DEVICE: Final = "anonymousId"
_COOKIE: Final = "cookie"
_CARRIED: Final[Mapping[str, tuple[str, ...]]] = {"email": ("traits.email",), "phone": ("traits.phone",)}
_RESERVED: Final[Mapping[str, tuple[str, ...]]] = {
    "birth_date": ("birthday",),
    "birthday": ("birthdate",),
    "surname": ("lastName", "last_name"),
    "given_name": ("firstName", "first_name"),
    "full_name": ("name",),
}
_ADDRESS: Final[Mapping[str, str]] = {
    "street": "street",
    "city": "city",
    "state": "state",
    "country": "country",
    "postcode": "postalCode",
    "postal_code": "postalCode",
    "zip": "postalCode",
}


_TRACK: Final = MessageKind.TRACK
_TECHNICAL: Final = "library"
"""The part of the context that is about the program which sent the message, and nobody; it is not kept."""


class Said(msgspec.Struct, gc=False):
    """What a message says, read by the contracts.

    Attributes:
        events: What it becomes.
        problems: What is wrong: where, and what.
        traits: Of the customer, in stored form.
        carried: Further identifiers as written: namespace and value.
        sealed: What is not for everybody; None where there is nothing.
    """

    events: tuple[ArrivedEvent, ...]
    problems: list[Problem] | None = None
    traits: dict[str, Stored] = {}
    carried: Sequence[tuple[str, str]] = ()
    sealed: Sealed | None = None


class CollectedSource:
    """One live source, ready to read messages.

    Attributes:
        plan: What was declared.
        traits: Reads traits.
        user: The namespace of `userId`.
        device: The namespace of `anonymousId`.
        carried: Further identifiers: namespace and where they stand.
    """

    def __init__(self, plan: CollectPlan, mask: Mask) -> None:
        self.plan = plan
        self._tracks = event_readers(plan, mask)
        self._pages = {kind: self._tracks[name] for kind, name in PAGES.items() if name in self._tracks}
        self.traits = _traits(plan, mask)
        said = {**_CARRIED, **plan.identifiers}
        self.user = next((name for name, places in said.items() if USER in places), OWN)
        self.device = next((name for name, places in said.items() if DEVICE in places), _COOKIE)
        self.carried: Sequence[tuple[str, tuple[Place, ...]]] = tuple(
            (name, tuple(map(place_of, places)))
            for name, places in said.items()
            if USER not in places and DEVICE not in places
        )
        self._looks_everywhere = any(
            not place.startswith("traits.") for name, _ in self.carried for place in said[name]
        )

    def read(self, message: Message) -> Said:
        """What a message says."""
        kind = message.kind
        reader = self._tracks.get(message.name) if kind is _TRACK else self._pages.get(kind)
        properties: Personal | None = None
        left: dict[str, object] | None = message.properties
        if reader is not None:
            events, found, properties = reader.read(message)
            said, left = Said(events, found.problems), found.rest
        else:
            said = Said((), [("event", UNDECLARED)] if kind is _TRACK or kind in PAGES else None)
        context = message.context
        is_bare = not context or (len(context) == 1 and _TECHNICAL in context)
        if message.traits or self._looks_everywhere or (not is_bare and "traits" in context):
            return self._with_traits(message, said, properties, left)
        if left is None and properties is None and is_bare and kind is _TRACK and not message.integrations:
            return said
        rest = _rest(message, left, is_known=bool(said.events))
        if rest or properties:
            said.sealed = Sealed((), {}, {}, properties or {}, rest)
        return said

    def _with_traits(
        self, message: Message, said: Said, properties: Personal | None, left: dict[str, object] | None
    ) -> Said:
        found = self.traits.read(traits_of(message), message)
        rest = _rest(message, left, is_known=bool(said.events))
        if found.rest:
            rest["traits"] = found.rest
        said.traits, said.carried = found.values, self._identifiers(message)
        if found.problems:
            said.problems = [*(said.problems or ()), *((f"traits.{name}", wrong) for name, wrong in found.problems)]
        if rest or properties or found.personal:
            said.sealed = Sealed((), {}, found.personal or {}, properties or {}, rest)
        return said

    def _identifiers(self, message: Message) -> list[tuple[str, str]]:
        found = []
        for space, places in self.carried:
            for place in places:
                value = place.find(message)
                text = "" if value is None else text_of(value)
                if text:
                    found.append((space, text))
                    break
        return found


def _rest(message: Message, left: dict[str, object] | None, *, is_known: bool) -> dict[str, object]:
    """What no property or trait could stand for: the context, names of pages, what a group is called."""
    rest: dict[str, object] = {}
    context = message.context
    if context and not (len(context) == 1 and _TECHNICAL in context):
        rest["context"] = context
    if left:
        rest["properties"] = left
    if message.integrations:
        rest["integrations"] = message.integrations
    if message.kind is not _TRACK:
        _add_names(rest, message)
    elif not is_known:
        rest["event"] = message.name
    return rest


def _add_names(rest: dict[str, object], message: Message) -> None:
    if message.kind is MessageKind.GROUP:
        rest["group"] = {"id": message.group_id, "traits": message.traits}
    elif message.name:
        rest["name"] = message.name
    if message.category:
        rest["category"] = message.category


def _traits(plan: CollectPlan, mask: Mask) -> FieldsReader:
    """Where a place is a trait itself, it is one more way to write its name."""
    parts = {name: rules for name, rules in plan.customers.items() if rules.explode is None}
    spellings: dict[str, list[str]] = {}
    places: dict[str, list[Place]] = {}
    for name in parts:
        if name in plan.traits:
            keys = [_own_key(each) for each in plan.traits[name]]
            spellings[name] = [key for key in keys if key]
            places[name] = [place_of(each) for each, key in zip(plan.traits[name], keys, strict=True) if not key]
        elif name in _ADDRESS:
            places[name] = [place_of(f"traits.address.{_ADDRESS[name]}")]
    return FieldsReader(
        parts,
        spellings={
            **{name: list(_free(each, parts)) for name, each in _RESERVED.items() if name in parts},
            **spellings,
        },
        places=places,
        only_there=plan.traits.keys(),
        zone=ZoneInfo(plan.zone),
        mask=mask,
    )


def _free(keys: Sequence[str], parts: Mapping[str, PropertySpec]) -> Sequence[str]:
    return [key for key in keys if key not in parts]


def _own_key(path: str) -> str:
    root, _, key = path.partition(".")
    return key if root == "traits" and "." not in key else ""
