"""`python -m bench.http`: events acknowledged over HTTP per CPU-second of the server, everything on the disk.

A server of its own process takes batches of the Segment HTTP API over a few connections that stay open: all of HTTP,
keys, decoding, contracts, the vault and the log are in it. CPU time is that of the server, the system's part included.
The second figure is for requests of one message each.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
import uuid
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

from tests.server.serving import make_key, make_project, serving

BAR = 50_000
DONE, BROKEN = 0, 3
_BATCH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when the promise is kept, 3 when it is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.http", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="events to send in batches (200000)")
    parser.add_argument("--singles", type=int, default=5_000, help="events to send one by one (5000)")
    parser.add_argument("--senders", type=int, default=4, help="connections (4)")
    parser.add_argument("--people", type=int, default=10_000, help="different customers (10000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve is not None:
        _serve(options.serve)
        return DONE
    with TemporaryDirectory() as folder, _served(Path(folder)) as server:
        known = _send(server, "/v1/batch", list(_batches(options.people, options.people, 1)), options.senders)
        batches = _send(server, "/v1/batch", list(_batches(options.events, options.people, 2)), options.senders)
        singles = _send(server, "/v1/track", list(_singles(options.singles, options.people)), options.senders)
    found = {
        "events per CPU-second, batches of 100": round(options.events / batches.cpu),
        "bar": BAR,
        "µs of CPU an event": round(batches.cpu / options.events * 1e6, 2),
        "events per second, batches of 100": round(options.events / batches.wall),
        "events per CPU-second, people unknown so far": round(options.people / known.cpu),
        "requests per CPU-second, one event each": round(options.singles / singles.cpu),
        "milliseconds to an answer, p50, one event each": round(singles.p50 * 1e3, 2),
        "milliseconds to an answer, p99, one event each": round(singles.p99 * 1e3, 2),
    }
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.writelines(f"{name:<50} {value:>12,}\n" for name, value in found.items())
    return DONE if found["events per CPU-second, batches of 100"] >= BAR else BROKEN


class _Server(NamedTuple):
    pid: int
    port: int
    key: str

    def cpu(self) -> float:
        """CPU seconds so far, the system's part included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Took(NamedTuple):
    cpu: float
    wall: float
    p50: float
    p99: float


def _serve(folder: Path) -> None:
    """Serve until standard input ends."""
    with serving(folder) as running:
        sys.stdout.write(f"{running.url.rpartition(':')[2]} {make_key(folder)}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def _served(folder: Path) -> Iterator[_Server]:
    make_project(folder)
    command = [sys.executable, "-m", "bench.http", "--serve", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None or process.stdin is None:
            raise SystemExit("The server has no pipes.")
        port, key = process.stdout.readline().split()
        yield _Server(process.pid, int(port), key)
        process.stdin.close()


def _message(number: int, people: int, chance: random.Random) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": str(number if number < people else chance.randrange(people)),
        "anonymousId": None,
        "messageId": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "timestamp": "2026-11-22T07:33:00.123Z",
        "properties": {"product_id": f"P{number % 9_999:05}", "price": 19.95},
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
    }


def _batches(events: int, people: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for start in range(0, events, _BATCH):
        batch = [_message(number, people, chance) for number in range(start, start + _BATCH)]
        yield json.dumps({"batch": batch, "sentAt": "2026-11-22T07:33:01.000Z"}).encode()


def _singles(events: int, people: int) -> Iterator[bytes]:
    chance = random.Random(3)
    for number in range(events):
        yield json.dumps(_message(number, people, chance)).encode()


def _send(server: _Server, path: str, bodies: Sequence[bytes], senders: int) -> _Took:
    took: list[float] = []
    threads = [Thread(target=_send_some, args=(server, path, bodies[place::senders], took)) for place in range(senders)]
    wall, cpu = time.perf_counter(), server.cpu()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    took.sort()
    cpu, wall = server.cpu() - cpu, time.perf_counter() - wall
    if len(took) < len(bodies):
        raise SystemExit("A request was not acknowledged.")
    return _Took(max(cpu, 0.01), wall, took[len(took) // 2], took[len(took) * 99 // 100])


def _send_some(server: _Server, path: str, bodies: Sequence[bytes], took: list[float]) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {b64encode(f'{server.key}:'.encode()).decode()}\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body in bodies:
            begun = time.perf_counter()
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            if not _answer(connection).startswith(b"HTTP/1.1 200"):
                return
            took.append(time.perf_counter() - begun)


def _answer(connection: socket.socket) -> bytes:
    said = b""
    while b"\r\n\r\n" not in said:
        said += connection.recv(65_536)
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head


if __name__ == "__main__":
    sys.exit(main())
