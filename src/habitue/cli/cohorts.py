"""`habitue cohorts`: who comes again, by when they came first."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import print_table, width
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
from habitue.cli.printing import FEW, few, print_json, remark_hidden, say

if TYPE_CHECKING:
    from habitue.run.measuring_cohorts import SeenCohorts, SeenReturn

_USUAL: Final = "Order Completed"
_HEAD: Final = 24
_CELL: Final = 8


def register_cohorts(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("cohorts", short_help="Who comes again, by when they came first.")(cohorts)


def cohorts(
    event: Annotated[str, typer.Option(metavar="EVENT", help="What people do for the first time.")] = _USUAL,
    again: Annotated[str, typer.Option(metavar="EVENT", help="What they come again for; by default the same.")] = "",
    every: Annotated[str, typer.Option(metavar="PERIOD", help="day, week or month.")] = "month",
    revenue: Annotated[
        str, typer.Option(metavar="EVENT.PROPERTY", help="Show what they paid instead of how many came.")
    ] = "",
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
    """Show people by when they came first, and how many of them come again in each period after it.

    Example: habitue cohorts --every month --revenue "Order Completed.revenue"
    """
    from habitue.run.measuring_cohorts import CohortsAsked, measure_cohorts
    from habitue.run.measuring_frame import Asked

    about = Asked(since=since, until=until, of=of, purpose=purpose)
    asked = CohortsAsked(event=event, again=again, every=every, revenue=revenue, about=about)
    with open_workspace(project) as workspace:
        found = measure_cohorts(workspace, access_for(workspace, as_role), asked, estimate=estimate)
    if as_json:
        print_json(found)
    elif not found.cohorts:
        say(f"Nobody did {found.event!r} in this time.")
    else:
        _print_cohorts(found, quiet=quiet)
        remark_estimate(found, quiet=quiet)


def _print_cohorts(found: "SeenCohorts", *, quiet: bool) -> None:
    room = max(1, (width() - _HEAD) // _CELL)
    shown = min(room, max(len(each.steps) for each in found.cohorts))
    rows = [
        (each.start, few(each.customers), *(_cell(step, money=bool(found.revenue)) for step in each.steps[:shown]))
        for each in found.cohorts
    ]
    full = [(*row, *([""] * (shown + 2 - len(row)))) for row in rows]
    print_table([f"first {found.every}", "customers#", *(f"+{number}#" for number in range(shown))], full)
    remark_hidden(any(step.hidden for each in found.cohorts for step in each.steps), quiet=quiet)


def _cell(step: "SeenReturn", *, money: bool) -> str:
    if step.hidden:
        return FEW
    if money:
        return "" if step.revenue is None else f"{float(step.revenue):,.0f}"
    return "" if step.share is None else f"{step.share * 100:.0f} %"
