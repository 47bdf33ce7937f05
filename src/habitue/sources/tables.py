"""The tables in the warehouse that sources fill, and whose rows are in them.

Positions of events begin with the place of their source among the project's sources, so the rows of one source are a
range of positions; customers and items are kept as each source gave them and joined into one row per customer or item.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse
from habitue.sources.plans import ConsentPlan, EventPlan, SourcePlan, SourcesProject
from habitue.sources.shapes import CUSTOMERS, ITEMS, SOURCE_CONSENT_COLUMNS, SOURCE_CONSENTS, TableShape

SLOT_BITS, ROW_BITS, MAKE_BITS, CHILD_BITS = 11, 34, 7, 11
SLOT_STEP = 1 << (ROW_BITS + MAKE_BITS + CHILD_BITS)
ROW_STEP = 1 << (MAKE_BITS + CHILD_BITS)
MAKE_STEP = 1 << CHILD_BITS
MAX_ROWS = 1 << ROW_BITS
LIVE_SLOT = (1 << SLOT_BITS) - 1
"""The last place: what arrives live has it, from whatever source it comes, so that it follows what files brought."""
LIVE_READ = "live_read"
"""How far the log was read into the tables: one row; where it is missing, the whole log is read anew."""

LOADS = "source_loads"
_LOAD_COLUMNS = {"source": "string", "slot": "int64", "digest": "string", "tables": "string", "made": "string"}
GIVEN = {CUSTOMERS: "source_customers", ITEMS: "source_items"}
_GIVEN_HEAD = {"habitue_slot": "int64", "habitue_rank": "timestamp(6)", "position": "int64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedSource:
    """What the warehouse holds of one source.

    Attributes:
        source: Its name.
        slot: The place its positions begin with.
        digest: Of everything its rows depend on.
        tables: The tables it filled.
        made: Rows made, by what was made.
    """

    source: str
    slot: int
    digest: str
    tables: tuple[str, ...]
    made: Mapping[str, int]


def live_position(offset: int, child: int = 0) -> int:
    """The place of a live event among all of the project.

    Args:
        offset: The place of its message in the log.
        child: 0 for the event itself, else the place of the entry in the order of its lists, from 1.

    Examples:
        >>> live_position(1, 2) - live_position(1), live_position(2) - live_position(1) == ROW_STEP
        (2, True)
    """
    return LIVE_SLOT * SLOT_STEP + offset * ROW_STEP + child


def loaded_sources(warehouse: Warehouse) -> dict[str, LoadedSource]:
    """What the warehouse holds, by source; nothing when it is new."""
    if LOADS not in warehouse.tables():
        return {}
    rows = warehouse.fetch(warehouse.table(LOADS)).to_pylist()
    return {
        row["source"]: LoadedSource(
            source=row["source"],
            slot=row["slot"],
            digest=row["digest"],
            tables=tuple(json.loads(row["tables"])),
            made=json.loads(row["made"]),
        )
        for row in rows
    }


def remember(warehouse: Warehouse, loaded: Iterable[LoadedSource]) -> None:
    """Write down what the warehouse holds now."""
    held = list(loaded)
    columns = {
        "source": [each.source for each in held],
        "slot": [each.slot for each in held],
        "digest": [each.digest for each in held],
        "tables": [json.dumps(each.tables) for each in held],
        "made": [json.dumps(dict(each.made)) for each in held],
    }
    warehouse.replace_rows(LOADS, pa.table(columns, schema=ibis.schema(_LOAD_COLUMNS).to_pyarrow()))


def filled_tables(plan: SourcePlan) -> tuple[str, ...]:
    """The event tables and ledgers that a source puts rows into."""
    names: dict[str, None] = {}
    for make in plan.makes:
        if isinstance(make, EventPlan):
            names[make.table] = None
            names.update(dict.fromkeys(child.table for child in make.children))
        else:
            names[SOURCE_CONSENTS if isinstance(make, ConsentPlan) else GIVEN[make.table]] = None
    return tuple(names)


def wanted_tables(project: SourcesProject) -> dict[str, dict[str, str]]:
    """Every table that sources may put rows into, with its columns and their types."""
    wanted = {name: shape.stored for name, shape in project.tables.items() if shape.event}
    wanted[SOURCE_CONSENTS] = dict(SOURCE_CONSENT_COLUMNS)
    for name, given in GIVEN.items():
        shape = project.tables.get(name) or TableShape(name=name, event="", columns=())
        record = {"record_id": "string"} if name == CUSTOMERS else {}
        wanted[given] = {**_GIVEN_HEAD, **record, **shape.stored}
    return wanted


def clear(
    warehouse: Warehouse,
    project: SourcesProject,
    before: Mapping[str, LoadedSource],
    stale: Collection[str],
) -> None:
    """Take the rows of stale and of undeclared sources out, and give every table the columns it has to have.

    A table that only such sources filled, or whose columns changed, is made anew; its other sources are stale too,
    because their digest covers the columns, and the log is read anew. Otherwise live rows stay.
    """
    there = set(warehouse.tables())
    wanted = wanted_tables(project)
    has_live = LIVE_READ in there
    for name, columns in wanted.items():
        owners = {each.source for each in before.values() if name in each.tables}
        if name not in there or _differs(warehouse, name, columns):
            create(warehouse, name, columns)
            if has_live:
                warehouse.con.execute("UPDATE live_read SET digest = ''")
            continue
        if owners <= set(stale) and not has_live:
            create(warehouse, name, columns)
            continue
        for source in owners & set(stale):
            delete_slot(warehouse, name, before[source].slot)
    abandoned = {table for each in before.values() for table in each.tables} - set(wanted)
    warehouse.drop(sorted(abandoned & there))


def needs_tables(warehouse: Warehouse, project: SourcesProject) -> bool:
    """Whether a table is not there, or has other columns than it has to have."""
    there = set(warehouse.tables())
    wanted = wanted_tables(project)
    joined = {name: project.tables[name].stored for name in GIVEN if name in project.tables}
    return any(name not in there or _differs(warehouse, name, each) for name, each in {**wanted, **joined}.items())


def create(warehouse: Warehouse, name: str, columns: Mapping[str, str]) -> None:
    """An empty table, in place of one of that name."""
    warehouse.drop([name])
    warehouse.ensure(name, ibis.schema(dict(columns)))


def create_temporary(warehouse: Warehouse, name: str, schema: ibis.Schema) -> None:
    """An empty temporary table, in place of one of that name."""
    warehouse.drop([name])
    warehouse.ibis.create_table(name, schema=schema, temp=True)


def append(warehouse: Warehouse, name: str, rows: ir.Table) -> None:
    """Put rows into a table; columns are matched by name."""
    warehouse.con.execute(insertion(warehouse, name, rows))


def insertion(warehouse: Warehouse, name: str, rows: ir.Table) -> str:
    """The statement that puts rows into a table, for giving it several times."""
    target = exp.Table(this=exp.to_identifier(name, quoted=True))
    columns = [exp.to_identifier(column, quoted=True) for column in rows.columns]
    query = warehouse.ibis.compiler.to_sqlglot(rows)
    return exp.insert(query, into=target, columns=columns, copy=False).sql("duckdb", copy=False)


def _differs(warehouse: Warehouse, name: str, columns: Mapping[str, str]) -> bool:
    return bool(warehouse.table(name).schema() != ibis.schema(dict(columns)))


def delete_slot(warehouse: Warehouse, name: str, slot: int) -> None:
    """Take the rows of one place among sources out of a table."""
    column = exp.column("position")
    low, high = exp.convert(slot * SLOT_STEP), exp.convert((slot + 1) * SLOT_STEP - 1)
    statement = exp.delete(exp.to_table(name), where=exp.Between(this=column, low=low, high=high))
    warehouse.con.execute(statement.sql("duckdb"))
