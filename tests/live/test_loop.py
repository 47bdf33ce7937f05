"""The loop: what arrives is read once, deadlines come on time, and a restart goes on where it left off."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

import pytest

from habitue.live import Loop, Pace, Phase, Seeded
from habitue.rules.live import LiveRules
from habitue.rules.live_transitions import Facts
from habitue.segments import Moved, TransitionLog
from habitue.sources.arrivals import Arrival
from habitue.state.sqlite import StateBusyError
from habitue.streams import NewRecord
from tests.live.arriving import SECOND, START, Shop, event, settle

MINUTE, HOUR = 60 * SECOND, 3_600 * SECOND


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose log is open."""
    shop = Shop(tmp_path)
    yield shop
    shop.committer.close()


def test_people_enter_by_events_and_leave_at_the_instant_their_window_ends(shop: Shop) -> None:
    loop = shop.loop()
    offset = shop.send(event("c1", "Product Viewed", START - MINUTE, {"product_id": "X"}))
    settle(shop, loop, offset)
    assert loop.is_member("c1", "recent")
    assert loop.sizes()["recent"] == 1
    shop.clock.now += 2 * HOUR
    settle(shop, loop)
    loop.stop()
    assert shop.kept() == [
        ("c1", "recent", True, 0, "event"),
        ("c1", "abandoner", True, 29 * 60, "deadline"),
        ("c1", "recent", False, 59 * 60, "deadline"),
    ]
    assert [each.sequence for each in shop.heard] == [1, 2, 3]
    assert loop.state().phase is Phase.STOPPED


def test_exits_missed_while_down_carry_their_true_instant(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    loop.stop()
    shop.clock.now += 5 * HOUR
    offset = shop.send(event("c2", "Product Viewed", shop.clock.now))
    again = shop.loop()
    settle(shop, again, offset)
    again.stop()
    told = shop.kept()
    assert ("c1", "recent", False, 3_600, "deadline") in told
    assert ("c1", "abandoner", True, 1_800, "deadline") in told
    assert ("c2", "recent", True, 5 * 3_600, "event") in told
    assert len(told) == 4
    with TransitionLog.open(shop.project) as log:
        assert log.refused == 0


def test_a_record_that_cannot_be_read_is_noted_and_passed_over(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop)
    shop.send(event("c1", "Product Viewed", START))
    shop.committer.append_many([NewRecord("site", "bad", "track", 1, b"{]")])
    shop.send(event("c9", "Order Completed", START, {"revenue": "not money"}))
    offset = shop.send(event("c2", "Product Viewed", START))
    settle(shop, loop, offset)
    state = loop.state()
    loop.stop()
    assert (state.poisoned, state.poison) == (2, ((2, "ARRIVAL-DAMAGED"), (3, "InvalidOperation")))
    assert [each.customer_id for each in shop.heard] == ["c1", "c2"]


def test_a_clock_that_steps_back_undoes_nothing(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    shop.clock.now += 2 * HOUR
    settle(shop, loop)
    shop.clock.now -= timedelta(days=1)
    offset = shop.send(event("c1", "Order Completed", START, {"revenue": "200"}))
    assert loop.wait_for(offset, 5)
    loop.stop()
    assert [(each[1], each[2], each[3]) for each in shop.kept()] == [
        ("recent", True, 0),
        ("abandoner", True, 1_800),
        ("recent", False, 3_600),
        ("buyer", True, 7_200),
        ("abandoner", False, 7_200),
    ]


def test_traits_follow_the_latest_word(shop: Shop) -> None:
    loop = shop.loop()
    shop.send(Arrival(occurred_us=shop.now_us(), record="c1", traits={"country": "DE"}))
    offset = shop.send(Arrival(occurred_us=shop.now_us() - 1, record="c1", traits={"country": "FR"}))
    settle(shop, loop, offset)
    assert loop.is_member("c1", "german")
    loop.know("c1", Facts(traits={"country": "AT"})).result(5)
    assert not loop.is_member("c1", "german")
    loop.stop()


def test_somebody_forgotten_is_told_of_no_more(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START), event("c2", "Product Viewed", START)))
    loop.forget(["c1"]).result(5)
    assert not loop.is_member("c1", "recent")
    assert set(loop.members("recent")) == {"c2"}
    assert loop.sizes()["recent"] == 1
    loop.stop()
    assert [each[0] for each in shop.kept()] == ["c2"]


