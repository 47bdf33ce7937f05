"""Whatever happens to the process or the disk, what was acknowledged is kept, and nothing twice."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from habitue.streams import Committer, Log, LogFullError, LogHeldError, LogReader, LogStoppedError
from habitue.streams.log_file import known_error
from tests.config.disks import small_disk
from tests.streams.events import all_records, check_sums, event, events, failure
from tests.streams.killing import ROOT, kill_often


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_it_acknowledged_and_doubles_nothing(tmp_path: Path) -> None:
    outcome = kill_often(tmp_path / "log.sqlite", 60, seed=7)
    assert len(outcome.acknowledged) > 60
    assert (outcome.lost, outcome.doubled) == (0, 0)


def test_a_torn_tail_loses_only_what_was_not_acknowledged(tmp_path: Path) -> None:
    path, chance = tmp_path / "log.sqlite", random.Random(11)
    wal = path.with_name("log.sqlite-wal")
    acknowledged: list[tuple[int, int]] = []
    with Log.open(path) as log:
        for start in range(0, 400, 20):
            log.append_many(events(range(start, start + 20)), [failure(start)])
            acknowledged.append((wal.stat().st_size, start + 20))
        before = (path.read_bytes(), wal.read_bytes())
    for trial in range(120):
        copy = tmp_path / str(trial)
        copy.mkdir()
        cut = chance.randrange(len(before[1]) + 1)
        kept = max((count for size, count in acknowledged if size <= cut), default=0)
        (copy / "log.sqlite").write_bytes(before[0])
        (copy / "log.sqlite-wal").write_bytes(before[1][:cut] + chance.randbytes(chance.choice((0, 30, 9_000))))
        with Log.open(copy / "log.sqlite") as log:
            log.append_many([event(9_999)])
        found = all_records(copy / "log.sqlite")
        assert len(found) == kept + 1
        assert [record.offset for record in found] == list(range(1, kept + 2))
        check_sums(copy / "log.sqlite")
        shutil.rmtree(copy)


def test_a_full_disk_refuses_keeps_reading_and_resumes_by_itself(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / "log.sqlite"
        (disk / "ballast").write_bytes(bytes(1 << 20))
        with Committer(Log.open(path)) as committer, LogReader(path) as reader:
            kept, refused = 0, 0
            for number in range(0, 4_000, 10):
                try:
                    kept += len(committer.append_many(events(range(number, number + 10))).offsets)
                except LogFullError:
                    refused += 10
                    if refused > 300:
                        break
            assert kept
            assert refused == committer.refused > 300
            assert len(reader.read(limit=10_000)) == kept
            assert reader.counts()["web"].stored == kept
            (disk / "ballast").unlink()
            assert committer.append_many(events([99_999])).offsets == [kept + 1]
            assert committer.append_many(events([0])).duplicates == 1
        assert len(all_records(path)) == kept + 1
        check_sums(path)


SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int is_broken(void) { return access(getenv("BROKEN"), F_OK) == 0; }
int fsync(int handle) {
    if (is_broken()) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, "fsync"))(handle);
}
int fdatasync(int handle) {
    if (is_broken()) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(handle);
}
"""
PROGRAM = """
import os, sys
from pathlib import Path
from habitue.streams import Committer, Log, LogReader, LogStoppedError
from tests.streams.events import events
path, broken = Path(sys.argv[1]), Path(os.environ["BROKEN"])
def refused(numbers):
    try:
        committer.append_many(events(numbers))
    except LogStoppedError as error:
        return error.code
committer = Committer(Log.open(path))
reader = LogReader(path)
committer.append_many(events(range(10)))
broken.touch()
print(refused(range(10, 20)), committer.is_stopped, len(reader.read()))
broken.unlink()
print(refused(range(20, 30)), committer.is_stopped, len(reader.read()), committer.refused)
committer.close()
print(len(reader.read()))
"""


def test_a_failed_sync_stops_the_log_for_good_while_reading_goes_on(tmp_path: Path) -> None:
    compiler = shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler, to make the disk fail")
    (tmp_path / "shim.c").write_text(SHIM, encoding="utf-8")
    words = [compiler, "-shared", "-fPIC", "-o", str(tmp_path / "shim.so"), str(tmp_path / "shim.c"), "-ldl"]
    subprocess.run(words, check=True)
    path = tmp_path / "log.sqlite"
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "LD_PRELOAD": str(tmp_path / "shim.so"),
            "BROKEN": str(tmp_path / "broken"),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        },
    )
    assert said.stdout.splitlines() == ["LOG-STOPPED True 10", "LOG-STOPPED True 10 20", "10"], said.stderr
    with Log.open(path) as log:
        assert log.append_many(events(range(30))).offsets[:10] == list(range(1, 11))
    assert len(all_records(path)) == 30
    check_sums(path)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_FULL, LogFullError),
        (sqlite3.SQLITE_BUSY, LogHeldError),
        (sqlite3.SQLITE_IOERR_FSYNC, LogStoppedError),
        (sqlite3.SQLITE_IOERR_WRITE, LogStoppedError),
        (sqlite3.SQLITE_IOERR, LogStoppedError),
        (sqlite3.SQLITE_CONSTRAINT, LogStoppedError),
    ],
)
def test_each_answer_of_sqlite_has_its_error(tmp_path: Path, code: int, kind: type[Exception]) -> None:
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    assert isinstance(known_error(tmp_path / "log.sqlite", error), kind)
