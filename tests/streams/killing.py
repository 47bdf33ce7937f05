"""A writer that is killed again and again, and what it was told is kept."""

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from habitue.streams import Committer, Limits, Log, LogReader
from tests.streams.events import all_records, events

ROOT = Path(__file__).parents[2]
WRITER = "import sys; from tests.streams.killing import write; write(sys.argv[1], int(sys.argv[2]))"


def write(path: str, cycle: int) -> None:
    """Append for ever, ten events at a time, every fourth batch once more; say each receipt."""
    with Committer(Log.open(Path(path), limits=Limits(sweep=100))) as committer:
        os.write(1, b"ready\n")
        number = cycle * 1_000_000
        while True:
            batch = events(range(number, number + 10))
            for _ in range(2 if number % 40 == 0 else 1):
                receipt = committer.append_many(batch)
                os.write(1, f"{number} {receipt.offsets[0]}\n".encode())
            number += 10


@dataclass(slots=True)
class Outcome:
    """What a row of kills came to.

    Attributes:
        acknowledged: Batches that were acknowledged: first number and first offset.
        ready_s: How long each start took until it wrote.
        lost: Acknowledged messages that are not where the receipt said.
        doubled: Messages that are there more than once.
    """

    acknowledged: dict[int, int] = field(default_factory=dict)
    ready_s: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0


def kill_often(path: Path, cycles: int, seed: int) -> Outcome:
    """Start a writer and kill it within 50 ms, so many times; then look for everything it was told is kept."""
    chance, outcome = random.Random(seed), Outcome()
    for cycle in range(cycles):
        begun = time.perf_counter()
        words = [sys.executable, "-c", WRITER, str(path), str(cycle)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=ROOT, env=env) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            outcome.ready_s.append(time.perf_counter() - begun)
            time.sleep(chance.uniform(0, 0.05))
            writer.kill()
            said = writer.stdout.read().splitlines(keepends=True)
        for line in said:
            if line.endswith(b"\n"):
                number, offset = map(int, line.split())
                assert outcome.acknowledged.setdefault(number, offset) == offset
    _look(path, outcome)
    return outcome


def _look(path: Path, outcome: Outcome) -> None:
    found = all_records(path)
    assert [record.offset for record in found] == list(range(1, len(found) + 1))
    names = [record.message_id for record in found]
    outcome.doubled = len(names) - len(set(names))
    for number, offset in outcome.acknowledged.items():
        there = names[offset - 1 : offset + 9]
        outcome.lost += sum(f"m-{number + place}" not in there[place : place + 1] for place in range(10))
    with LogReader(path) as reader:
        counts = reader.counts()["web"]
    assert counts.received == counts.stored + counts.duplicates + counts.failed
    assert counts.stored == len(found)
