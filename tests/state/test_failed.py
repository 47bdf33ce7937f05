"""Failed rows are held once, found by reason, and move towards an end and never back."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.state import Control, FailedCount, FailedLane, FailedRow, FailedRowNotFoundError, RowState

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ROW = FailedRow(
    source="orders",
    file="data/orders.csv",
    file_sha256="ab" * 32,
    line=7,
    stage="type",
    code="NOT-A-NUMBER",
    field="price",
    reason="The field 'price' holds no number.",
    row='{"Invoice": "536365", "Price": "abc"}',
    digest="cd" * 32,
)


@pytest.fixture
def lane(tmp_path: Path) -> Iterator[FailedLane]:
    with Control.open(tmp_path) as control:
        yield control.failed


def test_a_row_comes_back_as_it_was_put_in(lane: FailedLane) -> None:
    assert lane.add([ROW], now=NOW) == 1
    (row,) = lane.rows()
    assert row == replace(ROW, id=row.id, failed_at=NOW, changed_at=NOW)
    assert lane.row(row.id) == row
    assert lane.row(row.id + 1) is None


class Mirror:
    """Seals text by turning it round; what does not begin with its mark was never sealed."""

    def seal(self, text: str) -> str:
        return "|" + text[::-1]

    def open(self, text: str) -> str:
        return text[:0:-1] if text.startswith("|") else text


def test_what_rows_say_is_sealed_before_it_is_written(tmp_path: Path) -> None:
    with Control.open(tmp_path) as control:
        control.failed.add([replace(ROW, line=1)], now=NOW)
    with Control.open(tmp_path, Mirror()) as control:
        lane = control.failed
        lane.add([replace(ROW, line=2)], now=NOW)
        plain, sealed = lane.rows()
        assert plain.row == sealed.row == ROW.row
        assert (plain.repaired, sealed.repaired) == (None, None)
        lane.repair(sealed.id, '{"Price": "3"}', now=LATER)
        mended = lane.row(sealed.id)
        assert mended is not None
        assert (mended.row, mended.repaired, mended.digest) == (ROW.row, '{"Price": "3"}', ROW.digest)
    with Control.open(tmp_path) as control:
        written = [(row.row, row.repaired) for row in control.failed.rows()]
    assert written == [(ROW.row, None), ("|" + ROW.row[::-1], "|" + '{"Price": "3"}'[::-1])]


def test_rows_removed_are_in_no_file_any_longer(tmp_path: Path) -> None:
    with Control.open(tmp_path) as control:
        lane = control.failed
        lane.add(
            [replace(ROW, line=line, row=f"said-{line:06}-{'x' * (line % 700)}") for line in range(3_000)], now=NOW
        )
        control.scrub()
        path = tmp_path / ".habitue" / "control.sqlite"
        said = {row.id: row.row[:12].encode() for row in lane.rows(limit=10_000) if row.line % 3 == 0}
        before = path.read_bytes()
        assert all(mark in before for mark in said.values())
        assert lane.remove(said) == 1_000
        control.scrub()
        after = path.read_bytes() + path.with_name("control.sqlite-wal").read_bytes()
        assert not [mark for mark in said.values() if mark in after]
        assert len(lane.rows(limit=10_000)) == 2_000


def test_the_same_line_at_the_same_stage_is_held_once(lane: FailedLane) -> None:
    lane.add([ROW], now=NOW)
    lane.add([replace(ROW, code="MISSING", reason="It is empty.")], now=LATER)
    lane.add([replace(ROW, stage="contract"), replace(ROW, source="returns"), replace(ROW, file_sha256="00")], now=NOW)
    rows = lane.rows()
    assert len(rows) == 4
    assert (rows[0].code, rows[0].failed_at, rows[0].changed_at) == ("MISSING", NOW, LATER)


def test_a_row_that_was_dealt_with_does_not_open_again(lane: FailedLane) -> None:
    lane.add([replace(ROW, line=line) for line in (1, 2, 3)], now=NOW)
    first, second, _ = [row.id for row in lane.rows()]
    lane.repair(first, '{"Price": "3"}', now=LATER)
    lane.mark([second], RowState.DROPPED, now=LATER)
    assert lane.add([replace(ROW, line=line, code="OTHER") for line in (1, 2, 3)], now=LATER) == 1
    assert [(row.state, row.code) for row in lane.rows()] == [
        (RowState.REPAIRED, "NOT-A-NUMBER"),
        (RowState.DROPPED, "NOT-A-NUMBER"),
        (RowState.OPEN, "OTHER"),
    ]


def test_a_repair_can_be_mended_until_it_is_replayed(lane: FailedLane) -> None:
    lane.add([ROW], now=NOW)
    (number,) = [row.id for row in lane.rows()]
    lane.repair(number, '{"Price": "3"}', now=NOW)
    lane.repair(number, '{"Price": "4"}', now=LATER)
    row = lane.row(number)
    assert row is not None
    assert (row.repaired, row.row, row.state) == ('{"Price": "4"}', ROW.row, RowState.REPAIRED)
    assert lane.mark([number], RowState.REPLAYED, now=LATER) == 1
    with pytest.raises(FailedRowNotFoundError) as refusal:
        lane.repair(number, "{}", now=LATER)
    assert refusal.value.code == "FAILED-ROW"
    assert lane.mark([number], RowState.DROPPED, now=LATER) == 0


def test_a_row_that_does_not_exist_cannot_be_repaired(lane: FailedLane) -> None:
    with pytest.raises(FailedRowNotFoundError):
        lane.repair(1, "{}", now=NOW)
    assert lane.mark([], RowState.DROPPED, now=NOW) == 0


def test_counts_are_by_source_stage_and_code_and_of_open_rows(lane: FailedLane) -> None:
    lane.add([replace(ROW, line=line) for line in range(5)], now=NOW)
    lane.add([replace(ROW, line=line, source="returns", code="MISSING") for line in range(3)], now=NOW)
    lane.mark([1], RowState.DROPPED, now=NOW)
    assert lane.counts() == [
        FailedCount(source="orders", stage="type", code="NOT-A-NUMBER", rows=4),
        FailedCount(source="returns", stage="type", code="MISSING", rows=3),
    ]
    assert [count.rows for count in lane.counts(source="orders", state=None)] == [5]
    assert [count.rows for count in lane.counts(state=RowState.DROPPED)] == [1]


def test_pages_follow_each_other_without_gap(lane: FailedLane) -> None:
    lane.add([replace(ROW, line=line, code="A" if line % 2 else "B") for line in range(25)], now=NOW)
    seen: list[int] = []
    after = 0
    while page := lane.rows(code="A", after=after, limit=5):
        seen += [row.line for row in page]
        after = page[-1].id
    assert seen == list(range(1, 25, 2))
    assert lane.rows(stage="contract") == []
    assert lane.rows(state=RowState.OPEN, source="orders", limit=0) == []


def test_open_rows_are_cleared_for_a_new_reading_and_others_kept(lane: FailedLane) -> None:
    lane.add([replace(ROW, line=line) for line in range(3)], now=NOW)
    lane.add([replace(ROW, file_sha256="00"), replace(ROW, source="returns")], now=NOW)
    lane.mark([1], RowState.REPLAYED, now=NOW)
    assert lane.clear_open("orders", ROW.file_sha256) == 2
    assert lane.clear_open("orders") == 1
    assert [(row.source, row.state) for row in lane.rows()] == [
        ("orders", RowState.REPLAYED),
        ("returns", RowState.OPEN),
    ]


def test_numbers_are_not_given_twice(lane: FailedLane) -> None:
    lane.add([ROW], now=NOW)
    (before,) = lane.rows()
    lane.clear_open("orders")
    lane.add([ROW], now=NOW)
    (after,) = lane.rows()
    assert after.id > before.id


def test_odd_texts_are_held(lane: FailedLane) -> None:
    odd = replace(
        ROW, file="data/caf\udce9.csv", reason="'; DROP TABLE failed_rows; --", row=json.dumps({"a": "\x00\ud800"})
    )
    lane.add([odd], now=NOW)
    (row,) = lane.rows()
    assert row.file == "data/caf\\udce9.csv"
    assert (row.reason, json.loads(row.row)) == (odd.reason, {"a": "\x00\ud800"})


def test_a_hundred_thousand_rows_are_put_in_within_seconds(lane: FailedLane) -> None:
    rows = [replace(ROW, line=line) for line in range(108_000)]
    begun = time.process_time()
    assert lane.add(iter(rows), now=NOW) == 108_000
    assert time.process_time() - begun < 3


WAITING = {RowState.OPEN, RowState.REPAIRED}


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "repair", *RowState]), st.integers(0, 3)),
        max_size=25,
    )
)
def test_any_course_of_events_agrees_with_a_simple_model(course: list[tuple[str, int]]) -> None:
    model: dict[int, tuple[RowState, int]] = {}
    with TemporaryDirectory() as folder, Control.open(Path(folder)) as control:
        lane = control.failed
        for moment, (event, line) in enumerate(course):
            now = NOW + timedelta(seconds=moment)
            state, _ = model.get(line, (None, 0))
            number = next((row.id for row in lane.rows() if row.line == line), 0)
            if event == "add":
                lane.add([replace(ROW, line=line)], now=now)
                changes = state in (None, RowState.OPEN)
                target = RowState.OPEN
            elif event == "repair":
                changes, target = state in WAITING, RowState.REPAIRED
                if changes:
                    lane.repair(number, "{}", now=now)
            else:
                target = RowState(event)
                changes = state in WAITING and state is not target
                assert lane.mark([number], target, now=now) == int(changes)
            if changes:
                model[line] = (target, moment)
        rows = {row.line: (row.state, row.changed_at) for row in lane.rows()}
        assert rows == {line: (state, NOW + timedelta(seconds=moment)) for line, (state, moment) in model.items()}
