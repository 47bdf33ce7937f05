"""One process per project: the second is told who the first is, and a dead one is no obstacle."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from habitue.state import ProjectBusyError, ProjectLock

HOLDER = """
import sys, time
from pathlib import Path
from habitue.state import ProjectLock
with ProjectLock(Path(sys.argv[1]), "habitue build"):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(project: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", HOLDER, str(project)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def enter(project: Path) -> None:
    with ProjectLock(project, "habitue check"):
        pass


def test_the_second_process_is_told_who_the_first_is(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        try:
            with pytest.raises(ProjectBusyError) as refusal:
                enter(tmp_path)
        finally:
            process.kill()
    assert refusal.value.pid == process.pid
    assert refusal.value.command == "habitue build"
    assert refusal.value.code == "PROJECT-BUSY"
    assert str(process.pid) in refusal.value.what
    assert "Wait" in refusal.value.do


def test_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    with hold(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / ".habitue" / "lock").read_text(encoding="utf-8") != ""
    enter(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00", b'{"pid": "1", "command": 2}', b"[1]"])
def test_what_an_old_lock_file_holds_does_not_matter(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".habitue").mkdir()
    (tmp_path / ".habitue" / "lock").write_bytes(content)
    enter(tmp_path)


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with ProjectLock(tmp_path, "habitue build"):
        with pytest.raises(ProjectBusyError) as refusal:
            enter(tmp_path)
        assert refusal.value.pid == os.getpid()
    enter(tmp_path)


def test_a_holder_that_has_not_said_who_it_is_is_still_a_holder(tmp_path: Path) -> None:
    with ProjectLock(tmp_path):
        (tmp_path / ".habitue" / "lock").write_bytes(b"?")
        with pytest.raises(ProjectBusyError) as refusal:
            enter(tmp_path)
    assert "Another process" in refusal.value.what


def test_an_exception_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ProjectLock(tmp_path):
        raise KeyError("inside")
    enter(tmp_path)


def test_the_command_names_no_customer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/habitue", "decide", "email:ann@example.com"])
    with ProjectLock(tmp_path):
        text = (tmp_path / ".habitue" / "lock").read_text(encoding="utf-8")
        assert '"habitue decide"' in text
        assert "ann" not in text
    monkeypatch.setattr(sys, "argv", ["/usr/bin/habitue", "ann@example.com"])
    with ProjectLock(tmp_path):
        assert '"habitue"' in (tmp_path / ".habitue" / "lock").read_text(encoding="utf-8")


def test_the_lock_file_is_private(tmp_path: Path) -> None:
    enter(tmp_path)
    assert (tmp_path / ".habitue" / "lock").stat().st_mode & 0o777 == 0o600
