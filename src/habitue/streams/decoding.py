"""Bodies of the Segment HTTP API into messages: whatever comes, each message is understood or precisely refused."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from habitue.streams.message_checks import (
    CUT_MARK,
    cut_deep,
    has_long_number,
    is_large,
    look_through,
    refusal_of,
    too_deep,
)
from habitue.streams.messages import Batch, Message, MessageKind, MessageLimits, MessageRefusal

_KINDS: Final = {kind.value: kind for kind in MessageKind}
_DEFAULTS: Final = MessageLimits()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
EARLIEST_US: Final = -2_208_988_800_000_000
"""The beginning of 1900: what is said to lie before that is a mistake."""
_MAX_MESSAGE_ID: Final = 100
_MAX_WHO: Final = 512

_Id = str | int | None
_Fields = dict[str, Any] | None


class _Wire(msgspec.Struct, rename="camel", gc=False):
    """A message as it comes; every field may be missing."""

    type: str | None = None
    message_id: _Id = None
    user_id: _Id = None
    anonymous_id: _Id = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    group_id: _Id = None
    previous_id: _Id = None
    timestamp: datetime | None = None
    original_timestamp: datetime | None = None
    sent_at: datetime | None = None
    properties: _Fields = None
    traits: _Fields = None
    context: _Fields = None
    integrations: _Fields = None
    write_key: str | None = None


class _WireBatch(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    context: _Fields = None
    integrations: _Fields = None
    sent_at: datetime | None = None
    write_key: str | None = None


class _Around(NamedTuple):
    """What holds for every message of a body."""

    received_us: int
    limits: MessageLimits
    corrects_clock: bool
    skew_us: int = 0
    context: dict[str, Any] | None = None
    integrations: dict[str, Any] | None = None
    has_long_number: bool = True
    is_cut: bool = False


class Decoder:
    """Understands bodies; it remembers nothing from one to the next.

    Args:
        limits: How large messages may be.

    Examples:
        >>> said = Decoder().message(b'{"userId": "7", "event": "Cart Viewed"}', MessageKind.TRACK, received_us=5)
        >>> said.name, said.user_id, said.occurred_us
        ('Cart Viewed', '7', 5)
        >>> Decoder().message(b'{"userId": 7, "event": []}', MessageKind.TRACK, received_us=5)[:2]
        ('MESSAGE-TYPE', 'event')
    """

    def __init__(self, limits: MessageLimits = _DEFAULTS) -> None:
        self._limits = limits
        self._message = msgspec.json.Decoder(_Wire)
        self._batch = msgspec.json.Decoder(_WireBatch)

    def message(
        self, body: bytes, kind: MessageKind | None, *, received_us: int, corrects_clock: bool = True
    ) -> Message | MessageRefusal:
        """One message by itself.

        Args:
            body: What came.
            kind: What it is about, by its address; None when its field `type` says that.
            received_us: When it came, µs since 1970 UTC.
            corrects_clock: Whether to correct for the sender's clock; not for what is imported from the past.
        """
        return self._one(body, kind, _Around(received_us, self._limits, corrects_clock), 0)

    def batch(self, body: bytes, *, received_us: int, corrects_clock: bool = True) -> Batch | MessageRefusal:
        """A batch, message by message; a refusal when it cannot be taken apart.

        Args:
            body: What came.
            received_us: When it came, µs since 1970 UTC.
            corrects_clock: Whether to correct for the sender's clock; not for what is imported from the past.
        """
        limits = self._limits
        if len(body) > limits.batch_bytes:
            reason = f"A batch has at most {limits.batch_bytes} bytes, and this one {len(body)}."
            return MessageRefusal("BATCH-SIZE", "", reason)
        try:
            wire, is_cut = self._taken_apart(body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refusal_of(error, b"", limits)
        if len(wire.batch) > limits.batch_messages:
            reason = f"A batch has at most {limits.batch_messages} messages, and this one {len(wire.batch)}."
            return MessageRefusal("BATCH-COUNT", "batch", reason)
        around = _Around(
            received_us,
            limits,
            corrects_clock,
            received_us - to_us(wire.sent_at) if corrects_clock and wire.sent_at is not None else 0,
            wire.context,
            wire.integrations,
            has_long_number(body),
            is_cut,
        )
        if (wrong := look_through((wire.context, wire.integrations), limits, b"")) is not None:
            return wrong
        results = [self._one(bytes(raw), None, around, place) for place, raw in enumerate(wire.batch)]
        return Batch(results, wire.write_key or "")

    def _taken_apart(self, body: bytes) -> tuple[_WireBatch, bool]:
        try:
            return self._batch.decode(body), False
        except RecursionError:
            # One message that is endlessly deep is no reason to refuse its neighbours.
            return self._batch.decode(cut_deep(body, self._limits.depth + 2)), True

    def _one(self, raw: bytes, kind: MessageKind | None, around: _Around, place: int) -> Message | MessageRefusal:
        limits = around.limits
        if len(raw) > limits.message_bytes:
            reason = f"A message has at most {limits.message_bytes} bytes, and this one {len(raw)}."
            return MessageRefusal("MESSAGE-SIZE", "", reason, raw)
        if around.is_cut and CUT_MARK in raw:
            return MessageRefusal("MESSAGE-DEPTH", "", too_deep(limits), raw)
        try:
            wire = self._message.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refusal_of(error, raw, limits)
        if is_large(raw, limits) or (around.has_long_number and has_long_number(raw)):
            fields = (wire.properties, wire.traits, wire.context, wire.integrations)
            if (wrong := look_through(fields, limits, raw)) is not None:
                return wrong
        found = kind or _KINDS.get(wire.type or "")
        if found is None:
            known = ", ".join(_KINDS)
            code = "MESSAGE-KIND" if wire.type else "MESSAGE-MISSING"
            return MessageRefusal(code, "type", f"The type of a message is one of {known}.", raw)
        return _message(wire, found, raw, around, place)


def _message(wire: _Wire, kind: MessageKind, raw: bytes, around: _Around, place: int) -> Message | MessageRefusal:
    # Calls are what this costs: what nearly every message has is looked at here, everything else where it is named.
    user, anonymous, message_id, wrong = wire.user_id, wire.anonymous_id, wire.message_id, None
    if user is not None and not (isinstance(user, str) and user):
        user = text_of(user)
    if anonymous is not None and not (isinstance(anonymous, str) and anonymous):
        anonymous = text_of(anonymous)
    group = None if wire.group_id is None else text_of(wire.group_id)
    previous = None if wire.previous_id is None else text_of(wire.previous_id)
    if kind is MessageKind.ALIAS:
        previous = previous or anonymous
    if user is None or kind is not MessageKind.TRACK or not wire.event:
        wrong = _missing(wire, kind, (user, anonymous, group, previous))
    if not isinstance(message_id, str) or len(message_id) > _MAX_MESSAGE_ID or len(raw) > _MAX_WHO:
        wrong = wrong or _too_long(wire, user, anonymous, group, previous)
    if wrong is not None:
        return wrong._replace(raw=raw)
    occurred_us = _occurred_us(wire, around)
    if occurred_us < EARLIEST_US:
        return MessageRefusal("MESSAGE-TIME", "timestamp", "The time, corrected, lies before the year 1900.", raw)
    return Message(
        kind=kind,
        message_id=text_of(message_id) or _own_id(wire, raw, around, place),
        user_id=user,
        anonymous_id=anonymous,
        name=(wire.event if kind is MessageKind.TRACK else wire.name) or "",
        category=wire.category or "",
        group_id=group,
        previous_id=previous,
        received_us=around.received_us,
        occurred_us=occurred_us,
        properties=wire.properties or {},
        traits=wire.traits or {},
        context=_merged(around.context, wire.context) if around.context else wire.context or {},
        integrations=_merged(around.integrations, wire.integrations)
        if around.integrations
        else wire.integrations or {},
    )


def _missing(
    wire: _Wire, kind: MessageKind, ids: tuple[str | None, str | None, str | None, str | None]
) -> MessageRefusal | None:
    user, anonymous, group, previous = ids
    if user is None and (anonymous is None or kind is MessageKind.ALIAS):
        reason = (
            "An alias needs a userId." if kind is MessageKind.ALIAS else "A message needs a userId or an anonymousId."
        )
        return MessageRefusal("MESSAGE-MISSING", "userId", reason)
    if kind is MessageKind.TRACK and not wire.event:
        return MessageRefusal("MESSAGE-MISSING", "event", "A track message needs an event.")
    if kind is MessageKind.GROUP and group is None:
        return MessageRefusal("MESSAGE-MISSING", "groupId", "A group message needs a groupId.")
    if kind is MessageKind.ALIAS and previous is None:
        return MessageRefusal("MESSAGE-MISSING", "previousId", "An alias needs a previousId.")
    return None


def _too_long(
    wire: _Wire, user: str | None, anonymous: str | None, group: str | None, previous: str | None
) -> MessageRefusal | None:
    if wire.message_id is not None and len(str(wire.message_id)) > _MAX_MESSAGE_ID:
        reason = f"A messageId has at most {_MAX_MESSAGE_ID} characters."
        return MessageRefusal("MESSAGE-VALUE", "messageId", reason)
    if max(len(user or ""), len(anonymous or ""), len(group or ""), len(previous or "")) > _MAX_WHO:
        named = {"userId": user, "anonymousId": anonymous, "groupId": group, "previousId": previous}
        field = next(name for name, value in named.items() if value is not None and len(value) > _MAX_WHO)
        return MessageRefusal("MESSAGE-VALUE", field, f"It has at most {_MAX_WHO} characters.")
    return None


def text_of(value: str | int | None) -> str | None:
    """An identifier as text; an empty one is none."""
    if isinstance(value, str):
        return value or None
    return None if value is None else str(value)


def _merged(outer: dict[str, Any], inner: dict[str, Any] | None) -> dict[str, object]:
    return {**outer, **(inner or {})}


def _occurred_us(wire: _Wire, around: _Around) -> int:
    original = wire.original_timestamp or wire.timestamp
    if original is None:
        return around.received_us
    if wire.sent_at is not None and around.corrects_clock:
        return when_us(around.received_us, original, wire.sent_at)
    return min(around.received_us, to_us(original) + around.skew_us)


def when_us(received_us: int, original: datetime | None, sent: datetime | None) -> int:
    """When something happened by our clock, µs since 1970 UTC; when it was received, if nobody said.

    Args:
        received_us: When it was received, by our clock.
        original: When it happened, by the sender's clock.
        sent: When it was sent, by the sender's clock; None where that is not to be corrected for.
    """
    if original is None:
        return received_us
    return corrected_us(received_us, None if sent is None else to_us(sent), to_us(original))


def to_us(moment: datetime) -> int:
    """A time as whole microseconds since 1970 UTC; one without an offset is in UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def corrected_us(received_us: int, sent_us: int | None, original_us: int) -> int:
    """When something happened by our clock: as long before it was received as it happened before it was sent.

    Args:
        received_us: When it was received, by our clock.
        sent_us: When it was sent, by the sender's clock; None when that is not known.
        original_us: When it happened, by the sender's clock.

    Returns:
        The time by our clock, never later than it was received.

    Examples:
        >>> corrected_us(1_000, 5_000, 4_900)
        900
        >>> corrected_us(1_000, None, 4_900)
        1000
    """
    skew_us = 0 if sent_us is None else received_us - sent_us
    return min(received_us, original_us + skew_us)


def _own_id(wire: _Wire, raw: bytes, around: _Around, place: int) -> str:
    is_timed = wire.timestamp is not None or wire.original_timestamp is not None
    return content_id(raw, around.received_us, place, is_timed=is_timed)


def content_id(raw: bytes, received_us: int, place: int = 0, *, is_timed: bool) -> str:
    """An id for a message without one: of its content, and of when it came if the content holds no time.

    Args:
        raw: The message as it came.
        received_us: When it came.
        place: Its place in the batch.
        is_timed: Whether it says when it happened.
    """
    digest = blake2b(raw, digest_size=16)
    if not is_timed:
        digest.update(f"|{received_us}|{place}".encode())
    return f"content-{digest.hexdigest()}"
