"""The one pass over a file's rows: typed fields, computed fields, which makes take a row, and what is wrong with it.

All of it is one table expression over a batch of raw columns, so that a sound row never touches Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules import Node
from habitue.rules.expressions import row_term, truth, value_of
from habitue.sources.checks import BITS, Check, Checks, add_contract, fails_any
from habitue.sources.consents import wrong_rows
from habitue.sources.fields import Layout, TypedFields, Zones, field_columns, type_fields
from habitue.sources.lookups import KEY, bad_name, lookup_table
from habitue.sources.plans import ConsentPlan, EventPlan, MakePlan, PropertyPlan, SourcePlan, ValuePlan
from habitue.sources.rows import FEED, LINE, SEQUENCE, column_name
from habitue.sources.shapes import TYPES
from habitue.sources.spec import FieldKind

INCOMING = "habitue_incoming"
RAW = "habitue_raw"
_MISSING = "is required and is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The pass as an expression.

    Attributes:
        rows: The expression over `INCOMING`.
        checks: What the masks in it mean.
    """

    rows: ir.Table
    checks: Checks


def take_name(number: int) -> str:
    """The column that says whether a make takes the row."""
    return f"habitue_take_{number}"


def mask_count(plan: SourcePlan) -> int:
    """How many mask columns the checks of a source need at most, whatever its files look like."""
    properties = sum(len(make.properties) for make in plan.events) + sum(len(make.properties) for make in plan.entities)
    asked = 6 * len(plan.makes) + 5 * properties + sum(len(make.children) for make in plan.events)
    asked += len(plan.derived) + 4 * len(plan.columns) + 2 * sum(len(join.columns) for join in plan.joins)
    return 1 + (1 + asked) // BITS


def stage(plan: SourcePlan, layout: Layout, home: str, now: datetime) -> Staged:
    """The pass over streams of rows of one layout.

    Args:
        plan: The source.
        layout: How its rows come in.
        home: The project's time zone.
        now: The present time, aware.
    """
    incoming = ibis.table(layout.schema, name=INCOMING)
    fields = type_fields(incoming, plan.columns, layout, Zones(source=plan.zone, home=home))
    staging = _Staging(plan, layout, now)
    staging.check_fields(fields)
    table = staging.look_up(fields.table)
    table = staging.compute_fields(table)
    table = staging.take(table)
    staging.check_makes(table)
    return staging.finish(table)


@dataclass
class _Staging:
    """The expression while it grows."""

    plan: SourcePlan
    layout: Layout
    now: datetime
    checks: Checks = field(default_factory=Checks)

    def check_fields(self, fields: TypedFields) -> None:
        """Note what does not fit the kinds of the fields."""
        if fields.is_row:
            says = "the row is not a JSON object"
            self.checks.add(Check(stage="read", code="READ-JSON", field="", says=says), ~fields.table[fields.is_row])
        for name, reading in fields.readings.items():
            raw, column = self.plan.columns[name]
            got = fields.values(name)
            for problem in reading.problems:
                check = Check(stage="type", code=problem.code, field=name, says=problem.says, column=raw)
                self.checks.add(check, problem.fails(got))
            if column.required:
                check = Check(stage="type", code="FIELD-REQUIRED", field=name, says=_MISSING, column=raw)
                self.checks.add(check, ~reading.present)

    def look_up(self, table: ir.Table) -> ir.Table:
        """The fields that other files add, one look-up after the other."""
        for join in self.plan.joins:
            table = self.checks.hold(table)
            there = lookup_table(join)
            table = table.left_join(there, table[join.on] == there[KEY]).drop(KEY)
            for name, column in join.columns.items():
                bad = table[bad_name(name)].fill_null(False)
                says = f"cannot be read as {column[1].type} in the file where it is looked up"
                self.checks.add(Check(stage="type", code="JOIN-UNREADABLE", field=name, says=says), bad)
                if column[1].required:
                    stored = table[field_columns(name, self.plan.kinds[name])[0]]
                    says = f"is required, and nothing is found for it by {join.on}"
                    check = Check(stage="type", code="JOIN-REQUIRED", field=name, says=says)
                    self.checks.add(check, stored.isnull() & ~bad)
        return table

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
                self._check_consent(table, make, taken)
            else:
                self._check_properties(table, make.properties, taken)

    def _check_consent(self, table: ir.Table, make: ConsentPlan, taken: ir.BooleanValue) -> None:
        for code, name, says, fails in wrong_rows(table, make, value_of_plan, self.now):
            raw = self.plan.columns[name][0] if name in self.plan.columns else ""
            self.checks.add(Check(stage="make", code=code, field=name, says=says, column=raw), taken & fails)

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
        masks = self.checks.masks(table, mask_count(self.plan))
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
        """The staged columns that makes read, and those that hold identifiers."""
        made = (name for make in self.plan.makes for name in _fields_of(make))
        names = dict.fromkeys([*made, *self.plan.identifiers.values()])
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


def _fields_of(make: MakePlan) -> list[str]:
    """The fields that a make reads."""
    values: tuple[ValuePlan, ...]
    own: tuple[str, ...]
    if isinstance(make, ConsentPlan):
        values = (make.purpose, *([make.given] if make.given else []), *make.details.values())
        own = (make.customer, make.occurred_at)
    elif isinstance(make, EventPlan):
        values = tuple(each.value for each in make.properties)
        own = (make.customer, make.occurred_at, make.per, *(child.field for child in make.children))
    else:
        values = tuple(each.value for each in make.properties)
        own = (make.key, make.as_of)
    return [name for name in (*own, *(value.field for value in values)) if name]
