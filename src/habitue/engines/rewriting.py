"""Writing a warehouse file anew, so that what was deleted from it is in no file any longer.

A DELETE leaves the bytes of its rows in a DuckDB file, and a file rewritten by the process that deleted them may hold
pieces of recycled memory. So a fresh process copies every table into a new file, which takes the place of the old one.

Cost: the file is read and written once.
"""

import multiprocessing
import os
from pathlib import Path
from typing import Final

import duckdb
from sqlglot import expressions as exp

from habitue.config import writing
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
    process = multiprocessing.get_context("spawn").Process(target=copy_tables, args=(str(path), str(fresh)))
    process.start()
    process.join()
    if process.exitcode != 0 or not fresh.exists():
        _remove(fresh)
        raise RewriteError(path)
    with writing(path):
        _sync(fresh)
        fresh.replace(path)
        # What the old file's log holds is in the old file, which is gone.
        path.with_name(path.name + _LOG).unlink(missing_ok=True)
        _sync(path.parent)
    return path.stat().st_size


def copy_tables(path: str, fresh: str) -> None:
    """Copy every table of a warehouse into a new file; runs in a process of its own."""
    # The old log is written into the old file first, by this process as by any.
    duckdb.connect(path).close()
    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": False, "threads": 1})
    try:
        con.execute(_attach(path, "old", read_only=True))
        con.execute(_attach(fresh, "fresh", read_only=False))
        con.execute("COPY FROM DATABASE old TO fresh")
        con.execute("CHECKPOINT fresh")
        con.execute("DETACH fresh")
    finally:
        con.close()
    Path(fresh).chmod(Path(path).stat().st_mode & 0o777)


def _attach(path: str, name: str, *, read_only: bool) -> str:
    options = [exp.AttachOption(this=exp.Var(this="READ_ONLY"))] if read_only else []
    what = exp.Alias(this=exp.Literal.string(path), alias=exp.to_identifier(name))
    return exp.Attach(this=what, expressions=options).sql("duckdb")


def _remove(fresh: Path) -> None:
    for path in (fresh, fresh.with_name(fresh.name + _LOG)):
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
