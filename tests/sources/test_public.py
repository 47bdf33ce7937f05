"""Sources over public data: figures that others published, from raw files to tables."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.sources.shops import Shop, open_shop

pytestmark = [
    pytest.mark.public_data,
    pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning"),
]

RETAIL = """
source: orders
files: {file}
columns:
  Invoice:     {{field: order_id, type: text, required: true}}
  StockCode:   {{field: product_id, type: text}}
  Description: {{field: description, type: text}}
  Quantity:    {{field: quantity, type: integer}}
  InvoiceDate: {{field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}}
  Price:       {{field: price, type: money}}
  Customer ID: {{field: customer, type: text, integer_text: true, required: true}}
  Country:     {{field: country, type: text}}
derive:
  line_revenue: quantity * price
makes:
  - event: Product Ordered
    when: not startswith(order_id, 'C') and quantity > 0 and price > 0
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, product_id: product_id, quantity: quantity, price: price, revenue: line_revenue}}
  - event: Order Completed
    when: not startswith(order_id, 'C') and quantity > 0 and price > 0
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, revenue: sum(line_revenue), items: sum(quantity), lines: count()}}
  - event: Order Refunded
    when: startswith(order_id, 'C')
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, revenue: sum(line_revenue)}}
  - customers: customer
    as_of: ordered_at
    traits: {{country: country}}
  - items: product_id
    attributes: {{description: description}}
"""
CDNOW = """
source: purchases
files: {file}
columns:
  customer_id:    {{field: customer}}
  date:           {{field: ordered_on, type: date, formats: ["%Y%m%d"]}}
  number_of_cds:  {{field: items, type: integer}}
  dollar_value:   {{field: value, type: money}}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_on
    properties: {{revenue: value, items: items}}
"""


@pytest.mark.slow
def test_online_retail_gives_the_published_figures(public_data: Path, tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "shop", zone="Europe/London")
    file = public_data / "online_retail" / "online_retail_2009_2010.csv.gz"
    shop.write("sources/orders.yaml", RETAIL.format(file=file))
    report = shop.load()
    assert (report.rows, report.used, report.failed) == (525_461, 417_534, 107_927)
    assert report.made["Order Completed"] == 19_213
    lines = shop.warehouse.table("event_product_ordered")
    found = shop.warehouse.fetch(
        lines.aggregate(lines=lines.count(), customers=lines.customer_id.nunique(), revenue=lines.revenue.sum())
    ).to_pylist()[0]
    assert (found["lines"], found["customers"]) == (407_664, 4_312)
    assert found["revenue"].quantize(Decimal("0.01")) == Decimal("8832003.27")
    orders = shop.warehouse.table("event_order_completed")
    summed = shop.warehouse.fetch(orders.aggregate(revenue=orders.revenue.sum(), lines=orders["lines"].sum()))
    assert summed.to_pylist() == [{"revenue": found["revenue"], "lines": 407_664}]
    assert [(each.code, each.field, each.line) for each in shop.control.failed.rows(limit=1)] == [
        ("FIELD-REQUIRED", "customer", 265)
    ]
    assert shop.load().status == "unchanged"


def test_cdnow_is_read_from_its_columns_of_blanks(public_data: Path, tmp_path: Path) -> None:
    shop: Shop = open_shop(tmp_path / "shop")
    shop.write("sources/purchases.yaml", CDNOW.format(file=public_data / "cdnow" / "CDNOW_master.txt.gz"))
    report = shop.load()
    assert (report.rows, report.used) == (69_659, 69_659)
    assert shop.warehouse.count(shop.warehouse.table("customers")) == 23_570
