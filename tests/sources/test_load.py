"""Loading a project: what changed is taken in as a whole, nothing twice, and a failure leaves all as it was."""

from decimal import Decimal
from pathlib import Path

import pytest

from habitue.errors import HabitueError
from habitue.sources.failures import SourceColumnError
from habitue.sources.load import load
from tests.sources.shops import NOW, ORDERS, Shop, open_shop

pytestmark = pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/orders.yaml", ORDERS)
    return shop


def test_rows_become_events_with_exact_money_and_utc_times(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01 10:00,1.10,2\n2,bob,2024-01-01T10:00+02:00,0.3,1\n")
    report = shop.load()
    assert (report.rows, report.used, report.made) == (2, 2, {"Product Ordered": 2})
    found = shop.rows("event_product_ordered", "customer_id", "price", "quantity", "local_hour", "local_weekday")
    assert found == [("ann", Decimal("1.1000"), 2, 10, 1), ("bob", Decimal("0.3000"), 1, 8, 1)]
    assert shop.rows("customers") == [("ann",), ("bob",)]


def test_the_same_files_again_change_nothing_and_say_so(shop: Shop) -> None:
    path = shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    first = shop.load()
    before = shop.dump()
    again = shop.load()
    assert (first.status, again.status) == ("loaded", "unchanged")
    assert (again.rows, again.used, again.made) == (first.rows, first.used, first.made)
    path.rename(shop.folder / "data" / "renamed.csv")
    assert shop.load().status == "unchanged"
    assert shop.dump() == before


def test_a_second_file_of_the_same_content_adds_nothing(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    shop.write("data/b.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    report = shop.load()
    assert (report.rows, report.files, report.repeated) == (1, ("data/a.csv",), ("data/b.csv",))


def test_a_full_load_gives_the_very_same_tables(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-02,x,1\n")
    shop.write("data/b.csv", "id,who,at,price,n\n3,cyd,2024-01-01,1,1\n")
    shop.load()
    before = shop.dump()
    assert shop.load(full=True).status == "loaded"
    assert shop.dump() == before
    assert len(shop.failed()) == 1


def test_a_changed_file_replaces_the_rows_of_its_source_only(shop: Shop) -> None:
    shop.write(
        "sources/more.yaml", ORDERS.replace("source: orders", "source: more").replace("files: data", "files: x.csv")
    )
    shop.write("x.csv", "id,who,at,price,n\n9,zoe,2024-01-01,1,1\n")
    path = shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    shop.load_all()
    path.write_text("id,who,at,price,n\n2,bob,2024-01-01,1,1\n")
    reports = shop.load_all()
    assert [report.status for report in reports] == ["unchanged", "loaded"]
    assert shop.rows("event_product_ordered", "order_id") == [("2",), ("9",)]
    assert shop.rows("customers") == [("bob",), ("zoe",)]


def test_loading_step_by_step_and_all_at_once_give_equal_tables(shop: Shop, tmp_path: Path) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    shop.load()
    shop.write("data/b.csv", "id,who,at,price,n\n2,bob,2024-01-01,1,1\n")
    shop.load()
    before_it = ORDERS.replace("source: orders", "source: first").replace("files: data", "files: x.csv")
    shop.write("sources/first.yaml", before_it)
    shop.write("x.csv", "id,who,at,price,n\n9,zoe,2024-01-01,1,1\n")
    shop.load_all()
    other = open_shop(tmp_path / "other")
    for path in shop.folder.rglob("*.*"):
        if path.is_file() and ".habitue" not in path.parts:
            other.write(path.relative_to(shop.folder).as_posix(), path.read_bytes())
    other.load_all()
    assert other.dump() == shop.dump()


def test_a_source_that_is_no_longer_declared_takes_its_rows_and_failed_rows_along(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-01,x,1\n")
    shop.load()
    (shop.folder / "sources" / "orders.yaml").unlink()
    assert shop.load_all() == []
    assert "event_product_ordered" not in shop.warehouse.tables()
    assert shop.rows("customers") == []
    assert shop.failed() == []


def test_a_failing_file_leaves_every_source_as_it_was(shop: Shop) -> None:
    path = shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-01,x,1\n")
    shop.load()
    before, lane = shop.dump(), shop.failed()
    path.write_text("id,who,at,price,n\n5,eve,2024-01-01,1,1\n")
    shop.write("data/b.csv", b"id,who,at,price,n\n" + b'6,"eve,2024-01-01,1,1\n' + b"7,f,2024-01-01,1,1\n" * 600_000)
    with pytest.raises(HabitueError) as error:
        shop.load()
    assert error.value.code == "SOURCE-QUOTE"
    assert "b.csv" in error.value.what
    assert shop.dump() == before
    assert shop.failed() == lane


def test_an_interrupted_load_leaves_everything_as_it_was(shop: Shop) -> None:
    path = shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    shop.load()
    before = shop.dump()
    path.write_text("id,who,at,price,n\n2,bob,2024-01-01,1,1\n")

    def stop(step: str, done: int, total: int) -> None:
        del done, total
        if "writing" in step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(shop.project(), shop.warehouse, shop.control, shop.vault, now=NOW, progress=stop)
    assert shop.dump() == before
    assert shop.load().status == "loaded"


def test_a_missing_column_is_named_with_the_nearest_one(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,prices,n\n1,ann,2024-01-01,1,1\n")
    with pytest.raises(SourceColumnError) as error:
        shop.load()
    assert "'price'" in error.value.what
    assert error.value.do == "Did you mean 'prices'?"


def test_lost_control_data_brings_the_failed_rows_back(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n2,bob,2024-01-01,x,1\n")
    shop.load()
    before = shop.dump()
    shop.control.failed.clear_open("orders")
    shop.control.forget_loads("orders")
    assert shop.load().status == "loaded"
    assert len(shop.failed()) == 1
    assert shop.dump() == before


def test_a_contract_without_a_source_gives_an_empty_table(shop: Shop) -> None:
    shop.write("data/a.csv", "id,who,at,price,n\n1,ann,2024-01-01,1,1\n")
    shop.load()
    shop.write("contracts/view.yaml", "event: Product Viewed\nproperties: {product_id: {type: text}}\n")
    shop.load()
    assert shop.rows("event_product_viewed") == []
