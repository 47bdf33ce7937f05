"""Lists of customers by random id: of a segment, of any rule, or given by id, with open traits and figures.

Cost: one pass over the customers for a page, and the rule's own answer where one is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from habitue.errors import HabitueError, did_you_mean
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.records import Kind
from habitue.rules.batch import answer
from habitue.rules.words import describe
from habitue.run.answers import FEATURES
from habitue.run.auditing import note
from habitue.run.customer_values import shown_value
from habitue.run.timelines import CursorError
from habitue.run.workspace import NotBuiltError, Workspace
from habitue.segments.memberships import MEMBERSHIPS

LARGEST_LIST: Final = 200
MOST_COLUMNS: Final = 12
_USUAL_TRAITS, _USUAL_FIGURES = 2, 3
_TELLING: Final = ("recency_days", "frequency", "monetary")
"""The shipped figures that say most of somebody."""
_LAST_PLACE: Final = 10**9
_INCOMING: Final = "listed_customers"
_SHOWN: Final = "shown_customers"
_COUNTED: Final = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.MONEY})


class ListColumnError(HabitueError):
    """A list is asked for a column that there is not."""

    code = "LIST-COLUMN"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"No trait or figure is called {name[:60]!r}.",
            do=f"Did you mean {near!r}?" if near else "Name `trait.NAME` or `feature.NAME`.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Which customers, and what of them.

    Attributes:
        segment: Only members of this segment; empty for any.
        rule: Only customers for whom this holds; empty for any.
        ids: Only these; empty for any.
        columns: `trait.NAME` and `feature.NAME`; empty for the usual ones.
        sort: A column, `-` before it for the largest first; empty for the order of ids.
        after: `next_cursor` of the page before.
        limit: How many at most, up to 200.
    """

    segment: str = ""
    rule: str = ""
    ids: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sort: str = ""
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """One column of a list.

    Attributes:
        name: `trait.NAME` or `feature.NAME`.
        label: A few words for people.
        kind: Kind of its values.
        unit: Their unit; empty for none.
        personal: Whether values are shown as `~`.
    """

    name: str
    label: str
    kind: str
    unit: str
    personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCustomer:
    """One customer of a list, with a value for each of its columns."""

    customer: str
    values: tuple[object, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerList:
    """A page of customers.

    Attributes:
        as_of: The instant of the answers.
        words: Who they are, in words; empty for everybody.
        total: How many there are, on all pages.
        columns: What is shown of each.
        customers: The page.
        next_cursor: What to ask the next page with; None on the last.
        sortable: Every column that there is.
    """

    as_of: datetime
    words: str
    total: int
    columns: tuple[ListColumn, ...]
    customers: tuple[ListedCustomer, ...]
    next_cursor: str | None
    sortable: tuple[ListColumn, ...]


def list_customers(workspace: Workspace, access: Access, asked: ListAsked) -> CustomerList:
    """A page of customers by random id; personal traits as `~`; that it was looked at is in the audit log.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: Which customers, and what of them.

    Raises:
        RoleForbiddenError: The role sees no people.
        ListColumnError: There is no such column.
        CursorError: No answer gave the cursor.
        HabitueError: The segment or rule does not fit the project, or nothing was built yet.
    """
    access.need(Permission.SEE_PEOPLE)
    every = list_columns(workspace)
    columns = [_column(every, name) for name in asked.columns[:MOST_COLUMNS]] or _usual(every)
    start, limit = _start(asked.after), max(1, min(asked.limit, LARGEST_LIST))
    with _wanted(workspace, asked) as (wanted, as_of), workspace.warehouse.keeping() as keep:
        # What a rule holds for is counted, and then listed.
        kept = keep(wanted) if asked.rule else wanted
        total, ids = _page(workspace, kept, _sorting(every, asked.sort), start, limit)
    note(workspace, AuditAction.READ, about=f"customers list: {len(ids)}", actor=access.actor)
    values = _values(workspace, ids, columns)
    return CustomerList(
        as_of=as_of.astimezone(UTC),
        words=_words(workspace, asked),
        total=total,
        columns=tuple(columns),
        customers=tuple(ListedCustomer(customer=each, values=values[each]) for each in ids),
        next_cursor=str(start + len(ids)) if start + len(ids) < total and ids else None,
        sortable=tuple(every.values()),
    )


def list_columns(workspace: Workspace) -> dict[str, ListColumn]:
    """Everything that a list can show, by name."""
    found = {}
    for name, kind in workspace.project.catalogue.traits.items():
        if kind is not Kind.LOCATION:
            label, personal = name.replace("_", " "), kind is Kind.PERSONAL
            found[f"trait.{name}"] = ListColumn(
                name=f"trait.{name}", label=label, kind=kind.value, unit="", personal=personal
            )
    built = workspace.warehouse.table(FEATURES) if FEATURES in workspace.warehouse.tables() else None
    for name, spec in workspace.project.features.items():
        if built is not None and name in built.columns:
            kind_name = kind_of_column(built[name]).value
            label = spec.label or name.replace("_", " ")
            found[f"feature.{name}"] = ListColumn(
                name=f"feature.{name}", label=label, kind=kind_name, unit=spec.unit, personal=False
            )
    return found


def kind_of_column(column: ir.Column) -> Kind:
    """What a stored column holds."""
    kind = column.type()
    if kind.is_decimal():
        return Kind.MONEY
    if kind.is_boolean():
        return Kind.BOOLEAN
    if kind.is_integer():
        return Kind.INTEGER
    if kind.is_floating():
        return Kind.NUMBER
    return Kind.TIME if kind.is_timestamp() or kind.is_date() else Kind.TEXT


def _column(every: Mapping[str, ListColumn], name: str) -> ListColumn:
    if name not in every:
        raise ListColumnError(name, list(every))
    return every[name]


def _usual(every: Mapping[str, ListColumn]) -> list[ListColumn]:
    traits = [each for each in every.values() if each.name.startswith("trait.") and not each.personal]
    figures = [each for each in every.values() if each.name.startswith("feature.") and Kind(each.kind) in _COUNTED]
    first = [each for name in _TELLING for each in figures if each.name == f"feature.{name}"]
    chosen = first if len(first) >= _USUAL_FIGURES else figures
    return [*traits[:_USUAL_TRAITS], *chosen[:_USUAL_FIGURES]]


def _sorting(every: Mapping[str, ListColumn], sort: str) -> tuple[str, bool] | None:
    if not sort:
        return None
    column = _column(every, sort.removeprefix("-"))
    # The order of what stands for personal values would say something of them.
    if column.personal:
        raise ListColumnError(sort, [each.name for each in every.values() if not each.personal])
    return column.name, sort.startswith("-")


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= len(str(_LAST_PLACE))):
        raise CursorError
    return int(cursor)


