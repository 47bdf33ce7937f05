"""What nobody waits for gives way to who waits, a few times; whoever waits for that very answer is not sent away."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner, Readers
from habitue.server.remembered import Remembered
from habitue.server.unasked import TIMES, Unasked, nobody_waits

LONG_S = 0.3


def run(test: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


class Counted:
    """Work that says how often it was begun and how often it was done."""

    def __init__(self, seconds: float = LONG_S) -> None:
        self.begun = self.done = 0
        self._seconds = seconds

    async def __call__(self) -> str:
        self.begun += 1
        await asyncio.sleep(self._seconds)
        self.done += 1
        return "done"


async def wait_for(unasked: Unasked, seconds: float) -> None:
    with unasked.waited_for():
        await asyncio.sleep(seconds)


def test_it_is_broken_off_and_begun_again_when_nobody_waits() -> None:
    async def test() -> None:
        unasked, counted = Unasked(moment_s=0.02, calm_s=0.1), Counted()
        doing = asyncio.ensure_future(unasked.do(counted))
        await asyncio.sleep(0.05)
        assert (counted.begun, counted.done) == (1, 0)
        await wait_for(unasked, 0.2)
        assert (counted.begun, counted.done) == (1, 0)
        found, seconds = await doing
        assert (found, counted.begun, counted.done) == ("done", 2, 1)
        assert LONG_S * 0.9 < seconds < 3 * LONG_S

    run(test())


def test_who_waits_for_a_moment_only_hinders_nothing() -> None:
    async def test() -> None:
        unasked, counted = Unasked(moment_s=0.2, calm_s=0.1), Counted()
        doing = asyncio.ensure_future(unasked.do(counted))
        for _ in range(5):
            await wait_for(unasked, 0.02)
        await doing
        assert (counted.begun, counted.done) == (1, 1)

    run(test())


def test_a_first_look_has_it_broken_off_at_once() -> None:
    async def test() -> None:
        unasked, counted = Unasked(moment_s=60, calm_s=0.1), Counted()
        doing = asyncio.ensure_future(unasked.do(counted))
        await asyncio.sleep(0.05)
        with unasked.waited_for(at_once=True):
            await asyncio.sleep(0.01)
        await doing
        assert (counted.begun, counted.done) == (2, 1)

    run(test())


def test_in_the_end_it_is_done_whoever_waits() -> None:
    async def test() -> None:
        unasked, counted = Unasked(moment_s=0.001, calm_s=0.01, patience_s=0.05), Counted(0.1)
        asking = asyncio.ensure_future(wait_for(unasked, 60))
        await asyncio.sleep(0.05)
        found, _ = await unasked.do(counted)
        assert (found, counted.begun, counted.done) == ("done", TIMES + 1, 1)
        asking.cancel()

    run(test())


def test_its_error_is_its_own_and_whoever_ends_it_ends_its_work() -> None:
    async def fail() -> None:
        raise ValueError("it fails")

    async def test() -> None:
        unasked, counted, before = Unasked(), Counted(60), asyncio.all_tasks()
        with pytest.raises(ValueError, match="it fails"):
            await unasked.do(fail)
        doing = asyncio.ensure_future(unasked.do(counted))
        await asyncio.sleep(0.05)
        doing.cancel()
        await asyncio.wait((doing,))
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before

    run(test())


def asked_of(shop: Path, test: Callable[[Readers], Awaitable[None]]) -> None:
    owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
    readers = Readers(owner, owner.watch)
    readers.unasked = Unasked(moment_s=0.02, calm_s=0.1)

    async def within() -> None:
        await asyncio.wait_for(test(readers), 20)

    try:
        asyncio.run(within())
    finally:
        readers.close()
        owner.close()


def test_a_question_of_somebody_has_what_is_reckoned_ahead_broken_off(shop: Path) -> None:
    times, begun = list[str](), threading.Event()

    def endless(workspace: Workspace) -> bytes:
        times.append("ahead")
        begun.set()
        if len(times) == 1:
            workspace.warehouse.con.execute("SELECT sum(r.range * s.range) FROM range(10000000) r, range(1000000) s")
        return b"ahead"

    async def test(readers: Readers) -> None:
        remembered, held = Remembered(share=1, look_s=60), threading.Event()

        async def reckon() -> bytes:
            return (await remembered.answer(("/ahead",), endless, readers)).body

        ahead = asyncio.ensure_future(remembered.in_turn(reckon, readers))
        assert await asyncio.to_thread(begun.wait, 10)
        asking = asyncio.ensure_future(readers.read(lambda _: held.wait(10)))
        await asyncio.sleep(0.3)
        assert times == ["ahead"]
        held.set()
        assert await asking
        assert await ahead == b"ahead"
        assert times == ["ahead", "ahead"]

    asked_of(shop, test)


def test_what_looks_after_it_does_not_break_it_off() -> None:
    async def test() -> None:
        unasked, counted = Unasked(moment_s=0.02, calm_s=0.1), Counted()

        async def look() -> None:
            nobody_waits()
            await wait_for(unasked, 0.1)

        doing = asyncio.ensure_future(unasked.do(counted))
        await asyncio.ensure_future(look())
        await doing
        assert (counted.begun, counted.done) == (1, 1)

    run(test())


def test_what_somebody_waits_for_too_is_not_broken_off(shop: Path) -> None:
    times, begun, may_end = list[str](), threading.Event(), threading.Event()

    def reckon(workspace: Workspace) -> bytes:
        del workspace
        times.append("once")
        begun.set()
        assert may_end.wait(10)
        return b"found"

    async def test(readers: Readers) -> None:
        remembered = Remembered(share=1, look_s=60)

        async def ask() -> bytes:
            return (await remembered.answer(("/ahead",), reckon, readers)).body

        ahead = asyncio.ensure_future(remembered.in_turn(ask, readers))
        assert await asyncio.to_thread(begun.wait, 10)
        somebody = asyncio.ensure_future(ask())
        await asyncio.sleep(0.05)
        await readers.read(lambda _: threading.Event().wait(0.2))
        may_end.set()
        assert await somebody == b"found"
        assert await ahead == b"found"
        assert times == ["once"]

    asked_of(shop, test)
