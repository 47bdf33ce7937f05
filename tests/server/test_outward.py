"""A served project tells receivers who comes and goes, and nobody about people who did not agree."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from habitue.channels import Deliveries
from habitue.govern.accounts import Scope
from tests.channels.receivers import Receiver, receiving
from tests.projects import put
from tests.server.serving import make_key, make_project
from tests.server.whole import whole
from tests.terminal import answer
from tests.waiting import until

SEGMENTS = """segment: fans
rule: did('Order Completed')
purpose: ads
---
segment: buyers
rule: did('Order Completed', last='7d')
---
segment: dreamers
rule: unfollowed('Product Viewed', by='Order Completed', within='1s', last='1h')
"""
CHANNELS = """channel: plain
webhook: {url}
segments: all
allow_private: true
---
channel: named
webhook: {url}
segments: [buyers]
identifier: user_id
purpose: ads
allow_private: true
"""


@dataclass(kw_only=True)
class Sending:
    """A served project with its receiver."""

    folder: Path
    receiver: Receiver
    client: httpx.Client = field(repr=False)
    key: str = field(repr=False)

    def track(self, user: str, event: str, *, agreed: bool | None = None) -> None:
        """Send what somebody does, with what they said about advertising."""
        context = {} if agreed is None else {"consent": {"categoryPreferences": {"Advertising": agreed}}}
        body = {"userId": user, "event": event, "context": context}
        assert self.client.post("/v1/track", json=body, auth=(self.key, "")).status_code == 200

    def told(self, channel: str) -> list[tuple[str, str]]:
        """Kind of the change, and customer or their own id."""
        data = [(got.json["type"], got.json["data"]) for got in list(self.receiver.accepted)]
        return [
            (f"{kind} {each['segment']}", each.get("user_id", each["customer"]))
            for kind, each in data
            if each["channel"] == channel
        ]


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Sending]:
    folder = make_project(tmp_path / "shop")
    put(folder / "segments" / "all.yaml", SEGMENTS)
    with ExitStack() as begun:
        receiver = begun.enter_context(receiving())
        put(folder / "channels" / "all.yaml", CHANNELS.format(url=receiver.url))
        secret = answer("channels", "secret", "plain", "--project", folder)["secret"]
        answer("channels", "secret", "named", "--project", folder)
        answer("build", "--project", folder)
        url = begun.enter_context(whole(folder, noticed=False)).url
        client = begun.enter_context(httpx.Client(base_url=url, timeout=30, trust_env=False))
        yield Sending(folder=folder, receiver=receiver, client=client, key=make_key(folder))
        for got in receiver.got:
            if got.json["data"]["channel"] == "plain":
                Webhook(secret).verify(got.body, got.headers)


def has_begun(folder: Path, channel: str) -> bool:
    """Whether a channel is served."""
    with Deliveries.open(folder) as store:
        return store.progress(channel) is not None


def test_events_become_webhooks_for_those_who_agreed_and_nothing_after_a_withdrawal(sending: Sending) -> None:
    sending.track("yes", "Order Completed", agreed=True)
    sending.track("no", "Order Completed", agreed=False)
    sending.track("silent", "Order Completed")
    until(lambda: len(sending.told("plain")) == 4, seconds=30)
    until(lambda: sending.told("named") == [("segment.entered buyers", "yes")])
    assert {kind for kind, _ in sending.told("plain")} == {"segment.entered buyers", "segment.entered fans"}
    # By default nobody's own id leaves.
    assert not {"yes", "no", "silent"} & {who for _, who in sending.told("plain")}
    withheld = answer("channels", "deliveries", "--state", "withheld", "--project", sending.folder)
    assert [(each["channel"], each["why"]) for each in withheld] == [("named", "no_basis")] * 2
    audited = answer("privacy", "audit", "--project", sending.folder)["entries"]
    assert [each["purpose"] for each in audited if each["actor"] == "channel:named"] == ["ads"]
    sending.track("yes", "Order Completed", agreed=False)
    sending.track("yes", "Product Viewed", agreed=False)
    until(lambda: "segment.entered dreamers" in {kind for kind, _ in sending.told("plain")}, seconds=15)
    assert sending.told("named") == [("segment.entered buyers", "yes")]


def test_a_word_by_the_api_counts_in_the_live_reading_before_it_is_answered(sending: Sending) -> None:
    sending.track("ann", "Order Completed", agreed=True)
    until(lambda: "segment.entered fans" in dict(sending.told("plain")), seconds=30)
    ann = dict(sending.told("plain"))["segment.entered fans"]
    bearer = {"Authorization": f"Bearer {make_key(sending.folder, scope=Scope.ADMIN)}"}
    word = {"state": "withdrawn", "purpose": "ads"}
    said = sending.client.post(f"/api/v1/customers/{ann}/consents", json=word, headers=bearer)
    assert said.status_code in (200, 201), said.text
    shown = sending.client.get(f"/api/v1/customers/{ann}/segments", headers=bearer)
    assert shown.status_code == 200, shown.text
    assert "fans" not in {each["segment"] for each in shown.json()["segments"] if each.get("left_at") is None}, (
        shown.text
    )
    until(lambda: ("segment.left fans", ann) in sending.told("plain"))


def test_a_channel_that_is_declared_while_the_project_is_served_is_served(sending: Sending) -> None:
    sending.track("one", "Order Completed")
    until(lambda: len(sending.told("plain")) == 1, seconds=30)
    with receiving() as other:
        put(
            sending.folder / "channels" / "late.yaml",
            f"channel: late\nwebhook: {other.url}\nsegments: all\nallow_private: true\n",
        )
        answer("channels", "secret", "late", "--project", sending.folder)
        until(partial(has_begun, sending.folder, "late"), seconds=15)
        sending.track("two", "Order Completed")
        until(lambda: len(other.accepted) == 1, seconds=15)
    until(lambda: len(sending.told("plain")) == 2)
