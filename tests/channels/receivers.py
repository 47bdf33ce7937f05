"""Real servers on this machine that receive webhooks, each as well or as badly as a test says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a receiver answers once.

    Attributes:
        status: Of HTTP; 0 closes the connection without an answer.
        headers: What goes with it.
        after_s: How long it thinks first.
        body: What it says.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes
    path: str
    peer: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def sequence(self) -> int:
        return int(self.json["data"]["sequence"])


OK = Said()
Answering: TypeAlias = Callable[[int, Got], Said]
"""How to answer the request of a number, counted from 0."""


class Receiver:
    """What a server has received so far.

    Attributes:
        got: Every request, in the order of arrival.
        accepted: Those that were answered with 2xx.
        url: Where it listens.
    """

    def __init__(self, answering: Answering) -> None:
        self.got: list[Got] = []
        self.accepted: list[Got] = []
        self.url = ""
        self.answering = answering
        self._lock = threading.Lock()

    def take(self, got: Got) -> Said:
        with self._lock:
            number = len(self.got)
            self.got.append(got)
        said = self.answering(number, got)
        if said.after_s:
            time.sleep(said.after_s)
        if 200 <= said.status < 300:
            with self._lock:
                self.accepted.append(got)
        return said

    def has(self, count: int) -> bool:
        """Whether so many requests have come."""
        return len(self.got) >= count

    @property
    def sequences(self) -> list[int]:
        """Of the accepted changes, each once, in the order in which they were first accepted."""
        return list(dict.fromkeys(each.sequence for each in list(self.accepted)))


@contextmanager
def receiving(answering: Answering = lambda _number, _got: OK) -> Iterator[Receiver]:
    """A server that answers as told, on a port of its own."""
    receiver = Receiver(answering)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                # The sender was killed in the middle of it.
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = receiver.take(Got(headers=headers, body=body, path=self.path, peer=self.client_address[1]))
            if not said.status:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_args: object) -> None:
            return

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
