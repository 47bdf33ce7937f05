"""The needs of a live reading as table expressions: one query each, reduced by the engine to what states keep."""

from collections.abc import Callable
from typing import Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.expressions import ANY_INTEGER, literal
from habitue.rules.figures import where_of
from habitue.rules.history import instant_of
from habitue.rules.live_needs import Form, Need
from habitue.rules.tables import Tables

_TIME: Final = dt.Timestamp(scale=6)
_SCORE_PARTS: Final = ("score", "decile", "low", "high")


def _shape(value: ir.Value, most: ir.Value) -> None:
    """The shape of an aggregate that keeps so many."""


_newest: Final[Callable[..., ir.Value]] = ibis.udf.agg.builtin(
    _shape, name="max", signature=((_TIME, dt.int64), dt.Array(_TIME))
)
"""The latest so many instants, the latest first."""


def rows_of(need: Need, tables: Tables, catalogue: Catalogue, *, cut: int | None = None) -> ir.Table | None:
    """What answers a need; None where the tables hold nothing of the sort.

    Every row begins with customer_id; then, by form: the traits; model and the parts of the score; clustering and
    label; purpose, given, at and position; a number; instants, the newest first; an instant; an amount and how many
    values it is of; or a list of rows in their order, each an instant, a position and the properties.

    Args:
        need: The question.
        tables: Where the answer comes from; only customers in `customers` are in it where that costs nothing.
        catalogue: The project's names.
        cut: Events at later positions are not seen; None for all.
    """
    match need.form:
        case Form.PEOPLE:
            there = [name for name in need.properties if name in tables.customers.columns]
            return tables.customers.select("customer_id", *there)
        case Form.SCORES if tables.scores is not None:
            scores = tables.scores
            return scores.filter(scores.model.isin(need.properties)).select("customer_id", "model", *_SCORE_PARTS)
        case Form.LABELS if tables.clusters is not None:
            labels = tables.clusters
            return labels.filter(labels.clustering.isin(need.properties)).select("customer_id", "clustering", "label")
        case Form.CONSENTS | Form.CONSENTS_AHEAD if tables.consents is not None:
            return _consents(need, tables.consents)
        case _ if need.event:
            return _events(need, _wanted(need, tables.events[need.event], catalogue, cut))
    return None


def _consents(need: Need, consents: ir.Table) -> ir.Table:
    rows = consents.filter(consents.purpose.isin(need.properties), *_between(need, consents))
    rows = rows.select("customer_id", "purpose", "given", at="occurred_at", position="position")
    if need.form is Form.CONSENTS_AHEAD:
        return rows
    order = [ibis.desc(rows.at), ibis.desc(rows.position)]
    place = ibis.row_number().over(ibis.window(group_by=["customer_id", "purpose"], order_by=order))
    ranked = rows.mutate(place=place)
    return ranked.filter(ranked.place == 0).drop("place")


def _wanted(need: Need, table: ir.Table, catalogue: Catalogue, cut: int | None) -> ir.Table:
    kept = [*_between(need, table), *where_of(table, catalogue.events[need.event], need.where)]
    if cut is not None:
        kept.append(table.position <= cut)
    if need.form in (Form.AMOUNT, Form.AMOUNTS):
        kept.append(table[need.properties[0]].notnull())
    return table.filter(*kept)


def _between(need: Need, table: ir.Table) -> list[ir.BooleanValue]:
    kept = []
    if need.after is not None:
        kept.append(table.occurred_at > literal(instant_of(need.after), Kind.TIME))
    if need.until is not None:
        kept.append(table.occurred_at <= literal(instant_of(need.until), Kind.TIME))
    return kept


def _events(need: Need, rows: ir.Table) -> ir.Table:
    each = rows.group_by("customer_id")
    match need.form:
        case Form.NUMBER:
            return each.aggregate(number=ibis.least(rows.count(), need.most))
        case Form.INSTANTS:
            return each.aggregate(instants=_newest(rows.occurred_at, need.most))
        case Form.EDGE:
            return each.aggregate(instant=rows.occurred_at.max() if need.latest else rows.occurred_at.min())
        case Form.AMOUNT:
            value = rows[need.properties[0]]
            value = value.cast(ANY_INTEGER) if value.type().is_integer() else value
            return each.aggregate(amount=value.sum(), number=value.count())
    row = _row(need, rows)
    if need.form is Form.END:
        return each.aggregate(rows=ibis.array([row.argmax(row) if need.latest else row.argmin(row)]))
    return each.aggregate(rows=row.collect().sort())


def _row(need: Need, rows: ir.Table) -> ir.StructValue:
    """An event as one value that sorts by its instant and its position, which no two share."""
    own = {f"p{i}": rows[name] for i, name in enumerate(need.properties)}
    return ibis.struct({"at": rows.occurred_at.cast(_TIME), "position": rows.position, **own})
