"""A warehouse written anew holds every table as it was, and not a byte of what was deleted."""

from pathlib import Path

import duckdb
import pytest

from habitue.engines.rewriting import RewriteError, compact

PLANTED = "someone.quite.particular@nowhere-else.test"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file from which rows were deleted."""
    path = tmp_path / "it's a warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "CREATE TABLE people (n INTEGER, small TINYINT, money DECIMAL(18, 4), seen_at TIMESTAMP, mail VARCHAR)"
        )
        con.execute(
            "INSERT INTO people SELECT i, i, i / 7, TIMESTAMP '2026-01-01' + to_hours(i), NULL FROM range(100) AS r(i)"
        )
        con.execute(
            "INSERT INTO people VALUES (100, 1, 1, NULL, ?), (101, 1, 1, NULL, 'somebody who stays')", [PLANTED]
        )
        con.execute("CHECKPOINT")
        con.execute('CREATE TABLE "odd ""name" (a VARCHAR)')
        con.execute("DELETE FROM people WHERE n = 100")
        con.execute("CHECKPOINT")
    return path


def shape(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        columns = con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main'"
            " AND NOT internal ORDER BY table_name, column_index"
        ).fetchall()
        return [*columns, *con.execute("SELECT * FROM people ORDER BY n").fetchall()]


def test_what_was_deleted_is_gone_and_all_else_is_as_it_was(file: Path) -> None:
    before = shape(file)
    assert PLANTED.encode() in file.read_bytes(), "the control: a delete leaves the bytes"
    compact(file)
    assert PLANTED.encode() not in file.read_bytes()
    assert shape(file) == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_an_earlier_try_left_is_in_nobodys_way(file: Path) -> None:
    file.with_name(file.name + ".fresh").write_bytes(b"half a file")
    compact(file)
    assert len(shape(file)) > 100


def test_where_there_is_no_file_nothing_is_done(tmp_path: Path) -> None:
    assert compact(tmp_path / "none.duckdb") == 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_is_said_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "broken.duckdb"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(RewriteError):
        compact(path)
    assert path.read_bytes().startswith(b"no database")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
