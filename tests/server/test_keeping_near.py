"""While a project is served, those whom estimates look at are kept in memory: after each build, and not in one."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from habitue.cli.clock import system_surroundings
from habitue.run.building import BuildOrder
from habitue.run.drawn_customers import draw_customers
from habitue.run.nearby import Some
from habitue.run.workspace import Workspace
from habitue.server.asking import Desk
from habitue.server.desk import Owner, Readers
from habitue.server.keeping_near import keep_near
from habitue.sources.progress import silent
from tests.measure.drawn import drawn, project_of
from tests.projects import put


def is_kept(workspace: Workspace) -> bool:
    return workspace.near(Some(ends=draw_customers(workspace).ends)) is not None


def test_they_are_kept_anew_after_a_build_and_not_while_one_runs(tmp_path: Path) -> None:
    rows = [(who, f"{at:%Y-%m-%d %H:%M:%S}", kind) for who, at, _, kind in drawn(2, 300)]
    folder = project_of(tmp_path / "shop", {"Seen": rows})
    put(folder / "habitue.yaml", (folder / "habitue.yaml").read_text(encoding="utf-8") + "estimate_from: 100\n")
    faults: list[BaseException] = []
    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(folder, around=system_surroundings()))
        begun.callback(owner.close)
        readers = Readers(owner, owner.watch)
        begun.callback(readers.close)
        desk = Desk(readers=readers, owner=owner)

        def end(workspace: Workspace) -> None:
            with desk.board.claimed(workspace.clock):
                desk.board.build(workspace.opened, BuildOrder(), silent)

        async def until_kept() -> None:
            for _ in range(1_000):
                if await readers.read(is_kept):
                    return
                await asyncio.sleep(0.02)
            raise AssertionError

        async def watch() -> None:
            keeping = asyncio.create_task(keep_near(desk, faults.append, look_s=0.02))
            await until_kept()
            assert desk.board.claim()
            with (folder / "from_0.csv").open("a", newline="") as file:
                file.write("c900,2026-01-03 10:00:00,new\n")
            await asyncio.to_thread(owner.submit(lambda workspace: workspace.build()).result)
            assert not await readers.read(is_kept)
            await asyncio.sleep(0.2)
            assert not await readers.read(is_kept)
            await asyncio.to_thread(owner.submit(end).result)
            await until_kept()
            keeping.cancel()

        asyncio.run(watch())
    assert faults == []
