"""What a project declares about its data: `sources/*.yaml` and `contracts/*.yaml`."""

import codecs
import re
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from habitue.config import Declared, check_time_zone
from habitue.errors import HabitueError
from habitue.records import Kind
from habitue.sources.directives import unknown_directives

RESERVED = frozenset(
    {
        "customer_id",
        "record_id",
        "item_id",
        "occurred_at",
        "position",
        "event_id",
        "local_hour",
        "local_weekday",
        "local_month",
        "received_at",
    }
)
OWN_CARD = ""
"""The source of what stands in the vault about a record by itself."""
MAX_SOURCES = (1 << 11) - 1
MAX_MAKES = 1 << 7
MAX_CHILDREN = (1 << 11) - 1

_AGGREGATE = re.compile(r"(count|sum|avg|min|max|distinct|first|latest)\s*\(\s*([a-z_][a-z0-9_]*)?\s*\)")
_CONSTANT = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")


class FieldKind(StrEnum):
    """What a column of a file is read as: every kind that a table can hold, and lists, which only explode."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    LOCATION = "location"
    LIST = "list"

    @property
    def kind(self) -> Kind:
        """The kind of the values; a list has none.

        Raises:
            ValueError: For a list.
        """
        return Kind(self.value)


class ValueFormat(StrEnum):
    """A form that text has to have."""

    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    UUID = "uuid"
    DATE = "date"
    CURRENCY = "currency"
    COUNTRY = "country"


class WrittenError(HabitueError, ValueError):
    """A value in a source or contract file is not written as it has to be."""

    code = "SOURCE-WRITTEN"


def _check_encoding(name: str) -> str:
    try:
        known = codecs.lookup(name)
    except LookupError:
        known = None
    if known is None or not getattr(known, "_is_text_encoding", True):
        raise WrittenError(what=f"{name[:40]!r} is not a text encoding.", do="Write utf-8, utf-16, cp1252, latin-1 …")
    return name


def _check_reference(text: str) -> str:
    if not (_CONSTANT.fullmatch(text) or _IDENTIFIER.fullmatch(text) or _AGGREGATE.fullmatch(text)):
        raise WrittenError(
            what=f"{text[:60]!r} is neither a field, a quoted constant nor a figure over a group.",
            do="Write a field such as price, a constant such as \"'web'\", or sum(price), count(), latest(country).",
        )
    return text


def _check_free(name: str) -> str:
    if name.startswith("habitue_"):
        raise WrittenError(what="Names that begin with habitue_ are taken.", do="Choose another name.")
    return name


Identifier: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100), AfterValidator(_check_free)
]
EventName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s'\"](?:[^\n'\"]*[^\s'\"])?$", max_length=100)]
Reference: TypeAlias = Annotated[str, AfterValidator(_check_reference)]
Character: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=1)]
RuleText: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class CsvSpec(Declared):
    """How the text files of a source are written; whatever is left out is recognised from their content."""

    delimiter: Character | Literal["whitespace"] | None = Field(
        None, description="What stands between values: one character, or `whitespace` for runs of blanks."
    )
    encoding: Annotated[str, AfterValidator(_check_encoding)] | None = Field(None, description="E.g. utf-8, cp1252.")
    quote: Annotated[str, StringConstraints(max_length=1)] | None = Field(
        None, description="The quote character; '' when values are never quoted."
    )
    decimal: Literal[".", ","] | None = Field(None, description="The decimal sign.")
    thousands: Literal["", ".", ",", " ", "'"] | None = Field(None, description="What groups thousands; '' is nothing.")
    header: bool | None = Field(None, description="Whether the first line names the columns.")


class ColumnSpec(Declared):
    """What a raw column is read as."""

    field: Identifier = Field(description="The name under which the rest of this file speaks of it.")
    type: FieldKind = Field(FieldKind.TEXT, description="What its values are.")
    required: bool = Field(False, description="A row without a value here goes to the failed lane.")
    formats: tuple[str, ...] = Field(
        (),
        description="For time and date: how it is written, tried in order: strptime patterns such as %d/%m/%Y %H:%M,"
        " or iso, epoch_s, epoch_ms. Left out: iso.",
    )
    integer_text: bool = Field(False, description="For text: 13085.0 reads 13085.")
    missing: tuple[str, ...] = Field((), description="Texts that mean there is no value, besides the empty one: NA …")

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.formats and self.type not in (FieldKind.TIME, FieldKind.DATE):
            raise WrittenError(what="`formats` belong to time and date columns.", do="Take them out.")
        if self.integer_text and self.type is not FieldKind.TEXT:
            raise WrittenError(what="`integer_text` belongs to text columns.", do="Take it out.")
        for each in self.formats:
            unknown = unknown_directives(each)
            if unknown:
                raise WrittenError(
                    what=f"{unknown[0][:5]!r} in {each[:40]!r} is not a part of a time.",
                    do="Write %Y %m %d %H %M %S, %y, %b, %B, %p, %f, %z; %% is a percent sign.",
                )
            if each not in ("iso", "epoch_s", "epoch_ms") and "%" not in each:
                raise WrittenError(
                    what=f"{each[:40]!r} is not a way to write a time.",
                    do="Write a pattern such as %Y-%m-%d %H:%M:%S, or iso, epoch_s, epoch_ms.",
                )
        return self


class EventMake(Declared):
    """An event that a row, or a group of rows, becomes."""

    event: EventName
    when: RuleText | None = Field(None, description="Which rows; a condition over the fields.")
    per: Identifier | None = Field(None, description="One event per value of this field, instead of one per row.")
    customer: Identifier
    occurred_at: Identifier
    properties: dict[Identifier, Reference] = Field(default_factory=dict)


class CustomersMake(Declared):
    """Customers and their traits: one per value of a field."""

    customers: Identifier
    when: RuleText | None = None
    as_of: Identifier | None = Field(None, description="The latest row by this time counts; left out: the last row.")
    traits: dict[Identifier, Reference] = Field(default_factory=dict)


class ItemsMake(Declared):
    """Items and their attributes: one per value of a field."""

    items: Identifier
    when: RuleText | None = None
    as_of: Identifier | None = None
    attributes: dict[Identifier, Reference] = Field(default_factory=dict)


class ConsentsMake(Declared):
    """Rows of the consent ledger."""

    consents: Identifier
    when: RuleText | None = None
    purpose: Reference
    given: Reference | None = Field(None, description="Whether it was given; needed unless `state` says it.")
    state: Reference | None = Field(None, description="What was said: given, withdrawn or objected.")
    occurred_at: Identifier
    basis: Reference | None = Field(None, description="The legal basis that is claimed; left out: consent.")
    asked_in: Reference | None = Field(None, description="Where it was said: a form, a call.")
    text_version: Reference | None = Field(None, description="The wording that was shown.")
    region: Reference | None = Field(None, description="Where the person was, e.g. us-ca.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.given is None and self.state is None:
            raise WrittenError(what="These consents say neither yes nor no.", do="Name `given`, or `state`.")
        return self


Make: TypeAlias = EventMake | CustomersMake | ItemsMake | ConsentsMake


class JoinSpec(Declared):
    """Fields that are looked up in other files: of rows with the same key the first counts."""

    files: str | tuple[str, ...] = Field(description="A path, folder or glob, or a list of them.")
    format: Literal["csv", "parquet", "json", "ndjson"] | None = None
    csv: CsvSpec = Field(default_factory=CsvSpec)
    on: Identifier = Field(description="The field of this source by which rows are found.")
    key: str = Field(description="The raw column of those files that has the same values.")
    columns: dict[str, ColumnSpec] = Field(min_length=1, description="What to take: raw column -> field.")

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths, folders and globs."""
        return (self.files,) if isinstance(self.files, str) else self.files


