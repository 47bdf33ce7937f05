"""Bodies of PostHog's capture API as messages of the Segment API: one vocabulary behind the door."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from habitue.streams.decoding import EARLIEST_US, content_id, text_of, when_us
from habitue.streams.message_checks import CUT_MARK, cut_deep, look_through, needs_a_look, refusal_of, too_deep
from habitue.streams.messages import KILOBYTE, Batch, Message, MessageKind, MessageLimits, MessageRefusal

POSTHOG_LIMITS: Final = MessageLimits(batch_bytes=4_000 * KILOBYTE)
_MAX_ID: Final = 100
_MAX_WHO: Final = 512
_Id = str | int | None
_Fields = dict[str, Any]
_KINDS: Final = {
    "$pageview": MessageKind.PAGE,
    "$screen": MessageKind.SCREEN,
    "$identify": MessageKind.IDENTIFY,
    "$set": MessageKind.IDENTIFY,
    "$create_alias": MessageKind.ALIAS,
    "$groupidentify": MessageKind.GROUP,
}
_PAGE: Final = {"$current_url": "url", "$pathname": "path", "$referrer": "referrer", "title": "title"}
_SPOKEN_FOR: Final = frozenset({"distinct_id", "token", "$set", "$set_once", "$anon_distinct_id"})


class _Wire(msgspec.Struct, rename={"set_": "$set", "set_once": "$set_once"}, gc=False):
    """An event as it comes; every field may be missing."""

    event: str | None = None
    distinct_id: _Id = None
    properties: _Fields | None = None
    timestamp: datetime | None = None
    sent_at: datetime | None = None
    uuid: str | None = None
    set_: _Fields | None = None
    set_once: _Fields | None = None
    api_key: str | None = None


class _WireBatch(msgspec.Struct):
    batch: list[msgspec.Raw] | None = None
    api_key: str | None = None
    token: str | None = None
    sent_at: datetime | None = None
    historical_migration: bool = False


class _Around(NamedTuple):
    """What holds for every event of a body."""

    received_us: int
    sent_at: datetime | None = None
    corrects_clock: bool = True


class PostHogDecoder:
    """Understands what PostHog's libraries send: one event, a list of events, or a batch.

    Args:
        limits: How large events may be.

    Examples:
        >>> sent = b'{"api_key": "k", "event": "$pageview", "distinct_id": "7", "properties": {"$pathname": "/a"}}'
        >>> batch = PostHogDecoder().body(sent, received_us=5)
        >>> batch.write_key, [(each.kind.value, each.user_id, each.properties) for each in batch.results]
        ('k', [('page', '7', {'path': '/a'})])
    """

    def __init__(self, limits: MessageLimits = POSTHOG_LIMITS) -> None:
        self._limits = limits
        self._event = msgspec.json.Decoder(_Wire)
        self._batch = msgspec.json.Decoder(_WireBatch)
        self._list = msgspec.json.Decoder(list[msgspec.Raw])

    def body(self, body: bytes, *, received_us: int) -> Batch | MessageRefusal:
        """What a body says, event by event; a refusal when it cannot be taken apart.

        Args:
            body: What came.
            received_us: When it came, µs since 1970 UTC.
        """
        limits = self._limits
        if len(body) > limits.batch_bytes:
            reason = f"A batch has at most {limits.batch_bytes} bytes, and this one {len(body)}."
            return MessageRefusal("BATCH-SIZE", "", reason)
        try:
            wire, events = self._taken_apart(body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refusal_of(error, b"", limits)
        if len(events) > limits.batch_messages:
            reason = f"A batch has at most {limits.batch_messages} messages, and this one {len(events)}."
            return MessageRefusal("BATCH-COUNT", "batch", reason)
        around = _Around(received_us, wire.sent_at, not wire.historical_migration)
        results = [self._one(raw, around, place) for place, raw in enumerate(events)]
        return Batch(results, wire.api_key or wire.token or self._key_of(events))

    def _taken_apart(self, body: bytes) -> tuple[_WireBatch, list[bytes]]:
        try:
            return self._events(body)
        except RecursionError:
            # One event that is endlessly deep is no reason to refuse its neighbours.
            return self._events(cut_deep(body, self._limits.depth + 2))

    def _events(self, body: bytes) -> tuple[_WireBatch, list[bytes]]:
        if body.lstrip()[:1] == b"[":
            return _WireBatch(), [bytes(raw) for raw in self._list.decode(body)]
        wire = self._batch.decode(body)
        return wire, [body] if wire.batch is None else [bytes(raw) for raw in wire.batch]

    def _key_of(self, events: list[bytes]) -> str:
        """The key that the first event of a list names, as PostHog's oldest form has it."""
        try:
            first = self._event.decode(events[0]) if events else _Wire()
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return ""
        token = (first.properties or {}).get("token")
        return first.api_key or (token if isinstance(token, str) else "")

    def _one(self, raw: bytes, around: _Around, place: int) -> Message | MessageRefusal:
        limits = self._limits
        if len(raw) > limits.message_bytes:
            reason = f"A message has at most {limits.message_bytes} bytes, and this one {len(raw)}."
            return MessageRefusal("MESSAGE-SIZE", "", reason, raw)
        if CUT_MARK in raw:
            return MessageRefusal("MESSAGE-DEPTH", "", too_deep(limits), raw)
        try:
            wire = self._event.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refusal_of(error, raw, limits)
        if needs_a_look(raw, limits):
            wrong = look_through((wire.properties, wire.set_, wire.set_once), limits, raw)
            if wrong is not None:
                return wrong
        return _message(wire, raw, around, place)


