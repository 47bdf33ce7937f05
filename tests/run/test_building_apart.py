"""A build in a process of its own makes what one in this process makes, and one that dies leaves what was there."""

import fcntl
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.cli.building_apart import WORDS
from habitue.cli.clock import system_surroundings
from habitue.config import DiskFullError, state_folder
from habitue.errors import HabitueError
from habitue.run.build_parent import BuildDiedError, BuildStoppedError, ChildBuilder
from habitue.run.builder import BuilderHere
from habitue.run.building import BuildOrder
from habitue.run.segments import list_members
from habitue.run.stores import WAREHOUSE_FILE, copied_warehouse
from habitue.run.table_digests import TableDigest, differing, table_digests
from habitue.run.workspace import Workspace
from habitue.state import BuildStatus, ProjectLock
from habitue.state.lock import ProjectBusyError, check_lent
from tests.config.disks import small_disk
from tests.projects import ORDERS, built_shop, copied, put

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
MORE = ORDERS + "9,ann,2026-03-29 10:00:00,9.00,\n"
KILLED = """
import os, signal
from habitue.cli import building_apart
from habitue.run import build_child, building
from habitue.segments.history import SegmentHistory

def stop(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)

def after(function):
    def wrapped(*a, **k):
        function(*a, **k)
        stop()
    return wrapped

{where}
building_apart.main()
"""
MOMENTS = {
    "while it builds": "SegmentHistory.append = after(SegmentHistory.append)",
    "before the tables are handed over": "build_child._settle = after(build_child._settle)",
    "after they are": "building_apart._listen = lambda taken: (os.read(0, 1), stop())",
}


@pytest.fixture
def opened(shop: Path) -> Iterator[Workspace]:
    """The corner shop with one more order, which its tables do not know yet."""
    put(shop / "orders.csv", MORE)
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        workspace.builder = ChildBuilder(WORDS)
        yield workspace


@pytest.fixture(scope="module")
def expected(shop_project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TableDigest]:
    """What a build in this process makes of the same."""
    folder = copied(shop_project, tmp_path_factory.mktemp("here") / "shop")
    put(folder / "orders.csv", MORE)
    with Workspace.open(folder, around=system_surroundings()) as workspace:
        workspace.build(BuildOrder(as_of=AS_OF))
        return table_digests(workspace.warehouse)


def files(workspace: Workspace) -> set[str]:
    """The files of the project's state that are no listing for editors and no leftover of a database."""
    state = state_folder(workspace.project.folder)
    found = {str(each.relative_to(state)) for each in state.rglob("*") if each.is_file()}
    return {each for each in found if not each.endswith(("-wal", "-shm"))}


def members(workspace: Workspace) -> tuple[str, ...]:
    return list_members(workspace, "recent").customers


def test_a_build_apart_makes_what_a_build_here_makes(opened: Workspace, expected: dict[str, TableDigest]) -> None:
    told: list[str] = []
    before = files(opened)
    apart = opened.build(BuildOrder(as_of=AS_OF), progress=lambda step, *_: told.append(step))
    assert sum(load.rows for load in apart.loads) == MORE.count("\n") - 1
    assert "features and segments" in told
    digests, history = table_digests(opened.warehouse), opened.history.builds()
    told_apart = {f"history/{apart.build:08d}-{what}.parquet" for what in ("cuts", "moves", "sizes")}
    assert files(opened) - before == told_apart
    opened.builder = BuilderHere()
    here = opened.build(BuildOrder(as_of=AS_OF))
    # Nothing is stale for it, and made anew everything is the same.
    assert {each.status for each in here.steps} == {"fresh"}
    assert opened.history.builds() == history
    assert differing(digests, expected) == []


