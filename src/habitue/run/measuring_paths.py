"""Paths of an open project, as a role is shown them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from habitue.errors import HabitueError
from habitue.features.sessions import SESSION_EVENT
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, hidden_parts
from habitue.measure.frame import Step, read_step
from habitue.measure.paths import OTHERS, PathPlan, links, most_frequent, named, people_of, steps_of, whole_paths
from habitue.records.durations import parse_duration
from habitue.rules.catalogue import Catalogue
from habitue.run.drawn_customers import Draw, Estimated, draw_customers
from habitue.run.measuring_frame import EVERYTHING, Asked, frame_of
from habitue.run.veiling import rough, rounded
from habitue.run.workspace import Workspace

LONGEST_PATH: Final = 20
MOST_NAMES: Final = 50
_WHOLE_PATHS: Final = 10


class PathAskedError(HabitueError):
    """Paths are asked for that cannot be."""

    code = "PATHS"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsAsked:
    """Paths as they are asked for at a door.

    Attributes:
        touches: What paths are made of, each `EVENT` or `EVENT where CONDITION`; none for every event but visits.
        to: Paths lead to each person's first of this; empty for none.
        start: Paths begin after each person's first of this; empty for none.
        within: Longest time from it, as `30d`; empty without a limit.
        steps: How many things of a path count.
        top: How many things are shown by name; the rest is together.
        about: Whose, and of which time.
    """

    touches: tuple[str, ...] = ()
    to: str = ""
    start: str = ""
    within: str = ""
    steps: int = 5
    top: int = 8
    about: Asked = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLink:
    """How many go from one thing to another, as a role is shown it; figures are None when they are hidden.

    Attributes:
        place: 1 for the things nearest to where paths are told from.
        source: What they do; None for all that is not shown by name.
        target: What they do next, or, in paths that lead somewhere, did before; None for others, or where it ends.
        ends: Whether the path ends here.
        customers: How many.
        median_s: Half of them need no more seconds from one to the other.
    """

    place: int
    source: str | None
    target: str | None
    ends: bool
    customers: int | None
    median_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPath:
    """One frequent path, in the order of time; None stands for what is not shown by name."""

    path: tuple[str | None, ...]
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPaths(Estimated):
    """Paths as a role is shown them.

    Attributes:
        to: What they lead to; empty for none.
        start: What they begin after; empty for none.
        since: The first instant that counts; None from the beginning.
        until: The first instant that does not count any more.
        customers: How many people have what paths lead to or begin after.
        nothing: How many of them have nothing on their path.
        names: What is shown by name, the most frequent first.
        links: By place, then the most frequent first.
        paths: The most frequent whole paths; without people those of ten or more.
        rounded: Whether figures are rounded, for roles that see no people.
        margin: Of an estimate, how far off `customers` may be, 19 times in 20.
    """

    to: str
    start: str
    since: datetime | None
    until: datetime
    customers: int | None
    nothing: int | None
    names: tuple[str, ...]
    links: tuple[SeenLink, ...]
    paths: tuple[SeenPath, ...]
    rounded: bool
    margin: int | None = None


def measure_paths(workspace: Workspace, access: Access, asked: PathsAsked, *, estimate: bool = False) -> SeenPaths:
    """What people do one thing after another; without people rounded, and nothing about few.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: Which paths.
        estimate: Whether some people are enough where there are many.

    Raises:
        HabitueError: It does not fit the project, or the role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    plan = paths_plan(workspace.project.catalogue, asked)
    fetch, draw = workspace.warehouse.fetch, draw_customers(workspace, estimate=estimate)
    with workspace.warehouse.keeping() as keep:
        frame = frame_of(workspace, asked.about, keep, draw)
        steps = keep(steps_of(plan, frame))
        names = [row["touch"] for row in fetch(most_frequent(steps, asked.top)).to_pylist()]
        shown = keep(named(steps, names))
        rows = fetch(links(shown)).to_pylist()
        paths = fetch(whole_paths(shown, _WHOLE_PATHS)).to_pylist()
        everybody = workspace.warehouse.count(people_of(plan, frame))
    begun = sum(row["customers"] for row in rows if row["place"] == 1)
    split = _split(access, [begun, everybody - begun], everybody)
    rows.sort(key=lambda row: (row["place"], -row["customers"], row["touch"], row["following"] or ""))
    told = draw.told(access)
    found = SeenPaths(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
        to=asked.to,
        start=asked.start,
        since=frame.since,
        until=frame.until,
        customers=_size(access, everybody, hidden=everybody < LEAST_GROUP),
        nothing=split,
        names=tuple(names),
        links=_links(access, rows),
        paths=tuple(_path(access, row, turned=plan.leads_to) for row in paths if _is_told(access, row["customers"])),
        rounded=not access.sees_people,
    )
    return found if draw.is_all else _scaled(access, found, draw)


