"""The thread that lets people in and changes users, keys and sessions: hashing a password holds up nobody else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Final, TypeVar

from habitue.run.accounts import People
from habitue.server.problems import RequestError

T = TypeVar("T")
MOST_WAITING: Final = 32


class Reception:
    """Does one thing after another with the accounts of a project.

    Args:
        opening: Opens them; called, and they are used, in a thread of its own.
        waiting: How many may wait.
    """

    def __init__(self, opening: Callable[[], AbstractContextManager[People]], *, waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-reception")
        self._opening = opening()
        self._most = waiting
        self._waiting = 0
        try:
            self._people = self._pool.submit(self._opening.__enter__).result()
        except BaseException:
            self._pool.shutdown()
            raise

    async def do(self, work: Callable[[People], T]) -> T:
        """What something gives that is done with the accounts; whoever asked may go away, it is done all the same.

        Args:
            work: What is to be done.

        Raises:
            RequestError: Too many wait already.
            HabitueError: What it raises.
        """
        if self._waiting >= self._most:
            raise RequestError("OVERLOADED", what="Too many want to be let in at once.", do="Try again in a moment.")
        self._waiting += 1
        job = asyncio.get_running_loop().run_in_executor(self._pool, work, self._people)
        job.add_done_callback(self._done)
        return await asyncio.shield(job)

    def _done(self, job: "asyncio.Future[T]") -> None:
        self._waiting -= 1
        if not job.cancelled():
            # Its error may come when nobody waits for it any longer.
            job.exception()

    def close(self) -> None:
        """Give the accounts back."""
        self._pool.submit(self._opening.__exit__, None, None, None).result()
        self._pool.shutdown()
