"""A served project that is being built by another process: it answers meanwhile, and ends cleanly however it ends."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from habitue.cli.building_apart import WORDS
from habitue.cli.clock import system_surroundings
from habitue.config import state_folder
from habitue.run.build_parent import ChildBuilder
from habitue.run.building import BuildOrder
from habitue.run.erasing import erase
from habitue.run.segments import list_members
from habitue.run.stores import copied_warehouse
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner, Readers
from habitue.server.underway import BuildBoard
from habitue.state import BuildStatus
from habitue.state.notice import read_notice
from tests.projects import ORDERS, built_shop, put
from tests.server.whole import serving_apart
from tests.waiting import until


def builders_of(pid: int) -> list[int]:
    """The processes that a server has build for it."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(each) for each in task.read_text(encoding="ascii").split()]
    return found


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")


@contextmanager
def building(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """A server and the process that builds for it, when that has opened the copy of the tables."""
    state = state_folder(folder)
    with serving_apart(folder) as (served, _):
        until(lambda: bool(list(copied_warehouse(state).parent.glob("*.spill"))))
        (child,) = builders_of(served.pid)
        yield served, child


def left_over(folder: Path) -> bool:
    return copied_warehouse(state_folder(folder)).exists()


def test_a_server_that_is_asked_to_stop_during_a_build_stops_soon_and_says_nothing_odd(shop: Path) -> None:
    with building(shop) as (served, child):
        asked = time.monotonic()
        served.send_signal(signal.SIGINT)
        _, told = served.communicate(timeout=30)
        assert time.monotonic() - asked < 10
        assert served.returncode == 0
        assert not is_there(child)
    assert [line for line in told.splitlines() if '"level":"error"' in line or "UNEXPECTED" in line] == []
    assert not left_over(shop)
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        assert {each.status for each in workspace.control.builds()} <= {BuildStatus.DONE, BuildStatus.INTERRUPTED}
        last = workspace.control.last_build()
        assert last is not None
        assert last.id == 1
        assert workspace.build().build > 1


def test_who_builds_for_a_server_that_is_killed_ends_with_it_and_takes_nothing_over(shop: Path) -> None:
    warehouse = state_folder(shop) / "warehouse.duckdb"
    with building(shop) as (served, child):
        before = warehouse.stat().st_ino
        served.kill()
        served.wait()
        # Who comes at once waits for the child, which holds the lock for as long as it is there.
        with Workspace.open(shop, around=system_surroundings()) as workspace:
            assert not is_there(child)
            assert warehouse.stat().st_ino == before
            assert not left_over(shop)
            assert list_members(workspace, "recent").customers


def test_a_server_whose_builder_is_killed_says_so_and_goes_on(shop: Path) -> None:
    with building(shop) as (served, child):
        os.kill(child, signal.SIGKILL)
        notice = read_notice(shop)
        assert notice is not None
        with httpx.Client(
            base_url=notice.url, headers={"Authorization": f"Bearer {notice.token}"}, timeout=30
        ) as asking:

            def failed() -> dict[str, str] | None:
                said: dict[str, str] | None = asking.get("/api/v1/builds/underway").json()["failed"]
                return said

            until(lambda: failed() is not None)
            assert (failed() or {})["code"] == "BUILD-DIED"
            assert asking.get("/api/v1/segments/recent/members").json()["customers"]
            again = asking.post("/api/v1/build", json={}).json()
            assert again["build"] > 1
        served.terminate()
        _, told = served.communicate(timeout=30)
    assert [json.loads(line)["code"] for line in told.splitlines() if '"level":"warning"' in line] == ["BUILD-DIED"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The corner shop, of its own: whoever is erased is so in every copy of a project."""
    return built_shop(tmp_path / "shop")


@pytest.fixture
def owner(shop: Path) -> Iterator[Owner]:
    """Who owns the corner shop, and has it built elsewhere."""
    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
        begun.callback(owner.close)
        board = BuildBoard(ChildBuilder(WORDS))
        owner.submit(lambda workspace: setattr(workspace, "builder", board)).result()
        yield owner


def members(workspace: Workspace) -> tuple[str, ...]:
    return list_members(workspace, "recent").customers


def test_readers_are_answered_all_through_a_build_by_what_was_there_and_then_by_what_is(
    owner: Owner, shop: Path
) -> None:
    put(shop / "orders.csv", ORDERS + "9,fay,2026-03-29 10:00:00,9.00,\n")
    readers = Readers(owner, owner.watch)

    async def ask() -> list[int]:
        build = owner.submit(lambda workspace: workspace.build(BuildOrder()))
        seen = [len(await readers.read(members, seconds=5))]
        while not build.done():
            seen.append(len(await readers.read(members, seconds=5)))
            await asyncio.sleep(0.1)
        build.result()
        return [*seen, len(await readers.read(members, seconds=5))]

    seen = asyncio.run(ask())
    readers.close()
    assert len(seen) > 5
    assert sorted(seen) == seen
    assert (seen[0], seen[-1]) == (seen[1], seen[0] + 1)


def test_an_erasure_waits_for_a_build_and_nothing_of_the_person_is_left_in_a_copy(owner: Owner, shop: Path) -> None:
    def gone(workspace: Workspace) -> str:
        customer = members(workspace)[0]
        erase(workspace, [customer], actor="test")
        return customer

    build = owner.submit(lambda workspace: workspace.build(BuildOrder(full=True)))
    erased = owner.submit(gone)
    assert not erased.done()
    customer = erased.result()
    assert build.result().build > 1
    for file in (each for each in state_folder(shop).rglob("*") if each.is_file() and "audit" not in each.name):
        if file.suffix in {".duckdb", ".wal", ".tmp"} or "apart" in file.parts:
            assert customer.encode() not in file.read_bytes(), file
    assert not left_over(shop)
