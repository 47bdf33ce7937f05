"""`habitue start`, `demo` and `init`: a project from files, from sample data, or from nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import paragraph, print_table
from habitue.cli.listing import SegmentLine, print_segments
from habitue.cli.options import JsonOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say, share
from habitue.cli.serving import PortOption, serve_project
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from habitue.run.starting import StartReport

_SURE = 0.8
NoServeOption = Annotated[
    bool, typer.Option("--no-serve", help="Stop when the project is built; with --json that is so anyway.")
]


def register_starting(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("start", short_help="A new project from your own files, guessed, built and shown.")(start)
    app.command("demo", short_help="A new project with made-up data whose truth is known.")(demo)
    app.command("init", short_help="A new project without data.")(init)


def start(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, Parquet, JSON or NDJSON, packed or not; or folders.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="The new project's folder; by default ./shop.")
    ] = None,
    no_serve: NoServeOption = False,
    port: PortOption = 8321,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a project from your own files of orders, events or customers: guess, build, show segments, and serve it.

    Example: habitue start orders.csv.gz --dir shop
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.starting import start_project

    with watching(quiet=quiet or as_json) as progress:
        report = start_project(files, folder or Path("shop"), around=system_surroundings(), progress=progress)
    if as_json:
        print_json(_json(report))
        return
    if not quiet:
        _print_guesses(report)
    _print_report(report, quiet=quiet)
    if not no_serve:
        serve_project(report.project, port=port, quiet=quiet)


def demo(
    template: Annotated[str, typer.Option(metavar="NAME", help="Which template: retail.")] = "retail",
    customers: Annotated[int, typer.Option(min=500, max=1_000_000, help="How many customers to make up.")] = 2_000,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="The new project's folder; by default ./demo.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same data, byte for byte.")] = 1,
    no_serve: NoServeOption = False,
    port: PortOption = 8321,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a project with generated data whose truth is known, build it, and serve it with visitors coming in.

    The data covers two years: up to now where it is served, else to a fixed day, so that it is always the same.

    Example: habitue demo --customers 5000 --dir demo
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.starting import SAMPLE_UNTIL, demo_project

    around, is_served = system_surroundings(), not (no_serve or as_json)
    with watching(quiet=quiet or as_json) as progress:
        report = demo_project(
            template,
            folder or Path("demo"),
            customers=customers,
            seed=seed,
            around=around,
            until=around.clock().replace(microsecond=0) if is_served else SAMPLE_UNTIL,
            progress=progress,
        )
    if as_json:
        print_json(_json(report))
        return
    _print_report(report, quiet=quiet)
    if is_served:
        serve_project(report.project, port=port, quiet=quiet, visitors=seed)


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
        "duplicates": report.duplicates,
    }


def _print_guesses(report: "StartReport") -> None:
    sure = [each for each in report.guessed if each.confidence >= _SURE]
    doubtful = [each for each in report.guessed if each.confidence < _SURE]
    files = [Path(each.table).name or "The project" for each in sure]
    rows = [(each.column or "(all rows)", each.role, f"{each.confidence:.0%}", each.reason) for each in sure]
    say("What was guessed")
    print_table(["column", "taken for", "sure#", "because"], rows, sections=files)
    say("")
    if doubtful:
        say("Please look at these:")
        for each in doubtful:
            place = f"{Path(each.table).name} {each.column}".strip() or "The project"
            text = f"{place}: {each.role}, sure {each.confidence:.0%}: {each.reason}. {each.change}"
            for line in paragraph(text, indent=2):
                say(line)
    for refused in report.refused:
        say(f"  {Path(refused.path).name} was left out: {refused.reason}")
    say(f"Each guess stands with its reason in {report.project}/sources; change it there and build again.\n")


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
    for line in paragraph(f"{', '.join(parts)}, as of {day(report.build.as_of)} UTC."):
        say(line)
    _print_duplicates(report)
    if report.build.failed_rows:
        say(f"{report.build.failed_rows:,} rows wait in the failed lane: `habitue sources failed` says why.")
    say("")
    print_segments([SegmentLine.of(each.segment, revenue_share=each.revenue_share) for each in report.segments])
    _remark_next(report, quiet=quiet)


def _print_duplicates(report: "StartReport") -> None:
    """How right people were found to be one, where the truth is known."""
    found = report.duplicates
    if found is None:
        return
    text = (
        f"{found.records:,} accounts and visitors without login are {found.persons:,} people, found as {found.found:,}:"
        f" of {found.pairs:,} planted pairs {share(found.recall)} were joined, and {share(found.precision)} of the"
        f" joined ones are right (F1 {found.f1:.3f}). `habitue identity review` shows the doubtful ones."
    )
    for line in paragraph(text):
        say(line)


def _remark_next(report: "StartReport", *, quiet: bool) -> None:
    """What to type next, with names that exist."""
    project = report.project
    telling = next((each.segment.name for each in report.segments if 0 < (each.segment.share or 0) < 0.5), None)
    lines = [f"\nThe project is {project}; every file in it is yours to change. Next:"]
    if report.figures.orders is not None:
        lines.append(f"  habitue segments preview \"count('Order Completed', last='90d') >= 2\" --project {project}")
    if telling is not None:
        lines.append(f"  habitue segments members {telling} --limit 5 --project {project}")
        lines.append(f"  habitue segments explain {telling} CUSTOMER --project {project}")
        lines.append(f"  habitue privacy export CUSTOMER --to story.zip --project {project}")
    lines.append(f"  habitue sources profile --project {project}")
    remark("\n".join(lines), quiet=quiet)
