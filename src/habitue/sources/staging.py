"""The one pass over a file's rows: typed fields, computed fields, which makes take a row, and what is wrong with it.

All of it is one table expression over a batch of raw columns, so that a sound row never touches Python.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules import Node
from habitue.rules.expressions import row_term, truth, value_of
from habitue.sources.checks import BITS, Check, Checks, add_contract, fails_any
from habitue.sources.functions import json_texts, json_type, json_valid
from habitue.sources.native import as_text, read_native
from habitue.sources.plans import ConsentPlan, EventPlan, MakePlan, PropertyPlan, SourcePlan, ValuePlan
from habitue.sources.rows import FEED, LINE, SEQUENCE, column_name
from habitue.sources.shapes import TYPES
from habitue.sources.spec import FieldKind
from habitue.sources.values import NumberStyle, Reading, read_text, read_value

INCOMING = "habitue_incoming"
RAW = "habitue_raw"


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
class Staged:
    """The pass as an expression.

    Attributes:
        rows: The expression over `INCOMING`.
        checks: What the masks in it mean.
    """

    rows: ir.Table
    checks: Checks


def raw_name(field: str) -> str:
    """The column that holds the raw value of a field."""
    return f"habitue_raw_{field}"


def take_name(number: int) -> str:
    """The column that says whether a make takes the row."""
    return f"habitue_take_{number}"


def field_columns(name: str, kind: Kind | None) -> tuple[str, ...]:
    """The staged columns of a field: two of a location."""
    return (f"{name}_lat", f"{name}_lon") if kind is Kind.LOCATION else (name,)


def mask_count(plan: SourcePlan) -> int:
    """How many mask columns the checks of a source need at most, whatever its files look like."""
    asked = sum(
        4 + 5 * len(getattr(make, "properties", ())) + len(getattr(make, "children", ())) for make in plan.makes
    )
    return 1 + (1 + 4 * len(plan.columns) + asked) // BITS


def stage(plan: SourcePlan, layout: Layout, home: str) -> Staged:
    """The pass over streams of rows of one layout.

    Args:
        plan: The source.
        layout: How its rows come in.
        home: The project's time zone.
    """
    incoming = ibis.table(layout.schema, name=INCOMING)
    staging = _Staging(plan, layout, home)
    table = staging.type_fields(staging.pick_raw(incoming))
    table = staging.compute_fields(table)
    table = staging.take(table)
    staging.check_makes(table)
    return staging.finish(table)


@dataclass
class _Staging:
    """The expression while it grows."""

    plan: SourcePlan
    layout: Layout
    home: str
    checks: Checks = field(default_factory=Checks)
    is_row: str = ""

    def pick_raw(self, incoming: ir.Table) -> ir.Table:
        """One column per field, text or typed; JSON documents are opened once."""
        raw_names = {name: raw for name, (raw, _) in self.plan.columns.items()}
        if not self.layout.is_json:
            places = {raw: place for place, raw in enumerate(self.layout.columns)}
            return incoming.mutate(
                **{raw_name(name): incoming[column_name(places[raw])] for name, raw in raw_names.items()}
            )
        text = incoming[column_name(0)]
        sound = ibis.ifelse(json_valid(text), json_type(text) == "OBJECT", False)
        pointers = [pointer(raw) for raw in raw_names.values()]
        opened = incoming.mutate(habitue_sound=sound).mutate(
            habitue_values=ibis.ifelse(
                ibis._.habitue_sound, json_texts(text, ibis.array(pointers)), ibis.null("array<string>")
            )
        )
        self.is_row = "habitue_sound"
        return opened.mutate(**{raw_name(name): opened.habitue_values[place] for place, name in enumerate(raw_names)})

    def type_fields(self, table: ir.Table) -> ir.Table:
        """Every field in its kind; what does not fit is noted."""
        texts = {
            raw_name(name): read_text(as_text(table[raw_name(name)]), column.missing)
            for name, (_, column) in self.plan.columns.items()
            if self._native(table, name) is None
        }
        table = table.mutate(**texts) if texts else table
        if self.is_row:
            self.checks.add(
                Check(stage="read", code="READ-JSON", field="", says="the row is not a JSON object"),
                ~table[self.is_row],
            )
        readings = {name: self._native(table, name) or self._from_text(table, name) for name in self.plan.columns}
        typed = table.mutate(
            **{f"{name}{suffix}": value for name, each in readings.items() for suffix, value in each.values.items()}
        )
        for name, reading in readings.items():
            self._check_field(typed, name, reading)
        return typed

    def _check_field(self, typed: ir.Table, name: str, reading: Reading) -> None:
        raw, column = self.plan.columns[name]
        got = {suffix: typed[f"{name}{suffix}"] for suffix in reading.values}
        for problem in reading.problems:
            check = Check(stage="type", code=problem.code, field=name, says=problem.says, column=raw)
            self.checks.add(check, problem.fails(got))
        if column.required:
            says = "is required and is missing"
            check = Check(stage="type", code="FIELD-REQUIRED", field=name, says=says, column=raw)
            self.checks.add(check, ~reading.present)

    def _native(self, table: ir.Table, name: str) -> Reading | None:
        column = table[raw_name(name)]
        if column.type().is_string():
            return None
        return read_native(column, self.plan.columns[name][1], self.plan.zone, self.home)

    def _from_text(self, table: ir.Table, name: str) -> Reading:
        column = self.plan.columns[name][1]
        return read_value(table[raw_name(name)], column, self.layout.style, self.plan.zone, self.home)

    def compute_fields(self, table: ir.Table) -> ir.Table:
        """The fields of `derive`, one after the other."""
        for each in self.plan.derived:
            value = value_of(row_term(each.node, table, self.plan.kinds.get))
            cast = value.try_cast(TYPES[each.kind])
            lost = f"habitue_lost_{each.name}"
            table = table.mutate(**{each.name: cast, lost: value.notnull() & cast.isnull()})
            says = "comes to more than can be held"
            self.checks.add(Check(stage="type", code="DERIVE-RANGE", field=each.name, says=says), table[lost])
        return table

    def take(self, table: ir.Table) -> ir.Table:
        """Which makes take each row."""
        takes = {take_name(make.number): self._takes(table, make) for make in self.plan.makes}
        return table.mutate(**takes)

    def _takes(self, table: ir.Table, make: MakePlan) -> ir.BooleanValue:
        taken = self._holds(table, make.when)
        if isinstance(make, EventPlan):
            return taken
        key = make.customer if isinstance(make, ConsentPlan) else make.key
        return taken & table[key].notnull()

    def _holds(self, table: ir.Table, when: Node | None) -> ir.BooleanValue:
        if when is None:
            return ibis.literal(True)
        return truth(row_term(when, table, self.plan.kinds.get))

    def check_makes(self, table: ir.Table) -> None:
        """What events, customers, items and consents ask of the rows they are made of."""
        for make in self.plan.makes:
            taken = table[take_name(make.number)]
            if isinstance(make, EventPlan):
                self._check_event(table, make, taken)
            elif isinstance(make, ConsentPlan):
                given = value_of_plan(table, make.given, Kind.BOOLEAN)[0]
                purpose = value_of_plan(table, make.purpose, Kind.TEXT)[0]
                self._ask_present(purpose, "CONSENT-PURPOSE", "purpose", taken)
                self._ask_present(given, "CONSENT-GIVEN", "given", taken)
                self._ask_present(table[make.occurred_at], "CONSENT-TIME", make.occurred_at, taken)
            else:
                self._check_properties(table, make.properties, taken)

    def _check_event(self, table: ir.Table, make: EventPlan, taken: ir.BooleanValue) -> None:
        self._ask_present(table[make.customer], "EVENT-CUSTOMER", make.customer, taken)
        self._ask_present(table[make.occurred_at], "EVENT-TIME", make.occurred_at, taken)
        if make.per:
            self._ask_present(table[make.per], "EVENT-GROUP", make.per, taken)
            return
        self._check_properties(table, make.properties, taken)
        for child in make.children:
            if child.required:
                check = Check(
                    stage="contract",
                    code="CONTRACT-REQUIRED",
                    field=child.property,
                    says="is required by its contract and is missing",
                )
                self.checks.add(check, taken & table[child.field].isnull())

    def _check_properties(self, table: ir.Table, properties: Sequence[PropertyPlan], taken: ir.BooleanValue) -> None:
        for each in properties:
            if each.rules is None:
                continue
            values = value_of_plan(table, each.value, each.kind)
            raw = self.plan.columns[each.value.field][0] if each.value.field in self.plan.columns else ""
            add_contract(self.checks, each.name, raw, values, each.kind, each.rules, taken)

    def _ask_present(self, value: ir.Value, code: str, name: str, taken: ir.BooleanValue) -> None:
        raw = self.plan.columns[name][0] if name in self.plan.columns else ""
        says = "is missing, and the event that this row becomes needs it"
        self.checks.add(Check(stage="make", code=code, field=name, says=says, column=raw), taken & value.isnull())

    def finish(self, table: ir.Table) -> Staged:
        """The columns that are kept; the raw row only where something is wrong."""
        masks = self.checks.masks(mask_count(self.plan))
        table = table.mutate(**masks)
        raw = table[column_name(0)] if self.layout.is_json else self._raw(table)
        wrong = fails_any(table, len(masks))
        kept = [table[name] for name in self._needed()]
        rows = table.select(
            table[SEQUENCE],
            table[FEED],
            table[LINE],
            *kept,
            *(table[take_name(make.number)] for make in self.plan.makes),
            *(table[name] for name in masks),
            ibis.ifelse(wrong, raw, ibis.null("string")).name(RAW),
        )
        return Staged(rows=rows, checks=self.checks)

    def _raw(self, table: ir.Table) -> ir.StringValue:
        """The raw row as a JSON object."""
        parts = {name: table[column_name(place)] for place, name in enumerate(self.layout.columns)}
        return ibis.struct(parts).cast("json").cast("string")

    def _needed(self) -> list[str]:
        """The staged columns that makes read."""
        names = dict.fromkeys(name for make in self.plan.makes for name in _fields_of(make))
        lists = {name for name, (_, column) in self.plan.columns.items() if column.type is FieldKind.LIST}
        return [
            column for name in names for column in field_columns(name, None if name in lists else self.plan.kinds[name])
        ]


def value_of_plan(table: ir.Table, value: ValuePlan, kind: Kind) -> tuple[ir.Value, ...]:
    """The value of a property on each row, in the kind of its column; two values of a location."""
    if value.constant is not None:
        if kind is Kind.BOOLEAN:
            return (ibis.literal(value.constant == "true", "boolean"),)
        return (ibis.literal(value.constant, "string"),)
    columns = field_columns(value.field, value.kind)
    if value.kind is kind:
        return tuple(table[name] for name in columns)
    return (table[columns[0]].cast(TYPES[kind]),)


def pointer(raw: str) -> str:
    """The JSON pointer of a raw column: dots go inward, unless a quoted `"a.b"` says that they belong to the name.

    Examples:
        >>> pointer("user.id"), pointer('"a.b"'), pointer("a/b")
        ('/user/id', '/a.b', '/a~1b')
    """
    steps: Iterable[str] = [raw[1:-1]] if len(raw) > 2 and raw[0] == raw[-1] == '"' else raw.split(".")
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _fields_of(make: MakePlan) -> list[str]:
    """The fields that a make reads."""
    values: tuple[ValuePlan, ...]
    own: tuple[str, ...]
    if isinstance(make, ConsentPlan):
        values = (make.purpose, make.given)
        own = (make.customer, make.occurred_at)
    elif isinstance(make, EventPlan):
        values = tuple(each.value for each in make.properties)
        own = (make.customer, make.occurred_at, make.per, *(child.field for child in make.children))
    else:
        values = tuple(each.value for each in make.properties)
        own = (make.key, make.as_of)
    return [name for name in (*own, *(value.field for value in values)) if name]
