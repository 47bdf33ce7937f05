"""Writing to disk so that a file is whole or untouched, and refusals are said in plain sentences."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from habitue.errors import HabitueError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_MISPLACED = frozenset({errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG})


class DiskFullError(HabitueError):
    """There is no room left for what has to be written."""

    code = "DISK-FULL"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"There is no room left on the disk (or in the quota) to write {str(path)!r}.",
            do="Free some space and run the command again; what was there before is unchanged.",
        )


class NotWritableError(HabitueError):
    """The place does not let us write."""

    code = "NOT-WRITABLE"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"{str(path)!r} cannot be written: {why}.",
            do="Check who owns the folder and whether it is read-only, or choose another folder.",
        )


class MisplacedError(HabitueError):
    """A file stands where a folder is needed, or the other way round, or the folder above is missing."""

    code = "PATH"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"{str(path)!r} cannot be written: {why}.",
            do="Check the path: every part but the last has to be a folder that exists.",
        )


class DiskError(HabitueError):
    """The operating system failed to write for another reason, such as a broken disk."""

    code = "DISK"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"Writing {str(path)!r} failed: {why}.",
            do="Check the disk, then run the command again.",
        )


def refusal(path: Path, error: OSError) -> HabitueError:
    """The error to show for what the operating system answered when `path` was to be written."""
    why = (os.strerror(error.errno) if error.errno else type(error).__name__).lower()
    if error.errno in _FULL:
        return DiskFullError(path)
    if error.errno in _REFUSED:
        return NotWritableError(path, why)
    if error.errno in _MISPLACED:
        return MisplacedError(path, why)
    return DiskError(path, why)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses inside the block into an error with a sentence; also a decorator.

    Args:
        path: What is being written, as the sentence will name it.

    Raises:
        DiskFullError: No space, quota or file size left.
        NotWritableError: No permission, or a read-only disk.
        MisplacedError: The path does not lead to a place for a file.
        DiskError: Anything else the operating system refused.
    """
    try:
        yield
    except OSError as error:
        raise refusal(path, error) from error


def write_text(path: Path, text: str) -> None:
    """Put `text` (UTF-8) at `path`, whole or not at all, and on the disk when this returns.

    A file already there keeps its permissions and stays as it was if anything fails; missing folders are made.
    """
    data = text.encode("utf-8")
    with writing(path):
        target = path.resolve() if path.is_symlink() else path
        draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_whole(draft, data)
            if target.exists():
                draft.chmod(target.stat().st_mode & 0o777)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync(target.parent)


def _write_whole(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, last through a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
