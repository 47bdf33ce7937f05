"""Opening the project that a command is about, and pointing into the rule that it was given."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from habitue.cli.ending import FAILED
from habitue.cli.lending import lent

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from habitue.run.accounts import People
    from habitue.run.workspace import Workspace


def open_workspace(project: Path | None, *, anew: bool = False) -> "AbstractContextManager[Workspace]":
    """The project of a folder, or of the nearest one upwards from here, until the end of a block.

    Args:
        project: The folder.
        anew: Put an empty warehouse in place of one that cannot be opened.

    Raises:
        HabitueError: There is none, its files hold faults, or another process has it.
    """
    found = lent()
    if found is not None:
        return nullcontext(found.workspace())
    # Imported late: `--help` loads no science library.
    from habitue.cli.clock import system_surroundings
    from habitue.run.workspace import Workspace

    return Workspace.open(project or Path(), around=system_surroundings(), anew=anew)


def project_folder(project: Path | None) -> Path:
    """The folder of the project that a command is about.

    Raises:
        HabitueError: There is none.
    """
    from habitue.config import find_project

    return find_project(project or Path())


def open_accounts(project: Path | None) -> "AbstractContextManager[People]":
    """The users and keys of a project, which another process may be serving.

    Raises:
        HabitueError: There is no project, or its master key is missing.
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.accounts import People

    return People.open(project_folder(project), system_surroundings())


def find_customer_of(folder: Path, wanted: str) -> str:
    """The internal id of the customer meant by an identifier.

    Raises:
        HabitueError: Nobody, or more than one customer, is meant; or another process has the project.
    """
    from habitue.run.customers import find_customer

    with open_workspace(folder) as workspace:
        return find_customer(workspace, wanted)


@contextmanager
def pointing(rule: str, *, as_json: bool) -> Iterator[None]:
    """Show where in a rule from the command line an error lies.

    Args:
        rule: What was typed.
        as_json: Whether a document is wanted on standard output too.
    """
    from habitue.cli.printing import print_error
    from habitue.rules.failures import RuleError

    try:
        yield
    except RuleError as error:
        print_error(error, as_json=as_json, rule=rule)
        raise typer.Exit(FAILED) from None
