"""Builds as a role is shown them: what was done, and, to who sees people, how many rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from habitue.govern.roles import Access, Permission
from habitue.run.planning import PlannedStep
from habitue.run.workspace import Workspace
from habitue.state import Build


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltStep:
    """One step of a build.

    Attributes:
        name: What was built.
        status: `done`, `fresh` or `failed`.
        seconds: Wall time.
        rows: Rows that came out; None where they may be few people's.
        note: What changed, in a few words; empty where that may be about few people.
    """

    name: str
    status: str
    seconds: float
    rows: int | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRun:
    """One build.

    Attributes:
        build: Its number.
        status: `running`, `done` or `failed`.
        started_at: When it began.
        finished_at: When it ended; None while it runs, or where it was cut short.
        seconds: Wall time.
        as_of: The instant of its answers; None where it was to answer nothing.
        steps: What each step did.
    """

    build: int
    status: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    as_of: datetime | None
    steps: tuple[BuiltStep, ...]


def view_builds(workspace: Workspace, access: Access, *, limit: int = 20) -> list[SeenRun]:
    """The latest builds, the newest first.

    Args:
        workspace: The open project.
        access: Who asks.
        limit: At most so many.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    return [_seen(each, people=access.sees_people) for each in workspace.control.builds(limit=limit)]


def view_plan(workspace: Workspace, access: Access) -> Sequence[PlannedStep]:
    """What a build would do now.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: A file is missing or unreadable.
    """
    access.need(Permission.SEE_AGGREGATES)
    return workspace.plan()


def _seen(build: Build, *, people: bool) -> SeenRun:
    return SeenRun(
        build=build.id,
        status=build.status.value,
        started_at=build.started_at,
        finished_at=build.finished_at,
        seconds=build.seconds,
        as_of=build.as_of,
        steps=tuple(
            BuiltStep(
                name=each.name,
                status=each.status,
                seconds=each.seconds,
                rows=each.rows if people else None,
                note=each.note if people else "",
            )
            for each in build.steps
        ),
    )
