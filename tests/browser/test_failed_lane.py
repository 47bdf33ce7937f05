"""A live message that fails its contract is seen in the failed lane, mended there, tried again, and counted."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.opened import Seen, Shop, opened, served
from tests.projects import copied, put
from tests.server.serving import make_key
from tests.terminal import answer

CONTRACT = """event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money, min: 0, max: 800}
  coupon: {type: text}
"""
SEGMENTS = """segment: buyers
label: Mended buyers
rule: sum('Order Completed'.revenue) >= 500 and sum('Order Completed'.revenue) < 900
---
segment: big_buyers
label: Big buyers
rule: sum('Order Completed'.revenue) >= 900
"""
LANE = "/data?tab=failed"
PATIENCE_MS = 30_000


class Sender:
    """Sends orders to a served shop, as its site does."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key

    def send(self, number: int, revenue: object) -> int:
        """One order; how many messages failed."""
        body = {
            "type": "track",
            "userId": f"c-{number}",
            "event": "Order Completed",
            "messageId": f"m-{number}",
            "properties": {"order_id": f"o-{number}", "revenue": revenue},
        }
        said = httpx.post(f"{self._url}/v1/batch", json={"batch": [body]}, auth=(self._key, ""), trust_env=False)
        return len(said.raise_for_status().json()["failed"])


@pytest.fixture(scope="module")
def shop(program: Path, shop_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Sender]]:
    """The corner shop, served, with a site whose messages have a contract."""
    folder = tmp_path_factory.mktemp("lane")
    project = copied(shop_project, folder / "shop")
    put(project / "sources" / "site.yaml", "source: site\ncollect: true\ncontract: lane\n")
    put(project / "contracts" / "live.yaml", CONTRACT)
    put(project / "segments" / "buyers.yaml", SEGMENTS)
    answer("build", "--project", project)
    key = make_key(project)
    with served(project, folder / "served", program) as shop:
        yield shop, Sender(shop.url, key)


@pytest.fixture
def seen(chromium: Browser, shop: tuple[Shop, Sender]) -> Iterator[Seen]:
    with opened(chromium, shop[0]) as window:
        yield window


@pytest.fixture
def sender(shop: tuple[Shop, Sender]) -> Sender:
    return shop[1]


def lane(seen: Seen) -> Locator:
    """The failed live messages of the page."""
    seen.go(LANE)
    table = seen.page.get_by_role("table", name="Live messages that failed")
    expect(table).to_be_visible(timeout=PATIENCE_MS)
    return table


def counted(seen: Seen, label: str, many: int) -> None:
    """See in the list of segments how many are in one."""
    seen.go("/segments")
    row = seen.page.get_by_role("row").filter(has=seen.page.get_by_role("link", name=label))
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(rf"^{many}(\D|\d+ %)"), timeout=PATIENCE_MS)


def test_a_message_is_mended_in_the_failed_lane_and_counted(seen: Seen, sender: Sender) -> None:
    assert sender.send(1, "a lot") == 1
    row = lane(seen).get_by_role("row").filter(has_text="revenue")
    expect(row).to_have_count(1)
    assert "a lot" not in seen.page.content()
    assert seen.axe() == []
    seen.page.get_by_role("button", name="Try 1 again").click()
    expect(seen.page.get_by_text("0 of 1 messages were taken in")).to_be_visible(timeout=PATIENCE_MS)
    row.get_by_role("button", name=re.compile("^Mend message")).click()
    dialog = seen.page.get_by_role("dialog")
    expect(dialog.get_by_label("Where")).to_have_value("revenue")
    dialog.get_by_label("New value").fill("much")
    dialog.get_by_role("button", name="Mend and take in").click()
    expect(seen.page.get_by_text(re.compile("^It still fails: "))).to_be_visible(timeout=PATIENCE_MS)
    dialog.get_by_label("New value").fill("500")
    dialog.get_by_label("New value").press("Enter")
    expect(seen.page.get_by_text("The message was taken in")).to_be_visible(timeout=PATIENCE_MS)
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("taken in")
    expect(seen.page.get_by_role("button", name=re.compile("^Try"))).to_have_count(0)
    counted(seen, "Mended buyers", 1)
    assert seen.faults == []


def test_messages_that_wait_are_tried_again_once_their_contract_was_corrected(
    seen: Seen, sender: Sender, shop: tuple[Shop, Sender]
) -> None:
    assert sender.send(2, 900) == 1
    waiting = seen.page.get_by_role("row").filter(has=seen.page.get_by_role("button", name=re.compile("^Mend message")))
    expect(lane(seen).get_by_role("row").filter(has_text="revenue").first).to_be_visible()
    expect(waiting).to_have_count(1)
    put(shop[0].folder / "contracts" / "live.yaml", CONTRACT.replace(", max: 800", ""))
    seen.page.get_by_role("button", name="Try 1 again").click()
    expect(seen.page.get_by_text("1 of 1 messages were taken in")).to_be_visible(timeout=PATIENCE_MS)
    expect(waiting).to_have_count(0)
    counted(seen, "Big buyers", 1)
    assert seen.faults == []
