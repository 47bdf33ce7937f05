"""Questions that nobody waits for any longer, broken off in the middle of what they compute.

For each editor a newer question takes the place of the older; and whoever has gone away needs no answer.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request

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

    async def only(self, key: Key, question: Coroutine[Any, Any, T]) -> T:
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


async def while_there(request: Request, question: Coroutine[Any, Any, T]) -> T:
    """What a question gives, as long as whoever asked waits for it; the body has been read by then.

    Args:
        request: Who asks.
        question: What is asked.

    Raises:
        SupersededError: They have gone away.
    """
    task, gone = asyncio.ensure_future(question), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise SupersededError
        return task.result()
    except asyncio.CancelledError:
        task.cancel()
        raise
    finally:
        gone.cancel()


async def _gone(request: Request) -> None:
    """End when whoever sent a request has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        continue
