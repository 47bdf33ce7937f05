"""What a server and the process that builds for it say to each other: JSON, one line each."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from habitue.errors import Fault, HabitueError, ProjectFaultsError
from habitue.run.building import BuildOrder, BuildReport

TAKEN: Final = b"\n"
"""What the server answers when the tables are in their place."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: what is to be built.

    Attributes:
        folder: The project folder.
        lock: The open file of the project's lock, inherited.
        memory: Bytes that tables and operators may take; None for half of what is usual.
        as_of: The instant of the answers; None for what the settings say.
        full: Make everything anew.
        select: Steps to run, all when empty.
    """

    folder: str
    lock: int
    memory: int | None
    as_of: datetime | None
    full: bool
    select: tuple[str, ...]

    @property
    def order(self) -> BuildOrder:
        """The order itself."""
        return BuildOrder(as_of=self.as_of, full=self.full, select=self.select)


class Went(msgspec.Struct, frozen=True, tag="went", array_like=True):
    """How far it is.

    Attributes:
        step: What is going on.
        done: How much of it is done.
        total: How much there is; 0 when unknown.
    """

    step: str
    done: int
    total: int


class Made(msgspec.Struct, frozen=True, tag="made", array_like=True):
    """The copy holds the tables, and is closed; what else was built is committed when it has taken its place."""


class Built(msgspec.Struct, frozen=True, tag="built", array_like=True):
    """It ended well.

    Attributes:
        report: What it did.
    """

    report: BuildReport


class Refused(msgspec.Struct, frozen=True, tag="refused", array_like=True):
    """It did not, and what was there before still is.

    Attributes:
        code: Stable code.
        what: What is wrong.
        do: What to do.
        faults: Those of the project's files.
    """

    code: str
    what: str
    do: str
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, error: HabitueError) -> "Refused":
        """What an error says."""
        faults = error.faults if isinstance(error, ProjectFaultsError) else ()
        return cls(error.code, error.what, error.do, faults)

    @property
    def error(self) -> HabitueError:
        """The error that says it."""
        return ProjectFaultsError(self.faults) if self.faults else BuildRefusedError(self)


Said: TypeAlias = Went | Made | Built | Refused
_READER: Final = msgspec.json.Decoder[Said](Went | Made | Built | Refused)


class BuildRefusedError(HabitueError):
    """A build ended with an error in the process that built.

    Attributes:
        code: That of the error.
    """

    def __init__(self, said: Refused) -> None:
        super().__init__(what=said.what, do=said.do)
        self.code = said.code


def line_of(said: Asked | Said) -> bytes:
    """What is said, as a line."""
    return msgspec.json.encode(said) + b"\n"


def read_asked(line: bytes) -> Asked:
    """The first line."""
    return msgspec.json.decode(line, type=Asked)


def read_said(lines: Iterator[bytes]) -> Iterator[Said]:
    """What a process says until it ends; of one that was killed, the lines that are whole."""
    for line in lines:
        if line.endswith(b"\n"):
            yield _READER.decode(line)
