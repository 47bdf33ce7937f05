"""Project files become checked values; every fault of every file is reported at once, at its line."""

import os
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator

from habitue.config import Declared, Document, read_documents
from habitue.config.documents import read_file
from habitue.errors import Fault
from habitue.records.durations import parse_duration


class Column(Declared):
    field: str
    type: Literal["text", "integer", "money"]
    required: bool = False


class MakesEvent(Declared):
    event: str
    when: str | None = None
    properties: dict[str, str] = Field(default_factory=dict)


class MakesItems(Declared):
    items: str
    attributes: dict[str, str] = Field(default_factory=dict)


class Source(Declared):
    source: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
    files: str | tuple[str, ...]
    columns: dict[str, Column] = Field(default_factory=dict)
    makes: tuple[MakesEvent | MakesItems, ...] = Field((), min_length=1)
    truth: Literal[True] | None = None
    every: str = "1d"
    limit: Annotated[int, Field(gt=0)] | None = None

    @field_validator("every")
    @classmethod
    def is_duration(cls, text: str) -> str:
        parse_duration(text)
        return text


class Segment(Declared):
    segment: str
    rule: str


def write(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def read_one(folder: Path, text: str) -> tuple[list[Document[Source]], list[Fault]]:
    write(folder, "sources/orders.yaml", text)
    return read_documents(folder, "sources", Source)


GOOD = """\
# where orders come from
source: orders
files: data/*.csv.gz
columns:
  Invoice: {field: order_id, type: text, required: true}
  Price:
    field: price
    type: money
makes:
  - event: Product Ordered
    when: quantity > 0
    properties: {price: price}
  - items: product_id
"""


def test_a_good_file_is_a_checked_value_with_its_lines(tmp_path: Path) -> None:
    (document,), faults = read_one(tmp_path, GOOD)
    assert faults == []
    assert document.file == "sources/orders.yaml"
    assert document.value.columns["Price"] == Column(field="price", type="money")
    assert document.value.makes == (
        MakesEvent(event="Product Ordered", when="quantity > 0", properties={"price": "price"}),
        MakesItems(items="product_id"),
    )
    assert document.line() == 2
    assert document.line("columns", "Price", "type") == 8
    assert document.line("columns", "Price", "required") == 6
    assert document.line("makes", 0, "when") == 11
    assert document.line("makes", 1) == 13
    assert document.fault("makes", 1, code="X", what="a", do="b").line == 13


def test_files_are_read_by_name_and_may_hold_many_documents(tmp_path: Path) -> None:
    write(tmp_path, "segments/b.yml", "segment: three\nrule: x\n")
    write(tmp_path, "segments/a.yaml", "segment: one\nrule: x\n---\nsegment: two\nrule: x\n")
    write(tmp_path, "segments/empty.yaml", "# nothing yet\n")
    write(tmp_path, "segments/notes.txt", "not: [read")
    write(tmp_path, "segments/.draft.yaml", "not: [read")
    documents, faults = read_documents(tmp_path, "segments", Segment)
    assert [(each.file, each.value.segment, each.line()) for each in documents] == [
        ("segments/a.yaml", "one", 1),
        ("segments/a.yaml", "two", 4),
        ("segments/b.yml", "three", 1),
    ]
    assert faults == []


def test_a_kind_without_a_folder_has_no_documents(tmp_path: Path) -> None:
    assert read_documents(tmp_path, "segments", Segment) == ([], [])


def test_every_fault_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path, "segments/a.yaml", "segment: one\nrul: x\nrule: 3\n---\nsegment: two\n")
    write(tmp_path, "segments/b.yaml", "segment: 'open\n")
    write(tmp_path, "segments/c.yaml", "segment: good\nrule: x\n")
    (tmp_path / "segments/d.yaml").write_bytes(b"segment: caf\xe9\n")
    write(tmp_path, "segments/e.yaml", "- a\n- b\n")
    documents, faults = read_documents(tmp_path, "segments", Segment)
    assert [each.value.segment for each in documents] == ["good"]
    assert [(fault.file[-6:], fault.line, fault.code) for fault in faults] == [
        ("a.yaml", 2, "FIELD-UNKNOWN"),
        ("a.yaml", 3, "FIELD-TYPE"),
        ("a.yaml", 5, "FIELD-MISSING"),
        ("b.yaml", 2, "YAML-SYNTAX"),
        ("d.yaml", 1, "FILE-ENCODING"),
        ("e.yaml", 1, "FIELD-TYPE"),
    ]