def test_a_rule_changed_while_down_moves_people_as_a_definition(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    loop.stop()
    shop.rules = {"recent": "did('Order Completed', last='1h')", "seen": "did('Product Viewed')"}
    again = shop.loop()
    settle(shop, again)
    again.stop()
    assert shop.kept()[1:] == [("c1", "recent", False, 0, "definition"), ("c1", "seen", True, 0, "definition")]


def test_what_ends_the_loop_is_said(shop: Shop) -> None:
    def make(_offset: int, _now: datetime, _members: Mapping[str, Collection[str]]) -> LiveRules:
        raise ZeroDivisionError

    broken = Loop(replace(shop.setting(), make=make))
    before = broken.forget(["c1"])
    broken.start()
    assert not broken.wait_for(1, 5)
    state = broken.state()
    assert (state.phase, state.problem, state.is_ready) == (Phase.FAILED, "ZeroDivisionError", False)
    # Whoever waits for something to be done is not left waiting.
    for order in (before, broken.decide(["c1"])):
        with pytest.raises(CancelledError):
            order.result(5)
    broken.stop()


def test_a_listener_that_fails_does_not_keep_others_from_hearing(shop: Shop) -> None:
    loop = shop.loop()

    def fail(moved: Sequence[Moved]) -> None:
        raise ZeroDivisionError(len(moved))

    loop.subscribe(fail)
    loop.subscribe(shop.heard.extend)
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    settle(shop, loop, shop.send(event("c2", "Product Viewed", START)))
    assert loop.state().unheard == 2
    loop.stop()
    assert [each.customer_id for each in shop.heard] == ["c1", "c1", "c2", "c2"]


def test_another_log_in_place_of_the_one_that_was_read_is_read_from_its_beginning(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START), event("c2", "Product Viewed", START)))
    loop.stop()
    shop.committer.close()
    for path in shop.project.glob(".habitue/log.sqlite*"):
        path.unlink()
    anew = Shop(shop.project, clock=shop.clock)
    again = anew.loop()
    settle(anew, again, anew.send(event("c3", "Product Viewed", START)))
    assert set(again.members("recent")) == {"c3"}
    again.stop()
    anew.committer.close()


def test_what_hinders_the_start_is_said_until_it_is_gone(shop: Shop) -> None:
    tries = list[int]()

    def make(offset: int, now: datetime, members: Mapping[str, Collection[str]]) -> Seeded:
        tries.append(offset)
        if len(tries) < 3:
            raise StateBusyError(shop.project)
        return shop.make(offset, now, members)

    loop = Loop(replace(shop.setting(), make=make), Pace(retry_s=0.05))
    loop.start()
    while len(tries) < 2:
        sleep(0.001)
    assert loop.state().problem == "STATE-BUSY"
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    assert loop.state().problem == ""
    loop.stop()


def test_what_came_after_a_start_that_was_cut_off_is_told_as_it_happened(shop: Shop) -> None:
    shop.send(event("c1", "Product Viewed", START))

    def make(_offset: int, _now: datetime, _members: Mapping[str, Collection[str]]) -> Seeded:
        raise ZeroDivisionError

    cut_off = Loop(replace(shop.setting(), make=make))
    cut_off.start()
    assert not cut_off.wait_for(9, 5)
    cut_off.stop()
    shop.clock.now += 2 * HOUR
    offset = shop.send(event("c2", "Product Viewed", START + HOUR / 2), received_at=START + HOUR / 2)
    loop = shop.loop()
    settle(shop, loop, offset)
    loop.stop()
    told = [
        ("c1", "abandoner", True, 1_800, "deadline"),
        ("c1", "recent", False, 3_600, "deadline"),
        ("c1", "recent", True, 0, "definition"),
        ("c2", "abandoner", True, 3_600, "deadline"),
        ("c2", "recent", False, 5_400, "deadline"),
        ("c2", "recent", True, 1_800, "event"),
    ]
    assert sorted(shop.kept()) == told
