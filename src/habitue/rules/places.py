"""Places among all customers, and distances, as column expressions."""

import math

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.cuts import CutPoints
from habitue.rules.expressions import Term, literal, rounded, typed_null
from habitue.rules.nodes import Distance, Place

EARTH_RADIUS_KM = 6371.0088
_STEPS = 1000


def ranked(inner: Term) -> ir.NumericValue:
    """The value that is ranked: numbers to 9 significant decimals, whole numbers and money as they are."""
    return rounded(inner) if inner.kind is Kind.NUMBER else inner.expression


def per_mille_expression(value: ir.NumericValue) -> ir.IntegerValue:
    """The share of customers with a value who lie at or below this one, in whole thousandths, rounded down."""
    apart = value.isnull()
    above = ibis.rank().over(ibis.window(group_by=apart, order_by=ibis.desc(value)))
    having = value.count().over(ibis.window(group_by=apart))
    thousandths = ((having - above) * _STEPS).cast("int64") // having.nullif(0)
    return ibis.ifelse(apart, ibis.null("int64"), thousandths)


def place_expression(node: Place, inner: Term, cuts: CutPoints | None) -> Term:
    """The place of everybody: by given cut points, or else among the very customers of the table.

    Both give the same for the customers that the cut points were computed from.
    """
    value = ranked(inner)
    if node.kind == "top":
        return Term(expression=_top(value, node.n, inner.kind, cuts), kind=Kind.BOOLEAN)
    per_mille = per_mille_expression(value) if cuts is None else _looked_up(value, inner.kind, cuts)
    if node.kind == "percentile":
        return Term(expression=per_mille.cast("float64") / float(_STEPS), kind=Kind.NUMBER)
    # ceil(per_mille * n / 1000) in whole numbers, from 1 to n.
    tile = (per_mille * node.n + (_STEPS - 1)) // _STEPS
    tile = ibis.ifelse(tile < 1, ibis.literal(1, "int64"), tile.cast("int64"))
    return Term(expression=ibis.ifelse(value.isnull(), typed_null(Kind.INTEGER), tile), kind=Kind.INTEGER)


def _top(value: ir.NumericValue, n: int, kind: Kind, cuts: CutPoints | None) -> ir.BooleanValue:
    if cuts is not None and n in cuts.tops:
        return (value >= literal(cuts.tops[n], kind)).fill_null(False)
    above = ibis.rank().over(ibis.window(group_by=value.isnull(), order_by=ibis.desc(value)))
    return value.notnull() & (above < n)


def _looked_up(value: ir.NumericValue, kind: Kind, cuts: CutPoints) -> ir.IntegerValue:
    """A balanced tree of comparisons: ten deep for a thousand cut points."""
    steps = [ibis.literal(0, "int64"), *(ibis.literal(each, "int64") for each in cuts.per_mille)]
    bounds = [literal(each, kind) for each in cuts.values]

    def between(low: int, high: int) -> ir.IntegerValue:
        if low == high:
            return steps[low]
        middle = (low + high + 1) // 2
        return ibis.ifelse(value >= bounds[middle - 1], between(middle, high), between(low, middle - 1))

    return ibis.ifelse(value.isnull(), ibis.null("int64"), between(0, len(bounds)))


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
