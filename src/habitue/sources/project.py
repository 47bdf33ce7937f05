"""A project's sources and contracts, read, checked against each other, and settled into plans."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from habitue.config import Document, Settings, read_documents, read_kinds
from habitue.errors import Fault
from habitue.records import event_table
from habitue.rules import Catalogue
from habitue.sources.bounds import is_bound
from habitue.sources.collecting import SOURCES, CollectSpec
from habitue.sources.collecting_plans import settle_collected
from habitue.sources.plans import ConsentPlan, EntityPlan, EventPlan, SourcePlan, SourcesProject
from habitue.sources.settling import settle_source
from habitue.sources.shapes import CUSTOMERS, ITEMS, ColumnShape, TableShape
from habitue.sources.spec import MAX_SOURCES, RESERVED, ContractSpec, EventMake, FieldKind, PropertySpec, SourceSpec

SourceDocument = Document[SourceSpec]
AnyDocument = Document[CollectSpec | SourceSpec]
ContractDocument = Document[ContractSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """The contracts of a project by what they are about: an event's name, `customers` or `items` by table name."""

    by_table: Mapping[str, ContractDocument] = field(default_factory=dict)

    def of(self, table: str) -> Mapping[str, PropertySpec] | None:
        """What is asked of each column of a table, or None without a contract."""
        found = self.by_table.get(table)
        return None if found is None else found.value.parts


def read_source_files(folder: Path, settings: Settings) -> tuple[SourcesProject, list[Fault]]:
    """The sources of a project folder with the tables they fill, and every fault of their files.

    Args:
        folder: The project folder.
        settings: What holds for the whole project.

    Returns:
        What is sound; the faults say what is left out of it. Nothing may be loaded while there are faults.
    """
    found, source_faults = read_kinds(folder, "sources", SOURCES)
    found_contracts, contract_faults = read_documents(folder, "contracts", ContractSpec)
    faults = [*source_faults, *contract_faults]
    named = _by_name(found, faults)
    sources = _of_files(named, faults)
    contracts = _read_contracts(found_contracts, faults)
    _refuse_shared_tables(sources, found_contracts, faults)
    catalogue = Catalogue(zone=ZoneInfo(settings.time_zone), events={}, traits={})
    plans: list[SourcePlan] = []
    for slot, document in enumerate(sources):
        plan = settle_source(document, slot, settings.time_zone, contracts.by_table, catalogue, faults)
        if plan is not None:
            plans.append(plan)
    tables = _shape_tables(plans, sources, contracts, faults)
    project = SourcesProject(
        root=folder,
        zone=settings.time_zone,
        sources=tuple(plans),
        tables=tables,
        collected=settle_collected(named, contracts.by_table, settings.time_zone, faults),
    )
    return project, faults


def _by_name(documents: Iterable[AnyDocument], faults: list[Fault]) -> list[AnyDocument]:
    named: dict[str, AnyDocument] = {}
    for document in documents:
        name = document.value.source
        if name in named:
            faults.append(
                document.fault(
                    "source",
                    code="SOURCE-TWICE",
                    what=f"The source {name!r} is declared in {named[name].file} already.",
                    do="Give one of them another name.",
                )
            )
            continue
        named[name] = document
    return [named[name] for name in sorted(named)]


def _of_files(documents: Iterable[AnyDocument], faults: list[Fault]) -> list[SourceDocument]:
    ordered = [
        Document(file=each.file, value=each.value, place=each.place)
        for each in documents
        if isinstance(each.value, SourceSpec)
    ]
    for document in ordered[MAX_SOURCES:]:
        what = f"A project has at most {MAX_SOURCES:,} sources."
        faults.append(document.fault(code="SOURCE-MANY", what=what, do="Name several files in one source."))
    return ordered[:MAX_SOURCES]


def _read_contracts(documents: Iterable[ContractDocument], faults: list[Fault]) -> Contracts:
    by_table: dict[str, ContractDocument] = {}
    for document in documents:
        contract = document.value
        name = contract.event or ("customers" if contract.customers else "items")
        table = event_table(contract.event) if contract.event else CUSTOMERS if contract.customers else ITEMS
        other = by_table.get(table)
        if other is not None and other.value.event == contract.event:
            faults.append(
                document.fault(
                    code="CONTRACT-TWICE",
                    what=f"There is a contract for {name!r} in {other.file} already.",
                    do="Join them into one.",
                )
            )
            continue
        by_table.setdefault(table, document)
        _check_names(document, contract.parts, _where(contract), faults)
    return Contracts(by_table=by_table)


def _where(contract: ContractSpec) -> str:
    return "properties" if contract.event else "traits" if contract.customers else "attributes"


