"""Opening the project that a command is about."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from habitue.run.workspace import Workspace


def open_workspace(project: Path | None) -> "Workspace":
    """The project of a folder, or of the nearest one upwards from here.

    Raises:
        HabitueError: There is none, its files hold faults, or another process has it.
    """
    # Imported late: `--help` loads no science library.
    from habitue.cli.clock import system_clock
    from habitue.run.workspace import Workspace

    return Workspace.open(project or Path(), clock=system_clock)
