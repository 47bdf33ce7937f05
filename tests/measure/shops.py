"""Shops to measure: the published orders of online_retail as a project, and questions put to a warehouse by hand."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.projects import put
from tests.terminal import answer

RETAIL = """
source: orders
files: {file}
columns:
  Invoice:     {{field: order_id, type: text, required: true}}
  Quantity:    {{field: quantity, type: integer}}
  InvoiceDate: {{field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}}
  Price:       {{field: price, type: money}}
  Customer ID: {{field: customer, type: text, integer_text: true, required: true}}
  Country:     {{field: country, type: text}}
derive:
  line_revenue: quantity * price
makes:
  - event: Order Completed
    when: not startswith(order_id, 'C') and quantity > 0 and price > 0
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, revenue: sum(line_revenue), items: sum(quantity)}}
  - event: Order Refunded
    when: startswith(order_id, 'C')
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, revenue: sum(line_revenue)}}
  - customers: customer
    as_of: ordered_at
    traits: {{country: country}}
"""
SETTINGS = "name: retail\nnoun: customer\ntime_zone: Europe/London\ncurrency: GBP\nas_of: newest_event\n"
SEGMENT = """segment: regular
rule: count('Order Completed', last='90d') >= 3
"""
_LOCAL = """CREATE TEMP VIEW orders AS
    SELECT *, (occurred_at AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/London' AS "at" FROM event_order_completed
"""
Rows = list[tuple[object, ...]]


def online_retail(folder: Path, public_data: Path) -> Path:
    """A built project of the orders and refunds of online_retail."""
    put(folder / "habitue.yaml", SETTINGS)
    file = public_data / "online_retail" / "online_retail_2009_2010.csv.gz"
    put(folder / "sources/orders.yaml", RETAIL.format(file=file))
    put(folder / "segments/regular.yaml", SEGMENT)
    answer("build", "--project", folder)
    return folder


def by_hand(project: Path, query: str, *values: str | int | datetime | Decimal) -> Rows:
    """The rows of a query that somebody wrote, on a project's warehouse; `orders.at` is London's clock."""
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        con.execute(_LOCAL)
        found: Rows = con.execute(query, list(values)).fetchall()
        return found
