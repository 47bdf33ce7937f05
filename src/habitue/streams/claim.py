"""The claim to write a log: one process holds it, and everybody else is told who that is."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from habitue.streams.refusals import LogHeldError, LogMissingError

_SIGNED: Final = 32


class Claim:
    """A lock of the operating system on a file beside the log; it ends with the process that holds it.

    Taking a claim over puts a new file in place of the old one, whose holder is then fenced off by the epoch.

    Args:
        log: The log's file; the claim is the same name with `.writer` behind it.
        take_over: Whether to take it from a process that still has it.

    Raises:
        LogHeldError: Another process has it, and is not to be taken over.
        LogMissingError: The file cannot be written.
    """

    def __init__(self, log: Path, *, take_over: bool = False) -> None:
        self._log = log
        self._path = log.with_name(f"{log.name}.writer")
        try:
            self._handle: int | None = self._take(take_over=take_over)
        except OSError as error:
            raise LogMissingError(log, os.strerror(error.errno or 0).lower()) from error

    def _take(self, *, take_over: bool) -> int:
        while True:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pid = _pid(os.pread(handle, _SIGNED, 0))
                os.close(handle)
                if not take_over:
                    raise LogHeldError(self._log, pid) from None
                self._path.unlink(missing_ok=True)
                continue
            if self._is_in_place(handle):
                # Who has it is a courtesy: on a full disk it stays unsaid.
                with suppress(OSError):
                    os.ftruncate(handle, 0)
                    os.pwrite(handle, str(os.getpid()).encode(), 0)
                return handle
            os.close(handle)

    def _is_in_place(self, handle: int) -> bool:
        """Whether a locked file is still the one at the path, which a process taking over may have replaced."""
        try:
            return os.path.samestat(os.fstat(handle), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the claim back; the file stays, since removing it could part two processes."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            os.close(handle)


def _pid(signed: bytes) -> int:
    return int(signed) if signed.isdigit() else 0
