"""`python -m bench`: the six reference definitions, Habitue beside SQL by hand, Polars and pandas."""

import argparse
import multiprocessing
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.compare import difference, rows_of
from bench.contender import ENTRIES, Entry, Limits, entry_of
from bench.dataset import Dataset, folder_of, make_dataset, open_dataset
from bench.definitions import DEFINITIONS
from bench.generate import Recipe
from bench.race import Course, Result, answer_file, is_installed, run_race
from bench.report import Outcome, as_json, as_markdown, print_outcome, write_page
from bench.verdict import all_kept, checks

DONE, FAILED, BROKEN = 0, 1, 3
_ROOT = Path(__file__).parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the race; 0 when every judged promise is kept, 3 when one is broken."""
    options = _parser().parse_args(arguments)
    tell = Console(stderr=True, quiet=options.quiet)
    recipe = Recipe(events=options.events, customers=options.customers or max(1, options.events // 40))
    dataset = _dataset(options.cache, recipe, tell)
    entries = _entries(options.contender, spark=options.spark, tell=tell)
    if not entries:
        tell.print("None of these contenders is installed.")
        return FAILED
    course = Course(
        dataset=dataset,
        answers=options.cache / "answers",
        limits=Limits(memory_mb=options.memory, spill=options.cache / "spill"),
        rounds=options.rounds,
        passes=options.passes,
    )
    shutil.rmtree(course.answers, ignore_errors=True)
    results = run_race(course, entries, lambda line: tell.print(line, style="dim"))
    outcome = _outcome(course, results)
    _write(outcome, options)
    return DONE if all_kept(outcome.checks) else BROKEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000, help="events to generate (20000000)")
    parser.add_argument("--customers", type=int, help="customers; one per 40 events when left out")
    names = [entry.name for entry in ENTRIES]
    parser.add_argument("--contender", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--spark", action="store_true", help="let Spark take part; needs Java and the spark extra")
    parser.add_argument("--rounds", type=int, default=3, help="fresh starts of Habitue and the SQL, by turns (3)")
    parser.add_argument("--passes", type=int, default=2, help="laps of each definition in a round (2)")
    parser.add_argument("--memory", type=int, default=1_500, help="DuckDB's memory limit in MB (1500)")
    parser.add_argument("--cache", type=Path, default=_ROOT / ".bench", help="where generated data is kept (.bench)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--markdown", action="store_true", help="Markdown tables on stdout")
    parser.add_argument("--docs", action="store_true", help="write figures and chart into docs/")
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")
    return parser


def _dataset(cache: Path, recipe: Recipe, tell: Console) -> Dataset:
    """The history, generated in a process of its own so that this one stays small."""
    folder = folder_of(cache, recipe)
    if (found := open_dataset(folder)) is not None:
        return found
    tell.print(f"generating {recipe.events:,} events, once", style="dim")
    process = multiprocessing.get_context("spawn").Process(target=make_dataset, args=(cache, recipe))
    process.start()
    process.join()
    made = open_dataset(folder)
    if made is None:
        raise RuntimeError(f"Generating ended with exit code {process.exitcode}.")
    return made


def _entries(wanted: Sequence[str] | None, *, spark: bool, tell: Console) -> list[Entry]:
    names = wanted or [entry.name for entry in ENTRIES if entry.name != "spark" or spark]
    entries = [entry_of(name) for name in names]
    for entry in entries:
        if not is_installed(entry):
            tell.print(f"{entry.title} is not installed ({entry.needs}) and takes no part.", style="yellow")
    return [entry for entry in entries if is_installed(entry)]


def _outcome(course: Course, results: Sequence[Result]) -> Outcome:
    """Compare all answers with the yardstick's, or with the first contender's when it does not run."""
    names = [each.name for each in results]
    reference = "sql" if "sql" in names else names[0]
    keep = course.answers
    differences = {
        (name, each.key): difference(each, answer_file(keep, reference, each.key), answer_file(keep, name, each.key))
        for name in names
        if name != reference
        for each in DEFINITIONS
    }
    return Outcome(
        events=course.dataset.events,
        customers=course.dataset.customers,
        results=results,
        answers={each.key: rows_of(answer_file(keep, reference, each.key)) for each in DEFINITIONS},
        differences=differences,
        checks=checks(results, differences, course.dataset.events),
        memory_mb=course.limits.memory_mb,
    )


def _write(outcome: Outcome, options: argparse.Namespace) -> None:
    if options.docs:
        from bench.chart import draw

        title = f"CPU-seconds for six definitions over {outcome.events / 1e6:.0f} million events"
        (_ROOT / "docs" / "benchmarks.svg").write_text(draw(outcome.results, title=title), encoding="utf-8")
        write_page(_ROOT / "docs" / "understand" / "benchmarks.md", outcome)
    if options.json:
        sys.stdout.write(as_json(outcome) + "\n")
    elif options.markdown:
        sys.stdout.write(as_markdown(outcome) + "\n")
    else:
        print_outcome(outcome, Console(width=max(128, Console().width)))


if __name__ == "__main__":
    sys.exit(main())
