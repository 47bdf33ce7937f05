"""Raw columns of any file as typed fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.sources.functions import json_texts, json_type, json_valid
from habitue.sources.native import as_text, read_native
from habitue.sources.rows import column_name
from habitue.sources.spec import ColumnSpec
from habitue.sources.values import NumberStyle, Reading, read_text, read_value

Columns = Mapping[str, tuple[str, ColumnSpec]]
"""Field by field: the raw column and how it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the rows of one reader come in.

    Attributes:
        columns: Raw column names in the order of `c0`, `c1`, …; empty when rows are JSON text in `c0`.
        schema: Ibis types of the columns, with `SEQUENCE` and `FEED` in place of the row's number.
        style: How numbers are written.
    """

    columns: tuple[str, ...]
    schema: ibis.Schema
    style: NumberStyle

    @property
    def is_json(self) -> bool:
        """True when a row is the text of a JSON object."""
        return not self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The zone of times without an offset, and the project's, whose midnights dates are."""

    source: str
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFields:
    """Rows with their fields typed.

    Attributes:
        table: The rows, with the stored columns of each field.
        readings: How each field was read.
        is_row: The column that says whether the row is one at all; empty when every row is.
    """

    table: ir.Table
    readings: Mapping[str, Reading]
    is_row: str

    def values(self, name: str) -> dict[str, ir.Value]:
        """The stored columns of a field, by suffix."""
        return {suffix: self.table[f"{name}{suffix}"] for suffix in self.readings[name].values}


def type_fields(incoming: ir.Table, columns: Columns, layout: Layout, zones: Zones) -> TypedFields:
    """Every field in its kind.

    Args:
        incoming: Rows as a reader gives them.
        columns: The fields.
        layout: How the rows come in.
        zones: The zones of times and dates.
    """
    picked, is_row = _pick_raw(incoming, columns, layout)
    native = {name: _native(picked, name, columns[name][1], zones) for name in columns}
    texts = {
        raw_name(name): read_text(as_text(picked[raw_name(name)]), column.missing)
        for name, (_, column) in columns.items()
        if native[name] is None
    }
    table = picked.mutate(**texts) if texts else picked
    readings = {
        name: _native(table, name, column, zones)
        or read_value(table[raw_name(name)], column, layout.style, zones.source, zones.home)
        for name, (_, column) in columns.items()
    }
    typed = table.mutate(
        **{f"{name}{suffix}": value for name, each in readings.items() for suffix, value in each.values.items()}
    )
    return TypedFields(table=typed, readings=readings, is_row=is_row)


def _pick_raw(incoming: ir.Table, columns: Columns, layout: Layout) -> tuple[ir.Table, str]:
    """One column per field, text or typed; JSON documents are opened once."""
    if not layout.is_json:
        places = {raw: place for place, raw in enumerate(layout.columns)}
        picked = {raw_name(name): incoming[column_name(places[raw])] for name, (raw, _) in columns.items()}
        return incoming.mutate(**picked), ""
    text = incoming[column_name(0)]
    sound = ibis.ifelse(json_valid(text), json_type(text) == "OBJECT", False)
    pointers = ibis.array([pointer(raw) for raw, _ in columns.values()])
    marked = incoming.mutate(habitue_sound=sound)
    opened = marked.mutate(
        habitue_values=ibis.ifelse(marked.habitue_sound, json_texts(text, pointers), ibis.null("array<string>"))
    )
    picked = {raw_name(name): opened.habitue_values[place] for place, name in enumerate(columns)}
    return opened.mutate(**picked), "habitue_sound"


def _native(table: ir.Table, name: str, column: ColumnSpec, zones: Zones) -> Reading | None:
    raw = table[raw_name(name)]
    return None if raw.type().is_string() else read_native(raw, column, zones.source, zones.home)


def raw_name(field: str) -> str:
    """The column that holds the raw value of a field."""
    return f"habitue_raw_{field}"


def field_columns(name: str, kind: Kind | None) -> tuple[str, ...]:
    """The staged columns of a field: two of a location."""
    return (f"{name}_lat", f"{name}_lon") if kind is Kind.LOCATION else (name,)


def pointer(raw: str) -> str:
    """The JSON pointer of a raw column: dots go inward, unless a quoted `"a.b"` says that they belong to the name.

    Examples:
        >>> pointer("user.id"), pointer('"a.b"'), pointer("a/b")
        ('/user/id', '/a.b', '/a~1b')
    """
    steps: Iterable[str] = [raw[1:-1]] if len(raw) > 2 and raw[0] == raw[-1] == '"' else raw.split(".")
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
