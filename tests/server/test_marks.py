"""Marks and dashboards over HTTP: counts and their lists, several metrics at once, tiles, layout, the printed page."""

from collections.abc import Iterator

import pytest

from habitue.govern.roles import Role
from tests.projects import built_shop, put
from tests.server.asked import Asked, asking

BOARD = """dashboard: sales
tiles:
  # First
  - metric: revenue
  - metric: orders
    by: coupon
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    shop = built_shop(tmp_path_factory.mktemp("marks") / "shop")
    put(shop / "dashboards/sales.yaml", BOARD)
    with asking(shop) as asked:
        yield asked


def test_every_cell_of_a_metric_has_its_people(served: Asked) -> None:
    found = served.answer("/api/v1/metrics/orders", by="coupon", every="month", since="2026-01-01", until="2026-04-01")
    assert found["cells"]
    for cell in found["cells"]:
        groups = '["SPRING"]' if cell["groups"] == ["SPRING"] else "[null]"
        people = served.answer(
            "/api/v1/metrics/orders/people",
            by="coupon",
            every="month",
            since="2026-01-01",
            until="2026-04-01",
            step=cell["step"],
            groups=groups,
            rule="true",
        )
        assert (people["total"], len(people["customers"])) == (cell["customers"], cell["customers"])
        assert people["rule"]["differs"] == 0


def test_pages_of_a_mark_go_on_where_the_one_before_ended(served: Asked) -> None:
    first = served.answer("/api/v1/cohorts/people", start="2026-03-01", limit="1")
    assert first["next_cursor"] == first["customers"][0]
    second = served.answer("/api/v1/cohorts/people", start="2026-03-01", limit="1", cursor=first["next_cursor"])
    assert second["customers"][0] > first["customers"][0]
    assert first["total"] == second["total"] == 2


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/metrics/orders/people",
        "/api/v1/cohorts/people?start=2026-03-01",
        "/api/v1/paths/people?to=Order%20Completed&place=1",
        "/api/v1/attribution/people?touch=Order%20Completed&by=coupon&channel=SPRING",
        "/api/v1/funnel/people?steps=Order%20Completed;Order%20Completed",
    ],
)
def test_people_behind_marks_are_for_roles_that_see_people(served: Asked, path: str) -> None:
    assert served.client.get(path).status_code == 200
    refused = served.get(path, role=Role.EXECUTIVE)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE-FORBIDDEN")


def test_several_metrics_come_in_one_answer(served: Asked) -> None:
    both = served.answer("/api/v1/measures", metrics="revenue,orders", every="month", days="90")
    alone = [served.answer(f"/api/v1/metrics/{name}", every="month", days="90") for name in ("revenue", "orders")]
    assert both == alone
    many = served.client.get("/api/v1/measures?metrics=" + ",".join(f"m{number}" for number in range(30)))
    assert (many.status_code, many.json()["code"]) == (422, "METRICS-MANY")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/metrics/orders/people?every=month&step=2020-01-01", 422, "PERIOD"),
        ("/api/v1/metrics/orders/people?by=coupon&groups=SPRING", 422, "PARAMETER"),
        ("/api/v1/metrics/orders/people?by=coupon&groups=[]", 200, ""),
        ('/api/v1/metrics/orders/people?by=coupon&groups=["a","b"]', 404, "MARK-UNKNOWN"),
        ("/api/v1/cohorts/people", 422, "PARAMETER"),
        ("/api/v1/cohorts/people?start=2020-01-01", 404, "MARK-UNKNOWN"),
        ("/api/v1/cohorts/people?start=tomorrow", 422, "PARAMETER"),
        ("/api/v1/dashboards/sale", 404, "DASHBOARD-UNKNOWN"),
        ("/api/v1/metrics/orders?of=nonsense(", 422, "RULE-SYNTAX"),
    ],
)
def test_what_there_is_not_is_a_problem_with_its_code(served: Asked, path: str, status: int, code: str) -> None:
    found = served.client.get(path)
    assert (found.status_code, found.json().get("code", "")) == (status, code)


def test_a_dashboard_is_listed_shown_whole_bare_and_by_tile(served: Asked) -> None:
    listed = served.answer("/api/v1/dashboards")
    assert [each["dashboard"] for each in listed] == ["sales", "overview"]
    whole = served.answer("/api/v1/dashboards/sales")
    assert [each["tile"] for each in whole["tiles"]] == ["revenue", "orders"]
    alone = served.answer("/api/v1/dashboards/sales", tile="orders")
    assert alone["tiles"] == [whole["tiles"][1]]
    bare = served.answer("/api/v1/dashboards/sales", bare="true")
    assert [each["measure"] for each in bare["tiles"]] == [None, None]


def test_a_dashboard_prints_under_a_policy_of_its_own(served: Asked) -> None:
    found = served.client.get("/api/v1/dashboards/sales/report")
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert found.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<svg" in found.text


def test_a_layout_is_written_by_whoever_edits_definitions(served: Asked) -> None:
    tiles = [{"tile": "orders", "width": 2, "height": 1}, {"tile": "revenue", "width": 1, "height": 1}]
    body = {"columns": 2, "tiles": tiles}
    path = f"{served.url}/api/v1/dashboards/sales/layout"
    refused = served.client.put(path, json=body, headers={"Habitue-As": Role.EXECUTIVE.value})
    assert refused.status_code == 403
    done = served.client.put(path, json=body)
    assert (done.status_code, done.json()["file"]) == (200, "dashboards/sales.yaml")
    shown = served.answer("/api/v1/dashboards/sales", bare="true")
    assert [(each["tile"], each["width"]) for each in shown["tiles"]] == [("orders", 2), ("revenue", 1)]
    text = (served.folder / "dashboards/sales.yaml").read_text()
    assert "  # First\n  - metric: revenue\n" in text
    wrong = served.client.put(path, json={**body, "columns": 12})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "DASHBOARD-LAYOUT")
