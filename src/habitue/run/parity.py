"""Whether the two readings of the rules agree: the batch over the whole warehouse, and the live one event by event.

At rest the live reading is seeded from the older part of the history and then told the rest, one event at a time and in
order; a running server's live answers are compared by `batch_members` and `compare`.

Cost: one batch answer for all segments, one seed of them, and one step of Python for each event that is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from habitue.engines import Warehouse
from habitue.rules import Moment
from habitue.rules.batch import Question, answer
from habitue.rules.nodes import Name
from habitue.rules.tables import Tables
from habitue.run.project import Project
from habitue.run.retelling import retell
from habitue.run.seeding import cuts_of, live_definitions, live_tables
from habitue.run.workspace import Workspace
from habitue.segments.memberships import current
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import live_position

MOST_TOLD: Final = 200_000
"""How many of the newest events are told one by one; never more than half of all."""
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
        told: Events that the live reading was told one by one.
        left_out: Segments that cannot be kept live, with the reason.
    """

    as_of: datetime
    segments: tuple[str, ...]
    pairs: int
    differences: tuple[Difference, ...]
    told: int = 0
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
    """Compare both readings of an open project as of its last build; see `parity`.

    Raises:
        HabitueError: Nothing was built yet, or there is no such segment.
    """
    for name in names:
        workspace.segment_rule(name)
    as_of = workspace.as_of()
    return parity(workspace.project, workspace.warehouse, as_of=as_of, names=names, progress=progress)


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
