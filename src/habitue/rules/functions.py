"""The functions of the language, by name: one table from a call in the text to its node."""

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal

from habitue.rules import terms
from habitue.rules.calls import Call
from habitue.rules.constants import read_constant
from habitue.rules.nodes import (
    Aggregate,
    AggregateKind,
    Bucket,
    Change,
    Days,
    Default,
    Distance,
    Exists,
    Followed,
    Lower,
    Name,
    Node,
    Place,
    Regularly,
    Relation,
    Sequence,
    Since,
    Stopped,
    TextTest,
    When,
)


def _over_event(kind: AggregateKind) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        (event,) = call.positional(1, 1, f"{call.name}('Order Completed', last='30d')")
        if isinstance(event, ast.Attribute):
            raise call.fail(f"{call.name}() is about the event itself.", "Name the event without a property.", event)
        found = call.keywords("where", *terms.WINDOW_KEYWORDS)
        return Aggregate(
            kind=kind,
            event=call.text(event, "the event"),
            where=call.where(found),
            window=call.window(found),
            column=call.column,
        )

    return read


def _over_property(kind: AggregateKind) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        (of,) = call.positional(1, 1, f"{call.name}('Order Completed'.revenue, last='30d')")
        if not isinstance(of, ast.Attribute):
            raise call.fail(
                f"{call.name}() needs a property of an event.", f"Write {call.name}('Order Completed'.revenue).", of
            )
        found = call.keywords("where", *terms.WINDOW_KEYWORDS)
        return Aggregate(
            kind=kind,
            event=call.text(of.value, "the event"),
            property=of.attr,
            where=call.where(found),
            window=call.window(found),
            column=call.column,
        )

    return read


def _sequence(call: Call) -> Node:
    steps = call.positional(2, terms.MOST_STEPS, "sequence('Product Viewed', 'Order Completed', within='24h')")
    found = call.keywords("within", "where", *terms.WINDOW_KEYWORDS, needed=("within",))
    return Sequence(
        events=tuple(call.text(each, "an event") for each in steps),
        within=call.duration(found["within"], "within="),
        where=call.where(found),
        window=call.window(found),
        column=call.column,
    )


def _followed(*, negated: bool) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        (event,) = call.positional(1, 1, f"{call.name}('Cart Viewed', by='Order Completed', within='2h')")
        found = call.keywords("by", "within", "on", "where", *terms.WINDOW_KEYWORDS, needed=("by", "within"))
        return Followed(
            event=call.text(event, "the event"),
            by=call.text(found["by"], "by="),
            within=call.duration(found["within"], "within="),
            on=call.text(found["on"], "on=") if "on" in found else "",
            where=call.where(found),
            window=call.window(found),
            negated=negated,
            column=call.column,
        )

    return read


def _stopped(call: Call) -> Node:
    (event,) = call.positional(1, 1, "stopped('Session', after='30d')")
    found = call.keywords("after", "where", needed=("after",))
    return Stopped(
        event=call.text(event, "the event"),
        after=call.duration(found["after"], "after="),
        where=call.where(found),
        column=call.column,
    )


def _regularly(call: Call) -> Node:
    (event,) = call.positional(1, 1, "regularly('Session', every='7d', periods=4, of=6)")
    found = call.keywords("every", "periods", "of", "where", needed=("every", "periods", "of"))
    of = call.number(found["of"], "of=", 1, terms.MOST_PERIODS)
    return Regularly(
        event=call.text(event, "the event"),
        every=call.duration(found["every"], "every="),
        periods=call.number(found["periods"], "periods=", 1, of),
        of=of,
        where=call.where(found),
        column=call.column,
    )


def _change(call: Call) -> Node:
    (inner,) = call.positional(1, 1, "change(count('Session'), last='30d')")
    found = call.keywords("last", needed=("last",))
    return Change(
        inner=call.reader.expression(inner, call.depth + 1),
        last=call.duration(found["last"], "last="),
        column=call.column,
    )


def _percentile(call: Call) -> Node:
    (inner,) = call.positional(1, 1, "percentile(feature.spend_365d)")
    call.keywords()
    return Place(kind="percentile", inner=call.reader.expression(inner, call.depth + 1), column=call.column)


def _top(call: Call) -> Node:
    inner, size = call.positional(2, 2, "top(feature.spend_365d, 1000)")
    call.keywords()
    n = call.number(size, "The size", 1, 10**9)
    return Place(kind="top", inner=call.reader.expression(inner, call.depth + 1), n=n, column=call.column)


def _tile(call: Call) -> Node:
    inner, tiles = call.positional(2, 2, "tile(feature.monetary, 5)")
    call.keywords()
    n = call.number(tiles, "The number of tiles", 2, terms.MOST_TILES)
    return Place(kind="tile", inner=call.reader.expression(inner, call.depth + 1), n=n, column=call.column)


