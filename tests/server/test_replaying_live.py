"""Failed live messages mended and taken in again by a running server, by its route and by the terminal."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from habitue.run.live_parts import log_path
from habitue.streams import LogReader
from tests.projects import copied, put
from tests.server.serving import make_key, serving
from tests.server.whole import wait_until_ready, whole
from tests.terminal import Json, answer, habitue
from tests.waiting import until

CONTRACT = """event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money, min: 0}
  coupon: {type: text}
"""
SEGMENTS = "segment: buyers\nrule: sum('Order Completed'.revenue) >= 500\n"


class Shop:
    """A served shop with a live source that keeps what does not fit its contract in the failed lane."""

    def __init__(self, folder: Path, client: httpx.Client, key: str, owner: dict[str, str]) -> None:
        self.folder, self.client, self.key, self.owner = folder, client, key, owner

    def send(self, number: int, user: str = "c-new", **properties: object) -> httpx.Response:
        """One order, whose message id is its number's."""
        body = {
            "type": "track",
            "userId": user,
            "event": "Order Completed",
            "messageId": f"m-{number}",
            "properties": {"order_id": f"o-{number}", **properties},
        }
        return self.client.post("/v1/batch", json={"batch": [body]}, auth=(self.key, ""))

    def replay(self, **body: object) -> Json:
        """What the route says."""
        found = self.client.post("/api/v1/sources/failed/live/replay", json=body, headers=self.owner)
        assert found.status_code == 200, found.text
        return found.json()

    def waiting(self) -> list[Json]:
        """The failed messages that wait."""
        rows = self.client.get("/api/v1/sources/failed/live", headers=self.owner).json()
        return [each for each in rows if each["state"] == "open"]

    def size(self, segment: str) -> int:
        """How many a segment has now."""
        found = self.client.get(f"/api/v1/segments/{segment}/members", headers=self.owner).json()
        return len(found["customers"])

    def kept(self) -> list[str]:
        """The message ids of the log."""
        with LogReader(log_path(self.folder)) as reader:
            return [each.message_id for each in reader.read(limit=1_000)]


@pytest.fixture
def shop(shop_project: Path, tmp_path: Path) -> Iterator[Shop]:
    """The corner shop, served."""
    folder = copied(shop_project, tmp_path / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\ncontract: lane\n")
    put(folder / "contracts" / "live.yaml", CONTRACT)
    put(folder / "segments" / "buyers.yaml", SEGMENTS)
    answer("build", "--project", folder)
    key = make_key(folder)
    with whole(folder) as served, httpx.Client(base_url=served.url, timeout=30, trust_env=False) as client:
        wait_until_ready(client)
        yield Shop(folder, client, key, served.owner)


def test_a_mended_message_is_in_the_log_once_and_counts_for_segments_at_once(shop: Shop) -> None:
    assert len(shop.send(1, revenue="a lot").json()["failed"]) == 1
    (failed,) = shop.waiting()
    assert (failed["source"], failed["stage"], failed["field"]) == ("site", "contract", "revenue")
    assert "a lot" not in str(failed)
    still = shop.replay()
    assert (still["tried"], still["taken_in"], still["waiting"]) == (1, 0, 1)
    assert still["failing"][0]["field"] == "revenue"
    assert shop.kept() == []
    done = shop.replay(rows={str(failed["id"]): {"revenue": "500"}})
    assert (done["taken_in"], done["duplicates"], done["waiting"], done["failing"]) == (1, 0, 0, [])
    assert shop.kept() == ["m-1"]
    assert shop.waiting() == []
    until(lambda: shop.size("buyers") == 1)
    again = shop.client.post(
        "/api/v1/sources/failed/live/replay", json={"rows": {str(failed["id"]): {"revenue": "9"}}}, headers=shop.owner
    )
    assert again.json()["code"] == "LIVE-FAILURE"
    assert shop.kept() == ["m-1"]
    figures = shop.client.get("/metrics").text
    assert 'habitue_events_failed_total{source="site"} 0' in figures
    assert 'habitue_events_stored_total{source="site"} 1' in figures


def test_what_its_sender_has_sent_again_meanwhile_is_taken_in_once(shop: Shop) -> None:
    shop.send(1, revenue="a lot")
    assert shop.send(1, revenue=20).json()["stored"] == 1
    (failed,) = shop.waiting()
    done = shop.replay(rows={str(failed["id"]): {"properties.revenue": "20"}})
    assert (done["taken_in"], done["duplicates"]) == (1, 1)
    assert shop.kept() == ["m-1"]


def test_messages_fit_once_their_contract_was_corrected(shop: Shop) -> None:
    for number in range(3):
        shop.send(number, revenue=-5)
    assert len(shop.waiting()) == 3
    put(shop.folder / "contracts" / "live.yaml", CONTRACT.replace(", min: 0", ""))
    outcome = answer("sources", "replay", "--live", "--project", shop.folder)
    assert (outcome["tried"], outcome["taken_in"], outcome["waiting"]) == (3, 3, 0)
    assert sorted(shop.kept()) == ["m-0", "m-1", "m-2"]


def test_a_message_that_was_not_understood_is_mended_too(shop: Shop) -> None:
    body = {"batch": [{"type": "trick", "userId": "c-new", "event": "Order Completed", "messageId": "m-9"}]}
    shop.client.post("/v1/batch", json=body, auth=(shop.key, ""))
    (failed,) = shop.waiting()
    assert failed["stage"] == "decode"
    words = ("sources", "replay", "--live", "--set", failed["id"], "type=track", "order_id=o-9", "revenue=1.5")
    assert answer(*words, "--project", shop.folder)["taken_in"] == 1
    assert shop.kept() == ["m-9"]
    assert habitue("sources", "replay", "--live", "--project", shop.folder).out == "No live message waits.\n"


def test_nobody_else_may_replay_and_nothing_is_done_where_one_cannot_be_mended(shop: Shop) -> None:
    shop.send(1, revenue="a lot")
    shop.send(2, revenue="a lot")
    (first, second) = shop.waiting()
    path, rows = "/api/v1/sources/failed/live/replay", {str(first["id"]): {"revenue": "1"}, "99": {"revenue": "1"}}
    assert shop.client.post(path, json={}).status_code == 401
    refused = shop.client.post(path, json={"rows": rows}, headers=shop.owner)
    assert refused.json()["code"] == "LIVE-FAILURE"
    assert shop.kept() == []
    assert [each["id"] for each in shop.waiting()] == [first["id"], second["id"]]


def test_at_rest_messages_are_taken_in_by_the_terminal_and_are_in_the_tables_after_a_build(
    shop_project: Path, tmp_path: Path
) -> None:
    folder = copied(shop_project, tmp_path / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\ncontract: lane\n")
    put(folder / "contracts" / "live.yaml", CONTRACT)
    with serving(folder) as served:
        served.post("/v1/track", {"userId": "c-new", "event": "Order Completed", "messageId": "m-1", "properties": {}})
        (failed,) = served.failures()
    before = answer("build", "--project", folder)
    assert answer("sources", "failed", "--live", "--project", folder)[0]["id"] == failed.number
    words = ("sources", "replay", "--live", "--set", failed.number, "order_id=o-1", "revenue=600")
    assert answer(*words, "--project", folder)["taken_in"] == 1
    after = answer("build", "--project", folder)
    assert before["build"] < after["build"]
    found = answer("measure", "orders", "--since", "2026-01-01", "--until", "2030-01-01", "--project", folder)
    assert found["whole"]["value"] == 9
