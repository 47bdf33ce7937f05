"""Sources as they are asked about: the list, the failed lane, and mending what is in it."""

import csv
from pathlib import Path

import pytest

from habitue.run.failed_files import RepairFileError, read_repairs_file
from habitue.run.workspace import Workspace
from tests.projects import ORDERS, around, built_shop, put, standing, tables_of
from tests.terminal import answer, habitue

BAD = "9,fay,2026-03-28 10:00:00,much,\n10,,2026-03-28 11:00:00,4.00,\n11,gus,never,5.00,\n"


@pytest.fixture
def lame(tmp_path: Path) -> Path:
    """A shop with three rows in the failed lane."""
    project = built_shop(tmp_path / "shop")
    put(project / "orders.csv", ORDERS + BAD)
    answer("build", "--project", project)
    return project


def test_the_list_accounts_for_every_row(lame: Path) -> None:
    (entry,) = answer("sources", "list", "--project", lame)
    assert (entry["rows"], entry["used"], entry["unused"], entry["failed"]) == (11, 8, 0, 3)
    assert entry["made"] == {"Order Completed": 8}
    assert entry["newest_at"] == "2026-03-28T23:59:59Z"
    assert entry["files"] == ["orders.csv"]


def test_the_list_of_a_new_project_says_that_nothing_is_loaded(tmp_path: Path) -> None:
    put(tmp_path / "habitue.yaml", "name: new\n")
    assert answer("sources", "list", "--project", tmp_path) == []
    assert "start" in habitue("sources", "list", "--project", tmp_path).out


def test_failed_rows_come_in_pages_with_what_the_interface_promises(lame: Path) -> None:
    rows = answer("sources", "failed", "--project", lame)
    assert [(row["line"], row["field"]) for row in rows] == [(10, "amount"), (11, "customer"), (12, "ordered_at")]
    assert {"source", "stage", "code", "field", "reason", "row"} <= set(rows[0])
    page = answer("sources", "failed", "--limit", 2, "--after", rows[0]["id"], "--project", lame)
    assert [row["line"] for row in page] == [11, 12]
    only = answer("sources", "failed", "orders", "--code", rows[1]["code"], "--stage", "type", "--project", lame)
    assert [row["line"] for row in only] == [11]


def test_failed_rows_are_counted_for_people(lame: Path) -> None:
    said = habitue("sources", "failed", "--project", lame)
    assert said.code == 0
    assert "orders.csv:10" in said.out
    assert "MONEY-UNREADABLE" in said.out


def test_a_mended_row_is_taken_in_and_leaves_the_lane(lame: Path) -> None:
    number = answer("sources", "failed", "--project", lame)[0]["id"]
    done = answer("sources", "replay", "--set", number, "amount=12.50", "--project", lame)
    assert (done["repaired"], done["taken_in"], done["failing"], done["waiting"]) == (1, 1, [], 2)
    answer("build", "--project", lame)
    assert answer("segments", "preview", "sum('Order Completed'.revenue) == 12.5", "--project", lame)["customers"] == 1
    assert [row["line"] for row in answer("sources", "failed", "--project", lame)] == [11, 12]


def test_a_row_that_still_fails_says_so_and_can_be_mended_again(lame: Path) -> None:
    number = answer("sources", "failed", "--project", lame)[0]["id"]
    done = answer("sources", "replay", "--set", number, "amount=a lot", "--project", lame)
    assert (done["repaired"], done["taken_in"], len(done["failing"])) == (1, 0, 1)
    again = answer("sources", "replay", "--set", done["failing"][0]["id"], "amount=1", "--project", lame)
    assert again["taken_in"] == 1


def test_a_file_of_mended_rows_goes_out_and_comes_back(lame: Path, tmp_path: Path) -> None:
    file = tmp_path / "mend.csv"
    assert answer("sources", "mend", file, "--project", lame)["rows"] == 3
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    rows[0]["amount"], rows[1]["customer"] = "2.25", "hal"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = answer("sources", "replay", "--file", file, "--project", lame)
    assert (done["repaired"], done["taken_in"], done["waiting"]) == (2, 2, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,amount\n1,2\n", "has no column 'failed_id'"),
        ("failed_id,amount\n999,2\n", "names the row 999"),
        ("failed_id,amount\none,2\n", "'one'"),
    ],
)
def test_a_file_that_mends_nothing_real_is_refused(shop_project: Path, tmp_path: Path, text: str, says: str) -> None:
    put(tmp_path / "mend.csv", text)
    with (
        Workspace.open(shop_project, around=around("2026-04-01")) as workspace,
        pytest.raises(RepairFileError, match=says),
    ):
        read_repairs_file(workspace, tmp_path / "mend.csv")


def test_a_wrong_field_mends_nothing_at_all(lame: Path) -> None:
    before = standing(lame)
    number = answer("sources", "failed", "--project", lame)[0]["id"]
    outcome = habitue("sources", "replay", "--set", number, "amuont=1", "--project", lame, "--json")
    assert outcome.code == 1
    assert "amuont" in outcome.error["what"]
    assert standing(lame) == before


@pytest.mark.parametrize("words", [("amount=1",), ("--set", "1"), ("--set", "1", "amount")])
def test_values_without_a_row_and_rows_without_values_are_a_matter_of_usage(
    shop_project: Path, words: tuple[str, ...]
) -> None:
    assert habitue("sources", "replay", *words, "--project", shop_project).code == 2


def test_a_corrected_mapping_takes_the_failed_rows_in(lame: Path) -> None:
    source = (lame / "sources/orders.yaml").read_text("utf-8")
    put(lame / "sources/orders.yaml", source.replace("amount, type: money, required: true", "amount, type: text"))
    put(lame / "contracts/orders.yaml", "event: Order Completed\nproperties: {order_id: {type: text}}\n")
    put(
        lame / "sources/orders.yaml",
        source.replace("required: true}\n  coupon", "missing: [much]}\n  coupon"),
    )
    (lame / "contracts/orders.yaml").unlink()
    done = answer("sources", "replay", "--project", lame)
    assert done["waiting"] == 2


def test_loading_alone_leaves_the_answers_at_their_instant(shop: Path) -> None:
    put(shop / "orders.csv", ORDERS + "9,ivy,2026-04-20 10:00:00,1.00,\n")
    before = answer("segments", "members", "recent", "--project", shop)
    done = answer("sources", "load", "--project", shop)
    assert [(each["source"], each["status"], each["rows"]) for each in done["sources"]] == [("orders", "loaded", 9)]
    assert answer("segments", "members", "recent", "--project", shop) == before
    assert answer("segments", "explain", "recent", "ann", "--project", shop)["as_of"] == before["as_of"]
    answer("build", "--project", shop)
    assert answer("segments", "members", "recent", "--project", shop)["as_of"] == "2026-04-20T09:00:00Z"


def test_loading_what_is_loaded_changes_nothing(shop: Path) -> None:
    before = tables_of(shop)
    done = answer("sources", "load", "orders", "--project", shop)
    assert [each["status"] for each in done["sources"]] == ["unchanged"]
    assert tables_of(shop) == before
