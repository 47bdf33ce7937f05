"""What a running server has of a project besides its files: the log in its hands, and people held in memory."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

from habitue.config import state_folder
from habitue.streams import Log

LOG_FILE: Final = "log.sqlite"
Answer = TypeVar("Answer")


class LogWriter(Protocol):
    """Has something done with the log by whoever may write it."""

    def __call__(self, work: Callable[[Log], Answer], /) -> Answer:
        """What the work gave."""
        ...


@dataclass(slots=True)
class LiveParts:
    """What of a project is in the hands of live parts.

    Attributes:
        write_log: Has something done with the log; where nothing is live, the log is opened for it.
        on_erased: Told the ids of people who are erased, and those of their records, before anything else is done;
            whoever keeps something of them in memory forgets it.
        on_said: Told the ids of records by which something was said about purposes, when it is in the ledger and before
            it is answered; whoever answers from memory looks anew.
    """

    write_log: LogWriter
    on_erased: list[Callable[[Collection[str]], None]] = field(default_factory=list)
    on_said: list[Callable[[Collection[str]], None]] = field(default_factory=list)

    @classmethod
    def at_rest(cls, folder: Path) -> Self:
        """Nothing is live: the log of a project folder is a file that anybody may open."""

        def write(work: Callable[[Log], Answer]) -> Answer:
            with Log.open(log_path(folder)) as log:
                return work(log)

        return cls(write)


def log_path(folder: Path) -> Path:
    """The log of a project."""
    return state_folder(folder) / LOG_FILE
