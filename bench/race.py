"""Runs each contender in a process of its own and takes its times, its peak memory and its answers."""

import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

import pyarrow as pa

from bench.contender import THREADS, Contender, Entry, Limits, open_contender
from bench.dataset import Dataset
from bench.definitions import DEFINITIONS
from bench.resources import cpu_seconds, descendants_cpu_seconds, peak_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One answer to one definition.

    Attributes:
        cpu_s: User and system time over all threads, seconds.
        wall_s: Elapsed time, seconds.
    """

    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one contender showed.

    Attributes:
        name: The contender.
        versions: Of its libraries.
        start_cpu_s: CPU time of importing and opening, seconds; not part of any lap.
        laps: The best lap of each definition, by key.
        peak_mb: Largest resident memory over all laps, 10^6 bytes.
    """

    name: str
    versions: Mapping[str, str]
    start_cpu_s: float
    laps: Mapping[str, Lap]
    peak_mb: float

    @property
    def total_cpu_s(self) -> float:
        """CPU time of the best laps together."""
        return sum(lap.cpu_s for lap in self.laps.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The race to run.

    Attributes:
        dataset: What is asked about.
        answers: Folder for the answers, one folder per contender.
        limits: What each contender may use.
        rounds: How often Habitue and the SQL by hand start anew, by turns, so that a busy minute hits both.
        passes: How many laps of each definition in a round; the best of all counts.
    """

    dataset: Dataset
    answers: Path
    limits: Limits
    rounds: int
    passes: int


def is_installed(entry: Entry) -> bool:
    """True when the contender's library can be imported."""
    return find_spec(entry.needs) is not None


def run_race(course: Course, entries: Sequence[Entry], tell: Callable[[str], None]) -> list[Result]:
    """The best laps of every contender.

    Args:
        course: What to run.
        entries: Who takes part, in this order each round.
        tell: Receives a line for people before each start.

    Raises:
        RuntimeError: A contender's process ended without a result.
    """
    results: dict[str, list[Result]] = {}
    for number in range(course.rounds):
        for entry in (each for each in entries if each.is_close or number == 0):
            tell(f"round {number + 1} of {course.rounds}: {entry.title}")
            results.setdefault(entry.name, []).append(_in_own_process(course, entry, keep=number == 0))
    return [_best(rounds) for rounds in results.values()]


def answer_file(answers: Path, contender: str, key: str) -> Path:
    """Where the answer of a contender to a definition is kept."""
    return answers / contender / f"{key}.arrow"


def _best(rounds: Sequence[Result]) -> Result:
    first = rounds[0]
    return Result(
        name=first.name,
        versions=first.versions,
        start_cpu_s=min(each.start_cpu_s for each in rounds),
        laps={key: min((each.laps[key] for each in rounds), key=lambda lap: lap.cpu_s) for key in first.laps},
        peak_mb=max(each.peak_mb for each in rounds),
    )


def _in_own_process(course: Course, entry: Entry, *, keep: bool) -> Result:
    """A fresh interpreter, so that peak memory and imports are the contender's own."""
    threads = str(THREADS)
    os.environ.update(
        {"POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads, "OMP_THREAD_LIMIT": threads, "TZ": "UTC"}
    )
    spawn = multiprocessing.get_context("spawn")
    receiving, sending = spawn.Pipe(duplex=False)
    process = spawn.Process(target=run_contender, args=(course, entry, keep, sending))
    process.start()
    sending.close()
    try:
        result = receiving.recv()
    except EOFError:
        process.join()
        raise RuntimeError(f"{entry.title} ended with exit code {process.exitcode} and no result.") from None
    process.join()
    if not isinstance(result, Result):
        raise TypeError(type(result))
    return result


def run_contender(course: Course, entry: Entry, keep: bool, sending: Connection) -> None:
    """What happens in the contender's process: laps first, then, unmeasured, the answers for comparison."""
    started = cpu_seconds()
    contender = open_contender(entry, course.dataset, course.limits)
    start_cpu_s = cpu_seconds() - started
    laps = {
        definition.key: [_lap(contender, index) for _ in range(course.passes)]
        for index, definition in enumerate(DEFINITIONS)
    }
    peak = peak_mb()
    if keep:
        _keep_answers(course, entry, contender)
    contender.close()
    sending.send(
        Result(
            name=entry.name,
            versions=contender.versions,
            start_cpu_s=start_cpu_s,
            laps={key: min(each, key=lambda lap: lap.cpu_s) for key, each in laps.items()},
            peak_mb=peak,
        )
    )
    sending.close()


def _lap(contender: Contender, index: int) -> Lap:
    others, wall, own = descendants_cpu_seconds(), time.perf_counter(), time.process_time()
    contender.answer(DEFINITIONS[index])
    own, wall = time.process_time() - own, time.perf_counter() - wall
    return Lap(cpu_s=own + descendants_cpu_seconds() - others, wall_s=wall)


def _keep_answers(course: Course, entry: Entry, contender: Contender) -> None:
    for definition in DEFINITIONS:
        rows = contender.answer(definition)().select(list(definition.columns))
        path = answer_file(course.answers, entry.name, definition.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
