"""A shop to measure the live reading with: fifty segments of every sort, and visits of people as a log has them."""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, Node, check, inline, read
from habitue.rules.cuts import CutPoints, cut_points
from habitue.rules.history import micros
from habitue.rules.nodes import Place
from habitue.rules.walking import walk
from habitue.sources.arrivals import Arrival, ArrivedEvent, Stored, body_of

START_US: Final = micros(datetime(2026, 1, 1, tzinfo=UTC))
DAY_US: Final = 86_400_000_000
_SHAPES: Final = (
    EventShape(name="Page Viewed", properties={"path": Kind.TEXT, "referrer": Kind.TEXT}),
    EventShape(name="Product Viewed", properties={"product_id": Kind.TEXT, "category": Kind.TEXT, "price": Kind.MONEY}),
    EventShape(name="Product Added", properties={"product_id": Kind.TEXT, "items": Kind.INTEGER}),
    EventShape(name="Cart Viewed", properties={"items": Kind.INTEGER}),
    EventShape(name="Order Completed", properties={"revenue": Kind.MONEY, "items": Kind.INTEGER}),
    EventShape(name="Email Clicked", properties={"campaign": Kind.TEXT}),
)
CATALOGUE: Final = Catalogue(
    zone=ZoneInfo("Europe/Berlin"),
    events={each.name: each for each in _SHAPES},
    traits={"country": Kind.TEXT, "age": Kind.INTEGER},
    purposes=frozenset({"marketing_email"}),
)
_AFTER: Final = {
    "Page Viewed": (("Page Viewed", 50), ("Product Viewed", 45), ("Cart Viewed", 5)),
    "Product Viewed": (("Page Viewed", 50), ("Product Viewed", 35), ("Product Added", 15)),
    "Product Added": (("Page Viewed", 50), ("Cart Viewed", 35), ("Product Viewed", 15)),
    "Cart Viewed": (("Order Completed", 40), ("Page Viewed", 60)),
    "Order Completed": (("Page Viewed", 100),),
    "Email Clicked": (("Page Viewed", 60), ("Product Viewed", 40)),
}
"""What follows what in a visit, with weights."""
RULES: Final = (
    *(f"count('Product Viewed', where=category == 'c{n}', last='7d') >= {2 + n % 3}" for n in range(7)),
    *(
        f"did('Product Viewed', where=product_id == 'p{n}', last='7d') and not did('Order Completed', last='7d')"
        for n in range(5)
    ),
    *(f"unfollowed('Cart Viewed', by='Order Completed', within='{n}h', last='7d')" for n in (1, 4, 24)),
    *(f"unfollowed('Product Viewed', by='Product Added', on='product_id', within='{n}d', last='30d')" for n in (1, 7)),
    *(f"sum('Order Completed'.revenue, last='{n}d') >= {3 * n}" for n in (30, 60, 90, 365)),
    *(f"count('Order Completed', last='{n}d') >= 2" for n in (30, 90, 365)),
    *(f"stopped('Page Viewed', after='{n}d') and count('Order Completed', last='365d') >= 1" for n in (7, 14, 30, 60)),
    *(f"did('Email Clicked', last='{n}d') and not did('Order Completed', last='{n}d')" for n in (1, 3, 7, 14)),
    "sequence('Product Viewed', 'Product Added', 'Order Completed', within='24h', last='30d')",
    "sequence('Email Clicked', 'Product Viewed', within='1h', last='7d')",
    *(f"trait.country == '{each}' and did('Page Viewed', last='30d')" for each in ("DE", "FR", "IT")),
    *(f"consent.marketing_email and count('Product Viewed', last='7d') >= {n}" for n in (3, 5, 10)),
    *(f"percentile(sum('Order Completed'.revenue, last='365d')) >= {each}" for each in ("0.8", "0.95")),
    *(f"count('Product Added', where=items >= {n}, last='30d') >= 2" for n in (2, 3)),
    "since(last_at('Order Completed')) > '30d' and count('Order Completed') >= 2",
    "days(since(last_at('Page Viewed'))) >= 21",
    "count('Page Viewed', today=True) >= 10",
    "count('Page Viewed', this_week=True) >= 25",
    "sum('Product Added'.items, last='7d') >= 5 or count('Cart Viewed', last='7d') >= 3",
    "not did('Page Viewed', last='3d') and did('Page Viewed', last='14d')",
)


class Sent(NamedTuple):
    """A record of the log."""

    received_us: int
    body: bytes


def definitions(count: int) -> list[Definition]:
    """So many segments; beyond fifty they come again with longer windows."""
    return [
        Definition(
            name=f"s{index}", rule=read(RULES[index % len(RULES)].replace("last='7d'", f"last='{7 + index // 50}d'"))
        )
        for index in range(count)
    ]


def cuts_of(segments: list[Definition]) -> dict[Node, CutPoints]:
    """Cut points as a build would leave them, for what the segments rank."""
    chance = random.Random(3)
    ranked = cut_points([Decimal(0)] * 600 + [Decimal(chance.randrange(500, 60_000)) / 100 for _ in range(400)])
    rules = [inline(check(each.rule, CATALOGUE).node, CATALOGUE) for each in segments]
    return {part.inner: ranked for rule in rules for part in walk(rule) if isinstance(part, Place)}


def traffic(count: int, people: int, days: int, seed: int) -> Iterator[Sent]:
    """Records in the order in which they were received: visits of some people, most of them few, some many."""
    chance = random.Random(seed)
    visits: list[tuple[int, int, str, str]] = []
    pace = days * DAY_US / (count / 9.4)
    begins, number = START_US, 0
    for _ in range(count):
        while not visits or visits[0][0] >= begins:
            begins += round(chance.expovariate(1 / pace))
            number += 1
            record = f"r{int(people * chance.random() ** 1.5):08}"
            heapq.heappush(
                visits, (begins, number, record, "Email Clicked" if chance.random() < 0.1 else "Page Viewed")
            )
        at, of, record, name = visits[0]
        yield _sent(at, record, name, chance)
        if chance.random() < 1 / 9.4:
            heapq.heappop(visits)
            continue
        following = chance.choices(*zip(*_AFTER[name], strict=True))[0]
        heapq.heapreplace(visits, (at + round(chance.expovariate(1 / 30e6)) + 1_000_000, of, record, following))


def _sent(at: int, record: str, name: str, chance: random.Random) -> Sent:
    kept = _properties(name, chance)
    event = ArrivedEvent(name, kept)
    arrival = Arrival(
        occurred_us=at - chance.randrange(50_000, 2_000_000), record=record, events=(event,), sealed="x" * 160
    )
    return Sent(at, body_of(arrival))


def _properties(name: str, chance: random.Random) -> dict[str, Stored]:
    match name:
        case "Page Viewed":
            return {"path": f"/{chance.randrange(300)}", "referrer": ""}
        case "Product Viewed":
            product = chance.randrange(500)
            price = str(Decimal(500 + product * 37) / 100)
            return {"product_id": f"p{product}", "category": f"c{product % 20}", "price": price}
        case "Product Added":
            return {"product_id": f"p{chance.randrange(500)}", "items": chance.choice((1, 1, 1, 2, 3))}
        case "Cart Viewed":
            return {"items": chance.randrange(1, 5)}
        case "Order Completed":
            return {"revenue": str(Decimal(chance.randrange(500, 20_000)) / 100), "items": chance.randrange(1, 6)}
    return {"campaign": f"k{chance.randrange(5)}"}
