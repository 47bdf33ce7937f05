"""`python -m bench.end_to_end`: a served shop under load, from the answer to an event until its effect is told.

A real `habitue serve` keeps the segments of the sample shop live while events come in over HTTP at a steady rate. One
event in each request makes somebody new enter a segment for three seconds. Told are the times from the answer to the
request (everything on the disk) until the change has come over `/api/v1/changes`, and from the deadline until the
change out of it has come. When a third of the time has passed a build is asked for; a new reading follows it. Wall
times: run it on a quiet machine.

Promised: at 2,000 events a second for 60 seconds p50 at most 20 ms, p99 at most 100 ms; exits within a second.
"""

import argparse
import http.client
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from bench.resources import process_cpu_seconds
from habitue.cli.clock import system_clock, system_surroundings
from habitue.govern.accounts import Scope
from habitue.run.accounts import People, create_key
from habitue.run.starting import demo_project
from habitue.samples.replay import Replay, read_visits
from habitue.state.notice import Notice, read_notice

DONE, BROKEN = 0, 3
P50_MS: Final = 20.0
P99_MS: Final = 100.0
EXIT_MS: Final = 1_000.0
_PROBE: Final = """
segment: probe
label: Just seen
rule: did('Cart Viewed', where=cart_id == 'probe', last='3s')
"""
_READY_S: Final = 120.0
_DRAIN_S: Final = 6.0
_TAKEN_OVER_S: Final = 1.0


