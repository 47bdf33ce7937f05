"""One person as the stores know them: their records, what their cards say, and how to tell a row that names them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from habitue.config import state_folder
from habitue.identity.ledger import PersonNotFoundError, members, taken
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.identity.normalise import Kind, normalise
from habitue.run.opened import Opened
from habitue.run.person_rows import read_persons
from habitue.run.project import Project
from habitue.sources.plans import SourcePlan
from habitue.state import FailedRow

Card = Mapping[str, Any]
"""What one source says of one record; its parts are `id`, `identifiers`, `traits` and `events`."""

_APART: Final = re.compile(r"[\s,;|<>()\[\]{}\"'=]+")
_FEWEST_DIGITS: Final = 7
_LAST_DIGITS: Final = 9
_LONGEST_NUMBER: Final = 40
_TELLING: Final = 6
_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One identifier in the clear, as a source wrote it.

    Attributes:
        namespace: What kind it is.
        value: As written.
        source: Who wrote it.
        record: Whose it is.
    """

    namespace: str
    value: str
    source: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person.

    Attributes:
        customer: Internal id.
        records: Ids of their records, the oldest first.
        cards: What each source says, by record and source.
    """

    customer: str
    records: tuple[str, ...]
    cards: Mapping[str, Mapping[str, Card]] = field(repr=False)

    @property
    def identifiers(self) -> list[Identifier]:
        """Every identifier in the clear, each as every source wrote it."""
        return list(dict.fromkeys(_identifiers(self.cards)))


def read_subject(opened: Opened, customer: str) -> Subject:
    """A person with everything the vault holds of them, opened in memory only; erased records are left out."""
    return read_subjects(opened, [customer])[0]


def read_subjects(opened: Opened, customers: Sequence[str]) -> list[Subject]:
    """The same of several people, in their order; who is who is read once for all of them."""
    found = []
    for customer, records in records_of(opened, customers).items():
        known = [each for each in records if opened.stores.vault.record_known(each)]
        cards = {
            record: {source: json.loads(text) for source, text in opened.stores.vault.card(record).items()}
            for record in known
        }
        found.append(Subject(customer=customer, records=tuple(records), cards=cards))
    return found


def records_of(opened: Opened, customers: Iterable[str]) -> dict[str, list[str]]:
    """The records of each person: those that links and the warehouse give them; else the one of that id."""
    moved = read_persons(opened.stores.warehouse)
    joined: dict[str, list[str]] = {}
    for record, person in moved.items():
        joined.setdefault(person, []).append(record)
    found = {customer: list[str]() for customer in customers}
    linked = _linked(opened, found)
    for customer, records in found.items():
        every = dict.fromkeys([*linked.get(customer, ()), *joined.get(customer, ())])
        if moved.get(customer, customer) == customer and opened.stores.vault.record_known(customer):
            every.setdefault(customer)
        records += [each for each in every if moved.get(each, customer) == customer]
    return found


def past_ids(opened: Opened, records: Sequence[str]) -> list[str]:
    """The ids by which people made of some records may have been known, without those that others have now."""
    others: set[str] = set()
    if (state_folder(opened.project.folder) / IDENTITY_FILE).exists():
        with Links.open(opened.project.folder) as links:
            others = taken(links, records, list(links.numbers(records).values()))
    return [each for each in records if each not in others]


def _linked(opened: Opened, customers: Iterable[str]) -> dict[str, list[str]]:
    """The records that links give people; nothing where there are no links."""
    if not (state_folder(opened.project.folder) / IDENTITY_FILE).exists():
        return {}
    found: dict[str, list[str]] = {}
    with Links.open(opened.project.folder) as links:
        for customer in customers:
            with suppress(PersonNotFoundError):
                found[customer] = members(links, customer)
    return found


def _identifiers(cards: Mapping[str, Mapping[str, Card]]) -> Iterator[Identifier]:
    for record, sources in cards.items():
        for source, card in sources.items():
            for namespace, value in card.get("id", ()):
                yield Identifier(namespace=str(namespace), value=str(value), source=source, record=record)
            for namespace, values in card.get("identifiers", {}).items():
                for value in values or ():
                    yield Identifier(namespace=str(namespace), value=str(value), source=source, record=record)


class Names:
    """Tells raw rows that hold an identifier of some people, however it is written there."""

    def __init__(self, project: Project, subjects: Iterable[Subject]) -> None:
        self._plans = {plan.name: plan for plan in project.sources.sources}
        self._kinds = {each.name: each.kind for each in project.identity.namespaces}
        self._region = project.identity.region
        self._own: dict[str, set[str]] = {}
        self._telling: set[str] = set()
        self._digits: set[str] = set()
        for subject in subjects:
            for each in subject.identifiers:
                self._learn(each.namespace, each.value)
            for card in (card for cards in subject.cards.values() for card in cards.values()):
                for name, value in card.get("traits", {}).items():
                    self._learn_trait(str(name), str(value))

    def _learn(self, namespace: str, value: str) -> None:
        kind = self._kinds.get(namespace, Kind.TEXT)
        spellings = [value, *normalise(kind, [value], region=self._region)]
        for text in spellings:
            if text is None:
                continue
            folded = fold(text)
            self._own.setdefault(namespace, set()).add(folded)
            if len(folded) >= _TELLING and not folded.isdigit():
                self._telling.add(folded)
            if kind is Kind.PHONE:
                self._learn_digits(text)

    def _learn_trait(self, name: str, value: str) -> None:
        if "@" in value:
            self._telling.add(fold(value))
        elif "phone" in name or "mobile" in name:
            self._learn_digits(value)

    def _learn_digits(self, value: str) -> None:
        if digits := _digits(value):
            self._digits.add(digits)

    def named(self, row: FailedRow) -> bool:
        """Whether a row of the failed lane, raw or mended, holds one of the identifiers."""
        plan = self._plans.get(row.source)
        return any(bool(self.cells(plan, text)) for text in (row.row, row.repaired) if text)

    def cells(self, plan: SourcePlan | None, text: str) -> list[str]:
        """The places in a raw row, a JSON text, that hold one of the identifiers; empty when none does."""
        return self.cells_of({} if plan is None else _namespaces(plan), text)

    def cells_of(self, columns: Mapping[str, str], text: str) -> list[str]:
        """The same, where it is known which kind of identifier stands in which place."""
        try:
            raw = json.loads(text)
        except ValueError:
            raw = text
        return [place for place, value in _cells(raw) if self._holds(columns.get(place.strip("/")), value, place)]

    def owned(self, plan: SourcePlan, text: str) -> bool | None:
        """Whether a raw row's own identifier is one of these; None when it has none."""
        raw = json.loads(text)
        owners = {plan.columns[name][0].strip("/"): plan.namespace(name) for name in plan.customers}
        said = [(owners[place.strip("/")], value) for place, value in _cells(raw) if place.strip("/") in owners]
        return None if not said else any(fold(value) in self._own.get(space, ()) for space, value in said)

    def _holds(self, namespace: str | None, value: str, place: str) -> bool:
        folded = fold(value)
        if namespace is not None and folded.removesuffix(".0") in self._own.get(namespace, ()):
            return True
        pieces = {folded, *_APART.split(folded)}
        if pieces & self._telling or _digits(value) in self._digits:
            return True
        # A line that could not be taken apart has no columns: any of its pieces may be somebody's id.
        return not place and any(pieces & own for own in self._own.values())


