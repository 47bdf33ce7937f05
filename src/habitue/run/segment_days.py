"""How many people entered and left a segment on each day: what the live reading saw, else what builds changed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from habitue.config import state_folder
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP
from habitue.run.segments import list_history
from habitue.run.workspace import Workspace
from habitue.segments.transition_days import moves_by_instant
from habitue.segments.transitions import TRANSITIONS_FILE
from habitue.state.sqlite import to_us

_ONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMoves:
    """One day in the project's time zone.

    Attributes:
        day: The day, as 2026-01-31.
        entered: How many entered; None where that is hidden.
        left: How many left; None where that is hidden.
    """

    day: str
    entered: int | None
    left: int | None


def days_of(workspace: Workspace, access: Access, segment: str, *, days: int) -> list[DayMoves]:
    """The last days of a segment, the oldest first; those without a move are zero.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: The segment.
        days: How many, up to the day of the last build or of the live reading.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: There is no such segment, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    history = list_history(workspace, segment)
    zone = workspace.project.catalogue.zone
    last = workspace.answered_at(segment).astimezone(zone).date()
    first = last - _ONE * (days - 1)
    since = datetime.combine(first, time(), zone)
    found: dict[date, list[int]] = {first + _ONE * number: [0, 0] for number in range(days)}

    def add(moment: datetime, entered: int, left: int) -> None:
        counts = found.get(moment.astimezone(zone).date())
        if counts is not None:
            counts[0] += entered
            counts[1] += left

    live = workspace.live_answers
    folder = workspace.project.folder
    if live is not None and segment in live.sizes() and (state_folder(folder) / TRANSITIONS_FILE).exists():
        for moment, entered in moves_by_instant(folder, segment, to_us(since)):
            add(moment, int(entered), int(not entered))
    else:
        for each in history[1:]:
            add(each.as_of, each.entered, each.left)
    return [
        DayMoves(day=day.isoformat(), entered=_seen(access, entered), left=_seen(access, left))
        for day, (entered, left) in found.items()
    ]


def _seen(access: Access, count: int) -> int | None:
    if access.sees_people:
        return count
    return None if count < LEAST_GROUP else (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
