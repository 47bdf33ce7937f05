"""Where a project lies on disk: its root, and the private folder of its state."""

import os
from pathlib import Path

from habitue.config.writing import writing
from habitue.errors import HabitueError

PROJECT_FILE = "habitue.yaml"
STATE_FOLDER = ".habitue"


class ProjectNotFoundError(HabitueError):
    """No folder from here upwards is a project."""

    code = "PROJECT-NOT-FOUND"

    def __init__(self, start: Path) -> None:
        super().__init__(
            what=f"Neither {str(start)!r} nor any folder above it holds a {PROJECT_FILE}.",
            do="Make a project with `habitue init DIR` or `habitue start FILE`, or name one with --project DIR.",
        )


def find_project(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a `habitue.yaml`.

    Args:
        start: A folder, or a file inside the folder to begin with.

    Raises:
        ProjectNotFoundError: No such folder.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ProjectNotFoundError(start)


def state_folder(project: Path) -> Path:
    """The project's `.habitue` folder, made when absent, readable by its owner only and ignored by git."""
    folder = project / STATE_FOLDER
    with writing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            handle = os.open(ignore, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("*\n")
    return folder
