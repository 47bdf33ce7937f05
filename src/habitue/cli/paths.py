"""`habitue paths`: what people do one thing after another."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import bar, print_table
from habitue.cli.measure_options import (
    EstimateOption,
    OfOption,
    PurposeOption,
    SinceOption,
    UntilOption,
    remark_estimate,
)
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import ago, few, print_json, remark_hidden, say

if TYPE_CHECKING:
    from habitue.run.measuring_paths import SeenPaths

_OTHERS: Final = "(others)"


def register_paths(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("paths", short_help="What people do one thing after another, and where they stop.")(paths)


def paths(
    touches: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EVENT]…", help="What paths are made of; by default every event but visits."),
    ] = None,
    to: Annotated[str, typer.Option(metavar="EVENT", help="Paths that lead to the first of these.")] = "",
    start: Annotated[str, typer.Option("--from", metavar="EVENT", help="Paths after the first of these.")] = "",
    within: Annotated[str, typer.Option(metavar="30d", help="Longest time from that event.")] = "",
    steps: Annotated[int, typer.Option(min=1, max=20, help="How many things of a path count.")] = 5,
    top: Annotated[int, typer.Option(min=1, max=50, help="How many things are shown by name.")] = 8,
    of: OfOption = "",
    purpose: PurposeOption = "",
    estimate: EstimateOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what people do one thing after another, up to an event or from one on, and where they stop.

    Example: habitue paths --to "Order Completed" --within 30d
    """
    from habitue.run.measuring_frame import Asked
    from habitue.run.measuring_paths import PathsAsked, measure_paths

    about = Asked(since=since, until=until, of=of, purpose=purpose)
    asked = PathsAsked(
        touches=tuple(touches or ()), to=to, start=start, within=within, steps=steps, top=top, about=about
    )
    with open_workspace(project) as workspace:
        found = measure_paths(workspace, access_for(workspace, as_role), asked, estimate=estimate)
    if as_json:
        print_json(found)
    else:
        _print_paths(found, quiet=quiet)
        remark_estimate(found, quiet=quiet)


def _print_paths(found: "SeenPaths", *, quiet: bool) -> None:
    lead = f"up to {found.to}" if found.to else f"after {found.start}" if found.start else "from the first thing on"
    say(f"{few(found.customers)} people {lead}; {few(found.nothing)} with nothing on their path.")
    most = max((each.customers or 0 for each in found.links), default=0)
    end = "(begins here)" if found.to else "(stops here)"
    rows = [
        (
            each.source or _OTHERS,
            end if each.ends else each.target or _OTHERS,
            few(each.customers),
            ago(each.median_s),
            bar(each.customers or 0, most, room=16),
        )
        for each in found.links
    ]
    side = "before" if found.to else "after"
    sections = [f"{each.place} {side}" for each in found.links]
    turned = ["what", "what came before" if found.to else "what comes next", "customers#", "half within#", ""]
    print_table(turned, rows, sections=sections)
    frequent = [(" → ".join(step or _OTHERS for step in each.path), few(each.customers)) for each in found.paths]
    print_table(["the most frequent whole paths", "customers#"], frequent)
    figures = [found.customers, *(each.customers for each in found.links), *(each.customers for each in found.paths)]
    hidden = None in figures
    remark_hidden(hidden, quiet=quiet)
