"""How files are sampled before anything is guessed."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habitue.errors import HabitueError
from habitue.sources.guess_samples import SAMPLE_ROWS, sample_files


def test_a_packed_file_is_sampled_with_its_dialect(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(b"Bestellung;Betrag\n1;3,50\n2;12,00\n"))
    (found,) = sample_files([path], home=tmp_path).tables
    assert (found.path, found.stem) == ("orders.csv.gz", "orders")
    assert (found.columns, found.rows) == (("Bestellung", "Betrag"), (("1", "3,50"), ("2", "12,00")))
    assert (found.delimiter, found.decimal, found.row_count, found.is_whole) == (";", ",", 2, True)


def test_a_large_file_is_sampled_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("id,value\n" + "".join(f"{row},{row % 7}\n" for row in range(100_000)), encoding="utf-8")
    (found,) = sample_files([path], home=tmp_path).tables
    ids = [int(row[0] or 0) for row in found.rows]
    assert found.row_count == 100_000
    assert len(ids) <= SAMPLE_ROWS
    assert (ids[0], ids == sorted(set(ids))) == (0, True)
    assert ids[-1] > 90_000
    assert ids[1] == 1


def test_members_of_json_objects_become_columns_with_dots(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    lines = [
        {"type": "track", "userId": 7, "properties": {"revenue": 19.9, "products": [{"sku": "a"}], "gift": True}},
        {"type": "page", "userId": 8, "properties": {"path": "/", "a.b": 1}, "extra": None},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    (found,) = sample_files([path], home=tmp_path).tables
    first = dict(zip(found.columns, found.rows[0], strict=True))
    assert found.format == "ndjson"
    assert first["properties.revenue"] == "19.9"
    assert first["properties.gift"] == "true"
    assert first["properties.products"] == '[{"sku": "a"}]'
    assert first["userId"] == "7"
    assert first["properties.path"] is None
    assert 'properties."a.b"' in found.columns


def test_values_of_parquet_become_text(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    days = pa.array([1, None], pa.timestamp("s"))
    pq.write_table(pa.table({"id": [13085.0, 2.5], "at": days, "gift": [True, False], "n": [1, 2]}), path)
    (found,) = sample_files([path], home=tmp_path).tables
    assert found.format == "parquet"
    assert found.rows == (("13085.0", "1970-01-01 00:00:01", "true", "1"), ("2.5", None, "false", "2"))


def test_a_folder_gives_its_files_and_says_which_hold_no_rows(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "b.csv").write_text("id,name\n1,x\n", encoding="utf-8")
    (folder / "a.csv").write_text("id,name\n2,y\n", encoding="utf-8")
    (folder / "c.csv").write_text("", encoding="utf-8")
    found = sample_files([folder], home=tmp_path)
    assert [each.path for each in found.tables] == ["data/a.csv", "data/b.csv"]
    assert [each.path for each in found.refused] == ["data/c.csv"]


def test_a_file_that_was_named_and_holds_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises(HabitueError):
        sample_files([path], home=tmp_path)


def test_a_file_outside_the_project_is_named_absolutely(tmp_path: Path) -> None:
    home = tmp_path / "shop"
    home.mkdir()
    path = tmp_path / "orders.csv"
    path.write_text("id,name\n1,x\n", encoding="utf-8")
    (found,) = sample_files([path], home=home).tables
    assert found.path == path.resolve().as_posix()
