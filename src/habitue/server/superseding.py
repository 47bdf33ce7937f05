"""One question at a time for each editor: a newer one breaks the older off, in the middle of what it computes."""

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from starlette.applications import Starlette

from habitue.errors import HabitueError

T = TypeVar("T")
Key = tuple[str, str]
_MOST: Final = 10_000


class SupersededError(HabitueError):
    """A newer question of the same editor has taken the place of this one."""

    code = "SUPERSEDED"

    def __init__(self) -> None:
        super().__init__(
            what="A newer question of this editor has taken the place of this one.", do="Use the newer answer."
        )


class Latest:
    """The question that each editor waits for."""

    def __init__(self) -> None:
        self._asked: dict[Key, asyncio.Task[object]] = {}

    async def only(self, key: Key, question: Awaitable[T]) -> T:
        """What a question gives, unless the same editor asks another one meanwhile.

        Args:
            key: Who asks, and in which editor.
            question: What is asked.

        Raises:
            SupersededError: A newer question has taken its place.
        """
        before = self._asked.pop(key, None)
        if before is not None:
            before.cancel()
        task = asyncio.ensure_future(question)
        if len(self._asked) < _MOST:
            self._asked[key] = task
        try:
            return await task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                task.cancel()
                raise
            raise SupersededError from None
        finally:
            if self._asked.get(key) is task:
                del self._asked[key]


def latest_of(app: Starlette) -> Latest:
    """The editors of an app."""
    kept: Latest | None = getattr(app.state, "latest", None)
    if kept is None:
        kept = app.state.latest = Latest()
    return kept
