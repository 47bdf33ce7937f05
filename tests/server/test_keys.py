"""Keys that send events, as the terminal makes them."""

from pathlib import Path

from tests.server.serving import make_project, serving
from tests.terminal import answer, habitue

ORDER = {"userId": "7", "event": "Order Completed", "properties": {"order_id": "o1", "revenue": 12.5}}


def test_a_key_made_for_a_source_sends_to_it(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    (folder / "sources" / "app.yaml").write_text("source: app\ncollect: true\n", encoding="utf-8")
    made = answer("keys", "create", "--scope", "collect", "--source", "app", "--project", folder)
    bare = answer("keys", "create", "--scope", "collect", "--project", folder)
    read = answer("keys", "create", "--scope", "read", "--project", folder)
    assert made["source"] == "app"
    with serving(folder) as running:
        assert running.client.post("/v1/track", json=ORDER, auth=(made["key"], "")).status_code == 200
        for key in (bare["key"], read["key"]):
            refused = running.client.post("/v1/track", json=ORDER, auth=(key, ""))
            assert (refused.status_code, refused.json()["code"]) == (403, "KEY-SCOPE")
        assert [each.source for each in running.records()] == ["app"]


def test_a_key_is_not_made_for_a_source_that_takes_no_events(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    refused = habitue("keys", "create", "--scope", "collect", "--source", "sight", "--project", folder, "--json")
    assert (refused.code, refused.error["code"]) == (1, "SOURCE-NOT-LIVE")
