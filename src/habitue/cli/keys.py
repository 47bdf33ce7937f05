"""`habitue keys`: what programs show to be let in."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_accounts
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from habitue.govern.accounts import ApiKey, Scope

keys = typer.Typer(help="API keys: what programs show to be let in.", no_args_is_help=True, rich_markup_mode=None)


@keys.command("create", short_help="Make a key; its secret is shown this once.")
def create_command(
    scope: Annotated[str, typer.Option("--scope", metavar="SCOPE", help="collect, read, decide or admin.")],
    role: Annotated[
        str | None,
        typer.Option("--role", metavar="ROLE", help="As what it acts; by default executive, for admin keys admin."),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", metavar="SOURCE", help="The live source that its events are of; for collect.")
    ] = "",
    expires: Annotated[str, typer.Option("--expires", metavar="LENGTH", help="How long it is valid.")] = "90d",
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a key. Its secret is shown this once; only a hash of it is kept.

    Example: habitue keys create --scope read --role analyst --expires 30d

    Example: habitue keys create --scope collect --source site
    """
    from habitue.govern.roles import role_named
    from habitue.run.accounts import create_key

    wanted, valid_us = _scope(scope), _length(expires)
    _check_source(project, source)
    given = None if role is None else role_named(role)
    with open_accounts(project) as people:
        key = create_key(people, wanted, role=given, valid_us=valid_us, source=source)
    if as_json:
        print_json(key)
        return
    say(key.key)
    until = day(key.expires_at)
    remark(f"For {key.scope.value} as {key.role.value}, until {until} UTC. It is not shown again.", quiet=quiet)
    remark(f"To end it: habitue keys revoke {key.id}", quiet=quiet)


def _scope(text: str) -> "Scope":
    from habitue.govern.accounts import Scope

    try:
        return Scope(text.strip().lower())
    except ValueError:
        known = ", ".join(each.value for each in Scope)
        raise typer.BadParameter(f"No scope is called {text[:40]!r}. Scopes: {known}.") from None


def _check_source(project: "Path | None", source: str) -> None:
    """Pass where no source is named, or one that events come in by."""
    if not source:
        return
    from habitue.cli.opening import project_folder
    from habitue.run.project import check_project
    from habitue.sources.inbox import SourceNotLiveError

    found, _ = check_project(project_folder(project))
    if found is not None and source not in {plan.name for plan in found.sources.collected}:
        raise SourceNotLiveError(source)


def _length(text: str) -> int:
    from habitue.records.durations import parse_duration

    length = parse_duration(text)
    if not length:
        raise typer.BadParameter("A key is valid for some time: 90d, 12h.")
    return length


@keys.command("list", short_help="The keys, without their secrets.")
def list_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the keys with what each is for, until when, and when it was used last. Secrets are not kept.

    Example: habitue keys list
    """
    del quiet
    with open_accounts(project) as people:
        found, now = people.accounts.keys(), people.now
    if as_json:
        print_json(found)
        return
    if not found:
        say("No keys yet: habitue keys create --scope read")
        return
    rows = [
        (
            each.id,
            each.scope.value,
            each.role.value,
            _state(each, now),
            day(each.expires_at),
            day(each.last_at) or "never",
        )
        for each in found
    ]
    print_table(["key", "scope", "role", "", "until (UTC)", "last used"], rows)


def _state(key: "ApiKey", now: "datetime") -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at <= now else "valid"


@keys.command("revoke", short_help="Refuse a key from now on.")
def revoke_command(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` prints it; not the secret.")],
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Refuse a key from now on: the next request that shows it is turned away.

    Example: habitue keys revoke 3f9c0a1b2c3d
    """
    from habitue.run.accounts import revoke_key

    with open_accounts(project) as people:
        found = revoke_key(people, key_id)
    if as_json:
        print_json(found)
        return
    say(f"{found.id} is revoked.")
    remark("Written to the audit log.", quiet=quiet)
