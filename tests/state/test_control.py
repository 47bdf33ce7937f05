"""Control data outlives the run that wrote it, wholly or not at all."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.config import DiskFullError
from habitue.errors import HabitueError
from habitue.state import (
    Build,
    BuildStatus,
    BuildStep,
    Control,
    FailedRow,
    Load,
    StateDamagedError,
    StateNewerError,
)
from habitue.state.sqlite import from_us, to_us
from tests.config.disks import small_disk

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
LOAD = Load(
    source="orders",
    file="data/orders.csv",
    sha256="ab" * 32,
    size=1234,
    rows_read=10,
    rows_used=7,
    rows_failed=2,
    mapping_digest="cd" * 32,
    loaded_at=NOW,
    first_position=1,
    last_position=9,
)


def path_of(project: Path) -> Path:
    return project / ".habitue" / "control.sqlite"


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Control.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "512k") as place:
        yield place


def test_what_is_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    with Control.open(tmp_path) as control:
        number = control.record_load(LOAD)
    with Control.open(tmp_path) as control:
        (load,) = control.loads()
        assert load == control.find_load("orders", "ab" * 32)
        assert (load.id, load.loaded_at, load.rows_failed, load.last_position) == (number, NOW, 2, 9)


def test_the_same_content_of_a_source_is_one_load(control: Control) -> None:
    first = control.record_load(LOAD)
    later = Load(
        source="orders",
        file="data/renamed.csv",
        sha256=LOAD.sha256,
        size=1234,
        rows_read=10,
        rows_used=9,
        rows_failed=0,
        mapping_digest="ef" * 32,
        loaded_at=NOW + timedelta(days=1),
    )
    assert control.record_load(later) == first
    (load,) = control.loads("orders")
    assert (load.file, load.rows_used, load.first_position) == ("data/renamed.csv", 9, None)
    assert control.loads("others") == []
    assert control.find_load("orders", "00") is None


def test_forgotten_loads_are_gone(control: Control) -> None:
    control.record_load(LOAD)
    assert control.forget_loads("others") == 0
    assert control.forget_loads("orders") == 1
    assert control.loads() == []


def test_positions_are_given_once_and_from_one(control: Control) -> None:
    assert control.next_position() == 1
    assert [control.take_positions(count) for count in (5, 0, 3, 1)] == [1, 6, 6, 9]
    assert control.next_position() == 10
    with pytest.raises(ValueError, match="negative"):
        control.take_positions(-1)
    control.reset_positions()
    assert control.next_position() == 1


def test_a_transaction_that_raises_changes_nothing(control: Control) -> None:
    def fail() -> None:
        with control.transaction():
            control.record_load(LOAD)
            control.take_positions(10)
            control.failed.add([], now=NOW)
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail()
    assert control.loads() == []
    assert control.next_position() == 1


def test_builds_are_remembered_with_their_steps(control: Control) -> None:
    steps = (
        BuildStep(name="sources", rows=10, seconds=0.5, status="done", note="1 new file"),
        BuildStep(name="segments", rows=3, seconds=0.25, status="fresh"),
    )
    number = control.start_build(as_of=None, started_at=NOW)
    assert control.builds()[0].status is BuildStatus.RUNNING
    assert control.last_build() is None
    end = NOW + timedelta(seconds=1)
    control.finish_build(number, as_of=NOW, finished_at=end, seconds=1.0, status=BuildStatus.DONE, steps=steps)
    assert control.last_build() == Build(
        id=number, as_of=NOW, started_at=NOW, finished_at=end, seconds=1.0, status=BuildStatus.DONE, steps=steps
    )


def test_a_build_that_never_ended_was_interrupted(control: Control) -> None:
    control.start_build(as_of=NOW, started_at=NOW)
    second = control.start_build(as_of=NOW, started_at=NOW)
    control.finish_build(second, as_of=None, finished_at=NOW, seconds=0.0, status=BuildStatus.FAILED, steps=())
    assert [build.status for build in control.builds()] == [BuildStatus.FAILED, BuildStatus.INTERRUPTED]
    assert control.builds()[0].as_of == NOW
    assert control.builds(limit=1)[0].id == second


def test_the_file_is_private_and_durable(tmp_path: Path) -> None:
    with Control.open(tmp_path) as control:
        control.record_load(LOAD)
        modes = {each.name: each.stat().st_mode & 0o777 for each in path_of(tmp_path).parent.iterdir()}
        assert modes["control.sqlite"] == modes["control.sqlite-wal"] == 0o600
        assert path_of(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    path_of(tmp_path).chmod(0o644)
    with Control.open(tmp_path):
        assert path_of(tmp_path).stat().st_mode & 0o777 == 0o600


KILLED = """
import os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from habitue.state import Control
control = Control.open(Path(sys.argv[1]))
control.take_positions(7)
with control.transaction():
    control.take_positions(100)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_what_it_had_finished(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    outcome = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, env=environment)
    assert outcome.returncode == -9
    with Control.open(tmp_path) as control:
        assert control.next_position() == 8


