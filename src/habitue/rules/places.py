"""Places among all customers, and distances, as column expressions."""

import math

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.cuts import PER_MILLE, CutPoints
from habitue.rules.expressions import Term, literal, rounded, value_of
from habitue.rules.nodes import Distance, Place

EARTH_RADIUS_KM = 6371.0088


def ranked(inner: Term) -> ir.NumericValue:
    """The value that is ranked: numbers to 9 significant decimals, whole numbers and money as they are."""
    return rounded(inner) if inner.kind is Kind.NUMBER else value_of(inner)


def per_mille_expression(value: ir.NumericValue) -> ir.IntegerValue:
    """The share of customers with a value who lie at or below this one, in whole thousandths, rounded down."""
    return _thousandths(value, value.count().over() - _ahead(ibis.desc(value)))


def below_expression(value: ir.NumericValue) -> ir.IntegerValue:
    """The share of customers with a value who lie strictly below this one, in whole thousandths, rounded down."""
    return _thousandths(value, _ahead(ibis.asc(value)))


def _ahead(order: ir.Value) -> ir.IntegerValue:
    """How many come before each in an order, those equal to it left out: missing values come last in either order."""
    return ibis.rank().over(ibis.window(order_by=order))


def _thousandths(value: ir.NumericValue, count: ir.IntegerValue) -> ir.IntegerValue:
    share = (count * PER_MILLE).cast("int64") // value.count().over().nullif(0)
    return ibis.ifelse(value.isnull(), ibis.null("int64"), share)


def place_expression(node: Place, inner: Term, cuts: CutPoints | None) -> Term:
    """The place of everybody: by given cut points, or else among the very customers of the table.

    Both give the same for the customers that the cut points were computed from.
    """
    value = ranked(inner)
    match node.kind:
        case "top":
            return Term(expression=_top(value, node.n, inner.kind, cuts), kind=Kind.BOOLEAN)
        case "percentile":
            per_mille = per_mille_expression(value) if cuts is None else _looked_up(value, inner.kind, cuts)
            return Term(expression=per_mille.cast("float64") / float(PER_MILLE), kind=Kind.NUMBER, short=True)
        case _:
            below = below_expression(value) if cuts is None else _looked_up(value, inner.kind, cuts, strictly=True)
            return Term(expression=(below * node.n // PER_MILLE + 1).cast("int64"), kind=Kind.INTEGER)


def _top(value: ir.NumericValue, n: int, kind: Kind, cuts: CutPoints | None) -> ir.BooleanValue:
    if cuts is not None and n in cuts.tops:
        return (value >= literal(cuts.tops[n], kind)).fill_null(False)
    return value.notnull() & (_ahead(ibis.desc(value)) < n)


def _looked_up(value: ir.NumericValue, kind: Kind, cuts: CutPoints, *, strictly: bool = False) -> ir.IntegerValue:
    """A balanced tree of comparisons: ten deep for a thousand cut points."""
    steps = [ibis.literal(0, "int64"), *(ibis.literal(each, "int64") for each in cuts.per_mille)]
    bounds = [literal(each, kind) for each in cuts.values]

    def between(low: int, high: int) -> ir.IntegerValue:
        if low == high:
            return steps[low]
        middle = (low + high + 1) // 2
        bound = bounds[middle - 1]
        reached = value > bound if strictly else value >= bound
        return ibis.ifelse(reached, between(middle, high), between(low, middle - 1))

    return ibis.ifelse(value.isnull(), ibis.null("int64"), between(0, len(bounds)))


def located(name: str, table: ir.Table) -> ir.BooleanValue:
    """Whether a location trait is there: both its latitude and its longitude."""
    return table[f"{name}_lat"].notnull() & table[f"{name}_lon"].notnull()


def distance_expression(node: Distance, table: ir.Table) -> ir.FloatingValue:
    """Great-circle distance in km by the haversine formula (R. W. Sinnott, Sky and Telescope 68, 1984)."""
    latitude, longitude = table[f"{node.place.name}_lat"], table[f"{node.place.name}_lon"]
    radians = math.pi / 180
    to_latitude, to_longitude = float(node.latitude), float(node.longitude)
    half_up = ((latitude - to_latitude) * (radians / 2)).sin()
    half_along = ((longitude - to_longitude) * (radians / 2)).sin()
    chord = half_up * half_up + (latitude * radians).cos() * math.cos(to_latitude * radians) * half_along * half_along
    bounded = ibis.ifelse(chord > 1, ibis.literal(1.0), chord)
    return bounded.sqrt().asin() * (2 * EARTH_RADIUS_KM)