class _Who(NamedTuple):
    """Whom an event is about, in the words of the Segment API."""

    user: str | None = None
    anonymous: str | None = None
    previous: str | None = None
    group: str | None = None


def _message(wire: _Wire, raw: bytes, around: _Around, place: int) -> Message | MessageRefusal:
    said = wire.properties or {}
    name = wire.event or ""
    kind = _KINDS.get(name, MessageKind.TRACK)
    who = _who(kind, text_of(wire.distinct_id) or _id(said.get("distinct_id")), said)
    wrong = _wrong(name, kind, who, wire.uuid)
    sent = (wire.sent_at or around.sent_at) if around.corrects_clock else None
    occurred_us = when_us(around.received_us, wire.timestamp, sent)
    if wrong is None and occurred_us < EARLIEST_US:
        wrong = MessageRefusal("MESSAGE-TIME", "timestamp", "The time, corrected, lies before the year 1900.")
    if wrong is not None:
        return wrong._replace(raw=raw)
    traits = _traits(wire, kind, said)
    is_about_traits = kind in {MessageKind.IDENTIFY, MessageKind.GROUP}
    return Message(
        kind=kind,
        message_id=wire.uuid or content_id(raw, around.received_us, place, is_timed=wire.timestamp is not None),
        user_id=who.user,
        anonymous_id=who.anonymous,
        name=_name(name, kind, said),
        category="",
        group_id=who.group,
        previous_id=who.previous,
        received_us=around.received_us,
        occurred_us=occurred_us,
        properties={_PAGE.get(key, key): value for key, value in said.items() if key not in _SPOKEN_FOR},
        traits=traits if is_about_traits else {},
        context=_context(said, {} if is_about_traits else traits),
        integrations={},
    )


def _who(kind: MessageKind, distinct: str | None, said: _Fields) -> _Who:
    """PostHog has one sort of id; what its libraries mark as nobody's yet is that of a device."""
    if kind is MessageKind.ALIAS:
        # `alias(previous_id, distinct_id)` of the libraries sends the former as distinct_id, the latter as alias.
        return _Who(user=_id(said.get("alias")), previous=distinct)
    group = _id(said.get("$group_key")) if kind is MessageKind.GROUP else None
    if group is not None and distinct == f"${said.get('$group_type')}_{group}":
        # What libraries put where nobody was named: nobody.
        distinct = None
    if kind is MessageKind.IDENTIFY:
        return _Who(user=distinct, anonymous=_id(said.get("$anon_distinct_id")))
    is_nobody = (
        said.get("$process_person_profile") is False
        or said.get("$is_identified") is False
        or (distinct is not None and said.get("$device_id") == distinct)
    )
    return _Who(anonymous=distinct, group=group) if is_nobody else _Who(user=distinct, group=group)


def _wrong(name: str, kind: MessageKind, who: _Who, uuid: str | None) -> MessageRefusal | None:
    if not name:
        return MessageRefusal("MESSAGE-MISSING", "event", "A message needs an event.")
    if (who.previous if kind is MessageKind.ALIAS else who.user or who.anonymous) is None:
        return MessageRefusal("MESSAGE-MISSING", "distinct_id", "A message needs a distinct_id.")
    if kind is MessageKind.ALIAS and who.user is None:
        return MessageRefusal("MESSAGE-MISSING", "properties.alias", "A $create_alias needs an alias.")
    if kind is MessageKind.GROUP and who.group is None:
        return MessageRefusal("MESSAGE-MISSING", "properties.$group_key", "A $groupidentify needs a $group_key.")
    if max(len(each or "") for each in who) > _MAX_WHO:
        return MessageRefusal("MESSAGE-VALUE", "distinct_id", f"It has at most {_MAX_WHO} characters.")
    if len(uuid or "") > _MAX_ID:
        return MessageRefusal("MESSAGE-VALUE", "uuid", f"A uuid has at most {_MAX_ID} characters.")
    return None


def _name(name: str, kind: MessageKind, said: _Fields) -> str:
    if kind is MessageKind.TRACK:
        return name
    named = said.get("title" if kind is MessageKind.PAGE else "$screen_name")
    return named if isinstance(named, str) and kind in {MessageKind.PAGE, MessageKind.SCREEN} else ""


def _traits(wire: _Wire, kind: MessageKind, said: _Fields) -> dict[str, object]:
    """What is set, whatever stood before; `$set_once` holds only where nothing does, so it makes no trait."""
    given = said.get("$group_set") if kind is MessageKind.GROUP else wire.set_ or said.get("$set")
    return dict(given) if isinstance(given, dict) else {}


def _context(said: _Fields, traits: dict[str, object]) -> dict[str, object]:
    page = {short: said[key] for key, short in _PAGE.items() if key in said}
    device = {"type": said.get("$device_type"), "id": said.get("$device_id")}
    parts: dict[str, object] = {
        "page": page,
        "library": {"name": said.get("$lib"), "version": said.get("$lib_version")},
        "device": {key: value for key, value in device.items() if value is not None},
        "traits": traits,
        "ip": said.get("$ip"),
        "userAgent": said.get("$raw_user_agent"),
        "groups": said.get("$groups"),
    }
    return {key: value for key, value in parts.items() if value}


def _id(value: object) -> str | None:
    return text_of(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
