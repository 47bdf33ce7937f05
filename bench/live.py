"""`python -m bench.live`: events per CPU-second that the live reading takes with 50 segments, in one process.

Promised: 100,000 a CPU-second. Events come in order, spread over people most of whom have been here before; reading,
decoding and writing them is not in it. Afterwards all exits that are still to come are swept and timed.
"""

import argparse
import gc
import json
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bench.resources import cpu_seconds, peak_mb
from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, read
from habitue.rules.history import Happening, Value
from habitue.rules.live import LiveRules

DONE, BROKEN = 0, 3
AT_LEAST: Final = 100_000
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SHAPES: Final = (
    EventShape(name="Page Viewed", properties={"path": Kind.TEXT}),
    EventShape(name="Product Viewed", properties={"product_id": Kind.TEXT, "category": Kind.TEXT}),
    EventShape(name="Product Added", properties={"product_id": Kind.TEXT, "items": Kind.INTEGER}),
    EventShape(name="Cart Viewed", properties={"items": Kind.INTEGER}),
    EventShape(name="Order Completed", properties={"revenue": Kind.MONEY, "items": Kind.INTEGER}),
    EventShape(name="Email Opened", properties={"campaign": Kind.TEXT}),
    EventShape(name="Email Clicked", properties={"campaign": Kind.TEXT}),
)
_WEIGHTS: Final = (45, 25, 8, 6, 3, 10, 3)
_TEMPLATES: Final = (
    "count('Product Viewed', where=category == 'c0{n}', last='7d') >= {n}",
    "count('Page Viewed', last='{n}d') >= {n}",
    "did('Product Viewed', last='{n}d') and not did('Order Completed', last='{n}d')",
    "unfollowed('Cart Viewed', by='Order Completed', within='{n}h', last='7d')",
    "sum('Order Completed'.revenue, last='{n}0d') >= {n}00",
    "did('Email Opened', last='{n}d') and not did('Email Clicked', last='{n}d')",
    "since(last_at('Order Completed')) > '{n}0d' and count('Order Completed') >= 2",
    "stopped('Page Viewed', after='{n}d') and count('Order Completed', last='365d') >= {n}",
    "count('Product Added', where=items >= {n}, last='30d') >= 2",
    "count('Email Clicked', last='{n}d') >= 1 or sum('Product Added'.items, last='{n}d') >= 5",
)


def definitions(count: int) -> list[Definition]:
    """So many segments, of ten sorts in turn."""
    found = []
    for index in range(count):
        text = _TEMPLATES[index % len(_TEMPLATES)].replace("{n}", str(1 + index // len(_TEMPLATES)))
        found.append(Definition(name=f"s{index}", rule=read(text)))
    return found


def events(count: int, people: int, seed: int) -> Iterator[tuple[str, str, Happening]]:
    """Events in order, two a second, of people drawn at random."""
    chance = random.Random(seed)
    names = chance.choices([each.name for each in _SHAPES], _WEIGHTS, k=count)
    for position, name in enumerate(names):
        properties: dict[str, Value | None] = {
            "path": "/",
            "product_id": f"p{chance.randrange(500)}",
            "category": f"c{chance.randrange(10):02}",
            "campaign": "spring",
            "items": chance.randrange(1, 6),
            "revenue": Decimal(chance.randrange(500, 20_000)) / 100,
        }
        instant = _START + timedelta(seconds=position / 2)
        happening = Happening(occurred_at=instant, position=position, properties=properties)
        yield f"c{chance.randrange(people)}", name, happening


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 3 when fewer events a CPU-second are taken than promised."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--events", type=int, default=300_000, help="events (300000)")
    parser.add_argument("--warm-up", type=int, default=300_000, help="events before those that are timed (300000)")
    parser.add_argument("--people", type=int, default=20_000, help="people (20000)")
    parser.add_argument("--segments", type=int, default=50, help="segments (50)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    catalogue = Catalogue(zone=ZoneInfo("UTC"), events={each.name: each for each in _SHAPES}, traits={})
    live = LiveRules(definitions(options.segments), catalogue)
    prepared = list(events(options.warm_up + options.events, options.people, seed=1))
    for customer_id, name, happening in prepared[: options.warm_up]:
        live.feed(customer_id, name, happening, happening.occurred_at)
    gc.collect()
    gc.freeze()
    transitions, started = 0, cpu_seconds()
    for index, (customer_id, name, happening) in enumerate(prepared[options.warm_up :]):
        transitions += len(live.feed(customer_id, name, happening, happening.occurred_at))
        if index % 100 == 0:
            transitions += len(live.advance(happening.occurred_at).transitions)
    fed = cpu_seconds() - started
    end, swept, is_done = prepared[-1][2].occurred_at + timedelta(days=400), 0, False
    started = cpu_seconds()
    while not is_done:
        sweep = live.advance(end)
        swept, is_done = swept + len(sweep.transitions), sweep.is_done
    document = {
        "events": options.events,
        "people": live.people,
        "segments": options.segments,
        "leaves": live.leaves,
        "events_per_cpu_second": round(options.events / fed),
        "transitions": transitions,
        "swept_transitions": swept,
        "swept_per_cpu_second": round(swept / (cpu_seconds() - started)),
        "peak_mb": round(peak_mb()),
        "promised_events_per_cpu_second": AT_LEAST,
    }
    sys.stdout.write(
        json.dumps(document) + "\n" if options.json else "".join(f"{key}: {value}\n" for key, value in document.items())
    )
    return DONE if document["events_per_cpu_second"] >= AT_LEAST else BROKEN


if __name__ == "__main__":
    sys.exit(main())
