"""Where people become random ids: the edge behind which no identifier and no personal value is seen any more.

Customers of the rows are known by keyed names in the vault; what is personal about them goes there as one sealed card
per person and source, and only what stands for it goes on into the warehouse.

Cost: one hash of every different customer and of every personal value, one join per table, one sealed card per person.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.govern.vault import Vault
from habitue.records import Kind
from habitue.sources.plans import SourcePlan
from habitue.sources.shapes import ColumnShape
from habitue.sources.spec import OWN_CARD
from habitue.sources.staging import take_name
from habitue.sources.tables import append, create_temporary

PEOPLE, CARDS = "source_people", "source_cards"
_PEOPLE = ibis.schema({"namespace": "string", "customer": "string", "person": "string"})
_CARDS = ibis.schema({"namespace": "string", "customer": "string", "part": "string", "said": "string"})
_FOUND = pa.schema([("name", pa.string()), ("person", pa.string())])
_CHUNK: Final = 50_000
Keep = Callable[[ir.Table], ir.Table]


class People:
    """The people of one source on their way through the edge, inside one load.

    Attributes:
        buried: How many different customers of the rows were erased.
    """

    def __init__(self, plan: SourcePlan, warehouse: Warehouse, vault: Vault, now: datetime) -> None:
        self.buried = 0
        self._plan = plan
        self._warehouse = warehouse
        self._vault = vault
        self.now = now

    def admit(self, rows: ir.Table) -> None:
        """Give an id to every customer of some rows; those who were erased get none.

        Args:
            rows: Staged rows that are right by themselves.
        """
        create_temporary(self._warehouse, PEOPLE, _PEOPLE)
        create_temporary(self._warehouse, CARDS, _CARDS)
        if not self._plan.customers:
            return
        with self._warehouse.keeping() as keep:
            named = keep(self._named(rows))
            names = self._warehouse.fetch(named.select("name")).column("name").to_pylist()
            ids = self._vault.assign(names, now=self.now)
            self.buried = sum(each is None for each in ids)
            found = pa.table({"name": pa.array(names, pa.string()), "person": pa.array(ids, pa.string())}, _FOUND)
            self._warehouse.con.register("incoming_people", found)
            known = self._warehouse.table("incoming_people")
            people = named.inner_join(known, "name").select(*_PEOPLE.names)
            append(self._warehouse, PEOPLE, people)
            self._warehouse.con.unregister("incoming_people")
        self._keep_own(ids)

    def _named(self, rows: ir.Table) -> ir.Table:
        """The different customers of the rows: namespace, customer as written, keyed name."""
        parts = []
        for field, numbers in self._plan.customers.items():
            taken = ibis.or_(*(rows[take_name(number)] for number in numbers))
            values = rows.filter(taken & rows[field].notnull()).select(customer=rows[field].cast("string"))
            parts.append(values.mutate(namespace=ibis.literal(self._plan.namespace(field))))
        every = (parts[0] if len(parts) == 1 else ibis.union(*parts)).distinct()
        names = ibis.cases(
            *(
                (every.namespace == space, self._vault.name_expression(space, every.customer))
                for space in {self._plan.namespace(field): None for field in self._plan.customers}
            )
        )
        return every.mutate(name=names).order_by("namespace", "customer")

    def _keep_own(self, ids: Sequence[str | None]) -> None:
        """Seal the identifier by which somebody is known, once for each person."""
        new = self._vault.lacking_card(OWN_CARD, (each for each in ids if each is not None))
        if not new:
            return
        table = self._warehouse.table(PEOPLE)
        table = table.filter(table.person.notnull()).select("person", "namespace", "customer")
        for batch in self._warehouse.ibis.to_pyarrow_batches(table, chunk_size=_CHUNK):
            rows = [row for row in batch.to_pylist() if row["person"] in new]
            cards = [json.dumps({"id": [[row["namespace"], row["customer"]]]}, ensure_ascii=False) for row in rows]
            self._vault.put_cards(OWN_CARD, [row["person"] for row in rows], cards)

    def without_buried(self, rows: ir.Table) -> ir.Table:
        """The rows that are not about somebody who was erased."""
        if not self.buried:
            return rows
        people = self._warehouse.table(PEOPLE)
        for field, numbers in self._plan.customers.items():
            gone = people.filter(people.person.isnull() & (people.namespace == self._plan.namespace(field)))
            taken = ibis.or_(*(rows[take_name(number)] for number in numbers))
            rows = rows.filter(~(taken & rows[field].notnull() & rows[field].cast("string").isin(gone.customer)))
        return rows

    def has_graves(self) -> bool:
        """Whether anybody was ever erased."""
        return self._vault.has_graves()

    def is_buried(self, raw: Mapping[str, object]) -> bool:
        """Whether a raw row names somebody who was erased, by any identifier that the source declares."""
        spaces = {field: self._plan.namespace(field) for field in self._plan.customers}
        spaces |= {field: name for name, field in self._plan.identifiers.items()}
        names: list[str] = []
        for field, space in spaces.items():
            value = raw.get(self._plan.columns[field][0]) if field in self._plan.columns else None
            if value is not None:
                text = str(value).strip()
                spellings = dict.fromkeys((str(value), text, text.lower(), text.removesuffix(".0")))
                names += [self._vault.name(space, each) for each in spellings]
        return bool(names) and bool(self._vault.buried(names))

    def veiled(
        self, rows: ir.Table, field: str, columns: Collection[ColumnShape], stored: Mapping[str, str]
    ) -> ir.Table:
        """Rows as the warehouse holds them: ids in place of customers, and what stands for personal values.

        Args:
            rows: With the customer as written in `customer_id`.
            field: The field that the customers come from.
            columns: The declared columns of the table.
            stored: Its stored columns and their types, in order.
        """
        people = self._warehouse.table(PEOPLE)
        people = people.filter((people.namespace == self._plan.namespace(field)) & people.person.notnull())
        people = people.select(habitue_written="customer", habitue_person="person")
        found = rows.inner_join(people, rows["customer_id"] == people.habitue_written)
        masks = {
            each.name: self._vault.mask_expression(each.name, _written(found, each))
            for each in columns
            if each.personal and _is_there(found, each)
        }
        found = found.mutate(customer_id=found.habitue_person, record_id=found.habitue_person, **masks)
        return in_order(found, stored)

    def note(self, rows: ir.Table, field: str, table: str, columns: Collection[ColumnShape]) -> None:
        """Hold what the rows of a table say that is personal, for the cards.

        Args:
            rows: With the customer as written in `customer_id`; events with their `event_id`.
            field: The field that the customers come from.
            table: The event table; empty for traits.
            columns: The declared columns of the table.
        """
        personal = [each for each in columns if each.personal and _is_there(rows, each)]
        if not personal:
            return
        said = ibis.struct({each.name: _written(rows, each) for each in personal})
        if table:
            grouped = rows.group_by("customer_id").agg(ids=rows["event_id"].collect(), said=said.collect())
            text, part = ibis.map(grouped.ids, grouped.said).cast("json").cast("string"), f"events {table}"
        else:
            grouped, text, part = rows, said.cast("json").cast("string"), "traits"
        self._append(grouped, field, part, text)

    def note_identifiers(self, rows: ir.Table) -> None:
        """Hold the further identifiers that customers' rows carry, for the cards."""
        for field, numbers in self._plan.customers.items():
            others = {space: each for space, each in self._plan.identifiers.items() if each != field}
            if not others:
                continue
            taken = ibis.or_(*(rows[take_name(number)] for number in numbers))
            mine = rows.filter(taken & rows[field].notnull())
            mine = mine.select(
                customer_id=mine[field].cast("string"),
                **{space: mine[each].cast("string") for space, each in others.items()},
            ).distinct()
            lists = {space: mine[space].collect(where=mine[space].notnull(), distinct=True) for space in others}
            grouped = mine.group_by("customer_id").agg(**lists)
            none = ibis.literal([], "array<string>")
            said = ibis.struct({space: ibis.coalesce(grouped[space], none) for space in others})
            self._append(grouped, field, "identifiers", said.cast("json").cast("string"))

    def _append(self, rows: ir.Table, field: str, part: str, said: ir.Value) -> None:
        fragments = rows.select(
            namespace=ibis.literal(self._plan.namespace(field)),
            customer=rows["customer_id"],
            part=ibis.literal(part),
            said=said,
        )
        append(self._warehouse, CARDS, fragments)

    def seal_cards(self) -> int:
        """Put everybody's card into the vault, in place of what the source said before; how many there are."""
        self._vault.drop_cards(self._plan.name)
        people, cards = self._warehouse.table(PEOPLE), self._warehouse.table(CARDS)
        joined = people.filter(people.person.notnull()).inner_join(cards, ["namespace", "customer"])
        rows = joined.select("person", "part", "said").order_by("person", "part")
        count = 0
        for persons, texts in _cards(self._warehouse.ibis.to_pyarrow_batches(rows, chunk_size=_CHUNK)):
            self._vault.put_cards(self._plan.name, persons, texts)
            count += len(persons)
        return count


