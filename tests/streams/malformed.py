"""Bodies that senders should not send, drawn by a seeded generator: broken, bent, too large, too deep."""

import json
import random
from collections.abc import Callable
from typing import Final

TEXTS: Final = (
    "",
    "a",
    "7",
    "anonymous",
    "é\u0000\u2028",
    "x" * 600,
    "2026-01-01T00:00:00Z",
    "9999-99-99",
    "NaN",
    "😀" * 50,
)
NUMBERS: Final = (
    "0",
    "-1",
    "1e400",
    "-1e999",
    "1.5",
    "9" * 19,
    "9" * 400,
    "1" * 6_000,
    "0" * 5,
    "1e-999",
    "NaN",
    "-Infinity",
)
KEYS: Final = (
    *("type", "event", "userId", "anonymousId", "messageId", "groupId", "previousId", "name", "category"),
    *(
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "properties",
        "traits",
        "context",
        "integrations",
        "writeKey",
        "batch",
    ),
)
KINDS: Final = ("identify", "track", "page", "screen", "group", "alias", "merge", "", "TRACK")
BYTES: Final = (
    b"\xff",
    b"\xc3",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\x00",
    b"\\ud800",
    b"\\u12",
    b"1e9999",
)


def good(chance: random.Random) -> dict[str, object]:
    """A message as it should be."""
    return {
        "type": chance.choice(KINDS[:6]),
        "userId": str(chance.randrange(1_000)),
        "previousId": "before",
        "groupId": "g",
        "event": "Product Viewed",
        "messageId": str(chance.getrandbits(64)),
        "timestamp": "2026-11-22T07:33:00.000Z",
        "properties": {"price": chance.random() * 100, "products": [{"product_id": "p", "quantity": 2}]},
        "context": {"page": {"url": "https://shop.example/a?b=c"}},
    }


def value(chance: random.Random, depth: int = 0) -> str:
    """Any JSON value, or nearly one, as text."""
    draw = chance.randrange(8 if depth < 4 else 6)
    if draw == 0:
        return chance.choice(NUMBERS)
    if draw == 1:
        return json.dumps(chance.choice(TEXTS))
    if draw < 6:
        return chance.choice(("null", "true", "false", "[]", "{}", "12", '"t"'))
    inner = [value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if draw == 6:
        return f"[{','.join(inner)}]"
    return "{" + ",".join(f"{json.dumps(chance.choice(TEXTS))}:{each}" for each in inner) + "}"


def bent(chance: random.Random) -> bytes:
    """A message with fields of any type."""
    fields = {key: json.dumps(item) for key, item in good(chance).items()}
    for _ in range(chance.randrange(1, 4)):
        fields[chance.choice(KEYS)] = value(chance)
    return ("{" + ",".join(f'"{key}":{text}' for key, text in fields.items()) + "}").encode()


def broken(chance: random.Random) -> bytes:
    """A message with bytes changed, cut out or put in."""
    body = bytearray(json.dumps(good(chance)).encode())
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(body) + 1)
        body[place : place + chance.randrange(4)] = chance.choice(BYTES)
    return bytes(body[: chance.randrange(len(body) + 1)] if chance.random() < 0.2 else body)


def deep(chance: random.Random) -> bytes:
    """A message that is nested deeper than anybody means, or never closed."""
    levels = chance.choice((30, 31, 33, 60, 900, 10_000))
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    body = good(chance) | {"properties": "HERE"}
    nested = opening * levels + "1" + closing * (levels if chance.random() < 0.8 else 0)
    return json.dumps(body).replace('"HERE"', '{"deep":' + nested + "}").encode()


def wide(chance: random.Random) -> bytes:
    """A message that is too long, or has too many keys."""
    many = chance.choice((900, 1_001, 3_000))
    filling: object = {f"k{number}": 1 for number in range(many)} if chance.random() < 0.5 else "x" * many * 12
    return json.dumps(good(chance) | {"properties": {"filling": filling}}).encode()


def noise(chance: random.Random) -> bytes:
    """Bytes that mean nothing, or a value that is no message."""
    return chance.randbytes(chance.randrange(40)) if chance.random() < 0.5 else value(chance).encode()


MAKERS: Final[tuple[Callable[[random.Random], bytes], ...]] = (bent, bent, bent, broken, broken, noise)


def body(chance: random.Random) -> bytes:
    """One body of any of these sorts; the large ones are rarer."""
    draw = chance.randrange(100)
    if draw == 0:
        return deep(chance)
    if draw == 1:
        return wide(chance)
    return chance.choice(MAKERS)(chance)
