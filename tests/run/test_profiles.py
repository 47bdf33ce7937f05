"""The quality profile of a project: measured, compared with the load before, and held against a gate."""

import random
from pathlib import Path

import pytest

from tests.projects import ORDERS, SOURCE, corner_shop, put
from tests.terminal import answer, habitue

CONTRACT = """event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money, required: true, min: 0}
  coupon: {type: text}
  paid: {type: boolean}
"""


def table(project: Path, *words: object) -> dict[str, dict[str, object]]:
    """The columns of the only table profiled."""
    (found,) = answer("sources", "profile", *words, "--project", project)
    return {column["name"]: column for column in found["profile"]["columns"]}


def test_a_profile_counts_what_is_there_and_what_differs(shop: Path) -> None:
    columns = table(shop, "Order Completed")
    assert list(columns) == ["customer_id", "occurred_at", "order_id", "revenue", "coupon"]
    assert (columns["coupon"]["present"], columns["coupon"]["completeness"]) == (2, 0.25)
    assert (columns["customer_id"]["distinct"], columns["order_id"]["uniqueness"]) == (5, 1.0)


def test_validity_counts_rows_of_the_failed_lane_by_the_column_they_failed_for(shop: Path) -> None:
    put(shop / "orders.csv", ORDERS + "9,fay,2026-03-28 10:00:00,much,\n10,,2026-03-28 11:00:00,4.00,\n")
    answer("build", "--project", shop)
    columns = table(shop, "orders")
    assert (columns["revenue"]["failed"], columns["customer_id"]["failed"]) == (1, 1)
    assert columns["revenue"]["validity"] == pytest.approx(0.9)


def test_the_gate_is_open_for_sound_data_and_closed_for_failed_rows(shop: Path) -> None:
    put(shop / "contracts/orders.yaml", CONTRACT.replace("  paid: {type: boolean}\n", ""))
    answer("build", "--project", shop)
    assert habitue("sources", "profile", "--gate", "--project", shop).code == 0
    put(shop / "orders.csv", ORDERS + "9,fay,2026-03-28 10:00:00,-5,\n")
    answer("build", "--project", shop)
    closed = habitue("sources", "profile", "--gate", "--project", shop)
    assert closed.code == 3
    assert "revenue kept 1 rows in the failed lane" in closed.out
    assert habitue("sources", "profile", "--gate", "--json", "--project", shop).code == 3
    assert habitue("sources", "profile", "--gate", "--tolerance", "0.2", "--project", shop).code == 0
    assert habitue("sources", "profile", "--project", shop).code == 0


def test_drift_is_measured_against_the_load_before_and_not_against_itself(tmp_path: Path) -> None:
    project = corner_shop(tmp_path / "shop")
    _write_orders(project, mean=20)
    answer("build", "--project", project)
    assert table(project, "orders")["revenue"]["drift"] is None
    assert table(project, "orders")["revenue"]["drift"] is None
    _write_orders(project, mean=60)
    answer("build", "--project", project)
    for _ in range(2):
        drift = table(project, "orders")["revenue"]["drift"]
        assert isinstance(drift, dict)
        assert drift["has_drifted"] is True
    assert "Has moved" in habitue("sources", "profile", "orders", "--project", project).out


def _write_orders(project: Path, *, mean: float) -> None:
    dice = random.Random(5)
    rows = [f"{n},c{n % 90},2026-03-{1 + n % 28:02} 10:00:00,{abs(dice.gauss(mean, 5)):.2f},\n" for n in range(1, 900)]
    put(project / "orders.csv", ORDERS.splitlines(keepends=True)[0] + "".join(rows))


def test_a_column_that_gives_the_target_away_is_named_and_closes_the_gate(tmp_path: Path) -> None:
    project = corner_shop(tmp_path / "shop")
    dice = random.Random(9)
    rows = ["order,customer,at,amount,coupon,paid,paid_at\n"]
    for number in range(400):
        paid = dice.random() < 0.4
        when = f"2026-03-{1 + number % 28:02} 10:00:00"
        rows.append(f"{number},c{number},{when},{dice.randrange(100)},,{str(paid).lower()},{when if paid else ''}\n")
    put(project / "orders.csv", "".join(rows))
    put(
        project / "sources/orders.yaml",
        SOURCE.replace(
            "makes:", "  paid: {field: paid, type: boolean}\n  paid_at: {field: paid_at, type: text}\nmakes:"
        ).replace("coupon: coupon}", "coupon: coupon, paid: paid, paid_at: paid_at}"),
    )
    answer("build", "--project", project)
    outcome = habitue("sources", "profile", "orders", "--target", "paid", "--gate", "--project", project)
    assert outcome.code == 3
    assert "`paid_at`" in outcome.out
    (found,) = answer("sources", "profile", "orders", "--target", "paid", "--project", project)
    assert [leak["column"] for leak in found["profile"]["leaks"]] == ["paid_at"]


def test_a_target_that_no_table_has_is_refused(shop_project: Path) -> None:
    outcome = habitue("sources", "profile", "--target", "revenu", "--project", shop_project, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "PROFILE-TARGET")
    assert "'revenue'" in outcome.error["do"]


def test_personal_columns_show_no_value(demo_project: Path) -> None:
    said = habitue("sources", "profile", "customers", "--project", demo_project).out
    assert "personal: not shown" in said
    assert "@" not in said


def test_features_can_be_profiled_too(shop_project: Path) -> None:
    assert "spend_ever" in table(shop_project, "features")


def test_a_kept_profile_that_cannot_be_read_is_no_obstacle(shop: Path) -> None:
    table(shop, "orders")
    put(shop / ".habitue/profiles/event_order_completed.json", "{not json")
    assert table(shop, "orders")["revenue"]["drift"] is None
