"""How a command ends: its exit code, and what went wrong in one sentence instead of a traceback.

Exit codes: 0 done, 1 failed, 2 usage, 3 a quality gate failed, 130 stopped by hand.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO, runtime_checkable

from habitue.cli.lending import err, out
from habitue.errors import HabitueError, ProjectFaultsError

DONE, FAILED, USAGE, GATE, STOPPED = 0, 1, 2, 3, 130
DEBUG = "HABITUE_DEBUG"


@runtime_checkable
class Refusal(Protocol):
    """What the command line parser raises when it does not understand."""

    exit_code: int

    def format_message(self) -> str:
        """What it did not understand."""

    def show(self, file: TextIO | None = None) -> None:
        """Print that with the usage."""


class UnexpectedError(HabitueError):
    """Something happened that nobody foresaw: a fault of the program, not of the project."""

    code = "UNEXPECTED"

    def __init__(self, error: BaseException) -> None:
        # Its own text may quote what stands in data; its kind and place do not.
        super().__init__(
            what=f"Habitue met something it does not foresee: {type(error).__name__} in {_place_of(error)}.",
            do=f"Please report it with what {DEBUG}=1 prints when the command runs again.",
        )


class OutOfMemoryError(HabitueError):
    """The process was refused memory."""

    code = "MEMORY"

    def __init__(self) -> None:
        super().__init__(
            what="The machine has too little memory left for this.",
            do="Close other programs, or set a smaller `memory:` in habitue.yaml so that more is done on disk.",
        )


class _Ending:
    """The end of a command; nothing raised inside the block leaves it, save a wish to exit."""

    def __init__(self, *, as_json: bool) -> None:
        self.code = DONE
        self._as_json = as_json

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or isinstance(error, SystemExit):
            return False
        if os.environ.get(DEBUG):
            import traceback

            traceback.print_exception(error)
        try:
            self.code = self._answer(error)
        except OSError:
            # Nobody can be told: the output itself refuses.
            _close_output()
            self.code = FAILED
        return True

    def _answer(self, error: BaseException) -> int:
        from habitue.cli.printing import print_error, print_faults, print_usage

        match error:
            case KeyboardInterrupt():
                return STOPPED
            case BrokenPipeError():
                # Whoever read our output has gone; nobody is left to tell.
                _close_output()
                return FAILED
            case ProjectFaultsError():
                print_faults(error, as_json=self._as_json)
                return FAILED
            case HabitueError():
                print_error(error, as_json=self._as_json)
                return FAILED
        if isinstance(error, Refusal):
            error.show(err())
            print_usage(error.format_message(), as_json=self._as_json)
            return error.exit_code
        print_error(foreseen(error), as_json=self._as_json)
        return FAILED


def run(program: Callable[[], object], *, as_json: bool) -> int:
    """Run a command to its end; gives the exit code.

    Args:
        program: Raises, or returns the exit code (anything but a number is 0).
        as_json: Whether errors are printed as a document on standard output too.
    """
    ending = _Ending(as_json=as_json)
    with ending:
        code = program()
        out().flush()
        ending.code = code if isinstance(code, int) else DONE
    if ending.code == STOPPED:
        # The parser of the command line may have turned the interruption into this code already.
        err().write("Stopped; nothing half-written is left.\n")
    try:
        out().flush()
    except OSError:
        _close_output()
    return ending.code


def foreseen(error: BaseException) -> HabitueError:
    """An error with a sentence for what libraries and the operating system raise."""
    if isinstance(error, MemoryError):
        return OutOfMemoryError()
    if isinstance(error, OSError) and error.errno is not None:
        from habitue.config.writing import refusal

        return refusal(Path(error.filename) if isinstance(error.filename, str) else Path("standard output"), error)
    return UnexpectedError(error)


def _close_output() -> None:
    """Let nothing more be written to an output that refuses: the interpreter would try again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _place_of(error: BaseException) -> str:
    """File and line of our own code that the error came through last."""
    place = "an unknown place"
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "habitue" in file.parts:
            inside = file.parts[len(file.parts) - file.parts[::-1].index("habitue") :]
            place = f"{'/'.join(inside)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