def test_where_nothing_is_stale_the_file_stays_and_what_is_in_memory_of_it(
    opened: Workspace, expected: dict[str, TableDigest]
) -> None:
    file = state_folder(opened.project.folder) / WAREHOUSE_FILE
    places = [file.stat().st_ino]
    opened.build(BuildOrder(as_of=AS_OF))
    places.append(file.stat().st_ino)
    assert {each.status for each in opened.build(BuildOrder(as_of=AS_OF)).steps} == {"fresh"}
    places.append(file.stat().st_ino)
    assert places[0] != places[1] == places[2]
    # It is asked, and built on, as before.
    assert differing(table_digests(opened.warehouse), expected) == []
    put(opened.project.folder / "orders.csv", MORE + "10,ann,2026-03-30 10:00:00,9.00,\n")
    assert [load.status for load in opened.build(BuildOrder(as_of=AS_OF)).loads] == ["loaded"]
    assert file.stat().st_ino != places[2]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_build_whose_process_is_killed_did_not_happen(
    opened: Workspace, expected: dict[str, TableDigest], moment: str
) -> None:
    digests, there, known = table_digests(opened.warehouse), files(opened), members(opened)
    opened.builder = ChildBuilder((sys.executable, "-c", KILLED.format(where=MOMENTS[moment])))
    with pytest.raises(BuildDiedError, match="SIGKILL"):
        opened.build(BuildOrder(as_of=AS_OF))
    assert opened.control.builds()[0].status is BuildStatus.INTERRUPTED
    assert files(opened) == there
    if moment != "after they are":
        assert differing(digests, table_digests(opened.warehouse)) == []
        assert members(opened) == known
    # The next one makes good what is missing, whatever was left.
    opened.builder = BuilderHere()
    opened.build(BuildOrder(as_of=AS_OF))
    assert differing(table_digests(opened.warehouse), expected) == []


def test_a_build_is_broken_off_and_none_begins_after_it(opened: Workspace) -> None:
    builder = ChildBuilder(WORDS)
    opened.builder = builder
    with pytest.raises(BuildStoppedError):
        opened.build(progress=lambda *_: builder.stop())
    with pytest.raises(BuildStoppedError):
        opened.build()
    assert builder.pid is None
    assert not copied_warehouse(state_folder(opened.project.folder)).parent.exists()


def test_an_error_of_a_build_apart_is_that_of_the_build(opened: Workspace) -> None:
    with pytest.raises(HabitueError, match="before that") as refused:
        opened.build(BuildOrder(as_of=datetime(2020, 1, 1, tzinfo=UTC)))
    assert refused.value.code == "BUILD-PAST"
    assert opened.control.builds()[0].status is BuildStatus.FAILED
    put(opened.project.folder / "segments" / "wrong.yaml", "segment: wrong\nrule: did('Nothing Known')\n")
    with pytest.raises(HabitueError, match="Nothing Known") as faulty:
        opened.build()
    assert faulty.value.code == "PROJECT-FAULTS"


def test_a_disk_without_room_for_a_copy_is_told_and_nothing_is_left_on_it(tmp_path: Path) -> None:
    with ExitStack() as ending:
        folder = built_shop(ending.enter_context(small_disk(tmp_path / "disk", "24m")) / "shop")
        workspace = ending.enter_context(Workspace.open(folder, around=system_surroundings()))
        workspace.builder = ChildBuilder(WORDS)
        digests = table_digests(workspace.warehouse)
        with (tmp_path / "disk" / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 65_536):
                    pass
            except OSError:
                pass
        with pytest.raises(DiskFullError):
            workspace.build()
        assert not copied_warehouse(state_folder(folder)).exists()
        assert table_digests(workspace.warehouse) == digests


def test_only_who_was_lent_the_lock_of_a_project_works_under_it(tmp_path: Path) -> None:
    project, other = tmp_path / "project", tmp_path / "other"
    for each in (project, other):
        put(each / ".habitue" / "kept", "")
    with ProjectLock(project) as lock, ProjectLock(other) as another:
        check_lent(project, lock.handle)
        for handle in (another.handle, 0, 10_000):
            with pytest.raises(ProjectBusyError):
                check_lent(project, handle)


def test_a_copy_that_a_killed_server_left_is_gone_when_the_project_is_opened(shop: Path) -> None:
    left = copied_warehouse(state_folder(shop))
    put(left, "what somebody said")
    with Workspace.open(shop, around=system_surroundings()):
        assert not left.parent.exists()


def test_who_comes_while_the_last_of_a_killed_holder_ends_waits_for_it(tmp_path: Path) -> None:
    # As if signed by a process that is no more; its child has the lock for a moment yet.
    lock = tmp_path / ".habitue" / "lock"
    put(lock, json.dumps({"pid": 4_194_305, "command": "habitue serve"}))
    handle = os.open(lock, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    threading.Timer(0.3, os.close, (handle,)).start()
    with ProjectLock(tmp_path):
        pass
