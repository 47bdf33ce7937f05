"""`python -m bench.identity`: people found among made-up and public records, beside an exact rule and plain Splink.

Each size runs in a process of its own, so that memory is its own. Times are CPU seconds of all threads.
"""

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np

from bench.resources import cpu_seconds, peak_mb
from habitue.identity.evaluate import Evaluation, evaluate
from habitue.identity.index import LiveIndex
from tests.identity.crowds import Labelled, crowd, fake_people, febrl

DONE, BROKEN = 0, 3
LEAST_F1, MOST_LOST, LARGEST, LEAST_RECALL = 0.93, 0.02, 20, 0.93
SECONDS_AT_100K, SECONDS_AT_1M = 30.0, 360.0
LOOK_UPS = 200_000
_HEAD = (
    f"{'':14}{'links P':>9}{'R':>8}{'F1':>8}{'persons P':>11}{'R':>8}{'F1':>8}{'exact':>8}{'largest':>9}{'CPU s':>8}\n"
)
PUBLIC = Path(__file__).parents[2] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every size and the public sets; 0 when every promise is kept, 3 when one is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.identity", description=__doc__)
    parser.add_argument("--records", type=int, action="append", help="a size; may be repeated (10000 100000 500000)")
    parser.add_argument("--seed", type=int, default=7, help="of the made-up people (7)")
    parser.add_argument("--no-baselines", action="store_true", help="Habitue only")
    parser.add_argument("--no-public", action="store_true", help="made-up people only")
    parser.add_argument("--index", type=int, default=1_000_000, help="identifiers of the live index (1000000)")
    options = parser.parse_args(arguments)
    sizes = options.records or [10_000, 100_000, 500_000]
    results = [_apart(f"people {size:,}", size, options.seed, not options.no_baselines) for size in sizes]
    if not options.no_public and PUBLIC.is_dir():
        names = ["febrl1", "febrl2", "febrl3", "fake_people"]
        results += [_apart(name, 0, options.seed, not options.no_baselines) for name in names]
    for result in results:
        _show(result)
    index = _index(options.index)
    sys.stdout.write(f"live index: {json.dumps(index)}\n")
    broken = [*_broken(results), *([] if index["p99_us"] <= 1_000 else ["look-up p99 over 1 ms"])]
    sys.stdout.write("".join(f"BROKEN: {each}\n" for each in broken) or "all promises kept\n")
    return BROKEN if broken else DONE


