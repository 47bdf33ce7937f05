"""`python -m bench.collect`: events acknowledged per CPU-second, in batches of 100, from body to disk.

The sample shop with its live source. Each batch is a body of the Segment HTTP API: it is decoded, every message held
to its contract, its people taken into the vault, what nobody declared sealed, and the records appended to the log; what
is counted was acknowledged after the disk had it. One message in 20 is of somebody new, one in 4 has undeclared
properties. HTTP is not in it. CPU time is that of the whole process, the system's part included. `--cycles N` kills a
writer so many times instead.
"""

import argparse
import gc
import json
import random
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.collect_traffic import bodies
from bench.resources import peak_mb
from habitue.govern.keys import MasterKey
from habitue.govern.vault import Vault
from habitue.run.live_parts import log_path
from habitue.run.project import read_project
from habitue.sources.inbox import Inbox, Taken
from habitue.streams import Committer, Log, LogReader
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch
from tests.streams.killing import kill_often

BAR = 50_000
DONE, BROKEN = 0, 3
NOW_US = 1_795_000_000_000_000
SITE = "site"
THRESHOLDS = (50_000, 20, 100)
"""Between two looks of the collector lie more objects than a batch makes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when the promise is kept, 3 when it is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.collect", description=__doc__)
    parser.add_argument("--events", type=int, default=400_000, help="events to send (400000)")
    parser.add_argument("--senders", type=int, default=8, help="batches on their way at the same time (8)")
    parser.add_argument("--visit", type=int, default=20, help="messages of each new person (20)")
    parser.add_argument("--undeclared", type=int, default=4, help="one message in so many has undeclared properties")
    parser.add_argument("--cycles", type=int, default=0, help="kill a writer so many times instead")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to be measured; by default a temporary one")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(dir=options.dir) as folder:
        if options.cycles:
            found, is_kept = _kill(Path(folder) / "log.sqlite", options.cycles)
        else:
            found, is_kept = _collect(Path(folder) / "shop", options)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.writelines(f"{name:<36} {value:>12,}\n" for name, value in found.items())
    return DONE if is_kept else BROKEN


def _collect(folder: Path, options: argparse.Namespace) -> tuple[dict[str, float], bool]:
    sent = list(bodies(options.events, visit=options.visit, undeclared=options.undeclared))
    with _opened(folder) as (inbox, committer):
        # What is there stays there: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        clock = _Clock(inbox)
        wall, cpu = time.perf_counter(), time.process_time()
        acknowledged, slices = 0, list[float]()
        for some in _handfuls(sent, options.senders):
            begun = time.process_time()
            kept = _send(clock, committer, some)
            slices.append((time.process_time() - begun) / kept)
            acknowledged += kept
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    path = log_path(folder)
    with LogReader(path) as reader:
        counts = reader.counts()[SITE]
    rate = acknowledged / cpu
    found = {
        "acknowledged": acknowledged,
        "stored": counts.stored,
        "new people": -(-options.events // options.visit),
        "events per CPU-second": round(rate),
        "bar": BAR,
        "the quietest tenth of it": round(1 / sorted(slices)[len(slices) // 10]),
        "events per second": round(acknowledged / wall),
        "µs of CPU an event": round(cpu / acknowledged * 1e6, 2),
        "of these, decoding": round(clock.decoding_s / acknowledged * 1e6, 2),
        "of these, contracts and the vault": round(clock.taking_s / acknowledged * 1e6, 2),
        "log bytes an event": round(path.stat().st_size / acknowledged),
        "peak memory, MB": round(peak_mb()),
    }
    return found, rate >= BAR and counts.stored == acknowledged == options.events


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Inbox, Committer]]:
    shutil.copytree(Path(str(files("habitue") / "templates" / "retail")), folder, dirs_exist_ok=True)
    project = read_project(folder)
    chance = random.Random(7).randbytes
    with (
        Vault.open(folder, MasterKey(chance(32), "the bench"), vault_id="00112233445566aa", random=chance) as vault,
        Committer(Log.open(log_path(folder))) as committer,
    ):
        clock = partial(datetime.fromtimestamp, NOW_US / 1e6, UTC)
        yield Inbox(project.sources, project.purposes, project.identity, vault, clock=clock), committer


class _Clock:
    """Decodes and takes in, and knows how much of this thread's time each took."""

    def __init__(self, inbox: Inbox) -> None:
        self.decoding_s = self.taking_s = 0.0
        self._inbox = inbox
        self._decoder = Decoder()

    def take(self, some: Sequence[bytes]) -> list[Taken]:
        """What becomes of bodies that wait together."""
        begun = time.thread_time()
        batches = [self._decoder.batch(body, received_us=NOW_US) for body in some]
        decoded = time.thread_time()
        results = [batch.results for batch in batches if isinstance(batch, Batch)]
        self._inbox.prepare((SITE, each) for each in results)
        takens = [self._inbox.take(SITE, each, received_us=NOW_US) for each in results]
        self.decoding_s += decoded - begun
        self.taking_s += time.thread_time() - decoded
        return takens


def _handfuls(sent: Iterable[bytes], many: int) -> Iterator[list[bytes]]:
    waiting = iter(sent)
    while some := list(islice(waiting, many)):
        yield some


def _send(clock: _Clock, committer: Committer, some: Sequence[bytes]) -> int:
    """Send batches that are on their way together; gives how many events were acknowledged."""
    receipts = [committer.submit(taken.records, taken.failures) for taken in clock.take(some)]
    return sum(len(receipt.result().offsets) for receipt in receipts)


def _kill(path: Path, cycles: int) -> tuple[dict[str, float], bool]:
    begun = time.perf_counter()
    outcome = kill_often(path, cycles, seed=13)
    ready = sorted(outcome.ready_s)
    found = {
        "cycles": cycles,
        "acknowledged batches": len(outcome.acknowledged),
        "lost": outcome.lost,
        "twice": outcome.doubled,
        "seconds until ready, median": round(ready[len(ready) // 2], 2),
        "seconds until ready, most": round(ready[-1], 2),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    return found, outcome.lost == outcome.doubled == 0


if __name__ == "__main__":
    sys.exit(main())
