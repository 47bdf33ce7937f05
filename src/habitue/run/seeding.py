"""The live reading of a project set to what its warehouse holds: everybody at once, one query per need of a rule.

Cost: one scan of an event table per leaf of the rules, which the engine reduces to what the leaf keeps; then one step
of Python per customer and leaf.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from habitue.engines.warehouse import Warehouse
from habitue.features.sessions import SESSION_EVENT
from habitue.features.visits_live import REVISED_US
from habitue.rules import Definition, Node, RuleError, inline
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints
from habitue.rules.evaluation import Context
from habitue.rules.history import micros
from habitue.rules.live import LiveRules
from habitue.rules.live_need_tables import rows_of
from habitue.rules.live_needs import Need
from habitue.rules.live_plan import plan_of
from habitue.rules.live_seeding import Flip, LiveSeeding
from habitue.rules.tables import Tables
from habitue.run.consents import RESTRICTED
from habitue.run.peopling import survival_of
from habitue.run.project import Project
from habitue.run.tables import project_tables
from habitue.run.visiting import sessions_at
from habitue.segments.cut_points import load_cuts
from habitue.sources.entities import customers_now
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import GIVEN, live_position

_ROWS: Final = 10_000
"""Rows read at once."""
_MANY: Final = 10_000
"""From so many people on a look for garbage that goes through all they are made of takes too long."""


class Planted(NamedTuple):
    """A live reading that was seeded.

    Attributes:
        live: Ready to go on.
        flips: Who is in a segment, or in it no more, otherwise than was known before.
    """

    live: LiveRules
    flips: list[Flip]


def live_definitions(project: Project) -> tuple[list[Definition], dict[str, str]]:
    """The segments of a project that can be kept live, and of the others why they cannot."""
    live, refused = list[Definition](), dict[str, str]()
    for name, definition in project.catalogue.segments.items():
        try:
            plan_of([definition], Context(catalogue=project.catalogue))
        except RuleError as error:
            refused[name] = error.what
        else:
            live.append(definition)
    return live, refused


def seed(
    definitions: Iterable[Definition],
    *,
    project: Project,
    warehouse: Warehouse,
    offset: int | None,
    now: datetime,
    members: Mapping[str, Collection[str]],
    progress: Progress = silent,
) -> LiveRules:
    """A live reading of some segments, of everybody, as of a place in the log and an instant; see `plant`."""
    return plant(
        definitions,
        project=project,
        warehouse=warehouse,
        offset=offset,
        now=now,
        members=members,
        progress=progress,
    ).live


def plant(
    definitions: Iterable[Definition],
    *,
    project: Project,
    warehouse: Warehouse,
    offset: int | None,
    now: datetime,
    members: Mapping[str, Collection[str]],
    progress: Progress = silent,
) -> Planted:
    """A live reading of some segments, of everybody, as of a place in the log and an instant.

    Places among customers are by the cut points of the last build. People whose data is restricted are not in it.

    Args:
        definitions: Segments that can be kept live.
        project: Their project.
        warehouse: Holds its tables; the log was read into them at least up to the offset.
        offset: Live events after this record are not in it; None for all that the tables hold.
        now: Aware; what happened later counts when its time comes.
        members: Who was in each segment as far as is known.
        progress: Told how far it is, in needs.
    """
    wanted = list(definitions)
    cut = None if offset is None else live_position(offset + 1) - 1
    cuts = cuts_of(wanted, project, warehouse)
    live = LiveRules(wanted, project.catalogue, cuts, revised={SESSION_EVENT: REVISED_US})
    tables = live_tables(project, warehouse, cut=cut)
    seeding = LiveSeeding(live, project.catalogue, micros(now))
    return Planted(live, fill(seeding, tables, warehouse, cut=cut, members=members, progress=progress))


def fill(
    seeding: LiveSeeding,
    tables: Tables,
    warehouse: Warehouse,
    *,
    cut: int | None,
    members: Mapping[str, Collection[str]],
    progress: Progress = silent,
) -> list[Flip]:
    """Ask tables for everything that a live reading needs of the past, and settle it.

    Args:
        seeding: The reading being seeded.
        tables: Where the answers come from.
        warehouse: Holds the tables.
        cut: Events at later positions are not seen; None for all.
        members: Who was in each segment as far as is known.
        progress: Told how far it is, in needs.
    """
    with _uncollected():
        statements = list(_statements(seeding, tables, warehouse, cut, progress))
        # What is made from here on stays; what was needed to word the questions can go.
        gc.collect(0)
        for done, (need, statement) in enumerate(statements):
            progress("seeding", done, len(statements))
            for batch in warehouse.con.execute(statement).fetch_record_batch(_ROWS):
                seeding.load(need, batch)
                progress("seeding", done, len(statements))
        flips = seeding.settle(members, lambda: progress("settling", 0, 0))
        if seeding.people >= _MANY:
            # No later look for garbage goes through all of this again, while somebody waits.
            gc.freeze()
    return flips


def _statements(
    seeding: LiveSeeding, tables: Tables, warehouse: Warehouse, cut: int | None, progress: Progress
) -> Iterator[tuple[Need, str]]:
    """The needs of a live reading that the tables answer, each as a query."""
    for need in seeding.needs:
        progress("wording", 0, 0)
        rows = rows_of(need, tables, seeding.catalogue, cut=cut)
        if rows is not None:
            yield need, warehouse.ibis.compile(rows)


def live_tables(project: Project, warehouse: Warehouse, *, cut: int | None = None) -> Tables:
    """The tables of a project, with the customers and the visits as live sources have them by now.

    Args:
        project: The project.
        warehouse: Holds them.
        cut: What live sources said at later positions is not seen; None for everything.
    """
    tables, there = project_tables(project, warehouse), set(warehouse.tables())
    visits = sessions_at(project, warehouse, cut=cut)
    if visits is not None:
        tables = replace(tables, events={**tables.events, SESSION_EVENT: visits})
    if GIVEN["customers"] not in there:
        return tables
    restricted = warehouse.table(RESTRICTED) if RESTRICTED in there else None
    survival = survival_of(project)
    return replace(
        tables,
        customers=customers_now(warehouse, project.sources, survival=survival, cut=cut, without=restricted),
    )


def cuts_of(definitions: Iterable[Definition], project: Project, warehouse: Warehouse) -> dict[Node, CutPoints]:
    """The cut points of the last build that some segments need, those of the features they use included."""
    catalogue = project.catalogue
    checker = Checker(catalogue)
    inlined = [inline(checker.definition("segment", each).node, catalogue) for each in definitions]
    return load_cuts(warehouse, inlined, catalogue)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Within the block no garbage is looked for: millions of things are made, and all of them are kept."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
