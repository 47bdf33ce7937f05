"""What is sent about one change: the same bytes at every attempt."""

import hashlib
import json
from base64 import b32encode
from collections.abc import Mapping
from typing import Final, TypeAlias

from habitue.channels.spec import BodyFormat, ChannelSpec
from habitue.segments.transitions import Moved
from habitue.state.sqlite import from_us

MOST_BYTES: Final = 20_000
"""Bodies of webhooks are smaller than this; ours are a few hundred bytes."""
Json: TypeAlias = "bool | int | str | dict[str, Json] | None"


def message_id(channel: str, moved: Moved) -> str:
    """What a receiver knows a change by: the same at every attempt, another for every change and channel."""
    about = (channel, moved.sequence, moved.customer_id, moved.segment, moved.entered, moved.occurred_us)
    digest = hashlib.sha256(json.dumps(about, ensure_ascii=True).encode()).digest()
    return "msg_" + b32encode(digest[:20]).decode("ascii").lower()


def body_of(spec: ChannelSpec, moved: Moved, user_id: str | None = None) -> bytes:
    """The body that tells of a change.

    Args:
        spec: The channel.
        moved: The change.
        user_id: The customer's own identifier, where the channel shows those.
    """
    if spec.format is BodyFormat.SEGMENT:
        return _bytes(_track(spec, moved, user_id))
    shown: dict[str, Json] = {} if user_id is None else {"user_id": user_id}
    return _bytes(
        {
            "type": "segment.entered" if moved.entered else "segment.left",
            "timestamp": _iso(moved.occurred_us),
            "data": {
                "customer": moved.customer_id,
                **shown,
                "segment": moved.segment,
                "entered": moved.entered,
                "occurred_at": _iso(moved.occurred_us),
                "noticed_at": _iso(moved.noticed_us),
                "cause": moved.cause,
                "sequence": moved.sequence,
                "channel": spec.channel,
            },
        }
    )


def _track(spec: ChannelSpec, moved: Moved, user_id: str | None) -> Mapping[str, Json]:
    """The change as a message of the Segment specification, as an audience tells of one."""
    who: dict[str, Json] = {"anonymousId": moved.customer_id} if user_id is None else {"userId": user_id}
    personas: dict[str, Json] = {
        "computation_class": "audience",
        "computation_id": moved.segment,
        "computation_key": moved.segment,
        "namespace": "users",
        "space_id": "habitue",
    }
    return {
        "type": "track",
        "event": "Audience Entered" if moved.entered else "Audience Exited",
        **who,
        "messageId": message_id(spec.channel, moved),
        "timestamp": _iso(moved.occurred_us),
        "properties": {
            "audience_key": moved.segment,
            moved.segment: moved.entered,
            "cause": moved.cause,
            "sequence": moved.sequence,
        },
        "context": {"personas": personas},
    }


def trial_body(spec: ChannelSpec, sent_us: int) -> bytes:
    """A body about nobody, to see whether a receiver takes and verifies it."""
    if spec.format is BodyFormat.SEGMENT:
        return _bytes(
            {
                "type": "track",
                "event": "Channel Tested",
                "anonymousId": "nobody",
                "timestamp": _iso(sent_us),
                "properties": {"channel": spec.channel},
            }
        )
    return _bytes({"type": "channel.tested", "timestamp": _iso(sent_us), "data": {"channel": spec.channel}})


def _iso(instant_us: int) -> str:
    return from_us(instant_us).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _bytes(value: Mapping[str, Json]) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")
