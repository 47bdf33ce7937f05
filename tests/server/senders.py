"""Senders that write HTTP by hand: over a few connections that stay open, or as no library would."""

import json
import socket
from base64 import b64encode
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self
from urllib.parse import urlsplit


class Asked(NamedTuple):
    """One request: method and path with its query, headers, body."""

    line: str
    body: bytes = b""
    headers: tuple[str, ...] = ()


class Said(NamedTuple):
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """What its body says."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


def basic(key: str) -> str:
    """The header of HTTP Basic with a write key."""
    return f"Authorization: Basic {b64encode(f'{key}:'.encode()).decode()}"


class Line:
    """A connection to a server.

    Args:
        url: Of the server.
        seconds: How long to wait for anything.
    """

    def __init__(self, url: str, seconds: float = 30.0) -> None:
        place = urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, asked: Asked) -> Said:
        """Send a request and read its answer."""
        self.socket.sendall(wire(asked))
        return self.read()

    def read(self) -> Said:
        """The next answer."""
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self._held) < length:
            self._more()
        body, self._held = self._held[:length], self._held[length:]
        return Said(int(first.split()[1]), headers, body)

    def _more(self) -> None:
        more = self.socket.recv(65_536)
        if not more:
            raise ConnectionResetError
        self._held += more


def wire(asked: Asked) -> bytes:
    """A request as it goes over the wire."""
    lines = [
        f"{asked.line} HTTP/1.1",
        "Host: shop.example",
        *asked.headers,
        f"Content-Length: {len(asked.body)}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + asked.body


def ask_all(url: str, asked: Sequence[Asked], *, lines: int = 16, ahead: int = 8) -> list[Said]:
    """The answers to requests, sent over so many connections, so many ahead of the answers; in no particular order."""

    def some(place: int) -> Iterable[Said]:
        mine, found = asked[place::lines], list[Said]()
        with Line(url) as line:
            for begin in range(0, len(mine), ahead):
                wave = mine[begin : begin + ahead]
                line.socket.sendall(b"".join(map(wire, wave)))
                found += [line.read() for _ in wave]
        return found

    with ThreadPoolExecutor(lines) as pool:
        return [said for part in pool.map(some, range(lines)) for said in part]
