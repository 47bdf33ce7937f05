"""Visits as of a place in the log: the table of sessions for the live reading, and the visits that may still change.

The table that a build made knows nothing of what arrived since; here visits are cut anew out of all events, and nothing
is written.
"""

from datetime import datetime, timedelta
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.features.local_clock import local_clock
from habitue.features.sessions import SESSION_EVENT, gather, sessions
from habitue.features.visits_live import REVISED_US, PersonVisits, Step, Visit
from habitue.records import Kind, event_table
from habitue.rules.expressions import literal
from habitue.rules.history import micros
from habitue.run.project import Project
from habitue.run.tables import session_schema

_ROWS: Final = 50_000
_NEVER: Final = 1 << 63
"""Behind every position."""
_TEXTS: Final = ("page", "channel", "device")


def sessions_at(project: Project, warehouse: Warehouse, *, cut: int | None) -> ir.Table | None:
    """The table of sessions, as of a position; None for a project without visits.

    Args:
        project: Says what visits are made of.
        warehouse: Holds the events.
        cut: Events at later positions are not seen; None for all.
    """
    if not project.visits:
        return None
    visits = sessions(_events(project, warehouse, cut), gap_us=project.settings.session.gap_us)
    visits = visits.mutate(**local_clock(visits.occurred_at, project.settings.time_zone))
    return visits.select(*session_schema(project).names)


def recent_visits(
    project: Project, warehouse: Warehouse, *, cut: int | None, now: datetime, told_after: int | None = None
) -> dict[str, PersonVisits]:
    """The visits that an event may still change, by customer.

    Args:
        project: Says what visits are made of.
        warehouse: Holds the events.
        cut: Events at later positions are not seen; None for all.
        now: The instant as of which visits are wanted.
        told_after: Of visits long past, those are wanted as well that an event behind this position tells of: more
            events of such a visit may follow. None for none of them.
    """
    if not project.visits or SESSION_EVENT not in project.catalogue.events:
        return {}
    gap_us = project.settings.session.gap_us
    since = now - timedelta(microseconds=REVISED_US + gap_us)
    rows, found = gather(_events(project, warehouse, cut)), dict[str, PersonVisits]()
    is_recent = rows.occurred_at > literal(since, Kind.TIME)
    if told_after is not None:
        past = rows.filter(~is_recent)
        late = past.filter(past.position > told_after).select("customer_id").distinct()
        past = past.semi_join(late, "customer_id").order_by("customer_id", "occurred_at", "position")
        for batch in warehouse.ibis.to_pyarrow_batches(past, chunk_size=_ROWS):
            _add(found, batch, gap_us, told_after=told_after, told_us=micros(now))
        for person in found.values():
            person.prune(micros(since))
    recent = rows.filter(is_recent).order_by("customer_id", "occurred_at", "position")
    for batch in warehouse.ibis.to_pyarrow_batches(recent, chunk_size=_ROWS):
        _add(found, batch, gap_us)
    return found


def _events(project: Project, warehouse: Warehouse, cut: int | None) -> list[tuple[str, ir.Table]]:
    tables = [(name, warehouse.table(event_table(name))) for name in project.visits]
    return [(name, table if cut is None else table.filter(table.position <= cut)) for name, table in tables]


def _add(
    found: dict[str, PersonVisits],
    batch: pa.RecordBatch,
    gap_us: int,
    *,
    told_after: int = _NEVER,
    told_us: int = 0,
) -> None:
    """Add events to visits; those behind a position as told at an instant, the others as told long ago."""
    customers, positions, shows = (batch[name].to_pylist() for name in ("customer_id", "position", "shows"))
    times = batch["occurred_at"].cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    nothing = [None] * batch.num_rows
    texts = [batch[name].to_pylist() if name in batch.schema.names else nothing for name in _TEXTS]
    for customer, time, position, shown, *said in zip(customers, times, positions, shows, *texts, strict=True):
        person = found.get(customer)
        if person is None:
            person = found[customer] = PersonVisits()
        told = told_us if position > told_after else 0
        person.take(Visit.of(Step((time, position), shown, *said), told), gap_us)
