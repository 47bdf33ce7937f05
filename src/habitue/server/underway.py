"""The build that was asked for over HTTP: how far it is, and how it ended; asked by any thread."""

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from habitue.errors import HabitueError
from habitue.run.building import BuildOrder
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Why something did not come to an end.

    Attributes:
        code: Stable code.
        what: What is wrong.
        do: What to do.
    """

    code: str
    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """How far a build is.

    Attributes:
        running: Whether it waits or runs.
        step: What is going on; empty while it waits.
        share: How much of that is done, 0 to 1; None where nobody knows.
        started_at: When it began; None while it waits, and before the first.
        ended_at: When it ended; None before.
        build: Its number; None before it ended well.
        failed: Why it failed; None where it did not.
    """

    running: bool = False
    step: str = ""
    share: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    build: int | None = None
    failed: Failed | None = None


class BuildBoard:
    """Where the build that was asked for last is written up."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state = Underway()

    @property
    def state(self) -> Underway:
        """How far it is."""
        with self._lock:
            return self._state

    def claim(self) -> bool:
        """Take the board for a new build; False where one waits or runs."""
        with self._lock:
            if self._state.running:
                return False
            self._state = Underway(running=True)
            return True

    def run(self, workspace: Workspace, order: BuildOrder) -> None:
        """Build, by the thread that owns the project, and write up how far it is.

        Raises:
            HabitueError: As `Workspace.build`; that is written up too.
        """
        self._set(replace(self.state, started_at=workspace.clock()))
        try:
            report = workspace.build(order, progress=self._note)
        except HabitueError as error:
            self._end(workspace, failed=Failed(code=error.code, what=error.what, do=error.do))
            raise
        except BaseException:
            what = "The build broke off."
            self._end(workspace, failed=Failed(code="UNEXPECTED", what=what, do="The server's log names the place."))
            raise
        self._end(workspace, build=report.build)

    def _note(self, step: str, done: int, total: int) -> None:
        share = min(1.0, done / total) if total else None
        self._set(replace(self.state, step=step, share=share))

    def _end(self, workspace: Workspace, *, build: int | None = None, failed: Failed | None = None) -> None:
        state = replace(self.state, running=False, step="", share=None, ended_at=workspace.clock())
        self._set(replace(state, build=build, failed=failed))

    def _set(self, state: Underway) -> None:
        with self._lock:
            self._state = state
