"""A SQLite file of a project that is open: written in transactions, refused in sentences, closed with its block."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from habitue.state.sqlite import answering, transaction, write_anew


class StateFile:
    """What every store of a project does with its file. A connection is used by the thread that opened it.

    Args:
        path: The file.
        connection: To it, from `open_database`; closed with the store.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def close(self) -> None:
        """Give the file back; the object is of no further use."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside the block happen together, or none of them when it raises."""
        with answering(self._path), transaction(self._connection):
            yield

    def scrub(self) -> None:
        """Write the file anew and empty its log, so that what was deleted is in neither.

        Raises:
            StateBusyError: Somebody else reads the file.
        """
        write_anew(self._path, self._connection)
