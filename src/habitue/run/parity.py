"""Whether the two readings of the rules agree: the batch over the whole warehouse, and the live one event by event.

At rest the live reading is seeded from the older part of the history and then told the rest, one event at a time and in
order; of a running one it is compared what it has kept, as of the very record and instant of that.

Cost: one batch answer for all segments; at rest one seed of them, and one step of Python for each event that is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Final

from habitue.engines.warehouse import Warehouse
from habitue.rules import Moment
from habitue.rules.batch import Question, answer
from habitue.rules.history import instant_of
from habitue.rules.nodes import Name
from habitue.rules.tables import Tables
from habitue.run.project import Project
from habitue.run.retelling import retell
from habitue.run.seeding import cuts_of, live_definitions, live_tables
from habitue.run.sowing import bring_up
from habitue.run.workspace import Workspace
from habitue.segments import Position, TransitionLog
from habitue.segments.memberships import current
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import live_position

MOST_TOLD: Final = 200_000
"""How many of the newest events are told one by one; never more than half of all."""
_TRIES: Final = 2
_WAITS: Final = 200
_PAUSE_S: Final = 0.05
Members = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A customer of whom the readings do not agree.

    Attributes:
        segment: The segment.
        customer: Who.
        batch: Whether the batch reading has them in it.
        live: Whether the live one has.
    """

    segment: str
    customer: str
    batch: bool
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """What a comparison found.

    Attributes:
        as_of: The instant of both answers.
        segments: The segments compared.
        pairs: Customers times segments: how many answers were compared.
        differences: Where they differ, by segment and customer.
        told: Events that the live reading was told one by one; 0 where a running one was compared as it stood.
        offset: Of the last record of the log that both know; 0 where no running one was compared.
        left_out: Segments that cannot be kept live, with the reason.
    """

    as_of: datetime
    segments: tuple[str, ...]
    pairs: int
    differences: tuple[Difference, ...]
    told: int = 0
    offset: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)


def compare(batch: Members, live: Members) -> list[Difference]:
    """Where two answers about the same segments differ.

    Examples:
        >>> compare({"vip": {"a", "b"}}, {"vip": {"b", "c"}})[0]
        Difference(segment='vip', customer='a', batch=True, live=False)
    """
    found = []
    for segment in sorted({*batch, *live}):
        one, other = set(batch.get(segment, ())), set(live.get(segment, ()))
        found += [
            Difference(segment=segment, customer=customer, batch=customer in one, live=customer in other)
            for customer in sorted(one ^ other)
        ]
    return found


def batch_members(
    project: Project, warehouse: Warehouse, names: Sequence[str], *, as_of: datetime, offset: int | None = None
) -> dict[str, set[str]]:
    """Who is in some segments by the batch reading, by the cut points of the last build.

    Args:
        project: The project.
        warehouse: Holds its tables.
        names: Declared segments.
        as_of: The instant asked about.
        offset: Live events after this record of the log are not seen; None for all that the tables hold.
    """
    cut = None if offset is None else live_position(offset + 1) - 1
    tables = live_tables(project, warehouse, cut=cut)
    if cut is not None:
        seen = {name: rows.filter(rows.position <= cut) for name, rows in tables.events.items()}
        tables = replace(tables, events=seen)
    return _answered(project, warehouse, tables, names, as_of)


def check_parity(workspace: Workspace, names: Collection[str] = (), *, progress: Progress = silent) -> Parity:
    """Compare both readings of an open project: a running live one as it stands, else as of the last build.

    Args:
        workspace: The project, by the thread that owns it.
        names: Segments to compare; all that can be kept live when empty.
        progress: Told how far it is.

    Raises:
        HabitueError: Nothing was built yet, or there is no such segment.
    """
    for name in names:
        workspace.segment_rule(name)
    if workspace.live_answers is not None:
        return live_parity(workspace, workspace.live_answers.sizes(), names)
    as_of = workspace.as_of()
    return parity(workspace.project, workspace.warehouse, as_of=as_of, names=names, progress=progress)


