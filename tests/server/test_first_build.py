"""The first build of a served project waits for those who open its pages, where there are many customers."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.run.workspace import Workspace
from habitue.server.asking import Desk
from habitue.server.desk import Owner, Readers
from habitue.server.first_build import hold_build
from habitue.server.unasked import Unasked
from tests.measure.drawn import drawn, project_of
from tests.projects import put

Test = Callable[[Unasked, asyncio.Event, threading.Event], Awaitable[None]]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for which three hundred customers are many."""
    rows = [(who, f"{at:%Y-%m-%d %H:%M:%S}", kind) for who, at, _, kind in drawn(2, 300)]
    folder = project_of(tmp_path_factory.mktemp("crowd") / "shop", {"Seen": rows})
    put(folder / "habitue.yaml", (folder / "habitue.yaml").read_text(encoding="utf-8") + "estimate_from: 100\n")
    return folder


def run(folder: Path, test: Test, hold_s: float = 20) -> None:
    """Hold a build back as long as a test says that somebody waits."""

    async def within(readers: Readers, owner: Owner) -> None:
        unasked = readers.unasked = Unasked(moment_s=0.02, calm_s=0.1)
        near, held = asyncio.Event(), threading.Event()
        desk = Desk(readers=readers, owner=owner)
        holding = asyncio.create_task(hold_build(desk, near, held, calm_s=0.1, hold_s=hold_s))
        await asyncio.sleep(0)
        assert held.is_set()
        await test(unasked, near, held)
        await asyncio.wait_for(holding, 10)
        assert not held.is_set()

    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(folder, around=system_surroundings()))
        begun.callback(owner.close)
        readers = Readers(owner, owner.watch)
        begun.callback(readers.close)
        asyncio.run(within(readers, owner))


def test_it_is_held_back_until_pages_are_quick_and_nobody_waits(crowd: Path) -> None:
    async def test(unasked: Unasked, near: asyncio.Event, held: threading.Event) -> None:
        await asyncio.sleep(0.5)
        assert held.is_set()
        with unasked.waited_for():
            near.set()
            await asyncio.sleep(0.5)
            assert held.is_set()

    run(crowd, test)


def test_it_is_not_held_back_for_ever(crowd: Path) -> None:
    async def test(unasked: Unasked, near: asyncio.Event, held: threading.Event) -> None:
        near.set()
        with unasked.waited_for():
            assert await asyncio.to_thread(cleared, held)

    run(crowd, test, hold_s=1)


def test_where_there_are_few_customers_it_is_not_held_back(shop: Path) -> None:
    async def test(unasked: Unasked, near: asyncio.Event, held: threading.Event) -> None:
        with unasked.waited_for():
            assert await asyncio.to_thread(cleared, held)
        assert not near.is_set()

    run(shop, test)


def cleared(held: threading.Event) -> bool:
    """Whether it is held back no longer after ten seconds at most."""
    pause = threading.Event()
    return any(not held.is_set() or pause.wait(0.02) for _ in range(500))
