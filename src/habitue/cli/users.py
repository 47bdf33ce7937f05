"""`habitue users`: who may sign in, and as what."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_accounts
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say
from habitue.errors import HabitueError

if TYPE_CHECKING:
    from habitue.govern.accounts import User
    from habitue.govern.roles import Role

LOCAL_ROLE = "admin"
users = typer.Typer(help="Who may sign in, and as what.", no_args_is_help=True, rich_markup_mode=None)


class NotServedError(HabitueError):
    """A link leads to a running server, and there is none."""

    code = "NOT-SERVED"

    def __init__(self) -> None:
        super().__init__(what="No server of this project runs.", do="`habitue serve` starts one, and prints a link.")


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
    rows = [
        (
            each.name,
            each.role.value,
            day(each.made_at)[:10],
            "disabled" if each.disabled_at is not None else day(each.last_at) or "never",
        )
        for each in found
    ]
    print_table(["user", "role", "since", "last signed in"], rows, notes=[_may(each.role) for each in found])
    remark("The terminal itself acts as admin, or as HABITUE_ROLE says.", quiet=quiet)


@users.command("link", short_help="A link that opens the app, once.")
def link_command(
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="As what: executive, analyst, marketer … or admin.")
    ] = LOCAL_ROLE,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a link that opens the web app of the running server and signs in whoever follows it.

    It is good once, and for ten minutes.

    Example: habitue users link --role marketer
    """
    from habitue.cli.opening import project_folder
    from habitue.cli.signing import local_link
    from habitue.govern.roles import role_named
    from habitue.state.notice import read_notice

    given, folder = role_named(role), project_folder(project)
    notice = read_notice(folder)
    if notice is None:
        raise NotServedError
    link = local_link(folder, notice.url, given)
    if as_json:
        print_json({"link": link, "role": given.value})
        return
    say(link)
    remark(f"Good once, for ten minutes, as {given.value}: {_may(given)}.", quiet=quiet)


@users.command("role", short_help="Let somebody be something else.")
def role_command(
    name: UserArgument,
    role: RoleOption,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let a user be something else from now on; whoever is signed in has the new role with the next click.

    Example: habitue users role ann --role privacy_officer
    """
    from habitue.govern.roles import role_named
    from habitue.run.accounts import change_role

    given = role_named(role)
    with open_accounts(project) as people:
        user = change_role(people, name, given)
    _changed(user, f"{user.name} is {user.role.value} now: {_may(user.role)}.", as_json=as_json, quiet=quiet)


@users.command("password", short_help="Give somebody another password.")
def password_command(
    name: UserArgument,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give a user another password; they are signed out everywhere.

    Example: habitue users password ann
    """
    from habitue.run.accounts import change_password

    password = _password(from_stdin=password_stdin)
    with open_accounts(project) as people:
        user = change_password(people, name, password)
    _changed(user, f"{user.name} signs in with the new password from now on.", as_json=as_json, quiet=quiet)


@users.command("disable", short_help="Keep somebody out for now.")
def disable_command(
    name: UserArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Keep a user out until they are enabled again; they are signed out everywhere.

    Example: habitue users disable ann
    """
    from habitue.run.accounts import disable_user

    with open_accounts(project) as people:
        user = disable_user(people, name)
    _changed(user, f"{user.name} may not sign in for now.", as_json=as_json, quiet=quiet)


@users.command("enable", short_help="Let somebody in again.")
def enable_command(
    name: UserArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Let a user sign in again who was disabled.

    Example: habitue users enable ann
    """
    from habitue.run.accounts import enable_user

    with open_accounts(project) as people:
        user = enable_user(people, name)
    _changed(user, f"{user.name} may sign in again.", as_json=as_json, quiet=quiet)


def _changed(user: "User", said: str, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(user)
        return
    say(said)
    remark("Written to the audit log.", quiet=quiet)


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
