"""`habitue plan`: what a build would do, without doing it."""

from collections.abc import Mapping
from dataclasses import dataclass

from habitue.run.building import LIVE, Building, BuildOrder
from habitue.run.live_parts import log_path
from habitue.run.marks import read_marks
from habitue.run.projecting import live_digest, live_mark
from habitue.sources.live_tables import live_read
from habitue.sources.load import stale_sources
from habitue.streams import LogReader


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
    if log_path(building.project.folder).exists():
        arrived = _has_arrived(building, marks)
        steps.append(_step(LIVE, data_changed=False, changed=arrived, why="messages arrived since the last build"))
        data_changed = data_changed or arrived
    if building.project.visits:
        changed = marks.get("sessions") != building.sessions_digest()
        steps.append(_step("sessions", data_changed, changed, "what visits are made of changed"))
    now = building.clock()
    changed = data_changed or marks.get("answers") != building.answers_digest(building.instant(BuildOrder(), now))
    why = "a definition or the instant of the answers changed"
    return [*steps, _step("features", data_changed, changed, why), _step("segments", data_changed, changed, why)]


def _has_arrived(building: Building, marks: Mapping[str, str]) -> bool:
    """Whether the log holds more than the last build knew, or is to be read anew."""
    read = live_read(building.warehouse)
    with LogReader(log_path(building.project.folder)) as reader:
        newest = reader.bounds()[1]
    place = 0 if read is None or read.digest != live_digest(building.project) else read.place
    return newest != place or (bool(place) and marks.get(LIVE) != live_mark(building.warehouse))


def _step(name: str, data_changed: bool, changed: bool, why: str) -> PlannedStep:
    if data_changed:
        return PlannedStep(name=name, status="stale", why="the data changes")
    return PlannedStep(name=name, status="stale" if changed else "fresh", why=why if changed else "")
