"""Who is who while messages come in: also where only a file says by what else somebody is known."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from habitue.identity.joining import Joining, Said, Told
from habitue.identity.ledger import digest
from habitue.identity.links import Links
from habitue.identity.rules import DEFAULT_RULES
from habitue.live.identity import LiveIdentity
from habitue.live.poison import Poison, look_ahead, taken
from habitue.sources.arrivals import Arrival
from habitue.streams import LogReader
from tests.live.arriving import START, Shop, event, settle

RULES = {"looking": "count('Product Viewed') >= 2"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose log is open; a file says that c9 is known by the cookie whose record is k1."""
    shop = Shop(tmp_path, rules=RULES, sharing={"k1": [("cookie", "c9")]})
    yield shop
    shop.committer.close()


def test_a_cookie_alone_joins_whom_a_file_knows_by_it(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c9", "Product Viewed", START)))
    settle(shop, loop, shop.send(event("k1", "Product Viewed", START)))
    assert loop.sizes() == {"looking": 1}
    loop.stop()


def test_who_logs_in_joins_whom_a_file_knows_by_the_cookie(shop: Shop) -> None:
    loop = shop.loop()
    settle(shop, loop, shop.send(event("c9", "Product Viewed", START)))
    login = event("c1", "Product Viewed", START, others=(("cookie", "k1"),))
    settle(shop, loop, shop.send(login))
    assert loop.sizes() == {"looking": 1}
    loop.stop()
    again = shop.loop()
    settle(shop, again, shop.send(event("k1", "Product Viewed", START)))
    assert again.sizes() == {"looking": 1}
    again.stop()


def log_in(number: int) -> Arrival:
    """Somebody whom nobody knows names a cookie that nobody knows."""
    return event(f"c{number}", "Product Viewed", START, others=(("cookie", f"k{number}"),))


def news(identity: LiveIdentity, arrivals: Sequence[Arrival]) -> list[Told]:
    """What messages say of who is who that was not looked into yet."""
    told = [Told(each.record, each.others, each.carried) for each in arrivals]
    return [each for each in told if identity.is_news(each)]


@contextmanager
def counted(links: Links) -> Iterator[list[str]]:
    """The statements that a link store is asked inside the block."""
    asked: list[str] = []
    links.connection.set_trace_callback(asked.append)
    try:
        yield asked
    finally:
        links.connection.set_trace_callback(None)


def test_newcomers_cost_a_few_statements_whatever_their_number(tmp_path: Path) -> None:
    (tmp_path / ".habitue").mkdir()
    costs = []
    with Links.open(tmp_path) as links:
        asked_of: list[int] = []

        def sharing_of(records: Collection[str]) -> Mapping[str, Sequence[Said]]:
            asked_of.append(len(records))
            return {}

        identity = LiveIdentity(Joining(links=links, rules=DEFAULT_RULES, sharing_of=sharing_of))
        for begin, end in ((0, 1), (1, 5), (5, 205)):
            newcomers = [log_in(number) for number in range(begin, end)]
            with counted(links) as asked:
                identity.look_ahead(news(identity, newcomers))
                for each in newcomers:
                    assert identity.join(each.record, each.others, each.carried, START)
                identity.keep(end)
            costs.append(len(asked))
        assert costs[2] == costs[1] <= 13
        assert asked_of == [1, 1, 4, 4, 200, 200]
        assert links.count() == 410
        assert len(identity.records_of(identity.person_of("c204"))) == 2


def test_messages_that_join_nobody_cost_no_statement(tmp_path: Path) -> None:
    (tmp_path / ".habitue").mkdir()
    known = [log_in(number) for number in range(5)]
    with Links.open(tmp_path) as links:
        identity = LiveIdentity(Joining(links=links, rules=DEFAULT_RULES))
        for each in known:
            identity.join(each.record, each.others, each.carried, START)
        identity.keep()
        with counted(links) as asked:
            again = [*known, *(event(each.record, "Product Viewed", START) for each in known)]
            identity.look_ahead(news(identity, again))
            assert not any(identity.join(each.record, each.others, (), START) for each in known)
            identity.keep()
        assert asked == []


def test_who_is_who_that_was_lost_with_the_power_is_found_again_in_the_log(shop: Shop, tmp_path: Path) -> None:
    store = tmp_path / ".habitue" / "identity.sqlite"
    loop = shop.loop()
    settle(shop, loop, shop.send(log_in(1), event("c1", "Product Viewed", START)))
    loop.stop()
    early = store.read_bytes()
    loop = shop.loop()
    settle(shop, loop, shop.send(log_in(2), event("k2", "Product Viewed", START)))
    loop.stop()
    with Links.open(tmp_path) as links:
        before = digest(links)
    store.write_bytes(early)
    again = shop.loop()
    settle(shop, again, shop.send(event("k2", "Order Completed", START, {"revenue": "1.00"})))
    assert again.sizes() == {"looking": 2}
    again.stop()
    assert [each for each in shop.kept() if not each[2]] == []
    with Links.open(tmp_path) as links:
        assert digest(links) == before


def test_whom_a_busy_store_keeps_from_joining_joins_later(shop: Shop, tmp_path: Path) -> None:
    loop = shop.loop()
    with Links.open(tmp_path) as other:
        other.begin()
        settle(shop, loop, shop.send(*(log_in(number) for number in range(20, 40))))
        settle(shop, loop, shop.send(*(event(f"k{number}", "Product Viewed", START) for number in range(20, 40))))
        assert loop.sizes() == {"looking": 0}
        other.commit()
    settle(shop, loop, shop.send(event("c20", "Product Viewed", START)))
    assert loop.sizes() == {"looking": 20}
    loop.stop()


def test_nobody_is_kept_from_writing_by_joins_that_change_nobody(shop: Shop, tmp_path: Path) -> None:
    loop = shop.loop()
    found = 0
    with Links.open(tmp_path) as other:
        other.begin()
        settle(shop, loop, shop.send(log_in(30)))
        other.commit()
        for _ in range(400):
            # Waits for two seconds at most, and no longer than that by the test.
            other.begin()
            found = other.count()
            other.commit()
            if found == 2:
                break
            sleep(0.005)
        assert found == 2
    loop.stop()


def test_a_mistake_while_looking_ahead_keeps_no_record_from_being_read(shop: Shop) -> None:
    generation = shop.told(0, START)
    asked: list[int] = []

    def stumbling(records: Collection[str]) -> Mapping[str, Sequence[Said]]:
        asked.append(len(records))
        if len(records) > 1:
            raise RuntimeError
        return {}

    with Links.open(shop.project) as links:
        generation.identity = LiveIdentity(Joining(links=links, rules=DEFAULT_RULES, sharing_of=stumbling))
        shop.send(log_in(1), log_in(2))
        records = LogReader(shop.log).read(0, 10)
        poison = Poison()
        look_ahead(generation, records)
        for each in records:
            taken(generation, each, poison)
        generation.identity.keep()
    assert (poison.count, max(asked)) == (0, 2)
    assert generation.identity.person_of("c1") == generation.identity.person_of("k1")
