"""Figures over events: what aggregate terms come down to, one grouped scan per event table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Literal

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue, EventShape
from habitue.rules.expressions import ANY_INTEGER, MONEY_RANGE, fitted, literal, row_term
from habitue.rules.nodes import Aggregate, Node, Regularly, Window
from habitue.rules.windows import Moment, Span, earlier, span_of

FigureKind = Literal["count", "sum", "values", "min", "max", "distinct", "first_at", "last_at", "first", "latest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One aggregate over a person's events of one name.

    Attributes:
        kind: `values` counts the events whose property is present; `first` and `latest` take it from the event at that
            end, present or not.
        event: Event name.
        property: Property it is about; empty for `count`, `first_at`, `last_at`.
        where: Condition on the event's own properties.
        span: Which events count.
    """

    kind: FigureKind
    event: str
    property: str = ""
    where: Node | None = None
    span: Span


def figures_of(node: Aggregate | Regularly, moment: Moment) -> tuple[Figure, ...]:
    """The figures from which a term's value follows, in a fixed order."""
    if isinstance(node, Regularly):
        spans = (
            Span(after=earlier(moment.now, (i + 1) * node.every), until=earlier(moment.now, i * node.every))
            for i in range(node.of)
        )
        return tuple(Figure(kind="count", event=node.event, where=node.where, span=span) for span in spans)
    span = span_of(node.window, moment)
    kinds: dict[str, tuple[FigureKind, ...]] = {
        "did": ("count",),
        "count": ("count",),
        "sum": ("sum",),
        "avg": ("sum", "values"),
        "min": ("min",),
        "max": ("max",),
        "distinct": ("distinct",),
        "first_at": ("first_at",),
        "last_at": ("last_at",),
        "first": ("first",),
        "latest": ("latest",),
    }
    return tuple(
        Figure(
            kind=kind,
            event=node.event,
            property="" if kind in ("count", "first_at", "last_at") else node.property,
            where=node.where,
            span=span,
        )
        for kind in kinds[node.kind]
    )


def within(table: ir.Table, span: Span) -> list[ir.BooleanValue]:
    """The conditions that keep an event table's rows of a span."""
    kept = [table.occurred_at <= literal(span.until, Kind.TIME)]
    if span.after is not None:
        kept.append(table.occurred_at > literal(span.after, Kind.TIME))
    return kept


def where_of(table: ir.Table, shape: EventShape, where: Node | None) -> list[ir.BooleanValue]:
    """The conditions that keep an event table's rows of a `where=`."""
    return [] if where is None else [row_term(where, table, shape.kind_of).expression]


def event_rows(table: ir.Table, shape: EventShape, where: Node | None, window: Window, moment: Moment) -> ir.Table:
    """The rows of an event table in a window that meet a condition."""
    return table.filter(*within(table, span_of(window, moment)), *where_of(table, shape, where))


def grouped(table: ir.Table, shape: EventShape, figures: Sequence[tuple[str, Figure]]) -> ir.Table:
    """One row per customer with a column per figure, from one scan of the event table.

    The scan takes only the time that some figure needs, and what all figures ask for is asked of the scan.
    """
    spans = [figure.span for _, figure in figures]
    reach = _reach(spans)
    conditions = {figure.where for _, figure in figures}
    shared = conditions.pop() if len(conditions) == 1 else None
    rows = table.filter(*within(table, reach), *where_of(table, shape, shared))
    aggregates = {name: _aggregate(rows, shape, figure, reach, shared) for name, figure in figures}
    return rows.group_by("customer_id").aggregate(**aggregates)


def _reach(spans: Iterable[Span]) -> Span:
    spans = list(spans)
    starts = [span.after for span in spans if span.after is not None]
    after = min(starts) if len(starts) == len(spans) else None
    return Span(after=after, until=max(span.until for span in spans))


def _aggregate(rows: ir.Table, shape: EventShape, figure: Figure, reach: Span, shared: Node | None) -> ir.Value:
    kept: list[ir.BooleanValue] = []
    if figure.span.until != reach.until:
        kept.append(rows.occurred_at <= literal(figure.span.until, Kind.TIME))
    if figure.span.after != reach.after and figure.span.after is not None:
        kept.append(rows.occurred_at > literal(figure.span.after, Kind.TIME))
    if figure.where is not shared:
        kept += where_of(rows, shape, figure.where)
    return _reduced(rows, figure, reduce(and_, kept) if kept else None)


def _reduced(rows: ir.Table, figure: Figure, where: ir.BooleanValue | None) -> ir.Value:
    if figure.kind == "count":
        return rows.count(where=where)
    column = rows[figure.property or "occurred_at"]
    match figure.kind:
        case "first":
            return column.argmin(_order(rows), where=where)
        case "latest":
            return column.argmax(_order(rows), where=where)
        case "sum" if column.type().is_integer():
            # In a type that no sum of 64-bit numbers overflows, on any engine.
            return column.cast(ANY_INTEGER).sum(where=where)
        case "sum":
            return column.sum(where=where)
        case "values":
            return column.count(where=where)
        case "min" | "first_at":
            return column.min(where=where)
        case "max" | "last_at":
            return column.max(where=where)
        case _:
            return column.nunique(where=where)


def _order(rows: ir.Table) -> ir.StructValue:
    """The place of each row in the order of events: no two are the same."""
    return ibis.struct({"occurred_at": rows.occurred_at, "position": rows.position})


def figure_value(figure: Figure, column: ir.Value, catalogue: Catalogue) -> ir.Value:
    """A figure's column after the join to all customers: nothing counted is 0, nothing seen is missing.

    A sum of numbers may not be finite; other sums that leave their range are null.
    """
    if figure.kind in ("count", "values", "distinct"):
        return column.fill_null(0)
    if figure.kind != "sum":
        return column
    kind = catalogue.events[figure.event].kind_of(figure.property)
    if kind is Kind.NUMBER:
        return column.fill_null(0.0)
    if kind is Kind.MONEY:
        return ibis.ifelse(column.isnull(), ibis.literal(0, MONEY_RANGE), fitted(column, Kind.MONEY))
    return ibis.ifelse(column.isnull(), ibis.literal(0, "int64"), fitted(column, Kind.INTEGER))