def live_parity(workspace: Workspace, live: Collection[str], names: Collection[str] = ()) -> Parity:
    """Compare what a running live reading has kept with the batch reading, as of the same record and instant.

    Whoever becomes one person with somebody else meanwhile makes them differ, so differences are looked at again.

    Args:
        workspace: The project, by the thread that owns it; its tables are brought up to the log.
        live: The segments that are read live.
        names: Segments to compare; all of those when empty.
    """
    definitions, refused = live_definitions(workspace.project)
    waiting = {each.name: "It is not live yet." for each in definitions if each.name not in live}
    segments = tuple(each.name for each in definitions if each.name in live and (not names or each.name in names))
    left_out = {name: why for name, why in (refused | waiting).items() if not names or name in names}
    found = _as_it_stands(workspace, segments, left_out)
    for _ in range(_TRIES if found.differences else 0):
        found = _as_it_stands(workspace, segments, left_out)
        if not found.differences:
            break
    return found


def _as_it_stands(workspace: Workspace, segments: tuple[str, ...], left_out: Mapping[str, str]) -> Parity:
    project, warehouse = workspace.project, workspace.warehouse
    position, inside = _settled(project.folder)
    bring_up(workspace)
    as_of = instant_of(position.clock_us)
    batch = batch_members(project, warehouse, segments, as_of=as_of, offset=position.offset)
    cut = live_position(position.offset + 1) - 1
    customers = warehouse.count(live_tables(project, warehouse, cut=cut).customers)
    return Parity(
        as_of=as_of,
        segments=segments,
        pairs=customers * len(segments),
        differences=tuple(compare(batch, {name: inside.get(name, set()) for name in segments})),
        offset=position.offset,
        left_out=left_out,
    )


def _settled(folder: Path) -> tuple[Position, dict[str, set[str]]]:
    """What the live reading has kept, at a moment when it had minded everything."""
    with TransitionLog.open(folder) as log:
        position, inside = log.snapshot()
        for _ in range(_WAITS):
            if (position.offset, position.clock_us) == (position.settled, position.settled_us):
                break
            sleep(_PAUSE_S)
            position, inside = log.snapshot()
    return position, inside


def parity(
    project: Project,
    warehouse: Warehouse,
    *,
    as_of: datetime,
    names: Collection[str] = (),
    most: int = MOST_TOLD,
    progress: Progress = silent,
) -> Parity:
    """Compare the batch reading with a live one that is seeded half-way and told the rest in order.

    Args:
        project: The project.
        warehouse: Holds its tables.
        as_of: The instant of both answers.
        names: Segments to compare; all that can be kept live when empty.
        most: So many of the newest events are told one by one at most, and never more than half of all.
        progress: Told how far it is.
    """
    definitions, refused = live_definitions(project)
    chosen = [each for each in definitions if not names or each.name in names]
    tables, segments = live_tables(project, warehouse), tuple(each.name for each in chosen)
    with warehouse.keeping() as keep:
        tables = replace(tables, customers=keep(tables.customers))
        retold = retell(chosen, project, warehouse, tables, as_of=as_of, most=most, progress=progress)
        batch = _answered(project, warehouse, tables, segments, as_of)
        customers = warehouse.count(tables.customers)
    return Parity(
        as_of=as_of,
        segments=segments,
        pairs=customers * len(segments),
        differences=tuple(compare(batch, {name: set(retold.live.members(name)) for name in segments})),
        told=retold.told,
        left_out={name: why for name, why in refused.items() if not names or name in names},
    )


def _answered(
    project: Project, warehouse: Warehouse, tables: Tables, names: Sequence[str], as_of: datetime
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in names}
    if not names:
        return found
    catalogue = project.catalogue
    cuts = cuts_of([catalogue.segments[name] for name in names], project, warehouse)
    asked = {f"segment_{name}": Name(space="segment", name=name) for name in names}
    with warehouse.keeping() as keep:
        question = Question(
            catalogue=catalogue,
            tables=tables,
            moment=Moment(now=as_of, zone=catalogue.zone),
            cuts=cuts,
            stage=keep,
        )
        rows = warehouse.fetch(current(keep(answer(asked, question)), {name: f"segment_{name}" for name in names}))
    for segment, customer in zip(*(rows.column(each).to_pylist() for each in ("segment", "customer_id")), strict=True):
        found[segment].add(customer)
    return found
