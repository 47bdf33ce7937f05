"""`habitue users`: who may sign in, and as what."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_accounts
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say

if TYPE_CHECKING:
    from habitue.govern.roles import Role

users = typer.Typer(help="Who may sign in, and as what.", no_args_is_help=True, rich_markup_mode=None)
UserArgument = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and . _ @ + -")]
RoleOption = Annotated[
    str, typer.Option("--role", metavar="ROLE", help="executive, analyst, marketer, privacy_officer or admin.")
]


@users.command("add", short_help="Let somebody sign in.")
def add_command(
    name: UserArgument,
    role: RoleOption,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let somebody sign in, with a role. The password is asked for twice, or read from standard input.

    Example: habitue users add ann --role analyst
    """
    from habitue.govern.roles import role_named
    from habitue.run.accounts import add_user

    given = role_named(role)
    password = _password(from_stdin=password_stdin)
    with open_accounts(project) as people:
        user = add_user(people, name, given, password)
    if as_json:
        print_json(user)
        return
    say(f"{user.name} may sign in as {user.role.value}: {_may(user.role)}.")
    remark("Written to the audit log.", quiet=quiet)


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = typer.get_text_stream("stdin").readline(4096)
    if not line:
        raise typer.BadParameter("There is no password on standard input.")
    return line.rstrip("\r\n")


def _may(role: "Role") -> str:
    from habitue.govern.roles import DESCRIBED

    return DESCRIBED[role]


@users.command("list", short_help="Who may sign in.")
def list_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List who may sign in, as what, and when they did last.

    Example: habitue users list
    """
    with open_accounts(project) as people:
        found = people.accounts.users()
    if as_json:
        print_json(found)
        return
    if not found:
        say("Nobody may sign in yet: habitue users add NAME --role ROLE")
        return
    rows = [(each.name, each.role.value, day(each.made_at)[:10], day(each.last_at) or "never") for each in found]
    print_table(["user", "role", "since", "last signed in"], rows, notes=[_may(each.role) for each in found])
    remark("The terminal itself acts as admin, or as HABITUE_ROLE says.", quiet=quiet)


@users.command("remove", short_help="Let somebody sign in no longer.")
def remove_command(
    name: UserArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Let somebody sign in no longer.

    Example: habitue users remove ann
    """
    from habitue.run.accounts import remove_user

    with open_accounts(project) as people:
        remove_user(people, name)
    if as_json:
        print_json({"removed": name})
        return
    say(f"{name} may sign in no longer.")
    remark("Written to the audit log.", quiet=quiet)
