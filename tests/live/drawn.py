"""A long drawn story of a few people: the same for the same seed, so that what a kill interrupts can be told again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from habitue.rules.history import micros
from habitue.sources.arrivals import Arrival, ArrivedEvent, Stored
from tests.live.arriving import START

USERS = 6
BROWSERS = 14
LATE = (0, 0, 0, 1, 20 * 60, 45 * 60, 3 * 3_600, 30 * 3_600)
"""How long after it happened a message comes, in seconds."""


class Sent(NamedTuple):
    """A message and when it is received."""

    arrival: Arrival
    received_at: datetime


def story(seed: int) -> Iterator[Sent]:
    """Messages without end: people look at products, order, log in on browsers; some of it late."""
    chance, now = Random(seed), START
    while True:
        now += timedelta(seconds=chance.choice([1, 5, 60, 400, 1_900]), microseconds=chance.randrange(1_000_000))
        yield Sent(_message(chance, micros(now)), now)


def _message(chance: Random, received_us: int) -> Arrival:
    occurred_us = received_us - 1_000_000 * chance.choice(LATE)
    browser = f"k{chance.randrange(BROWSERS):02}"
    # A browser is always one user's, as far as it is anybody's.
    user = f"u{int(browser[1:]) % USERS}"
    record, others = (browser, ()) if chance.random() < 0.6 else (user, ((("cookie", browser)),))
    kind = chance.random()
    if kind < 0.1:
        return Arrival(occurred_us, user, traits={"country": chance.choice(["DE", "FR"])})
    name, properties = _event(chance, kind)
    return Arrival(occurred_us, record, (ArrivedEvent(name, properties),), others=others)


def _event(chance: Random, kind: float) -> tuple[str, dict[str, Stored]]:
    if kind < 0.3:
        return "Order Completed", {"revenue": chance.choice(["20", "60.50"])}
    return "Product Viewed", {"product_id": chance.choice("abc"), "page": chance.choice(["/a", "/b", ""]) or None}
