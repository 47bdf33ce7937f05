"""Answers about everybody: reckoned once, given again until something changes them, made anew before asked."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.consent import ConsentState
from habitue.govern.roles import Role
from habitue.run.building import BuildOrder
from habitue.run.consenting import Word, record_consent
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner, Readers
from habitue.server.remembered import Answer, Remembered
from tests.projects import put
from tests.server.asked import asking

KEY = ("/api/v1/figures",)


@pytest.fixture
def owner(shop: Path) -> Iterator[Owner]:
    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
        begun.callback(owner.close)
        yield owner


class Counted:
    """A question that says how often it was reckoned; it may be held up."""

    def __init__(self) -> None:
        self.times = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self.again = threading.Event()

    def __call__(self, workspace: Workspace) -> bytes:
        del workspace
        assert self.may_end.wait(20)
        self.times += 1
        if self.times > 1:
            self.again.set()
        return str(self.times).encode()


def during(owner: Owner, ask: Callable[[Readers], Awaitable[None]], *, threads: int = 2) -> None:
    """Ask by readers that are closed afterwards."""
    readers = Readers(owner, owner.watch, threads=threads)

    async def run() -> None:
        await ask(readers)

    try:
        asyncio.run(run())
    finally:
        readers.close()


def build(owner: Owner, remembered: Remembered) -> None:
    del remembered
    moment = datetime(2026, 4, 5, tzinfo=UTC)
    owner.submit(lambda workspace: workspace.build(BuildOrder(as_of=moment))).result()


def tell(owner: Owner, remembered: Remembered) -> None:
    owner.submit(lambda _: remembered.change()).result()


def say(owner: Owner, word: Word) -> None:
    """Have the first customer say something, as a server puts it on record."""

    def work(workspace: Workspace) -> None:
        row = workspace.warehouse.con.execute("SELECT min(customer_id) FROM event_order_completed").fetchone()
        assert row is not None
        record_consent(workspace, row[0], word)

    owner.submit(work).result()


def restrict(owner: Owner, remembered: Remembered) -> None:
    del remembered
    say(owner, Word(state=ConsentState.RESTRICTED))


def edit(owner: Owner, remembered: Remembered) -> None:
    del remembered
    put(owner.watch.last.folder / "segments" / "more.yaml", "segment: more\nrule: did('Order Completed')\n")


@pytest.mark.parametrize("change", [build, edit, restrict, tell])
def test_an_answer_is_given_again_until_something_changes_it(
    owner: Owner, change: Callable[[Owner, Remembered], None]
) -> None:
    remembered, counted = Remembered(look_s=60), Counted()

    async def ask(readers: Readers) -> None:
        async def answer() -> Answer:
            return await remembered.answer(KEY, counted, readers)

        assert (await answer()).body == b"1"
        await asyncio.sleep(0.05)
        again = await answer()
        assert (again.body, again.age_s > 0) == (b"1", True)
        # A build that finds nothing stale is no change.
        await asyncio.to_thread(owner.submit(lambda workspace: workspace.build()).result)
        assert (await answer()).body == b"1"
        await asyncio.to_thread(change, owner, remembered)
        assert await answer() == Answer(b"2", 0.0)

    during(owner, ask)


def test_a_word_about_a_purpose_changes_the_answers_that_heed_it_and_no_others(owner: Owner) -> None:
    put(owner.watch.last.folder / "policies" / "news.yaml", "purpose: news\n")
    owner.watch.current()
    owner.submit(lambda workspace: setattr(workspace, "project", owner.watch.current())).result()
    build(owner, Remembered())
    remembered, heeding, deaf = Remembered(look_s=60), Counted(), Counted()

    async def ask(readers: Readers) -> None:
        async def both() -> tuple[bytes, bytes]:
            first = await remembered.answer(("heeds",), heeding, readers)
            other = await remembered.answer(("deaf",), deaf, readers, heeds=False)
            return first.body, other.body

        assert await both() == (b"1", b"1")
        for times, state in enumerate((ConsentState.GIVEN, ConsentState.WITHDRAWN), 2):
            await asyncio.to_thread(say, owner, Word(state=state, purpose="news"))
            assert await both() == (str(times).encode(), b"1")
        # Whoever restricts the use of their data is in none of them, and lifting it puts them back.
        await asyncio.to_thread(say, owner, Word(state=ConsentState.RESTRICTED))
        assert await both() == (b"4", b"2")
        await asyncio.to_thread(say, owner, Word(state=ConsentState.LIFTED))
        assert await both() == (b"5", b"3")

    during(owner, ask)


def test_a_first_look_is_kept_beside_the_answer_and_never_made_anew_by_itself(owner: Owner) -> None:
    remembered, look, counted = Remembered(look_s=0.05), Counted(), Counted()

    async def ask(readers: Readers) -> None:
        assert await remembered.kept(KEY, readers) is None
        first = await remembered.answer((*KEY, "estimate"), look, readers, is_first_look=True)
        again = await remembered.answer((*KEY, "estimate"), look, readers, is_first_look=True)
        assert (first.body, again.body) == (b"1", b"1")
        assert await remembered.kept(KEY, readers) is None
        assert (await remembered.answer(KEY, counted, readers)).body == b"1"
        assert (await remembered.kept(KEY, readers) or Answer(b"", 0)).body == b"1"
        remembered.change()
        assert await remembered.kept(KEY, readers) is None
        assert await asyncio.to_thread(counted.again.wait, 20)
        await asyncio.sleep(0.3)
        assert look.times == 1

    during(owner, ask)


def test_who_asks_meanwhile_waits_for_the_same_answer_and_nobody_for_one_that_nobody_wants(owner: Owner) -> None:
    remembered, counted = Remembered(look_s=60), Counted()
    counted.may_end.clear()

    async def ask(readers: Readers) -> None:
        asked = [asyncio.create_task(remembered.answer(KEY, counted, readers)) for _ in range(5)]
        await asyncio.sleep(0.1)
        asked[0].cancel()
        await asyncio.sleep(0.1)
        counted.may_end.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [each.body for each in found if isinstance(each, Answer)] == [b"1"] * 4
        lone = asyncio.create_task(remembered.answer(("other",), endless, readers))
        await asyncio.sleep(0.1)
        lone.cancel()
        # The thread is free again.
        assert (await remembered.answer(("third",), counted, readers)).body == b"2"

    during(owner, ask, threads=1)


def endless(workspace: Workspace) -> bytes:
    workspace.warehouse.con.execute("SELECT count(*) FROM range(1000000000) a, range(1000000000) b").fetchall()
    return b"never"


def test_after_a_change_what_was_asked_for_is_reckoned_before_anybody_asks(owner: Owner) -> None:
    remembered, counted = Remembered(look_s=0.05), Counted()

    async def ask(readers: Readers) -> None:
        await remembered.answer(KEY, counted, readers)
        await asyncio.sleep(0.3)
        assert counted.times == 1
        remembered.change()
        assert await asyncio.to_thread(counted.again.wait, 20)
        assert (await remembered.answer(KEY, counted, readers)).body == b"2"

    during(owner, ask)


def test_what_was_asked_for_longest_ago_makes_room(owner: Owner) -> None:
    remembered, counted = Remembered(most_bytes=2, look_s=60), Counted()

    async def ask(readers: Readers) -> None:
        for name in ("a", "b", "a", "c", "a", "b"):
            await remembered.answer((name,), counted, readers)
        # 1 for a, 2 for b, 3 for c in place of b, 4 for b again.
        assert counted.times == 4

    during(owner, ask)


def test_questions_that_take_long_leave_threads_for_others(owner: Owner) -> None:
    counted = Counted()
    counted.may_end.clear()

    async def ask(readers: Readers) -> None:
        long = [asyncio.create_task(readers.read(counted, is_long=True)) for _ in range(3)]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            assert await readers.read(lambda workspace: len(workspace.project.segments)) > 0
        counted.may_end.set()
        assert sorted(await asyncio.gather(*long)) == [b"1", b"2", b"3"]

    during(owner, ask, threads=2)


def test_over_http_an_old_answer_says_its_age_and_each_sight_has_its_own(shop: Path) -> None:
    with asking(shop) as asked:
        path = "/api/v1/measures?metrics=orders&since=2026-01-01&until=2026-04-01"
        first = asked.get(path)
        again = asked.get(path)
        assert first.headers["age"] == "0"
        assert again.content == first.content
        assert not first.json()[0]["rounded"]
        assert asked.get(path, role=Role.EXECUTIVE).json()[0]["rounded"]
        assert asked.get(path, role=Role.MARKETER).json()[0]["rounded"]
        assert asked.get(path).content == first.content
