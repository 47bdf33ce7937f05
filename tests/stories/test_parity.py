"""`habitue segments parity`: the batch and the live reading agree about everybody, and it would be told if not."""

from pathlib import Path

import pytest

from habitue.rules.live_trails import Trail
from habitue.run.parity import parity
from habitue.run.workspace import Workspace
from tests.projects import around
from tests.terminal import answer, habitue

DEMO = ("cart_abandoner", "promo_clicker", "rfm_champions", "one_time_buyer")
"""Segments of the demonstration shop of different kinds, so that the test is short."""


def test_the_live_reading_told_half_of_the_demo_comes_to_what_the_batch_says(demo: Path) -> None:
    with Workspace.open(demo, around=around("2026-07-01")) as workspace:
        found = parity(workspace.project, workspace.warehouse, as_of=workspace.as_of(), names=DEMO, most=1_000)
        assert found.differences == ()
        assert found.segments == DEMO
        assert found.pairs == workspace.warehouse.count(workspace.tables().customers) * len(DEMO)
        assert 500 < found.told <= 1_000


def test_both_readings_of_a_small_shop_agree_on_the_terminal(shop: Path) -> None:
    said = habitue("segments", "parity", "--project", shop)
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "Both readings agree: 15 answers about 3 segments as of 2026-03-28 23:59 UTC, 4 events told one by one.\n"
    )
    found = answer("segments", "parity", "--segment", "big", "--project", shop)
    assert (found["segments"], found["pairs"], found["differences"]) == (["big"], 5, [])
    assert habitue("segments", "parity", "--segment", "none", "--project", shop, "--json").error["code"] == (
        "RULE-UNKNOWN-NAME"
    )


def test_a_live_reading_that_misses_events_is_found_out(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trail, "feed", lambda *_: 0)
    outcome = habitue("segments", "parity", "--project", shop, "--json")
    assert outcome.code == 3
    differences = outcome.json["differences"]
    assert {each["segment"] for each in differences} == {"recent", "recent_and_small"}
    assert {(each["batch"], each["live"]) for each in differences} == {(True, False)}
    told = habitue("segments", "parity", "--segment", "recent", "--project", shop)
    assert told.code == 3
    assert told.out.startswith("The readings differ in 4 of 5 answers about 1 segments as of 2026-03-28 23:59 UTC.\n")
    assert " in     out" in told.out
