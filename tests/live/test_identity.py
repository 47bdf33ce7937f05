"""Who is who while messages come in: also where only a file says by what else somebody is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
