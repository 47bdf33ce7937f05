"""`python -m bench.parity`: a served shop under load and kills; in the end both readings have to agree about everybody.

A real `habitue serve` of the sample shop takes events in over HTTP: late ones, doubled ones, people who log in, merge,
share a card, give and withdraw consents. It is killed at a third of them and begins again, and builds at half of them
while events come in. After each part, and in the end, `habitue segments parity` compares what is kept live with the
batch over the same records, customer by customer. Promised: no difference after 200,000 events.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.parity_traffic import BATCH, Traffic
from bench.served import NotServedError, Sender, Served
from habitue.cli.clock import system_clock, system_surroundings
from habitue.govern.accounts import Scope
from habitue.identity.links import Links
from habitue.run.accounts import People, create_key
from habitue.run.person_rows import joined_records
from habitue.run.starting import demo_project
from habitue.samples.replay import read_visits
from habitue.segments import TransitionLog

DONE, BROKEN = 0, 3
_PAUSE_S: Final = 0.02
_KILLED_AFTER_S: Final = 0.05
_KEY_US: Final = 24 * 3_600_000_000


@dataclass(slots=True, kw_only=True)
class Found:
    """What came of it.

    Attributes:
        events: Messages acknowledged, each once.
        compared: Answers compared in the end: customers times segments.
        merged: Records that became somebody's who had others while events came in.
        transitions: Times somebody entered or left.
        kills: How often the server was killed.
        builds: How many builds went on while events came in.
        checks: How many differences each comparison found, in their order.
        differences: Those of the last one.
        server_cpu_s: CPU time of the servers.
        seconds: Wall time of all.
    """

    events: int = 0
    compared: int = 0
    merged: int = 0
    transitions: int = 0
    kills: int = 0
    builds: int = 0
    checks: list[int] = field(default_factory=list)
    differences: list[dict[str, Any]] = field(default_factory=list)
    server_cpu_s: float = 0.0
    seconds: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; 0 when nothing differs, 3 when something does."""
    parser = argparse.ArgumentParser(prog="python -m bench.parity", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="events to send (200000)")
    parser.add_argument("--customers", type=int, default=2_000, help="customers of the sample (2000)")
    parser.add_argument("--seed", type=int, default=11, help="of what is sent (11)")
    parser.add_argument("--shop", type=Path, help="a demonstration shop to use, and leave there")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        shop = options.shop or Path(folder) / "shop"
        around = system_surroundings()
        if options.shop is None:
            demo_project("retail", shop, customers=options.customers, seed=1, around=around, until=around.clock())
        found = _Trial(shop, options.seed).run(options.events)
    found.seconds = round(time.monotonic() - begun, 1)
    sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
    return BROKEN if any(found.checks) else DONE


class _Trial:
    """A shop, its server, and who sends to it."""

    def __init__(self, shop: Path, seed: int) -> None:
        self._shop, self._served, self._found = shop, Served(shop), Found()
        self._traffic = Traffic(read_visits(shop, most=40_000), seed=seed)
        with People.open(shop, system_surroundings()) as people:
            self._key = create_key(people, Scope.COLLECT, role=None, valid_us=_KEY_US, source="site").key

    def run(self, events: int) -> Found:
        """Send so many, in four parts."""
        found, served = self._found, self._served
        with Links.open(self._shop) as links:
            found.merged = len(joined_records(links))
        served.begin()
        try:
            self._send(events // 3)
            self._check()
            self._kill()
            self._send(events // 2)
            self._check()
            with ThreadPoolExecutor(max_workers=1) as beside:
                building = beside.submit(served.ask, "/api/v1/build", "POST")
                self._send(events, until=building)
                building.result()
                found.builds += 1
            self._check()
            self._send(events)
            self._last_check()
        finally:
            code = served.stop()
        found.server_cpu_s = round(served.cpu_s, 1)
        with Links.open(self._shop) as links, TransitionLog.open(self._shop) as log:
            found.transitions = log.newest()
            found.merged = len(joined_records(links)) - found.merged
        if code:
            raise NotServedError(f"It ended with {code}.")
        return found

    def _send(self, events: int, until: "Future[Any] | None" = None) -> None:
        """Send until so many were acknowledged, or until something else is done."""
        sender = self._served.sender(self._key)
        while self._found.events < events and not (until is not None and until.done()):
            self._take(sender, self._traffic.batch(system_clock()))

    def _take(self, sender: Sender, body: bytes) -> None:
        said = sender.send(body)
        while said is None:
            time.sleep(_PAUSE_S)
            said = sender.send(body)
        self._found.events += BATCH

    def _kill(self) -> None:
        """Kill the server while it takes a batch in; whoever sent it sends it again."""
        served, body = self._served, self._traffic.batch(system_clock())
        with ThreadPoolExecutor(max_workers=1) as beside:
            sending = beside.submit(served.sender(self._key).send, body)
            time.sleep(_KILLED_AFTER_S)
            served.kill()
            self._found.kills += 1
            sending.exception()
        served.begin()
        self._take(served.sender(self._key), body)

    def _check(self) -> None:
        """Compare what is kept as it stands."""
        found = self._served.ask("/api/v1/segments/parity")
        self._found.checks.append(len(found["differences"]))

    def _last_check(self) -> None:
        """Compare as anybody would, by the command."""
        words = [sys.executable, "-c", "from habitue.cli import main; main()", "segments", "parity", "--json"]
        said = subprocess.run([*words, "--project", str(self._shop)], capture_output=True, check=False).stdout
        parity = json.loads(said)
        found = self._found
        found.checks.append(len(parity["differences"]))
        found.differences, found.compared = parity["differences"][:100], parity["pairs"]


if __name__ == "__main__":
    sys.exit(main())
