"""The project as its files declare it now: read anew when one of them has changed."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from habitue.config import PROJECT_FILE
from habitue.run.project import KINDS, Project, read_project

_FOLDERS: Final = tuple(KINDS)


class Watch:
    """What the files of a project declare, for every thread that asks.

    Args:
        project: As it was read last.
    """

    def __init__(self, project: Project) -> None:
        self._lock = threading.Lock()
        self._project = project
        self._stamp = tuple(_stamps(project.folder))

    def current(self) -> Project:
        """What the files declare.

        Cost: a look at the folder; as a start of the project where something changed.

        Raises:
            ProjectFaultsError: They hold faults.
        """
        with self._lock:
            stamp = tuple(_stamps(self._project.folder))
            if stamp != self._stamp:
                self._project = read_project(self._project.folder)
                self._stamp = stamp
            return self._project

    @property
    def last(self) -> Project:
        """What they declared when they were without faults last."""
        return self._project


def _stamps(folder: Path) -> Iterator[tuple[str, int, int]]:
    yield _stamp(folder / PROJECT_FILE)
    for name in _FOLDERS:
        place = folder / name
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            yield _stamp(path)


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size
