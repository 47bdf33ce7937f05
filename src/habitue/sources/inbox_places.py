"""Where something stands in a message: `userId`, `context.page.path`, `traits.plan`, `group.plan`."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from habitue.streams.messages import Message, MessageKind

_NONE: Final[Mapping[str, object]] = {}
_PAGES: Final = (MessageKind.PAGE, MessageKind.SCREEN)
_Find = Callable[[Message], object]
_Inside = Callable[[Message], Mapping[str, object]]


class Place(NamedTuple):
    """A place of messages.

    Attributes:
        find: What stands there; None where nothing does.
        grounds: Keys of the context without which nothing can stand there; empty where that is not known.
    """

    find: _Find
    grounds: tuple[str, ...] = ()


def traits_of(message: Message) -> Mapping[str, object]:
    """What a message says of the customer: its traits, or those of its context; a group's are not the customer's."""
    if message.traits and message.kind is not MessageKind.GROUP:
        return message.traits
    inner = message.context.get("traits")
    return inner if isinstance(inner, dict) else _NONE


def place_of(path: str) -> Place:
    """The way to a place.

    Args:
        path: As `MessagePath` of a source's file.
    """
    root, *steps = path.split(".")
    if not steps:
        return Place(_WORDS[root])
    inside = _ROOTS[root]
    find = _inside_one(inside, steps[0]) if len(steps) == 1 else _inside(inside, tuple(steps))
    return Place(find, (steps[0],) if root == "context" else ())


def _inside_one(inside: _Inside, key: str) -> _Find:
    return lambda message: inside(message).get(key)


def _inside(inside: _Inside, steps: tuple[str, ...]) -> _Find:
    def find(message: Message) -> object:
        value: object = inside(message)
        for step in steps:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value

    return find


def _of_page(field: Callable[[Message], str]) -> _Find:
    """The name of a track is its event, and nothing that a property would hold."""
    return lambda message: (field(message) or None) if message.kind in _PAGES else None


_WORDS: Final[Mapping[str, _Find]] = {
    "userId": lambda message: message.user_id,
    "anonymousId": lambda message: message.anonymous_id,
    "groupId": lambda message: message.group_id,
    "name": _of_page(lambda message: message.name),
    "category": _of_page(lambda message: message.category),
}
_ROOTS: Final[Mapping[str, _Inside]] = {
    "properties": lambda message: message.properties,
    "traits": traits_of,
    "context": lambda message: message.context,
    "group": lambda message: message.traits if message.kind is MessageKind.GROUP else _NONE,
}
