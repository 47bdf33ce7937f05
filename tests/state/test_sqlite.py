"""State files are opened so that what is committed lasts, and mistakes of ours are not dressed up."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from habitue.state.sqlite import Format, answering, open_database, storable

LAYOUT = Format(
    application=0x48414254,
    version=1,
    statements=(
        "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
        "CREATE TABLE children (parent INTEGER REFERENCES parents (id))",
        "PRAGMA application_id = 0x48414254",
        "PRAGMA user_version = 1",
    ),
)


def test_a_state_file_is_durable_and_keeps_its_references(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "state.sqlite", LAYOUT)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO children VALUES (1)")
    connection.close()


def test_an_empty_file_is_a_new_state_file(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").touch()
    connection = open_database(tmp_path / "state.sqlite", LAYOUT)
    assert connection.execute("SELECT count(*) FROM parents").fetchone() == (0,)
    connection.close()


def test_tables_that_cannot_be_made_leave_an_empty_file(tmp_path: Path) -> None:
    wrong = Format(application=1, version=1, statements=("CREATE TABLE a (id INTEGER)", "CREATE TABLE a (id INTEGER)"))
    with pytest.raises(sqlite3.OperationalError):
        open_database(tmp_path / "state.sqlite", wrong)
    connection = open_database(tmp_path / "state.sqlite", LAYOUT)
    assert connection.execute("SELECT count(*) FROM children").fetchone() == (0,)
    connection.close()


def test_mistakes_of_ours_pass_through_as_they_are(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "state.sqlite", LAYOUT)
    with pytest.raises(sqlite3.OperationalError, match="no such table"), answering(tmp_path):
        connection.execute("SELECT * FROM nowhere")
    connection.close()


def test_halves_of_pairs_are_written_out() -> None:
    assert storable("caf\udce9 é") == "caf\\udce9 é"
    assert storable("plain") == "plain"


def test_opening_a_file_once_more_leaves_its_journal_to_those_who_write(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    writer = open_database(path, LAYOUT)
    open_database(path, LAYOUT).close()
    # Somebody else looks at it and believes to be the last: SQLite then takes the journal away.
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM parents'); c.close()"
    subprocess.run([sys.executable, "-c", look, str(path)], check=True)
    writer.execute("INSERT INTO parents VALUES (7)")
    again = open_database(path, LAYOUT)
    assert again.execute("SELECT id FROM parents").fetchall() == [(7,)]
    again.close()
    writer.close()
