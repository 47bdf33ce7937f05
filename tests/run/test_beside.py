"""A project open once more for reading, in other threads of the process that builds it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from habitue.cli.clock import system_surroundings
from habitue.engines.warehouse_failures import WarehouseClosedError
from habitue.run.erasing import erase
from habitue.run.segments import list_members, list_segments
from habitue.run.workspace import Workspace
from tests.projects import ORDERS, built_shop, put

T = TypeVar("T")


def elsewhere(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(timeout=60)


def members_beside(workspace: Workspace) -> tuple[str, ...]:
    with workspace.beside() as second, second.warehouse.in_use():
        return list_members(second, "recent").customers


def test_another_thread_reads_what_the_writer_built(tmp_path: Path) -> None:
    with Workspace.open(built_shop(tmp_path), around=system_surroundings()) as workspace:
        assert elsewhere(lambda: members_beside(workspace)) == list_members(workspace, "recent").customers


def test_a_reader_sees_the_last_committed_build_while_another_is_running(tmp_path: Path) -> None:
    folder = built_shop(tmp_path)
    with Workspace.open(folder, around=system_surroundings()) as workspace:
        before = list_members(workspace, "recent").customers
        seen: list[tuple[str, ...]] = []

        def look(*_: object) -> None:
            seen.append(elsewhere(lambda: members_beside(workspace)))

        put(folder / "orders.csv", ORDERS + "9,fay,2026-03-29 10:00:00,9.00,\n")
        with workspace.warehouse.transaction():
            workspace.build()
            look()
        assert seen == [before]
        assert len(elsewhere(lambda: members_beside(workspace))) == len(before) + 1


def test_a_second_connection_may_read_no_file_and_change_no_setting(tmp_path: Path) -> None:
    with Workspace.open(built_shop(tmp_path), around=system_surroundings()) as workspace:
        second = workspace.warehouse.beside()
        assert second.con.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
        for text in ("SELECT * FROM read_text('/etc/hostname')", "SET threads = 1", "INSTALL httpfs"):
            with pytest.raises(Exception, match=r"disabled|locked"):
                second.con.execute(text)


def test_an_erasure_sends_readers_out_and_new_ones_see_nobody_erased(tmp_path: Path) -> None:
    with Workspace.open(built_shop(tmp_path), around=system_surroundings()) as workspace:
        gone = list_members(workspace, "recent").customers[0]
        opened, may_go_on = threading.Event(), threading.Event()

        def stay() -> str:
            with workspace.beside() as second:
                with second.warehouse.in_use():
                    assert gone in list_members(second, "recent").customers
                opened.set()
                assert may_go_on.wait(60)
                try:
                    with second.warehouse.in_use():
                        list_segments(second)
                except WarehouseClosedError as error:
                    return error.code
            return "still there"

        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(stay)
            assert opened.wait(60)
            erase(workspace, [gone], actor="test")
            may_go_on.set()
            assert reading.result(timeout=60) == "WAREHOUSE-CLOSED"
        assert gone not in elsewhere(lambda: members_beside(workspace))


def test_closing_breaks_off_what_a_reader_computes(tmp_path: Path) -> None:
    workspace = Workspace.open(built_shop(tmp_path), around=system_surroundings())
    begun = threading.Event()

    def compute() -> str:
        second = workspace.warehouse.beside()
        try:
            with second.in_use():
                begun.set()
                second.con.execute("SELECT count(*) FROM range(1000000000) a, range(1000000000) b").fetchall()
        except WarehouseClosedError as error:
            return error.code
        return "counted"

    with ThreadPoolExecutor(1) as pool:
        computing = pool.submit(compute)
        assert begun.wait(60)
        workspace.close()
        assert computing.result(timeout=60) == "WAREHOUSE-CLOSED"
