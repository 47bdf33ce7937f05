"""A file is written whole or stays as it was, and what the system refuses is said in a sentence."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.config import DiskError, DiskFullError, MisplacedError, NotWritableError, write_text, writing
from habitue.errors import HabitueError
from tests.config.disks import small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "256k") as place:
        yield place


@pytest.fixture
def short_files() -> Iterator[None]:
    """No file may grow beyond 64 KiB in this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.yaml"
    write_text(path, "name: café\n")
    assert path.read_bytes() == "name: café\n".encode()
    write_text(path, "name: b\n")
    assert path.read_text(encoding="utf-8") == "name: b\n"
    assert [each.name for each in path.parent.iterdir()] == ["b.yaml"]


def test_a_file_keeps_its_permissions_and_a_link_its_target(tmp_path: Path) -> None:
    path, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    write_text(link, "new")
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_full_disk_leaves_the_file_as_it_was(disk: Path) -> None:
    path = disk / "a.yaml"
    write_text(path, "name: old\n")
    with pytest.raises(DiskFullError) as refusal:
        write_text(path, "x" * 400_000)
    assert refusal.value.code == "DISK-FULL"
    assert "a.yaml" in refusal.value.what
    assert path.read_text(encoding="utf-8") == "name: old\n"
    assert [each.name for each in disk.iterdir()] == ["a.yaml"]


@pytest.mark.usefixtures("short_files")
def test_a_file_that_may_not_grow_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("name: old\n", encoding="utf-8")
    with pytest.raises(DiskFullError):
        write_text(path, "x" * 100_000)
    assert path.read_text(encoding="utf-8") == "name: old\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.ENOSPC, DiskFullError, "DISK-FULL"),
        (errno.EDQUOT, DiskFullError, "DISK-FULL"),
        (errno.EACCES, NotWritableError, "NOT-WRITABLE"),
        (errno.EROFS, NotWritableError, "NOT-WRITABLE"),
        (errno.ENOTDIR, MisplacedError, "PATH"),
        (errno.EIO, DiskError, "DISK"),
    ],
)
def test_each_refusal_has_its_error(tmp_path: Path, number: int, kind: type[HabitueError], code: str) -> None:
    with pytest.raises(kind) as refusal, writing(tmp_path / "x"):
        raise OSError(number, "as the system says")
    assert refusal.value.code == code
    assert str(tmp_path / "x") in refusal.value.what


def test_the_block_can_be_a_decorator(tmp_path: Path) -> None:
    @writing(tmp_path)
    def fill() -> None:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(DiskFullError):
        fill()


def test_other_exceptions_pass_through(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writing(tmp_path):
        raise KeyError("ours")


def test_a_file_where_a_folder_is_needed_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("", encoding="utf-8")
    with pytest.raises(MisplacedError):
        write_text(tmp_path / "a" / "b.yaml", "x")


WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
from habitue.config import NotWritableError, write_text
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
try:
    write_text(Path(sys.argv[1]) / "a.yaml", "x")
except NotWritableError as error:
    print(error.code)
"""


def test_a_folder_without_rights_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_RIGHTS, str(closed)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert said.stdout == "NOT-WRITABLE\n", said.stderr