@contextmanager
def _wanted(workspace: Workspace, asked: ListAsked) -> Iterator[tuple[ir.Table, datetime]]:
    """The ids asked for as a table of one column, and the instant of that answer."""
    customers = workspace.tables().customers.select("customer_id")
    as_of, live = workspace.as_of(), workspace.live_answers
    given: set[str] | None = set(asked.ids) or None
    if asked.segment:
        workspace.segment_rule(asked.segment)
        if live is not None and asked.segment in live.sizes():
            as_of, members = live.as_of(), set(live.members(asked.segment))
            given = members if given is None else given & members
        else:
            customers = customers.semi_join(_members(workspace, asked.segment), "customer_id")
    if asked.rule:
        holding = answer({"holds": workspace.rule(asked.rule)}, workspace.question())
        customers = customers.semi_join(holding.filter(holding.holds), "customer_id")
    if given is None:
        yield customers, as_of
        return
    with _incoming(workspace, _INCOMING, sorted(given)) as those:
        yield customers.semi_join(those, "customer_id"), as_of


@contextmanager
def _incoming(workspace: Workspace, name: str, ids: Sequence[str]) -> Iterator[ir.Table]:
    """Ids as a table of one column, customer_id: a hundred in a question take longer to word than to look up."""
    connection = workspace.warehouse.con
    connection.register(name, pa.table({"customer_id": pa.array(ids, pa.string())}))
    try:
        yield workspace.warehouse.table(name)
    finally:
        connection.unregister(name)


def _members(workspace: Workspace, segment: str) -> ir.Table:
    if workspace.history.last(segment) is None:
        raise NotBuiltError(f"The segment {segment!r} has")
    table = workspace.warehouse.table(MEMBERSHIPS)
    return table.filter(table.segment == segment, table.left_at.isnull())


def _page(
    workspace: Workspace, wanted: ir.Table, sorting: tuple[str, bool] | None, start: int, limit: int
) -> tuple[int, list[str]]:
    total = workspace.warehouse.count(wanted)
    if total <= start:
        return total, []
    order: list[ir.Value] = [wanted.customer_id]
    if sorting is not None:
        space, _, name = sorting[0].partition(".")
        held = workspace.warehouse.table(FEATURES) if space == "feature" else workspace.tables().customers
        side = held.select(sorted_id="customer_id", sorted_by=name)
        wanted = wanted.left_join(side, wanted.customer_id == side.sorted_id).drop("sorted_id")
        by = wanted.sorted_by
        order = [ibis.desc(by, nulls_first=False) if sorting[1] else ibis.asc(by, nulls_first=False)]
        order.append(wanted.customer_id)
    # The first so many are kept while reading, nothing is sorted.
    rows = wanted.order_by(order).limit(limit, offset=start).select("customer_id")
    ids = [str(each) for each in workspace.warehouse.fetch(rows).column("customer_id").to_pylist()]
    return total, ids


def _values(workspace: Workspace, ids: Sequence[str], columns: Sequence[ListColumn]) -> dict[str, tuple[object, ...]]:
    found: dict[str, dict[str, object]] = {each: {} for each in ids}
    tables = {"trait": workspace.tables().customers}
    if FEATURES in workspace.warehouse.tables():
        tables["feature"] = workspace.warehouse.table(FEATURES)
    personal = {each.name for each in columns if each.personal}
    for space, table in tables.items():
        names = [each.name.partition(".")[2] for each in columns if each.name.startswith(f"{space}.")]
        if not names or not ids:
            continue
        with _incoming(workspace, _SHOWN, ids) as those:
            wanted = table.select("customer_id", *names).semi_join(those, "customer_id")
            rows = workspace.warehouse.fetch(wanted)
        for row in rows.to_pylist():
            held = found[str(row["customer_id"])]
            for name in names:
                kind = Kind.PERSONAL if f"{space}.{name}" in personal else None
                held[f"{space}.{name}"] = shown_value(row[name], kind)
    return {each: tuple(held.get(column.name) for column in columns) for each, held in found.items()}


def _words(workspace: Workspace, asked: ListAsked) -> str:
    rule = asked.rule
    if asked.segment:
        named = f"segment.{asked.segment}"
        rule = f"{named} and ({rule})" if rule else named
    if not rule:
        return ""
    settings = workspace.project.settings
    zone = workspace.project.catalogue.zone
    return describe(workspace.rule(rule), noun=settings.noun, labels=workspace.labels(), zone=zone)