HEAD = "source: orders\nfiles: a.csv\n"


@pytest.mark.parametrize(
    ("text", "line", "code", "what", "do"),
    [
        ("columns:\n  Price:\n    field: p\n    tpye: text\n    type: text\n", 6, "FIELD-UNKNOWN", "tpye", "'type'"),
        ("colums: {}\n", 3, "FIELD-UNKNOWN", "colums", "'columns'"),
        ("zzz: 1\n", 3, "FIELD-UNKNOWN", "zzz", "Known here: columns, every"),
        ("columns:\n  Price: {field: p}\n", 4, "FIELD-MISSING", "'type' is missing in 'columns.Price'", "type: …"),
        ("columns:\n  Price:\n    field: p\n    type: mony\n", 6, "FIELD-VALUE", "'mony'", "'money'"),
        (
            "columns:\n  Price:\n    field: p\n    type: zzz\n",
            6,
            "FIELD-VALUE",
            "'zzz'",
            "'text', 'integer' or 'money'",
        ),
        ("columns: 3\n", 3, "FIELD-TYPE", "a whole number, but has to be a mapping", "mapping"),
        ("columns:\n  A: {field: 12, type: text}\n", 4, "FIELD-TYPE", "to be text", "quotes"),
        ("columns:\n  A: {field: a, type: text, required: yes}\n", 4, "FIELD-TYPE", "text, but has to be true", "true"),
        ("every: soon\n", 3, "DURATION", "'soon' is not a length of time", "30d"),
        ("limit: 0\n", 3, "FIELD-VALUE", "greater than 0", "Change"),
        ("limit: 1.5\n", 3, "FIELD-TYPE", "a whole number", "whole"),
        ("limit: a\n", 3, "FIELD-TYPE", "a whole number", "whole"),
        ("makes: []\n", 3, "FIELD-VALUE", "The list has to have at least 1 item", "Change"),
        ("truth: false\n", 3, "FIELD-VALUE", "'false', but has to be true", "Write true"),
        ("makes:\n  - event: A\n    wen: x\n", 5, "FIELD-UNKNOWN", "'makes[1].wen'", "'when'"),
        ("makes:\n  - items: A\n    atributes: {}\n", 5, "FIELD-UNKNOWN", "atributes", "'attributes'"),
        ("makes:\n  - event: A\n    properties:\n      a: 1\n", 6, "FIELD-TYPE", "properties.a", "quotes"),
        ("makes:\n  - 3\n", 4, "FIELD-TYPE", "'makes[1]' is a whole number", "mapping"),
    ],
)
def test_a_fault_says_where_what_and_what_to_do(
    tmp_path: Path, text: str, line: int, code: str, what: str, do: str
) -> None:
    documents, faults = read_one(tmp_path, HEAD + text)
    assert documents == []
    assert [(fault.file, fault.line, fault.code) for fault in faults] == [("sources/orders.yaml", line, code)]
    assert what in faults[0].what
    assert do in faults[0].do


def test_alternatives_that_all_misfit_are_one_fault_naming_them(tmp_path: Path) -> None:
    _, faults = read_one(tmp_path, "source: orders\nfiles: 3\n")
    assert [(fault.line, fault.code) for fault in faults] == [(2, "FIELD-TYPE")]
    assert "text or a list" in faults[0].what


def test_only_the_alternative_that_was_meant_is_reported(tmp_path: Path) -> None:
    _, faults = read_one(tmp_path, "source: orders\nfiles:\n  - a.csv\n  - 3\n  - 4\n")
    assert [(fault.line, fault.code) for fault in faults] == [(4, "FIELD-TYPE"), (5, "FIELD-TYPE")]


