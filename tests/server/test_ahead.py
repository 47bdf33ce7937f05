"""What is reckoned ahead: nothing before a build, everything after it, again after an edit, once for all who see it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role, access_of
from habitue.run.workspace import Workspace
from habitue.server.ahead import Ahead
from habitue.server.api import api_routes
from habitue.server.asking import Desk, key_of
from habitue.server.desk import Owner, Readers
from habitue.server.remembered import Remembered
from tests.projects import corner_shop, put

PATIENCE_S: Final = 60.0
COHORTS: Final = "/api/v1/cohorts"
SHOP: Final = "/api/v1/dashboards/shop"


@pytest.fixture
def faults() -> list[BaseException]:
    return []


def is_done(ahead: Ahead) -> bool:
    return all(each.ask() for each in ahead.gauges())


async def until(told: Callable[[], bool]) -> None:
    def wait() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not told():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    await asyncio.to_thread(wait)


def test_a_project_is_reckoned_once_it_is_built_and_anew_when_it_was_edited(
    tmp_path: Path, faults: list[BaseException]
) -> None:
    folder = corner_shop(tmp_path / "shop")
    owner = Owner(lambda: Workspace.open(folder, around=system_surroundings()))
    readers = Readers(owner, owner.watch)
    desk = Desk(readers=readers, owner=owner, remembered=Remembered(share=1))
    ahead = Ahead(desk, api_routes(), is_ready=lambda: True, report=faults.append, look_s=0.01)

    async def watch() -> None:
        running = asyncio.create_task(ahead.run())
        await asyncio.sleep(0.3)
        assert not is_done(ahead)
        await asyncio.to_thread(owner.submit(lambda workspace: workspace.build()).result)
        await until(lambda: is_done(ahead))
        put(folder / "segments" / "more.yaml", "segment: more\nrule: did('Order Completed')\n")
        await until(lambda: not is_done(ahead))
        await until(lambda: is_done(ahead))
        running.cancel()

    try:
        asyncio.run(watch())
        assert faults == []
    finally:
        readers.close()
        owner.close()


def test_roles_that_see_the_same_share_an_answer(shop: Path) -> None:
    put(shop / "dashboards" / "shop.yaml", "dashboard: shop\ntiles:\n  - metric: orders\nsee: [admin]\n")
    metric = "metric: kept_back\nof: {figure: count, event: Order Completed}\nsee: [admin, analyst, executive]\n"
    put(shop / "metrics" / "all.yaml", metric)
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        project = workspace.project

    def key(path: str, role: Role) -> tuple[str, ...]:
        return key_of(path, [("days", "365"), ("a", "b")], access_of(role), project)

    assert key(COHORTS, Role.ADMIN) == key(COHORTS, Role.ANALYST)
    assert key(COHORTS, Role.ADMIN) != key(COHORTS, Role.EXECUTIVE)
    assert key(COHORTS, Role.MARKETER) != key(COHORTS, Role.EXECUTIVE)
    assert key(SHOP, Role.ADMIN) != key(SHOP, Role.ANALYST)
    assert key_of(SHOP, [("a", "b"), ("days", "365")], access_of(Role.ADMIN), project) == key(SHOP, Role.ADMIN)
