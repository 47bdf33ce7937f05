"""Cohorts, held against queries written by hand over the raw file, and what roles may see of them."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.projects import SETTINGS, put
from tests.terminal import Json, answer, habitue

FILE = "online_retail/online_retail_2009_2010.csv.gz"
SOURCE = """source: orders
files: {file}
columns:
  Invoice:     {{field: order_id, type: text, required: true}}
  Quantity:    {{field: quantity, type: integer}}
  InvoiceDate: {{field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}}
  Price:       {{field: price, type: money}}
  Customer ID: {{field: customer, type: text, integer_text: true, required: true}}
derive:
  line_revenue: quantity * price
makes:
  - event: Order Completed
    when: not startswith(order_id, 'C') and quantity > 0 and price > 0
    per: order_id
    customer: customer
    occurred_at: ordered_at
    properties: {{order_id: order_id, revenue: sum(line_revenue)}}
"""
# The shop's clock is London's, and so are the file's times: months need no zone here.
ORDERS = """
CREATE TABLE orders AS
SELECT arg_min(customer, ordered_at) AS customer, min(ordered_at) AS ordered_at, sum(quantity * price) AS revenue
FROM (
    SELECT "Invoice" AS invoice, CAST(CAST("Customer ID" AS DOUBLE) AS BIGINT) AS customer,
        CAST("InvoiceDate" AS TIMESTAMP) AS ordered_at, CAST("Quantity" AS BIGINT) AS quantity,
        CAST("Price" AS DECIMAL(18, 4)) AS price
    FROM raw WHERE "Customer ID" IS NOT NULL AND NOT starts_with("Invoice", 'C')
) WHERE quantity > 0 AND price > 0 GROUP BY invoice
"""
COHORTS = """
WITH firsts AS (SELECT customer, min(ordered_at) AS first_at FROM orders GROUP BY customer)
SELECT strftime(date_trunc($every, first_at), '%Y-%m-%d') AS start,
    date_diff($every, date_trunc($every, first_at), date_trunc($every, ordered_at)) AS later,
    count(DISTINCT customer) AS customers, sum(revenue) AS revenue
FROM orders JOIN firsts USING (customer) GROUP BY ALL
"""


@pytest.fixture(scope="module")
def counted(public_data: Path) -> duckdb.DuckDBPyConnection:
    """Orders of the raw file, cleaned by hand."""
    con = duckdb.connect()
    con.register("raw", con.read_csv(str(public_data / FILE), all_varchar=True))
    con.execute(ORDERS)
    return con


@pytest.fixture(scope="module")
def retail(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public file as a project, built."""
    folder = tmp_path_factory.mktemp("retail") / "shop"
    put(folder / "habitue.yaml", SETTINGS)
    put(folder / "sources" / "orders.yaml", SOURCE.format(file=public_data / FILE))
    answer("build", "--project", folder)
    return folder


def cells(found: Json) -> dict[tuple[str, int], tuple[int, Decimal]]:
    """Customers and revenue of every cell in which somebody came."""
    return {
        (cohort["start"], step["later"]): (step["customers"], round(Decimal(str(step["revenue"])), 2))
        for cohort in found["cohorts"]
        for step in cohort["steps"]
        if step["customers"]
    }


@pytest.mark.public_data
@pytest.mark.slow
@pytest.mark.parametrize("every", ["month", "week"])
def test_cohorts_of_a_real_file_equal_a_query_written_by_hand(
    retail: Path, counted: duckdb.DuckDBPyConnection, every: str
) -> None:
    found = answer("cohorts", "--every", every, "--revenue", "Order Completed.revenue", "--project", retail)
    rows = counted.execute(COHORTS, {"every": every}).fetchall()
    assert cells(found) == {(start, later): (people, round(revenue, 2)) for start, later, people, revenue in rows}
    assert sum(each["customers"] for each in found["cohorts"]) == 4312
    total = sum(Decimal(str(step["revenue"])) for each in found["cohorts"] for step in each["steps"])
    assert round(total, 2) == Decimal("8832003.27")
    assert all(each["steps"][0]["share"] in (1.0, None) for each in found["cohorts"])


def test_a_cohort_is_of_the_first_event_ever_and_months_are_local(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    put(shop / "habitue.yaml", SETTINGS)
    put(shop / "sources" / "orders.yaml", SOURCE.format(file="orders.csv"))
    lines = [
        ("1", "2026-01-05 10:00:00", "10", "1"),
        ("2", "2026-04-01 00:30:00", "20", "1"),
        ("3", "2026-05-01 00:30:00", "30", "2"),
        ("4", "2026-04-30 23:30:00", "5", "3"),
        ("5", "2026-05-31 12:00:00", "7", "3"),
    ]
    text = "".join(f"{order},1,{at},{price},{who}\n" for order, at, price, who in lines)
    put(shop / "orders.csv", f"Invoice,Quantity,InvoiceDate,Price,Customer ID\n{text}")
    answer("build", "--project", shop)
    found = answer("cohorts", "--since", "2026-04-01", "--revenue", "revenue", "--project", shop)
    assert [(each["start"], each["customers"]) for each in found["cohorts"]] == [("2026-04-01", 1), ("2026-05-01", 1)]
    april, may = found["cohorts"]
    assert [(step["customers"], step["revenue"]) for step in april["steps"]] == [(1, 5.0), (1, 7.0)]
    assert [(step["customers"], step["revenue"]) for step in may["steps"]] == [(1, 30.0)]


def test_the_shares_of_cohorts_are_a_table_for_people(shop_project: Path) -> None:
    outcome = habitue("cohorts", "--every", "month", "--project", shop_project)
    assert outcome.code == 0
    assert all(each in outcome.out for each in ("first month", "2026-01-01", "100 %", "+2"))


def test_a_role_without_people_sees_no_cohort_of_few(demo_project: Path) -> None:
    words = ("cohorts", "--revenue", "revenue", "--project", demo_project)
    whole, seen = answer(*words), answer(*words, "--as", "executive")
    assert seen["rounded"]
    small = 0
    for exact, shown in zip(whole["cohorts"], seen["cohorts"], strict=True):
        for true, step in zip(exact["steps"], shown["steps"], strict=True):
            small += 0 < true["customers"] < 10
            assert step["hidden"] == (step["customers"] is None)
            assert true["customers"] >= 10 or (step["customers"], step["share"], step["revenue"]) == (None, None, None)
            assert step["hidden"] or step["customers"] % 10 == 0
    assert small


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--event", "Order"], "MEASURE-EVENT"),
        (["--every", "year"], "PERIOD"),
        (["--revenue", "Order Completed.coupon"], "MEASURE-PROPERTY"),
        (["--revenue", "Ordered.revenue"], "MEASURE-EVENT"),
    ],
)
def test_cohorts_that_cannot_be_made_are_refused_with_a_reason(shop_project: Path, words: list[str], code: str) -> None:
    outcome = habitue("cohorts", *words, "--project", shop_project, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, code)