def test_an_ill_formed_name_is_a_fault_of_value(tmp_path: Path) -> None:
    _, faults = read_one(tmp_path, "source: My Orders\nfiles: a.csv\n")
    assert [(fault.line, fault.code, fault.do) for fault in faults] == [(1, "FIELD-VALUE", "Write 'my_orders'.")]


def test_duplicate_keys_and_wrong_fields_are_reported_together(tmp_path: Path) -> None:
    documents, faults = read_one(tmp_path, "source: a\nsource: b\nfiles: a\nbad: 1\n")
    assert documents == []
    assert [(fault.line, fault.code) for fault in faults] == [(2, "YAML-DUPLICATE-KEY"), (4, "FIELD-UNKNOWN")]


def test_a_flood_of_faults_is_counted_not_listed(tmp_path: Path) -> None:
    _, faults = read_one(tmp_path, HEAD + "columns:\n" + "".join(f"  c{n}: 3\n" for n in range(700)))
    assert len(faults) == 501
    assert "200 more" in next(fault.what for fault in faults if fault.code == "FIELD-MORE")


def test_what_is_not_a_file_is_a_fault_and_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "segments").mkdir()
    os.mkfifo(tmp_path / "segments/pipe.yaml")
    (tmp_path / "segments/folder.yaml").mkdir()
    (tmp_path / "segments/gone.yaml").symlink_to(tmp_path / "nowhere")
    _, faults = read_documents(tmp_path, "segments", Segment)
    assert [(fault.file[9:], fault.line, fault.code) for fault in faults] == [
        ("folder.yaml", 0, "FILE-UNREADABLE"),
        ("gone.yaml", 0, "FILE-UNREADABLE"),
        ("pipe.yaml", 0, "FILE-UNREADABLE"),
    ]


def test_a_file_in_place_of_the_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "segments").write_text("segment: a\n", encoding="utf-8")
    documents, faults = read_documents(tmp_path, "segments", Segment)
    assert documents == []
    assert [(fault.file, fault.code) for fault in faults] == [("segments", "FILE-UNREADABLE")]


def test_a_file_too_large_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, "segments/a.yaml", "segment: a\nrule: " + "x" * (1 << 20))
    _, faults = read_documents(tmp_path, "segments", Segment)
    assert [fault.code for fault in faults] == ["FILE-TOO-LARGE"]


planted = {
    "good": ("  field: f\n  type: text\n", []),
    "unknown": ("  field: f\n  type: text\n  tpye: text\n", [(3, "FIELD-UNKNOWN")]),
    "missing": ("  field: f\n", [(0, "FIELD-MISSING")]),
    "wrong": ("  field: 3\n  type: text\n", [(1, "FIELD-TYPE")]),
    "value": ("  field: f\n  type: texts\n", [(2, "FIELD-VALUE")]),
    "two": ("  field: 3\n  type: texts\n", [(1, "FIELD-TYPE"), (2, "FIELD-VALUE")]),
    "twice": ("  field: f\n  type: text\n  type: text\n", [(3, "YAML-DUPLICATE-KEY")]),
}


@given(st.lists(st.lists(st.sampled_from(sorted(planted)), max_size=6), min_size=1, max_size=4))
def test_all_planted_faults_come_back_at_their_lines(files: list[list[str]]) -> None:
    text, expected = "", []
    for number, choices in enumerate(files):
        text += ("---\n" if number else "") + f"source: s{number}\nfiles: a.csv\ncolumns:\n"
        for column, choice in enumerate(choices):
            text += f" c{column}:\n"
            line = text.count("\n")
            body, faults = planted[choice]
            text += body
            expected += [(line + offset, code) for offset, code in faults]
        if not choices:
            text += " {}\n"
    with_faults = read_text(text)
    assert [(fault.line, fault.code) for fault in with_faults[1]] == expected


def read_text(text: str) -> tuple[list[Document[Source]], list[Fault]]:
    """The documents and faults of a text, by way of a file in memory."""
    handle = os.memfd_create("project-file")
    try:
        os.write(handle, text.encode())
        return read_file(Path(f"/proc/self/fd/{handle}"), "sources/orders.yaml", Source)
    finally:
        os.close(handle)
