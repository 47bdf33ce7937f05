"""The Python door: the example of the interface, and what it promises."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import habitue as hb
from habitue.errors import HabitueError
from tests.projects import known_as
from tests.terminal import answer


def test_the_example_of_the_interface_runs(demo: Path) -> None:
    with hb.open(demo) as shop:
        report = shop.build()
        assert {step.status for step in report.steps} == {"fresh"}
        members = shop.segments["cart_abandoner"].members()
        frame = members.to_polars()
        assert isinstance(frame, pl.DataFrame)
        assert frame.columns == ["customer_id"]
        assert frame["customer_id"].to_list() == list(members) == members.to_pandas()["customer_id"].tolist()
        found = shop.segments.preview("count('Order Completed', last='90d') >= 3")
        assert 0 < found.customers < found.of
        said = shop.explain("cart_abandoner", next(iter(members)))
        assert said.member
        assert said.changes_at is not None


def test_segments_are_a_mapping_that_says_what_it_holds(shop_project: Path) -> None:
    with hb.open(shop_project, clock=lambda: datetime(2026, 4, 1, tzinfo=UTC)) as shop:
        assert list(shop.segments) == ["recent", "big", "recent_and_small"]
        assert len(shop.segments) == 3
        assert "recent" in shop.segments
        assert "absent" not in shop.segments
        assert repr(shop.segments["recent"]).startswith("<Segment recent: 4.")
        assert [build.customers for build in shop.segments["recent"].history()] == [4]
        members = sorted(shop.segments["recent"].members())
    own = known_as(shop_project)
    assert sorted(own[each] for each in members) == ["ann", "ben", "dan", "eve"]


def test_features_come_as_a_table_and_as_of_instants(shop_project: Path) -> None:
    with hb.open(shop_project) as shop:
        table = shop.features()
        assert table.num_rows == 5
        rows = [("ann", datetime(2026, 2, 1, tzinfo=UTC)), ("ann", datetime(2026, 2, 28, tzinfo=UTC))]
        found = shop.features_at(rows, ["spend_ever"])
        assert [float(each) for each in found.rows.column("spend_ever").to_pylist()] == [20.5, 100.5]


def test_python_and_terminal_give_the_same_answer(shop_project: Path) -> None:
    listed = {each["name"]: each["customers"] for each in answer("segments", "list", "--project", shop_project)}
    with hb.open(shop_project / "segments") as shop:
        assert {name: len(each.members()) for name, each in shop.segments.items()} == listed


def test_errors_carry_a_code_and_what_to_do(shop_project: Path, tmp_path: Path) -> None:
    with pytest.raises(HabitueError) as nowhere:
        hb.open(tmp_path)
    assert nowhere.value.code == "PROJECT-NOT-FOUND"
    with hb.open(shop_project) as shop:
        with pytest.raises(HabitueError) as unknown:
            shop.explain("recnt", "ann")
        assert unknown.value.do == "Did you mean 'recent'?"
        with pytest.raises(HabitueError) as busy:
            hb.open(shop_project)
        assert busy.value.code == "PROJECT-BUSY"
