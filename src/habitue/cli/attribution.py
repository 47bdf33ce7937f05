"""`habitue attribution`: which channels conversions are put down to."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import print_table
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
    from habitue.run.measuring_attribution import SeenAttribution, SeenCredit

_USUAL: Final = "Order Completed"


def register_attribution(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("attribution", short_help="Which channels conversions are put down to.")(attribution)


def attribution(
    touch: Annotated[
        str, typer.Argument(metavar="EVENT", help="What people are touched by, as EVENT or 'EVENT where CONDITION'.")
    ],
    by: Annotated[str, typer.Option(metavar="PROPERTY", help="Its property that says through what.")] = "channel",
    to: Annotated[str, typer.Option(metavar="EVENT", help="The conversion; each one counts.")] = _USUAL,
    value: Annotated[
        str, typer.Option(metavar="PROPERTY", help="A property of the conversion: what it is worth.")
    ] = "",
    within: Annotated[
        str, typer.Option(metavar="30d", help="Longest time from a touch to the conversion; '' without a limit.")
    ] = "30d",
    half_life: Annotated[str, typer.Option(metavar="7d", help="Half-life of the model `decay`.")] = "7d",
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
    """Show which channels conversions are put down to, by seven models beside each other.

    Example: habitue attribution Session --by channel --value revenue
    """
    from habitue.run.measuring_attribution import AttributionAsked, measure_attribution
    from habitue.run.measuring_frame import Asked

    about = Asked(since=since, until=until, of=of, purpose=purpose)
    asked = AttributionAsked(touch=touch, by=by, to=to, value=value, within=within, half_life=half_life, about=about)
    with open_workspace(project) as workspace:
        found = measure_attribution(workspace, access_for(workspace, as_role), asked, estimate=estimate)
    if as_json:
        print_json(found)
    else:
        _print_attribution(found, quiet=quiet)
        remark_estimate(found, quiet=quiet)


def _print_attribution(found: "SeenAttribution", *, quiet: bool) -> None:
    say(f"{few(found.conversions)} conversions after a touch; {few(found.lost)} journeys without one.")
    models = [each.model for each in found.channels[0].credits] if found.channels else []
    rows = [
        (
            each.channel or "(others)",
            few(each.customers),
            *(_part(one, money=bool(found.value)) for one in each.credits),
        )
        for each in found.channels
    ]
    print_table([found.by, "customers#", *(f"{model}#" for model in models)], rows)
    remark_hidden(found.conversions is None or any(each.hidden for each in found.channels), quiet=quiet)


def _part(credit: "SeenCredit", *, money: bool) -> str:
    if credit.share is None:
        return FEW
    return f"{credit.worth or 0:,.0f}" if money else f"{credit.share * 100:.1f} %"
