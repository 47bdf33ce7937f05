"""Written project files are readable, carry their comments, and read back exactly as they were meant."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habitue.config import UnwritableError, render, schema_comment, write_document
from habitue.config.authoring import Writable
from habitue.config.text import parse

SOURCE: dict[str, Writable] = {
    "source": "orders",
    "files": ["data/online_retail.csv.gz"],
    "columns": {
        "Customer ID": {"field": "customer", "type": "text", "required": True},
        "Price": {"field": "price", "type": "money"},
    },
    "makes": [
        {"event": "Order Completed", "when": "not startswith(order_id, 'C') and quantity > 0", "per": "order_id"}
    ],
}

WRITTEN = """\
# yaml-language-server: $schema=../.habitue/schemas/sources.json
# Guessed from the file; change what is wrong.

source: orders
files:
  - data/online_retail.csv.gz
columns:
  # 13085.0 is read as 13085
  Customer ID:
    field: customer
    type: text
    required: true
  Price:
    field: price
    # two decimals in every row
    type: money
makes:
  # cancellations are kept as refunds
  - event: Order Completed
    when: not startswith(order_id, 'C') and quantity > 0
    per: order_id
"""


def test_a_written_file_reads_like_one_written_by_hand(tmp_path: Path) -> None:
    write_document(
        tmp_path / "sources" / "orders.yaml",
        SOURCE,
        comments={
            ("columns", "Customer ID"): "13085.0 is read as 13085",
            ("columns", "Price", "type"): "two decimals in every row",
            ("makes", 0): "cancellations are kept as refunds",
        },
        header=schema_comment("sources/orders.yaml") + "\nGuessed from the file; change what is wrong.\n\n",
    )
    assert (tmp_path / "sources" / "orders.yaml").read_text(encoding="utf-8") == WRITTEN


def test_several_documents_are_parted_and_commented() -> None:
    text = render([{"segment": "a"}, {"segment": "b"}], comments={(1, "segment"): "second"})
    assert text == "segment: a\n---\n# second\nsegment: b\n"


def test_a_long_rule_stays_on_one_line() -> None:
    rule = " and ".join(f"count('Order Completed', last='{n}d') >= 3" for n in range(40))
    assert render({"rule": rule}).count("\n") == 1


def test_a_text_of_several_lines_is_a_block() -> None:
    assert render({"description": "One.\nTwo.\n"}) == "description: |\n  One.\n  Two.\n"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\x00", "\ud800", "\x1b", "\x7f"])
def test_what_would_not_read_back_is_not_written(tmp_path: Path, value: Writable) -> None:
    with pytest.raises(UnwritableError) as refusal:
        write_document(tmp_path / "a.yaml", {"a": value})
    assert refusal.value.code == "YAML-WRITE"
    assert list(tmp_path.iterdir()) == []


fit = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t :#-?&*'\"%|>~0"),
    max_size=20,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**37), 10**37) | st.floats(allow_nan=False, allow_infinity=False) | fit,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(fit.filter(lambda key: key not in ("", "<<")), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.dictionaries(fit.filter(lambda key: key not in ("", "<<")), values, min_size=1, max_size=5))
@example(
    {"a": "no", "on": "yes", "b": "12", "c": "1_000", "d": "007", "e": "~", "f": "2024-01-31", "g": "a: b", "h": " x "}
)
@example({"a": "\n", "b": "x\n\n", "c": "\tx", "d": "x #y", "e": "# y", "f": "---", "g": "...", "h": "x\n  y\n z"})
@example({"a": "x\ny", "b": {"c": "x\n---\ny\n"}, "d": ["x\n# y\n"], "e": "x \ny\n"})
@example({"0o7": 1, "1:30": "1:30", "=": "=", "<": "<", "!x": "!x", "0b1": "0b1", "+1": "+1", ".5": ".5", "1e3": "1e3"})
def test_what_is_written_reads_back_the_same(value: dict[str, Writable]) -> None:
    trees, faults = parse(render(value), "a.yaml")
    assert faults == []
    assert [tree.value for tree in trees] == [value]


@pytest.mark.parametrize("text", ["x\u0085y", "\u0085", "x\n\u2028y\n", "x\u2028y\nz\n", "\ufeff", "\xa0", "\u2029 a"])
def test_rare_characters_read_back_the_same(text: str) -> None:
    value: dict[str, Writable] = {"key": text, "list": [text], text: 1}
    assert [tree.value for tree in parse(render(value), "a.yaml")[0]] == [value]


@given(fit, st.sampled_from([(), ("a",), ("a", "b"), ("a", "c", 0), ("a", "c", 1), ("d",), ("e", 0, "f")]))
def test_comments_change_nothing_that_is_read(comment: str, path: tuple[str | int, ...]) -> None:
    value: dict[str, Writable] = {"a": {"b": 1, "c": [1, "x"]}, "d": "y", "e": [{"f": 1, "g": 2}]}
    trees, faults = parse(render(value, comments={path: comment}, header=comment), "a.yaml")
    assert faults == []
    assert [tree.value for tree in trees] == [value]
