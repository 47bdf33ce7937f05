"""Faults in figures, single values, places and names, planted like those of `faults`."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import ibis
import ibis.expr.types as ir
import pytest

from habitue.records import Kind
from habitue.rules import batch, expressions, figures, leaves, lowering, places
from habitue.rules.catalogue import Catalogue
from habitue.rules.expressions import Resolve, Term
from habitue.rules.figures import Figure, FigureKind
from habitue.rules.nodes import (
    Aggregate,
    And,
    Arithmetic,
    Comparison,
    IsIn,
    Lower,
    Node,
    Not,
    Or,
    Regularly,
    Stopped,
    TextTest,
    Window,
)
from habitue.rules.scope import Scope
from habitue.rules.windows import MICROSECOND, Moment, Span
from tests.rules.faults import Fault, Plant, in_class, instead

_OTHER_ENDS: Final[dict[FigureKind, FigureKind]] = {"first": "latest", "latest": "first"}
_RIGHTLY_REDUCED: Final = vars(figures)["_reduced"]

# --- Figures ----------------------------------------------------------------------------------------------------------


def figure(change: Callable[[Figure], Figure], *, of: type = Aggregate) -> Plant:
    """A fault in which figures a term asks for."""
    right = figures.figures_of

    def planted(node: Aggregate | Regularly, moment: Moment) -> tuple[Figure, ...]:
        made = right(node, moment)
        return tuple(change(each) for each in made) if isinstance(node, of) else made

    return instead("figures_of", planted)


def _late(right: Figure) -> Figure:
    after = right.span.after and right.span.after - MICROSECOND
    return replace(right, span=Span(after=after, until=right.span.until - MICROSECOND))


def shared(ignored: str) -> Plant:
    """A fault that takes two figures for one although they differ."""
    names = [each for each in ("kind", "event", "property", "where", "span") if each != ignored]

    def key(one: Figure) -> tuple[object, ...]:
        return tuple(getattr(one, name) for name in names)

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Figure, "__eq__", lambda one, other: key(one) == key(other))
        monkeypatch.setattr(Figure, "__hash__", lambda one: hash(key(one)))

    return plant


def _unfilled(one: Figure, column: ir.Value, catalogue: Catalogue, *, right: Callable[..., ir.Value]) -> ir.Value:
    return column.cast("decimal(38, 4)") if one.kind == "sum" else right(one, column, catalogue)


def reduced(change: Callable[[ir.Table, Figure, ir.BooleanValue | None], ir.Value | None]) -> Plant:
    """A fault in the aggregate of a figure."""

    def planted(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value:
        made = change(rows, one, where)
        return _RIGHTLY_REDUCED(rows, one, where) if made is None else made

    return instead("_reduced", planted)


def _mean_for_sum(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value | None:
    return rows[one.property].mean(where=where) if one.kind == "sum" else None


def _money_in_floats(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value | None:
    column = rows[one.property] if one.kind == "sum" else rows.customer_id
    money = column.type().is_decimal()
    return (column.cast("float64") * 10).floor().sum(where=where) / 10 if money else None


def in_order(change: Callable[[list[ir.Value]], list[ir.Value]]) -> Plant:
    """A fault in which row is taken for the first."""
    right = vars(leaves)["_first_of_each"]
    return instead("_first_of_each", lambda rows, order: right(rows, change(order)))


def _other_end(right: Figure) -> Figure:
    return replace(right, kind=_OTHER_ENDS.get(right.kind, right.kind))


def _first_to_arrive(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value | None:
    order = ibis.struct({"occurred_at": rows.occurred_at, "position": -rows.position})
    return rows[one.property].argmax(order, where=where) if one.kind == "latest" else None


def _at_any_instant(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value | None:
    return rows[one.property].argmax(rows.position, where=where) if one.kind == "latest" else None


def _present(rows: ir.Table, one: Figure, where: ir.BooleanValue | None) -> ir.Value | None:
    if one.kind not in _OTHER_ENDS:
        return None
    there = rows[one.property].notnull()
    made: ir.Value = _RIGHTLY_REDUCED(rows, one, there if where is None else there & where)
    return made


FIGURE_FAULTS: Final = (
    Fault(
        what="a leaf is shared between two conditions",
        plant=shared("where"),
        rules=("count('Product Viewed', where=seconds == 1) > count('Product Viewed', where=seconds == 2)",),
    ),
    Fault(
        what="a leaf is shared between two windows",
        plant=shared("span"),
        rules=("count('{E}', last='1d') == count('{E}', last='7d')",),
    ),
    Fault(
        what="the condition on events is ignored",
        plant=figure(lambda right: replace(right, where=None)),
        rules=("count('Product Viewed', where=seconds == 1) >= {N}",),
    ),
    Fault(
        what="an average counts missing values",
        plant=figure(lambda right: replace(right, kind="count", property="") if right.kind == "values" else right),
        rules=("avg('Order Completed'.items) > {N}", "avg('Product Viewed'.price) == {N}"),
    ),
    Fault(
        what="periods are closed at the wrong end",
        plant=figure(_late, of=Regularly),
        rules=("regularly('{E}', every='{L}', periods=1, of=2)",),
    ),
    Fault(
        what="a sum of nothing is missing",
        plant=instead("figure_value", partial(_unfilled, right=figures.figure_value)),
        rules=("sum('Product Viewed'.price, last='{L}') < {N}",),
    ),
    Fault(what="a sum is an average", plant=reduced(_mean_for_sum), rules=("sum('Product Viewed'.price) > {N}",)),
    Fault(
        what="money is cut to tenths",
        plant=reduced(_money_in_floats),
        rules=("sum('Product Viewed'.price) == 0.0001", "sum('Product Viewed'.price) > 12.3"),
    ),
    Fault(
        what="of one instant the first to arrive is taken for the latest",
        plant=reduced(_first_to_arrive),
        rules=("latest('Product Viewed'.price) > {N}", "latest('Order Completed'.items) >= {N}"),
    ),
    Fault(
        what="the first event is taken for the latest",
        plant=figure(_other_end),
        rules=("latest('Product Viewed'.price) > {N}", "first('Order Completed'.items) >= {N}"),
    ),
    Fault(
        what="the event that arrived last is taken for the latest",
        plant=reduced(_at_any_instant),
        rules=("latest('Product Viewed'.price) > {N}", "latest('Order Completed'.items) >= {N}"),
    ),
    Fault(
        what="consent is told by position, not by time",
        plant=in_order(lambda order: order[::-1]),
        rules=("consent.marketing_email", "consent.profiling"),
    ),
    Fault(
        what="the latest present value is taken for the latest",
        plant=reduced(_present),
        rules=("exists(latest('Product Viewed'.price))", "exists(first('Order Completed'.items))"),
    ),
)

# --- Single values ----------------------------------------------------------------------------------------------------


def node_fault(of: type, change: Callable[[Node, Resolve, Callable[[Node, Resolve], Term]], Term]) -> Plant:
    """A fault in how one sort of node becomes an expression."""
    right = expressions.build

    def planted(node: Node, resolve: Resolve) -> Term:
        return change(node, resolve, right) if isinstance(node, of) else right(node, resolve)

    return instead("build", planted)


def _nots(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    """`not` of a comparison with a missing side is false."""
    if not isinstance(node, Not):
        return right(node, resolve)
    made = (~right(node.operand, resolve).expression).fill_null(ibis.literal(False))
    return Term(expression=made, kind=Kind.BOOLEAN)


def _swapped(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    return right(Or(parts=node.parts) if isinstance(node, And) else node, resolve)


def _others(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    made = right(node, resolve)
    loose = isinstance(node, IsIn) and node.negated
    return replace(made, expression=made.expression.fill_null(ibis.literal(True))) if loose else made


def _tested(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    if isinstance(node, TextTest) and node.kind == "contains":
        text = right(node.operand, resolve).expression
        return Term(expression=text.like(f"%{node.argument}%"), kind=Kind.BOOLEAN, condition=True)
    return right(node, resolve)


def _unlowered(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    return right(node.operand, resolve) if isinstance(node, Lower) else right(node, resolve)


def _divided(node: Node, resolve: Resolve, right: Callable[[Node, Resolve], Term]) -> Term:
    made = right(node, resolve)
    if not isinstance(node, Arithmetic) or node.op != "/":
        return made
    divisor = right(node.right, resolve).expression
    zero = ibis.ifelse(divisor == 0, ibis.literal(0.0), made.expression)
    return replace(made, expression=zero)


def _zero_for_missing(
    op: Comparison, left: Term, right: Term, *, compare: Callable[..., ir.BooleanValue]
) -> ir.BooleanValue:
    if not (left.kind.is_numeric and right.kind.is_numeric):
        return compare(op, left, right)
    sides = [replace(each, expression=each.expression.fill_null(0)) for each in (left, right)]
    return compare(op, *sides)


def _unequal_to_missing(
    op: Comparison, left: Term, right: Term, *, compare: Callable[..., ir.BooleanValue]
) -> ir.Value:
    made = compare(op, left, right)
    return made.fill_null(ibis.literal(True)) if op == "!=" else made


def _off_by_one(value: ir.NumericValue, *, below: Callable[[ir.NumericValue], ir.IntegerValue]) -> ir.IntegerValue:
    return below(value)


def _missing_first(order: ir.Value) -> ir.Value:
    sort = order.op().copy(nulls_first=True).to_expr()
    return ibis.rank().over(ibis.window(order_by=sort))


def _ties_apart(order: ir.Value) -> ir.Value:
    return ibis.row_number().over(ibis.window(order_by=order))


def _lower_stopped(node: Stopped, *, right: Callable[[Stopped], Node]) -> Node:
    return right(replace(node, after=node.after - 1))


def _change_of_all(node: Node, window: Window, *, right: Callable[[Node, Window], Node]) -> Node:
    return right(node, replace(window, newer=window.newer and window.newer + 1))


def _turned(**wrong: Comparison) -> Plant:
    signs: dict[str, Comparison] = {"below": "<", "at_most": "<=", "above": ">", "at_least": ">="}
    table = {**vars(batch)["_TURNED"], **{signs[name]: sign for name, sign in wrong.items()}}
    return in_class(batch, "_TURNED", table)


ELAPSED: Final = (
    "since(last_at('{E}')) > '{L}'",
    "since(last_at('{E}')) >= '{L}'",
    "since(first_at('{E}')) < '{L}'",
    "since(first_at('{E}')) <= '{L}'",
)
VALUE_FAULTS: Final = (
    Fault(
        what="a missing value compares as 0",
        plant=instead("compare", partial(_zero_for_missing, compare=expressions.compare)),
        rules=("trait.age < {N}", "latest('Product Viewed'.price) < {N}", "trait.credit >= 0"),
    ),
    Fault(
        what="a missing value is unequal to everything",
        plant=instead("compare", partial(_unequal_to_missing, compare=expressions.compare)),
        rules=("trait.country != 'a'", "trait.age != {N}"),
    ),
    Fault(what="`not` of missing is false", plant=node_fault(Not, _nots), rules=("not trait.age > {N}",)),
    Fault(what="`and` is `or`", plant=node_fault(And, _swapped), rules=("did('{E}') and trait.age > {N}",)),
    Fault(
        what="`not in` holds for missing", plant=node_fault(IsIn, _others), rules=("trait.country not in ['a', 'b']",)
    ),
    Fault(
        what="`contains` takes % and _ for wildcards",
        plant=node_fault(TextTest, _tested),
        rules=("contains(trait.country, '%')", "contains(trait.country, '_')"),
    ),
    Fault(what="`lower` does nothing", plant=node_fault(Lower, _unlowered), rules=("lower(trait.country) == 'de'",)),
    Fault(
        what="a division by 0 is 0",
        plant=node_fault(Arithmetic, _divided),
        rules=("{N} / trait.age < 2", "sum('Product Viewed'.seconds) / count('Product Viewed') >= 0"),
    ),
    Fault(
        what="numbers compare without rounding",
        plant=instead("rounded", lambda term: term.expression.cast("float64")),
        rules=("sum('Email Clicked'.weight) == 0.3", "trait.loyalty + 0.2 == 0.3", "trait.loyalty / 3 * 3 == 0.7"),
    ),
    Fault(
        what="results beyond their range stay",
        plant=instead("fitted", lambda value, _: value.cast("decimal(38, 4)")),
        rules=("trait.age + trait.age > 5", "trait.age * 4 != 4"),
    ),
    Fault(what="`>` of elapsed time includes its end", plant=_turned(above="<="), rules=ELAPSED),
    Fault(what="`>=` of elapsed time leaves out its end", plant=_turned(at_least="<"), rules=ELAPSED),
    Fault(what="`<` of elapsed time includes its end", plant=_turned(below=">="), rules=ELAPSED),
    Fault(
        what="a tie is told apart in a top",
        plant=instead("_ahead", _ties_apart),
        rules=("top(trait.credit, {N1})", "top(count('{E}'), {N1})"),
    ),
    Fault(
        what="customers without a value have a place",
        plant=instead("_ahead", _missing_first),
        rules=("percentile(trait.credit) >= 0.5", "top(trait.credit, {N1})"),
    ),
    Fault(
        what="a percentile leaves out those who are equal",
        plant=instead("per_mille_expression", partial(_off_by_one, below=places.below_expression)),
        rules=("percentile(count('{E}')) >= 0.5", "percentile(trait.credit) == 1"),
    ),
    Fault(
        what="a tile counts those who are equal",
        plant=instead("below_expression", partial(_off_by_one, below=places.per_mille_expression)),
        rules=("tile(count('{E}'), 3) >= 2", "tile(trait.credit, 4) == 1"),
    ),
    Fault(
        what="numbers are ranked without rounding",
        plant=instead("ranked", lambda term: term.expression),
        rules=("percentile(default(when(trait.loyalty > 0.5, trait.loyalty * 0 + 0.1 + 0.2), 0.3)) == 1",),
    ),
    Fault(
        what="`stopped` is a step early",
        plant=instead("_stopped", partial(_lower_stopped, right=vars(lowering)["_stopped"])),
        rules=("stopped('{E}', after='{L}')",),
    ),
    Fault(
        what="`change` leaves a gap between its halves",
        plant=instead("_in_window", partial(_change_of_all, right=vars(lowering)["_in_window"])),
        rules=("change(count('{E}'), last='{L}') <= {N}",),
    ),
    Fault(
        what="a purpose is not asked for",
        plant=in_class(Scope, "_with_purpose", lambda _self, typed, _purpose, _space: typed),
        rules=("segment.reachable", "exists(feature.spend_30d)"),
    ),
)
