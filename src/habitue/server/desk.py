"""Threads at which the project is asked and changed: one that owns it, and a few that only read.

The owner opens the project, holds its lock, and does what changes it, one thing after another. Readers have the
project open beside it; what waits for them is bounded, and so is how long an answer may take.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol, TypeAlias, TypeVar

import duckdb

from habitue.engines.warehouse_failures import WarehouseClosedError
from habitue.errors import HabitueError, ProjectFaultsError
from habitue.run.workspace import Workspace
from habitue.server.problems import RequestError
from habitue.server.unasked import Unasked
from habitue.server.watch import Watch

T = TypeVar("T")
Work: TypeAlias = Callable[[Workspace], T]
MOST_WAITING: Final = 64
LONGEST_READ_S: Final = 20.0
_TRIES: Final = 300
_PAUSE_S: Final = 0.05
_PATIENCE_S: Final = 3.0


class Writing(Protocol):
    """Owns the project: the only one that changes it."""

    def submit(self, work: Work[T]) -> Future[T]:
        """Have something done with the project by the thread that owns it."""
        ...

    def beside(self) -> Workspace:
        """The project open for reading by the calling thread."""
        ...


class Owner:
    """The thread that owns the project.

    Args:
        opening: Opens the project; called by that thread.
    """

    def __init__(self, opening: Callable[[], Workspace]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-owner")
        try:
            self._workspace = self._pool.submit(opening).result()
        except BaseException:
            self._pool.shutdown()
            raise
        self.watch = Watch(self._workspace.project)

    def submit(self, work: Work[T]) -> Future[T]:
        """Have something done by that thread, after all that was submitted before."""
        return self._pool.submit(work, self._workspace)

    def beside(self) -> Workspace:
        """The project open for reading by the calling thread."""
        return self._workspace.beside()

    def settle(self, patience_s: float = _PATIENCE_S) -> None:
        """Wait until what was submitted is done; what the tables are asked after a while is broken off.

        Args:
            patience_s: How long that is.
        """
        _hasten(self._pool.submit(lambda: None), self._interrupt, patience_s)

    def close(self) -> None:
        """Do what was submitted, and give the project back."""
        self._pool.submit(self._workspace.close).result()
        self._pool.shutdown()

    def _interrupt(self) -> None:
        # A build has put another in its place, maybe.
        self._workspace.warehouse.interrupt()


class _Reader:
    """One thread with the project open beside its owner; opened when it is asked first."""

    def __init__(self, owner: Writing, watch: Watch) -> None:
        self._owner = owner
        self._watch = watch
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-reader")
        self._workspace: Workspace | None = None

    def submit(self, work: Work[T]) -> Future[T]:
        """Have something read by this thread."""
        return self._pool.submit(self._run, work)

    def interrupt(self) -> None:
        """Break off what it computes."""
        workspace = self._workspace
        if workspace is not None:
            workspace.warehouse.interrupt()

    def close(self) -> None:
        """Close what it has open; what it computes is broken off."""
        left = self._pool.submit(self._leave)
        _hasten(left, self.interrupt, 0.0)
        left.result()
        self._pool.shutdown()

    def _run(self, work: Work[T]) -> T:
        """Answer; again where the warehouse was written anew meanwhile."""
        for _ in range(_TRIES):
            try:
                workspace = self._opened()
                with workspace.warehouse.in_use():
                    return work(workspace)
            except (WarehouseClosedError, duckdb.TransactionException):
                # A table that the owner was making at this very moment is there in the next.
                self._leave()
                time.sleep(_PAUSE_S)
        raise WarehouseClosedError

    def _opened(self) -> Workspace:
        if self._workspace is None:
            self._workspace = self._owner.beside()
        # Files with faults change no answer; commands of the terminal look for themselves, and say so.
        with suppress(ProjectFaultsError):
            self._watch.current()
        self._workspace.project = self._watch.last
        return self._workspace

    def _leave(self) -> None:
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            workspace.close()


class Readers:
    """The threads that read.

    Args:
        owner: Owns the project.
        watch: What its files declare.
        threads: How many questions are answered at once.
        waiting: How many may wait.
        seconds: How long one may take.

    Attributes:
        watch: What the files of the project declare.
        unasked: Has what nobody waits for give way to who waits.
    """

    def __init__(
        self,
        owner: Writing,
        watch: Watch,
        *,
        threads: int = 4,
        waiting: int = MOST_WAITING,
        seconds: float = LONGEST_READ_S,
    ) -> None:
        self.watch = watch
        self.unasked = Unasked()
        self._readers = [_Reader(owner, watch) for _ in range(threads)]
        self._free: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        for each in self._readers:
            self._free.put_nowait(each)
        self._most = waiting
        self._waiting = 0
        self._seconds = seconds
        self._long = asyncio.Semaphore(max(1, threads // 2))

    async def read(
        self, work: Work[T], *, seconds: float | None = None, is_long: bool = False, is_look: bool = False
    ) -> T:
        """What a question about the project is answered, by the next free thread.

        Args:
            work: Asks; it must not change anything.
            seconds: How long it may take; by default as long as any.
            is_long: Whether it looks at everybody: such questions have half of the threads at most, so that those about
                one, or about what was counted already, need not wait for them.
            is_look: Whether it is a first look, which is to be quick: what nobody waits for makes room for it at once.

        Raises:
            RequestError: Too many wait already, or it takes too long.
            HabitueError: What the question raises.
        """
        with self.unasked.waited_for(at_once=is_look):
            if not is_long:
                return await self._read(work, seconds)
            async with self._turn(seconds or self._seconds):
                return await self._read(work, seconds)

    async def _read(self, work: Work[T], seconds: float | None) -> T:
        reader = await self._next()
        loop = asyncio.get_running_loop()
        job = reader.submit(work)
        # Whoever asked may be gone by then; the thread is free when it has ended.
        job.add_done_callback(lambda _: _call(loop, self._free.put_nowait, reader))
        answer = asyncio.wrap_future(job)
        # Its error may come when nobody waits for it any longer.
        answer.add_done_callback(lambda each: each.cancelled() or each.exception())
        try:
            async with asyncio.timeout(seconds or self._seconds):
                return await asyncio.shield(answer)
        except TimeoutError:
            _break_off(loop, reader, job)
            raise _too_long() from None
        except duckdb.InterruptException:
            # Meant for the question before, which had just been answered.
            raise _too_long() from None
        except asyncio.CancelledError:
            _break_off(loop, reader, job)
            raise

    @asynccontextmanager
    async def _turn(self, seconds: float) -> AsyncIterator[None]:
        """Within the block one question that takes long may be asked."""
        if self._long.locked() and self._waiting >= self._most:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                await self._long.acquire()
        except TimeoutError:
            raise _too_long() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._long.release()

    async def _next(self) -> _Reader:
        if self._free.empty() and self._waiting >= self._most:
            raise _too_many()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await self._free.get()
        except TimeoutError:
            raise _too_long() from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Close what the threads have open; what they compute is broken off."""
        for each in self._readers:
            each.interrupt()
        for each in self._readers:
            each.close()


def _break_off(loop: asyncio.AbstractEventLoop, reader: _Reader, job: Future[T]) -> None:
    """Break off what a reader computes; again and again, as between two queries there is nothing to be broken off."""
    if not job.done():
        reader.interrupt()
        loop.call_later(_PAUSE_S, _break_off, loop, reader, job)


def _hasten(last: Future[None], interrupt: Callable[[], None], patience_s: float) -> None:
    """Wait for the last thing that a thread does; after a while break off what it computes until it comes to that."""
    wait([last], patience_s)
    while not last.done():
        interrupt()
        wait([last], _PAUSE_S)


def _too_many() -> HabitueError:
    return RequestError("OVERLOADED", what="More is asked at once than is answered.", do="Ask again in a moment.")


def _too_long() -> HabitueError:
    return RequestError(
        "TAKES-TOO-LONG",
        what="The answer takes longer than the server waits.",
        do="Ask for less: a shorter window, a smaller page.",
    )


def _call(loop: asyncio.AbstractEventLoop, put: Callable[[_Reader], None], reader: _Reader) -> None:
    # A loop that has ended hands out no more readers.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(put, reader)
