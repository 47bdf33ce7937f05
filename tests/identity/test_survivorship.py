"""A person keeps one value of each trait, chosen by the rule and the same each time."""

from datetime import UTC, datetime
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.rules import TraitRule
from habitue.identity.spec import Keep
from habitue.identity.survivorship import surviving

ROWS = (
    ("c1", "Leeds", 1, "web", 1),
    ("c1", "York", 2, "crm", 2),
    ("c1", "Leeds", 3, "shop", 3),
    ("c1", "Kingston upon Hull", 4, "app", 4),
    ("c1", None, 5, "crm", 5),
    ("c2", None, 1, "crm", 6),
    ("c3", "Bath", 1, "web", 7),
)
KEEPS: tuple[Keep, ...] = ("latest", "first", "most_frequent", "longest", "source_priority")
Row = tuple[str, str | None, int, str, int]
rows = st.lists(
    st.tuples(
        st.sampled_from(["c1", "c2"]),
        st.sampled_from(["a", "bb", "ccc", None]),
        st.integers(1, 3),
        st.sampled_from(["crm", "web", "app"]),
        st.integers(0, 99),
    ),
    max_size=12,
    unique_by=lambda row: row[4],
)


def table(said: tuple[Row, ...]) -> pa.Table:
    return pa.table(
        {
            "customer_id": pa.array([row[0] for row in said], pa.string()),
            "value": pa.array([row[1] for row in said], pa.string()),
            "said_at": pa.array([datetime(2026, 1, row[2], tzinfo=UTC) for row in said], pa.timestamp("us", "UTC")),
            "source": pa.array([row[3] for row in said], pa.string()),
            "record": pa.array([row[4] for row in said], pa.int64()),
        }
    )


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (TraitRule(keep="latest"), "Kingston upon Hull"),
        (TraitRule(keep="first"), "Leeds"),
        (TraitRule(keep="most_frequent"), "Leeds"),
        (TraitRule(keep="longest"), "Kingston upon Hull"),
        (TraitRule(keep="source_priority", sources=("crm", "web")), "York"),
    ],
)
def test_each_rule_keeps_what_it_says(rule: TraitRule, kept: str) -> None:
    found = surviving(table(ROWS), rule)
    assert found["customer_id"].to_pylist() == ["c1", "c3"]
    assert found["value"].to_pylist() == [kept, "Bath"]


def test_what_is_kept_says_where_it_comes_from() -> None:
    found = surviving(table(ROWS), TraitRule(keep="source_priority", sources=("crm",)))
    assert found["source"].to_pylist()[0] == "crm"


@given(rows, st.sampled_from(KEEPS), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(said: list[Row], keep: Keep, chance: Random) -> None:
    rule = TraitRule(keep=keep, sources=("web", "crm"))
    first = surviving(table(tuple(said)), rule)
    chance.shuffle(said)
    assert surviving(table(tuple(said)), rule).equals(first)


@given(rows, st.sampled_from(KEEPS))
def test_everybody_with_a_value_keeps_one_of_theirs(said: list[Row], keep: Keep) -> None:
    found = surviving(table(tuple(said)), TraitRule(keep=keep, sources=("crm",)))
    people = {row[0] for row in said if row[1] is not None}
    assert set(found["customer_id"].to_pylist()) == people
    assert len(found) == len(people)
    assert all((row["customer_id"], row["value"]) in {each[:2] for each in said} for row in found.to_pylist())
