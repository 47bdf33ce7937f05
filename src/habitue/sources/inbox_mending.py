"""A live message that was not taken in, opened again, with new values where somebody gave some."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from habitue.errors import HabitueError
from habitue.sources.inbox import CONTRACT
from habitue.streams import Failure
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Message, MessageRefusal

_NOT_KEPT: Final = MessageRefusal("MESSAGE-NOT-KEPT", "", "The failed lane had no room for what came; send it again.")
_AS_CAME: Final = frozenset(
    {
        "type", "event", "name", "category", "messageId", "userId", "anonymousId", "groupId", "previousId", "timestamp",
        "originalTimestamp", "sentAt", "properties", "traits", "context", "integrations",
    }
)  # fmt: skip
"""The fields of a message as it is sent."""
_AS_READ: Final = {
    "type": "kind",
    "event": "name",
    "messageId": "message_id",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "previousId": "previous_id",
}
"""What some are called in a message that was understood, and failed later."""


class MendError(HabitueError):
    """A failed message cannot be mended like this."""

    code = "MESSAGE-MEND"


def reopened(
    failure: Failure, text: str, changes: Mapping[str, str | None], *, now_us: int
) -> Message | MessageRefusal:
    """A failed message as if it came now, or why it is not understood.

    Args:
        failure: Where it failed.
        text: What it says, opened; empty where that was not kept.
        changes: New values by path: `userId`, `timestamp`, `properties.revenue`, or the name of a property. What reads
            as a number, true, false or null in JSON is one; None takes a value away.
        now_us: The present time, µs since 1970 UTC.

    Raises:
        MendError: There is nothing under a path that could be changed.
    """
    if not text:
        return _NOT_KEPT
    if failure.stage != CONTRACT:
        body = json.dumps(_changed(text, changes, {})) if changes else text
        return Decoder().message(body.encode("utf-8", "surrogateescape"), None, received_us=now_us)
    said = _changed(text, changes, _AS_READ) if changes else json.loads(text)
    said["received_us"] = now_us
    said["occurred_us"] = min(said["occurred_us"], now_us)
    try:
        return msgspec.convert(said, Message)
    except msgspec.ValidationError:
        raise MendError(
            what="With these values it is no message.",
            do="Give identifiers and names as texts; `timestamp` of what was understood cannot be changed.",
        ) from None


def _changed(text: str, changes: Mapping[str, str | None], names: Mapping[str, str]) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise MendError(what="What came is no JSON object: no field of it can be changed.", do="Send it again, mended.")
    for path, value in changes.items():
        _put(said, _steps(path, names), value)
    return said


def _steps(path: str, names: Mapping[str, str]) -> list[str]:
    """Where a path leads: what is no field of a message is a property."""
    first, *rest = path.split(".")
    if first not in _AS_CAME:
        return ["properties", first, *rest]
    return [names.get(first, first), *rest]


def _put(said: dict[str, Any], steps: list[str], value: str | None) -> None:
    *way, last = steps
    for step in way:
        inner = said.setdefault(step, {})
        if not isinstance(inner, dict):
            raise MendError(what=f"{'.'.join(steps)!r} lies in what is no object.", do="Name another path.")
        said = inner
    if value is None:
        said.pop(last, None)
    else:
        said[last] = value if last.endswith(("Id", "_id")) else _read(value)


def _read(value: str) -> object:
    """A value as JSON has it, else the text itself."""
    try:
        found: object = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(found, dict | list) else found
