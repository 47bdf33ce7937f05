"""One process per project: a lock of the operating system on `.habitue/lock`, gone with the process that held it."""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from habitue.config import state_folder, writing
from habitue.errors import HabitueError

LOCK_FILE = "lock"
_LOOKS = 10
_PAUSE_S = 0.02
_LONGEST_S = 5.0


class ProjectBusyError(HabitueError):
    """Another process works on the project.

    Attributes:
        pid: The other process, 0 when it has not said.
        command: What it runs, empty when it has not said.
    """

    code = "PROJECT-BUSY"

    def __init__(self, folder: Path, pid: int, command: str) -> None:
        self.pid = pid
        self.command = command
        whom = f"Process {pid}" if pid else "Another process"
        doing = f" (`{command}`)" if command else ""
        super().__init__(
            what=f"{whom}{doing} is working on the project {str(folder)!r}.",
            do="Stop `habitue serve` first, then run the command again."
            if command.endswith(" serve")
            else "Wait until it has finished, or stop it, then run the command again.",
        )


class ProjectLock:
    """Holds the project for this process while the `with` block runs.

    The lock belongs to the open file, so one left behind by a killed process is no obstacle.

    Args:
        folder: The project folder.
        command: What this process runs, as others will be told; by default the program and its first word.
    """

    def __init__(self, folder: Path, command: str | None = None) -> None:
        self._folder = folder
        self._command = _own_command() if command is None else command
        self._handle: int | None = None

    def __enter__(self) -> Self:
        """Take the lock at once, or raise `ProjectBusyError` naming the process that has it."""
        path = state_folder(self._folder) / LOCK_FILE
        with writing(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _lock(handle)
                self._sign(handle)
            except BlockingIOError:
                pid, command = _read_holder(handle)
                os.close(handle)
                raise ProjectBusyError(self._folder, pid, command) from None
            except BaseException:
                os.close(handle)
                raise
        self._handle = handle
        return self

    @property
    def handle(self) -> int:
        """The open file that the lock belongs to; a process that is given it works under the same lock."""
        if self._handle is None:
            raise ValueError("the lock is not held")
        return self._handle

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back; the file stays, since removing it could part two processes."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        try:
            os.ftruncate(handle, 0)
            fcntl.flock(handle, fcntl.LOCK_UN)
        finally:
            os.close(handle)

    def _sign(self, handle: int) -> None:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "command": self._command[:200]}).encode(), 0)


def check_lent(folder: Path, handle: int) -> None:
    """Pass where an open file is the lock of a project, lent by the process that holds it.

    Args:
        folder: The project folder.
        handle: The open file, inherited.

    Raises:
        ProjectBusyError: It is not.
    """
    path = state_folder(folder) / LOCK_FILE
    try:
        is_same = os.path.samestat(os.fstat(handle), path.stat())
        # For the same open file the lock is held already, and to take it once more changes nothing.
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        is_same = False
    if not is_same:
        raise ProjectBusyError(folder, 0, "")


def _lock(handle: int) -> None:
    """Take the lock; where its holder was killed, as soon as the process is gone that it had work for it.

    It looks again and again: `flock` has no time limit, and a thread left waiting in it would take the lock after all.
    """
    waited_s = 0.0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waited_s >= _LONGEST_S or _is_there(_read_holder(handle)[0]):
                raise
            time.sleep(_PAUSE_S)
            waited_s += _PAUSE_S
        else:
            return


def _is_there(pid: int) -> bool:
    """Whether a process exists; one that has not said its number does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _own_command() -> str:
    """The program and its first word; later words may name customers."""
    program = Path(sys.argv[0]).name if sys.argv else ""
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    return f"{program} {word}" if word.replace("-", "").isalpha() and not word.startswith("-") else program


def _read_holder(handle: int) -> tuple[int, str]:
    """Who holds the lock, as it has said; a holder needs a moment between taking the lock and signing."""
    for look in range(_LOOKS):
        if look:
            time.sleep(_PAUSE_S)
        try:
            said = json.loads(os.pread(handle, 4096, 0))
            pid, command = said["pid"], said["command"]
        except (ValueError, TypeError, KeyError):
            continue
        if isinstance(pid, int) and isinstance(command, str):
            return pid, command
    return 0, ""