def fold(text: str) -> str:
    """Text as it is compared: no case, single spaces."""
    return " ".join(text.split()).casefold()


def _digits(text: str) -> str:
    """The digits by which telephone numbers are compared: the last nine, whatever stands before them."""
    digits = re.sub(r"\D", "", text)
    return digits[-_LAST_DIGITS:] if len(digits) >= _FEWEST_DIGITS and len(text) < _LONGEST_NUMBER else ""


def _namespaces(plan: SourcePlan) -> dict[str, str]:
    """The kinds of identifiers by raw column."""
    found = {plan.columns[name][0]: plan.namespace(name) for name in plan.customers if name in plan.columns}
    found |= {plan.columns[each][0]: name for name, each in plan.identifiers.items() if each in plan.columns}
    return {column.strip("/"): name for column, name in found.items()}


def _cells(raw: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a raw row with its place: names joined by `/`, list entries by their list."""
    match raw:
        case dict():
            for name, value in raw.items():
                yield from _cells(value, f"{place}/{name}" if place else str(name))
        case list():
            for value in raw:
                yield from _cells(value, place)
        case None | bool():
            return
        case _:
            yield place, str(raw)


def rows_naming(opened: Opened, names: Names) -> Iterator[FailedRow]:
    """The rows of the failed lane that name some people; each is opened in memory only."""
    after = 0
    while page := opened.stores.control.failed.rows(after=after, limit=_PAGE):
        yield from (row for row in page if names.named(row))
        after = page[-1].id


def all_records(subjects: Sequence[Subject]) -> list[str]:
    """The records of several people."""
    return list(dict.fromkeys(record for each in subjects for record in each.records))
