"""The log of transitions: every true change once, in one order, together with how far events were read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.rules.live_transitions import Cause, Transition
from habitue.segments.transitions import TransitionLog


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a project."""
    (tmp_path / ".habitue").mkdir()
    return tmp_path


@pytest.fixture
def log(project: Path) -> Iterator[TransitionLog]:
    """An empty log of transitions."""
    with TransitionLog.open(project) as opened:
        yield opened


def turn(who: str, segment: str, at: int, *, entered: bool = True, cause: Cause = "event") -> Transition:
    """Somebody entering a segment, or leaving it."""
    return Transition(customer_id=who, definition=segment, entered=entered, occurred_us=at, cause=cause)


def commit(log: TransitionLog, *transitions: Transition, offset: int = 1) -> list[int]:
    """Keep transitions; their sequences."""
    return [each.sequence for each in log.commit(transitions, offset=offset, clock_us=10, noticed_us=20)]


def test_what_was_kept_is_read_again_in_order_after_a_restart(log: TransitionLog, project: Path) -> None:
    commit(log, turn("c1", "vip", 5), turn("c2", "vip", 6), offset=3)
    commit(log, turn("c1", "vip", 9, entered=False, cause="deadline"), offset=4)
    log.close()
    with TransitionLog.open(project) as again:
        assert [(each.sequence, each.customer_id, each.entered, each.cause) for each in again.read()] == [
            (1, "c1", True, "event"),
            (2, "c2", True, "event"),
            (3, "c1", False, "deadline"),
        ]
        assert again.read(after=2)[0]._asdict() == {
            "sequence": 3, "customer_id": "c1", "segment": "vip", "entered": False, "occurred_us": 9,
            "noticed_us": 20, "cause": "deadline", "offset": 4,
        }  # fmt: skip
        assert again.members("vip") == {"c2": 6}
        assert again.memberships("c2") == {"vip": 6}
        assert again.position()[:2] == (4, 10)
        assert again.newest() == 3


def test_a_transition_that_changes_nothing_is_left_out_and_counted(log: TransitionLog) -> None:
    assert commit(log, turn("c1", "vip", 5), turn("c1", "vip", 6), turn("c1", "vip", 7, entered=False)) == [1, 2]
    assert commit(log, turn("c1", "vip", 8, entered=False)) == []
    assert log.refused == 2
    assert log.sizes() == {"vip": 0}


def test_nothing_is_kept_of_a_commit_that_fails(log: TransitionLog) -> None:
    with pytest.raises(UnicodeEncodeError):
        commit(log, turn("c1", "vip", 5), turn("half a pair: \ud800", "vip", 6), offset=7)
    assert log.read() == []
    assert log.position().offset == 0
    assert commit(log, turn("c1", "vip", 5)) == [1]


def test_pages_are_bounded_and_follow_each_other(log: TransitionLog) -> None:
    commit(log, *(turn(f"c{number:03}", "vip" if number % 2 else "new", number) for number in range(25)))
    first = log.read(limit=10)
    rest = log.read(after=first[-1].sequence, limit=1_000_000)
    assert [each.sequence for each in (*first, *rest)] == list(range(1, 26))
    assert [each.occurred_us for each in log.read(segment="vip", limit=2)] == [1, 3]
    assert [each.segment for each in log.read(customer="c004")] == ["new"]
    assert log.read(customer="c004", segment="vip") == []
    assert log.read(limit=-1) == []


def test_whom_is_forgotten_leaves_nothing_in_the_file(log: TransitionLog, project: Path) -> None:
    commit(log, turn("c-secret", "vip", 5), turn("c2", "vip", 5), turn("c-secret", "new", 5))
    assert log.forget(["c-secret", "c-nobody"]) == 4
    assert [each.customer_id for each in log.read()] == ["c2"]
    assert log.newest() == 3
    held = b"".join(path.read_bytes() for path in (project / ".habitue").iterdir())
    assert b"c-secret" not in held


def test_old_transitions_retire_and_members_stay(log: TransitionLog) -> None:
    log.commit([turn("c1", "vip", 5)], offset=1, clock_us=5, noticed_us=100)
    log.commit([turn("c2", "vip", 6)], offset=2, clock_us=6, noticed_us=200)
    assert log.retire(150) == 1
    assert (log.oldest(), log.newest()) == (2, 2)
    assert log.retire(1_000) == 1
    assert (log.oldest(), log.newest()) == (3, 2)
    assert set(log.members("vip")) == {"c1", "c2"}
    assert commit(log, turn("c3", "vip", 7)) == [3]


def test_rules_are_remembered_beside_sizes(log: TransitionLog) -> None:
    log.commit([], offset=1, clock_us=1, noticed_us=1, rules={"vip": "did('Order')", "new": "True"})
    log.commit([], offset=1, clock_us=1, noticed_us=1, rules={"vip": "did('Visit')"})
    commit(log, turn("c1", "vip", 5))
    assert log.rules() == {"new": "True", "vip": "did('Visit')"}
    assert log.sizes() == {"new": 0, "vip": 1}


def test_position_never_goes_back(log: TransitionLog) -> None:
    log.commit([], offset=5, clock_us=50, noticed_us=1, people=3)
    assert log.position() == (5, 50, 3, 0, 0)
    log.commit([], offset=4, clock_us=60, noticed_us=1)
    assert log.position() == (5, 60, 3, 0, 0)
    log.commit([], offset=5, clock_us=70, noticed_us=1, is_settled=True)
    assert log.position() == (5, 70, 3, 5, 70)


def test_members_come_in_pages_by_id(log: TransitionLog) -> None:
    commit(log, *(turn(f"c{number}", "vip", number) for number in range(5)))
    assert log.page("vip", limit=2) == [("c0", 0), ("c1", 1)]
    assert log.page("vip", after="c1") == [("c2", 2), ("c3", 3), ("c4", 4)]
    assert log.page("new") == []
    assert (log.is_member("c1", "vip"), log.is_member("c9", "vip")) == (True, False)
    assert (log.last("c1", "vip"), log.last("c9", "vip")) == (1, None)
