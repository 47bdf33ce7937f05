"""The thread that lets people in: what waits for it is bounded, and does not go astray."""

import asyncio
import threading
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.account_failures import UserUnknownError
from habitue.run.accounts import People
from habitue.server.problems import RequestError
from habitue.server.reception import Reception
from tests.projects import corner_shop


def test_too_many_who_want_to_be_let_in_at_once_are_told_to_wait(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    reception = Reception(lambda: People.open(folder, system_surroundings()), waiting=2)
    held = threading.Event()

    async def ask() -> None:
        first = asyncio.create_task(reception.do(lambda _: held.wait(10)))
        second = asyncio.create_task(reception.do(lambda people: len(people.accounts.users())))
        await asyncio.sleep(0)
        with pytest.raises(RequestError, match="at once"):
            await reception.do(lambda _: None)
        held.set()
        assert (await first, await second) == (True, 0)
        # Who had waited makes room for others.
        with pytest.raises(UserUnknownError):
            await reception.do(lambda people: people.accounts.user("nobody"))

    try:
        asyncio.run(ask())
    finally:
        reception.close()


def test_what_somebody_began_who_went_away_is_done_all_the_same(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    reception = Reception(lambda: People.open(folder, system_surroundings()))
    began, goes_on, done = threading.Event(), threading.Event(), threading.Event()

    def work(people: People) -> None:
        began.set()
        goes_on.wait(10)
        assert people.accounts.users() == []
        done.set()

    async def ask_and_go() -> None:
        asked = asyncio.create_task(reception.do(work))
        await asyncio.to_thread(began.wait, 10)
        asked.cancel()
        goes_on.set()
        await asyncio.to_thread(done.wait, 10)

    try:
        asyncio.run(ask_and_go())
        assert done.is_set()
    finally:
        reception.close()
