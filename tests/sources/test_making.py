"""What rows become: events, groups, list entries, customers, items and consents."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habitue.errors import HabitueError
from habitue.sources.lane import repair
from tests.sources.shops import NOW, ORDERS, Shop, open_shop

pytestmark = pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/orders.yaml", ORDERS)
    return shop


def test_groups_reach_across_the_files_of_a_source(shop: Shop) -> None:
    grouped = """
  - event: Order Completed
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: sum(price), lines: count(), first_n: first(quantity),
                 last_n: latest(quantity), least: min(price), most: max(price), mean: avg(price),
                 kinds: distinct(price)}
"""
    shop.write("sources/orders.yaml", ORDERS + grouped)
    shop.write("data/a.csv", "id,who,at,price,n\n1,bob,2024-01-02,1.25,7\n")
    shop.write("data/b.csv", "id,who,at,price,n\n1,ann,2024-01-01,2.25,8\n1,cyd,2024-01-02,2.25,9\n")
    assert shop.load().made == {"Order Completed": 1, "Product Ordered": 3}
    assert shop.rows(
        "event_order_completed",
        "customer_id",
        "revenue",
        "lines",
        "first_n",
        "last_n",
        "least",
        "most",
        "mean",
        "kinds",
    ) == [("ann", Decimal("5.75"), 3, 8, 9, Decimal("1.25"), Decimal("2.25"), 5.75 / 3, 2)]


def test_a_group_that_breaks_its_contract_takes_its_rows_to_the_lane(shop: Shop) -> None:
    grouped = """
  - event: Order Completed
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: sum(price)}
"""
    shop.write("sources/orders.yaml", ORDERS + grouped)
    shop.write(
        "contracts/orders.yaml",
        "event: Order Completed\nproperties:\n  order_id: {type: text}\n  revenue: {type: money, max: 10}\n",
    )
    shop.write(
        "data/a.csv", "id,who,at,price,n\n1,a,2024-01-01,6,1\n1,a,2024-01-01,5,1\n2,b,2024-01-01,9,1\n3,c,,1,1\n"
    )
    report = shop.load()
    assert (report.used, report.failed) == (1, 3)
    assert report.made == {"Order Completed": 1, "Product Ordered": 1}
    assert sorted(shop.reasons()) == [
        (2, "contract", "CONTRACT-MAX"),
        (3, "contract", "CONTRACT-MAX"),
        (5, "make", "EVENT-TIME"),
    ]
    late = next(row for row in shop.failed() if row.line == 3)
    assert json.loads(late.row)["price"] == "5"
    repair(shop.control, shop.project(), late.id, {"price": "1"}, now=NOW)
    assert shop.load().used == 3


def test_lists_explode_into_child_events_after_their_parent(shop: Shop) -> None:
    shop.write(
        "sources/orders.yaml",
        """
source: orders
files: data
columns:
  id: {field: order_id}
  user.id: {field: customer}
  at: {field: ordered_at, type: time, formats: [epoch_s]}
  items: {field: products, type: list}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, products: products}
""",
    )
    shop.write(
        "contracts/orders.yaml",
        """
event: Order Completed
properties:
  order_id: {type: text}
  products: {type: list, explode: Product Ordered, properties: {
      product_id: {type: text, required: true}, quantity: {type: integer, min: 1}, price: {type: money}}}
""",
    )
    rows = [
        {
            "id": 1,
            "user": {"id": "ann"},
            "at": 1704067200,
            "items": [{"product_id": "x", "quantity": 2, "price": 1.25}, {"product_id": "y", "quantity": 1}],
        },
        {"id": 2, "user": {"id": "bob"}, "at": 1704067200, "items": []},
        {"id": 3, "user": {"id": "cyd"}, "at": 1704067200, "items": [{"product_id": "x", "quantity": 0}]},
        {"id": 4, "user": {"id": "dan"}, "at": 1704067200, "items": "none"},
    ]
    shop.write("data/a.ndjson", "\n".join(json.dumps(row) for row in rows) + "\nnot json\n")
    report = shop.load()
    assert (report.used, report.failed) == (2, 3)
    assert shop.reasons() == [(4, "type", "LIST-UNREADABLE"), (5, "read", "READ-JSON"), (3, "contract", "CONTRACT-MIN")]
    assert shop.rows("event_product_ordered", "customer_id", "product_id", "quantity", "price") == [
        ("ann", "x", 2, Decimal("1.25")),
        ("ann", "y", 1, None),
    ]
    assert shop.rows("event_order_completed", "customer_id", "order_id") == [("ann", "1"), ("bob", "2")]
    positions = [row[0] for row in shop.rows("event_product_ordered", "position")]
    parent = shop.rows("event_order_completed", "position")[0][0]
    assert positions == [parent + 1, parent + 2]
    wrong = next(row for row in shop.failed() if row.line == 3)
    assert wrong.field == "products.quantity"
    repair(shop.control, shop.project(), wrong.id, {"products": "[]"}, now=NOW)
    assert shop.load().used == 3


def test_a_contract_is_held_against_single_rows(shop: Shop) -> None:
    shop.write(
        "contracts/p.yaml",
        """