def _apart(name: str, size: int, seed: int, baselines: bool) -> dict[str, Any]:
    """One measurement in a process of its own: Habitue first and alone, so that the memory is its own."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[dict[str, Any]] = context.Manager().Queue()
    for with_baselines in (False, True) if baselines else (False,):
        process = context.Process(target=_measure, args=(answers, name, size, seed, with_baselines))
        process.start()
        process.join()
    alone = answers.get()
    return {**alone, "methods": answers.get()["methods"]} if baselines else alone


def _measure(answers: "Queue[dict[str, Any]]", name: str, size: int, seed: int, baselines: bool) -> None:
    data = _data(name, size, seed)
    before, started = peak_mb(), cpu_seconds()
    found = evaluate(data.table, data.truth, data.rules, baselines=baselines, timer=cpu_seconds)
    answers.put(
        {"name": name, "cpu": cpu_seconds() - started, "memory_mb": peak_mb(), "data_mb": before} | _facts(found)
    )


def _data(name: str, size: int, seed: int) -> Labelled:
    if name.startswith("febrl"):
        return febrl(PUBLIC, int(name[-1]))
    return fake_people(PUBLIC) if name == "fake_people" else crowd(size, seed=seed)


def _facts(found: Evaluation) -> dict[str, Any]:
    methods = [
        {
            "name": each.name,
            "links": (each.links.precision, each.links.recall, each.links.f1),
            "persons": (each.persons.precision, each.persons.recall, each.persons.f1),
            "exact": each.exact,
            "largest": each.largest,
            "cpu": each.seconds,
        }
        for each in found.methods
    ]
    return {
        "records": found.records,
        "true_pairs": found.true_pairs,
        "compared": found.compared,
        "blocking_recall": found.blocking_recall,
        "estimated_recall": found.estimated_recall,
        "refused": {reason.value: count for reason, count in found.refused.items()},
        "methods": methods,
    }


def _show(result: dict[str, Any]) -> None:
    told = result["estimated_recall"]
    sys.stdout.write(
        f"\n{result['name']}: {result['records']:,} records, {result['true_pairs']:,} true pairs,"
        f" {result['compared']:,} compared, blocking recall {result['blocking_recall']:.4f}"
        f" (estimated {'?' if told is None else format(told, '.4f')}),"
        f" {result['cpu']:.1f} s CPU, {result['memory_mb']:.0f} MB ({result['data_mb']:.0f} before),"
        f" refused {result['refused']}\n"
    )
    sys.stdout.write(_HEAD)
    for each in result["methods"]:
        links, persons = (" ".join(f"{value:7.4f}" for value in each[key]) for key in ("links", "persons"))
        sys.stdout.write(
            f"{each['name']:14}  {links}    {persons} {each['exact']:7.4f} {each['largest']:8} {each['cpu']:7.1f}\n"
        )


def _index(size: int) -> dict[str, float]:
    """Build a live index of so many identifiers and time single look-ups."""
    keys = [hashlib.sha256(number.to_bytes(8)).digest()[:16] for number in range(size)]
    records = [f"c{number:016x}" for number in range(size // 2)]
    before, started = peak_mb(), cpu_seconds()
    index = LiveIndex.built(
        ((key, records[place // 2]) for place, key in enumerate(keys)),
        {record: records[place - 1] for place, record in enumerate(records) if place % 4 == 1},
    )
    built, memory = cpu_seconds() - started, peak_mb() - before
    chosen = np.random.default_rng(1).integers(0, size, LOOK_UPS).tolist()
    spent = np.empty(LOOK_UPS)
    for place, number in enumerate(chosen):
        begun = time.perf_counter_ns()
        index.resolve([keys[number], keys[number ^ 1]])
        spent[place] = time.perf_counter_ns() - begun
    p50, p99 = np.percentile(spent, [50, 99]) / 1_000
    return {
        "identifiers": size,
        "build_cpu_s": round(built, 2),
        "memory_mb": round(memory),
        "p50_us": round(float(p50), 2),
        "p99_us": round(float(p99), 2),
        "max_us": round(float(spent.max()) / 1_000, 1),
    }


def _broken(results: Sequence[dict[str, Any]]) -> list[str]:
    people = [each for each in results if each["name"].startswith("people")]
    broken: list[str] = []
    for each in people:
        ours = each["methods"][0]
        f1 = ours["persons"][2]
        limits = {100_000: SECONDS_AT_100K, 1_000_000: SECONDS_AT_1M}
        checks = {
            f"persons F1 {f1:.4f} under {LEAST_F1}": f1 < LEAST_F1,
            f"largest person {ours['largest']} over {LARGEST}": ours["largest"] > LARGEST,
            f"blocking recall {each['blocking_recall']:.4f} under {LEAST_RECALL}": each["blocking_recall"]
            < LEAST_RECALL,
            f"{each['cpu']:.0f} s CPU": each["cpu"] > limits.get(each["records"], float("inf")),
        }
        broken += [f"{each['name']}: {what}" for what, is_broken in checks.items() if is_broken]
    scores = [each["methods"][0]["persons"][2] for each in people]
    if scores and scores[0] - min(scores) > MOST_LOST:
        broken.append(f"persons F1 falls by {scores[0] - min(scores):.4f} with size")
    return broken


if __name__ == "__main__":
    sys.exit(main())