def _related(kind: Literal["any", "all", "none"]) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        example = f"{kind}(household, did('Order Completed'))"
        group, condition = call.positional(2, 2, example)
        call.keywords()
        if not isinstance(group, ast.Name):
            raise call.fail(f"{kind}() needs a relation first, without quotes.", f"Write {example}.", group)
        inner = call.reader.expression(condition, call.depth + 1)
        return Relation(kind=kind, relation=group.id, condition=inner, column=call.column)

    return read


def _bucket(call: Call) -> Node:
    (salt,) = call.positional(1, 1, "bucket('autumn-test') < 5000")
    call.keywords()
    return Bucket(salt=call.text(salt, "a salt"), column=call.column)


def _distance(call: Call) -> Node:
    place, point = call.positional(2, 2, "distance_km(trait.location, (52.5, 13.4)) < 50")
    call.keywords()
    where = call.reader.expression(place, call.depth + 1)
    if not isinstance(where, Name) or where.space != "trait":
        raise call.fail(
            "distance_km() measures from a trait.", "Write distance_km(trait.location, (52.5, 13.4)).", place
        )
    if not isinstance(point, ast.Tuple) or len(point.elts) != 2:
        raise call.fail("The point is a latitude and a longitude.", "Write (52.5, 13.4).", point)
    degrees = [read_constant(each, call.reader.column(each)).value for each in point.elts]
    latitude, longitude = (Decimal(each) if isinstance(each, int | Decimal) else Decimal(999) for each in degrees)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise call.fail("Latitude goes from -90 to 90, longitude from -180 to 180.", "Write (52.5, 13.4).", point)
    return Distance(place=where, latitude=latitude, longitude=longitude, column=call.column)


def _text_test(kind: Literal["contains", "startswith", "endswith", "matches"]) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        operand, argument = call.positional(2, 2, f"{kind}(trait.city, 'ber')")
        call.keywords()
        return TextTest(
            kind=kind,
            operand=call.reader.expression(operand, call.depth + 1),
            argument=call.text(argument, "the other text"),
            column=call.column,
        )

    return read


def _one_operand(made: Callable[[Node, int], Node], example: str) -> Callable[[Call], Node]:
    def read(call: Call) -> Node:
        (operand,) = call.positional(1, 1, example)
        call.keywords()
        return made(call.reader.expression(operand, call.depth + 1), call.column)

    return read


def _default(call: Call) -> Node:
    operand, fallback = call.positional(2, 2, "default(trait.country, 'unknown')")
    call.keywords()
    return Default(
        operand=call.reader.expression(operand, call.depth + 1),
        fallback=read_constant(fallback, call.reader.column(fallback)),
        column=call.column,
    )


def _when(call: Call) -> Node:
    condition, value = call.positional(2, 2, "when(did('Order Completed'), sum('Order Completed'.revenue))")
    call.keywords()
    return When(
        condition=call.reader.expression(condition, call.depth + 1),
        value=call.reader.expression(value, call.depth + 1),
        column=call.column,
    )


_ANYWHERE: Final[dict[str, Callable[[Call], Node]]] = {
    "contains": _text_test("contains"),
    "startswith": _text_test("startswith"),
    "endswith": _text_test("endswith"),
    "matches": _text_test("matches"),
    "lower": _one_operand(lambda node, column: Lower(operand=node, column=column), "lower(trait.city)"),
    "exists": _one_operand(lambda node, column: Exists(operand=node, column=column), "exists(trait.city)"),
    "default": _default,
    "when": _when,
}
ROW_FUNCTIONS: Final = _ANYWHERE
FUNCTIONS: Final[dict[str, Callable[[Call], Node]]] = {
    **_ANYWHERE,
    "did": _over_event("did"),
    "count": _over_event("count"),
    "first_at": _over_event("first_at"),
    "last_at": _over_event("last_at"),
    "sum": _over_property("sum"),
    "avg": _over_property("avg"),
    "min": _over_property("min"),
    "max": _over_property("max"),
    "distinct": _over_property("distinct"),
    "mode": _over_property("mode"),
    "first": _over_property("first"),
    "latest": _over_property("latest"),
    "sequence": _sequence,
    "followed": _followed(negated=False),
    "unfollowed": _followed(negated=True),
    "stopped": _stopped,
    "regularly": _regularly,
    "change": _change,
    "percentile": _percentile,
    "tile": _tile,
    "top": _top,
    "any": _related("any"),
    "all": _related("all"),
    "none": _related("none"),
    "bucket": _bucket,
    "distance_km": _distance,
    "since": _one_operand(lambda node, column: Since(moment=node, column=column), "since(last_at('Session'))"),
    "days": _one_operand(lambda node, column: Days(duration=node, column=column), "days(since(last_at('Session')))"),
}
