"""Answers are compared by value, whatever the order and the types of their columns."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bench.compare import difference, rows_of
from bench.definitions import DEFINITIONS, Definition

FIGURES = Definition(key="s9", name="figures", figures={"spend": "", "seen_at": "", "orders": "", "category": ""})


def keep(path: Path, rows: pa.Table) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        writer.write_table(rows)
    return path


def figures(
    *, spend: object = Decimal("12.5000"), seen: int | None = 5, orders: int = 2, category: str | None = "c07"
) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array(["u1", "u2"]),
            "spend": pa.array([spend, None]),
            "seen_at": pa.array([seen, 7], pa.timestamp("us")),
            "orders": pa.array([orders, 0], pa.int64()),
            "category": pa.array([category, None], pa.string()),
        }
    )


def test_order_of_rows_and_width_of_types_do_not_matter(tmp_path: Path) -> None:
    other = pa.table(
        {
            "customer_id": pa.array(["u2", "u1"], pa.large_string()),
            "category": pa.array([None, "c07"], pa.large_string()),
            "orders": pa.array([0, 2], pa.uint32()),
            "seen_at": pa.array([7_000, 5_000], pa.timestamp("ns")),
            "spend": pa.array([None, 12.5 * (1 + 1e-12)]),
        }
    )
    one, two = keep(tmp_path / "one", figures()), keep(tmp_path / "two", other)
    assert difference(FIGURES, one, two) == ""
    assert rows_of(one) == 2


@pytest.mark.parametrize(
    ("other", "column"),
    [
        (figures(spend=Decimal("12.5001")), "spend"),
        (figures(spend=None), "spend"),
        (figures(seen=6), "seen_at"),
        (figures(seen=None), "seen_at"),
        (figures(orders=3), "orders"),
        (figures(category="c08"), "category"),
        (figures(category=None), "category"),
    ],
)
def test_one_changed_value_is_found_and_named(tmp_path: Path, other: pa.Table, column: str) -> None:
    found = difference(FIGURES, keep(tmp_path / "one", figures()), keep(tmp_path / "two", other))
    assert found == f"{column} differs in 1 of 2 rows"


def test_a_member_too_many_or_another_member_is_a_difference(tmp_path: Path) -> None:
    two, three, others = (
        keep(tmp_path / name, pa.table({"customer_id": ids}))
        for name, ids in (("two", ["a", "b"]), ("three", ["a", "b", "c"]), ("others", ["a", "d"]))
    )
    assert difference(DEFINITIONS[0], two, three) == "2 rows against 3"
    assert difference(DEFINITIONS[0], two, others) == "customer_id differs in 1 of 2 rows"
