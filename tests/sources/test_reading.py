"""Reading files by content: encodings, dialects, packing, damage and hostile input."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.sources.hints import NO_HINTS, CsvHints
from habitue.sources.packing import Part
from habitue.sources.reading import list_parts, open_rows
from habitue.sources.rows import LINE, ROW, BrokenRow
from habitue.sources.sniff import Format, Recognised, recognise


def found(path: Path, *, declared: Format | None = None, hints: CsvHints = NO_HINTS) -> Recognised:
    (part,) = list_parts(path.parent, "s", [path.name])
    return recognise(part, declared=declared, hints=hints)


def read(
    path: Path, data: bytes | str, *, declared: Format | None = None, hints: CsvHints = NO_HINTS
) -> tuple[list[tuple[object, ...]], list[BrokenRow]]:
    """The rows of a file as (line, values…), and its broken rows."""
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    reader = open_rows(found(path, declared=declared, hints=hints))
    rows: list[tuple[object, ...]] = []
    for batch in reader.batches():
        for row in batch.to_pylist():
            line, number = row.pop(LINE), row.pop(ROW)
            assert number <= reader.last_row
            rows.append((line, *row.values()))
    assert reader.records == len(rows) + len(reader.broken)
    return rows, list(reader.broken)


def code_of(path: Path, data: bytes, *, declared: Format | None = None) -> str:
    with pytest.raises(HabitueError) as error:
        read(path, data, declared=declared)
    assert path.name in error.value.what
    return error.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_text_of_every_common_encoding_is_read_alike(tmp_path: Path, encoding: str) -> None:
    rows, _ = read(tmp_path / "a.csv", "name;town\nJörg;Köln\nZoë;Orléans\n".encode(encoding))
    assert rows == [(2, "Jörg", "Köln"), (3, "Zoë", "Orléans")]


def test_a_declared_encoding_is_taken_at_its_word(tmp_path: Path) -> None:
    names = "\u0416\u0430\u043d\u043d\u0430"
    text = f"name,town\n{names},x\n".encode("cp1251")
    assert read(tmp_path / "a.csv", text, hints=CsvHints(encoding="cp1251"))[0] == [(2, names, "x")]


def test_a_letter_of_another_encoding_late_in_the_file_is_still_found(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 400_000 + "Köln,2\n".encode("cp1252")
    assert read(tmp_path / "a.csv", data)[0][-1] == (400_002, "Köln", "2")


def test_a_line_that_does_not_fit_the_declared_encoding_is_broken(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "a.csv", b"a,b\n1,2\n\xff,3\n4,5\n", hints=CsvHints(encoding="utf-8"))
    assert rows == [(2, "1", "2"), (4, "4", "5")]
    assert [(each.line, each.code) for each in broken] == [(3, "READ-ENCODING")]


@pytest.mark.parametrize(("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt")])
def test_delimiters_are_recognised(tmp_path: Path, delimiter: str, name: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["id", "name", "n"], ["1", "a b", "2"], ["2", "c d", "3"]))
    assert read(tmp_path / name, text)[0] == [(2, "1", "a b", "2"), (3, "2", "c d", "3")]


def test_text_in_columns_of_blanks_is_read(tmp_path: Path) -> None:
    text = " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73 \n"
    assert read(tmp_path / "a.txt", text)[0] == [
        (1, "00004", "0001", "19970101", "2", "29.33"),
        (2, "00004", "0001", "19970118", "2", "29.73"),
    ]


def test_lines_end_as_on_unix_windows_and_the_old_mac(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert read(tmp_path / "a.csv", end.join(["a,b", "1,2", "3,4", ""]))[0] == [(2, "1", "2"), (3, "3", "4")]


def test_ragged_rows_are_broken_with_their_line_and_text_after_values_that_span_lines(tmp_path: Path) -> None:
    text = 'a,b\n"x\ny",1\n\n2\n"p\nq\nr"\n3,4,5\n"s",6\n'
    rows, broken = read(tmp_path / "a.csv", text)
    assert rows == [(2, "x\ny", "1"), (10, "s", "6")]
    assert [(each.line, each.code, each.text) for each in broken] == [
        (5, "READ-COLUMNS", "2"),
        (6, "READ-COLUMNS", '"p\nq\nr"'),
        (9, "READ-COLUMNS", "3,4,5"),
    ]


def test_a_quote_never_closed_breaks_its_row_only(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "a.csv", 'a,b\n1,2\n3,"4\n5,6\n')
    assert rows == [(2, "1", "2")]
    assert [(each.line, each.code) for each in broken] == [(3, "READ-QUOTE")]


def test_a_huge_line_is_broken_and_not_swallowed(tmp_path: Path) -> None:
    data = b"a,b\n1,2\n" + b"3," + b"x" * 30_000_000 + b"\n4,5\n"
    rows, broken = read(tmp_path / "a.csv", data)
    assert rows == [(2, "1", "2"), (4, "4", "5")]
    assert [(each.line, each.code, len(each.text)) for each in broken] == [(3, "READ-LONG", 300)]


def test_nul_bytes_break_their_row_only(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "a.csv", b"a,b\n1,2\n\x00\x00,3\n4,5\n")
    assert [row[0] for row in rows] == [2, 4]
    assert [(each.line, each.code) for each in broken] == [(3, "READ-NUL")]
    rows, broken = read(tmp_path / "a.ndjson", b'{"a":1}\n{"a":\x00}\n{"a":2}\n')
    assert [row[0] for row in rows] == [1, 3]
    assert [(each.line, each.code) for each in broken] == [(2, "READ-NUL")]


def test_a_refused_line_inside_quotes_breaks_the_row_it_ended_up_in(tmp_path: Path) -> None:
    rows, broken = read(tmp_path / "a.csv", b'a,b\n1,"x\n\x00y\nz"\n4,5\n')
    assert rows == [(5, "4", "5")]
    assert [(each.line, each.code) for each in broken] == [(2, "READ-NUL")]


def test_columns_without_a_name_or_with_the_same_get_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",ID,id,name\n0,1,2,x\n")
    assert found(tmp_path / "a.csv").columns == ("column_1", "ID", "id_2", "name")


def test_a_file_without_a_header_is_seen_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("39, State-gov, 77516\n50, Private, 83311\n")
    assert found(tmp_path / "a.csv").columns == ("column_1", "column_2", "column_3")


def test_packed_files_are_read_as_what_is_in_them(tmp_path: Path) -> None:
    text = b"a,b\n1,2\n"
    assert read(tmp_path / "a.csv.gz", gzip.compress(text))[0] == [(2, "1", "2")]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("two.csv", "one.csv", "__MACOSX/._one.csv", ".DS_Store", "deep/three.csv"):
            archive.writestr(name, text)
    (tmp_path / "a.zip").write_bytes(packed.getvalue())
    parts = list_parts(tmp_path, "s", ["a.zip"])
    assert [part.shown for part in parts] == ["a.zip!deep/three.csv", "a.zip!one.csv", "a.zip!two.csv"]
    assert {recognise(part).sha256 for part in parts} == {found(tmp_path / "a.csv.gz").sha256}
    assert [part.member for part in list_parts(tmp_path, "s", ["a.zip!deep/*"])] == ["deep/three.csv"]


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(b"a,b\n")
        for _ in range(300):
            stream.write(b"0,0\n" * (1 << 18))
    with pytest.raises(HabitueError) as error:
        found(path)
    assert error.value.code == "SOURCE-BOMB"
    packed = tmp_path / "b.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.csv", b"0" * (300 << 20))
    with pytest.raises(HabitueError) as error:
        list_parts(tmp_path, "s", ["b.zip"])
    assert error.value.code == "SOURCE-BOMB"


def test_a_file_that_is_not_what_it_says_is_named_with_what_it_is(tmp_path: Path) -> None:
    wrong = {
        "a.parquet": b"a,b\n1,2\n", "b.csv": b"PAR1" + bytes(99) + b"PAR1", "c.csv.gz": b"a,b\n1,2\n",
        "d.zip": b"a,b\n1,2\n", "e.csv": b'{"a": 1}\n{"a": 2}\n', "f.json": b"a,b\n1,2\n", "g.csv": b"%PDF-1.4 x",
        "h.csv": b"<!DOCTYPE html><html></html>", "i.csv": b"\x89\x01\x02\x03" * 900, "j.json": b'{\n "a": 1\n}\n',
        "k.csv": b"SQLite format 3\x00" + bytes(99), "l.csv": b"x" * 600_000, "m.csv": b'[{"a": 1}]',
    }  # fmt: skip
    for name, data in wrong.items():
        assert code_of(tmp_path / name, data) == "SOURCE-FORMAT", name


def test_a_name_without_a_known_ending_is_read_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path / "orders", "a,b\n1,2\n")[0] == [(2, "1", "2")]
    assert read(tmp_path / "log.txt", '{"a": 1}\n')[0] == [(1, '{"a": 1}')]


def test_empty_files_say_so(tmp_path: Path) -> None:
    for name, data in {"a.csv": b"", "b.csv": b"a,b\n", "c.csv": b" \n\n", "d.csv.gz": gzip.compress(b"")}.items():
        assert code_of(tmp_path / name, data) == "SOURCE-EMPTY", name


def test_damaged_files_say_so(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 100_000)
    assert code_of(tmp_path / "a.csv.gz", whole[:-50]) == "SOURCE-BROKEN"
    assert code_of(tmp_path / "b.parquet", b"PAR1" + bytes(100) + b"PAR1") == "SOURCE-BROKEN"
    assert code_of(tmp_path / "c.zip", b"PK\x03\x04" + bytes(100)) == "SOURCE-BROKEN"
    for number, text in enumerate(['[{"a": 1}', '[{"a": 1},,]', '[{"a": 1}] x', '[{"a": }]', '[{"a": 1} {"a": 2}]']):
        assert code_of(tmp_path / f"d{number}.json", text.encode()) == "SOURCE-BROKEN", text


def test_json_arrays_are_taken_apart_whatever_their_layout(tmp_path: Path) -> None:
    rows = [{"a": number, "b": "x" * 200} for number in range(20_000)]
    for indent in (None, 2):
        read_rows, broken = read(tmp_path / "a.json", json.dumps(rows, indent=indent))
        assert [json.loads(str(row[1])) for row in read_rows] == rows
        assert broken == []


def test_deeply_nested_json_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    assert code_of(tmp_path / "a.json", b'[{"a":' + b"[" * 200_000) == "SOURCE-BROKEN"


def test_folders_and_globs_take_data_files_once_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "README.txt", "_SUCCESS", "deep/c.csv"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a,b\n1,2\n")
    shown = [part.shown for part in list_parts(tmp_path, "s", ["in", "in/*.csv", str(tmp_path / "in" / "b.csv")])]
    assert shown == ["in/a.csv", "in/b.csv", "in/deep/c.csv"]
    assert [part.shown for part in list_parts(tmp_path, "s", ["in/**/c.*"])] == ["in/deep/c.csv"]
    with pytest.raises(HabitueError) as error:
        list_parts(tmp_path, "s", ["nothing/*.csv"])
    assert error.value.code == "SOURCE-NO-FILE"


@given(data=st.binary(max_size=400))
def test_whatever_bytes_a_file_holds_it_is_read_or_refused_and_no_line_is_lost(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    try:
        rows, broken = read(path, b"a,b\n1,2\n" + data)
    except HabitueError:
        return
    lines = [int(str(row[0])) for row in rows] + [each.line for each in broken]
    assert len(set(lines)) == len(lines)


_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=8)


@given(
    rows=st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=20).filter(lambda rows: any(any(row) for row in rows)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_as_csv_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], encoding: str
) -> None:
    text = "first,second\n" + "".join(
        ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\n" for row in rows
    )
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    got, broken = read(path, text.encode(encoding), hints=CsvHints(delimiter=",", header=True, encoding=encoding))
    marked = [row for row in rows if "\ue0f0" in "".join(row)]
    assert len(broken) == len(marked) or marked
    if not marked:
        assert [row[1:] for row in got] == [row for row in rows if any(row)]
    lines = [int(str(row[0])) for row in got]
    assert lines == sorted(set(lines))


def test_a_part_says_what_it_should_hold() -> None:
    assert Part(path=Path("a/Orders.CSV.gz"), shown="x", packing="gzip").inner_name == "orders.csv"
