"""A value means the same whether it comes in a file or in a message, and breaks the same clauses of its contract."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from habitue.records import event_table
from tests.sources.inboxes import open_site
from tests.sources.shops import open_shop

TEXTS: Sequence[Any] = (
    "x", " x ", "\u00a0x\u3000", "", "  ", "\t", "\ufeffx", "\x0bx", "\u2003x", "null", "a\u0000b", None,
    0, 1, -1, 3.0, 3.5, -0.0, 1e20, 1e-5, 1e-7, 123456789012345678, True, False, [], {}, {"a": [1, "x"]},
)  # fmt: skip
NUMBERS: Sequence[Any] = (
    "3", "3.0", "03", "+5", "-0", "5.", "1,000", "1e3", "1e400", "inf", "nan", ".5", "-.5", "1.",
    2**63 - 1, -(2**63), "9223372036854775808", "-9223372036854775808", 1e15, 1e16,
    "£1.50", "1.50 €", "EUR 3", "-£3", "£-3", "- 3", "1.23456", "1.23450000", "99999999999999.9999",
    "100000000000000", 1e14, 99999999999999.0, 19.95, 0.1,
)  # fmt: skip
MOMENTS: Sequence[Any] = (
    "2026-01-01", "2026-1-1", "2026-01-01T10:00:00Z", "2026-01-01 10:00", "2026-01-01T10:00:00+0200",
    "2026-01-01T10:00:00 +02", "2026-01-01T10:00:00.123456789Z", "2026-01-01T10:00:00,5", "2026-02-30",
    "2026-01-01T24:00:00", "2026-01-01T23:59:60Z", "0999-12-31", "1000-01-01", "9998-12-31T23:59:59Z", "9999-01-01",
    # Local times that a clock change skips, and that come twice.
    "2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-12-31T23:30:00Z", 1782820800, "20260101",
)  # fmt: skip
PLACES: Sequence[Any] = (
    "52.5,13.4", "(52.5, 13.4)", "52.5;13.4", "91,0", "-90,180", "0,180.1", [52.5, 13.4], {"lat": 52.5, "lon": 13.4},
    {"latitude": 1, "longitude": 2}, [1, 2, 3], "lat 1 lon 2",
)  # fmt: skip
FORMS: Sequence[Any] = (
    "ann@example.org", "ann@example", "ünn@exämple.org", "a b@example.org", "https://a.b/c?d", "ftp://a", "EUR",
    "eur", "XXX", "GB", "gb", "ZZ", "+44 20 7946 0018", "12345", "2026-02-30", "2026-02-28", "GOLD", "gold",
    "123e4567-e89b-12d3-a456-426614174000",
)  # fmt: skip
CLAUSES = {
    "text": "type: text",
    "integer": "type: integer",
    "number": "type: number",
    "money": "type: money",
    "boolean": "type: boolean",
    "time": "type: time",
    "date": "type: date",
    "location": "type: location",
    "required": "type: text, required: true",
    "few": "type: integer, min: 1, max: 3",
    "some": "type: integer, allowed: [1, 3]",
    "paid": "type: money, min: 0, max: 19.95",
    "exactly": "type: money, allowed: [19.95, 3]",
    "share": "type: number, min: 0.1, max: 3.5",
    "since": 'type: time, min: "2026-01-01T10:00:00Z", max: "2026-12-31"',
    "tier": "type: text, allowed: [gold, x]",
    "email": "type: text, format: email",
    "url": "type: text, format: url",
    "phone": "type: text, format: phone",
    "uuid": "type: text, format: uuid",
    "day": "type: text, format: date",
    "currency": "type: text, format: currency",
    "country": "type: text, format: country",
}


def test_a_value_is_the_same_in_a_file_and_in_a_message(tmp_path: Path) -> None:
    values = [*TEXTS, *NUMBERS, *MOMENTS, *PLACES, *FORMS, *drawn(random.Random(7))]
    in_files, in_messages = read_in_files(tmp_path / "files", values), read_in_messages(tmp_path / "live", values)
    for name in CLAUSES:
        for place, value in enumerate(values):
            assert in_messages[name, place] == in_files[name, place], (name, value)


def test_what_a_sender_computed_is_money_to_fifteen_digits(tmp_path: Path) -> None:
    """The one difference: a file's 59.849999999999994 goes to the failed lane, and a cart's sum is what it means."""
    site = open_site(tmp_path, contracts="event: Paid\nproperties: {revenue: {type: money, max: 59.85}}\n")
    (found,) = site.arrival(
        {"type": "track", "event": "Paid", "userId": "7", "properties": {"revenue": 19.95 * 3}}
    ).events
    assert found.properties == {"revenue": "59.85"}


def drawn(chance: random.Random) -> list[Any]:
    """Values near what can be read: numbers, loose characters, times with a few of their characters changed."""
    letters = "0123456789.,+-eE £€TZ:/ \u00a0x"
    found: list[Any] = ["".join(chance.choices(letters, k=chance.randint(1, 8))) for _ in range(120)]
    found += [round(chance.uniform(-30, 30), chance.randint(0, 6)) for _ in range(60)]
    for _ in range(120):
        text = list("2026-03-29T02:30:15.125+02:00")
        for _ in range(chance.randint(1, 2)):
            place = chance.randrange(len(text))
            text[place] = chance.choice(
                ["", chance.choice("0123456789"), chance.choice("0123456789:.- +Z") + text[place]]
            )
        found.append("".join(text))
    return found


Read = dict[tuple[Any, Any], object]


def read_in_files(folder: Path, values: Sequence[Any]) -> Read:
    """What a build reads: the columns, or the code of what is wrong."""
    shop = open_shop(folder, zone="Europe/Berlin")
    shop.write("contracts/all.yaml", contracts())
    kinds = {name: clause.split(",")[0].removeprefix("type: ") for name, clause in CLAUSES.items()}
    columns = "".join(f"  v_{name}: {{field: v_{name}, type: {kind}}}\n" for name, kind in kinds.items())
    makes = "".join(
        f"  - event: E {name}\n    when: clause == '{name}'\n    customer: who\n    occurred_at: at\n"
        f"    properties: {{n: n, v: v_{name}}}\n"
        for name in CLAUSES
    )
    shop.write(
        "sources/all.yaml",
        "source: all\nfiles: data\ncolumns:\n  n: {field: n, type: integer}\n  clause: {field: clause}\n"
        f"  who: {{field: who}}\n  at: {{field: at, type: time}}\n{columns}makes:\n{makes}",
    )
    rows = [
        {"n": n, "clause": name, "who": "a", "at": "2026-01-01T00:00:00Z", f"v_{name}": value}
        for name in CLAUSES
        for n, value in enumerate(values)
    ]
    shop.write("data/all.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
    shop.load_all()
    found: Read = {}
    for row in shop.failed():
        failed = rows[row.line - 1]
        found[failed["clause"], failed["n"]] = row.code
    for name in CLAUSES:
        for n, *stored in shop.rows(event_table(f"E {name}"), "n", *columns_of(name)):
            found[name, n] = tuple(map(plain, stored))
    return found


def read_in_messages(folder: Path, values: Sequence[Any]) -> Read:
    """What the inbox reads: the columns, or the code of what is noted."""
    site, found = open_site(folder, contracts=contracts()), Read()
    for name, clause in CLAUSES.items():
        said = [{"type": "track", "event": f"E {name}", "userId": "a", "properties": {"v": value}} for value in values]
        for n, arrival in enumerate(site.arrivals(*said)):
            properties = arrival.events[0].properties
            held = [properties.get(column) for column in columns_of(name)]
            is_money = "type: money" in clause
            exact = [Decimal(str(each)) if is_money and each is not None else each for each in held]
            found[name, n] = arrival.noted[0].split()[0] if arrival.noted else tuple(exact)
    return found


def contracts() -> str:
    return "".join(
        f"---\nevent: E {name}\nproperties:\n  n: {{type: integer}}\n  v: {{{clause}}}\n"
        for name, clause in CLAUSES.items()
    )


def columns_of(name: str) -> tuple[str, ...]:
    return ("v_lat", "v_lon") if name == "location" else ("v",)


def plain(value: object) -> object:
    """A moment as the log has it."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return value
