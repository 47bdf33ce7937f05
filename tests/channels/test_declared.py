"""Channels as a project declares them, and as commands show them."""

from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.channels.outgoing import SECRET, Outgoing
from tests.channels.outgoing import channel as declared
from tests.channels.receivers import Said, receiving
from tests.projects import put
from tests.terminal import answer, habitue
from tests.waiting import until

GOOD = """channel: crm
webhook: {url}
segments: [recent]
allow_private: true
"""
FAULTY = """channel: one
webhook: http://hooks.example.com/
segments: [recnt]
---
channel: two
webhook: https://ann:secret@hooks.example.com/
segments: all
identifier: user_id
---
channel: three
webhook: https://127.0.0.1/
segments: []
purpose: nothing
---
channel: four
webhook: https://hooks.example.com:22/
segments: all
format: xml
"""


def faults(shop: Path) -> list[tuple[int, str]]:
    """Line and code of every fault that `check` finds in the channels."""
    found = habitue("check", "--project", shop, "--json").json
    return [(each["line"], each["code"]) for each in found["faults"] if each["file"].startswith("channels/")]


def test_every_fault_of_a_channel_is_told_with_its_line(shop: Path) -> None:
    put(shop / "channels" / "all.yaml", FAULTY)
    assert faults(shop) == [
        (2, "CHANNEL-URL"),
        (3, "CHANNEL-SEGMENT"),
        (6, "CHANNEL-URL"),
        (8, "CHANNEL-PURPOSE"),
        (11, "CHANNEL-ADDRESS"),
        (12, "CHANNEL-SEGMENT"),
        (13, "PURPOSE-UNKNOWN"),
        (18, "FIELD-VALUE"),
    ]


def test_a_channel_is_made_a_secret_tested_listed_and_its_secret_rotated(shop: Path) -> None:
    with receiving(lambda number, _: Said(status=204 if number else 500)) as receiver:
        put(shop / "channels" / "crm.yaml", GOOD.format(url=receiver.url))
        assert answer("channels", "list", "--project", shop)[0]["state"] == "no_secret"
        refused = habitue("channels", "test", "crm", "--project", shop, "--json")
        assert (refused.code, refused.error["code"]) == (1, "CHANNEL-SECRET")
        first = answer("channels", "secret", "crm", "--project", shop)["secret"]
        again = habitue("channels", "secret", "crm", "--project", shop, "--json")
        assert again.error["code"] == "CHANNEL-SECRET-KEPT"
        failed = habitue("channels", "test", "crm", "--project", shop, "--json")
        assert (failed.code, failed.json["why"], failed.json["status"]) == (1, "failed", 500)
        second = answer("channels", "secret", "crm", "--rotate", "--project", shop)["secret"]
        assert answer("channels", "test", "crm", "--project", shop)["accepted"]
    assert answer("channels", "list", "--project", shop)[0]["state"] == "new"
    alone, both = receiver.got
    assert Webhook(first).verify(alone.body, alone.headers)["type"] == "channel.tested"
    for secret in (first, second):
        Webhook(secret).verify(both.body, both.headers)
    state = b"".join(path.read_bytes() for path in (shop / ".habitue").rglob("*") if path.is_file())
    assert first.encode() not in state
    assert second.encode() not in state


def test_deliveries_are_listed_and_a_channel_that_was_switched_off_is_put_on(shop: Path) -> None:
    with receiving(lambda _number, _got: Said(status=500)) as receiver:
        put(shop / "channels" / "crm.yaml", GOOD.format(url=receiver.url))
        there = Outgoing(folder=shop)
        with there.sending(declared(receiver.url)) as webhooks:
            there.enter("c1")
            webhooks.notify()
            until(lambda: webhooks.state()[0].state == "off")
    listed = answer("channels", "deliveries", "--state", "given_up", "--project", shop)
    assert [(each["sequence"], each["attempts"], each["status"]) for each in listed] == [(1, 6, 500)]
    assert "'c1'" not in str(listed)
    assert answer("channels", "list", "--project", shop)[0]["why"] == "failing"
    assert answer("channels", "enable", "crm", "--project", shop)["tried_again"] == 1
    assert answer("channels", "deliveries", "--channel", "crm", "--project", shop)[0]["state"] == "waiting"


@pytest.mark.parametrize("command", ["test", "secret", "enable"])
def test_a_channel_that_is_not_there_is_not_found(shop: Path, command: str) -> None:
    put(shop / "channels" / "crm.yaml", GOOD.format(url="http://127.0.0.1:9/"))
    refused = habitue("channels", command, "crn", "--project", shop, "--json")
    assert refused.error["code"] == "CHANNEL-UNKNOWN"
    assert "crm" in refused.error["do"]


def test_a_secret_of_the_environment_is_not_made_here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(shop / "channels" / "crm.yaml", GOOD.format(url="http://127.0.0.1:9/") + "secret_env: CRM_SECRET\n")
    monkeypatch.setenv("CRM_SECRET", "not one")
    assert habitue("channels", "secret", "crm", "--project", shop, "--json").error["code"] == "CHANNEL-SECRET-ENV"
    assert habitue("channels", "test", "crm", "--project", shop, "--json").error["code"] == "CHANNEL-SECRET"
    monkeypatch.setenv("CRM_SECRET", SECRET)
    assert answer("channels", "list", "--project", shop)[0]["state"] == "new"
