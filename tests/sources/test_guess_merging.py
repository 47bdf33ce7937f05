"""Files that belong together, and files that must not be counted twice."""

from habitue.sources.guess import propose
from habitue.sources.guess_values import SampledTable, TableRole
from tests.sources.guessing import guess, named, source, table

PURCHASES = [(f"c{n % 9}", f"2024-01-{n % 27 + 1:02d}", f"{n}.50") for n in range(60)]


def shop(name: str, rows: list[tuple[str, str, str]]) -> SampledTable:
    lines = "\n".join(",".join(row) for row in rows)
    return table(name, f"customer_id,date,total\n{lines}" if name == "all.csv" else f"customer_id,day,total\n{lines}")


def test_purchases_that_lie_in_a_larger_file_too_are_not_counted_twice() -> None:
    found = guess(
        shop("all.csv", PURCHASES), shop("part.csv", [row for row in PURCHASES if row[0] in ("c1", "c2", "c5", "c7")])
    )
    assert [each.role for each in found.tables] == [TableRole.ORDERS, TableRole.UNKNOWN]
    assert "count them twice" in found.tables[1].reason


def test_other_purchases_of_the_same_customers_are_kept() -> None:
    later = [(who, f"2024-03-{n % 27 + 1:02d}", what) for n, (who, _, what) in enumerate(PURCHASES[:30])]
    found = guess(shop("all.csv", PURCHASES), shop("part.csv", later))
    assert [each.role for each in found.tables] == [TableRole.ORDERS, TableRole.ORDERS]


def test_a_list_of_people_nobody_else_knows_is_left_out() -> None:
    rows = [(f"c{n}", f"2024-01-{n % 27 + 1:02d}", f"{n}.50") for n in range(40) for _ in range(2)]
    strangers = table("people.csv", "id,age\n" + "\n".join(f"{n},{n % 50}" for n in range(1000, 1100)))
    found = named(guess(shop("all.csv", rows), strangers), "people")
    assert (found.role, "somebody else" in found.reason) == (TableRole.UNKNOWN, True)


def test_pages_of_a_funnel_are_one_source_from_the_fullest_page_to_the_emptiest() -> None:
    users = table("users.csv", "user_id,date\n" + "\n".join(f"u{n},2024-01-0{n % 9 + 1}" for n in range(30)))
    pages = [
        table(f"{page}.csv", "user_id,page\n" + "\n".join(f"u{n},{page}" for n in range(count)))
        for page, count in (("pay", 5), ("done", 2), ("home", 30))
    ]
    written = source(propose(guess(users, *pages)), "page_views")
    assert written["files"] == ["data/home.csv", "data/pay.csv", "data/done.csv"]


def test_columns_whose_names_cannot_be_written_are_passed_over() -> None:
    odd = SampledTable(
        path="data/o.csv",
        columns=("order_id", "customer_id", "date", "total", "bad\x07name"),
        rows=(("1", "a", "2024-01-01", "1.5", "x"), ("2", "a", "2024-01-02", "2.5", "y")),
        row_count=2,
    )
    assert [each.column for each in guess(odd).tables[0].columns] == ["order_id", "customer_id", "date", "total"]
