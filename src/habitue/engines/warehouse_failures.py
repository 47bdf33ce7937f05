"""What hinders a warehouse, and what the engine's own errors say of it."""

from pathlib import Path

import duckdb

from habitue.errors import HabitueError

_FULL = ("No space left", "File too large", "Disk quota", "Could not write file")


class WarehouseError(HabitueError):
    """The warehouse file cannot be used."""

    code = "WAREHOUSE"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            what=f"The warehouse {path.name} cannot be opened ({reason}).",
            do=f"It holds nothing that cannot be made again: delete {str(path)!r} and run `habitue build`.",
        )


class WarehouseFullError(HabitueError):
    """There is no room for the tables being built."""

    code = "WAREHOUSE-FULL"

    def __init__(self, reason: str) -> None:
        super().__init__(
            what=f"The warehouse ran out of room ({reason}).",
            do="Free disk space, or raise `memory:` in habitue.yaml, and build again; nothing was changed.",
        )


class WarehouseClosedError(HabitueError):
    """A second connection was closed because its file is written anew."""

    code = "WAREHOUSE-CLOSED"

    def __init__(self) -> None:
        super().__init__(what="The warehouse is being written anew.", do="Ask again in a moment.")


def say_when_full(error: BaseException) -> None:
    """Raise a sentence in place of what the engine says when memory or disk end; do nothing for other errors."""
    if not isinstance(error, duckdb.Error):
        return
    said = str(error).splitlines()[0][:200]
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException) or any(sign in said for sign in _FULL):
        raise WarehouseFullError(said) from None
