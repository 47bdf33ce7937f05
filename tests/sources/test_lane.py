"""The failed lane: what fails where and why, and mending it."""

import json
from pathlib import Path

import duckdb
import pytest

from habitue.sources.failures import FailedRowUnknownError, RepairError
from habitue.sources.lane import repair
from habitue.state import RowState
from tests.sources.shops import NOW, ORDERS, Shop, open_shop

pytestmark = pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/orders.yaml", ORDERS)
    return shop


def test_a_bad_row_waits_in_the_lane_and_the_others_are_used(shop: Shop) -> None:
    shop.write(
        "data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,x,2\n,bob,2024-01-01,1,1\n3,cyd,2024-01-01,1,1\n4,d\n"
    )
    report = shop.load()
    assert (report.used, report.failed) == (1, 3)
    assert sorted(shop.reasons()) == [
        (2, "type", "MONEY-UNREADABLE"),
        (3, "type", "FIELD-REQUIRED"),
        (5, "read", "READ-COLUMNS"),
    ]
    money = next(row for row in shop.failed() if row.line == 2)
    assert money.reason == "price is not an amount of money (found a text of 1 characters)"
    assert json.loads(money.row) == {"id": "1", "who": "ann", "at": "2024-01-01", "price": "x", "n": "2"}
    ragged = next(row for row in shop.failed() if row.line == 5)
    assert json.loads(ragged.row) == {"id": "4", "who": "d", "(text)": "4,d"}


def test_a_reason_never_holds_the_value(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,ann@example.com,ann@example.com,ann@example.com\n")
    shop.load()
    (row,) = shop.failed()
    assert "ann@example.com" not in row.reason
    assert row.reason.count("found a text of 15 characters") == 3


def test_an_event_without_customer_or_time_fails_where_it_is_made(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,,2024-01-01,1,1\n2,bob,,1,1\n")
    shop.load()
    assert shop.reasons() == [(2, "make", "EVENT-CUSTOMER"), (3, "make", "EVENT-TIME")]


def test_a_row_that_nothing_takes_is_unused_and_not_failed(shop: Shop) -> None:
    taken = ORDERS.replace("    customer: customer\n", "    when: quantity > 1\n    customer: customer\n")
    shop.write("sources/orders.yaml", taken)
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-01,1,2\n3,,,,\n")
    report = shop.load()
    assert (report.used, report.unused, report.failed) == (1, 2, 0)


def test_a_repaired_row_enters_at_its_own_place_and_stays_through_a_full_load(shop: Shop) -> None:
    shop.write(
        "data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-01,x,1\n3,cyd,2024-01-01,1,1\n4,d\n"
    )
    shop.load()
    (second, fourth) = sorted(shop.failed(), key=lambda row: row.line)
    repair(shop.control, shop.project(), second.id, {"price": "2.50"}, now=NOW)
    changes = {"at": "2024-01-01", "price": "4", "quantity": "1"}
    repair(shop.control, shop.project(), fourth.id, changes, now=NOW)
    report = shop.load()
    assert (report.rows, report.used, report.failed) == (4, 4, 0)
    assert shop.failed() == []
    assert {row.state for row in shop.control.failed.rows()} == {RowState.REPLAYED}
    assert [row[1] for row in shop.rows("event_product_ordered", "position", "order_id")] == ["1", "2", "3", "4"]
    before = shop.dump()
    assert shop.load().status == "unchanged"
    shop.load(full=True)
    assert shop.dump() == before


def test_a_repair_that_does_not_help_waits_again_with_its_new_reason(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n2,bob,2024-01-01,x,1\n")
    shop.load()
    (row,) = shop.failed()
    repair(shop.control, shop.project(), row.id, {"price": "1.123456"}, now=NOW)
    assert shop.load().failed == 1
    (again,) = shop.failed()
    assert (again.code, again.state) == ("MONEY-DECIMALS", RowState.OPEN)


def test_a_mended_mapping_takes_failed_rows_in(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,12.5,2.5\n")
    assert shop.load().failed == 1
    shop.write("sources/orders.yaml", ORDERS.replace("quantity, type: integer", "quantity, type: number"))
    report = shop.load()
    assert (report.used, report.failed, shop.failed()) == (1, 0, [])


def test_repairing_what_is_not_there_is_refused(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,x,2\n")
    shop.load()
    (row,) = shop.failed()
    with pytest.raises(FailedRowUnknownError):
        repair(shop.control, shop.project(), 999, {"price": "1"}, now=NOW)
    with pytest.raises(RepairError, match="price"):
        repair(shop.control, shop.project(), row.id, {"prise": "1"}, now=NOW)


def test_a_json_array_on_one_line_keeps_its_failed_rows_apart(shop: Shop) -> None:
    rows = [{"id": "1", "who": "a", "at": "2024-01-01", "price": "x", "n": 1}] * 3
    shop.write("data/a.json", json.dumps([{**row, "id": str(number)} for number, row in enumerate(rows)]))
    assert shop.load().failed == 3
    assert [row.line for row in shop.failed()] == [1, 2, 3]


def test_no_value_of_a_failed_row_reaches_the_warehouse(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,secret-value,1\n2,bob,2024-01-01,1,1\n")
    shop.load()
    assert "secret-value" not in repr(shop.dump())
    assert isinstance(shop.warehouse.con, duckdb.DuckDBPyConnection)


def test_a_nested_value_of_json_is_mended_inside_its_object_and_a_dotted_column_of_csv_beside_the_others(
    shop: Shop,
) -> None:
    dotted = ORDERS.replace("  price: {field", "  a.price: {field")
    shop.write("sources/orders.yaml", dotted)
    shop.write("data/a.csv", "id,who,at,a.price,n\n1,ann,2024-01-01,x,1\n")
    shop.write("data/b.ndjson", '{"id": "2", "who": "bob", "at": "2024-01-01", "a": {"price": "x", "b": 1}, "n": 1}\n')
    assert shop.load().failed == 2
    for row in shop.failed():
        repair(shop.control, shop.project(), row.id, {"price": "2"}, now=NOW)
    assert shop.load().used == 2
    mended = [json.loads(row.repaired or "") for row in shop.control.failed.rows()]
    assert [row.get("a.price", row.get("a")) for row in mended] == ["2", {"price": "2", "b": 1}]
