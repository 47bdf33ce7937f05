"""Writing a warehouse file anew, so that what was deleted from it is in no file any longer.

A DELETE leaves the bytes of its rows in a DuckDB file, and a file rewritten by the process that deleted them may hold
pieces of recycled memory. So a fresh process copies every table into a new file, which takes the place of the old one.

Cost: the file is read and written once.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from habitue.config import sync, writing
from habitue.engines import copying
from habitue.errors import HabitueError

_FRESH: Final = ".fresh"
_LOG: Final = ".wal"


class RewriteError(HabitueError):
    """The warehouse could not be written anew."""

    code = "WAREHOUSE-REWRITE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"{path.name} could not be written anew: what was deleted may still be read from its old file.",
            do="Free disk space and run the command again: it goes on where it stopped.",
        )


def compact(path: Path) -> int:
    """Put a fresh copy of a warehouse in the place of its file; nobody may have it open.

    Args:
        path: The file; nothing is done where there is none.

    Returns:
        The size of the new file in bytes.

    Raises:
        RewriteError: It could not be done; the old file is still there.
    """
    if not path.exists():
        return 0
    fresh = path.with_name(path.name + _FRESH)
    _remove(fresh)
    command = [sys.executable, "-P", copying.__file__, str(path), str(fresh)]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0 or not fresh.exists():
        _remove(fresh)
        raise RewriteError(path)
    with writing(path):
        sync(fresh)
        fresh.replace(path)
        # What the old file's log holds is in the old file, which is gone.
        path.with_name(path.name + _LOG).unlink(missing_ok=True)
        sync(path.parent)
    return path.stat().st_size


def _remove(fresh: Path) -> None:
    for path in (fresh, fresh.with_name(fresh.name + _LOG)):
        path.unlink(missing_ok=True)
