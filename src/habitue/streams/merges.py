"""RudderStack's merge messages, which say that several identifiers are one person, as messages of the Segment API."""

from datetime import datetime
from typing import Any, Final

import msgspec

from habitue.streams.decoding import EARLIEST_US, content_id, text_of, when_us
from habitue.streams.message_checks import look_through, needs_a_look, refusal_of
from habitue.streams.messages import Message, MessageKind, MessageLimits, MessageRefusal

_USER: Final = frozenset({"user_id", "userId", "userid"})
_ANONYMOUS: Final = frozenset({"anonymous_id", "anonymousId", "anonymousid"})
_MAX_WHO: Final = 512
_MAX_PAIRS: Final = 10


class _Pair(msgspec.Struct):
    type: str
    value: str | int


class _WireMerge(msgspec.Struct, rename="camel"):
    merge_properties: list[_Pair]
    message_id: str | int | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    timestamp: datetime | None = None
    original_timestamp: datetime | None = None
    sent_at: datetime | None = None
    context: dict[str, Any] | None = None
    integrations: dict[str, Any] | None = None
    write_key: str | None = None


class MergeDecoder:
    """Understands merge messages: two ids of users are an alias, anything else an identify with traits.

    Args:
        limits: How large messages may be.

    Examples:
        >>> pairs = b'[{"type": "user_id", "value": "7"}, {"type": "email", "value": "ann@example.com"}]'
        >>> said = MergeDecoder().message(b'{"mergeProperties": ' + pairs + b"}", received_us=5)
        >>> said.kind.value, said.user_id, said.traits
        ('identify', '7', {'email': 'ann@example.com'})
    """

    def __init__(self, limits: MessageLimits | None = None) -> None:
        self._limits = limits or MessageLimits()
        self._decoder = msgspec.json.Decoder(_WireMerge)

    def message(self, raw: bytes, *, received_us: int) -> Message | MessageRefusal:
        """One merge as a message.

        Args:
            raw: What came.
            received_us: When it came, µs since 1970 UTC.
        """
        limits = self._limits
        if len(raw) > limits.message_bytes:
            reason = f"A message has at most {limits.message_bytes} bytes, and this one {len(raw)}."
            return MessageRefusal("MESSAGE-SIZE", "", reason, raw)
        try:
            wire = self._decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return refusal_of(error, raw, limits)
        if needs_a_look(raw, limits):
            wrong = look_through((wire.context, wire.integrations), limits, raw)
            if wrong is not None:
                return wrong
        return _message(wire, raw, received_us)


def _message(wire: _WireMerge, raw: bytes, received_us: int) -> Message | MessageRefusal:
    field = "mergeProperties"
    if not 1 < len(wire.merge_properties) <= _MAX_PAIRS:
        return MessageRefusal("MESSAGE-VALUE", field, f"A merge names 2 to {_MAX_PAIRS} identifiers.", raw)
    pairs = [(pair.type, text_of(pair.value)) for pair in wire.merge_properties]
    said = [value for _, value in pairs if value is not None]
    if len(said) < len(pairs) or max(map(len, said)) > _MAX_WHO:
        return MessageRefusal("MESSAGE-VALUE", field, f"An identifier has 1 to {_MAX_WHO} characters.", raw)
    users = [value for kind, value in pairs if kind in _USER]
    anonymous = [value for kind, value in pairs if kind in _ANONYMOUS]
    user = text_of(wire.user_id) or (users[0] if users else None)
    device = text_of(wire.anonymous_id) or (anonymous[0] if anonymous else None)
    if user is None and device is None:
        reason = "One of the identifiers is a user_id or anonymous_id, or the message has a userId or anonymousId."
        return MessageRefusal("MESSAGE-MISSING", "userId", reason, raw)
    occurred_us = when_us(received_us, wire.original_timestamp or wire.timestamp, wire.sent_at)
    if occurred_us < EARLIEST_US:
        return MessageRefusal("MESSAGE-TIME", "timestamp", "The time, corrected, lies before the year 1900.", raw)
    previous = next((each for each in users if each != user), None)
    rest: dict[str, object] = {kind: value for kind, value in pairs if kind not in _USER | _ANONYMOUS}
    return Message(
        kind=MessageKind.IDENTIFY if previous is None else MessageKind.ALIAS,
        message_id=text_of(wire.message_id) or content_id(raw, received_us, is_timed=False),
        user_id=user,
        anonymous_id=device,
        name="",
        category="",
        group_id=None,
        previous_id=previous,
        received_us=received_us,
        occurred_us=occurred_us,
        properties={},
        traits=rest,
        context=wire.context or {},
        integrations=wire.integrations or {},
    )
