"""Who is in, since when: memberships move on with every build, and the history makes them again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.engines.warehouse import Warehouse
from habitue.segments.history import MEMBERSHIP_ROWS, SegmentBuild, SegmentHistory
from habitue.segments.memberships import MEMBERSHIPS, moved_on, moves, overlaps, page, sizes
from tests.projects import local

START = local("2026-01-01")
SEGMENTS = ("one", "two")
Members = frozenset[tuple[str, str]]
BUILDS = st.lists(st.frozensets(st.tuples(st.sampled_from(SEGMENTS), st.sampled_from("abcd"))), min_size=1, max_size=6)


def rows_of(members: Members) -> pa.Table:
    schema = pa.schema([("segment", pa.string()), ("customer_id", pa.string())])
    rows = [{"segment": segment, "customer_id": customer} for segment, customer in sorted(members)]
    return pa.Table.from_pylist(rows, schema=schema)


def run_builds(warehouse: Warehouse, history: SegmentHistory, builds: Sequence[Members]) -> None:
    """What a build does with memberships, for members that are given."""
    warehouse.replace_rows(MEMBERSHIPS, MEMBERSHIP_ROWS.empty_table())
    for number, members in enumerate(builds, start=1):
        as_of = START + timedelta(days=number)
        warehouse.replace_rows("members", rows_of(members))
        before, now = warehouse.table(MEMBERSHIPS), warehouse.table("members")
        changed = warehouse.fetch(moves(before, now, SEGMENTS))
        with warehouse.keeping() as keep:
            warehouse.replace(MEMBERSHIPS, keep(moved_on(before, now, SEGMENTS, as_of)))
        history.append(number, [_size(name, members, as_of) for name in SEGMENTS], changed)


def _size(name: str, members: Members, as_of: datetime) -> SegmentBuild:
    inside = sum(segment == name for segment, _ in members)
    return SegmentBuild(segment=name, as_of=as_of, customers=inside, entered=0, left=0, rule="")


def expected(builds: Sequence[Members]) -> set[tuple[object, ...]]:
    """The same by hand: one row for each unbroken stay."""
    found: set[tuple[object, ...]] = set()
    entered: dict[tuple[str, str], datetime] = {}
    for number, members in enumerate(builds, start=1):
        as_of = (START + timedelta(days=number)).replace(tzinfo=None)
        for key in members - set(entered):
            entered[key] = as_of
        for key in set(entered) - members:
            found.add((*key, entered.pop(key), as_of))
    return found | {(*key, at, None) for key, at in entered.items()}


def stays(rows: pa.Table) -> list[tuple[object, ...]]:
    return [(row["segment"], row["customer_id"], row["entered_at"], row["left_at"]) for row in rows.to_pylist()]


@settings(max_examples=25)
@given(builds=BUILDS)
def test_memberships_are_one_row_for_each_unbroken_stay(
    tmp_path_factory: pytest.TempPathFactory, builds: list[Members]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    history = SegmentHistory(folder)
    with Warehouse.open(None, spill=folder / "spill") as warehouse:
        run_builds(warehouse, history, builds)
        rows = stays(warehouse.fetch(warehouse.table(MEMBERSHIPS)))
        counted = warehouse.fetch(sizes(warehouse.table(MEMBERSHIPS))).to_pylist()
    assert len(rows) == len(set(rows))
    assert set(rows) == expected(builds)
    wanted = {name: sum(each[0] == name for each in builds[-1]) for name in SEGMENTS}
    assert {row["segment"]: row["customers"] for row in counted} == {name: n for name, n in wanted.items() if n}
    assert sorted(stays(history.memberships()), key=repr) == sorted(rows, key=repr)


def test_segments_that_were_not_built_are_left_alone(tmp_path: Path) -> None:
    with Warehouse.open(None, spill=tmp_path / "spill") as warehouse:
        run_builds(warehouse, SegmentHistory(tmp_path), [frozenset({("one", "a"), ("two", "b")})])
        before = warehouse.table(MEMBERSHIPS)
        warehouse.replace_rows("members", rows_of(frozenset()))
        after = warehouse.fetch(moved_on(before, warehouse.table("members"), ["one"], START + timedelta(days=9)))
    assert {(row["segment"], row["left_at"] is None) for row in after.to_pylist()} == {("one", False), ("two", True)}


def test_pages_and_overlaps_are_of_present_members(tmp_path: Path) -> None:
    members = frozenset({("one", "a"), ("one", "b"), ("two", "b"), ("two", "c")})
    with Warehouse.open(None, spill=tmp_path / "spill") as warehouse:
        run_builds(warehouse, SegmentHistory(tmp_path), [members])
        table = warehouse.table(MEMBERSHIPS)
        first = warehouse.fetch(page(table, "one", after=None, limit=1)).column("customer_id").to_pylist()
        rest = warehouse.fetch(page(table, "one", after="a", limit=9)).column("customer_id").to_pylist()
        both = warehouse.fetch(overlaps(table)).to_pylist()
    assert (first, rest) == (["a"], ["b"])
    assert both == [{"one": "one", "other": "two", "customers": 1}]


def test_a_build_that_is_taken_back_never_happened(tmp_path: Path) -> None:
    history = SegmentHistory(tmp_path)
    with Warehouse.open(None, spill=tmp_path / "spill") as warehouse:
        run_builds(warehouse, history, [frozenset({("one", "a")})])
        known, held = history.digest(), history.memberships()
        run_builds(warehouse, history, [frozenset({("one", "a")}), frozenset({("two", "b")})])
    assert history.digest() != known
    history.drop(2)
    assert history.digest() == known
    assert history.memberships().equals(held)
    assert history.newest() == START + timedelta(days=1)


def test_a_half_written_build_is_not_part_of_the_history(tmp_path: Path) -> None:
    history = SegmentHistory(tmp_path)
    with Warehouse.open(None, spill=tmp_path / "spill") as warehouse:
        run_builds(warehouse, history, [frozenset({("one", "a")})])
    (history.folder / "00000002-moves.parquet").write_bytes(b"whatever a crash left")
    (history.folder / "00000003-sizes.unfinished").write_bytes(b"likewise")
    assert [build.as_of for build in history.sizes("one")] == [START + timedelta(days=1)]
    assert history.memberships().num_rows == 1