class SourceSpec(Declared):
    """A source of rows: files, what their columns mean, and what each row becomes."""

    source: Identifier
    files: str | tuple[str, ...] = Field(description="A path, folder or glob, or a list of them.")
    format: Literal["csv", "parquet", "json", "ndjson"] | None = None
    csv: CsvSpec = Field(default_factory=CsvSpec)
    time_zone: Annotated[str, AfterValidator(check_time_zone)] | None = Field(
        None, description="Of times without an offset; left out: the project's."
    )
    columns: dict[str, ColumnSpec] = Field(min_length=1)
    identifiers: dict[Identifier, Identifier] = Field(
        default_factory=dict,
        description="Kinds of identifiers and the fields that hold them: user_id: customer, email: email, …",
    )
    join: tuple[JoinSpec, ...] = Field((), description="Fields looked up in other files, before `derive`.")
    derive: dict[Identifier, RuleText] = Field(default_factory=dict)
    makes: tuple[Make, ...] = Field(min_length=1, max_length=MAX_MAKES)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The paths, folders and globs."""
        return (self.files,) if isinstance(self.files, str) else self.files


Bound: TypeAlias = int | float | str


class PropertySpec(Declared):
    """What one property, trait or attribute may hold."""

    type: FieldKind
    required: bool = False
    min: Bound | None = None
    max: Bound | None = None
    allowed: tuple[str | int | float | bool, ...] = ()
    format: ValueFormat | None = None
    personal: bool = Field(False, description="Says something about a person that others should not see.")
    label: str = ""
    explode: EventName | None = Field(None, description="For a list: the event that each entry becomes.")
    properties: dict[Identifier, "PropertySpec"] = Field(
        default_factory=dict, description="For a list: what its entries hold."
    )

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if (self.explode is None) is (self.type is FieldKind.LIST):
            raise WrittenError(
                what="A list needs `explode`, and only a list can have it.",
                do="Write `type: list` and `explode: Name of the event`.",
            )
        if self.properties and self.explode is None:
            raise WrittenError(what="Only a list has `properties`.", do="Take them out.")
        if any(inner.type is FieldKind.LIST for inner in self.properties.values()):
            raise WrittenError(what="A list inside a list cannot be exploded.", do="Take the inner list out.")
        if self.format is not None and self.type is not FieldKind.TEXT:
            raise WrittenError(what="`format` belongs to text.", do="Write `type: text`, or take it out.")
        ordered = (FieldKind.INTEGER, FieldKind.NUMBER, FieldKind.MONEY, FieldKind.TIME, FieldKind.DATE)
        if (self.min is not None or self.max is not None) and self.type not in ordered:
            raise WrittenError(what="`min` and `max` belong to numbers and times.", do="Take them out.")
        return self


class ContractSpec(Declared):
    """What an event, the customers or the items must look like."""

    event: EventName | None = None
    customers: Literal[True] | None = None
    items: Literal[True] | None = None
    label: str = ""
    properties: dict[Identifier, PropertySpec] = Field(default_factory=dict)
    traits: dict[Identifier, PropertySpec] = Field(default_factory=dict)
    attributes: dict[Identifier, PropertySpec] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> Self:
        said = (self.event is not None, self.customers is not None, self.items is not None)
        if sum(said) != 1:
            raise WrittenError(
                what="A contract is about one event, or the customers, or the items.",
                do="Write `event: Name`, or `customers: true`, or `items: true`.",
            )
        for key, parts, owner in (
            ("properties", self.properties, said[0]),
            ("traits", self.traits, said[1]),
            ("attributes", self.attributes, said[2]),
        ):
            if parts and not owner:
                raise WrittenError(
                    what=f"`{key}` do not belong to this contract.",
                    do="Events have `properties`, customers have `traits`, items have `attributes`.",
                )
        return self

    @property
    def parts(self) -> dict[str, PropertySpec]:
        """The properties, traits or attributes."""
        return self.properties or self.traits or self.attributes


def read_constant(reference: str) -> str | None:
    """The text of a quoted constant, or None when the reference is something else."""
    found = _CONSTANT.fullmatch(reference)
    return None if found is None else found[1] if found[1] is not None else found[2]


def read_aggregate(reference: str) -> tuple[str, str] | None:
    """The figure and the field of `sum(price)`, or None; `count()` has an empty field.

    Examples:
        >>> read_aggregate("sum(price)"), read_aggregate("count()"), read_aggregate("price")
        (('sum', 'price'), ('count', ''), None)
    """
    found = _AGGREGATE.fullmatch(reference)
    return None if found is None else (found[1], found[2] or "")