@pytest.mark.parametrize("content", [b"this is not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path_of(tmp_path).parent.mkdir(mode=0o700)
    path_of(tmp_path).write_bytes(content)
    with pytest.raises(StateDamagedError) as refusal:
        Control.open(tmp_path)
    assert refusal.value.code == "STATE-DAMAGED"
    assert "control.sqlite" in refusal.value.what
    assert path_of(tmp_path).read_bytes() == content


def test_a_database_damaged_inside_is_said(tmp_path: Path) -> None:
    with Control.open(tmp_path) as control:
        control.record_load(LOAD)
    data = bytearray(path_of(tmp_path).read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path_of(tmp_path).write_bytes(data)
    with pytest.raises(StateDamagedError), Control.open(tmp_path) as control:
        control.loads()


def test_a_database_of_another_program_is_said_and_left_alone(tmp_path: Path) -> None:
    path_of(tmp_path).parent.mkdir(mode=0o700)
    other = sqlite3.connect(path_of(tmp_path))
    other.execute("CREATE TABLE loads (id INTEGER)")
    other.close()
    before = path_of(tmp_path).read_bytes()
    with pytest.raises(StateDamagedError):
        Control.open(tmp_path)
    assert path_of(tmp_path).read_bytes() == before


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    Control.open(tmp_path).close()
    newer = sqlite3.connect(path_of(tmp_path))
    newer.execute("PRAGMA user_version = 2")
    newer.close()
    before = path_of(tmp_path).read_bytes()
    with pytest.raises(StateNewerError) as refusal:
        Control.open(tmp_path)
    assert refusal.value.code == "STATE-NEWER"
    assert "format 2" in refusal.value.what
    assert path_of(tmp_path).read_bytes() == before


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    path_of(tmp_path).mkdir(parents=True)
    with pytest.raises(HabitueError) as refusal:
        Control.open(tmp_path)
    assert refusal.value.code == "PATH"


def test_a_full_disk_is_said_and_leaves_what_was_there(disk: Path) -> None:
    row = FailedRow(
        source="orders",
        file="a.csv",
        file_sha256="ab" * 32,
        line=0,
        stage="type",
        code="TYPE",
        field="price",
        reason="No number.",
        row='{"a": 1}',
        digest="",
    )
    with Control.open(disk) as control:
        control.record_load(LOAD)
        rows = [replace(row, line=line) for line in range(20_000)]
        with pytest.raises(DiskFullError) as refusal:
            control.failed.add(rows, now=NOW)
        assert refusal.value.code == "DISK-FULL"
        assert control.failed.counts() == []
        assert len(control.loads()) == 1
    with Control.open(disk) as control:
        assert len(control.loads()) == 1


def test_a_disk_too_small_to_begin_with_is_said(disk: Path) -> None:
    (disk / "filler").write_bytes(b"x" * 500_000)
    with pytest.raises(DiskFullError):
        Control.open(disk)


READ_ONLY = """
import os, sys
from pathlib import Path
from habitue.config import NotWritableError
from habitue.state import Control
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    Control.open(Path(sys.argv[1]))
except NotWritableError as error:
    print(error.code)
"""


def test_a_folder_without_rights_is_said(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    project.mkdir(mode=0o555)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", READ_ONLY, str(project)]
    said = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert said.stdout == "NOT-WRITABLE\n", said.stderr


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back_to_the_microsecond(moment: datetime) -> None:
    assert from_us(to_us(moment)) == moment


def test_a_time_without_zone_is_refused(control: Control) -> None:
    with pytest.raises(TypeError):
        control.start_build(as_of=None, started_at=NOW.replace(tzinfo=None))


def test_refusals_of_sqlite_have_their_error(tmp_path: Path) -> None:
    Control.open(tmp_path).close()
    with Control.open(tmp_path) as control, sqlite3.connect(path_of(tmp_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HabitueError) as refusal:
            control.take_positions(1)
        assert refusal.value.code == "STATE-BUSY"