event: Product Ordered
properties:
  order_id: {type: text, format: email, personal: true}
  price: {type: number, min: 1, max: 9.5}
  quantity: {type: integer, required: true, allowed: [1, 2]}
""",
    )
    shop.write(
        "data/a.csv",
        "id,who,at,price,n\na@b.de,a,2024-01-01,1,1\nx,a,2024-01-01,1,1\na@b.de,a,2024-01-01,0.99,1\n"
        "a@b.de,a,2024-01-01,9.51,2\na@b.de,a,2024-01-01,,3\na@b.de,a,2024-01-01,9.5,\n",
    )
    assert shop.load().used == 1
    assert shop.reasons() == [
        (3, "contract", "CONTRACT-FORMAT"),
        (4, "contract", "CONTRACT-MIN"),
        (5, "contract", "CONTRACT-MAX"),
        (6, "contract", "CONTRACT-ALLOWED"),
        (7, "contract", "CONTRACT-REQUIRED"),
    ]
    shape = shop.project().tables["event_product_ordered"]
    assert [column.name for column in shape.columns if column.personal] == ["order_id"]


def test_customers_take_the_latest_trait_that_is_not_missing(shop: Shop) -> None:
    people = """
source: people
files: people.csv
columns:
  who: {field: customer}
  at: {field: seen_at, type: time}
  country: {field: country}
  vip: {field: vip, type: boolean}
  lat_lon: {field: home, type: location}
makes:
  - customers: customer
    as_of: seen_at
    traits: {country: country, vip: vip, home: home}
"""
    shop.write("sources/people.yaml", people)
    shop.write(
        "people.csv",
        'who,at,country,vip,lat_lon\nann,2024-03-01,DE,,"52.5, 13.4"\nann,2024-01-01,FR,yes,\nann,2024-05-01,,,\n'
        ",2024-01-01,UK,,\nbob,,ES,no,\n",
    )
    shop.write("data/a.csv", "id,who,at,price,n\n1,cyd,2024-01-01,1,1\n")
    reports = shop.load_all()
    assert (reports[1].used, reports[1].unused) == (4, 1)
    assert shop.rows("customers") == [
        ("ann", "DE", True, 52.5, 13.4),
        ("bob", "ES", False, None, None),
        ("cyd", None, None, None, None),
    ]


def test_the_source_seen_later_wins_a_trait(shop: Shop) -> None:
    for name, day, country in (("crm", "2024-02-01", "DE"), ("web", "2024-01-01", "FR")):
        shop.write(
            f"sources/{name}.yaml",
            f"source: {name}\nfiles: {name}.csv\ncolumns:\n  who: {{field: who}}\n  at: {{field: at, type: date}}\n"
            "  c: {field: country}\nmakes:\n  - customers: who\n    as_of: at\n    traits: {country: country}\n",
        )
        shop.write(f"{name}.csv", f"who,at,c\nann,{day},{country}\n")
    (shop.folder / "sources" / "orders.yaml").unlink()
    shop.load_all()
    assert shop.rows("customers") == [("ann", "DE")]


def test_items_and_consents_are_made(shop: Shop) -> None:
    more = """
  - items: order_id
    attributes: {price: price}
  - consents: customer
    purpose: "'marketing_email'"
    given: given
    occurred_at: ordered_at
