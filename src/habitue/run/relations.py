"""Who lives with whom and who shares an account: one table that rules ask, made from what people's traits say.

Personal traits stand as masks in the warehouse; where the masks of anybody changed, every card is decrypted once, in
memory only, and compared as it was meant. What is kept says who belongs together and nothing of where or why: the id of
a group is made from the smallest id among its members.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from habitue.engines.warehouse import Warehouse
from habitue.govern.vault import Vault
from habitue.identity.households import ACCOUNT, HOUSEHOLD, Groups, accounts, households
from habitue.identity.rules import IdentityRules
from habitue.records import Kind
from habitue.run.marks import digest_of
from habitue.run.project import Project
from habitue.sources.progress import Progress, silent
from habitue.sources.shapes import CUSTOMERS

RELATIONS: Final = "relations"
_SCHEMA: Final = pa.schema([("relation", pa.string()), ("customer_id", pa.string()), ("group_id", pa.string())])
_CARDS_AT_ONCE: Final = 10_000
_SIGNS: Final = 16
_VERSION: Final = 1
_APART, _MISSING = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What making the table did.

    Attributes:
        rows: Members of groups of two or more.
        note: A few words for the table of a build's steps.
    """

    rows: int
    note: str


def relations_digest(project: Project, warehouse: Warehouse) -> str:
    """What groups are made from: the rules, and what everybody's traits say, personal ones by their masks."""
    rules = project.identity
    names = traits_of(rules)
    if not names:
        return ""
    customers = warehouse.table(CUSTOMERS)
    said = [customers[name].cast("string").fill_null(_MISSING) for name in ("customer_id", *names)]
    mark = reduce(lambda text, column: text + _APART + column, said).hash()
    marked = customers.select(mark=mark)
    figures = marked.aggregate(
        people=marked.count(), mixed=marked.mark.bit_xor(), summed=(marked.mark % 1_000_003).sum()
    )
    found = [str(each) for each in warehouse.fetch(figures).to_pylist()[0].values()]
    return digest_of([_VERSION, rules.household_by, rules.household_largest, rules.account_by, found])


def make_relations(project: Project, warehouse: Warehouse, vault: Vault, *, progress: Progress = silent) -> Related:
    """Make the table of who belongs together anew; an empty one where no relation is declared.

    Args:
        project: The declarations.
        warehouse: Holds one row per customer.
        vault: What masks stand for.
        progress: Told how far it is.
    """
    rules = project.identity
    parts, notes = [_SCHEMA.empty_table()], []
    names = traits_of(rules)
    people = _people(project, warehouse, vault, names, progress) if names else None
    if people is not None and rules.household_by:
        found = households(people, rules.household_by, key=_APART.encode(), largest=rules.household_largest)
        parts.append(_named(HOUSEHOLD, found))
        notes.append(_note(parts[-1], "households", found.too_large))
    if people is not None and rules.account_by:
        found = accounts(people, rules.account_by, key=_APART.encode())
        parts.append(_named(ACCOUNT, found))
        notes.append(_note(parts[-1], "accounts", found.too_large))
    table = pa.concat_tables(parts)
    warehouse.replace_rows(RELATIONS, table)
    return Related(rows=table.num_rows, note=", ".join(notes))


def traits_of(rules: IdentityRules) -> list[str]:
    """The traits that groups are made from, each once."""
    return list(dict.fromkeys([*rules.household_by, *([rules.account_by] if rules.account_by else [])]))


def ensure_relations(warehouse: Warehouse) -> ir.Table:
    """The table, made empty where there is none."""
    warehouse.ensure(RELATIONS, ibis.schema(dict.fromkeys(_SCHEMA.names, "string")))
    return warehouse.table(RELATIONS)


def drop_lonely(warehouse: Warehouse) -> None:
    """Take out who is alone in a group, as erasing the others leaves them: groups are of two or more."""
    if RELATIONS not in warehouse.tables():
        return
    rows = warehouse.table(RELATIONS)
    sizes = rows.group_by("relation", "group_id").aggregate(members=rows.count())
    several = rows.semi_join(sizes.filter(sizes.members > 1), ["relation", "group_id"])
    warehouse.replace_rows(RELATIONS, warehouse.fetch(several.order_by("relation", "group_id", "customer_id")))


