"""A dictionary of bounded size that keeps what was asked for lately."""

from collections.abc import Collection, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(dict[K, V]):
    """Holds at most so many entries; what was neither put nor asked for in a long time goes first.

    Ask with `held[key]`, which gives `unknown` for what is not held. There are two halves: what is asked for moves
    into the young one; when that is full it becomes the old one, and what was old is forgotten. So an entry stays as
    long as it is asked for once in `most / 2` others.

    Args:
        most: How many entries are held at most.
        unknown: What stands for an entry that is not held.

    Examples:
        >>> held = Recent[int, str](4, "")
        >>> for number in range(5):
        ...     held.put(number, str(number))
        >>> held[4], held[0]
        ('4', '')
    """

    __slots__ = ("_half", "_old", "_unknown")

    def __init__(self, most: int, unknown: V) -> None:
        super().__init__()
        self._half = max(1, most // 2)
        self._unknown = unknown
        self._old: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        """What the old half holds, or what stands for nothing."""
        if key not in self._old:
            return self._unknown
        found = self._old[key]
        self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Hold something under a key, in place of what is there."""
        if len(self) >= self._half:
            self._old = dict(self)
            super().clear()
        self[key] = value

    def drop(self, keys: Collection[K]) -> None:
        """Hold nothing under some keys."""
        for key in keys:
            self.pop(key, None)
            self._old.pop(key, None)

    def drop_values(self, values: Collection[V]) -> None:
        """Hold none of some values, under whatever keys."""
        for half in (self, self._old):
            for key in [key for key, value in half.items() if value in values]:
                del half[key]

    def clear(self) -> None:
        """Hold nothing."""
        super().clear()
        self._old = {}
