"""Answers that are given again until something changes them: a build, an edited file, what people said, an erasure.

Of what people say each answer is changed by what it depends on: all by whoever restricts the use of their data, those
that are about segments and consents by a word about a purpose (`run/heeding.py`), as soon as the tables have it.

Figures about everybody are those of the last build, and many people look at the same ones. They are reckoned once,
whoever asks meanwhile waits for the same answer, and after a change those that were asked for lately are reckoned anew
before anybody asks, one at a time, with pauses. What moves between builds and is none of these changes, such as an
event that came late or two visitors who become one, shows ten minutes later at most where somebody looks. `Age` says
how old an answer is.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeVar

from habitue.errors import HabitueError
from habitue.run.heeding import Standing, standing_of
from habitue.run.project import Project
from habitue.run.workspace import Workspace
from habitue.server.desk import Readers
from habitue.server.unasked import nobody_waits

MOST_BYTES: Final = 32 << 20
MOST_AGE_S: Final = 600.0
LATELY_S: Final = 24 * 3600.0
"""So long after it was asked for last an answer is reckoned anew after changes."""
LOOK_S: Final = 2.0
SHARE: Final = 4
T = TypeVar("T")

Key = tuple[str, ...]
Reckon = Callable[[Workspace], bytes]


class Stamp(NamedTuple):
    """What an answer was reckoned from.

    Attributes:
        project: What the files declared.
        changes: How often anything was recorded or erased, words about purposes left out.
        standing: How the tables stood; a build that finds nothing stale changes nothing.
    """

    project: Project
    changes: int
    standing: Standing

    def holds(self, now: "Stamp", *, heeds: bool) -> bool:
        """Whether an answer of this stamp is one of another, too.

        Args:
            now: The other.
            heeds: Whether it depends on what people say about purposes.
        """
        if self.project is not now.project or self.changes != now.changes:
            return False
        return self.standing == now.standing if heeds else self.standing[:2] == now.standing[:2]


@dataclass(slots=True, kw_only=True)
class _Asked:
    """A question.

    Attributes:
        reckon: Reckons its answer.
        seconds: How long that may take.
        asked_s: When it was asked last.
        heeds: Whether its answer depends on what people say about purposes.
        is_first_look: Whether it is no answer but a quick look before it: made for who waits, and never made anew.
    """

    reckon: Reckon
    seconds: float | None
    asked_s: float
    heeds: bool = True
    is_first_look: bool = False


@dataclass(slots=True, kw_only=True)
class _Kept:
    """An answer.

    Attributes:
        body: What it says.
        stamp: From what it was reckoned.
        made_s: When.
        asked: The question.
    """

    body: bytes
    stamp: Stamp
    made_s: float
    asked: _Asked


@dataclass(slots=True)
class _Underway:
    """An answer that is being reckoned, and how many wait for it."""

    task: "asyncio.Task[bytes]"
    waiting: int = 0


class Answer(NamedTuple):
    """What a question is answered, and how many seconds old that is."""

    body: bytes
    age_s: float


class Remembered:
    """The answers of one server; of one event loop, save `change`.

    Args:
        most_bytes: How much they may take together; what was asked for longest ago goes first.
        look_s: How often to see whether they still hold.
        share: One part in so many of the time goes into what nobody waits for.
    """

    def __init__(self, *, most_bytes: int = MOST_BYTES, look_s: float = LOOK_S, share: int = SHARE) -> None:
        self._most = most_bytes
        self._look_s = look_s
        self._share = share
        self._bytes = 0
        self._changes = 0
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._underway: dict[Key, _Underway] = {}
        self._tending: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def change(self) -> None:
        """Know that something was recorded or erased; called by the thread that owns the project."""
        self._changes += 1

    async def answer(
        self,
        key: Key,
        reckon: Reckon,
        readers: Readers,
        *,
        seconds: float | None = None,
        heeds: bool = True,
        is_first_look: bool = False,
    ) -> Answer:
        """What a question is answered: again what it was, where that still holds.

        Args:
            key: The question, and all of whoever asks that its answer depends on.
            reckon: Reckons the answer.
            readers: Threads that read the project.
            seconds: How long that may take; by default as long as any.
            heeds: Whether the answer depends on what people say about purposes.
            is_first_look: Whether it is a quick look before the answer proper.

        Raises:
            HabitueError: What the question raises.
        """
        if self._tending is None or self._tending.done():
            self._tending = asyncio.ensure_future(self._tend(readers))
        kept = await self.kept(key, readers)
        if kept is not None:
            return kept
        now_s = asyncio.get_running_loop().time()
        asked = _Asked(reckon=reckon, seconds=seconds, asked_s=now_s, heeds=heeds, is_first_look=is_first_look)
        return Answer(await self._shared(key, asked, readers), 0.0)

    async def kept(self, key: Key, readers: Readers) -> Answer | None:
        """What a question was answered, where that still holds; None where it would have to be reckoned."""
        now_s = asyncio.get_running_loop().time()
        if key in self._kept:
            stamp = await readers.read(self.stamp)
            # It may be another by now, or none.
            kept = self._kept.get(key)
            if kept is not None and kept.stamp.holds(stamp, heeds=kept.asked.heeds):
                kept.asked.asked_s = now_s
                self._kept.move_to_end(key)
                return Answer(kept.body, max(0.0, now_s - kept.made_s))
        return None

    async def in_turn(self, work: Callable[[], Awaitable[T]], readers: Readers) -> T | None:
        """What something gives that nobody waits for: one at a time, with a pause after it; None where it is refused.

        Args:
            work: Does it, from the beginning each time it is called: it gives way to who waits for something.
            readers: Threads that read the project, also for others.
        """
        found, seconds = None, 0.0
        async with self._turn:
            with suppress(HabitueError):
                found, seconds = await readers.unasked.do(work)
            await asyncio.sleep(seconds * (self._share - 1))
        return found

    def stamp(self, workspace: Workspace) -> Stamp:
        """From what an answer is reckoned now."""
        # What is recorded meanwhile changes an answer that is reckoned from it.
        changes = self._changes
        return Stamp(workspace.project, changes, standing_of(workspace.warehouse))

    async def _shared(self, key: Key, asked: _Asked, readers: Readers) -> bytes:
        """One answer for all who ask at the same time; broken off when nobody waits for it any longer."""
        underway = self._underway.get(key)
        if underway is None:
            task = asyncio.ensure_future(self._reckoned(key, asked, readers))
            underway = self._underway[key] = _Underway(task)
            task.add_done_callback(lambda ended: self._ended(key, ended))
        underway.waiting += 1
        try:
            return await asyncio.shield(underway.task)
        finally:
            underway.waiting -= 1
            if not underway.waiting and not underway.task.done():
                self._ended(key, underway.task)
                underway.task.cancel()

    def _ended(self, key: Key, task: "asyncio.Task[bytes]") -> None:
        found = self._underway.get(key)
        if found is not None and found.task is task:
            del self._underway[key]
        if task.done() and not task.cancelled():
            # Its error may come when nobody waits for it any longer.
            task.exception()

    async def _reckoned(self, key: Key, asked: _Asked, readers: Readers) -> bytes:
        def work(workspace: Workspace) -> tuple[Stamp, bytes]:
            return self.stamp(workspace), asked.reckon(workspace)

        # A first look is quick, and who waits for it is not to wait for what takes long.
        is_look = asked.is_first_look
        stamp, body = await readers.read(work, seconds=asked.seconds, is_long=not is_look, is_look=is_look)
        made_s = asyncio.get_running_loop().time()
        before = self._kept.pop(key, None)
        self._bytes += len(body) - (0 if before is None else len(before.body))
        self._kept[key] = _Kept(body=body, stamp=stamp, made_s=made_s, asked=asked)
        while self._bytes > self._most:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.body)
        return body

    async def _tend(self, readers: Readers) -> None:
        """Reckon anew what holds no longer and was asked for lately, the latest first."""
        nobody_waits()
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._look_s)
            with suppress(HabitueError):
                stamp = await readers.read(self.stamp)
                for key, kept in reversed(self._kept.copy().items()):
                    if self._is_due(key, kept, stamp, clock()):
                        await self.in_turn(partial(self._shared, key, kept.asked, readers), readers)

    def _is_due(self, key: Key, kept: _Kept, stamp: Stamp, now_s: float) -> bool:
        if self._kept.get(key) is not kept or kept.asked.is_first_look or now_s - kept.asked.asked_s > LATELY_S:
            return False
        # One that is old is made anew where somebody has looked at it since.
        is_old = now_s - kept.made_s > MOST_AGE_S and kept.asked.asked_s > kept.made_s
        return is_old or not kept.stamp.holds(stamp, heeds=kept.asked.heeds)
