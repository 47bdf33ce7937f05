"""A source as it will be carried out: every name settled, every kind known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from habitue.config import Document
from habitue.records import Kind
from habitue.rules import Node
from habitue.sources.collecting import CollectSpec, ContractMode
from habitue.sources.hints import CsvHints
from habitue.sources.shapes import CUSTOMERS, TableShape
from habitue.sources.spec import ColumnSpec, CsvSpec, JoinSpec, PropertySpec, SourceSpec

OWN = "user_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePlan:
    """Where the value of a property comes from.

    Attributes:
        kind: Its kind in the source.
        field: The field; empty for a constant and for `count()`.
        constant: The constant's text, when it is one.
        figure: The figure over a group (`sum`, `count`, …); empty for a single row's value.
    """

    kind: Kind
    field: str = ""
    constant: str | None = None
    figure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyPlan:
    """One column of what is made.

    Attributes:
        name: Name of the column.
        kind: Kind of the column, as the contract says or, without one, as the source gives it.
        value: Where it comes from.
        rules: What its contract asks of it; None when it has none.
        personal: Whether the warehouse holds only what stands for it.
    """

    name: str
    kind: Kind
    value: ValuePlan
    rules: PropertySpec | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """Events made of the entries of a list.

    Attributes:
        field: The list field of the source.
        property: Name of the list in the parent's contract.
        event: Name of the child event.
        table: Its table.
        properties: What each entry holds, by name.
        required: Whether the parent must have the list.
    """

    field: str
    property: str
    event: str
    table: str
    properties: Mapping[str, PropertySpec]
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """Events made of rows, or of groups of rows when `per` names a field."""

    number: int
    event: str
    table: str
    when: Node | None
    per: str
    customer: str
    occurred_at: str
    properties: tuple[PropertyPlan, ...]
    children: tuple[ChildPlan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityPlan:
    """Customers (with traits) or items (with attributes) made of rows.

    Attributes:
        number: Place among the source's makes.
        table: `customers` or `items`.
        when: Which rows.
        key: The field that names them.
        as_of: The time field by which the latest row is found; empty for file order.
        properties: Traits or attributes.
    """

    number: int
    table: str
    when: Node | None
    key: str
    as_of: str
    properties: tuple[PropertyPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPlan:
    """Rows of the consent ledger made of rows."""

    number: int
    when: Node | None
    customer: str
    purpose: ValuePlan
    given: ValuePlan | None
    occurred_at: str
    details: Mapping[str, ValuePlan] = field(default_factory=dict)


MakePlan = EventPlan | EntityPlan | ConsentPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A field computed from other fields of the row."""

    name: str
    node: Node
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPlan:
    """Fields that other files add to each row.

    Attributes:
        number: Place among the source's look-ups.
        spec: What was declared.
        on: The field of the source by which rows are found.
        kind: Its kind.
        key: The raw column of the other files that has the same values.
        key_column: How that column is read: as the field is.
        columns: Field by field: the raw column of the other files and how it is read.
    """

    number: int
    spec: JoinSpec
    on: str
    kind: Kind
    key: str
    key_column: ColumnSpec
    columns: Mapping[str, tuple[str, ColumnSpec]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """One source, ready to be loaded.

    Attributes:
        spec: What was declared.
        slot: Place among the project's sources by name; positions begin with it.
        zone: Time zone of its times without an offset.
        columns: Field by field: the raw column and how it is read.
        joins: Look-ups in other files, in the order in which they can be made.
        kinds: Kind of every field that is not a list, looked-up and derived ones included.
        derived: Computed fields, in the order in which they can be computed.
        makes: What rows become.
        identifiers: Kind by kind of identifiers: the field that holds them.
        notes: What a person should know, e.g. that a contract was inferred.
    """

    spec: SourceSpec
    slot: int
    zone: str
    columns: Mapping[str, tuple[str, ColumnSpec]]
    joins: tuple[JoinPlan, ...]
    kinds: Mapping[str, Kind]
    derived: tuple[Derived, ...]
    makes: tuple[MakePlan, ...]
    identifiers: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def namespace(self, customer: str) -> str:
        """What kind of identifiers a field of customers holds: `user_id` where nothing else is declared."""
        return next((name for name, each in self.identifiers.items() if each == customer), OWN)

    @property
    def customers(self) -> dict[str, list[int]]:
        """The fields that name customers, with the numbers of the makes that go by them."""
        found: dict[str, list[int]] = {}
        for make in self.makes:
            name = make.key if isinstance(make, EntityPlan) else make.customer
            if not isinstance(make, EntityPlan) or make.table == CUSTOMERS:
                found.setdefault(name, []).append(make.number)
        return found

    @property
    def personal_fields(self) -> frozenset[str]:
        """The fields that say who somebody is, or something about them that others should not see."""
        made = [each for make in self.events for each in make.properties]
        made += [each for make in self.entities for each in make.properties]
        said = {each.value.field for each in made if each.personal}
        return frozenset({*self.customers, *self.identifiers.values(), *said})

    @property
    def name(self) -> str:
        """The source's name."""
        return self.spec.source

    @property
    def hints(self) -> CsvHints:
        """What is declared about its text files."""
        return csv_hints(self.spec.csv)

    @property
    def events(self) -> tuple[EventPlan, ...]:
        """The makes that are events."""
        return tuple(make for make in self.makes if isinstance(make, EventPlan))

    @property
    def entities(self) -> tuple[EntityPlan, ...]:
        """The makes that are customers or items."""
        return tuple(make for make in self.makes if isinstance(make, EntityPlan))

    @property
    def consents(self) -> tuple[ConsentPlan, ...]:
        """The makes that are consents."""
        return tuple(make for make in self.makes if isinstance(make, ConsentPlan))


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectPlan:
    """A source whose events come live, every name settled.

    Attributes:
        name: The source's name.
        contract: What becomes of a message that does not keep its contract.
        zone: Time zone of times without an offset.
        events: Names as they are sent, by what they are: only those that the source declares.
        contracts: What is asked of each property, by event; children of lists included.
        customers: What is asked of each trait.
        properties: Where properties stand, those that the source says: places, each a path.
        traits: Where traits stand, likewise.
        identifiers: Where identifiers stand, likewise, by namespace.
        document: What was declared, and where.
    """

    name: str
    contract: ContractMode
    zone: str
    events: Mapping[str, str]
    contracts: Mapping[str, Mapping[str, PropertySpec]]
    customers: Mapping[str, PropertySpec]
    properties: Mapping[str, tuple[str, ...]]
    traits: Mapping[str, tuple[str, ...]]
    identifiers: Mapping[str, tuple[str, ...]]
    document: Document[CollectSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesProject:
    """All sources of a project and the tables that come of them.

    Attributes:
        root: The project folder.
        zone: The project's time zone.
        sources: By name.
        tables: Every event table, `customers` and `items`, by table name, whether or not a source fills it.
        collected: Sources whose events come live, by name.
    """

    root: Path
    zone: str
    sources: tuple[SourcePlan, ...]
    tables: Mapping[str, TableShape] = field(default_factory=dict)
    collected: tuple[CollectPlan, ...] = ()


def csv_hints(declared: CsvSpec) -> CsvHints:
    """What is declared about text files, for recognising them."""
    return CsvHints(
        delimiter=declared.delimiter,
        encoding=declared.encoding,
        quote=declared.quote,
        decimal=declared.decimal,
        thousands=declared.thousands,
        header=declared.header,
    )
