"""Where a running server is reached: said to the owner of the folder only, and not beyond the life of its process."""

import os
import subprocess
import sys
from pathlib import Path

from habitue.config import state_folder
from habitue.state.notice import NOTICE_FILE, Notice, put_up, read_notice, take_down

TOKEN = "0" * 32


def ended() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_only_the_owner_reads_where_a_server_is(tmp_path: Path) -> None:
    notice = Notice(url="http://127.0.0.1:8321", pid=os.getpid(), token=TOKEN)
    put_up(tmp_path, notice)
    assert read_notice(tmp_path) == notice
    assert (state_folder(tmp_path) / NOTICE_FILE).stat().st_mode & 0o777 == 0o600
    take_down(tmp_path)
    assert read_notice(tmp_path) is None


def test_a_notice_of_a_process_that_is_gone_counts_for_nothing(tmp_path: Path) -> None:
    put_up(tmp_path, Notice(url="http://127.0.0.1:1", pid=ended(), token=TOKEN))
    assert read_notice(tmp_path) is None


def test_what_another_server_has_put_up_stays(tmp_path: Path) -> None:
    put_up(tmp_path, Notice(url="http://127.0.0.1:1", pid=os.getppid(), token=TOKEN))
    take_down(tmp_path)
    assert (state_folder(tmp_path) / NOTICE_FILE).exists()


def test_a_damaged_notice_counts_for_nothing(tmp_path: Path) -> None:
    for text in ("", "[]", '{"url": 1}', '{"url": "x", "pid": "y", "token": "z"}'):
        (state_folder(tmp_path) / NOTICE_FILE).write_text(text, encoding="utf-8")
        assert read_notice(tmp_path) is None
