"""Columns of typed files (Parquet) as values of a declared kind, without a way through text where none is needed."""

import ibis
import ibis.expr.types as ir

from habitue.sources.functions import is_finite, to_local
from habitue.sources.spec import ColumnSpec, FieldKind
from habitue.sources.times import local_to_utc, utc_to_local
from habitue.sources.values import MONEY_TYPE, Problem, Reading, read_moment


def read_native(column: ir.Value, wanted: ColumnSpec, zone: str, home: str) -> Reading | None:
    """The values of a typed column, or None when they are better read from their text.

    Args:
        column: A column that is not text.
        wanted: What it is read as.
        zone: Zone of times without an offset.
        home: The project's zone.
    """
    kind, held = wanted.type, column.type()
    if held.is_integer() and kind in (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.MONEY):
        target = {FieldKind.INTEGER: "int64", FieldKind.NUMBER: "float64"}.get(kind, MONEY_TYPE)
        value = column.try_cast(target)
        return _reading(column, value, f"{kind.upper()}-RANGE", "is beyond what can be held")
    if held.is_floating() and kind is FieldKind.NUMBER:
        number = column.cast("float64")
        kept = ibis.ifelse(number.isnan(), ibis.null("float64"), number)
        value = ibis.ifelse(is_finite(kept), kept, ibis.null("float64"))
        return _reading(kept, value, "NUMBER-RANGE", "is beyond what a number holds")
    if held.is_boolean() and kind is FieldKind.BOOLEAN:
        return _reading(column, column, "BOOLEAN-UNREADABLE", "is neither yes nor no")
    if (held.is_timestamp() or held.is_date()) and kind in (FieldKind.TIME, FieldKind.DATE):
        return _read_moment(column, kind, zone, home)
    return None


def as_text(column: ir.Value) -> ir.StringValue:
    """A typed column as the text that a file would hold; lists, structs and maps as JSON, NaN as missing."""
    held = column.type()
    if held.is_string():
        return column
    if held.is_nested():
        return column.cast("json").cast("string")
    if held.is_floating():
        return ibis.ifelse(column.isnan(), ibis.null("string"), column.cast("string"))
    if held.is_binary():
        return column.try_cast("string")
    return column.cast("string")


def _reading(column: ir.Value, value: ir.Value, code: str, says: str) -> Reading:
    problem = Problem(code=code, says=says, fails=lambda got: column.notnull() & got[""].isnull())
    return Reading(values={"": value}, present=column.notnull(), problems=(problem,))


def _read_moment(column: ir.Value, kind: FieldKind, zone: str, home: str) -> Reading:
    if column.type().is_timestamp() and column.type().timezone is not None:
        moment = column.cast("timestamp('UTC', 6)")
        utc = to_local("UTC", moment)
        local = utc_to_local(utc, home)
    else:
        local = column.cast("timestamp(6)")
        utc = local_to_utc(local, zone)
    if kind is FieldKind.DATE:
        utc = local_to_utc(local.truncate("D").cast("timestamp(6)"), home)
    return read_moment(column, utc, f"{kind.upper()}-RANGE", "is before the year 1000 or after 9998")
