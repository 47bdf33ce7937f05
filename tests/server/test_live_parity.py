"""`habitue segments parity` of a running server: it has kept what a batch says of the same record and instant."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from habitue.segments import TransitionLog
from habitue.state.notice import read_notice
from tests.projects import ORDERS, copied, put
from tests.server.serving import make_key
from tests.server.whole import wait_until_ready, whole
from tests.terminal import Json, answer, habitue
from tests.waiting import until

PATIENCE_S = 60.0
NOBODY = httpx.Auth()
"""In place of the key of the client, which would stand before the token."""
SEGMENTS = """segment: buyers
rule: did('Order Completed')
---
segment: often
rule: count('Order Completed', last='30d') >= 3
---
segment: spenders
rule: sum('Order Completed'.revenue) >= 100
---
segment: quick
rule: did('Order Completed', last='1s')
---
segment: best
rule: feature.place >= 0.8
---
segment: never
rule: not did('Order Completed')
"""
CONTRACT = """event: Order Completed
properties:
  order_id: {type: text}
  revenue: {type: money}
  coupon: {type: text}
"""


@pytest.fixture
def served(shop_project: Path, tmp_path: Path) -> Iterator[tuple[Path, httpx.Client]]:
    """The corner shop, served, with a client that may send and ask."""
    folder = copied(shop_project, tmp_path / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\n")
    put(folder / "contracts" / "orders.yaml", CONTRACT)
    put(folder / "segments" / "all.yaml", SEGMENTS)
    answer("build", "--project", folder)
    key = make_key(folder)
    with (
        whole(folder) as served,
        httpx.Client(base_url=served.url, timeout=30, trust_env=False, auth=(key, "")) as client,
    ):
        wait_until_ready(client)
        yield folder, client


def test_what_a_server_has_kept_is_what_a_batch_says_of_the_same_record(served: tuple[Path, httpx.Client]) -> None:
    folder, client = served
    chance = random.Random(4)
    orders = [
        {
            "type": "track",
            "messageId": f"m{number}",
            "userId": f"user{chance.randrange(20)}",
            "event": "Order Completed",
            "properties": {"order_id": f"L{number}", "revenue": chance.randrange(100, 9_000) / 100},
        }
        for number in range(120)
    ]
    assert client.post("/v1/batch", json={"batch": orders}).status_code == 200
    # As of whichever record it has come to, until it has come to the last.
    found = answer("segments", "parity", "--project", folder)
    assert found["differences"] == []
    until(lambda: answer("segments", "parity", "--project", folder)["offset"] == len(orders))
    found = answer("segments", "parity", "--project", folder)
    assert found["differences"] == []
    assert found["segments"] == ["buyers", "often", "spenders", "quick", "best", "never"]
    assert found["pairs"] >= 25 * 6
    assert found["offset"] == 120
    with TransitionLog.open(folder) as log:
        assert len(log.members("buyers")) >= 25


def test_a_membership_that_a_server_has_kept_wrongly_is_told(served: tuple[Path, httpx.Client]) -> None:
    folder, _ = served
    with TransitionLog.open(folder) as log:
        (wrong, *_) = sorted(log.members("buyers"))
        log.forget([wrong])
    outcome = habitue("segments", "parity", "--segment", "buyers", "--project", folder, "--json")
    assert outcome.code == 3
    assert outcome.json["differences"] == [{"segment": "buyers", "customer": wrong, "batch": True, "live": False}]


def test_somebody_who_is_somebody_else_by_now_is_nobody_in_either_reading(
    served: tuple[Path, httpx.Client],
) -> None:
    folder, client = served
    assert client.post("/v1/identify", json={"messageId": "m1", "anonymousId": "k1"}).status_code == 200
    assert client.post("/api/v1/build", json={}, headers=_owner(folder), auth=NOBODY).status_code == 200
    assert _compared(folder, lambda said: said["pairs"] == 6 * 6)["differences"] == []
    known = {"messageId": "m2", "anonymousId": "k1", "userId": "ann"}
    assert client.post("/v1/identify", json=known).status_code == 200
    found = _compared(folder, lambda said: said["offset"] == 2)
    assert found["differences"] == []
    assert found["pairs"] == 5 * 6
    # Also for what is made from the tables anew, without a build.
    put(folder / "segments" / "more.yaml", "segment: nothing\nrule: count('Order Completed') == 0\n")
    found = _compared(folder, lambda said: said["pairs"] == 5 * 7)
    assert found["differences"] == []
    assert found["pairs"] == 5 * 7
    with TransitionLog.open(folder) as log:
        assert log.members("nothing") == {}


def _compared(folder: Path, holds: Callable[[Json], bool]) -> Json:
    """What a comparison says once it is about what was waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds(found := answer("segments", "parity", "--project", folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_what_is_asked_while_a_build_goes_on_is_compared_when_it_was_taken_over(
    served: tuple[Path, httpx.Client],
) -> None:
    folder, client = served
    owner = _owner(folder)
    _order_more(folder)
    with ThreadPoolExecutor() as asking:
        built = asking.submit(lambda: client.post("/api/v1/build", json={}, headers=owner, auth=NOBODY))
        # Asked while the thread that owns the project is building.
        time.sleep(0.1)
        found = client.get("/api/v1/segments/parity", headers=owner, auth=NOBODY).json()
        assert built.result().status_code == 200
    assert found["differences"] == []
    assert found["pairs"] == 6 * 6


def _owner(folder: Path) -> dict[str, str]:
    notice = read_notice(folder)
    assert notice is not None
    return {"Authorization": f"Bearer {notice.token}"}


def _order_more(folder: Path) -> None:
    """Somebody new orders, in a file."""
    (folder / "orders.csv").write_text(f"{ORDERS}9,fay,2026-03-29 09:00:00,900.00,\n", encoding="utf-8")
