"""A real `habitue serve` in a process of its own: begun, asked, sent to, killed, begun again."""

import http.client
import json
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.resources import process_cpu_seconds
from habitue.state.notice import Notice, read_notice

_READY_S: Final = 1_200.0
_PAUSE_S: Final = 0.5
_MAIN: Final = "from habitue.cli import main; main()"


class NotServedError(RuntimeError):
    """The server ended, or does not answer."""


class Served:
    """The server of one project.

    Args:
        folder: The project.

    Attributes:
        folder: The project.
        cpu_s: CPU time of servers that are over.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cpu_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._notice: Notice | None = None

    def begin(self) -> None:
        """Start it, and wait until it answers and what is live is live."""
        words = [sys.executable, "-c", _MAIN, "serve", "--port", "0", "--quiet", "--project", str(self.folder)]
        process = self._process = subprocess.Popen(words)
        until = time.monotonic() + _READY_S
        while (notice := read_notice(self.folder)) is None or notice.pid != process.pid:
            self._wait(process, until)
        self._notice = notice
        while not self._is_ready():
            self._wait(process, until)

    def kill(self) -> None:
        """End it wherever it is."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._end(signal.SIGTERM)

    def ask(self, path: str, method: str = "GET") -> dict[str, Any]:
        """What a route answers, by the token of this machine.

        Raises:
            NotServedError: It answers otherwise than with success.
        """
        with_token = {"Authorization": f"Bearer {self._there().token}", "Content-Type": "application/json"}
        status, said = self._request(method, path, b"{}" if method == "POST" else None, with_token)
        if status != http.client.OK:
            raise NotServedError(f"{method} {path}: {status} {said[:300]!r}")
        found: dict[str, Any] = json.loads(said)
        return found

    def sender(self, key: str) -> "Sender":
        """A connection to send events over, with a key of scope `collect`."""
        return Sender(urlsplit(self._there().url).netloc, key)

    def _there(self) -> Notice:
        if self._notice is None:
            raise NotServedError("It was not begun.")
        return self._notice

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self._there().url).netloc, timeout=_READY_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        try:
            return self._request("GET", "/readyz", None, {})[0] == http.client.OK
        except OSError:
            return False

    def _wait(self, process: "subprocess.Popen[bytes]", until: float) -> None:
        if process.poll() is not None:
            raise NotServedError(f"It ended with {process.returncode}.")
        if time.monotonic() > until:
            raise NotServedError("It does not answer.")
        time.sleep(_PAUSE_S)

    def _end(self, how: signal.Signals) -> int:
        process, self._process, self._notice = self._process, None, None
        if process is None:
            return 0
        self.cpu_s += process_cpu_seconds(process.pid)
        process.send_signal(how)
        return process.wait()


class Sender:
    """One connection that stays open."""

    def __init__(self, netloc: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(netloc, timeout=_READY_S)
        secret = b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}

    def send(self, body: bytes) -> dict[str, Any] | None:
        """What the server says to a batch; None where it has too much to do and the batch has to be sent again.

        Raises:
            NotServedError: It refuses the batch.
            OSError: It is gone.
        """
        self._connection.request("POST", "/v1/batch", body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status == http.client.TOO_MANY_REQUESTS:
            return None
        if answer.status != http.client.OK:
            raise NotServedError(f"{answer.status} {said[:300]!r}")
        found: dict[str, Any] = json.loads(said)
        return found
