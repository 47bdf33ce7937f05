"""A whole server with a live reading: what is asked is answered as of this moment, by whatever way it is asked."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from habitue.govern.accounts import Scope
from habitue.govern.roles import Role
from tests.projects import copied, put
from tests.server.serving import make_key
from tests.server.whole import wait_until_ready, whole
from tests.terminal import Json, answer

SEGMENTS = (
    "segment: buyers\nrule: did('Order Completed')\n---\nsegment: quick\nrule: did('Order Completed', last='2s')\n"
)
CONTRACT = """event: Order Completed
properties:
  order_id: {type: text}
  revenue: {type: money}
  coupon: {type: text}
"""
PATIENCE_S = 20.0


@dataclass(frozen=True, kw_only=True)
class Living:
    """A server with a live reading."""

    folder: Path
    client: httpx.Client = field(repr=False)
    write_key: str = field(repr=False)

    def buy(self, user: str) -> None:
        said = {"userId": user, "event": "Order Completed", "properties": {"order_id": user, "revenue": 9.5}}
        assert self.client.post("/v1/track", json=said, auth=(self.write_key, "")).status_code == 200

    def ask(self, path: str) -> Json:
        return self.client.get(path).json()

    def until(self, path: str, holds: Callable[[Json], bool]) -> Json:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self.ask(path)
            if holds(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def id_of(self, user: str) -> str:
        (found,) = self.until(f"/api/v1/customers?q=user_id:{user}", lambda said: bool(said.get("customers")))[
            "customers"
        ]
        return str(found)


@pytest.fixture(scope="module")
def living(shop_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = copied(shop_project, tmp_path_factory.mktemp("living") / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\n")
    put(folder / "contracts" / "orders.yaml", CONTRACT)
    put(folder / "segments" / "all.yaml", SEGMENTS)
    put(folder / "features" / "all.yaml", "feature: orders_ever\nrule: count('Order Completed')\n")
    answer("build", "--project", folder)
    write_key = make_key(folder)
    with (
        whole(folder) as served,
        httpx.Client(base_url=served.url, timeout=30, trust_env=False, headers=served.owner) as client,
    ):
        wait_until_ready(client)
        yield Living(folder=folder, client=client, write_key=write_key)


def test_somebody_who_buys_is_in_at_once_by_every_way_of_asking(living: Living) -> None:
    living.buy("gus")
    gus = living.id_of("gus")
    inside = living.until(f"/api/v1/customers/{gus}/segments", lambda said: bool(said.get("segments")))
    assert "buyers" in [each["segment"] for each in inside["segments"]]
    assert gus in living.ask("/api/v1/segments/buyers/members?limit=100")["customers"]
    assert gus in answer("segments", "members", "buyers", "--project", living.folder)["customers"]
    sizes = {each["name"]: each["customers"] for each in living.ask("/api/v1/segments")}
    assert sizes["buyers"] == len(living.ask("/api/v1/segments/buyers/members")["customers"])
    listed = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", living.folder)}
    assert listed["buyers"] == sizes["buyers"]
    proof = living.until(f"/api/v1/customers/{gus}/explain?segment=buyers", lambda said: said.get("member") is True)
    assert proof["member"]
    told = living.until(f"/api/v1/customers/{gus}/timeline", lambda said: bool(said.get("events")))["events"]
    assert [each["event"] for each in told] == ["Order Completed"]


def test_somebody_leaves_when_the_time_is_up_and_whoever_listens_hears_it(living: Living) -> None:
    with living.client.stream("GET", "/api/v1/changes", params={"segment": "quick"}, timeout=PATIENCE_S) as stream:
        lines = stream.iter_lines()
        living.buy("hal")
        heard = [line for line in _until_left(lines) if line.startswith("event:")]
    assert [line for line in heard if "counters" not in line] == ["event: open", "event: entered", "event: left"]


def _until_left(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line == "event: left":
            return


def test_sizes_that_move_with_single_people_are_kept_from_roles_without_people(living: Living) -> None:
    before = living.client.get("/api/v1/segments", headers={"Habitue-As": Role.EXECUTIVE.value}).json()
    living.buy("ida")
    living.id_of("ida")
    after = living.client.get("/api/v1/segments", headers={"Habitue-As": Role.EXECUTIVE.value}).json()
    assert before == after


def test_a_person_erased_through_the_server_is_nowhere_any_more(living: Living) -> None:
    living.buy("joy")
    joy = living.id_of("joy")
    inside = f"/api/v1/customers/{joy}/segments"
    assert living.until(inside, lambda said: bool(said.get("segments")))["segments"]
    done = living.client.post("/api/v1/privacy/erase", json={"customers": [joy]})
    assert done.json()["state"] == "erased", done.text
    assert living.ask("/api/v1/customers?q=user_id:joy")["customers"] == []
    assert joy not in living.ask("/api/v1/segments/buyers/members?limit=100")["customers"]
    assert joy not in living.client.get("/api/v1/changes", params={"after": "x"}).text
    assert living.client.get(inside).status_code == 404


def test_a_key_for_events_reads_nothing_and_a_key_for_reading_sends_nothing(living: Living) -> None:
    for scope, path, status in ((Scope.COLLECT, "/api/v1/segments", 403), (Scope.READ, "/api/v1/segments", 200)):
        key = living.write_key if scope is Scope.COLLECT else make_key(living.folder, scope=scope)
        found = living.client.get(path, headers={"Authorization": f"Bearer {key}"})
        assert found.status_code == status
    reader = make_key(living.folder, scope=Scope.READ)
    said = {"userId": "kim", "event": "Order Completed"}
    assert living.client.post("/v1/track", json=said, auth=(reader, "")).status_code in {401, 403}


def test_state_says_what_is_kept_for_each_segment_to_those_who_see_people(living: Living) -> None:
    living.buy("weighed")
    living.id_of("weighed")
    held = living.until("/api/v1/state", lambda said: said["held"]["definitions"]["buyers"]["people"] > 0)["held"]
    assert held["people"] >= held["definitions"]["buyers"]["people"] >= held["definitions"]["quick"]["people"]
    assert held["definitions"]["buyers"]["approximate_bytes"] < held["approximate_bytes"]
    seen = living.client.get("/api/v1/state", headers={"Habitue-As": Role.EXECUTIVE.value}).json()
    assert seen["held"] is None
