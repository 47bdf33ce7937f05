"""How one feature or open trait is spread over the people of a segment, beside everybody: bars over the same edges."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, hidden_parts
from habitue.records import Kind
from habitue.rules.failures import RuleNameError
from habitue.run.answers import FEATURES
from habitue.run.features import show_feature
from habitue.run.segment_inside import people_inside
from habitue.run.viewing import hidden_sizes, segment_crowd
from habitue.run.workspace import Workspace

_MOST_VALUES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadBar:
    """One bar.

    Attributes:
        low: Its lower edge, or the value itself.
        high: Its upper edge; equal to `low` for a value.
        customers: Of the segment; None where that is hidden.
        everybody: Of all customers; None where that is hidden.
    """

    low: str
    high: str
    customers: int | None
    everybody: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSpread:
    """How something is spread over a segment.

    Attributes:
        segment: The segment.
        of: `feature.NAME` or `trait.NAME`.
        label: A few words for people.
        unit: What it counts.
        kind: Of its values.
        customers: Of the segment with a value; None where that is hidden.
        everybody: Of all customers with a value.
        bars: In order.
    """

    segment: str
    of: str
    label: str
    unit: str
    kind: Kind
    customers: int | None
    everybody: int | None
    bars: tuple[SpreadBar, ...]


def spread_segment(workspace: Workspace, access: Access, segment: str, of: str) -> SegmentSpread:
    """A feature or trait over a segment's people, and over everybody.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: The segment.
        of: `feature.NAME` or `trait.NAME`.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: There is no such segment, feature or open trait, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    space, _, name = of.partition(".")
    inside = people_inside(workspace, segment)
    if space == "feature":
        shown = show_feature(workspace, name)
        entry = shown.feature
        table = workspace.warehouse.table(FEATURES)
        edges = [(each.low, each.high) for each in shown.bins]
        label, unit, kind = entry.label, entry.unit, entry.kind
    else:
        kind = _open_trait(workspace, name)
        table, edges, label, unit = workspace.tables().customers, [], name.replace("_", " "), ""
    some = table.semi_join(inside, "customer_id")
    is_bars = kind.is_numeric and bool(edges) and any(low != high for low, high in edges)
    if is_bars:
        everybody, mine = (_binned(workspace, each, name, edges) for each in (table, some))
    else:
        edges = edges or [(each, each) for each in _frequent(workspace, table, name)]
        everybody, mine = (_by_value(workspace, each, name, [low for low, _ in edges]) for each in (table, some))
    return _seen(workspace, access, segment, of, edges, mine, everybody, (label, unit, kind))


def _seen(
    workspace: Workspace,
    access: Access,
    segment: str,
    of: str,
    edges: Sequence[tuple[str, str]],
    mine: Sequence[int],
    everybody: Sequence[int],
    said: tuple[str, str, Kind],
) -> SegmentSpread:
    gone: frozenset[int] = frozenset()
    gone_of_all: frozenset[int] = frozenset()
    if not access.sees_people:
        is_hidden = segment in hidden_sizes(segment_crowd(workspace)) or sum(mine) < LEAST_GROUP
        rest = [one - other for one, other in zip(everybody, mine, strict=True)]
        gone_of_all = hidden_parts(everybody)
        gone = frozenset(range(len(mine))) if is_hidden else hidden_parts(mine) | hidden_parts(rest) | gone_of_all
    label, unit, kind = said
    return SegmentSpread(
        segment=segment,
        of=of,
        label=label,
        unit=unit,
        kind=kind,
        customers=None if gone else sum(mine),
        everybody=None if gone_of_all else sum(everybody),
        bars=tuple(
            SpreadBar(
                low=low,
                high=high,
                customers=None if place in gone else mine[place],
                everybody=None if place in gone_of_all else everybody[place],
            )
            for place, (low, high) in enumerate(edges)
        ),
    )


def _open_trait(workspace: Workspace, name: str) -> Kind:
    traits = {
        each: kind
        for each, kind in workspace.project.catalogue.traits.items()
        if kind in (Kind.TEXT, Kind.BOOLEAN, Kind.INTEGER)
    }
    if name not in traits:
        raise RuleNameError(noun="open trait", name=name, known=traits, column=0, declare="Declare it in a contract.")
    return traits[name]


def _binned(workspace: Workspace, table: ir.Table, name: str, edges: Sequence[tuple[str, str]]) -> list[int]:
    """How many fall between each two edges; what lies outside is in the outermost."""
    low, high = float(edges[0][0]), float(edges[-1][1])
    width = (high - low) / len(edges)
    column = table[name].cast("float64")
    place = ((column - low) / width).floor().cast("int64")
    last = len(edges) - 1
    bounded = ibis.ifelse(place < 0, 0, ibis.ifelse(place > last, last, place))
    counted = table.filter(column.notnull()).group_by(place=bounded).aggregate(people=ibis._.count())
    found = {row["place"]: row["people"] for row in workspace.warehouse.fetch(counted).to_pylist()}
    return [found.get(number, 0) for number in range(len(edges))]


def _frequent(workspace: Workspace, table: ir.Table, name: str) -> list[str]:
    counted = table.filter(table[name].notnull()).group_by(value=table[name].cast("string"))
    rows = counted.aggregate(people=ibis._.count()).order_by(ibis.desc("people"), "value").limit(_MOST_VALUES)
    return [row["value"] for row in workspace.warehouse.fetch(rows).to_pylist()]


def _by_value(workspace: Workspace, table: ir.Table, name: str, values: Sequence[str]) -> list[int]:
    text = table[name].cast("string")
    rows = table.filter(text.isin(list(values))).group_by(value=text).aggregate(people=ibis._.count())
    found = {row["value"]: row["people"] for row in workspace.warehouse.fetch(rows).to_pylist()}
    return [found.get(value, 0) for value in values]
