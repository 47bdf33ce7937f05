"""A live source compiled: what a message says of events, traits and identifiers."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from habitue.sources.arrivals import ArrivedEvent, Sealed, Stored
from habitue.sources.inbox_events import UNDECLARED, EventNames
from habitue.sources.inbox_fields import FieldsReader, Mask
from habitue.sources.inbox_places import Place, place_of, traits_of
from habitue.sources.inbox_values import Wrong, text_of
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


_EVENTFUL: Final = frozenset({MessageKind.TRACK, MessageKind.PAGE, MessageKind.SCREEN})
_TECHNICAL: Final = frozenset({"library"})


class Said(NamedTuple):
    """What a message says, read by the contracts.

    Attributes:
        events: What it becomes.
        traits: Of the customer, in stored form.
        carried: Further identifiers as written: namespace and value.
        problems: What is wrong: where, and what.
        sealed: What is not for everybody; None where there is nothing.
    """

    events: tuple[ArrivedEvent, ...]
    traits: dict[str, Stored]
    carried: list[tuple[str, str]]
    problems: list[tuple[str, Wrong]]
    sealed: Sealed | None


class CollectedSource:
    """One live source, ready to read messages.

    Attributes:
        plan: What was declared.
        events: Finds the reader of a message's event.
        traits: Reads traits.
        user: The namespace of `userId`.
        device: The namespace of `anonymousId`.
        carried: Further identifiers: namespace and where they stand.
    """

    def __init__(self, plan: CollectPlan, mask: Mask) -> None:
        self.plan = plan
        self.events = EventNames(plan, mask)
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
        events: tuple[ArrivedEvent, ...] = ()
        problems: list[tuple[str, Wrong]] = []
        properties: dict[str, dict[str, Stored]] = {}
        rest = _rest(message)
        if message.kind in _EVENTFUL:
            reader = self.events.reader(message)
            if reader is None:
                problems.append(("event", UNDECLARED))
                rest["event"] = message.name
                if message.properties:
                    rest["properties"] = message.properties
            else:
                events, problems, properties, left = reader.read(message)
                if left:
                    rest["properties"] = left
        said = traits_of(message)
        if not said:
            sealed = Sealed((), {}, {}, properties, rest) if rest or properties else None
            return Said(events, {}, self._identifiers(message) if self._looks_everywhere else [], problems, sealed)
        found = self.traits.read(said, message)
        carried = self._identifiers(message)
        problems += [(f"traits.{name}", wrong) for name, wrong in found.problems]
        if found.rest:
            rest["traits"] = found.rest
        return Said(
            events,
            found.values,
            carried,
            problems,
            Sealed((), {}, found.personal, properties, rest) if rest or properties or found.personal else None,
        )

    def _identifiers(self, message: Message) -> list[tuple[str, str]]:
        found = []
        for space, places in self.carried:
            for place in places:
                value = place(message)
                text = "" if value is None else text_of(value)
                if text:
                    found.append((space, text))
                    break
        return found


def _rest(message: Message) -> dict[str, object]:
    """What no property or trait could stand for: the context, names of pages, what a group is called."""
    rest: dict[str, object] = {}
    context = message.context
    if context and not context.keys() <= _TECHNICAL:
        rest["context"] = context
    if message.kind is MessageKind.GROUP:
        rest["group"] = {"id": message.group_id, "traits": message.traits}
    elif message.name and message.kind is not MessageKind.TRACK:
        rest["name"] = message.name
    if message.category:
        rest["category"] = message.category
    if message.integrations:
        rest["integrations"] = message.integrations
    return rest


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
