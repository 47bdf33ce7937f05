"""`habitue plan`: what a build would do, without doing it."""

from dataclasses import dataclass

from habitue.run.building import Building, BuildOrder
from habitue.run.marks import read_marks
from habitue.sources.load import stale_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One step of a build to come.

    Attributes:
        name: The step.
        status: `stale` when it would run, `fresh` when there is nothing to do.
        why: The reason, in a few words.
    """

    name: str
    status: str
    why: str


def plan_build(building: Building) -> list[PlannedStep]:
    """The steps that a build would take, in order.

    Raises:
        HabitueError: A file is missing or unreadable.
    """
    stale = stale_sources(building.project.sources, building.warehouse, building.control, progress=building.progress)
    steps = [
        PlannedStep(
            name=f"source {name}",
            status="stale" if is_stale else "fresh",
            why="its files, its mapping or its repairs changed" if is_stale else "",
        )
        for name, is_stale in stale.items()
    ]
    marks = read_marks(building.warehouse)
    data_changed = any(stale.values())
    if building.project.visits:
        changed = marks.get("sessions") != building.sessions_digest()
        steps.append(_step("sessions", data_changed, changed, "what visits are made of changed"))
    now = building.clock()
    changed = data_changed or marks.get("answers") != building.answers_digest(building.instant(BuildOrder(), now))
    why = "a definition or the instant of the answers changed"
    return [*steps, _step("features", data_changed, changed, why), _step("segments", data_changed, changed, why)]


def _step(name: str, data_changed: bool, changed: bool, why: str) -> PlannedStep:
    if data_changed:
        return PlannedStep(name=name, status="stale", why="the data changes")
    return PlannedStep(name=name, status="stale" if changed else "fresh", why=why if changed else "")
