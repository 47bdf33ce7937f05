"""YAML text becomes plain values with true line numbers; hostile text becomes faults, never an exception."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.config.text import MAX_BYTES, MAX_DEPTH, Place, Plain, decode, parse, resolve
from habitue.errors import Fault


def codes(text: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.code) for fault in parse(text, "a.yaml")[1]]


def value_of(text: str) -> Plain:
    trees, faults = parse(text, "a.yaml")
    assert faults == []
    return trees[0].value


def test_values_are_those_of_yaml_1_2() -> None:
    text = (
        "a: no\nb: on\nc: 2024-01-31\nd: true\ne: 12\nf: 1.50\ng: ~\nh: '12'\ni: 007\nj: 0x1f\nk: .nan\nl: 1e999\nm:\n"
    )
    assert value_of(text) == {
        "a": "no",
        "b": "on",
        "c": "2024-01-31",
        "d": True,
        "e": 12,
        "f": 1.5,
        "g": None,
        "h": "12",
        "i": "007",
        "j": "0x1f",
        "k": ".nan",
        "l": "1e999",
        "m": None,
    }


def test_keys_are_texts_as_written() -> None:
    assert value_of("on: 1\n2024: 2\ntrue: 3\nCustomer ID: 4\n~: 5\n") == {
        "on": 1,
        "2024": 2,
        "true": 3,
        "Customer ID": 4,
        "~": 5,
    }


def test_a_number_too_long_to_be_one_stays_a_text() -> None:
    assert resolve("9" * 5000) == "9" * 5000
    assert resolve("9" * 38) == int("9" * 38)


def test_documents_are_parted_and_empty_ones_are_none() -> None:
    trees, faults = parse("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n", "a.yaml")
    assert [tree.value for tree in trees] == [{"a": 1}, {"b": 2}]
    assert [tree.place.line_at("a") for tree in trees[:1]] == [3]
    assert trees[1].place.line_at("b") == 7
    assert faults == []


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n"])
def test_an_empty_file_has_no_documents(text: str) -> None:
    assert parse(text, "a.yaml") == ([], [])


def test_a_missing_part_is_placed_at_its_nearest_parent() -> None:
    (tree,), _ = parse("# on top\ncolumns:\n  Price:\n    field: price\n  Country: {field: country}\n", "a.yaml")
    assert tree.place.line_at("columns", "Price", "field") == 4
    assert tree.place.line_at("columns", "Price", "type") == 3
    assert tree.place.line_at("columns", "Nothing", "type") == 2
    assert tree.place.line_at("columns", "Country", "field") == 5
    assert tree.place.line_at("nowhere") == 2


def test_an_empty_entry_is_placed_at_its_own_line() -> None:
    (tree,), _ = parse("a:\n  -\n  - b\n", "a.yaml")
    assert tree.value == {"a": [None, "b"]}
    assert [tree.place.line_at("a", index) for index in (0, 1)] == [2, 3]


def test_duplicate_keys_are_all_reported_and_the_first_is_kept() -> None:
    trees, faults = parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\na: 4\n", "a.yaml")
    assert trees[0].value == {"a": 1, "b": {"c": 1}}
    assert [(fault.line, fault.code) for fault in faults] == [(4, "YAML-DUPLICATE-KEY")] + [
        (line, "YAML-DUPLICATE-KEY") for line in (5, 6)
    ]
    assert "line 1" in faults[1].what


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a:\n\t- b\n", 2, "YAML-SYNTAX"),
        ("\ta: 1\n", 1, "YAML-SYNTAX"),
        ("a: 1\nb: c: d\n", 2, "YAML-SYNTAX"),
        ("a: 'open\nb: 1\n", 3, "YAML-SYNTAX"),
        ("a: [1, 2\n", 2, "YAML-SYNTAX"),
        ("a: @home\n", 1, "YAML-SYNTAX"),
        ("rule: 'Order Completed' > 2\n", 1, "YAML-SYNTAX"),
        ("- a\nb: 1\n", 2, "YAML-SYNTAX"),
        ("%YAML 1.3\n---\na: 1\n", 1, "YAML-SYNTAX"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2, "YAML-SYNTAX"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "YAML-TAG"),
        ("a: !secret x\n", 1, "YAML-TAG"),
        ("a: !!str 5\n", 1, "YAML-TAG"),
        ("base: &b {x: 1}\nc:\n  <<: *b\n", 3, "YAML-KEY"),
        ("? [a]\n: b\n", 1, "YAML-KEY"),
        (": b\n", 1, "YAML-KEY"),
        ("a: &x [*x]\n", 1, "YAML-ALIAS"),
        ("a: *nothing\n", 1, "YAML-ALIAS"),
        ('a: 1\nb: "\\0"\n', 2, "YAML-VALUE"),
        ('a: "\\ud800"\n', 1, "YAML-VALUE"),
    ],
)
def test_what_cannot_be_read_is_a_fault_at_its_line(text: str, line: int, code: str) -> None:
    assert codes(text) == [(line, code)]


def test_tabs_are_named_in_what_to_do() -> None:
    assert "spaces" in parse("a:\n\t- b\n", "a.yaml")[1][0].do


def test_documents_before_a_syntax_fault_are_still_given() -> None:
    trees, faults = parse("a: 1\n---\nb: [\n", "a.yaml")
    assert [tree.value for tree in trees] == [{"a": 1}]
    assert [fault.code for fault in faults] == ["YAML-SYNTAX"]


def test_an_alias_stands_for_its_value_and_keeps_the_lines_of_it() -> None:
    (tree,), faults = parse("a: &money\n  type: money\nb: *money\n", "a.yaml")
    assert tree.value == {"a": {"type": "money"}, "b": {"type": "money"}}
    assert (tree.place.line_at("b"), tree.place.line_at("b", "type")) == (3, 2)
    assert faults == []


def test_aliases_that_explode_end_in_a_fault_at_once() -> None:
    names = "abcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise(names)]
    begun = time.process_time()
    found = codes("\n".join(lines))
    assert [code for _, code in found] == ["YAML-TOO-MUCH"]
    assert time.process_time() - begun < 2


def test_long_texts_repeated_by_aliases_end_in_a_fault() -> None:
    text = f"a: &a {'x' * 100_000}\nb:\n" + "- *a\n" * 1000
    assert [code for _, code in codes(text)] == ["YAML-TOO-MUCH"]


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000, "".join(" " * n + "a:\n" for n in range(200))],
)
def test_deep_nesting_ends_in_a_fault(text: str) -> None:
    assert [code for _, code in codes(text)] in (["YAML-TOO-MUCH"], ["YAML-SYNTAX"])


def test_nesting_by_aliases_is_counted_too() -> None:
    lines = ["a0: &a0 [1]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH + 5)]
    assert [code for _, code in codes("\n".join(lines))] == ["YAML-TOO-MUCH"]


@pytest.mark.parametrize(
    ("data", "line", "code"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, "FILE-ENCODING"),
        (b"a: 1\n\nb: \x00\n", 3, "FILE-ENCODING"),
        ("a: 1\n".encode("utf-16"), 1, "FILE-ENCODING"),
        (b"a: \x1b[31m\n", 1, "FILE-ENCODING"),
        (b"a" * (MAX_BYTES + 1), 0, "FILE-TOO-LARGE"),
    ],
)
def test_bytes_that_are_no_text_are_a_fault_at_their_line(data: bytes, line: int, code: str) -> None:
    fault = decode(data, "a.yaml")
    assert isinstance(fault, Fault)
    assert (fault.file, fault.line, fault.code) == ("a.yaml", line, code)


def test_byte_order_marks_and_line_ends_of_other_systems_are_taken() -> None:
    text = decode(b"\xef\xbb\xbfa: 1\r\nb: 2\rc: 3\n", "a.yaml")
    assert text == "a: 1\nb: 2\nc: 3\n"


def test_rare_line_separators_do_not_shift_the_lines() -> None:
    (tree,), _ = parse("a: 'x\u2028y\u0085z'\nb: 1\n", "a.yaml")
    assert tree.place.line_at("b") == 2


@given(st.text(alphabet=st.sampled_from("ab:-?&*!|>'\"%@`{}[],# \n\t\\<~0179.x\u2028"), max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    trees, faults = parse(text, "a.yaml")
    last = text.count("\n") + 1
    assert all(0 < fault.line <= last + 1 for fault in faults)
    assert all(tree.value is not None for tree in trees)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    text = decode(data, "a.yaml")
    if isinstance(text, str):
        parse(text, "a.yaml")


keys = st.from_regex(r"[a-z][a-z_]{0,8}( [A-Z][a-z]{0,5})?", fullmatch=True)
nested = st.recursive(
    st.integers(-(10**37), 10**37) | st.booleans(),
    lambda inner: st.dictionaries(keys, inner, min_size=1, max_size=4) | st.lists(inner, min_size=1, max_size=4),
    max_leaves=25,
)


def is_content(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


class Writer:
    """Writes nested values by hand, noting the line of every key and entry, with comments and gaps between."""

    def __init__(self, gaps: list[int]) -> None:
        self.lines: list[str] = []
        self.noted: dict[tuple[str | int, ...], int] = {}
        self._gaps = gaps

    def write(self, value: object, path: tuple[str | int, ...] = (), indent: int = 0) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._entry(f"{key}:", inner, (*path, key), indent)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self._entry("-", inner, (*path, index), indent)

    def _entry(self, start: str, value: object, path: tuple[str | int, ...], indent: int) -> None:
        gap = self._gaps[len(self.lines) % len(self._gaps)]
        self.lines += ["", " " * indent + "# a: comment"][:gap]
        if isinstance(value, dict | list):
            self.lines.append(" " * indent + start)
            self.noted[path] = len(self.lines)
            before = len(self.lines)
            self.write(value, path, indent + 2)
            if start == "-":
                self.noted[path] = next(
                    number for number in range(before + 1, len(self.lines) + 1) if is_content(self.lines[number - 1])
                )
        else:
            self.lines.append(f"{' ' * indent}{start} {str(value).lower()}")
            self.noted[path] = len(self.lines)


@given(st.dictionaries(keys, nested, min_size=1, max_size=5), st.lists(st.integers(0, 2), min_size=1, max_size=7))
def test_every_part_of_a_nested_value_is_placed_at_its_line(value: dict[str, object], gaps: list[int]) -> None:
    writer = Writer(gaps)
    writer.write(value)
    (tree,), faults = parse("\n".join(writer.lines), "a.yaml")
    assert faults == []
    assert tree.value == value
    assert {path: tree.place.line_at(*path) for path in writer.noted} == writer.noted


def test_a_place_without_parts_is_its_own_line() -> None:
    assert Place(line=7).line_at("a", 0) == 7
