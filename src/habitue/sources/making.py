"""From staged rows to events, children of lists, customers, items and consents, as table expressions."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.sources.checks import Check, Checks, add_contract
from habitue.sources.consents import consent_columns
from habitue.sources.fields import field_columns, pointer, raw_name
from habitue.sources.functions import json_parts, json_text, md5
from habitue.sources.plans import ChildPlan, ConsentPlan, EntityPlan, EventPlan, PropertyPlan, SourcePlan
from habitue.sources.rows import FEED, SEQUENCE
from habitue.sources.shapes import TYPES
from habitue.sources.spec import ColumnSpec
from habitue.sources.staging import take_name, value_of_plan
from habitue.sources.tables import MAKE_STEP, ROW_STEP, SLOT_STEP
from habitue.sources.times import utc_to_local
from habitue.sources.values import PLAIN, read_text, read_value

GROUP = "habitue_group"
ENTRY = "habitue_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """What is needed to turn the staged rows of one source into tables.

    Attributes:
        plan: The source.
        home: The project's time zone.
        feeds: For each stream of the load, the first 12 digits of its file's digest and what its rows are counted from.
    """

    plan: SourcePlan
    home: str
    feeds: tuple[tuple[str, int], ...]

    def events(self, rows: ir.Table, make: EventPlan) -> ir.Table:
        """One event per row that the make takes."""
        rows = rows.filter(rows[take_name(make.number)])
        rows = rows.mutate(
            customer_id=rows[make.customer].cast("string"),
            occurred_at=rows[make.occurred_at],
            position=self.position(rows[SEQUENCE], make.number),
            event_id=self._row_id(rows, make.number),
            **_properties(rows, make.properties),
        )
        return self._on_clock(rows)

    def groups(self, rows: ir.Table, make: EventPlan) -> tuple[ir.Table, Checks]:
        """One row per group, with its key in `GROUP`, its figures, and masks of what its contract says is wrong."""
        rows = rows.filter(rows[take_name(make.number)])
        order = ibis.struct({"occurred_at": rows[make.occurred_at], "seq": rows[SEQUENCE]})
        figures = {column: value for each in make.properties for column, value in _figure(rows, each, order).items()}
        grouped = rows.group_by(rows[make.per].name(GROUP)).agg(
            customer_id=rows[make.customer].cast("string").argmin(order),
            occurred_at=rows[make.occurred_at].min(),
            habitue_seq=rows[SEQUENCE].argmin(order),
            **figures,
        )
        cast = {
            each.name: grouped[each.name].try_cast(TYPES[each.kind])
            for each in make.properties
            if each.kind is not Kind.LOCATION
        }
        lost = {_lost(name): grouped[name].notnull() & value.isnull() for name, value in cast.items()}
        narrowed = grouped.mutate(**cast, **lost)
        checks = _check_groups(narrowed, make)
        return narrowed.mutate(**checks.masks(narrowed)), checks

    def group_events(self, groups: ir.Table, make: EventPlan) -> ir.Table:
        """The events of groups."""
        # A digest of what says who somebody is would let anybody try out who it is: such groups go by their row.
        named = make.per in self.plan.personal_fields
        key = groups[SEQUENCE].cast("string") if named else md5(groups[GROUP].cast("string"))
        rows = groups.mutate(
            position=self.position(groups[SEQUENCE], make.number),
            event_id=ibis.literal(f"{self.plan.name}:{make.number}:") + key,
        )
        return self._on_clock(rows)

    def entries(self, rows: ir.Table, make: EventPlan, child: ChildPlan) -> tuple[ir.Table, Checks]:
        """One row per entry of a list, typed, with masks of what is wrong with it."""
        rows = rows.filter(rows[take_name(make.number)] & rows[child.field].notnull())
        listed = rows.select(
            SEQUENCE,
            FEED,
            customer_id=rows[make.customer].cast("string"),
            occurred_at=rows[make.occurred_at],
            habitue_list=json_parts(rows[child.field], "$[*]"),
        )
        opened = listed.unnest("habitue_list", offset=ENTRY)
        entry = opened.habitue_list
        texts = {raw_name(name): read_text(json_text(entry, pointer(name))) for name in child.properties}
        opened = opened.mutate(**texts) if texts else opened
        checks = Checks()
        readings = {
            name: read_value(
                opened[raw_name(name)], ColumnSpec(field=name, type=rules.type), PLAIN, self.plan.zone, self.home
            )
            for name, rules in child.properties.items()
        }
        values = {f"{name}{suffix}": each for name, got in readings.items() for suffix, each in got.values.items()}
        typed = opened.mutate(**values) if values else opened
        for name, rules in child.properties.items():
            got = {suffix: typed[f"{name}{suffix}"] for suffix in readings[name].values}
            shown = f"{child.property}.{name}"
            for problem in readings[name].problems:
                checks.add(Check(stage="type", code=problem.code, field=shown, says=problem.says), problem.fails(got))
            add_contract(checks, shown, "", tuple(got.values()), rules.type.kind, rules, ibis.literal(True))
        return typed.mutate(**checks.masks(typed)), checks

    def child_events(self, entries: ir.Table, make: EventPlan) -> ir.Table:
        """The events of entries: just after their parent, in the order of the list."""
        rows = entries.mutate(
            position=self.position(entries[SEQUENCE], make.number) + entries[ENTRY] + 1,
            event_id=self._row_id(entries, make.number) + ":" + entries[ENTRY].cast("string"),
        )
        return self._on_clock(rows)

    def entity(self, rows: ir.Table, make: EntityPlan) -> ir.Table:
        """One row per customer or item: each trait the latest that is not missing."""
        rows = rows.filter(rows[take_name(make.number)])
        order: ir.Value = rows[SEQUENCE]
        if make.as_of:
            earliest = ibis.literal("0001-01-01 00:00:00").cast("timestamp(6)")
            order = ibis.struct({"at": rows[make.as_of].fill_null(earliest), "seq": rows[SEQUENCE]})
        traits = {
            column: value.argmax(order, where=value.notnull())
            for each in make.properties
            for column, value in _stored(each, value_of_plan(rows, each.value, each.kind)).items()
        }
        key = "customer_id" if make.table == "customers" else "item_id"
        grouped = rows.group_by(rows[make.key].cast("string").name(key)).agg(
            habitue_seq=rows[SEQUENCE].max(),
            **({"habitue_rank": rows[make.as_of].max()} if make.as_of else {}),
            **traits,
        )
        ranked = grouped if make.as_of else grouped.mutate(habitue_rank=ibis.null("timestamp(6)"))
        return ranked.mutate(
            habitue_slot=ibis.literal(self.plan.slot, "int64"), position=self.position(grouped[SEQUENCE], make.number)
        )

    def consents(self, rows: ir.Table, make: ConsentPlan) -> ir.Table:
        """Rows of the ledger."""
        rows = rows.filter(rows[take_name(make.number)])
        return rows.mutate(
            customer_id=rows[make.customer].cast("string"),
            **consent_columns(rows, make, value_of_plan),
            occurred_at=rows[make.occurred_at],
            position=self.position(rows[SEQUENCE], make.number),
        )

    def position(self, sequence: ir.IntegerValue, number: int) -> ir.IntegerValue:
        """The place of an event among all of the project."""
        return sequence * ROW_STEP + (self.plan.slot * SLOT_STEP + number * MAKE_STEP)

    def _row_id(self, rows: ir.Table, number: int) -> ir.StringValue:
        digests = ibis.array([f"{self.plan.name}:{digest}:" for digest, _ in self.feeds])
        firsts = ibis.array([ibis.literal(first, "int64") for _, first in self.feeds])
        if len(self.feeds) == 1:
            digest, first = ibis.literal(f"{self.plan.name}:{self.feeds[0][0]}:"), ibis.literal(self.feeds[0][1])
        else:
            digest, first = digests[rows[FEED]], firsts[rows[FEED]]
        return digest + (rows[SEQUENCE] - first).cast("string") + f":{number}"

    def _on_clock(self, rows: ir.Table) -> ir.Table:
        rows = rows.mutate(habitue_local=utc_to_local(rows["occurred_at"], self.home))
        local = rows["habitue_local"]
        return rows.mutate(
            local_hour=local.hour().cast("int8"),
            local_weekday=(local.day_of_week.index() + 1).cast("int8"),
            local_month=local.month().cast("int8"),
        )


def _stored(each: PropertyPlan, values: Sequence[ir.Value]) -> dict[str, ir.Value]:
    return dict(zip(field_columns(each.name, each.kind), values, strict=True))


def _properties(rows: ir.Table, properties: Sequence[PropertyPlan]) -> dict[str, ir.Value]:
    return {
        column: value
        for each in properties
        for column, value in _stored(each, value_of_plan(rows, each.value, each.kind)).items()
    }


def _figure(rows: ir.Table, each: PropertyPlan, order: ir.Value) -> dict[str, ir.Value]:
    """A figure over the rows of a group; a plain field is that of the earliest row that has it."""
    value = each.value
    if value.constant is not None:
        return {each.name: ibis.literal(value.constant, "string").max()}
    if value.figure == "count" and not value.field:
        return {each.name: rows.count()}
    if value.kind is Kind.LOCATION:
        columns = field_columns(value.field, value.kind)
        return _stored(each, [rows[name].argmin(order) for name in columns])
    return {each.name: _reduced(rows[value.field], value.figure, order)}


def _reduced(column: ir.Value, figure: str, order: ir.Value) -> ir.Value:
    match figure:
        case "count":
            return column.count()
        case "sum":
            return column.sum()
        case "avg":
            # The sum of whole numbers and money is exact, whatever the order in which threads add.
            return column.sum().cast("float64") / column.count().nullif(0)
        case "min":
            return column.min()
        case "max":
            return column.max()
        case "distinct":
            return column.nunique()
        case "latest":
            return column.argmax(order)
        case _:
            return column.argmin(order)


def _lost(name: str) -> str:
    return f"habitue_lost_{name}"


def _check_groups(groups: ir.Table, make: EventPlan) -> Checks:
    checks = Checks()
    for each in make.properties:
        values = tuple(groups[name] for name in field_columns(each.name, each.kind))
        if each.value.figure == "sum":
            says = "is a sum beyond what can be held"
            check = Check(stage="make", code="GROUP-RANGE", field=each.name, says=says)
            checks.add(check, groups[_lost(each.name)])
        if each.rules is not None:
            add_contract(checks, each.name, "", values, each.kind, each.rules, ibis.literal(True))
    return checks
