"""As which role a command acts, and which permission each command needs.

The person at the keyboard owns the folder and acts as admin, unless `--as` or `HABITUE_ROLE` says less. A command that
is not in the table is refused.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from habitue.cli.lazy import LazyGroup
from habitue.cli.lending import lent
from habitue.records.permissions import Permission, Role

if TYPE_CHECKING:
    from habitue.govern.roles import Access, RoleSpec
    from habitue.run.workspace import Workspace

ROLE_VARIABLE: Final = "HABITUE_ROLE"
C = TypeVar("C")
AsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="ROLE",
        help="Act as executive, marketer, analyst, privacy_officer or admin; by default HABITUE_ROLE, else admin.",
    ),
]
NEEDS: Final[Mapping[str, Permission | None]] = {
    "demo": Permission.BUILD,
    "start": Permission.BUILD,
    "init": Permission.EDIT_DEFINITIONS,
    "check": None,
    "plan": Permission.SEE_AGGREGATES,
    "build": Permission.BUILD,
    "rebuild": Permission.BUILD,
    "backup": Permission.MANAGE_USERS,
    "restore": Permission.MANAGE_USERS,
    "doctor": None,
    "serve": Permission.MANAGE_USERS,
    "measure": Permission.SEE_AGGREGATES,
    "anomalies": Permission.SEE_AGGREGATES,
    "sources list": Permission.SEE_AGGREGATES,
    "sources load": Permission.BUILD,
    "sources profile": Permission.SEE_AGGREGATES,
    "sources failed": Permission.SEE_PEOPLE,
    "sources mend": Permission.SEE_PERSONAL,
    "sources replay": Permission.BUILD,
    "features list": Permission.SEE_AGGREGATES,
    "features show": Permission.SEE_AGGREGATES,
    "features table": Permission.SEE_PEOPLE,
    "segments list": Permission.SEE_AGGREGATES,
    "segments show": Permission.SEE_AGGREGATES,
    "segments describe": None,
    "segments preview": Permission.SEE_AGGREGATES,
    "segments members": Permission.SEE_PEOPLE,
    "segments explain": Permission.SEE_PEOPLE,
    "segments overlap": Permission.SEE_AGGREGATES,
    "segments history": Permission.SEE_AGGREGATES,
    "segments parity": Permission.SEE_PEOPLE,
    "segments watch": Permission.SEE_PEOPLE,
    "funnel": Permission.SEE_AGGREGATES,
    "attribution": Permission.SEE_AGGREGATES,
    "cohorts": Permission.SEE_AGGREGATES,
    "paths": Permission.SEE_AGGREGATES,
    "identity show": Permission.SEE_PEOPLE,
    "identity merge": Permission.MANAGE_IDENTITY,
    "identity unmerge": Permission.MANAGE_IDENTITY,
    "identity review": Permission.MANAGE_IDENTITY,
    "identity evaluate": Permission.SEE_PEOPLE,
    "identity plan": Permission.SEE_PEOPLE,
    "privacy audit": Permission.READ_AUDIT,
    "privacy consent": Permission.MANAGE_PRIVACY,
    "privacy erase": Permission.MANAGE_PRIVACY,
    "privacy export": Permission.MANAGE_PRIVACY,
    "privacy records": Permission.MANAGE_PRIVACY,
    "privacy retention": Permission.MANAGE_PRIVACY,
    "privacy rotate": Permission.MANAGE_PRIVACY,
    "users add": Permission.MANAGE_USERS,
    "users list": Permission.MANAGE_USERS,
    "users remove": Permission.MANAGE_USERS,
    "users link": Permission.MANAGE_USERS,
    "users role": Permission.MANAGE_USERS,
    "users password": Permission.MANAGE_USERS,
    "users disable": Permission.MANAGE_USERS,
    "users enable": Permission.MANAGE_USERS,
    "keys create": Permission.MANAGE_USERS,
    "keys list": Permission.MANAGE_USERS,
    "keys revoke": Permission.MANAGE_USERS,
    "channels list": Permission.SEE_PEOPLE,
    "channels deliveries": Permission.SEE_PEOPLE,
    "channels test": Permission.EDIT_DEFINITIONS,
    "channels enable": Permission.EDIT_DEFINITIONS,
    "channels secret": Permission.MANAGE_USERS,
}
"""The permission that each command needs; none for those that say nothing about anybody's data."""