def _check_names(
    document: ContractDocument, parts: Mapping[str, PropertySpec], where: str, faults: list[Fault]
) -> None:
    stored: dict[str, str] = {}
    for name, rules in parts.items():
        if name in RESERVED:
            faults.append(
                document.fault(
                    where,
                    name,
                    code="NAME-RESERVED",
                    what=f"{name!r} is a column that every table of this kind has already.",
                    do="Choose another name.",
                )
            )
        if rules.type is FieldKind.LIST:
            _check_names(document, rules.properties, where, faults)
            continue
        _check_bounds(document, name, rules, where, faults)
        for column in ColumnShape(name=name, kind=rules.type.kind).stored:
            if column in stored:
                faults.append(
                    document.fault(
                        where,
                        name,
                        code="NAME-TWICE",
                        what=f"{name!r} and {stored[column]!r} would both be stored as the column {column!r}.",
                        do="Rename one of them.",
                    )
                )
            stored[column] = name


def _check_bounds(document: ContractDocument, name: str, rules: PropertySpec, where: str, faults: list[Fault]) -> None:
    asked = (("min", (rules.min,)), ("max", (rules.max,)), ("allowed", rules.allowed))
    faults.extend(
        document.fault(
            where,
            name,
            key,
            code="CONTRACT-BOUND",
            what=f"{key} of {name!r} is {str(value)[:40]!r}, which is not {rules.type}.",
            do="Write a value of the property's own type.",
        )
        for key, values in asked
        for value in values
        if value is not None and not is_bound(value, rules.type.kind)
    )


def _refuse_shared_tables(
    sources: Iterable[SourceDocument], contracts: Iterable[ContractDocument], faults: list[Fault]
) -> None:
    """Two event names that differ only in how they are written would fall into one table."""
    names: dict[str, str] = {}
    for contract in contracts:
        if contract.value.event:
            _note_event(contract.value.event, names, contract, ("event",), faults)
        for name, rules in contract.value.properties.items():
            if rules.explode:
                _note_event(rules.explode, names, contract, ("properties", name, "explode"), faults)
    for source in sources:
        for number, make in enumerate(source.value.makes):
            if isinstance(make, EventMake):
                _note_event(make.event, names, source, ("makes", number, "event"), faults)


def _note_event(
    name: str,
    names: dict[str, str],
    document: SourceDocument | ContractDocument,
    path: tuple[str | int, ...],
    faults: list[Fault],
) -> None:
    first = names.setdefault(event_table(name), name)
    if first != name:
        faults.append(
            document.fault(
                *path,
                code="EVENT-ALIKE",
                what=f"The events {first!r} and {name!r} would share the table {event_table(name)!r}.",
                do=f"Write {first!r} here as well, or choose a name that differs by more than case and punctuation.",
            )
        )


@dataclass(slots=True)
class _Table:
    """A table as it takes shape."""

    event: str
    label: str = ""
    contracted: bool = False
    columns: dict[str, ColumnShape] = field(default_factory=dict)


def _shape_tables(
    plans: Iterable[SourcePlan], documents: list[SourceDocument], contracts: Contracts, faults: list[Fault]
) -> dict[str, TableShape]:
    tables: dict[str, _Table] = {CUSTOMERS: _Table(event=""), ITEMS: _Table(event="")}
    for name, document in contracts.by_table.items():
        contract = document.value
        tables[name] = _Table(event=contract.event or "", label=contract.label, contracted=True)
        _add_contract_columns(tables[name], contract.parts)
    for contract_document in contracts.by_table.values():
        for rules in contract_document.value.properties.values():
            _add_children(tables, rules)
    for plan in plans:
        for make in plan.makes:
            if not isinstance(make, ConsentPlan):
                _add_made_columns(tables, make, documents[plan.slot], faults)
    return {
        name: TableShape(
            name=name,
            event=table.event,
            columns=tuple(table.columns.values()),
            label=table.label,
            contracted=table.contracted,
        )
        for name, table in sorted(tables.items())
    }


def _add_contract_columns(table: _Table, parts: Mapping[str, PropertySpec]) -> None:
    for name, rules in parts.items():
        if rules.type is not FieldKind.LIST:
            table.columns[name] = ColumnShape(
                name=name, kind=rules.type.kind, personal=rules.personal, label=rules.label
            )


def _add_children(tables: dict[str, _Table], rules: PropertySpec) -> None:
    if rules.explode is None:
        return
    table = tables.setdefault(event_table(rules.explode), _Table(event=rules.explode))
    table.label = table.label or rules.label
    if not table.contracted:
        _add_contract_columns(table, rules.properties)


def _add_made_columns(
    tables: dict[str, _Table], make: EventPlan | EntityPlan, document: SourceDocument, faults: list[Fault]
) -> None:
    event = make.event if isinstance(make, EventPlan) else ""
    table = tables.setdefault(make.table, _Table(event=event))
    for each in make.properties:
        there = table.columns.get(each.name)
        if there is None:
            table.columns[each.name] = ColumnShape(name=each.name, kind=each.kind, personal=each.personal)
        elif each.personal and not there.personal:
            table.columns[each.name] = replace(there, personal=True)
        elif there.kind is not each.kind:
            faults.append(
                document.fault(
                    "makes",
                    make.number,
                    code="KIND-DIFFERS",
                    what=f"{each.name!r} is {each.kind} here and {there.kind} in another source of the same table.",
                    do="Declare its type in a contract, or read both columns as the same type.",
                )
            )
