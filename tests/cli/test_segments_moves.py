"""`segments history --moves`: who entered and left a segment while events came in."""

from pathlib import Path

from habitue.rules.live_transitions import Transition
from habitue.segments import TransitionLog
from tests.terminal import answer, habitue


def test_who_entered_and_left_live_is_listed_newest_first(shop: Path) -> None:
    with TransitionLog.open(shop) as log:
        log.commit(
            [
                Transition("c1", "big", True, 1_772_442_000_000_000, "event"),
                Transition("c2", "recent", True, 1_772_442_000_000_000, "event"),
                Transition("c1", "big", False, 1_772_445_600_000_000, "deadline"),
            ],
            offset=2,
            clock_us=1,
            noticed_us=1,
        )
    found = answer("segments", "history", "big", "--moves", "10", "--project", shop)
    assert [(each["customer"], each["entered"], each["cause"]) for each in found] == [
        ("c1", False, "deadline"),
        ("c1", True, "event"),
    ]
    assert found[0]["at"] == "2026-03-02T10:00:00Z"
    said = habitue("segments", "history", "big", "--moves", "1", "--project", shop).out
    assert "2026-03-02 10:00:00" in said
    assert "left" in said
    assert "entered" not in said
    refused = habitue("segments", "history", "big", "--moves", "1", "--as", "executive", "--project", shop)
    assert refused.code != 0


def test_a_segment_that_nobody_moved_in_says_so(shop: Path) -> None:
    assert "Nobody" in habitue("segments", "history", "big", "--moves", "5", "--project", shop).out
    assert answer("segments", "history", "big", "--moves", "5", "--project", shop) == []