COUNTS_ROWS: Final = frozenset({"demo", "start", "build", "rebuild", "sources load", "sources replay"})
"""Commands that say how many rows they touched, which may be few people's: they need `see_people` too."""
IN_THE_CLEAR: Final = frozenset({("segments members", "show"), ("identity show", "clear")})
"""Options that show values in the clear: with them a command needs `see_personal` too."""


def acting_role(as_role: str | None) -> Role:
    """The role that a command acts as.

    Args:
        as_role: What `--as` says.

    Raises:
        RoleUnknownError: No role is called that.
    """
    from habitue.govern.roles import role_named

    found = lent()
    usual = os.environ.get(ROLE_VARIABLE) if found is None else found.role
    return role_named(as_role or usual or Role.ADMIN.value)


def access_for(workspace: "Workspace", as_role: str | None) -> "Access":
    """What a command may do with an open project."""
    from habitue.run.viewing import access_to

    return access_to(workspace, acting_role(as_role))


def guarded(program: C) -> C:
    """The program with every command asking for its permission first.

    Args:
        program: What the command line parser made of the commands.
    """
    if isinstance(program, LazyGroup):
        program.on_load = _guard
        for name, each in program.commands.items():
            _guard(name, each)
    else:
        _guard("", program)
    return program


def _guard(name: str, program: object) -> None:
    for words, command in commands_of(program, name):
        if command.callback is not None:
            command.callback = _asking(words, command.callback)


def commands_of(program: object, words: str = "") -> Iterator[tuple[str, TyperCommand]]:
    """Every command below a group with the words that call it."""
    if isinstance(program, TyperGroup):
        inside = program.everything() if isinstance(program, LazyGroup) else program.commands
        for name, each in inside.items():
            yield from commands_of(each, f"{words} {name}".strip())
    elif isinstance(program, TyperCommand):
        yield words, program


def _asking(words: str, callback: Callable[..., object]) -> Callable[..., object]:
    def ask_first(**values: object) -> object:
        as_role, project = values.get("as_role"), values.get("project")
        check_allowed(
            words,
            frozenset(name for name, value in values.items() if value),
            as_role=as_role if isinstance(as_role, str) else None,
            project=project if isinstance(project, Path) else None,
        )
        code = _run_elsewhere(words, values)
        if code is not None:
            raise typer.Exit(code)
        return callback(**values)

    return ask_first


def _run_elsewhere(words: str, values: Mapping[str, object]) -> int | None:
    from habitue.cli.remote import run_elsewhere

    return run_elsewhere(words, values)


def needed_by(words: str, options: Collection[str] = ()) -> frozenset[Permission]:
    """The permissions that a command needs.

    Args:
        words: The command, e.g. `segments list`.
        options: Names of the parameters that it was given.
    """
    needed = NEEDS[words]
    found = set() if needed is None else {needed}
    found |= {Permission.SEE_PEOPLE} if words in COUNTS_ROWS else set()
    found |= {Permission.SEE_PERSONAL for option in options if (words, option) in IN_THE_CLEAR}
    return frozenset(found)


def check_allowed(words: str, options: Collection[str], *, as_role: str | None, project: Path | None) -> None:
    """Pass where the acting role may run a command.

    Args:
        words: The command, e.g. `segments list`.
        options: Names of the parameters that it was given.
        as_role: What `--as` says.
        project: The folder of `--project`.

    Raises:
        RoleForbiddenError: It may not.
    """
    from habitue.govern.roles import access_of

    role = acting_role(as_role)
    needed = needed_by(words, options)
    if not needed:
        return
    access = access_of(role, _narrowed(project or Path()))
    # What the command needs first is named first.
    for each in sorted(needed, key=lambda each: (each is not NEEDS[words], each.value)):
        access.need(each)


def _narrowed(folder: Path) -> "tuple[RoleSpec, ...]":
    """What the project around a folder takes away from roles; faults in its files are told by what reads them all."""
    from habitue.config import find_project, read_kinds
    from habitue.errors import HabitueError
    from habitue.govern.roles import RoleSpec
    from habitue.govern.spec import POLICIES

    try:
        found, _ = read_kinds(find_project(folder), "policies", POLICIES)
    except HabitueError:
        return ()
    return tuple(each.value for each in found if isinstance(each.value, RoleSpec))
