"""What people say about purposes counts at once, as everything they ever said has it."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from habitue.govern.consent import ConsentEntry, ConsentState
from habitue.govern.ledger import ConsentLedger
from habitue.govern.spec import PolicySpec, Silence
from habitue.live import Loop
from habitue.sources.arrivals import Arrival, ArrivedConsent
from tests.live.arriving import SECOND, START, Shop, event, settle

PURPOSES = {
    "news": PolicySpec(purpose="news"),
    "statistics": PolicySpec(purpose="statistics", default=Silence.OPT_OUT),
}
RULES = {"readers": "did('Product Viewed') and consent.news", "counted": "did('Product Viewed') and consent.statistics"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose log is open, with somebody who looked at something."""
    shop = Shop(tmp_path, rules=RULES, purposes=PURPOSES)
    yield shop
    shop.committer.close()


def begun(shop: Shop) -> Loop:
    """Its loop, after somebody looked at something."""
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c1", "Product Viewed", START)))
    return loop


def say(shop: Shop, state: str, strength: str = "explicit", purpose: str = "news", who: str = "c1") -> int:
    """Somebody says something about a purpose; the offset."""
    shop.clock.now += SECOND
    consent = ArrivedConsent(purpose, state, strength, "form")
    return shop.send(Arrival(shop.now_us(), who, consents=(consent,)))


def test_silence_allows_only_what_silence_may_allow(shop: Shop) -> None:
    loop = begun(shop)
    assert (loop.is_member("c1", "readers"), loop.is_member("c1", "counted")) == (False, True)
    loop.stop()


def test_a_permission_and_a_withdrawal_count_at_once(shop: Shop) -> None:
    loop = begun(shop)
    settle(shop, loop, say(shop, "given"))
    assert loop.is_member("c1", "readers")
    settle(shop, loop, say(shop, "withdrawn"))
    assert not loop.is_member("c1", "readers")
    loop.stop()
    assert [each[2:] for each in shop.kept() if each[1] == "readers"] == [(True, 1, "event"), (False, 2, "event")]


def test_a_signal_never_lifts_what_the_person_refused(shop: Shop) -> None:
    loop = begun(shop)
    say(shop, "withdrawn")
    settle(shop, loop, say(shop, "given", "signal"))
    assert not loop.is_member("c1", "readers")
    settle(shop, loop, say(shop, "given"))
    assert loop.is_member("c1", "readers")
    loop.stop()


def listed(who: str, state: ConsentState) -> ConsentEntry:
    """What a list of the shop's says that somebody said, long ago."""
    return ConsentEntry(record_id=who, purpose="news", state=state, occurred_at=START, received_at=START)


def test_a_signal_never_lifts_what_a_list_says_that_the_person_refused(shop: Shop) -> None:
    shop.spoken = [listed("c1", ConsentState.WITHDRAWN)]
    loop = begun(shop)
    settle(shop, loop, say(shop, "given", "signal"))
    assert not loop.is_member("c1", "readers")
    settle(shop, loop, say(shop, "given"))
    assert loop.is_member("c1", "readers")
    loop.stop()


@pytest.mark.parametrize("said", ["before", "after"])
def test_a_signal_of_one_never_lifts_what_another_refused_who_turns_out_to_be_the_same(shop: Shop, said: str) -> None:
    shop.spoken = [listed("c2", ConsentState.WITHDRAWN)]
    loop = begun(shop)
    together = Arrival(shop.now_us(), "c2", others=(("cookie", "c1"),))
    if said == "before":
        settle(shop, loop, say(shop, "given", "signal"))
        assert loop.is_member("c1", "readers")
    settle(shop, loop, shop.send(together))
    if said == "after":
        settle(shop, loop, say(shop, "given", "signal"))
    assert not loop.is_member("c1", "readers")
    assert not loop.is_member("c2", "readers")
    loop.stop()


def test_what_was_said_by_another_way_counts_when_it_is_told(shop: Shop) -> None:
    loop = begun(shop)
    with ConsentLedger.open(shop.project) as ledger:
        ledger.append(
            [
                ConsentEntry(
                    record_id="c1",
                    purpose="news",
                    state=ConsentState.GIVEN,
                    occurred_at=START,
                    received_at=START,
                )
            ]
        )
    loop.decide(["c1"]).result(5)
    assert loop.is_member("c1", "readers")
    loop.stop()


def test_restricted_people_are_in_nothing(shop: Shop) -> None:
    loop = begun(shop)
    settle(shop, loop, say(shop, "given"))
    settle(shop, loop, say(shop, "restricted", purpose=""))
    assert not loop.is_member("c1", "readers")
    assert not loop.is_member("c1", "counted")
    shop.clock.now += SECOND
    settle(shop, loop, shop.send(event("c1", "Product Viewed", shop.clock.now)))
    assert not loop.is_member("c1", "counted")
    loop.stop()
    assert shop.kept()[-1][2] is False


@pytest.mark.parametrize("way", ["message", "ledger"])
def test_a_restriction_that_is_lifted_counts_without_a_build(shop: Shop, way: str) -> None:
    shop.restricted = ["c1"]
    loop = begun(shop)
    assert not loop.is_member("c1", "counted")
    shop.restricted = []
    if way == "message":
        settle(shop, loop, say(shop, "lifted", purpose=""))
    else:
        loop.decide(["c1"]).result(5)
    for _ in range(500):
        if loop.is_member("c1", "counted"):
            break
        sleep(0.01)
    assert loop.is_member("c1", "counted")
    assert loop.state().generation == 2
    loop.stop()
    assert [each[1:3] for each in shop.kept()] == [("counted", True)]


def test_restricted_people_of_the_tables_stay_out(shop: Shop) -> None:
    shop.restricted = ["c1"]
    loop = begun(shop)
    assert not loop.is_member("c1", "counted")
    loop.stop()
    assert shop.kept() == []
