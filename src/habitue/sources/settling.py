"""Settling one source: names of fields, kinds of values, rule texts, and its fit to the contracts."""

from collections.abc import Mapping, Sequence
from functools import partial

from habitue.config import Document
from habitue.errors import Fault, did_you_mean
from habitue.records import Kind, event_table
from habitue.rules import Catalogue, Node, RuleError, check_row, read_row
from habitue.sources.consent_plans import check_consent, consent_plan
from habitue.sources.personal import personal_fields
from habitue.sources.plans import (
    ChildPlan,
    Derived,
    EntityPlan,
    EventPlan,
    JoinPlan,
    MakePlan,
    PropertyPlan,
    SourcePlan,
    ValuePlan,
)
from habitue.sources.shapes import CUSTOMERS, ITEMS, fits
from habitue.sources.spec import (
    RESERVED,
    ColumnSpec,
    ConsentsMake,
    ContractSpec,
    CustomersMake,
    EventMake,
    FieldKind,
    ItemsMake,
    PropertySpec,
    SourceSpec,
    read_aggregate,
    read_constant,
)

Path = tuple[str | int, ...]

_NAMES = (Kind.TEXT, Kind.INTEGER)
_INSTANTS = (Kind.TIME, Kind.DATE)


def settle_source(
    document: Document[SourceSpec],
    slot: int,
    project_zone: str,
    contracts: Mapping[str, Document[ContractSpec]],
    catalogue: Catalogue,
    faults: list[Fault],
) -> SourcePlan | None:
    """The plan of one source, or None (and its faults) when something in it does not fit."""
    settling = _Settling(document, contracts, catalogue)
    columns = settling.columns()
    joins = settling.joins()
    derived = settling.derive()
    settling.personal = settling.find_personal(derived)
    makes = tuple(settling.make(number) for number in range(len(document.value.makes)))
    faults.extend(settling.faults)
    settled = tuple(make for make in makes if make is not None)
    if settling.faults:
        return None
    return SourcePlan(
        spec=document.value,
        slot=slot,
        zone=document.value.time_zone or project_zone,
        columns=columns,
        joins=joins,
        kinds=settling.kinds,
        derived=derived,
        makes=settled,
        identifiers=document.value.identifiers,
        notes=tuple(settling.notes),
    )


