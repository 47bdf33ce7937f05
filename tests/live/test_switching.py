"""The switch to changed rules or data: in the background, complete, in one step, and everybody told once."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from habitue.live import Loop, Phase, Seeded
from habitue.rules.live import LiveRules
from tests.live.arriving import SECOND, START, Shop, event, settle

HOUR = 3_600 * SECOND


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose log is open."""
    shop = Shop(tmp_path)
    yield shop
    shop.committer.close()


class Gate:
    """A maker of live readings that waits until it is let go."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.begun, self.go = Event(), Event()

    def make(self, offset: int, now: datetime, members: Mapping[str, Collection[str]]) -> Seeded:
        """Wait, then make."""
        self.begun.set()
        assert self.go.wait(10)
        return self._shop.make(offset, now, members)


def begun(shop: Shop) -> Loop:
    """A loop with somebody inside."""
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START), event("c2", "Product Viewed", START)))
    return loop


def test_a_new_segment_is_complete_with_what_came_in_while_it_was_made(shop: Shop) -> None:
    loop = begun(shop)
    shop.rules = {**shop.all_rules, "viewers": "count('Product Viewed') >= 2"}
    gate = Gate(shop)
    done = loop.switch(replace(shop.setting(), make=gate.make))
    assert gate.begun.wait(10)
    shop.clock.now += SECOND
    settle(shop, loop, shop.send(event("c1", "Product Viewed", shop.clock.now)))
    making = loop.state().making
    assert making is not None
    assert making.step == "seeding"
    assert not loop.is_live("viewers")
    gate.go.set()
    assert done.result(10) == 1
    assert loop.is_member("c1", "viewers")
    assert not loop.is_member("c2", "viewers")
    assert loop.state().making is None
    assert loop.state().generation == 2
    loop.stop()
    assert [each for each in shop.kept() if each[1] == "viewers"] == [("c1", "viewers", True, 1, "definition")]
    assert [each.segment for each in shop.heard].count("recent") == 2


def test_an_edited_rule_moves_people_once_and_a_deleted_one_lets_them_go(shop: Shop) -> None:
    loop = begun(shop)
    shop.rules = {"recent": "did('Product Viewed', last='2h') and trait.country == 'DE'"}
    assert loop.switch(shop.setting()).result(10) == 2
    shop.rules = {}
    assert loop.switch(shop.setting()).result(10) == 0
    loop.stop()
    assert [each[:3] for each in shop.kept()] == [
        ("c1", "recent", True),
        ("c2", "recent", True),
        ("c1", "recent", False),
        ("c2", "recent", False),
    ]


def test_members_of_a_deleted_segment_leave(shop: Shop) -> None:
    loop = begun(shop)
    shop.rules = {"buyer": shop.all_rules["buyer"]}
    assert loop.switch(shop.setting()).result(10) == 2
    loop.stop()
    assert shop.kept()[2:] == [("c1", "recent", False, 0, "definition"), ("c2", "recent", False, 0, "definition")]


def test_time_that_passes_while_a_generation_is_made_is_told_once(shop: Shop) -> None:
    loop = begun(shop)
    gate = Gate(shop)
    done = loop.switch(replace(shop.setting(), make=gate.make))
    assert gate.begun.wait(10)
    shop.clock.now += 2 * HOUR
    settle(shop, loop)
    gate.go.set()
    assert done.result(10) == 0
    loop.stop()
    assert sorted(shop.kept()) == sorted(
        (who, *what)
        for who in ("c1", "c2")
        for what in (
            ("recent", True, 0, "event"),
            ("abandoner", True, 1_800, "deadline"),
            ("recent", False, 3_600, "deadline"),
        )
    )
    assert loop.state().refused == 0


def test_a_generation_that_cannot_be_made_changes_nothing_and_is_said(shop: Shop) -> None:
    loop = begun(shop)

    def make(_offset: int, _now: datetime, _members: Mapping[str, Collection[str]]) -> LiveRules:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.switch(replace(shop.setting(), make=make)).result(10)
    state = loop.state()
    assert state.making is not None
    assert (state.making.step, state.making.problem) == ("failed", "ZeroDivisionError")
    assert state.phase is Phase.LIVE
    assert loop.is_member("c1", "recent")
    assert loop.switch().result(10) == 0
    assert loop.state().making is None
    loop.stop()


def test_data_that_came_by_a_build_moves_people_as_a_build(shop: Shop) -> None:
    loop = begun(shop)

    def make(offset: int, now: datetime, members: Mapping[str, Collection[str]]) -> Seeded:
        seeded = shop.make(offset, now, members)
        for each in shop.bought(now):
            seeded.rules.feed("c7", "Order Completed", each, now)
        return seeded

    assert loop.switch(replace(shop.setting(), make=make)).result(10) == 1
    loop.stop()
    assert shop.kept()[-1] == ("c7", "buyer", True, 0, "build")


def test_whoever_is_forgotten_while_a_generation_is_made_is_not_in_it(shop: Shop) -> None:
    loop = begun(shop)
    gate = Gate(shop)
    done = loop.switch(replace(shop.setting(), make=gate.make))
    assert gate.begun.wait(10)
    loop.forget(["c1"]).result(5)
    gate.go.set()
    assert done.result(10) == 0
    assert not loop.is_member("c1", "recent")
    loop.stop()
    assert {each[0] for each in shop.kept()} == {"c2"}