def _scaled(access: Access, found: SeenPaths, draw: Draw) -> SeenPaths:
    """Paths as they are among all; what may be shown was decided by those who were looked at."""

    def size(customers: int | None) -> int | None:
        return None if customers is None else draw.shown(customers, access)

    return replace(
        found,
        customers=size(found.customers),
        margin=None if found.customers is None else draw.margin(found.customers),
        nothing=size(found.nothing),
        links=tuple(replace(each, customers=size(each.customers)) for each in found.links),
        paths=tuple(replace(each, customers=size(each.customers)) for each in found.paths),
    )


def paths_plan(catalogue: Catalogue, asked: PathsAsked) -> PathPlan:
    """Which paths are asked for.

    Raises:
        HabitueError: It does not fit the project.
    """
    if asked.to and asked.start:
        raise PathAskedError(what="Paths cannot lead to one event and begin after another.", do="Give one of both.")
    if not (1 <= asked.steps <= LONGEST_PATH and 1 <= asked.top <= MOST_NAMES):
        what = f"Paths have 1 to {LONGEST_PATH} steps, and 1 to {MOST_NAMES} things are shown by name."
        raise PathAskedError(what=what, do="Ask for that many.")
    anchor = asked.to or asked.start
    touches = asked.touches or tuple(each for each in catalogue.events if each != SESSION_EVENT)
    if not touches:
        raise PathAskedError(what="The project has no events.", do="Declare a source that makes some.")
    return PathPlan(
        anchor=read_step(anchor, catalogue) if anchor else None,
        leads_to=bool(asked.to),
        touches=_each_once([read_step(each, catalogue) for each in touches]),
        within=parse_duration(asked.within) if asked.within else None,
        steps=asked.steps,
    )


def _each_once(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple({each.text: each for each in steps}.values())


def _split(access: Access, parts: Sequence[int], whole: int) -> int | None:
    """The last of two parts of a whole."""
    hidden = whole < LEAST_GROUP or bool(hidden_parts(parts))
    return _size(access, parts[-1], hidden=hidden)


def _size(access: Access, customers: int, *, hidden: bool) -> int | None:
    if access.sees_people:
        return customers
    return None if hidden else rounded(customers)


def _links(access: Access, rows: Sequence[Mapping[str, Any]]) -> tuple[SeenLink, ...]:
    seen = []
    for place in sorted({row["place"] for row in rows}):
        here = [row for row in rows if row["place"] == place]
        gone = hidden_parts([row["customers"] for row in here])
        for number, row in enumerate(here):
            customers = _size(access, row["customers"], hidden=number in gone)
            median = row["median_s"] if access.sees_people else rough(row["median_s"])
            seen.append(
                SeenLink(
                    place=place,
                    source=row["touch"] or None,
                    target=row["following"] or None,
                    ends=row["following"] is None,
                    customers=customers,
                    median_s=None if customers is None else median,
                )
            )
    return tuple(seen)


def _path(access: Access, row: Mapping[str, Any], *, turned: bool) -> SeenPath:
    touches = row["path"][::-1] if turned else row["path"]
    return SeenPath(
        path=tuple(each if each != OTHERS else None for each in touches),
        customers=_size(access, row["customers"], hidden=False),
    )


def _is_told(access: Access, customers: int) -> bool:
    """Whether a path may be told at all: what fewer than ten people did tells of them without a figure."""
    return access.sees_people or customers >= LEAST_GROUP
