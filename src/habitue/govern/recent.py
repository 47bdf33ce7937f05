"""A dictionary of bounded size that keeps what was asked for lately."""

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Holds at most so many entries; what was neither put nor asked for in a long time goes first.

    Two halves: what is asked for moves into the young one; when that is full it becomes the old one, and what was old
    is forgotten. So an entry stays as long as it is asked for once in `most / 2` others.

    Args:
        most: How many entries are held at most.

    Examples:
        >>> held = Recent(4)
        >>> for number in range(5):
        ...     held.put(number, str(number))
        >>> held.get(4), held.get(0)
        ('4', None)
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        """How many entries are held, one in both halves twice."""
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """What is held under a key."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Hold something under a key, in place of what is there."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def drop(self, keys: Collection[K]) -> None:
        """Hold nothing under some keys."""
        for key in keys:
            self._young.pop(key, None)
            self._old.pop(key, None)

    def drop_values(self, values: Collection[V]) -> None:
        """Hold none of some values, under whatever keys."""
        for half in (self._young, self._old):
            for key in [key for key, value in half.items() if value in values]:
                del half[key]

    def clear(self) -> None:
        """Hold nothing."""
        self._young, self._old = {}, {}
