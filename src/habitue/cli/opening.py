"""Opening the project that a command is about, and pointing into the rule that it was given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from habitue.cli.ending import FAILED

if TYPE_CHECKING:
    from habitue.run.workspace import Workspace


def open_workspace(project: Path | None, *, anew: bool = False) -> "Workspace":
    """The project of a folder, or of the nearest one upwards from here.

    Args:
        project: The folder.
        anew: Put an empty warehouse in place of one that cannot be opened.

    Raises:
        HabitueError: There is none, its files hold faults, or another process has it.
    """
    # Imported late: `--help` loads no science library.
    from habitue.cli.clock import system_surroundings
    from habitue.run.workspace import Workspace

    return Workspace.open(project or Path(), around=system_surroundings(), anew=anew)


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
