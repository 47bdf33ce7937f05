"""Small projects to work on, and what stands in a project, to be compared before and after."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from habitue.cli.clock import system_surroundings
from habitue.govern.opening import open_vault
from habitue.run.surroundings import Surroundings
from tests.terminal import answer, files_of

ORDERS = """order,customer,at,amount,coupon
1,ann,2026-01-03 10:00:00,20.50,
2,ben,2026-01-04 11:30:00,12.00,SPRING
3,ann,2026-02-10 09:15:00,80.00,
4,cay,2026-02-11 18:45:00,5.25,
5,ann,2026-03-01 08:00:00,10.00,SPRING
6,dan,2026-03-02 20:00:00,200.00,
7,ben,2026-03-20 12:00:00,33.10,
8,eve,2026-03-28 23:59:59,7.77,
"""
SETTINGS = "name: corner\nnoun: customer\ntime_zone: Europe/London\ncurrency: GBP\nas_of: newest_event\n"
SOURCE = """source: orders
files: orders.csv
columns:
  order: {field: order_id, type: text, required: true}
  customer: {field: customer, type: text, required: true}
  at: {field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
  amount: {field: amount, type: money, required: true}
  coupon: {field: coupon, type: text}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: amount, coupon: coupon}
"""
FEATURES = """feature: spend_ever
rule: sum('Order Completed'.revenue)
---
feature: orders_30d
rule: count('Order Completed', last='30d')
---
feature: place
rule: percentile(feature.spend_ever)
---
feature: days_quiet
rule: days(since(last_at('Order Completed')))
---
feature: ordered_this_month
rule: did('Order Completed', this_month=True)
"""
SEGMENTS = """segment: recent
label: Ordered in the last 30 days
rule: did('Order Completed', last='30d')
---
segment: big
rule: feature.place >= 0.8
---
segment: recent_and_small
rule: segment.recent and not segment.big
"""


def corner_shop(folder: Path) -> Path:
    """A project of eight orders of five customers, not built yet."""
    for name, text in {
        "habitue.yaml": SETTINGS,
        "orders.csv": ORDERS,
        "sources/orders.yaml": SOURCE,
        "features/all.yaml": FEATURES,
        "segments/all.yaml": SEGMENTS,
    }.items():
        put(folder / name, text)
    return folder


def built_shop(folder: Path) -> Path:
    """The same, built."""
    corner_shop(folder)
    answer("build", "--project", folder)
    return folder


def put(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def copied(folder: Path, to: Path) -> Path:
    """A copy of a project that nobody has open."""
    shutil.copytree(folder, to)
    return to


def tables_of(project: Path) -> dict[str, str]:
    """A digest of the rows of every table in a project's warehouse, whatever their order."""
    found = {}
    own = known_as(project)
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        people = _people(con, own)
        for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            table = con.table(name)
            if name == "persons":
                # Which of a customer's records gave them their id is chance.
                table = table.project("customer_id")
            known = [people if column == "customer_id" else own for column in table.columns]
            rows = sorted(
                repr(tuple(_plain(value, ids) for value, ids in zip(row, known, strict=True)))
                for row in table.fetchall()
            )
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def _people(con: duckdb.DuckDBPyConnection, own: Mapping[str, str]) -> dict[str, str]:
    """Each customer by the first of all identifiers that their records have, whichever record gave them their id."""
    found = {record: record for record in own}
    if con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'persons'").fetchone():
        found.update(con.execute("SELECT record_id, customer_id FROM persons").fetchall())
    first: dict[str, str] = {}
    for record, person in found.items():
        first[person] = min(own.get(record, record), first.get(person, own.get(record, record)))
    return first


def _plain(value: object, own: Mapping[str, str]) -> object:
    """Ids and masks are different in every project; these stand for them in all."""
    if not isinstance(value, str):
        return value
    return "~" if value.startswith("~") else own.get(value, value)


def standing(project: Path) -> dict[str, object]:
    """All that a user could miss: the files, the tables, the history, the failed lane."""
    state = project / ".habitue"
    return {
        "files": files_of(project),
        "history": files_of(state / "history", without=()) if (state / "history").exists() else {},
        "tables": {name: digest for name, digest in tables_of(project).items() if name != "built"},
        "failed": answer("sources", "failed", "--project", project),
    }


def around(instant: str) -> Surroundings:
    """What a project is given when the time is known: a fixed clock, and everything else the system's."""
    return replace(system_surroundings(), clock=lambda: local(instant))


def known_as(project: Path) -> dict[str, str]:
    """The identifier by which sources know each customer, by internal id."""
    given = system_surroundings()
    with open_vault(project, environ=given.environ, home=given.home, random=given.random) as vault:
        return {person: json.loads(card)["id"][0][1] for person, _, card in vault.cards(source="")}


def local(text: str) -> datetime:
    """An instant of UTC as people write it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