def with_mates(warehouse: Warehouse, people: Collection[str]) -> set[str]:
    """Some people and everybody who is in a group with one of them."""
    found = set(people)
    if RELATIONS not in warehouse.tables() or not found:
        return found
    rows = warehouse.table(RELATIONS)
    groups = rows.filter(rows.customer_id.isin(sorted(found))).select("relation", "group_id").distinct()
    mates = rows.semi_join(groups, ["relation", "group_id"]).select("customer_id").distinct()
    return found | set(warehouse.fetch(mates).column("customer_id").to_pylist())


def mates_by_relation(warehouse: Warehouse, customer: str, names: Iterable[str]) -> dict[str, list[str]]:
    """The other members of one customer's group by each of some relations, sorted."""
    rows = ensure_relations(warehouse)
    found: dict[str, list[str]] = {}
    for name in names:
        mine = rows.filter(rows.relation == name, rows.customer_id == customer).select("relation", "group_id")
        others = rows.semi_join(mine, ["relation", "group_id"]).filter(rows.customer_id != customer)
        found[name] = sorted(warehouse.fetch(others.select("customer_id")).column("customer_id").to_pylist())
    return found


def _people(
    project: Project, warehouse: Warehouse, vault: Vault, names: Collection[str], progress: Progress
) -> pa.Table:
    """A row per customer with the clear text of some traits."""
    rows = warehouse.fetch(warehouse.table(CUSTOMERS).select("customer_id", *names).order_by("customer_id"))
    personal = [name for name in names if project.catalogue.traits[name] is Kind.PERSONAL]
    clear = _clear(vault, personal, progress)
    columns = {"customer_id": rows.column("customer_id")}
    for name in names:
        column = rows.column(name)
        if name in clear:
            column = pa.chunked_array([pa.array([clear[name].get(each) for each in column.to_pylist()], pa.string())])
        columns[name] = column.cast(pa.string())
    return pa.table(columns)


def _clear(vault: Vault, names: Collection[str], progress: Progress) -> dict[str, dict[str | None, str]]:
    """What each mask of some traits stands for, by trait."""
    found: dict[str, dict[str | None, str]] = {name: {} for name in names}
    if not names:
        return found
    total = vault.count()
    for number, (_, _, text) in enumerate(vault.cards()):
        if number % _CARDS_AT_ONCE == 0:
            progress("relations: reading records", number, total)
        given = json.loads(text).get("traits", {})
        for name in names:
            if given.get(name) is not None:
                value = str(given[name])
                found[name][vault.mask(name, value)] = value
    return found


def _named(relation: str, groups: Groups) -> pa.Table:
    """The members of groups of two or more, the groups named by the smallest id among them."""
    members = groups.table
    sizes = members.group_by("group_id").aggregate([("customer_id", "min"), ("customer_id", "count")])
    several = sizes.filter(pc.greater(sizes.column("customer_id_count"), 1))
    ids: Mapping[str, str] = {
        group: _group_id(relation, first)
        for group, first in zip(
            several.column("group_id").to_pylist(), several.column("customer_id_min").to_pylist(), strict=True
        )
    }
    kept = members.filter(pc.is_in(members.column("group_id"), value_set=pa.array(list(ids), pa.string())))
    names = pa.array([ids[each] for each in kept.column("group_id").to_pylist()], pa.string())
    heads = pa.array([relation] * kept.num_rows, pa.string())
    return pa.table([heads, kept.column("customer_id"), names], schema=_SCHEMA)


def _group_id(relation: str, first: str) -> str:
    return relation[0] + hashlib.sha256(f"{relation}|{first}".encode()).hexdigest()[:_SIGNS]


def _note(members: pa.Table, noun: str, too_large: int) -> str:
    count = len(pc.unique(members.column("group_id")))
    return f"{count:,} {noun}" + (f", {too_large:,} too large" if too_large else "")
