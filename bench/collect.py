"""`python -m bench.collect`: events acknowledged per CPU-second, in batches of 100, from body to disk.

Each batch is a body of the Segment HTTP API: it is decoded, every message written as JSON, and appended to the log;
what is counted was acknowledged after the disk had it. HTTP, contracts and the vault are not in it. CPU time is that
of the whole process, the system's part included. `--cycles N` kills a writer so many times instead.
"""

import argparse
import json
import random
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench.resources import peak_mb
from habitue.streams import Committer, Log, LogReader, NewRecord, Receipt
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch, Message
from tests.streams.killing import kill_often

BAR = 50_000
DONE, BROKEN = 0, 3
NOW_US = 1_795_000_000_000_000
_BATCH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when the promise is kept, 3 when it is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.collect", description=__doc__)
    parser.add_argument("--events", type=int, default=400_000, help="events to send (400000)")
    parser.add_argument("--senders", type=int, default=8, help="batches on their way at the same time (8)")
    parser.add_argument("--cycles", type=int, default=0, help="kill a writer so many times instead")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to be measured; by default a temporary one")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(dir=options.dir) as folder:
        path = Path(folder) / "log.sqlite"
        if options.cycles:
            found, is_kept = _kill(path, options.cycles)
        else:
            found, is_kept = _collect(path, options.events, options.senders)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.writelines(f"{name:<36} {value:>12,}\n" for name, value in found.items())
    return DONE if is_kept else BROKEN


def _bodies(events: int, chance: random.Random) -> Iterator[bytes]:
    def message(number: int) -> dict[str, object]:
        return {
            "type": "track",
            "event": "Product Viewed",
            "userId": str(chance.randrange(50_000)),
            "anonymousId": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "messageId": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "timestamp": "2026-11-22T07:33:00.123Z",
            "properties": {"product_id": f"P{number % 9_999:05}", "price": 19.95, "currency": "EUR", "quantity": 1},
            "context": {"library": {"name": "analytics-python", "version": "2.3.2"}},
            "integrations": {},
        }

    for start in range(0, events, _BATCH):
        batch = [message(number) for number in range(start, start + _BATCH)]
        yield json.dumps({"batch": batch, "sentAt": "2026-11-22T07:33:01.000Z"}).encode()


def _collect(path: Path, events: int, senders: int) -> tuple[dict[str, float], bool]:
    bodies = list(_bodies(events, random.Random(5)))
    decoder, encoder = Decoder(), msgspec.json.Encoder()
    acknowledged, decoding_s = 0, 0.0
    with Committer(Log.open(path)) as committer:
        waiting, receipts = iter(bodies), list[Future[Receipt]]()
        wall, cpu = time.perf_counter(), time.process_time()
        while some := list(islice(waiting, senders)):
            begun = time.thread_time()
            for body in some:
                batch = decoder.batch(body, received_us=NOW_US)
                if not isinstance(batch, Batch):
                    raise SystemExit(batch.reason)
                records = [
                    NewRecord("web", each.message_id, each.kind.value, NOW_US, encoder.encode(each))
                    for each in batch.results
                    if isinstance(each, Message)
                ]
                receipts.append(committer.submit(records))
            decoding_s += time.thread_time() - begun
            acknowledged += sum(len(receipt.result().offsets) for receipt in receipts)
            receipts.clear()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with LogReader(path) as reader:
        counts = reader.counts()["web"]
    rate = acknowledged / cpu
    found = {
        "acknowledged": acknowledged,
        "stored": counts.stored,
        "events per CPU-second": round(rate),
        "bar": BAR,
        "events per second": round(acknowledged / wall),
        "µs of CPU an event": round(cpu / acknowledged * 1e6, 2),
        "of these, decoding and encoding": round(decoding_s / acknowledged * 1e6, 2),
        "log bytes an event": round(path.stat().st_size / acknowledged),
        "peak memory, MB": round(peak_mb()),
    }
    return found, rate >= BAR and counts.stored == acknowledged == events


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
