"""What the log refuses, each cause with its own error."""

from pathlib import Path

from habitue.errors import HabitueError


class LogStoppedError(HabitueError):
    """The disk failed under the log, which takes nothing more in until it is opened again.

    Attributes:
        why: What failed, as part of a sentence.
    """

    code = "LOG-STOPPED"

    def __init__(self, path: Path, why: str) -> None:
        self.why = why
        super().__init__(
            what=f"The log {str(path)!r} has stopped: {why}. Nothing of this was acknowledged.",
            do="Check the disk, then start Habitue again; everything acknowledged before is kept.",
        )


class LogFullError(HabitueError):
    """There is no room left for the log."""

    code = "LOG-FULL"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"There is no room left on the disk (or in the quota) for the log {str(path)!r}.",
            do="Free some space; the log goes on by itself, and senders keep what was not acknowledged.",
        )


class LogHeldError(HabitueError):
    """Another process writes the log.

    Attributes:
        pid: The other process, 0 when it has not said.
    """

    code = "LOG-HELD"

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        whom = f"Process {pid}" if pid else "Another process"
        super().__init__(
            what=f"{whom} is writing the log {str(path)!r}.", do="Stop it first, or wait until it has ended."
        )


class LogFencedError(HabitueError):
    """Another process took the log over; this one may not write any longer."""

    code = "LOG-FENCED"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"Another process has taken over the log {str(path)!r}; nothing of this was written.",
            do="Stop this process; the other one takes events in.",
        )


class LogOverloadedError(HabitueError):
    """More is waiting to be written than may wait."""

    code = "LOG-OVERLOADED"

    def __init__(self, waiting: int) -> None:
        super().__init__(
            what=f"{waiting} events wait to be written to the log, which is as many as may wait.",
            do="Send them again a little later.",
        )


class LogClosedError(HabitueError):
    """The log was closed."""

    code = "LOG-CLOSED"

    def __init__(self, path: Path) -> None:
        super().__init__(what=f"The log {str(path)!r} is closed.", do="Send it again once Habitue is running.")


class LogRecordError(HabitueError):
    """Something given to the log cannot be kept in it."""

    code = "LOG-RECORD"

    def __init__(self, why: str) -> None:
        super().__init__(what=f"This cannot be kept in the log: {why}.", do="Put the event into the failed lane.")


class LogDamagedError(HabitueError):
    """The log's file is not what was written."""

    code = "LOG-DAMAGED"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"The log {str(path)!r} is damaged: {why}.", do="Restore it from a backup; nothing was changed."
        )


class LogNewerError(HabitueError):
    """A later Habitue wrote the log."""

    code = "LOG-NEWER"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            what=f"The log {str(path)!r} has format {found}, and this version of Habitue knows formats up to {known}.",
            do="Install the newer Habitue again; nothing was changed.",
        )


class LogMissingError(HabitueError):
    """There is no log, or it cannot be opened here."""

    code = "LOG-MISSING"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"The log {str(path)!r} cannot be opened: {why}.", do="Check the path and who may read and write it."
        )