"""
    mapped = ORDERS.replace("makes:", "derive:\n  given: quantity > 1\nmakes:") + more
    shop.write("sources/orders.yaml", mapped)
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n1,ann,2024-01-02,2,2\n")
    assert shop.load().made == {"Product Ordered": 2, "consents": 2, "items": 1}
    assert shop.rows("items") == [("1", Decimal(2))]
    assert shop.rows("source_consents", "customer_id", "purpose", "given") == [
        ("ann", "marketing_email", False),
        ("ann", "marketing_email", True),
    ]


def test_parquet_is_read_with_its_own_types(shop: Shop) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]),
            "who": pa.array(["ann", "bob", "cyd"]).dictionary_encode(),
            "at": pa.array([0, 1704067200000000, None], pa.timestamp("us", tz="Europe/Berlin")),
            "price": pa.array([1.25, 0.1, float("nan")]),
            "n": pa.array([1, None, 3], pa.int8()),
        }
    )
    (shop.folder / "data").mkdir()
    pq.write_table(table, shop.folder / "data" / "a.parquet")
    report = shop.load()
    assert (report.used, report.failed) == (2, 1)
    assert shop.rows("event_product_ordered", "order_id", "price", "quantity") == [
        ("1", Decimal("1.25"), 1),
        ("2", Decimal("0.1"), None),
    ]
    (row,) = shop.failed()
    assert (row.line, row.code) == (3, "EVENT-TIME")
    repair(shop.control, shop.project(), row.id, {"ordered_at": "2024-05-01", "price": ""}, now=NOW)
    assert shop.load().used == 3


def test_a_source_reads_files_of_several_forms_together(shop: Shop) -> None:
    shop.write("data/a.csv", "id;who;at;price;n\n1;ann;2024-01-01;1,50;1\n2;bob;2024-01-01;1.000,25;1\n")
    shop.write("data/b.csv", "n,price,at,who,id\n1,2.50,2024-01-01,cyd,3\n")
    shop.write("data/c.ndjson", '{"id": 4, "who": "dan", "at": "2024-01-01", "price": 3.5, "n": 1}\n')
    shop.load()
    assert [str(row[0]) for row in shop.rows("event_product_ordered", "price")] == [
        "1.5000",
        "2.5000",
        "3.5000",
        "1000.2500",
    ]


def test_event_ids_are_unique_and_stay_when_a_file_is_added(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n" + "".join(f"{n},ann,2024-01-01,1,1\n" for n in range(50)))
    shop.load()
    before = {row[0] for row in shop.rows("event_product_ordered", "event_id")}
    shop.write("data/b.csv", "id,who,at,price,n\n1,ann,2024-01-01,2,1\n")
    shop.load()
    after = {row[0] for row in shop.rows("event_product_ordered", "event_id")}
    assert len(before) == 50
    assert before < after


JOINED = """
source: lines
files: lines.csv
columns:
  order: {field: order_id}
  price: {field: price, type: money}
join:
  - files: orders/*
    on: order_id
    key: id
    columns:
      link: {field: link}
      day: {field: ordered_at, type: date, formats: ["%d.%m.%Y"], required: true}
  - files: people.ndjson
    on: link
    key: account
    columns: {person.id: {field: customer, required: true}, rebate: {field: rebate, type: number}}
derive:
  paid: price * rebate
makes:
  - event: Product Ordered
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, paid: paid}
"""


def test_fields_are_looked_up_in_other_files_one_after_the_other(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/lines.yaml", JOINED)
    shop.write("lines.csv", "order,price\n1,10\n2,10\n2,20\n3,10\n4,10\n5,10\n")
    shop.write("orders/a.csv", "id,link,day\n1,7,31.01.2024\n2,8,01.02.2024\n4,7,never\n5,9,01.02.2024\n")
    shop.write("orders/b.csv", "day,id,link\n01.01.2000,1,8\n")
    shop.write(
        "people.ndjson",
        '{"account": 7, "person": {"id": "ann"}, "rebate": 0.5}\n'
        '{"account": 8, "person": {"id": "bob"}, "rebate": 1}\n',
    )
    report = shop.load()
    assert (report.used, report.failed) == (3, 3)
    assert shop.rows("event_product_ordered", "customer_id", "order_id", "paid") == [
        ("ann", "1", 5.0), ("bob", "2", 10.0), ("bob", "2", 20.0)
    ]  # fmt: skip
    assert [(row.line, row.code, row.field) for row in shop.failed()] == [
        (5, "JOIN-REQUIRED", "ordered_at"),
        (6, "JOIN-UNREADABLE", "ordered_at"),
        (7, "JOIN-REQUIRED", "customer"),
    ]
    assert shop.load().status == "unchanged"
    shop.write("people.ndjson", '{"account": 9, "person": {"id": "cyd"}, "rebate": 1}\n')
    assert shop.load().used == 1


def test_a_look_up_that_cannot_work_is_a_fault_or_an_error_of_its_own(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/lines.yaml", JOINED.replace("on: order_id", "on: order"))
    assert shop.codes() == ["FIELD-NAME"]
    shop.write("sources/lines.yaml", JOINED.replace("{field: link}", "{field: price}"))
    assert shop.codes()[0] == "FIELD-TWICE"
    shop.write("sources/lines.yaml", JOINED)
    shop.write("lines.csv", "order,price\n1,10\n")
    shop.write("orders/a.csv", "ident,link,day\n1,7,31.01.2024\n")
    shop.write("people.ndjson", '{"account": 7}\n')
    with pytest.raises(HabitueError) as error:
        shop.load()
    assert (error.value.code, "a.csv" in error.value.what) == ("SOURCE-COLUMN", True)
