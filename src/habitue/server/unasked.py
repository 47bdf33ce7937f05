"""Work that nobody waits for, and that gives way to whoever waits for an answer.

What is reckoned ahead looks at everybody: it keeps every core busy for seconds, in which a page takes two or three
times as long. It is broken off as soon as somebody has waited for a moment, and begun again when nobody does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final, TypeVar

MOMENT_S: Final = 0.1
"""Whoever waits no longer than this is not held up."""
CALM_S: Final = 4.0
"""So long nobody has waited before something is begun: who has opened a page is about to ask for more."""
PATIENCE_S: Final = 20.0
"""So long it is waited for calm."""
TIMES: Final = 3
"""So often the same work gives way: then it is done, whoever waits."""
_IS_UNASKED: ContextVar[bool] = ContextVar("is_unasked", default=False)
T = TypeVar("T")


class Unasked:
    """Who waits for answers of one server; of one event loop.

    Args:
        moment_s: See `MOMENT_S`.
        calm_s: See `CALM_S`.
        patience_s: See `PATIENCE_S`.
    """

    def __init__(self, *, moment_s: float = MOMENT_S, calm_s: float = CALM_S, patience_s: float = PATIENCE_S) -> None:
        self._moment_s = moment_s
        self._calm_s = calm_s
        self._patience_s = patience_s
        self._waiting = 0
        self._last_s = float("-inf")
        self._somebody, self._nobody = asyncio.Event(), asyncio.Event()
        self._nobody.set()

    @contextmanager
    def waited_for(self, *, at_once: bool = False) -> Iterator[None]:
        """Within the block somebody waits, save where this is within work that nobody waits for.

        Args:
            at_once: Whether that work makes room at once, not after a moment.
        """
        if _IS_UNASKED.get():
            yield
            return
        loop, told = asyncio.get_running_loop(), list[bool]()

        def tell() -> None:
            told.append(True)
            self._waiting += 1
            self._somebody.set()
            self._nobody.clear()

        timer = loop.call_later(0.0 if at_once else self._moment_s, tell)
        try:
            yield
        finally:
            timer.cancel()
            if told:
                self._waiting -= 1
                self._last_s = loop.time()
                if not self._waiting:
                    self._somebody.clear()
                    self._nobody.set()

    async def do(self, work: Callable[[], Awaitable[T]]) -> tuple[T, float]:
        """Do what nobody waits for, when nobody waits for anything else.

        Args:
            work: Does it, from the beginning each time it is called; it may be cancelled anywhere.

        Returns:
            What it gives, and how many seconds it took when it was not broken off.
        """
        for _ in range(TIMES):
            await self.calm(self._patience_s)
            begun_s = asyncio.get_running_loop().time()
            doing = asyncio.ensure_future(_unasked(work))
            somebody = asyncio.ensure_future(self._somebody.wait())
            try:
                await asyncio.wait((doing, somebody), return_when=asyncio.FIRST_COMPLETED)
                if doing.done():
                    return doing.result(), asyncio.get_running_loop().time() - begun_s
            finally:
                somebody.cancel()
                doing.cancel()
            await asyncio.wait((doing,))
        begun_s = asyncio.get_running_loop().time()
        found = await asyncio.ensure_future(_unasked(work))
        return found, asyncio.get_running_loop().time() - begun_s

    async def calm(self, patience_s: float) -> None:
        """Wait until nobody has waited for a while, but no longer than so many seconds."""
        clock = asyncio.get_running_loop().time
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._nobody.wait()
                while (rest_s := self._last_s + self._calm_s - clock()) > 0:
                    await asyncio.sleep(rest_s)
                    await self._nobody.wait()


def nobody_waits() -> None:
    """Know of the task that calls this, and of those that it begins, that nobody waits for them."""
    _IS_UNASKED.set(True)


async def _unasked(work: Callable[[], Awaitable[T]]) -> T:
    nobody_waits()
    return await work()
