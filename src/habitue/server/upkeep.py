"""What a served project does by itself: carry the log into its tables, build what is stale, follow its files."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Final

from habitue.errors import HabitueError
from habitue.run.build_parent import BuildStoppedError
from habitue.run.building import BuildOrder
from habitue.run.following import follow_people, people_step
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner
from habitue.server.guarding import Guard
from habitue.server.telling import Teller

PERIOD_S: Final = 1.0
"""How long what arrived waits for the tables, when nothing else is done with them."""
LONGEST_S: Final = 5.0
"""How long at most."""
HOLD_S: Final = 60.0
"""So long at most the first build waits until it may begin."""
_STEP: Final = 5_000
_SHARE: Final = 5
"""One part in so many of the time goes into the tables; the rest is for those who send events and wait for answers."""
_PEOPLE_SHARE: Final = 20
_PEOPLE_S: Final = 3.0


class Upkeep:
    """A thread that looks after a served project, by way of the thread that owns it.

    Args:
        owner: The thread that owns the project.
        clock: The present time.
        teller: Writes what was done.
        changed: Told, by the owner's thread, that answers may be others now: after a build, or where files declare
            something else.
        give_way: Waits a little where somebody waits for the interpreter.
        may_begin: Whether the first build may begin; after a minute it does.
    """

    def __init__(
        self,
        owner: Owner,
        *,
        clock: Callable[[], datetime],
        teller: Teller,
        changed: Callable[[Project], None],
        give_way: Callable[[], None] | None = None,
        may_begin: Callable[[], bool] = lambda: True,
    ) -> None:
        self._owner = owner
        self._clock = clock
        self._teller = teller
        self._changed = changed
        self._give_way = give_way
        self._may_begin = may_begin
        self._held_from: datetime | None = None
        self._waited_s = 0.0
        self._taken = owner.watch.last
        self._projector: Projector | None = None
        self._build_at: datetime | None = None
        self._people_at: datetime | None = None
        self._people_step = 0
        self._follow_at: datetime | None = None
        self._pause_s = PERIOD_S
        self._said = ""
        self._ending = Event()
        self._thread = Thread(target=self._work, name="habitue-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def took(self, project: Project) -> None:
        """Know that what the files declare was taken over, by whomever."""
        self._taken = project

    def end(self) -> None:
        """Begin nothing more."""
        self._ending.set()

    def stop(self) -> None:
        """End after what is being done."""
        self.end()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._ending.wait(self._pause_s):
            self._pause_s = PERIOD_S
            guard = Guard()
            with guard:
                self._owner.submit(self.tend).result()
            error = guard.error
            if error is None:
                self._said = ""
            elif self._ending.is_set() or isinstance(error, BuildStoppedError):
                # Whoever ends the server knows that something was broken off.
                return
            elif isinstance(error, HabitueError):
                self._say(error)
            else:
                self._teller.unforeseen(error)

    def _say(self, error: HabitueError) -> None:
        """Say what hinders, once."""
        if error.code != self._said:
            self._teller.warn("upkeep", code=error.code, what=error.what, do=error.do)
        self._said = error.code

    def tend(self, workspace: Workspace) -> None:
        """Do what is due, with the project.

        Raises:
            HabitueError: Its files hold faults, its data or the machine is at fault; the next time it is tried again.
        """
        if self._ending.is_set():
            return
        self._follow(workspace)
        projector = self._projector
        if projector is None:
            projector = self._projector = Projector(workspace, self._giving_way if self._give_way else None)
        begun, self._waited_s = self._clock(), 0.0
        done = projector.step(_STEP)
        now, schedule = self._clock(), workspace.project.settings.schedule
        worked_s = (now - begun).total_seconds() - self._waited_s
        self._pause_s = pause_s(worked_s, share=_SHARE if done.is_done else 2)
        if self._ending.is_set():
            return
        self._follow_people(workspace, now)
        if self._is_held(now):
            return
        if done.waits or is_due(self._build_at, schedule.build_us, now):
            self._build_at = now
            self._build(workspace, BuildOrder(as_of=moment_of(workspace.project, now)))
        elif is_due(self._people_at, schedule.retention_us, now):
            self._people_at = now
            self._build(workspace, BuildOrder(select=("people",)))

    def _is_held(self, now: datetime) -> bool:
        """Whether the first build waits."""
        if self._build_at is not None or self._may_begin():
            return False
        self._held_from = self._held_from or now
        return now - self._held_from < timedelta(seconds=HOLD_S)

    def _giving_way(self) -> None:
        """Let those go first who wait; that time is none that was worked."""
        begun = self._clock()
        if self._give_way is not None:
            self._give_way()
        self._waited_s += (self._clock() - begun).total_seconds()

    def _follow(self, workspace: Workspace) -> None:
        """Take over what the files declare now."""
        project = self._owner.watch.current()
        # Not what the workspace has: a command that read the files first had only itself go by them.
        if project is not self._taken:
            workspace.project = self._taken = project
            self._projector = None
            self._changed(project)

    def _follow_people(self, workspace: Workspace, now: datetime) -> None:
        """Make the rows of people whom messages made one those of one, every few seconds."""
        if self._follow_at is not None and now < self._follow_at:
            return
        step = people_step(workspace.project.folder)
        if step != self._people_step:
            follow_people(workspace.opened)
            self._people_step = step
            took_s = (self._clock() - now).total_seconds()
            self._follow_at = now + timedelta(seconds=max(_PEOPLE_S, took_s * _PEOPLE_SHARE))

    def _build(self, workspace: Workspace, order: BuildOrder) -> None:
        self._projector = None
        try:
            report = workspace.build(order)
        except BuildStoppedError:
            raise
        except HabitueError:
            # What it had made before it failed is in the tables; while it fails again and again, nothing more is.
            if not self._said:
                self._changed(workspace.project)
            raise
        self._people_at = self._clock()
        made = [step.name for step in report.steps if step.status != "fresh"]
        self._teller.info("built", build=report.build, seconds=round(report.seconds, 3), steps=", ".join(made))
        if made:
            self._changed(workspace.project)


def pause_s(took_s: float, *, share: int) -> float:
    """How long to rest after a piece of work, so that it takes no more than one part in so many of the time.

    Examples:
        >>> pause_s(0.1, share=5), pause_s(0.5, share=5), pause_s(0.5, share=2), pause_s(60.0, share=5)
        (1.0, 2.0, 1.0, 5.0)
    """
    return min(LONGEST_S, max(PERIOD_S, took_s * (share - 1)))


def is_due(last: datetime | None, period_us: int | None, now: datetime) -> bool:
    """Whether something that is done every so often is due; what was never done is, what is never to be done is not.

    Examples:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        >>> is_due(None, 60_000_000, noon), is_due(noon, 60_000_000, noon), is_due(None, None, noon)
        (True, False, False)
    """
    if period_us is None:
        return False
    return last is None or now - last >= timedelta(microseconds=period_us)


def moment_of(project: Project, now: datetime) -> datetime | None:
    """The instant that a build of a served project answers: now where events come live, else what its settings say."""
    return now if project.sources.collected else None
