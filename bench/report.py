"""The outcome of a race as one value, and as a terminal table, JSON and Markdown."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.contender import THREADS, entry_of
from bench.definitions import DEFINITIONS
from bench.race import Result
from bench.verdict import Check

_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything a race told.

    Attributes:
        events: Rows over all event tables.
        customers: Rows of the customers table.
        results: Of each contender.
        answers: Rows of each answer, by definition.
        differences: By contender and definition, where its answer parts from the first contender's; empty for equal.
        checks: The promises.
        memory_mb: The engines' memory setting.
    """

    events: int
    customers: int
    results: Sequence[Result]
    answers: Mapping[str, int]
    differences: Mapping[tuple[str, str], str]
    checks: Sequence[Check]
    memory_mb: int


def machine() -> str:
    """What the race ran on, in one line."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}"
    return (
        f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}, "
        f"Python {platform.python_version()}, {THREADS} threads for each contender"
    )


def versions(results: Sequence[Result]) -> str:
    """The libraries at work, in one line."""
    every = {name: version for result in results for name, version in result.versions.items()}
    return ", ".join(f"{name} {version}" for name, version in sorted(every.items()))


def headings() -> list[str]:
    """Of the columns of the table of contenders."""
    return ["", *(each.key for each in DEFINITIONS), "total", "to SQL", "wall", "peak MB", "start", "answers"]


def rows(outcome: Outcome) -> list[list[str]]:
    """The cells of the table of contenders."""
    totals = {each.name: each.total_cpu_s for each in outcome.results}
    made = []
    for each in outcome.results:
        ratio = f"{each.total_cpu_s / totals['sql']:.2f}" if totals.get("sql") else ""
        wrong = [key for (name, key), text in outcome.differences.items() if name == each.name and text]
        made.append(
            [
                entry_of(each.name).title,
                *(f"{each.laps[definition.key].cpu_s:.2f}" for definition in DEFINITIONS),
                f"{each.total_cpu_s:.2f}",
                ratio,
                f"{sum(lap.wall_s for lap in each.laps.values()):.1f}",
                f"{each.peak_mb:,.0f}",
                f"{each.start_cpu_s:.1f}",
                f"differ: {' '.join(wrong)}" if wrong else "equal",
            ]
        )
    return made


def print_outcome(outcome: Outcome, console: Console) -> None:
    """Tables for a terminal."""
    console.print(f"[bold]{outcome.events:,} events of {outcome.customers:,} customers[/bold], CPU-seconds, best lap")
    table = Table()
    for index, heading in enumerate(headings()):
        table.add_column(heading, justify="right" if 0 < index < len(headings()) - 1 else "left")
    for row in rows(outcome):
        table.add_row(*row)
    console.print(table)
    for definition in DEFINITIONS:
        asked = definition.rule or f"{len(definition.figures)} figures for each customer"
        console.print(f"{definition.key} {definition.name}: {asked} → {outcome.answers[definition.key]:,} rows")
    for (name, key), text in outcome.differences.items():
        if text:
            console.print(f"[red]{entry_of(name).title}, {key}: {text}[/red]")
    promises = Table("promise", "measured", "at most", "")
    for check in outcome.checks:
        promises.add_row(check.promise, f"{check.measured:,.2f}", f"{check.bar:,.2f}", _word(check))
    console.print(promises)
    console.print(f"{machine()}\n{versions(outcome.results)}", style="dim")


def _word(check: Check) -> str:
    if not check.judged:
        return "told, not judged at this size"
    return "kept" if check.is_kept else "BROKEN"


def as_json(outcome: Outcome) -> str:
    """One document with everything."""
    document = {
        "events": outcome.events,
        "customers": outcome.customers,
        "machine": machine(),
        "memory_mb": outcome.memory_mb,
        "definitions": [
            {"key": each.key, "name": each.name, "rule": each.rule, "figures": dict(each.figures)}
            | {"rows": outcome.answers[each.key]}
            for each in DEFINITIONS
        ],
        "contenders": [
            asdict(each) | {"title": entry_of(each.name).title, "total_cpu_s": each.total_cpu_s}
            for each in outcome.results
        ],
        "differences": [
            {"contender": name, "definition": key, "difference": text}
            for (name, key), text in outcome.differences.items()
            if text
        ],
        "promises": [asdict(each) | {"kept": each.is_kept} for each in outcome.checks],
    }
    return json.dumps(document, indent=2)


def as_markdown(outcome: Outcome) -> str:
    """The tables for a page of documentation."""
    lines = [
        f"{outcome.events:,} events of {outcome.customers:,} customers; CPU-seconds over all threads, best lap.",
        "",
        *_markdown_table(headings(), rows(outcome)),
        "",
        *_markdown_table(
            ["promise", "measured", "at most", ""],
            [[each.promise, f"{each.measured:,.2f}", f"{each.bar:,.2f}", _word(each)] for each in outcome.checks],
        ),
        "",
        f"{machine()}. {versions(outcome.results)}. DuckDB's memory limit: {outcome.memory_mb:,} MB.",
    ]
    return "\n".join(lines)


def _markdown_table(heading: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *("---:" for _ in heading[1:])]
    return [f"| {' | '.join(each)} |" for each in (heading, rule, *cells)]


def write_page(page: Path, outcome: Outcome) -> None:
    """Put the figures between the marks of a page, in place of older ones."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n\n{as_markdown(outcome)}\n\n{_END}{after}", encoding="utf-8")
