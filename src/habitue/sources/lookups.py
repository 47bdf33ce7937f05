"""Fields that are looked up in other files: each such file becomes a temporary table, read before the source itself."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.sources.fields import Layout, Zones, field_columns, type_fields
from habitue.sources.inputs import Showing, in_tables, layout_of, placed
from habitue.sources.plans import JoinPlan
from habitue.sources.reading import open_rows
from habitue.sources.rows import SEQUENCE
from habitue.sources.shapes import TYPES
from habitue.sources.sniff import Recognised
from habitue.sources.tables import append, create_temporary, insertion

KEY = "habitue_key"
_INCOMING = "habitue_lookup"
_READ = "source_lookup"


def bad_name(field: str) -> str:
    """The column that says whether a looked-up field could not be read."""
    return f"habitue_bad_{field}"


def lookup_name(join: JoinPlan) -> str:
    """The temporary table of a look-up."""
    return f"source_join_{join.number}"


def lookup_table(join: JoinPlan) -> ir.Table:
    """The temporary table of a look-up as an expression: one row per key."""
    return ibis.table(ibis.schema(_columns(join)), name=lookup_name(join))


def _columns(join: JoinPlan) -> dict[str, str]:
    kinds = {name: column.type.kind for name, (_, column) in join.columns.items()}
    stored = {
        column: "float64" if kind is Kind.LOCATION else TYPES[kind]
        for name, kind in kinds.items()
        for column in field_columns(name, kind)
    }
    return {KEY: TYPES[join.kind], **stored, **{bad_name(name): "boolean" for name in join.columns}}


def fill_lookup(warehouse: Warehouse, join: JoinPlan, files: Sequence[Recognised], zones: Zones) -> int:
    """Read the files of a look-up into its temporary table; of rows with the same key the first counts.

    Returns:
        How many records could not be read.
    """
    columns = {SEQUENCE: "int64", **_columns(join)}
    create_temporary(warehouse, _READ, ibis.schema(columns))
    first = broken = 0
    for found in files:
        reader = open_rows(found)
        showing = Showing(reader.schema)
        insert = insertion(warehouse, _READ, _typed(join, layout_of(reader, found), zones).select(*columns))
        warehouse.con.register(_INCOMING, showing)
        for rows in in_tables(reader):
            showing.current = placed(rows, 0, first)
            warehouse.con.execute(insert)
        showing.current = showing.empty
        warehouse.con.unregister(_INCOMING)
        first += reader.last_row
        broken += len(reader.broken)
    create_temporary(warehouse, lookup_name(join), ibis.schema(_columns(join)))
    rows = ibis.table(ibis.schema(columns), name=_READ)
    place = ibis.row_number().over(group_by=KEY, order_by=SEQUENCE)
    firsts = rows.mutate(habitue_place=place).filter(ibis._.habitue_place == 0)
    append(warehouse, lookup_name(join), firsts.select(*_columns(join)))
    warehouse.drop([_READ])
    return broken


def _typed(join: JoinPlan, layout: Layout, zones: Zones) -> ir.Table:
    fields = type_fields(
        ibis.table(layout.schema, name=_INCOMING), {KEY: (join.key, join.key_column), **join.columns}, layout, zones
    )
    bad = {
        bad_name(name): reduce(
            or_,
            [problem.fails(fields.values(name)).fill_null(False) for problem in fields.readings[name].problems],
            ibis.literal(False),
        )
        for name in join.columns
    }
    typed = fields.table.mutate(**bad)
    return typed.filter(typed[KEY].notnull())
