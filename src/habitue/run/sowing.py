"""Everything that the live reading of a project begins with, from its tables, as of a place in the log."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from habitue.engines.warehouse import Warehouse
from habitue.features.sessions import SESSION_EVENT
from habitue.features.visits_live import REVISED_US, PersonVisits
from habitue.govern.consent import Terms
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.rules.history import micros
from habitue.rules.live import LiveRules
from habitue.run.consents import RESTRICTED, project_consents
from habitue.run.following import follow_people
from habitue.run.live_parts import log_path
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.run.refreshing import catch_up
from habitue.run.seeding import live_definitions, seed
from habitue.run.spoken import Spoken, spoken_in
from habitue.run.visiting import recent_visits
from habitue.run.workspace import Workspace
from habitue.sources.progress import Progress, silent
from habitue.sources.shapes import CUSTOMERS
from habitue.sources.tables import GIVEN, live_position
from habitue.streams import LogReader

_HEAD: Final = frozenset({"habitue_slot", "habitue_rank", "position", "record_id", "customer_id"})


class Sown(NamedTuple):
    """What a live reading begins with.

    Attributes:
        rules: Who is in what.
        offset: Of the last record of the log that is in it.
        persons: The person of each record that is not its own.
        visits: The visits that an event may still change, by customer.
        restricted: People whose data is used for nothing.
        told: When traits were last said (µs), by customer and trait, where that was not long ago.
        spoken: What sources say that some records said about purposes.
    """

    rules: LiveRules
    offset: int
    persons: Mapping[str, str]
    visits: Mapping[str, PersonVisits]
    restricted: Collection[str]
    told: Mapping[tuple[str, str], int]
    spoken: Spoken


def sow(
    workspace: Workspace,
    *,
    offset: int,
    now: datetime,
    members: Mapping[str, Collection[str]],
    progress: Progress = silent,
) -> Sown:
    """Carry the log into the tables, and seed every segment that can be live.

    Args:
        workspace: The open project.
        offset: Live events after this record are not in it.
        now: The instant, aware; what happened later counts when its time comes.
        members: Who was in each segment as far as is known.
        progress: Told how far it is.
    """
    persons = bring_up(workspace, progress)
    project, warehouse = workspace.project, workspace.warehouse
    restricted = list[str]()
    if RESTRICTED in warehouse.tables():
        restricted = warehouse.fetch(warehouse.table(RESTRICTED)).column("customer_id").to_pylist()
    definitions, _ = live_definitions(project)
    rules = seed(
        definitions,
        project=project,
        warehouse=warehouse,
        offset=offset,
        now=now,
        members=members,
        progress=progress,
    )
    progress("words", 0, 0)
    cut = live_position(offset + 1) - 1
    spoken = spoken_in(warehouse) if rules.plan.consents else Spoken()
    progress("visits", 0, 0)
    visits = dict[str, PersonVisits]()
    if SESSION_EVENT in rules.plan.events:
        told_after = live_position(_received_by(project, now - timedelta(microseconds=REVISED_US)) + 1) - 1
        visits = recent_visits(project, warehouse, cut=cut, now=now, told_after=told_after)
    return Sown(rules, offset, persons, visits, restricted, _told(warehouse, cut=cut, now=now), spoken)


def bring_up(workspace: Workspace, progress: Progress = silent) -> dict[str, str]:
    """Bring the tables up to the log, to who became one person and to what was said; the person of joined records."""
    progress("live events", 0, 0)
    Projector(workspace, None if progress is silent else lambda: progress("live events", 0, 0)).run()
    progress("who is who", 0, 0)
    persons = follow_people(workspace.opened)
    progress("consents", 0, 0)
    catch_up(workspace.opened)
    project, warehouse = workspace.project, workspace.warehouse
    if any(Terms.of(each).silence for each in project.purposes.values()):
        # Whoever is new since the last build has said nothing, and where that means yes a row says so.
        project_consents(project, warehouse, workspace.stores.consents, now=workspace.clock())
    return persons


def _received_by(project: Project, instant: datetime) -> int:
    """The offset of the last record of the log that was received by an instant."""
    path, until_us = log_path(project.folder), micros(instant)
    if not path.exists():
        return 0
    with LogReader(path) as reader:
        first, high = reader.bounds()
        low = first - 1
        while low < high:
            middle = (low + high + 1) // 2
            found = reader.read(middle - 1, 1, with_ids=False)
            if found and found[0].received_us <= until_us:
                low = middle
            else:
                high = middle - 1
    return low


def _told(warehouse: Warehouse, *, cut: int, now: datetime) -> dict[tuple[str, str], int]:
    """When each trait was last said of a customer, as far as a message that comes late may be older than that."""
    if GIVEN[CUSTOMERS] not in warehouse.tables():
        return {}
    rows = warehouse.table(GIVEN[CUSTOMERS])
    names = [name for name in rows.columns if name not in _HEAD]
    since = literal(now - timedelta(microseconds=REVISED_US), Kind.TIME)
    rows = rows.filter(rows.position <= cut, rows.habitue_rank > since)
    if not names:
        return {}
    latest = rows.group_by("customer_id").aggregate(
        **{name: rows.habitue_rank.max(where=rows[name].notnull()) for name in names}
    )
    told = dict[tuple[str, str], int]()
    for row in warehouse.fetch(latest).to_pylist():
        customer = row.pop("customer_id")
        told.update({(customer, name): micros(at.replace(tzinfo=UTC)) for name, at in row.items() if at is not None})
    return told
