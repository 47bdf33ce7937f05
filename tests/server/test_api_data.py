"""Data and builds over HTTP: what is declared, what failed and is mended, what goes where, and a build begun."""

import time
from collections.abc import Iterator

import pytest

from habitue.govern.roles import Role
from tests.server.asked import Asked, asking
from tests.server.people_shop import PEOPLE, built_people_shop
from tests.terminal import answer

LONGEST_S = 60.0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The shop of people, served."""
    folder = built_people_shop(tmp_path_factory.mktemp("data") / "shop")
    answer("sources", "profile", "Order Completed", "--project", folder)
    with asking(folder) as asked:
        yield asked


def test_contracts_say_what_is_asked_of_each_column_and_who_fills_it(shop: Asked) -> None:
    found = {each["event"] or each["table"]: each for each in shop.answer("/api/v1/contracts")}
    orders = found["Order Completed"]
    assert (orders["sources"], orders["declared"]) == (["orders"], True)
    columns = {each["name"]: each for each in orders["columns"]}
    assert columns["order_id"]["required"]
    assert columns["revenue"]["rules"] == "at least 0"
    assert columns["note"]["personal"]
    assert found["customers"]["sources"] == ["crm"]


def test_lineage_leads_from_a_source_to_the_segments_made_of_it(shop: Asked) -> None:
    found = shop.answer("/api/v1/lineage")
    edges = {(each["source"], each["target"]) for each in found["edges"]}
    assert {
        ("source:orders", "table:Order Completed"),
        ("table:Order Completed", "feature:spend_ever"),
        ("feature:spend_ever", "feature:place"),
        ("feature:place", "segment:big"),
        ("segment:big", "segment:recent_and_small"),
        ("table:customers", "segment:leeds"),
        ("table:consents", "segment:to_write_to"),
        ("table:Page Viewed", "table:Session"),
    } <= edges
    ids = {each["id"] for each in found["nodes"]}
    assert all({source, target} <= ids for source, target in edges)


def test_a_column_is_shown_before_and_after_preparation(shop: Asked) -> None:
    found = shop.answer("/api/v1/quality/prepared", name="Order Completed", column="revenue")
    assert found["rows"] == sum(found["before"]["counts"]) == sum(found["after"]["counts"]) == 60
    assert abs(found["after"]["mean"]) < 0.01
    assert shop.get("/api/v1/quality/prepared", role=Role.EXECUTIVE, name="items", column="x").status_code == 403
    refused = shop.get("/api/v1/quality/prepared", name="Order Completed", column="order_id")
    assert (refused.status_code, refused.json()["code"]) == (422, "PREPARED-COLUMN")


def test_quality_over_http_is_that_of_the_terminal_and_hides_from_roles_without_people(shop: Asked) -> None:
    (table,) = shop.answer("/api/v1/quality", name="Order Completed")
    assert table["profile"]["rows"] == 60
    assert {each["column"] for each in table["gate"]} == {"revenue"}
    (hidden,) = shop.answer("/api/v1/quality", role=Role.EXECUTIVE, name="Order Completed")
    assert "profile" not in hidden
    assert shop.answer("/api/v1/quality", name="customers")[0]["profile"]["rows"] == PEOPLE - 1


def test_a_failed_row_is_mended_and_taken_in(shop: Asked) -> None:
    (count,) = shop.answer("/api/v1/sources/failed/counts")
    assert (count["source"], count["rows"]) == ("orders", 1)
    (row,) = shop.answer("/api/v1/sources/failed")
    body = {"rows": {str(row["id"]): {"amount": "5.00"}}}
    blind = shop.post("/api/v1/sources/failed/mend", body, role=Role.ANALYST)
    assert blind.status_code == 200, blind.text
    assert blind.json()["rows"][0]["row"] == {}
    seen = shop.post("/api/v1/sources/failed/mend", body).json()
    assert (seen["mended"], seen["rows"][0]["state"], seen["rows"][0]["row"]["amount"]) == (1, "repaired", "5.00")
    report = shop.post("/api/v1/sources/replay", {}).json()
    assert (report["repaired"], report["taken_in"], report["waiting"]) == (1, 1, 0)
    assert shop.answer("/api/v1/sources/failed/counts") == []


@pytest.mark.parametrize(
    ("rows", "code"),
    [({}, "PARAMETER"), ({"x": {"amount": "1"}}, "PARAMETER"), ({"999999": {"amount": "1"}}, "FAILED-UNKNOWN")],
)
def test_what_cannot_be_mended_is_said_and_changes_nothing(shop: Asked, rows: object, code: str) -> None:
    found = shop.post("/api/v1/sources/failed/mend", {"rows": rows})
    assert found.json()["code"] == code


def test_who_may_not_build_mends_replays_and_builds_nothing(shop: Asked) -> None:
    for path in ("/api/v1/sources/failed/mend", "/api/v1/sources/replay", "/api/v1/builds"):
        assert shop.post(path, {}, role=Role.MARKETER).status_code == 403


def test_a_build_is_begun_at_once_and_tells_how_far_it_is(shop: Asked) -> None:
    before = shop.answer("/api/v1/builds")[0]["build"]
    begun = shop.post("/api/v1/builds", {"full": True})
    assert (begun.status_code, begun.json()["running"]) == (202, True)
    again = shop.post("/api/v1/builds", {})
    assert again.status_code == 202 or again.json()["code"] == "BUILD-UNDERWAY"
    deadline = time.monotonic() + LONGEST_S
    while shop.answer("/api/v1/builds/underway")["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    state = shop.answer("/api/v1/builds/underway")
    assert (state["failed"], state["build"] > before) == (None, True)
    assert shop.answer("/api/v1/builds")[0]["build"] == state["build"]
    assert {each["status"] for each in shop.answer("/api/v1/builds/plan")} == {"fresh"}


def test_a_build_that_fails_says_why(shop: Asked) -> None:
    shop.post("/api/v1/builds", {"as_of": "2020-01-01T00:00:00Z"})
    deadline = time.monotonic() + LONGEST_S
    while shop.answer("/api/v1/builds/underway")["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert shop.answer("/api/v1/builds/underway")["failed"]["code"] == "BUILD-PAST"
    assert shop.post("/api/v1/builds", {"select": ["nothing"]}).json()["code"] == "BUILD-STEP"


def test_rows_of_builds_are_for_roles_that_see_people(shop: Asked) -> None:
    for run in shop.answer("/api/v1/builds", role=Role.EXECUTIVE):
        assert all(step["rows"] is None and step["note"] == "" for step in run["steps"])
    assert any(step["rows"] for run in shop.answer("/api/v1/builds") for step in run["steps"])
