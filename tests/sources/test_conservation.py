"""Nothing is lost: whatever a file holds, rows read are rows used, unused and failed, and the lane has the failed."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.sources.lane import repair
from tests.sources.shops import NOW, ORDERS, Shop, open_shop

pytestmark = pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning")

_GROUPED = """
  - event: Order Completed
    when: quantity > 1
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: sum(price), lines: count()}
  - customers: customer
    as_of: ordered_at
    traits: {last_order: order_id}
"""
_CONTRACT = """
event: Order Completed
properties:
  order_id: {type: text, required: true, allowed: ['1', '2', '3']}
  revenue: {type: money, min: 0, max: 100}
  lines: {type: integer, max: 3}
"""
_CELLS = st.tuples(
    st.sampled_from(["1", "2", "3", "4", ""]),
    st.sampled_from(["ann", "bob", ""]),
    st.sampled_from(["2024-01-01", "2024-01-02 10:00", "never", ""]),
    st.sampled_from(["1.50", "60", "-200", "x", "1.23456", ""]),
    st.sampled_from(["1", "2", "3", "1.5", ""]),
)
_LINES = st.one_of(_CELLS.map(",".join), _CELLS.map(",".join), st.sampled_from(["", "a", '"', "1,2,3,4,5,6", "\x00"]))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = open_shop(tmp_path_factory.mktemp("shop"))
    shop.write("sources/orders.yaml", ORDERS + _GROUPED)
    shop.write("contracts/c.yaml", _CONTRACT)
    yield shop
    shop.control.close()
    shop.warehouse.close()


def check_books(shop: Shop) -> None:
    report = shop.load()
    waiting = shop.failed()
    assert len(waiting) == report.failed
    assert len({(row.file, row.line) for row in waiting}) == report.failed
    assert all(isinstance(json.loads(row.row), dict) for row in waiting)
    events = shop.warehouse.count(shop.warehouse.table("event_product_ordered"))
    assert events == report.made.get("Product Ordered", 0) <= report.used


@given(lines=st.lists(_LINES, min_size=1, max_size=25), more=st.lists(_LINES, max_size=10))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_rows_read_are_rows_used_unused_and_failed(shop: Shop, lines: list[str], more: list[str]) -> None:
    for name, rows in (("a", lines), ("b", more)):
        shop.write(f"data/{name}.csv", "\n".join(["id,who,at,price,n", *rows, "1,ann,2024-01-01,1,1", ""]))
    check_books(shop)
    before = shop.dump()
    shop.load(full=True)
    assert shop.dump() == before


@given(data=st.binary(max_size=300), name=st.sampled_from(["x.csv", "x.ndjson", "x.json"]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_garbage_is_laned_or_refused_and_never_lost(shop: Shop, data: bytes, name: str) -> None:
    for path in (shop.folder / "data").glob("*"):
        path.unlink()
    start = {
        "x.csv": b"id,who,at,price,n\n1,ann,2024-01-01,1,1\n",
        "x.ndjson": b'{"id":"1","who":"ann","at":"2024-01-01","price":1,"n":1}\n',
        "x.json": b'[{"id":"1","who":"ann","at":"2024-01-01","price":1,"n":1}]',
    }[name]
    shop.write(f"data/{name}", start + data)
    with suppress(HabitueError):
        check_books(shop)


def test_every_failed_row_can_be_mended(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/orders.yaml", ORDERS + _GROUPED)
    shop.write("contracts/c.yaml", _CONTRACT)
    lines = ["id,who,at,price,n", "9,ann,never,x,2", "1", "2,bob,2024-01-01,60,2", "2,bob,2024-01-01,60,2", "\x00,,,,"]
    shop.write("data/a.csv", "\n".join(lines) + "\n")
    assert shop.load().failed == 5
    whole = {"order_id": "1", "customer": "ann", "ordered_at": "2024-01-01", "price": "1", "quantity": "1"}
    for row in shop.failed():
        repair(shop.control, shop.project(), row.id, whole, now=NOW)
    report = shop.load()
    assert (report.rows, report.used, report.failed) == (5, 5, 0)
