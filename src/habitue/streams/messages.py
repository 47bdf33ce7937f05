"""What a sender said in one message of the Segment HTTP API, once it is understood, or why it is not."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

KILOBYTE: Final = 1024


class MessageKind(StrEnum):
    """What a message is about."""

    IDENTIFY = "identify"
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


class MessageLimits(NamedTuple):
    """How large a message may be.

    Attributes:
        message_bytes: Bytes of one message.
        batch_bytes: Bytes of a batch.
        batch_messages: Messages of a batch.
        depth: How deep objects and lists may lie in each other, the message itself included.
        keys: How many keys all objects of a message may have together.
    """

    message_bytes: int = 32 * KILOBYTE
    batch_bytes: int = 500 * KILOBYTE
    batch_messages: int = 2_500
    depth: int = 32
    keys: int = 1_000


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One message.

    Attributes:
        kind: What it is about.
        message_id: The sender's id of it, or one made of its content.
        user_id: Who did it, by the sender's own id of its users; of an alias the id that holds from now on.
        anonymous_id: Who did it, by an id of the device.
        name: The event of a track, the name of a page or screen; else empty.
        category: The category of a page; else empty.
        group_id: The group of a group message; else None.
        previous_id: The id that an alias lays to `user_id`; else None.
        received_us: When it was received, µs since 1970 UTC.
        occurred_us: When it happened, corrected for the sender's clock, never later than it was received.
        properties: Of the event, page or screen.
        traits: Of the customer or group.
        context: Where it happened, that of its batch included.
        integrations: Where it may be passed on to.
    """

    kind: MessageKind
    message_id: str
    user_id: str | None
    anonymous_id: str | None
    name: str
    category: str
    group_id: str | None
    previous_id: str | None
    received_us: int
    occurred_us: int
    properties: dict[str, object]
    traits: dict[str, object]
    context: dict[str, object]
    integrations: dict[str, object]


class MessageRefusal(NamedTuple):
    """Why a message, or a whole body, was not understood.

    Attributes:
        code: Stable code of the reason.
        field: Path of the field that is wrong, as `properties.products`; empty when the whole is.
        reason: One sentence, without any value of the message.
        raw: The message as it came; empty when the body as a whole is refused.
    """

    code: str
    field: str
    reason: str
    raw: bytes = b""


class Batch(NamedTuple):
    """What became of each message of a batch, in their order.

    Attributes:
        results: Message or refusal.
        write_key: The key that the body names; empty when it names none.
    """

    results: list[Message | MessageRefusal]
    write_key: str
