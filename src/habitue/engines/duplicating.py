"""A second copy of a file: by the system, so that other threads go on meanwhile, and shared where the disk can.

Of a DuckDB file it can be told whether its copy still holds the same.
"""

import os
import shutil
import sys
from errno import EBADF, EINVAL, ENOSYS, EOPNOTSUPP, EXDEV
from pathlib import Path
from typing import Final

from habitue.config import writing

_PIECE: Final = 16 * 1024 * 1024
"""What is on the disk before more is copied: whoever waits for a disk meanwhile waits for no more than this."""
_HEADERS: Final = 3 * 4096
"""The headers of a DuckDB file: the version, and two that tell in turn which state of the tables is the last."""
_CANNOT: Final = frozenset({EBADF, EINVAL, ENOSYS, EOPNOTSUPP, EXDEV})


def duplicate(path: Path, to: Path) -> int:
    """Copy a file that nobody writes to meanwhile.

    Cost: reading and writing it once; next to nothing on a disk that shares blocks between files.

    Args:
        path: The file.
        to: Where the copy is to be; nothing is there yet. Only its owner may read it.

    Returns:
        Its size in bytes.

    Raises:
        DiskFullError: There is no room for it.
        HabitueError: It cannot be written.
    """
    with writing(to):
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            target = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                if not _by_the_system(source, target):
                    _piece_by_piece(source, target)
                return os.fstat(target).st_size
            finally:
                os.close(target)
        finally:
            os.close(source)


def hold_the_same(path: Path, copy: Path) -> bool:
    """Whether nothing was written into a copy of a DuckDB file since it was made, nor into the file itself.

    Each write-out of changed tables counts up a number in the headers.

    Args:
        path: The file, with nothing in its log.
        copy: Its copy, with nothing in its log.
    """
    with path.open("rb") as one, copy.open("rb") as other:
        return one.read(_HEADERS) == other.read(_HEADERS)


def _by_the_system(source: int, target: int) -> bool:
    """Have the system copy it; False where it cannot, and nothing was copied."""
    if sys.platform != "linux":
        return False
    copied = 0
    try:
        while done := os.copy_file_range(source, target, _PIECE):
            os.fdatasync(target)
            copied += done
    except OSError as error:
        if copied or error.errno not in _CANNOT:
            raise
        return False
    return copied == os.fstat(source).st_size


def _piece_by_piece(source: int, target: int) -> None:
    os.lseek(source, 0, os.SEEK_SET)
    os.lseek(target, 0, os.SEEK_SET)
    os.ftruncate(target, 0)
    with os.fdopen(os.dup(source), "rb") as taken, os.fdopen(os.dup(target), "wb") as given:
        shutil.copyfileobj(taken, given, 1024 * 1024)
