"""The people of a segment as rows: by random id, since when they are in it, and some of their features."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from habitue.errors import did_you_mean
from habitue.govern.roles import Access, Permission
from habitue.records import Kind
from habitue.rules.failures import RuleNameError
from habitue.rules.nodes import Name
from habitue.rules.walking import walk
from habitue.run.answers import FEATURES
from habitue.run.segment_inside import people_inside
from habitue.run.segments import Members, list_members
from habitue.run.workspace import Workspace
from habitue.segments.memberships import MEMBERSHIPS

MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 12
_USUAL: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonColumn:
    """A column of the page.

    Attributes:
        of: `feature.NAME` or `trait.NAME`.
        label: A few words for people.
        unit: What it counts.
        kind: Of its values.
    """

    of: str
    label: str
    unit: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person.

    Attributes:
        customer: Internal id.
        since: The build that saw them enter; None where only the live reading knows.
        values: One for each column.
    """

    customer: str
    since: datetime | None
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """A page of a segment's people.

    Attributes:
        segment: The segment.
        as_of: The instant of who is in it.
        columns: What is shown of each.
        rows: By id.
        next_cursor: What to give as `cursor` for the next page; None on the last.
    """

    segment: str
    as_of: datetime
    columns: tuple[PersonColumn, ...]
    rows: tuple[PersonRow, ...]
    next_cursor: str | None


def people_of(
    workspace: Workspace,
    access: Access,
    segment: str,
    *,
    after: str | None = None,
    limit: int = MOST_ROWS,
    columns: Sequence[str] = (),
) -> PeoplePage:
    """A page of a segment's people with some features and open traits.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: The segment.
        after: The last id of the page before.
        limit: How many at most, up to 200.
        columns: `feature.NAME` or `trait.NAME`; by default those that its rule names, and the first features.

    Raises:
        RoleForbiddenError: The role sees no people.
        HabitueError: There is no such segment, feature or trait, or nothing was built yet.
    """
    access.need(Permission.SEE_PEOPLE)
    members = _members(workspace, segment, after, min(limit, MOST_ROWS))
    shown = _columns(workspace, segment, columns)
    values = _values(workspace, members.customers, shown)
    since = _since(workspace, segment, members.customers)
    return PeoplePage(
        segment=segment,
        as_of=members.as_of,
        columns=tuple(shown),
        rows=tuple(
            PersonRow(customer=each, since=since.get(each), values=values.get(each, (None,) * len(shown)))
            for each in members.customers
        ),
        next_cursor=members.next_cursor,
    )


def _members(workspace: Workspace, segment: str, after: str | None, limit: int) -> Members:
    """A page of members; of a segment that no build has answered for yet by its rule."""
    live = workspace.live_answers
    if workspace.history.last(segment) is not None or (live is not None and segment in live.sizes()):
        return list_members(workspace, segment, after=after, limit=limit)
    rows = people_inside(workspace, segment)
    rows = rows.filter(rows.customer_id > (after or ""))
    found = workspace.warehouse.fetch(rows.order_by("customer_id").limit(limit + 1)).column("customer_id").to_pylist()
    shown = tuple(found[:limit])
    cursor = shown[-1] if len(found) > limit else None
    return Members(segment=segment, as_of=workspace.as_of(), customers=shown, next_cursor=cursor)


def _columns(workspace: Workspace, segment: str, asked: Sequence[str]) -> list[PersonColumn]:
    project = workspace.project
    built = workspace.warehouse.table(FEATURES).schema() if FEATURES in workspace.warehouse.tables() else {}
    known: dict[str, PersonColumn] = {}
    for name, spec in project.features.items():
        if name in built:
            kind = Kind.NUMBER if built[name].is_numeric() else Kind.BOOLEAN if built[name].is_boolean() else Kind.TEXT
            known[f"feature.{name}"] = PersonColumn(of=f"feature.{name}", label=spec.label, unit=spec.unit, kind=kind)
    for name, kind in project.catalogue.traits.items():
        if kind not in (Kind.PERSONAL, Kind.LOCATION):
            known[f"trait.{name}"] = PersonColumn(of=f"trait.{name}", label=name.replace("_", " "), unit="", kind=kind)
    if not asked:
        rule = project.catalogue.segments[segment].rule
        named = [f"{each.space}.{each.name}" for each in walk(rule) if isinstance(each, Name)]
        wanted = [*(each for each in dict.fromkeys(named) if each in known), *known]
        return [known[each] for each in list(dict.fromkeys(wanted))[:_USUAL]]
    for each in asked:
        if each not in known:
            near = did_you_mean(each, known)
            raise RuleNameError(
                noun="feature or open trait", name=each, known=known, column=0, declare=near or "Declare it."
            )
    return [known[each] for each in list(dict.fromkeys(asked))[:_MOST_COLUMNS]]


def _values(
    workspace: Workspace, customers: Sequence[str], columns: Sequence[PersonColumn]
) -> dict[str, tuple[object, ...]]:
    found: dict[str, dict[str, object]] = {each: {} for each in customers}
    for space, table in (("feature", FEATURES), ("trait", "customers")):
        names = [each.of.partition(".")[2] for each in columns if each.of.startswith(f"{space}.")]
        if not names or table not in workspace.warehouse.tables():
            continue
        rows = workspace.warehouse.table(table)
        mine = rows.filter(rows.customer_id.isin(list(customers))).select("customer_id", *names) if customers else None
        for row in [] if mine is None else workspace.warehouse.fetch(mine).to_pylist():
            found[row["customer_id"]] |= {f"{space}.{name}": row[name] for name in names}
    return {customer: tuple(said.get(each.of) for each in columns) for customer, said in found.items()}


def _since(workspace: Workspace, segment: str, customers: Sequence[str]) -> dict[str, datetime]:
    if MEMBERSHIPS not in workspace.warehouse.tables() or not customers:
        return {}
    rows = workspace.warehouse.table(MEMBERSHIPS)
    mine = rows.filter(rows.segment == segment, rows.left_at.isnull(), rows.customer_id.isin(list(customers)))
    found = workspace.warehouse.fetch(mine.select("customer_id", "entered_at")).to_pylist()
    return {row["customer_id"]: row["entered_at"].replace(tzinfo=workspace.as_of().tzinfo) for row in found}
