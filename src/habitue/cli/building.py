"""`habitue check`, `plan` and `build`: from project files to answers."""

from typing import Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_workspace
from habitue.cli.options import AsOfOption, JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, day, print_json, remark, say
from habitue.cli.watching import watching


def register_building(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("check", short_help="Validate every file of the project.")(check)
    app.command("plan", short_help="Say what a build would do.")(plan)
    app.command("build", short_help="Make everything that is stale.")(build)


def check(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Validate every file of the project and print all faults at once, with file and line.

    Example: habitue check --project shop
    """
    from pathlib import Path

    from habitue.config import find_project
    from habitue.errors import ProjectFaultsError
    from habitue.run.project import check_project

    folder = find_project(project or Path())
    found, faults = check_project(folder)
    if faults or found is None:
        raise ProjectFaultsError(faults)
    counts = {
        "sources": len(found.sources.sources),
        "events": len(found.catalogue.events),
        "features": len(found.features),
        "segments": len(found.segments),
    }
    if as_json:
        print_json({"project": str(folder), "faults": [], **counts})
    elif not quiet:
        say(f"No faults: {', '.join(f'{number} {what}' for what, number in counts.items())}.")


def plan(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Say what a build would do, without doing it.

    Example: habitue plan
    """
    del quiet
    with open_workspace(project) as workspace:
        steps = workspace.plan()
    if as_json:
        print_json({"steps": steps})
        return
    print_table(["step", "", "why"], [(each.name, each.status, each.why) for each in steps])


def build(
    project: ProjectOption = None,
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="STEP", help="Only this step: sources, sessions, features, segments."),
    ] = None,
    as_of: AsOfOption = None,
    full: Annotated[bool, typer.Option("--full", help="Make everything anew, the history included.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make everything that is stale, in order: sources, visits, features, segments.

    Example: habitue build --as-of 2026-01-31
    """
    from habitue.run.building import BuildOrder

    with open_workspace(project, anew=full) as workspace, watching(quiet=quiet or as_json) as progress:
        order = BuildOrder(as_of=workspace.instant(as_of), full=full, select=tuple(select or ()))
        report = workspace.build(order, progress=progress)
    if as_json:
        print_json(report)
        return
    rows = [(each.name, count(each.rows), f"{each.seconds:.1f} s", each.status, each.note) for each in report.steps]
    print_table(["step", "rows#", "time#", "", ""], rows)
    instant = f"As of {day(report.as_of)} UTC, " if report.as_of is not None else ""
    say(f"{instant}{report.seconds:.1f} s.")
    if report.failed_rows:
        waiting = f"{report.failed_rows:,} rows wait in the failed lane: `habitue sources failed`."
        remark(waiting, quiet=quiet)
