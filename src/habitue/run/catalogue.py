"""The catalogue of one project: what its files declare, with what Habitue itself keeps; and what is really there.

Cost of a check: the names of tables and columns of every store, no rows.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.features.sessions import SESSION_EVENT
from habitue.govern.catalogue import (
    Catalogue,
    Category,
    ColumnDeclaration,
    FoundTable,
    Store,
    TableDeclaration,
    UndeclaredError,
)
from habitue.govern.spec import DataClass
from habitue.records import event_table
from habitue.rules import inline
from habitue.rules.checking import Checker
from habitue.run.catalogue_live import LIVE_STORES
from habitue.run.catalogue_stores import STORES
from habitue.run.project import Project
from habitue.segments.person import events_in
from habitue.sources.shapes import CONSENTS, CUSTOMERS, EVENT_HEAD, ITEMS, SOURCE_CONSENTS, TableShape
from habitue.sources.tables import GIVEN, wanted_tables

FILES: Final[Mapping[str, Store]] = {
    "vault.sqlite": Store.VAULT,
    "control.sqlite": Store.CONTROL,
    "identity.sqlite": Store.IDENTITY,
    "consents.sqlite": Store.CONSENTS,
    "audit.sqlite": Store.AUDIT,
    "accounts.sqlite": Store.ACCOUNTS,
    "privacy.sqlite": Store.PRIVACY,
    "log.sqlite": Store.LOG,
    "transitions.sqlite": Store.TRANSITIONS,
    "deliveries.sqlite": Store.DELIVERIES,
    "drafts.sqlite": Store.DRAFTS,
}
FEATURES: Final = "features"
_STAYS: Final[Mapping[Store, str]] = {
    Store.WAREHOUSE: "made anew by each build",
    Store.HISTORY: "as long as the customer is known",
    Store.VAULT: "as long as the customer is known",
    Store.IDENTITY: "as long as the customer is known",
    Store.CONSENTS: "as long as it proves a consent",
    Store.AUDIT: "as long as it proves what was done",
    Store.PRIVACY: "as long as it proves what was done",
    Store.LOG: "as long as there is no rule for events",
    Store.TRANSITIONS: "as long as the customer is known",
    Store.DELIVERIES: "as long as it proves what was sent",
    Store.DRAFTS: "until it is published or thrown away",
}
"""How long rows of Habitue's own tables stay."""
_HEADS: Final = frozenset({"customer_id", "record_id"})
_LEDGER: Final = frozenset({"purpose", "given", "state", "basis", "text_version", "region"})


def project_catalogue(project: Project) -> Catalogue:
    """Every table that a project keeps, with whose rows they are, what for, and how long."""
    uses = _uses(project)
    return Catalogue([*_sources(project, uses), _visits(project, uses), _features(project), *_stores(project)])


def check_catalogue(project: Project, warehouse: Warehouse) -> None:
    """Refuse what is kept and not declared.

    Raises:
        UndeclaredError: A table or a column is there that the catalogue does not name.
    """
    missing = project_catalogue(project).undeclared([*warehouse_tables(warehouse), *stored_tables(project.folder)])
    if missing:
        raise UndeclaredError(missing)


def warehouse_tables(warehouse: Warehouse) -> list[FoundTable]:
    """The tables that the warehouse holds."""
    found: dict[str, list[str]] = {}
    rows = warehouse.con.execute(
        "SELECT c.table_name, c.column_name FROM duckdb_columns() AS c JOIN duckdb_tables() AS t USING (table_oid)"
        " WHERE NOT t.temporary AND t.schema_name = 'main' ORDER BY c.table_name, c.column_index"
    ).fetchall()
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return [
        FoundTable(store=Store.WAREHOUSE.value, name=name, columns=tuple(each))
        for name, each in found.items()
        if not name.startswith("habitue_")
    ]


