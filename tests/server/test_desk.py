"""Threads that read a project: bounded in number, in waiting and in time, and open again after an erasure."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.run.erasing import erase
from habitue.run.segments import list_members
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner, Readers
from habitue.server.problems import RequestError
from tests.projects import built_shop, put


@pytest.fixture
def owner(shop: Path) -> Iterator[Owner]:
    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
        begun.callback(owner.close)
        yield owner


def members(workspace: Workspace) -> tuple[str, ...]:
    return list_members(workspace, "recent").customers


def test_what_takes_too_long_is_broken_off_and_the_thread_reads_again(owner: Owner) -> None:
    readers = Readers(owner, owner.watch, threads=1, seconds=10)

    def count(workspace: Workspace) -> None:
        workspace.warehouse.con.execute("SELECT count(*) FROM range(1000000000) a, range(1000000000) b").fetchall()

    async def ask() -> tuple[str, ...]:
        begun = time.monotonic()
        with pytest.raises(RequestError) as refused:
            await readers.read(count, seconds=0.2)
        assert (refused.value.code, time.monotonic() - begun < 5) == ("TAKES-TOO-LONG", True)
        return await readers.read(members)

    assert asyncio.run(ask())
    readers.close()


def test_more_than_may_wait_is_refused_at_once_and_the_rest_is_answered(owner: Owner) -> None:
    readers = Readers(owner, owner.watch, threads=2, waiting=3)
    may_go_on = threading.Event()

    def stay(workspace: Workspace) -> int:
        assert may_go_on.wait(20)
        return len(members(workspace))

    async def ask() -> tuple[int, int]:
        asked = [asyncio.create_task(readers.read(stay)) for _ in range(8)]
        await asyncio.sleep(0.2)
        may_go_on.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        refused = [each for each in found if isinstance(each, RequestError)]
        assert {each.code for each in refused} == {"OVERLOADED"}
        return len(refused), sum(isinstance(each, int) for each in found)

    assert asyncio.run(ask()) == (3, 5)
    readers.close()


def test_readers_go_on_through_an_erasure_and_see_nobody_who_is_gone(tmp_path: Path) -> None:
    # Whoever is erased is so in every copy of a project: this one is of its own.
    owner = Owner(lambda: Workspace.open(built_shop(tmp_path), around=system_surroundings()))
    readers = Readers(owner, owner.watch, threads=2)

    async def ask() -> None:
        before = await readers.read(members)
        order = owner.submit(lambda workspace: erase(workspace, [before[0]], actor="test"))
        answers = []
        while not order.done():
            answers.append(await readers.read(members))
        assert order.result().state == "erased"
        assert all(each in (before, before[1:]) for each in answers)
        assert await readers.read(members) == before[1:]

    asyncio.run(ask())
    readers.close()
    owner.close()


def test_files_with_faults_leave_answers_as_they_were(owner: Owner, shop: Path) -> None:
    readers = Readers(owner, owner.watch, threads=1)

    def names(workspace: Workspace) -> list[str]:
        return list(workspace.project.segments)

    async def ask() -> None:
        put(shop / "segments" / "more.yaml", "segment: more\nrule: did('Order Completed')\n")
        assert "more" in await readers.read(names)
        put(shop / "segments" / "more.yaml", "segment: more\nrule: did('Nothing')\n")
        assert "more" in await readers.read(names)

    asyncio.run(ask())
    readers.close()


def test_an_owner_that_cannot_open_the_project_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(Exception, match="habitue init"):
        Owner(lambda: Workspace.open(tmp_path, around=system_surroundings()))
    assert threading.active_count() == before
