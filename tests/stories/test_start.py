"""From somebody's own file to segments in one command, held against figures counted by hand in SQL."""

import json
import os
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from habitue.run.workspace import Workspace
from habitue.run.worth import project_figures
from tests.projects import around, known_as, put
from tests.terminal import Json, answer, command, habitue

CPU_LIMIT_S = 40.0
FILE = "online_retail/online_retail_2009_2010.csv.gz"
# Cleaned as a person would by hand: a customer, no cancellation, quantity and price above zero.
LINES = """
CREATE TABLE lines AS
SELECT "Invoice" AS invoice, CAST(CAST("Customer ID" AS DOUBLE) AS BIGINT)::VARCHAR AS customer,
    CAST("InvoiceDate" AS TIMESTAMP) AS ordered_at, CAST("Quantity" AS BIGINT) AS quantity,
    CAST("Price" AS DECIMAL(18, 4)) AS price
FROM raw WHERE "Customer ID" IS NOT NULL
"""
ORDERS = """
CREATE TABLE orders AS
SELECT invoice, min(ordered_at) AS ordered_at, arg_min(customer, ordered_at) AS customer,
    sum(quantity * price) AS revenue
FROM lines WHERE NOT starts_with(invoice, 'C') AND quantity > 0 AND price > 0 GROUP BY invoice
"""
NEWEST = "SELECT max(ordered_at) FROM lines WHERE starts_with(invoice, 'C') OR (quantity > 0 AND price > 0)"
BUSY_AND_VALUABLE = """
WITH spent AS (SELECT customer, sum(revenue) AS monetary FROM orders GROUP BY customer),
ranked AS (
    SELECT customer,
        floor(1000 * count(*) OVER (ORDER BY monetary RANGE UNBOUNDED PRECEDING) / count(*) OVER ()) AS place
    FROM spent
),
lately AS (
    SELECT customer, count(*) AS times FROM orders
    WHERE ordered_at > (SELECT max(ordered_at) FROM lines) - INTERVAL 90 DAY GROUP BY customer
)
SELECT customer FROM ranked JOIN lately USING (customer) WHERE times >= 3 AND place >= 800 ORDER BY customer
"""
DRIFTING = """
SELECT customer FROM orders GROUP BY customer
HAVING max(ordered_at) <= (SELECT max(ordered_at) FROM lines) - INTERVAL 90 DAY
    AND count(*) FILTER (ordered_at > (SELECT max(ordered_at) FROM lines) - INTERVAL 365 DAY) >= 2
ORDER BY customer
"""

OF_ONE = "SELECT ordered_at FROM orders WHERE customer = '12356' ORDER BY ordered_at DESC"


@pytest.fixture(scope="module")
def counted(public_data: Path) -> duckdb.DuckDBPyConnection:
    """The raw file in tables of its own, cleaned by hand."""
    con = duckdb.connect()
    con.register("raw", con.read_csv(str(public_data / FILE), all_varchar=True))
    con.execute(LINES)
    con.execute(ORDERS)
    return con


