"""`habitue start`, `demo` and `init`: a project from files, from sample data, or from nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.options import JsonOption, QuietOption
from habitue.cli.printing import count, day, print_json, print_table, remark, say, share
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from habitue.run.starting import StartReport

_SURE = 0.8
NoServeOption = Annotated[
    bool, typer.Option("--no-serve", help="Stop when the project is built; nothing is served yet.")
]


def register_starting(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("start")(start)
    app.command("demo")(demo)
    app.command("init")(init)


def start(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, Parquet, JSON or NDJSON, packed or not; or folders.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="The new project's folder; by default ./shop.")
    ] = None,
    no_serve: NoServeOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a project from your own files of orders, events or customers: guess the columns, build it, show segments.

    Example: habitue start orders.csv.gz --dir shop
    """
    del no_serve
    from habitue.cli.clock import system_clock
    from habitue.run.starting import start_project

    with watching(quiet=quiet or as_json) as progress:
        report = start_project(files, folder or Path("shop"), clock=system_clock, progress=progress)
    if as_json:
        print_json(_json(report))
        return
    if not quiet:
        _print_guesses(report)
    _print_report(report, quiet=quiet)


def demo(
    template: Annotated[str, typer.Option(metavar="NAME", help="Which template: retail.")] = "retail",
    customers: Annotated[int, typer.Option(min=500, max=1_000_000, help="How many customers to make up.")] = 2_000,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="The new project's folder; by default ./demo.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same data, byte for byte.")] = 1,
    no_serve: NoServeOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a project with generated data whose truth is known, and build it.

    Example: habitue demo --customers 5000 --dir demo
    """
    del no_serve
    from habitue.cli.clock import system_clock
    from habitue.run.starting import demo_project

    with watching(quiet=quiet or as_json) as progress:
        report = demo_project(
            template, folder or Path("demo"), customers=customers, seed=seed, clock=system_clock, progress=progress
        )
    if as_json:
        print_json(_json(report))
        return
    _print_report(report, quiet=quiet)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")],
    template: Annotated[str | None, typer.Option(metavar="NAME", help="Begin with a template's files.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a new project without data.

    Example: habitue init shop
    """
    from habitue.run.starting import init_project

    init_project(folder, template)
    if as_json:
        print_json({"project": folder})
    elif not quiet:
        say(f"{folder} is ready. Describe where data comes from in {folder}/sources/, then run:")
        say(f"  habitue build --project {folder}")


def _json(report: "StartReport") -> dict[str, object]:
    shown = [
        {
            "name": each.segment.name,
            "label": each.segment.label,
            "customers": each.segment.customers,
            "share": each.segment.share,
            "revenue_share": each.revenue_share,
            "purpose": each.segment.purpose,
            "rule": each.segment.rule,
            "words": each.segment.words,
        }
        for each in report.segments
    ]
    return {
        "project": report.project,
        "guessed": report.guessed,
        "refused": report.refused,
        "build": report.build,
        "figures": report.figures,
        "segments": shown,
    }


def _print_guesses(report: "StartReport") -> None:
    doubtful = [each for each in report.guessed if each.confidence < _SURE]
    rows = [
        (Path(each.table).name, each.column, each.role, f"{each.confidence:.0%}", each.reason)
        for each in report.guessed
        if each.column or each.confidence >= _SURE
    ]
    print_table(["file", "column", "taken for", "sure#", "because"], rows, title="What was guessed")
    if doubtful:
        say("\nPlease look at these:")
        for each in doubtful:
            say(f"  {Path(each.table).name} {each.column}: {each.role} ({each.confidence:.0%}). {each.change}")
    for refused in report.refused:
        say(f"  {Path(refused.path).name} was left out: {refused.reason}")
    say("")


def _print_report(report: "StartReport", *, quiet: bool) -> None:
    figures = report.figures
    parts = [f"{figures.customers:,} customers"]
    if figures.known > figures.customers:
        parts[0] += f" with orders ({figures.known:,} people known)"
    if figures.orders is not None:
        parts.append(f"{figures.orders:,} orders")
    if figures.revenue is not None:
        parts.append(f"revenue {figures.revenue:,.2f}")
    if figures.refunds:
        parts.append(f"{figures.refunds:,} refunds or cancellations")
    parts.append(f"{figures.events:,} events in all")
    say(f"{', '.join(parts)}, as of {day(report.build.as_of)} UTC.")
    if report.build.failed_rows:
        say(f"{report.build.failed_rows:,} rows wait in the failed lane.")
    rows = [
        (
            each.segment.name,
            count(each.segment.customers),
            share(each.segment.share),
            share(each.revenue_share),
            each.segment.words,
        )
        for each in report.segments
    ]
    print_table(["segment", "customers#", "share#", "revenue#", "who"], rows)
    project = report.project
    remark(
        f"\nThe project is {project}; every file in it is yours to change. Next:\n"
        f"  habitue segments preview \"did('Order Completed', last='30d')\" --project {project}\n"
        f"  habitue segments explain NAME CUSTOMER --project {project}\n"
        f"  habitue sources failed --project {project}",
        quiet=quiet,
    )