def in_order(rows: ir.Table, stored: Mapping[str, str]) -> ir.Table:
    """The stored columns in their order; those that the source does not give are missing."""
    columns = [
        rows[name] if name in rows.columns else ibis.null(kind).cast(kind).name(name) for name, kind in stored.items()
    ]
    return rows.select(*columns)


def _is_there(rows: ir.Table, column: ColumnShape) -> bool:
    return column.name in rows.columns or f"{column.name}_lat" in rows.columns


def _written(rows: ir.Table, column: ColumnShape) -> ir.StringValue:
    """A personal value as text, in one spelling whatever its kind."""
    if column.kind is Kind.LOCATION:
        return rows[f"{column.name}_lat"].cast("string") + "," + rows[f"{column.name}_lon"].cast("string")
    value = rows[column.name]
    return value.cast("date").cast("string") if column.kind is Kind.DATE else value.cast("string")


def _cards(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[list[str], list[str]]]:
    """Persons and their cards, some thousands at a time, from rows in order of persons."""
    persons: list[str] = []
    parts: list[list[tuple[str, str]]] = []
    for batch in batches:
        for person, part, said in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if not persons or persons[-1] != person:
                if len(persons) >= _CHUNK:
                    yield persons, [_card(each) for each in parts]
                    persons, parts = [], []
                persons.append(person)
                parts.append([])
            parts[-1].append((part, said))
    if persons:
        yield persons, [_card(each) for each in parts]


def _card(parts: Sequence[tuple[str, str]]) -> str:
    """One card of JSON texts; the simple case, each part said once, is only put together."""
    names = [part for part, _ in parts]
    plain = [(part, said) for part, said in parts if not part.startswith("events ")]
    if len(set(names)) == len(names) and len(plain) == len(parts):
        return "{" + ", ".join(f'"{part}": {said}' for part, said in plain) + "}"
    card: dict[str, dict[str, object]] = {}
    for part, said in parts:
        kind, _, table = part.partition(" ")
        place = card.setdefault(kind, {})
        if table:
            inner = place.setdefault(table, {})
            if isinstance(inner, dict):
                inner.update(json.loads(said))
        elif kind == "identifiers":
            _add_lists(place, json.loads(said))
        else:
            place.update({name: value for name, value in json.loads(said).items() if value is not None})
    return json.dumps(card, ensure_ascii=False)


def _add_lists(place: dict[str, object], more: Mapping[str, list[str] | None]) -> None:
    for space, values in more.items():
        there = place.get(space)
        known = list(there) if isinstance(there, list) else []
        place[space] = [*known, *(each for each in values or () if each not in known)]