@pytest.fixture(scope="module")
def retail(public_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Json, float]:
    """The project that `start` makes of the public file, what it said, and the CPU time it took."""
    folder = tmp_path_factory.mktemp("retail")
    words = ("start", public_data / FILE, "--dir", folder / "shop", "--no-serve", "--json")
    with (folder / "said.json").open("w") as out:
        process = subprocess.Popen(command(*words), stdout=out, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.stderr is not None:
            process.stderr.close()
    assert process.returncode == 0
    said = json.loads((folder / "said.json").read_text("utf-8"))
    return folder / "shop", said, usage.ru_utime + usage.ru_stime


@pytest.mark.public_data
@pytest.mark.slow
def test_start_gives_the_reference_figures_within_its_cpu_time(
    retail: tuple[Path, Json, float], counted: duckdb.DuckDBPyConnection
) -> None:
    project, said, cpu_s = retail
    assert cpu_s <= CPU_LIMIT_S
    figures = said["figures"]
    assert (figures["customers"], figures["orders"], said["build"]["failed_rows"]) == (4312, 19213, 107_927)
    assert figures["refunds"] > 4000
    with Workspace.open(project, around=around("2026-01-01")) as workspace:
        revenue = project_figures(workspace).revenue
    assert isinstance(revenue, Decimal)
    assert f"{revenue:.2f}" == "8832003.27"
    assert (revenue,) == counted.execute("SELECT sum(revenue) FROM orders").fetchone()
    assert said["guessed"]
    assert all(each["customers"] is not None for each in said["segments"])


@pytest.mark.public_data
@pytest.mark.slow
def test_segments_of_a_real_file_agree_with_a_hand_count(
    retail: tuple[Path, Json, float], counted: duckdb.DuckDBPyConnection
) -> None:
    project = retail[0]
    rule = "count('Order Completed', last='90d') >= 3 and percentile(feature.monetary) >= 0.8"
    wanted = [row[0] for row in counted.execute(BUSY_AND_VALUABLE).fetchall()]
    found = answer("segments", "preview", rule, "--sample", 10_000, "--project", project)
    assert found["customers"] == len(wanted)
    own = known_as(project)
    assert sorted(own[each] for each in found["sample"]) == wanted
    listed = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", project)}
    drifting = [row[0] for row in counted.execute(DRIFTING).fetchall()]
    assert listed["drifting_away"] == len(drifting)
    members = answer("segments", "members", "drifting_away", "--project", project)["customers"]
    assert sorted(own[each] for each in members) == drifting


@pytest.mark.public_data
@pytest.mark.slow
def test_an_explanation_of_a_real_customer_agrees_with_their_orders(
    retail: tuple[Path, Json, float], counted: duckdb.DuckDBPyConnection
) -> None:
    project = retail[0]
    (newest,) = counted.execute(NEWEST).fetchone() or (None,)
    said = answer("segments", "explain", "recent_buyers", "user_id:12356", "--project", project)
    assert said["as_of"] == newest.isoformat() + "Z"
    orders = [at for (at,) in counted.execute(OF_ONE).fetchall()]
    lately = [at.isoformat() + "Z" for at in orders if at > newest - timedelta(days=30)]
    assert said["member"] is bool(lately)
    assert [each["occurred_at"] for each in said["leaves"][0]["events"]] == lately
    ends = orders[0] + timedelta(days=30)
    assert said["changes_at"] == ends.isoformat() + "Z"


@pytest.mark.public_data
@pytest.mark.slow
def test_rfm_segments_share_out_the_buyers_and_lifecycle_stages_everybody(retail: tuple[Path, Json, float]) -> None:
    project = retail[0]
    listed = {each["name"]: each for each in answer("segments", "list", "--project", project)}
    rfm = sum(each["customers"] for name, each in listed.items() if name.startswith("rfm_"))
    stages = sum(each["customers"] for name, each in listed.items() if name.startswith("lifecycle_"))
    assert (rfm, stages) == (4312, retail[1]["figures"]["known"])
    pairs = answer("segments", "overlap", "--project", project)
    assert [each for each in pairs if _alike(each["one"], each["other"])] == []


def _alike(one: str, other: str) -> bool:
    return any(one.startswith(group) and other.startswith(group) for group in ("rfm_", "lifecycle_"))


@pytest.mark.public_data
@pytest.mark.parametrize(
    ("path", "figures", "segments"),
    [
        ("cdnow/CDNOW_master.txt.gz", {"customers": 23570, "orders": 69659, "revenue": 2500315.63}, {"repeat_buyers"}),
        (
            "complete_journey",
            {"customers": 2325, "orders": 35123, "revenue": 172597.42},
            {"coupon_users", "rfm_champions"},
        ),
        ("ecommerce_funnel", {"known": 90400}, {"reached_the_end"}),
        ("olist_sample", {"customers": 4942, "orders": 4951, "revenue": 676429.05}, {"had_cancelled_order"}),
    ],
)
def test_start_gives_sensible_projects_of_other_shapes(
    public_data: Path, tmp_path: Path, path: str, figures: dict[str, float], segments: set[str]
) -> None:
    said = answer("start", public_data / path, "--dir", tmp_path / "shop", "--no-serve")
    assert {name: said["figures"][name] for name in figures} == figures
    assert segments <= {each["name"] for each in said["segments"]}
    assert answer("check", "--project", tmp_path / "shop")["faults"] == []
    assert {each["status"] for each in answer("plan", "--project", tmp_path / "shop")["steps"]} == {"fresh"}


@pytest.mark.public_data
def test_the_funnel_of_a_real_shop_counts_as_published(public_data: Path, tmp_path: Path) -> None:
    answer("start", public_data / "ecommerce_funnel", "--dir", tmp_path / "shop", "--no-serve")
    sizes = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", tmp_path / "shop")}
    left = (sizes["left_after_home_page"], sizes["left_after_search_page"], sizes["left_after_payment_page"])
    assert (sum(left) + sizes["reached_the_end"], sizes["reached_the_end"]) == (90_400, 452)
    assert left == (90_400 - 45_200, 45_200 - 6_030, 6_030 - 452)


def test_start_on_a_plain_file_tells_what_it_guessed_and_what_to_do_next(tmp_path: Path) -> None:
    rows = [f"A{n},{n % 40},2026-0{1 + n % 6}-{1 + n % 28:02},{10 + n % 17}.50\n" for n in range(300)]
    put(tmp_path / "orders.csv", "order id,customer id,date,amount\n" + "".join(rows))
    said = habitue("start", tmp_path / "orders.csv", "--dir", tmp_path / "shop", "--no-serve", columns=80)
    assert said.code == 0, said.err
    # Paths are never broken; all else fits the terminal.
    assert [line for line in said.out.splitlines() if len(line) > 80 and str(tmp_path) not in line] == []
    assert "customer id" in said.out
    assert "40 customers, 300 orders" in said.out
    assert f"--project {tmp_path / 'shop'}" in said.err
    quiet = habitue("start", tmp_path / "orders.csv", "--dir", tmp_path / "other", "--no-serve", "--quiet")
    assert "guessed" not in quiet.out
    assert quiet.err == ""
