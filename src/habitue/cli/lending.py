"""What a command is lent when it runs inside a server: the open project, and where its answer goes.

In the terminal nothing is lent: a command opens the project itself and writes to its own outputs.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """What a command finds instead of a terminal.

    Attributes:
        workspace: Gives the open project, as its files declare it now.
        role: As what the command acts where it does not say.
        out: Standard output.
        err: Standard error.
        columns: How wide the terminal is.
        colour: Whether it shows colour.
    """

    workspace: "Callable[[], Workspace]"
    role: str
    out: TextIO
    err: TextIO
    columns: int
    colour: bool


_LENT: Final[ContextVar[Lent | None]] = ContextVar("lent", default=None)


def lent() -> Lent | None:
    """What the running command is lent; None in a terminal."""
    return _LENT.get()


@contextmanager
def lending(what: Lent) -> Iterator[None]:
    """Lend something to the commands that run inside the block, in this thread."""
    token = _LENT.set(what)
    try:
        yield
    finally:
        _LENT.reset(token)


def out() -> TextIO:
    """Where the answer of a command goes."""
    found = lent()
    return sys.stdout if found is None else found.out


def err() -> TextIO:
    """Where remarks and errors of a command go."""
    found = lent()
    return sys.stderr if found is None else found.err
