"""A project's tables in the warehouse, as rules read them; every declared table is there, if only empty."""

from collections.abc import Mapping
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

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
    wanted = {CUSTOMERS: ibis.schema(customers.stored), CONSENTS: ibis.schema(CONSENT_COLUMNS)}
    wanted |= {shape.name: ibis.schema(shape.stored) for shape in shapes.values() if shape.event}
    if project.visits:
        wanted[event_table(SESSION_EVENT)] = session_schema(project)
    # Looked up once each: somebody waits for the first answer of a thread that reads.
    there = {name: warehouse.table(name) for name in warehouse.tables() if name in wanted}
    for name, schema in wanted.items():
        if name not in there or there[name].columns != tuple(schema.names):
            warehouse.ensure(name, schema)
            there[name] = warehouse.table(name)
    return Tables(
        customers=there[CUSTOMERS],
        events={name: _table(warehouse, there, shape.table) for name, shape in project.catalogue.events.items()},
        consents=there[CONSENTS],
        relations=ensure_relations(warehouse) if project.catalogue.relations else None,
    )


def _table(warehouse: Warehouse, there: Mapping[str, ir.Table], name: str) -> ir.Table:
    return there[name] if name in there else warehouse.table(name)


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
