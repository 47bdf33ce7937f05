"""`.habitue/server.json`: where a running server of the project is reached, for the owner of the folder."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from habitue.config import state_folder, writing

NOTICE_FILE: Final = "server.json"
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Where a server is reached.

    Attributes:
        url: Its address, such as `http://127.0.0.1:8321`.
        pid: Its process.
        token: What commands of this machine show it.
    """

    url: str
    pid: int
    token: str


def put_up(folder: Path, notice: Notice) -> None:
    """Say where a project's server is reached; only the owner of the folder can read it.

    Args:
        folder: The project folder.
        notice: What to say.
    """
    path = state_folder(folder) / NOTICE_FILE
    unfinished = path.with_suffix(".unfinished")
    with writing(path):
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"url": notice.url, "pid": notice.pid, "token": notice.token}, file)
        unfinished.replace(path)


def take_down(folder: Path) -> None:
    """Say no longer where this process is reached; what another process has put up stays."""
    found = read_notice(folder)
    if found is not None and found.pid == os.getpid():
        (state_folder(folder) / NOTICE_FILE).unlink(missing_ok=True)


def read_notice(folder: Path) -> Notice | None:
    """Where the project's server says it is reached; None where there is none, or its process is gone."""
    try:
        said = json.loads((state_folder(folder) / NOTICE_FILE).read_text(encoding="utf-8"))
        notice = Notice(url=str(said["url"]), pid=int(said["pid"]), token=str(said["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return notice if _is_there(notice.pid) else None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return pid > 0
