"""What events, customers and items must look like, and which sources fill them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from habitue.run.project import Project
from habitue.sources.plans import EntityPlan, EventPlan, SourcePlan
from habitue.sources.shapes import ColumnShape, TableShape
from habitue.sources.spec import PropertySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractColumn:
    """One property, trait or attribute.

    Attributes:
        name: Its name.
        kind: What it holds.
        label: A few words for people; empty for none.
        personal: Whether its clear value is in the vault only.
        required: Whether rows without it fail.
        rules: What else is asked of it, in words; empty for nothing.
    """

    name: str
    kind: str
    label: str
    personal: bool
    required: bool
    rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What one table must look like.

    Attributes:
        table: In the warehouse.
        event: The event it holds; empty for `customers` and `items`.
        label: What one of its rows is.
        declared: Whether a file of `contracts/` declares it; else it was inferred from the sources.
        sources: The sources that fill it, live ones last.
        columns: In the order of the files.
    """

    table: str
    event: str
    label: str
    declared: bool
    sources: tuple[str, ...]
    columns: tuple[ContractColumn, ...]


def view_contracts(project: Project) -> list[Contract]:
    """Every table of a project with what is asked of its columns.

    Args:
        project: The declarations.
    """
    return [_contract(project, shape) for shape in project.sources.tables.values()]


def _contract(project: Project, shape: TableShape) -> Contract:
    filling = [plan for plan in project.sources.sources if any(_rules(plan, shape.name))]
    live = [each for each in project.sources.collected if shape.event in each.contracts]
    asked: dict[str, PropertySpec] = {}
    for plan in filling:
        for rules in _rules(plan, shape.name):
            asked |= rules
    for each in live:
        asked |= each.contracts[shape.event]
    return Contract(
        table=shape.name,
        event=shape.event,
        label=shape.label,
        declared=shape.contracted,
        sources=(*(plan.name for plan in filling), *(each.name for each in live)),
        columns=tuple(_column(each, asked.get(each.name)) for each in shape.columns),
    )


def _rules(plan: SourcePlan, table: str) -> Iterator[Mapping[str, PropertySpec]]:
    """What the contracts of a table ask, once for each way in which a source fills it."""
    for make in plan.makes:
        if isinstance(make, EventPlan | EntityPlan) and make.table == table:
            yield {each.name: each.rules for each in make.properties if each.rules is not None}
        if isinstance(make, EventPlan):
            yield from (child.properties for child in make.children if child.table == table)


def _column(shape: ColumnShape, asked: PropertySpec | None) -> ContractColumn:
    return ContractColumn(
        name=shape.name,
        kind=shape.kind.value,
        label=shape.label,
        personal=shape.personal,
        required=asked is not None and asked.required,
        rules="" if asked is None else ", ".join(_said(asked)),
    )


def _said(asked: PropertySpec) -> Iterator[str]:
    if asked.min is not None:
        yield f"at least {asked.min}"
    if asked.max is not None:
        yield f"at most {asked.max}"
    if asked.allowed:
        yield f"one of {', '.join(map(str, asked.allowed))}"
    if asked.format is not None:
        yield f"written as {asked.format.value}"