def stored_tables(folder: Path) -> Iterator[FoundTable]:
    """The tables of every other store of a project: databases by their tables, Parquet files by their columns."""
    state = state_folder(folder)
    for path in sorted(state.rglob("*.sqlite")):
        name = path.relative_to(state).as_posix()
        yield from _tables_of(path, FILES[name].value if name in FILES else name)
    for path in sorted(state.rglob("*.parquet")):
        kind = path.stem.rpartition("-")[2]
        columns = tuple(pq.read_schema(path).names)
        yield FoundTable(store=path.parent.relative_to(state).as_posix(), name=kind, columns=columns)


def _tables_of(path: Path, store: str) -> Iterator[FoundTable]:
    with closing(sqlite3.connect(path, timeout=2.0)) as connection:
        yield from tables_in(connection, store)


def tables_in(connection: sqlite3.Connection, store: str) -> list[FoundTable]:
    """The tables of one database."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT m.name, p.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS p"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid"
    )
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return [FoundTable(store=store, name=name, columns=tuple(columns)) for name, columns in found.items()]


def _uses(project: Project) -> dict[str, tuple[str, ...]]:
    """The purposes that each event is used for, by name of the event, as definitions and retention rules say."""
    found: dict[str, dict[str, None]] = {}
    checker = Checker(project.catalogue)
    for space, definitions in (("feature", project.catalogue.features), ("segment", project.catalogue.segments)):
        for each in definitions.values():
            if each.purpose:
                rule = inline(checker.definition(space, each).node, project.catalogue)
                for event in events_in(rule):
                    found.setdefault(event, {})[each.purpose] = None
    for kept in project.retention.values():
        for event in kept.events if kept.purpose else ():
            found.setdefault(event, {})[kept.purpose] = None
    return {event: tuple(sorted(purposes)) for event, purposes in found.items()}


def _kept(project: Project, *, event: str = "", data: DataClass | None = None) -> str:
    """How long the rows of an event, or a class of data, are kept."""
    named = [each.keep for each in project.retention.values() if event and event in each.events]
    classed = [each.keep for each in project.retention.values() if data is not None and each.data is data]
    return (named or classed or [""])[0]


def _sources(project: Project, uses: Mapping[str, tuple[str, ...]]) -> Iterator[TableDeclaration]:
    shapes = project.sources.tables
    every = tuple(sorted({purpose for purposes in uses.values() for purpose in purposes}))
    for name, columns in wanted_tables(project.sources).items():
        shape = shapes.get(name)
        if shape is not None and shape.event:
            kept = _kept(project, event=shape.event, data=DataClass.EVENTS)
            yield _declared(shape, columns, name, uses.get(shape.event, ()), kept)
    customers = shapes.get(CUSTOMERS) or TableShape(name=CUSTOMERS, event="", columns=())
    items = shapes.get(ITEMS) or TableShape(name=ITEMS, event="", columns=())
    kept = _kept(project, data=DataClass.CUSTOMERS)
    wanted = wanted_tables(project.sources)
    yield _declared(customers, customers.stored, CUSTOMERS, every, kept)
    yield _declared(customers, wanted[GIVEN[CUSTOMERS]], GIVEN[CUSTOMERS], every, kept)
    yield _declared(items, items.stored, ITEMS, (), "")
    yield _declared(items, wanted[GIVEN[ITEMS]], GIVEN[ITEMS], (), "")
    for name in (CONSENTS, SOURCE_CONSENTS):
        yield TableDeclaration(
            name=name,
            store=Store.WAREHOUSE,
            subject_key="customer_id",
            category=Category.CONSENT,
            retention="as long as it proves a consent",
            columns=tuple(_ledger_column(each) for each in (*wanted[SOURCE_CONSENTS], "until", "since")),
            label="What somebody said to a purpose",
        )


def _declared(
    shape: TableShape, columns: Iterable[str], name: str, purposes: tuple[str, ...], kept: str
) -> TableDeclaration:
    about_people = bool(shape.event) or shape.name == CUSTOMERS
    category = Category.BEHAVIOUR if shape.event else Category.PROFILE if about_people else Category.TECHNICAL
    own = {stored: each for each in shape.columns for stored in each.stored}
    declared = []
    for column in columns:
        found = own.get(column)
        if found is None:
            said = Category.INTERNAL_ID if column in _HEADS else Category.TECHNICAL
            if column == "occurred_at":
                said = Category.BEHAVIOUR
            declared.append(ColumnDeclaration(name=column, category=said))
            continue
        said = _said(found.name, category) if found.personal else category
        declared.append(ColumnDeclaration(name=column, category=said, personal=found.personal, label=found.label))
    return TableDeclaration(
        name=name,
        store=Store.WAREHOUSE,
        subject_key="customer_id" if about_people else "",
        category=category,
        purposes=purposes,
        retention=kept,
        columns=tuple(declared),
        label=shape.label,
    )


def _said(name: str, category: Category) -> Category:
    """What a personal column says: a way to reach somebody, an identifier, or something else about them."""
    if any(part in name for part in ("mail", "phone", "mobile", "street", "address", "postcode", "zip")):
        return Category.CONTACT
    if name.endswith("_id") or any(part in name for part in ("name", "card", "iban", "cookie", "number")):
        return Category.IDENTIFIER
    return category


def _ledger_column(name: str) -> ColumnDeclaration:
    if name in _HEADS:
        return ColumnDeclaration(name=name, category=Category.INTERNAL_ID)
    said = Category.CONSENT if name in _LEDGER or name in ("occurred_at", "until", "since") else Category.TECHNICAL
    return ColumnDeclaration(name=name, category=said)


def _visits(project: Project, uses: Mapping[str, tuple[str, ...]]) -> TableDeclaration:
    shape = project.catalogue.events.get(SESSION_EVENT)
    own = () if shape is None else shape.properties
    columns = [*(name for name in EVENT_HEAD if name != "record_id"), *own]
    heads = {"customer_id": Category.INTERNAL_ID}
    return TableDeclaration(
        name=event_table(SESSION_EVENT),
        store=Store.WAREHOUSE,
        subject_key="customer_id",
        category=Category.BEHAVIOUR,
        purposes=uses.get(SESSION_EVENT, ()),
        retention=_kept(project, event=SESSION_EVENT) or "made anew from its events",
        columns=tuple(ColumnDeclaration(name=each, category=heads.get(each, Category.BEHAVIOUR)) for each in columns),
        label="A visit",
    )


def _features(project: Project) -> TableDeclaration:
    features = project.catalogue.features
    return TableDeclaration(
        name=FEATURES,
        store=Store.WAREHOUSE,
        subject_key="customer_id",
        category=Category.DERIVED,
        purposes=tuple(sorted({each.purpose for each in features.values() if each.purpose})),
        retention="made anew by each build",
        columns=(
            ColumnDeclaration(name="customer_id", category=Category.INTERNAL_ID),
            *(
                ColumnDeclaration(name=each.name, category=Category.DERIVED, label=each.label)
                for each in features.values()
            ),
        ),
        label="What is computed of a customer",
    )


def _stores(project: Project) -> Iterator[TableDeclaration]:
    """Habitue's own tables, those of segments and of the failed lane with what the project says of them."""
    purposes = tuple(sorted({each.purpose for each in project.catalogue.segments.values() if each.purpose}))
    lane = _kept(project, data=DataClass.FAILED_ROWS)
    for each in (*STORES, *LIVE_STORES):
        used, kept = each.purposes, _STAYS.get(each.store, "") if each.is_personal else ""
        if each.category is Category.DERIVED:
            used = purposes
        elif each.store is Store.LOG and each.is_personal:
            kept = _kept(project, data=DataClass.EVENTS) or kept
        elif each.name == "failed_rows":
            kept = lane
        elif each.name == "cards":
            kept = _kept(project, data=DataClass.CUSTOMERS)
        yield TableDeclaration(
            name=each.name,
            store=each.store,
            subject_key=each.subject_key,
            category=each.category,
            purposes=used,
            retention=kept,
            columns=each.columns,
            label=each.label,
        )
