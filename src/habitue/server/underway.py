"""The build of a served project that was begun last: how far it is, and how it ended; asked by any thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from habitue.errors import HabitueError
from habitue.run.builder import Builder, BuilderHere
from habitue.run.building import BuildOrder, BuildReport
from habitue.run.opened import Opened
from habitue.run.surroundings import Clock
from habitue.sources.progress import Progress


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
    """Where every build is written up, whoever asked for it.

    Args:
        builder: Builds.
    """

    def __init__(self, builder: Builder | None = None) -> None:
        self._builder = BuilderHere() if builder is None else builder
        self._lock = Lock()
        self._state = Underway()
        self._is_claimed, self._waits = False, False

    @property
    def state(self) -> Underway:
        """How far it is."""
        with self._lock:
            return self._state

    def claim(self) -> bool:
        """Take the board for a build that will be begun; False where one such waits or runs."""
        with self._lock:
            if self._is_claimed:
                return False
            self._is_claimed, self._waits = True, True
            # What is being built meanwhile goes on being told.
            self._state = self._state if self._state.running else Underway(running=True)
            return True

    @contextmanager
    def claimed(self, clock: Clock) -> Iterator[None]:
        """Inside the block the build is begun that the board was taken for."""
        self._waits = False
        try:
            with self._written_up(clock):
                yield
        finally:
            self._is_claimed = False

    def build(self, opened: Opened, order: BuildOrder, progress: Progress) -> BuildReport:
        """Build, by the thread that owns the project, and write up how far it is.

        Raises:
            HabitueError: As the builder; that is written up too.
        """

        def note(step: str, done: int, total: int) -> None:
            share = min(1.0, done / total) if total else None
            self._set(replace(self.state, step=step, share=share))
            progress(step, done, total)

        clock = opened.around.clock
        self._set(Underway(running=True, started_at=clock()))
        with self._written_up(clock):
            report = self._builder.build(opened, order, note)
        self._end(clock, build=report.build)
        return report

    def stop(self) -> None:
        """Break off what is being built, by any thread, and build nothing more."""
        self._builder.stop()

    @contextmanager
    def _written_up(self, clock: Clock) -> Iterator[None]:
        """What goes wrong inside the block is on the board."""
        try:
            yield
        except HabitueError as error:
            self._end(clock, failed=Failed(code=error.code, what=error.what, do=error.do))
            raise
        except BaseException:
            what = "The build broke off."
            self._end(clock, failed=Failed(code="UNEXPECTED", what=what, do="The server's log names the place."))
            raise

    def _end(self, clock: Clock, *, build: int | None = None, failed: Failed | None = None) -> None:
        state = replace(self.state, running=False, step="", share=None, ended_at=clock(), build=build, failed=failed)
        # One that was asked for meanwhile still waits.
        self._set(Underway(running=True) if self._waits else state)

    def _set(self, state: Underway) -> None:
        with self._lock:
            self._state = state
