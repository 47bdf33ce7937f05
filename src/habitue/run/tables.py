"""A project's tables in the warehouse, as rules read them; every declared table is there, if only empty."""

from datetime import UTC, datetime

import ibis

from habitue.engines.warehouse import Warehouse
from habitue.features.sessions import SESSION_EVENT
from habitue.records import event_table
from habitue.rules.tables import Tables
from habitue.run.project import Project
from habitue.run.relations import ensure_relations
from habitue.sources.shapes import CONSENT_COLUMNS, CONSENTS, CUSTOMERS, EVENT_HEAD, TYPES, TableShape


def project_tables(project: Project, warehouse: Warehouse) -> Tables:
    """The tables of a project; declared ones that nothing has filled yet are made empty."""
    shapes = project.sources.tables
    customers = shapes.get(CUSTOMERS) or TableShape(name=CUSTOMERS, event="", columns=())
    warehouse.ensure(CUSTOMERS, ibis.schema(customers.stored))
    warehouse.ensure(CONSENTS, ibis.schema(CONSENT_COLUMNS))
    for shape in shapes.values():
        if shape.event:
            warehouse.ensure(shape.name, ibis.schema(shape.stored))
    if project.visits:
        warehouse.ensure(event_table(SESSION_EVENT), session_schema(project))
    return Tables(
        customers=warehouse.table(CUSTOMERS),
        events={name: warehouse.table(shape.table) for name, shape in project.catalogue.events.items()},
        consents=warehouse.table(CONSENTS),
        relations=ensure_relations(warehouse) if project.catalogue.relations else None,
    )


def session_schema(project: Project) -> ibis.Schema:
    """The columns of the table of visits."""
    shape = project.catalogue.events[SESSION_EVENT]
    own = {name: TYPES[kind] for name, kind in shape.properties.items()}
    # A visit is the person's, whichever of their records its events came from.
    head = {name: kind for name, kind in EVENT_HEAD.items() if name != "record_id"}
    return ibis.schema({**head, **own})


def newest_event(project: Project, warehouse: Warehouse) -> datetime | None:
    """The instant of the latest event of all, visits left out (they end after their last event); None without any."""
    newest: list[datetime] = []
    for name, shape in project.catalogue.events.items():
        if name == SESSION_EVENT:
            continue
        table = warehouse.table(shape.table)
        latest = warehouse.fetch(table.aggregate(at=table.occurred_at.max())).to_pylist()[0]["at"]
        if latest is not None:
            newest.append(latest.replace(tzinfo=UTC))
    return max(newest, default=None)