class Answered(NamedTuple):
    """An answer to a request.

    Attributes:
        at: When it came, on the monotonic clock.
        took_s: How long after the request.
    """

    at: float
    took_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 when the promises are kept, 3 when one is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.end_to_end", description=__doc__)
    parser.add_argument("--rate", type=int, default=2_000, help="events a second (2000)")
    parser.add_argument("--seconds", type=int, default=60, help="for how long (60)")
    parser.add_argument("--batch", type=int, default=100, help="events in a request (100)")
    parser.add_argument("--customers", type=int, default=2_000, help="customers of the sample (2000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        key = _prepared(shop, options.customers)
        with served(shop) as (notice, process):
            listener = Listener(notice)
            listener.start()
            before = process_cpu_seconds(process.pid)
            building = Thread(target=_build, args=(notice, options.seconds / 3), daemon=True)
            building.start()
            acknowledged, late_s = _send(notice, key, shop, options)
            time.sleep(_DRAIN_S)
            cpu = process_cpu_seconds(process.pid) - before
            document = _figures(acknowledged, listener, options, cpu, late_s)
    if options.json:
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.writelines(f"{name:<46} {value:>12,}\n" for name, value in document.items())
    kept = (
        document["entries told"] == document["requests"] == document["exits told"]
        and document["visible p50 ms"] <= P50_MS
        and document["visible p99 ms"] <= P99_MS
        and document["exit after its deadline, max ms"] <= EXIT_MS
    )
    return DONE if kept else BROKEN


def _prepared(shop: Path, customers: int) -> str:
    """A built shop with the probe, and a key to send with."""
    around = system_surroundings()
    demo_project("retail", shop, customers=customers, seed=1, around=around, until=around.clock())
    (shop / "segments" / "probe.yaml").write_text(_PROBE, encoding="utf-8")
    with People.open(shop, around) as people:
        return create_key(people, Scope.COLLECT, role=None, valid_us=3_600_000_000, source="site").key


@contextmanager
def served(shop: Path) -> Iterator[tuple[Notice, "subprocess.Popen[bytes]"]]:
    """The shop served by a process of its own, once it answers."""
    words = [sys.executable, "-c", "from habitue.cli import main; main()", "serve", "--port", "0", "--quiet"]
    with subprocess.Popen([*words, "--project", str(shop)]) as process:
        try:
            yield _ready(shop), process
        finally:
            process.terminate()


def _build(notice: Notice, after_s: float) -> None:
    """Have everything built anew while events come in; the live reading is made anew after that."""
    time.sleep(after_s)
    connection = http.client.HTTPConnection(urlsplit(notice.url).netloc, timeout=300)
    headers = {"Authorization": f"Bearer {notice.token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/build", "{}", headers)
    connection.getresponse().read()


def _ready(shop: Path) -> Notice:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        time.sleep(0.2)
        notice = read_notice(shop)
        if notice is None:
            continue
        connection = http.client.HTTPConnection(urlsplit(notice.url).netloc, timeout=5)
        connection.request("GET", "/readyz")
        # The first build that is due while it is served is over, too.
        if connection.getresponse().status == http.client.OK and _built(notice):
            return notice
    raise RuntimeError("the server did not become ready")


def _built(notice: Notice) -> bool:
    connection = http.client.HTTPConnection(urlsplit(notice.url).netloc, timeout=30)

    def asked(path: str) -> dict[str, Any]:
        connection.request("GET", path, headers={"Authorization": f"Bearer {notice.token}"})
        said: dict[str, Any] = json.loads(connection.getresponse().read())
        return said

    state, building = asked("/api/v1/state"), asked("/api/v1/builds/underway")
    is_over = state["build"] > 1 and not building["running"]
    # What it brought is taken over by the live reading after that.
    time.sleep(_TAKEN_OVER_S)
    live = asked("/api/v1/state")["live"]
    return bool(is_over and "probe" in live["segments"] and live["making"] is None)


class Listener(Thread):
    """Listens to the changes of the probe and keeps when each came.

    Attributes:
        entered: When each entry came, in order, on the monotonic clock.
        exits_ms: How long after its deadline each exit came.
    """

    def __init__(self, notice: Notice) -> None:
        super().__init__(daemon=True)
        self.entered: deque[float] = deque()
        self.exits_ms: list[float] = []
        self._connection = http.client.HTTPConnection(urlsplit(notice.url).netloc, timeout=60)
        self._connection.request(
            "GET", "/api/v1/changes?segment=probe", headers={"Authorization": f"Bearer {notice.token}"}
        )
        self._answer = self._connection.getresponse()

    def run(self) -> None:
        """Read until the server ends."""
        for line in self._answer:
            if line.startswith(b"data: {") and b'"occurred_at"' in line:
                self._take(json.loads(line[6:]), time.monotonic())

    def _take(self, said: dict[str, Any], came: float) -> None:
        if said["entered"]:
            self.entered.append(came)
        else:
            due = datetime.fromisoformat(said["occurred_at"])
            self.exits_ms.append((system_clock() - due).total_seconds() * 1e3)


def _send(notice: Notice, key: str, shop: Path, options: argparse.Namespace) -> tuple[list[Answered], float]:
    """When each request was answered, and how far sending fell behind its pace at most."""
    replay, acknowledged, late_s = Replay(read_visits(shop, most=20_000), seed=7), list[Answered](), 0.0
    headers = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode(), "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(notice.url).netloc, timeout=30)
    requests = options.rate * options.seconds // options.batch
    now = system_clock()
    bodies = [
        list(replay.past(options.batch - 1, since=now, until=now + timedelta(seconds=1))) for _ in range(requests)
    ]
    begun, pause = time.monotonic(), options.batch / options.rate
    for number, messages in enumerate(bodies):
        due = begun + number * pause
        time.sleep(max(0.0, due - time.monotonic()))
        late_s = max(late_s, time.monotonic() - due)
        said = system_clock().isoformat()
        probe = {
            "type": "track", "event": "Cart Viewed", "userId": f"probe-{number}", "messageId": f"probe-{number}",
            "properties": {"cart_id": "probe", "items": 1},
        }  # fmt: skip
        for each in messages:
            each["timestamp"] = said
        body, asked = json.dumps({"batch": [*messages, probe], "sentAt": said}), time.monotonic()
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        answered = json.loads(answer.read())
        if answer.status != http.client.OK or answered["failed"]:
            raise RuntimeError(f"{answer.status}: {str(answered)[:300]}")
        came = time.monotonic()
        acknowledged.append(Answered(came, came - asked))
    return acknowledged, late_s


def _figures(
    acknowledged: list[Answered], listener: Listener, options: argparse.Namespace, cpu: float, late_s: float
) -> dict[str, float]:
    pairs = zip(acknowledged, listener.entered, strict=False)
    waited = sorted(max(0.0, came - done.at) * 1e3 for done, came in pairs)
    answers = sorted(each.took_s * 1e3 for each in acknowledged)
    exits = sorted(listener.exits_ms)
    return {
        "events": len(acknowledged) * options.batch,
        "requests": len(acknowledged),
        "entries told": len(listener.entered),
        "exits told": len(exits),
        "answered p50 ms": _at(answers, 0.5),
        "answered p99 ms": _at(answers, 0.99),
        "visible p50 ms": _at(waited, 0.5),
        "visible p99 ms": _at(waited, 0.99),
        "visible max ms": _at(waited, 1.0),
        "exit after its deadline, p50 ms": _at(exits, 0.5),
        "exit after its deadline, max ms": _at(exits, 1.0),
        "server CPU-seconds": round(cpu, 1),
        "sending fell behind by at most, ms": round(late_s * 1e3, 1),
    }


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else -1.0


if __name__ == "__main__":
    sys.exit(main())