class _Settling:
    """One source on its way to a plan."""

    def __init__(
        self, document: Document[SourceSpec], contracts: Mapping[str, Document[ContractSpec]], catalogue: Catalogue
    ) -> None:
        self.document = document
        self.spec = document.value
        self.contracts = contracts
        self.catalogue = catalogue
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.kinds: dict[str, Kind] = {}
        self.lists: set[str] = set()
        self.specs: dict[str, ColumnSpec] = {}
        self.stored: set[str] = set()
        self.personal: frozenset[str] = frozenset()

    def fault(self, *path: str | int, code: str, what: str, do: str) -> None:
        """Note a fault at a place of the file."""
        self.faults.append(self.document.fault(*path, code=code, what=what, do=do))

    def columns(self) -> dict[str, tuple[str, ColumnSpec]]:
        """Field by field: the raw column and how it is read."""
        return self._declare(self.spec.columns, "columns")

    def _declare(self, columns: Mapping[str, ColumnSpec], *path: str | int) -> dict[str, tuple[str, ColumnSpec]]:
        result: dict[str, tuple[str, ColumnSpec]] = {}
        for raw, column in columns.items():
            names = {f"{column.field}_lat", f"{column.field}_lon"} if column.type is FieldKind.LOCATION else set()
            names.add(column.field)
            if names & self.stored:
                what = f"The field {column.field!r} is declared twice."
                self.fault(*path, raw, code="FIELD-TWICE", what=what, do="Give each column its own field.")
            self.stored |= names
            self.specs[column.field] = column
            result[column.field] = (raw, column)
            if column.type is FieldKind.LIST:
                self.lists.add(column.field)
            else:
                self.kinds[column.field] = column.type.kind
        return result

    def joins(self) -> tuple[JoinPlan, ...]:
        """The look-ups; each may go by a field of those before it."""
        result: list[JoinPlan] = []
        for number, spec in enumerate(self.spec.join):
            self._field(spec.on, _NAMES, "join", number, "on")
            on = self.specs.get(spec.on, ColumnSpec(field=spec.on))
            read_as = FieldKind.INTEGER if on.type is FieldKind.INTEGER else FieldKind.TEXT
            key = ColumnSpec(field=spec.on, type=read_as, integer_text=on.integer_text, missing=on.missing)
            for raw, column in spec.columns.items():
                if column.type is FieldKind.LIST:
                    what = f"The field {column.field!r} is a list, which cannot be looked up."
                    self.fault("join", number, "columns", raw, code="FIELD-KIND", what=what, do="Take it out.")
            columns = self._declare(spec.columns, "join", number, "columns")
            plan = JoinPlan(
                number=number,
                spec=spec,
                on=spec.on,
                kind=key.type.kind,
                key=spec.key,
                key_column=key,
                columns=columns,
            )
            result.append(plan)
        return tuple(result)

    def derive(self) -> tuple[Derived, ...]:
        """The computed fields; each may use those before it."""
        result: list[Derived] = []
        for name, text in self.spec.derive.items():
            if name in self.kinds or name in self.lists:
                what = f"The field {name!r} is declared twice."
                self.fault("derive", name, code="FIELD-TWICE", what=what, do="Give the computed field its own name.")
                continue
            typed = self._rule(text, "derive", name)
            if typed is None:
                self.kinds[name] = Kind.TEXT
                continue
            node, kind = typed
            self.kinds[name] = kind
            result.append(Derived(name=name, node=node, kind=kind))
        return tuple(result)

    def find_personal(self, derived: Sequence[Derived]) -> frozenset[str]:
        """The fields that say who somebody is."""
        for namespace, field in self.spec.identifiers.items():
            self._field(field, _NAMES, "identifiers", namespace)
        return personal_fields(self.spec, {name: each.value for name, each in self.contracts.items()}, derived)

    def make(self, number: int) -> MakePlan | None:
        """The plan of one entry of `makes`."""
        make = self.spec.makes[number]
        when = self._when(make.when, number)
        if isinstance(make, EventMake):
            return self._event(make, number, when)
        if isinstance(make, ConsentsMake):
            self._field(make.consents, _NAMES, "makes", number, "consents")
            self._field(make.occurred_at, _INSTANTS, "makes", number, "occurred_at")
            plan = consent_plan(make, number, when, lambda said, key: self._value(said, "makes", number, key))
            check_consent(plan, self.personal, partial(self._consent_fault, number))
            return plan
        return self._entity(make, number, when)

    def _entity(self, make: CustomersMake | ItemsMake, number: int, when: Node | None) -> EntityPlan:
        key, table, where, values = (
            (make.customers, CUSTOMERS, "traits", make.traits)
            if isinstance(make, CustomersMake)
            else (make.items, ITEMS, "attributes", make.attributes)
        )
        self._field(key, _NAMES, "makes", number, table)
        if make.as_of:
            self._field(make.as_of, _INSTANTS, "makes", number, "as_of")
        properties = self._properties(values, table, number, where, grouped=False)
        return EntityPlan(
            number=number, table=table, when=when, key=key, as_of=make.as_of or "", properties=tuple(properties)
        )

    def _event(self, make: EventMake, number: int, when: Node | None) -> EventPlan:
        self._field(make.customer, _NAMES, "makes", number, "customer")
        self._field(make.occurred_at, _INSTANTS, "makes", number, "occurred_at")
        if make.per:
            kinds = (*_NAMES, *_INSTANTS, Kind.MONEY, Kind.BOOLEAN)
            self._field(make.per, kinds, "makes", number, "per")
        table = event_table(make.event)
        if table not in self.contracts:
            self.notes.append(f"{make.event!r} has no contract: its properties are as source {self.spec.source!r} has.")
        grouped = make.per is not None
        plain = {name: each for name, each in make.properties.items() if each not in self.lists}
        lists = {name: each for name, each in make.properties.items() if each in self.lists}
        properties = self._properties(plain, table, number, "properties", grouped=grouped)
        children = [self._child(name, each, table, number, grouped=grouped) for name, each in lists.items()]
        self._check_missing(make, table, number)
        return EventPlan(
            number=number,
            event=make.event,
            table=table,
            when=when,
            per=make.per or "",
            customer=make.customer,
            occurred_at=make.occurred_at,
            properties=tuple(properties),
            children=tuple(child for child in children if child is not None),
        )

    def _properties(
        self, values: Mapping[str, str], table: str, number: int, where: str, *, grouped: bool
    ) -> list[PropertyPlan]:
        contract = self.contracts[table].value.parts if table in self.contracts else None
        result: list[PropertyPlan] = []
        for name, reference in values.items():
            path = ("makes", number, where, name)
            value = self._value(reference, *path, grouped=grouped)
            rules = self._rules(name, contract, path, table)
            kind = value.kind if rules is None or rules.type is FieldKind.LIST else rules.type.kind
            if rules is not None and rules.type is not FieldKind.LIST and not fits(value.kind, kind):
                self.fault(
                    *path,
                    code="CONTRACT-KIND",
                    what=f"{name!r} is {value.kind} in this source and {kind} in the contract.",
                    do="Correct the `type` of the column, or the contract.",
                )
            elif rules is not None and rules.type is FieldKind.LIST:
                what = f"{name!r} is a list in the contract and {value.kind} in this source."
                self.fault(*path, code="CONTRACT-KIND", what=what, do="Give the column `type: list`.")
            about_people = table != ITEMS
            personal = about_people and ((rules is not None and rules.personal) or value.field in self.personal)
            result.append(PropertyPlan(name=name, kind=kind, value=value, rules=rules, personal=personal))
        return result

    def _rules(
        self, name: str, contract: Mapping[str, PropertySpec] | None, path: Path, table: str
    ) -> PropertySpec | None:
        if name in RESERVED:
            what = f"{name!r} is a column that every table of this kind has already."
            self.fault(*path, code="NAME-RESERVED", what=what, do="Choose another name.")
        if contract is None:
            return None
        if name not in contract:
            near = did_you_mean(name, contract)
            self.fault(
                *path,
                code="CONTRACT-UNKNOWN",
                what=f"The contract in {self.contracts[table].file} does not know {name!r}.",
                do=f"Did you mean {near!r}?" if near else "Add it to the contract, or take it out here.",
            )
        return contract.get(name)

    def _check_missing(self, make: EventMake, table: str, number: int) -> None:
        contract = self.contracts[table].value.parts if table in self.contracts else {}
        for name, rules in contract.items():
            if rules.required and name not in make.properties:
                self.fault(
                    "makes",
                    number,
                    code="CONTRACT-UNMET",
                    what=f"The contract of {make.event!r} requires {name!r}, which is not made here.",
                    do="Add it to `properties`, or make it optional in the contract.",
                )

    def _child(self, name: str, field: str, table: str, number: int, *, grouped: bool) -> ChildPlan | None:
        contract = self.contracts[table].value.parts if table in self.contracts else {}
        rules = contract.get(name)
        if rules is None or rules.explode is None or grouped:
            self.fault(
                "makes",
                number,
                "properties",
                name,
                code="LIST-NOT-EXPLODED",
                what=f"{name!r} is a list, which can only be exploded into events of one row each.",
                do="Declare it in the contract as `type: list` with `explode`, in an event without `per`.",
            )
            return None
        child = event_table(rules.explode)
        own = self.contracts[child].value.parts if child in self.contracts else {}
        for inner, asked in rules.properties.items():
            if own and (inner not in own or own[inner].type is not asked.type):
                self.fault(
                    "makes",
                    number,
                    "properties",
                    name,
                    code="CONTRACT-KIND",
                    what=f"{inner!r} of the entries of {name!r} does not fit the contract of {rules.explode!r}.",
                    do="Give it the same name and type in both contracts.",
                )
        return ChildPlan(
            field=field,
            property=name,
            event=rules.explode,
            table=child,
            properties=rules.properties,
            required=rules.required,
        )

    def _when(self, text: str | None, number: int) -> Node | None:
        typed = None if text is None else self._rule(text, "makes", number, "when")
        if typed is None:
            return None
        node, kind = typed
        if kind is not Kind.BOOLEAN:
            what = f"`when` has to be true or false, and this is {kind}."
            self.fault("makes", number, "when", code="RULE-TYPE", what=what, do="Write a comparison.")
        return node

    def _rule(self, text: str, *path: str | int) -> tuple[Node, Kind] | None:
        try:
            typed = check_row(read_row(text), self.kinds, self.catalogue)
        except RuleError as error:
            self.fault(*path, code=error.code, what=error.what, do=error.do)
            return None
        if typed.kind is Kind.DURATION:
            what = "This gives a length of time, which cannot be stored."
            self.fault(*path, code="RULE-TYPE", what=what, do="Divide it, or compare it.")
        return typed.node, typed.kind

    def _field(self, name: str, wanted: tuple[Kind, ...], *path: str | int) -> None:
        kind = self._kind(name, *path)
        if kind is not None and kind not in wanted:
            listed = " or ".join(wanted)
            what = f"The field {name!r} is {kind} and has to be {listed} here."
            self.fault(*path, code="FIELD-KIND", what=what, do="Correct the `type` of its column.")

    def _kind(self, name: str, *path: str | int) -> Kind | None:
        if name in self.kinds:
            return self.kinds[name]
        known = [*self.kinds, *self.lists]
        near = did_you_mean(name, known)
        if name in self.lists:
            what, do = f"The field {name!r} is a list and cannot stand here.", "Name a field with a single value."
        else:
            what = f"This source has no field {name!r}."
            do = f"Did you mean {near!r}?" if near else f"Its fields are: {', '.join(sorted(known)[:30])}."
        self.fault(*path, code="FIELD-NAME", what=what, do=do)
        return None

    def _value(self, reference: str, *path: str | int, grouped: bool = False) -> ValuePlan:
        constant = read_constant(reference)
        if constant is not None:
            return ValuePlan(kind=Kind.TEXT, constant=constant)
        figure = read_aggregate(reference)
        if figure is None:
            kind = self._kind(reference, *path)
            return ValuePlan(kind=kind or Kind.TEXT, field=reference, figure="first" if grouped else "")
        if not grouped:
            what = f"{reference!r} is a figure over a group, and there is no `per` here."
            self.fault(*path, code="FIGURE-UNGROUPED", what=what, do="Add `per`, or name a field.")
        return self._figure(*figure, *path)

    def _figure(self, name: str, field: str, *path: str | int) -> ValuePlan:
        if name == "count":
            if field:
                self._kind(field, *path)
            return ValuePlan(kind=Kind.INTEGER, field=field, figure=name)
        kind = self._kind(field, *path) if field else None
        if not field:
            what = f"{name}() needs a field between its brackets."
            self.fault(*path, code="FIGURE-FIELD", what=what, do=f"Write {name}(price), for example.")
        if kind is None:
            return ValuePlan(kind=Kind.TEXT, field=field, figure=name)
        if name in ("sum", "avg") and not kind.is_numeric:
            what = f"{name}({field}) needs numbers, and {field!r} is {kind}."
            self.fault(*path, code="FIGURE-KIND", what=what, do="Correct the `type` of its column.")
        if kind is Kind.LOCATION:
            what = f"{name}({field}): a location has no such figure."
            self.fault(*path, code="FIGURE-KIND", what=what, do="Use another field.")
        given = {"avg": Kind.NUMBER, "distinct": Kind.INTEGER}.get(name, kind)
        return ValuePlan(kind=given, field=field, figure=name)

    def _consent_fault(self, number: int, key: str, what: str, do: str) -> None:
        self.fault("makes", number, key, code="FIELD-KIND", what=what, do=do)
