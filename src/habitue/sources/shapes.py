"""The tables that sources fill: their columns, kinds, and which of them are personal."""

from dataclasses import dataclass

from habitue.records import MONEY_DECIMALS, MONEY_DIGITS, Kind

TYPES: dict[Kind, str] = {
    Kind.TEXT: "string",
    Kind.INTEGER: "int64",
    Kind.NUMBER: "float64",
    Kind.MONEY: f"decimal({MONEY_DIGITS}, {MONEY_DECIMALS})",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "timestamp(6)",
    Kind.DATE: "timestamp(6)",
    Kind.PERSONAL: "string",
}
_FITS: dict[Kind, frozenset[Kind]] = {
    Kind.INTEGER: frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY}),
    Kind.MONEY: frozenset({Kind.MONEY, Kind.NUMBER}),
    Kind.DATE: frozenset({Kind.DATE, Kind.TIME}),
    Kind.TIME: frozenset({Kind.TIME, Kind.DATE}),
}
EVENT_HEAD: dict[str, str] = {
    "customer_id": "string",
    "record_id": "string",
    "occurred_at": "timestamp(6)",
    "position": "int64",
    "event_id": "string",
    "local_hour": "int8",
    "local_weekday": "int8",
    "local_month": "int8",
}
CONSENT_COLUMNS: dict[str, str] = {
    "customer_id": "string",
    "purpose": "string",
    "given": "boolean",
    "occurred_at": "timestamp(6)",
    "position": "int64",
}
SOURCE_CONSENT_COLUMNS: dict[str, str] = {
    "customer_id": "string",
    "record_id": "string",
    "purpose": "string",
    "given": "boolean",
    "occurred_at": "timestamp(6)",
    "position": "int64",
    "state": "string",
    "basis": "string",
    "source": "string",
    "text_version": "string",
    "region": "string",
}
CUSTOMERS, ITEMS, CONSENTS, SOURCE_CONSENTS = "customers", "items", "consents", "source_consents"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnShape:
    """One declared column.

    Attributes:
        name: Its name; a location becomes two columns, `<name>_lat` and `<name>_lon`.
        kind: What it holds.
        personal: Whether it says something about a person that others should not see.
        label: A few words for people.
    """

    name: str
    kind: Kind
    personal: bool = False
    label: str = ""

    @property
    def stored(self) -> dict[str, str]:
        """Column names and types in the warehouse, as Ibis writes types; a personal one holds what stands for it."""
        if self.personal:
            return {self.name: TYPES[Kind.PERSONAL]}
        if self.kind is Kind.LOCATION:
            return {f"{self.name}_lat": "float64", f"{self.name}_lon": "float64"}
        return {self.name: TYPES[self.kind]}

    @property
    def seen(self) -> Kind:
        """The kind that rules see."""
        return Kind.PERSONAL if self.personal else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """One table that sources fill.

    Attributes:
        name: In the warehouse.
        event: The event it holds; empty for `customers` and `items`.
        columns: Properties, traits or attributes, in declared order.
        label: What one of its rows is, in a few words.
        contracted: False when its columns were inferred from the sources.
    """

    name: str
    event: str
    columns: tuple[ColumnShape, ...]
    label: str = ""
    contracted: bool = True

    @property
    def stored(self) -> dict[str, str]:
        """All columns in the warehouse and their types, as Ibis writes types."""
        head = EVENT_HEAD if self.event else {"customer_id" if self.name == CUSTOMERS else "item_id": "string"}
        own = {name: kind for column in self.columns for name, kind in column.stored.items()}
        return {**head, **own}


def fits(made: Kind, wanted: Kind) -> bool:
    """Whether values of one kind can be stored as another without losing anything but a number's exactness."""
    return wanted in _FITS.get(made, frozenset({made}))
