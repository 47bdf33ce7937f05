"""`python -m bench.build`: CPU time and memory of the demo from nothing, and of loading rows from CSV."""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
from rich.console import Console
from rich.table import Table

from bench.dataset import customer_ids, event_columns, product_columns
from bench.generate import EVENTS, Recipe, days
from bench.resources import peak_mb

DONE, FAILED, BROKEN = 0, 1, 3
BUILD_CPU_S = 60.0
_PROJECT = Path(__file__).parent / "project"
_CSV_COLUMNS = ("customer_id", "event", "occurred_at", "product_id", "category", "items", "revenue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command of the CLI, run in a process of its own.

    Attributes:
        command: As typed after `habitue`.
        rows: Rows it took in.
        cpu_s: User and system time, start of Python included, seconds.
        peak_mb: Largest resident memory, 10^6 bytes.
        at_most_s: Promised CPU time; None where only the figure is told.
    """

    command: str
    rows: int
    cpu_s: float
    peak_mb: float
    at_most_s: float | None = None

    @property
    def is_kept(self) -> bool:
        """True unless the promised CPU time was exceeded."""
        return self.at_most_s is None or self.cpu_s <= self.at_most_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Time both commands; 3 when the build takes more CPU time than promised."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description=__doc__)
    parser.add_argument("--customers", type=int, default=50_000, help="customers of the demo (50000)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the CSV (1000000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        runs = [_load(Path(scratch), options.rows), _demo(Path(scratch), options.customers)]
    if options.json:
        sys.stdout.write(json.dumps([asdict(run) | {"kept": run.is_kept} for run in runs], indent=2) + "\n")
    else:
        _print(runs)
    return DONE if all(run.is_kept for run in runs) else BROKEN


def _demo(scratch: Path, customers: int) -> Run:
    """The whole way: generate a sample, load it, cut visits, make features and segments."""
    command = ["demo", "--customers", str(customers), "--no-serve", "--dir", str(scratch / "demo")]
    output = scratch / "demo.json"
    cpu_s, peak = run_command(command, output)
    steps = json.loads(output.read_text(encoding="utf-8"))["build"]["steps"]
    rows = sum(int(step["rows"]) for step in steps if step["name"].startswith("source "))
    bar = BUILD_CPU_S if customers >= 50_000 else None
    return Run(command=f"demo --customers {customers} --no-serve", rows=rows, cpu_s=cpu_s, peak_mb=peak, at_most_s=bar)


def _load(scratch: Path, rows: int) -> Run:
    """From a CSV to the warehouse."""
    project = scratch / "project"
    shutil.copytree(_PROJECT, project)
    writer = multiprocessing.get_context("spawn").Process(target=write_csv, args=(project, rows))
    writer.start()
    writer.join()
    cpu_s, peak = run_command(["sources", "load", "--project", str(project)], scratch / "load.json")
    return Run(command="sources load", rows=rows, cpu_s=cpu_s, peak_mb=peak)


def write_csv(project: Path, rows: int) -> None:
    """The generated events as one CSV, day by day."""
    recipe = Recipe(events=rows, customers=max(1, rows // 40))
    ids, products = customer_ids(recipe.customers), product_columns()
    names = pa.array([name for name, _ in EVENTS])
    target = project / "data" / "events.csv"
    target.parent.mkdir()
    writer = None
    for day in days(recipe):
        columns = event_columns(day, ids, products)
        table = columns.append_column("event", names.take(pa.array(day.kind))).select(list(_CSV_COLUMNS))
        writer = writer or pa_csv.CSVWriter(target, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def run_command(command: Sequence[str], output: Path) -> tuple[float, float]:
    """Run a command of the CLI in a fresh interpreter.

    Args:
        command: What comes after `habitue`; `--json` is added.
        output: Where its document goes.

    Returns:
        The CPU time it took in seconds, and its peak memory in 10^6 bytes.

    Raises:
        RuntimeError: The command failed.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = multiprocessing.get_context("spawn").Process(target=enter, args=([*command, "--json"], output))
    process.start()
    process.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.exitcode != 0:
        raise RuntimeError(f"habitue {' '.join(command)} ended with exit code {process.exitcode}.")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, float(_peak_file(output).read_text(encoding="utf-8"))


def enter(arguments: Sequence[str], output: Path) -> None:
    """What happens in the command's process: its standard output goes to a file."""
    from habitue.cli import main as habitue

    with output.open("wb") as sink:
        os.dup2(sink.fileno(), 1)
    sys.argv = ["habitue", *arguments]
    try:
        habitue()
    finally:
        _peak_file(output).write_text(str(peak_mb()), encoding="utf-8")


def _peak_file(output: Path) -> Path:
    return output.with_suffix(".peak")


def _print(runs: Sequence[Run]) -> None:
    table = Table("command", "rows", "CPU-seconds", "rows per CPU-second", "peak MB", "at most", "")
    for run in runs:
        bar = "" if run.at_most_s is None else f"{run.at_most_s:.0f} s"
        word = "" if run.at_most_s is None else "kept" if run.is_kept else "BROKEN"
        cells = [f"{run.rows:,}", f"{run.cpu_s:.1f}", f"{run.rows / run.cpu_s:,.0f}", f"{run.peak_mb:,.0f}", bar, word]
        table.add_row(run.command, *cells)
    Console(width=max(120, Console().width)).print(table)


if __name__ == "__main__":
    sys.exit(main())
