"""`habitue segments parity`: whether the batch reading and the live one agree about everybody."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.acting import AsOption
from habitue.cli.drawing import print_table
from habitue.cli.ending import GATE
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say

if TYPE_CHECKING:
    from habitue.run.parity import Parity

_FEW = 40


def register(app: typer.Typer) -> None:
    """Add the command to a group."""
    app.command("parity", short_help="Compare the live reading with the batch, customer by customer.")(parity_command)


def parity_command(
    segment: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this segment; may be given several times.")
    ] = None,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare both readings of every segment for every customer; exit code 3 when they differ about anybody.

    The batch reading answers as of the last build, over the whole history. The live reading is set to the older part
    of it, is told the newest events one by one in their order, and has to come to the same.

    Example: habitue segments parity --json
    """
    del as_role
    from habitue.run.parity import check_parity

    with open_workspace(project) as workspace:
        found = check_parity(workspace, segment or ())
    if as_json:
        print_json(found)
    else:
        _print_parity(found, quiet=quiet)
    if found.differences:
        raise typer.Exit(GATE)


def _print_parity(found: "Parity", *, quiet: bool) -> None:
    about = f"{found.pairs:,} answers about {len(found.segments):,} segments as of {day(found.as_of)} UTC"
    if not found.differences:
        say(f"Both readings agree: {about}, {found.told:,} events told one by one.")
    else:
        say(f"The readings differ in {len(found.differences):,} of {about}.")
        rows = [
            (each.segment, each.customer, "in" if each.batch else "out", "in" if each.live else "out")
            for each in found.differences[:_FEW]
        ]
        print_table(["segment", "customer", "batch", "live"], rows)
        if len(found.differences) > _FEW:
            remark(f"{len(found.differences) - _FEW:,} more are left out; --json lists all.", quiet=quiet)
    for name, why in found.left_out.items():
        remark(f"{name} is left out: {why}", quiet=quiet)
