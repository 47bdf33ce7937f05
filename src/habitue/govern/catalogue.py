"""The catalogue of personal data: each table that the project keeps, whose it is, what it is for, how long it stays.

Access, erasure, retention, the processing register and the impact assessment are all read from it, so a table or a
column that it does not name fails the build. Categories carry terms of the W3C Data Privacy Vocabulary (DPV 2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from habitue.errors import HabitueError


class Store(StrEnum):
    """Where a table is kept."""

    WAREHOUSE = "warehouse"
    HISTORY = "history"
    VAULT = "vault"
    CONTROL = "control"
    IDENTITY = "identity"
    CONSENTS = "consents"
    AUDIT = "audit"
    ACCOUNTS = "accounts"
    PRIVACY = "privacy"
    LOG = "log"
    TRANSITIONS = "transitions"
    DELIVERIES = "deliveries"
    DRAFTS = "drafts"


class Category(StrEnum):
    """What a value says of a person."""

    INTERNAL_ID = "internal_id"
    PSEUDONYM = "pseudonym"
    IDENTIFIER = "identifier"
    CONTACT = "contact"
    PROFILE = "profile"
    BEHAVIOUR = "behaviour"
    DERIVED = "derived"
    CONSENT = "consent"
    LINK = "link"
    RAW = "raw"
    SEALED = "sealed"
    KEY = "key"
    AUDIT = "audit"
    ACCOUNT = "account"
    TECHNICAL = "technical"


TERMS: Final[Mapping[Category, str]] = {
    Category.INTERNAL_ID: "dpv:PseudonymisedData",
    Category.PSEUDONYM: "dpv:PseudonymisedData",
    Category.IDENTIFIER: "pd:Identifying",
    Category.CONTACT: "pd:Contact",
    Category.PROFILE: "pd:Profile",
    Category.BEHAVIOUR: "pd:Behavioral",
    Category.DERIVED: "dpv:InferredPersonalData",
    Category.CONSENT: "dpv:ConsentRecord",
    Category.LINK: "dpv:DerivedPersonalData",
    Category.RAW: "dpv:CollectedPersonalData",
    Category.SEALED: "dpv:PersonalData",
    Category.KEY: "dpv:ConfidentialData",
    Category.AUDIT: "dpv:PseudonymisedData",
    Category.ACCOUNT: "pd:Authenticating",
    Category.TECHNICAL: "dpv:NonPersonalData",
}
"""The term of the Data Privacy Vocabulary for each category; `pd:` is its extension of kinds of personal data."""

PERSONAL: Final = frozenset(Category) - {Category.TECHNICAL, Category.KEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDeclaration:
    """One column of a table.

    Attributes:
        name: Its name.
        category: What it says of a person.
        personal: Whether its clear value is kept in the vault only: the table holds a mask, or sealed text.
        label: A few words for people.
    """

    name: str
    category: Category
    personal: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDeclaration:
    """One table that the project keeps.

    Attributes:
        name: Its name.
        store: Where it is kept.
        subject_key: The column by which the rows of one person are found; empty when none are about one person.
        category: What it is about as a whole.
        purposes: What its data is used for, by name of the purpose.
        retention: How long its rows stay: a length such as `400d`, or in words.
        columns: Its columns, in order.
        label: What one of its rows is.
    """

    name: str
    store: Store
    subject_key: str
    category: Category
    purposes: tuple[str, ...] = ()
    retention: str = ""
    columns: tuple[ColumnDeclaration, ...]
    label: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether its rows are about persons."""
        return bool(self.subject_key)

    def column(self, name: str) -> ColumnDeclaration | None:
        """A column by name."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table that is there.

    Attributes:
        store: Where it is.
        name: Its name.
        columns: The names of its columns.
    """

    store: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeclared:
    """A table, or a column of a table, that the catalogue does not name.

    Attributes:
        store: Where it is.
        table: The table.
        column: The column; empty when the whole table is not named.
    """

    store: str
    table: str
    column: str = ""

    def __str__(self) -> str:
        """How people point at it."""
        return f"{self.store}:{self.table}" + (f".{self.column}" if self.column else "")


class UndeclaredError(HabitueError):
    """Something is kept that the catalogue of personal data does not name."""

    code = "CATALOGUE-UNDECLARED"

    def __init__(self, found: Sequence[Undeclared]) -> None:
        shown = ", ".join(str(each) for each in found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        super().__init__(
            what=f"The catalogue of personal data does not name {shown}.",
            do="Declare the column in a contract or source; a table that nothing declares is to be removed.",
        )


class Catalogue:
    """Everything that a project keeps, declared.

    Attributes:
        tables: Every table, by store and name.
    """

    def __init__(self, tables: Iterable[TableDeclaration]) -> None:
        self.tables = tuple(sorted(tables, key=lambda each: (each.store.value, each.name)))
        self._named = {(each.store.value, each.name): each for each in self.tables}

    def table(self, store: str, name: str) -> TableDeclaration | None:
        """A table by its store and name."""
        return self._named.get((store, name))

    def of(self, store: Store) -> list[TableDeclaration]:
        """The tables of one store."""
        return [each for each in self.tables if each.store is store]

    def personal(self, store: Store) -> list[TableDeclaration]:
        """The tables of one store whose rows are about persons."""
        return [each for each in self.of(store) if each.is_personal]

    def undeclared(self, found: Iterable[FoundTable]) -> list[Undeclared]:
        """What is there and not named, in the order found."""
        missing: list[Undeclared] = []
        for there in found:
            declared = self.table(there.store, there.name)
            if declared is None:
                missing.append(Undeclared(store=there.store, table=there.name))
                continue
            known = {each.name for each in declared.columns}
            missing += [
                Undeclared(store=there.store, table=there.name, column=name)
                for name in there.columns
                if name not in known
            ]
        return missing


def declare(
    store: Store, name: str, columns: str, *, key: str = "", category: Category = Category.TECHNICAL, label: str = ""
) -> TableDeclaration:
    """A table of Habitue's own, its columns written in short.

    Args:
        store: Where it is kept.
        name: Its name.
        columns: `name:category` separated by blanks; a `!` at the end marks a value kept sealed or masked.
        key: The column by which the rows of one person are found.
        category: What it is about as a whole.
        label: What one of its rows is.

    Examples:
        >>> table = declare(Store.VAULT, "names", "name:pseudonym record_id:internal_id", key="record_id")
        >>> [each.category.value for each in table.columns]
        ['pseudonym', 'internal_id']
    """
    declared = []
    for each in columns.split():
        column, _, said = each.partition(":")
        personal = said.endswith("!")
        declared.append(ColumnDeclaration(name=column, category=Category(said.rstrip("!")), personal=personal))
    return TableDeclaration(
        name=name, store=store, subject_key=key, category=category, columns=tuple(declared), label=label
    )
