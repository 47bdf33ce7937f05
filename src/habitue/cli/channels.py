"""`habitue channels`: who is told when people enter and leave segments, and what became of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.ending import FAILED
from habitue.cli.opening import project_folder
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, print_json, remark, say

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from habitue.channels import DeliveryState
    from habitue.run.channels import Channels

channels = typer.Typer(
    help="Who is told when people enter and leave segments.", no_args_is_help=True, rich_markup_mode=None
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A channel that channels/ declares.")]


def _open(project: "Path | None") -> "AbstractContextManager[Channels]":
    """The channels of a project, which another process may be serving."""
    from habitue.cli.clock import system_surroundings
    from habitue.run.channels import Channels

    return Channels.open(project_folder(project), system_surroundings())


@channels.command("list", short_help="The channels, and how each is doing.")
def list_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the channels with where each sends to, whether its receiver takes what is sent, and what waits.

    Example: habitue channels list
    """
    from habitue.run.channels import list_channels

    del quiet
    with _open(project) as opened:
        found = list_channels(opened)
    if as_json:
        print_json(found)
        return
    if not found:
        say("No channels: declare one under channels/. Nothing leaves the project.")
        return
    rows = [
        (
            each.channel,
            each.host,
            each.segments if isinstance(each.segments, str) else ", ".join(each.segments),
            f"{each.state}: {each.why}" if each.why else each.state,
            count(each.accepted),
            count(each.waiting),
            count(each.given_up),
            _moment(each.accepted_at),
        )
        for each in found
    ]
    print_table(["channel", "to", "segments", "", "taken#", "waiting#", "given up#", "last (UTC)"], rows)


@channels.command("test", short_help="Send a signed message about nobody.")
def trial_command(
    name: NameArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Send a signed message about nobody to a channel's receiver, once, and say what it answered.

    Example: habitue channels test crm
    """
    from habitue.run.channels import try_channel

    with _open(project) as opened:
        found = try_channel(opened, name)
    if as_json:
        print_json(found)
    else:
        status = "" if found.status is None else f", status {found.status}"
        say(f"{found.host}: {found.why}{status}, after {found.took_ms} ms.")
        remark(f"Its webhook-id is {found.message_id}.", quiet=quiet)
    if not found.accepted:
        raise typer.Exit(FAILED)


@channels.command("deliveries", short_help="What became of each delivery.")
def deliveries_command(
    channel: Annotated[str | None, typer.Option("--channel", metavar="NAME", help="Only of this channel.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="waiting, delivered, given_up or withheld.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 50,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List deliveries, those that changed last first. Nobody's name or id is in it, only the number of the change.

    Example: habitue channels deliveries --channel crm --state given_up
    """
    from habitue.run.channels import list_deliveries

    del quiet
    wanted = None if state is None else _state(state)
    with _open(project) as opened:
        found = list_deliveries(opened, channel=channel, state=wanted, limit=limit)
    if as_json:
        print_json(found)
        return
    if not found:
        say("No deliveries.")
        return
    rows = [
        (
            each.channel,
            str(each.sequence),
            f"{'entered' if each.entered else 'left'} {each.segment}",
            each.state,
            each.why if each.status is None else f"{each.why} ({each.status})",
            count(each.attempts),
            _moment(each.changed_at),
            _moment(each.next_at),
        )
        for each in found
    ]
    print_table(["channel", "change#", "", "state", "last attempt", "attempts#", "changed (UTC)", "next (UTC)"], rows)


def _moment(value: "datetime | None") -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def _state(text: str) -> "DeliveryState":
    from habitue.channels import DeliveryState

    try:
        return DeliveryState(text.strip().lower())
    except ValueError:
        known = ", ".join(each.value for each in DeliveryState)
        raise typer.BadParameter(f"No delivery is {text[:40]!r}. States: {known}.") from None


@channels.command("secret", short_help="Make the secret that a channel signs with; shown this once.")
def secret_command(
    name: NameArgument,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Replace the present one, which goes on signing for a day.")
    ] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the secret by which the receiver verifies what is sent. It is shown this once, and kept in the vault.

    Example: habitue channels secret crm --rotate
    """
    from habitue.run.channels import renew_channel_secret

    with _open(project) as opened:
        made = renew_channel_secret(opened, name, rotate=rotate)
    if as_json:
        print_json({"channel": name, "secret": made})
        return
    say(made)
    remark("Give it to the receiver; it is not shown again. Written to the audit log.", quiet=quiet)


@channels.command("enable", short_help="Send again through a channel that was switched off.")
def enable_command(
    name: NameArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Put a channel on again. It goes on where it stopped, and what was given up is tried again.

    Example: habitue channels enable crm
    """
    from habitue.run.channels import enable_channel

    with _open(project) as opened:
        again = enable_channel(opened, name)
    if as_json:
        print_json({"channel": name, "tried_again": again})
        return
    say(f"{name} is on.")
    remark(f"Tried again: {again}. A running server sees it within seconds.", quiet=quiet)
