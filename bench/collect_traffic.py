"""What a shop's servers send: visits of people known and new, in batches, as client libraries write them."""

import json
import random
import uuid
from collections.abc import Iterator

BATCH = 100
SENT_AT = "2026-11-22T07:33:01.000Z"
_KINDS = ("view", "page", "add", "cart", "checkout", "order", "who")
_WEIGHTS = (60, 20, 8, 5, 3, 2, 2)


def bodies(events: int, *, visit: int, undeclared: int, seed: int = 5) -> Iterator[bytes]:
    """Batches of the Segment HTTP API for the source `site` of the sample shop.

    Args:
        events: How many messages, all together.
        visit: How many of them somebody sends on average; every one of these people is new.
        undeclared: One message in so many holds properties that no contract declares; 0 for none.
        seed: Of everything drawn.
    """
    chance = random.Random(seed)
    people = max(1, events // visit)
    # People come and go: who is new lies between those who are here, and messages of one person are not together.
    here: list[int] = []
    for start in range(0, events, BATCH):
        batch = []
        for number in range(start, min(start + BATCH, events)):
            if len(here) * visit <= number and len(here) < people:
                here.append(len(here))
            person = here[max(0, len(here) - 1 - int(chance.expovariate(1 / 4_000)))]
            is_odd = undeclared and number % undeclared == 0
            batch.append(_message(chance, number, person, is_odd=bool(is_odd)))
        yield json.dumps({"batch": batch, "sentAt": SENT_AT}).encode()


def _message(chance: random.Random, number: int, person: int, *, is_odd: bool) -> dict[str, object]:
    kind = chance.choices(_KINDS, _WEIGHTS)[0]
    message: dict[str, object] = {
        "userId": f"C-{person:07}",
        "messageId": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "timestamp": "2026-11-22T07:33:00.123Z",
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
        "integrations": {},
    }
    if kind == "who":
        address = {"city": "Bath", "country": "GB"}
        traits = {"email": f"c{person}@example.org", "firstName": f"Ann {person}", "address": address}
        return {**message, "type": "identify", "traits": traits}
    properties = _properties(kind, number)
    if is_odd:
        properties |= {"list": "Bestsellers", "rank": number % 40, "theme": "autumn"}
    if kind == "page":
        return {**message, "type": "page", "properties": properties}
    return {**message, "type": "track", "event": _EVENTS[kind], "properties": properties}


_EVENTS = {
    "view": "Product Viewed",
    "add": "Product Added",
    "cart": "Cart Viewed",
    "checkout": "Checkout Started",
    "order": "Order Completed",
}


def _properties(kind: str, number: int) -> dict[str, object]:
    product: dict[str, object] = {
        "product_id": f"P{number % 9_999:05}",
        "category": "Candles",
        "brand": "Fern",
        "price": (199 + number % 9_000) / 100,
    }
    if kind == "page":
        return {"path": f"/c/{number % 500}", "device": "mobile", "channel": "web"}
    if kind in ("cart", "checkout"):
        return {"cart_id": f"K{number}", "items": 3, "value": 59.85}
    if kind == "order":
        entries = [{**product, "quantity": 2}, {**product, "product_id": "P1"}]
        return {"order_id": f"O{number}", "revenue": 78.8, "currency": "GBP", "channel": "web", "products": entries}
    return {**product, "channel": "web", **({"quantity": 1} if kind == "add" else {})}
