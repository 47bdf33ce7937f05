"""Conditions on one event, made ready: those on equality as keys to look up, the others as plain tests.

Almost every condition compares a property with a constant of its kind, which needs no more than the language of the
host; whatever else is asked goes the way of the one-person reading.
"""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from habitue.records import Kind
from habitue.rules.evaluation import Context, property_of, source_of
from habitue.rules.history import Happening, Value, instant_of
from habitue.rules.live_people import Properties
from habitue.rules.live_spelling import TURNED
from habitue.rules.nodes import And, Compare, Constant, IsIn, Node, Not, Or, Property
from habitue.rules.operations import constant_value

Test = Callable[[Properties, int], bool]
"""Whether an event of these properties that occurred at an instant (µs) meets a condition."""
Read = Callable[[Properties, int], Value | None]
_KEYED: Final = (Kind.TEXT, Kind.BOOLEAN)
_PLAIN: Final[Mapping[Kind, type]] = {
    Kind.TEXT: str, Kind.BOOLEAN: bool, Kind.INTEGER: int, Kind.MONEY: Decimal
}  # fmt: skip
"""Kinds whose values are compared as they are, with a constant of the same type."""
OPERATORS: Final[Mapping[str, Callable[[Value, Value], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge
}  # fmt: skip


class Keyed(NamedTuple):
    """A condition that holds only where a property has one of some values.

    Attributes:
        name: The property.
        values: One of these.
        rest: What has to hold beside it; None for nothing.
    """

    name: str
    values: tuple[Value, ...]
    rest: Node | None


def keyed(event: str, where: Node, context: Context) -> Keyed | None:
    """A condition as values to look up; None where it hangs on no equality."""
    match where:
        case And(parts=parts):
            for index, part in enumerate(parts):
                found = keyed(event, part, context)
                if found is not None:
                    rest = (*parts[:index], *(() if found.rest is None else (found.rest,)), *parts[index + 1 :])
                    return found._replace(rest=And(parts=rest) if rest else None)
        case (
            Compare(op="==", left=Property(name=name), right=Constant() as bound)
            | Compare(op="==", left=Constant() as bound, right=Property(name=name))
        ):
            if _is_plain(event, name, (bound,), context, _KEYED):
                return Keyed(name, (constant_value(bound),), None)
        case IsIn(operand=Property(name=name), options=options, negated=False):
            if _is_plain(event, name, options, context, _KEYED):
                return Keyed(name, tuple(dict.fromkeys(map(constant_value, options))), None)
    return None


def condition(event: str, where: Node, context: Context) -> Test:
    """A settled condition on the events of one name, made ready."""
    match where:
        case And(parts=parts):
            every = tuple(condition(event, each, context) for each in parts)
            return lambda properties, time: all(each(properties, time) for each in every)
        case Or(parts=parts):
            some = tuple(condition(event, each, context) for each in parts)
            return lambda properties, time: any(each(properties, time) for each in some)
        case Not(operand=operand):
            denied = condition(event, operand, context)
            return lambda properties, time: not denied(properties, time)
        case Compare(op=op, left=Constant() as bound, right=Property(name=name)):
            return _compared(event, where, name, TURNED.get(op, op), bound, context)
        case Compare(op=op, left=Property(name=name), right=Constant() as bound):
            return _compared(event, where, name, op, bound, context)
    return _asked(event, where, context)


def read_by(event: str, name: str, context: Context) -> Read:
    """The reader of one property of the events of one name, as the Python type of its kind."""
    row = property_of(event, name, context)
    plain = _PLAIN.get(context.catalogue.events[event].properties.get(name, Kind.TIME))

    def read(properties: Properties, time: int) -> Value | None:
        value = properties.get(name)
        if plain is not None and type(value) is plain:
            return value
        return row(Happening(occurred_at=instant_of(time), position=0, properties=properties))

    return read


def _compared(event: str, where: Node, name: str, op: str, bound: Constant, context: Context) -> Test:
    asked = _asked(event, where, context)
    if not _is_plain(event, name, (bound,), context, tuple(_PLAIN)):
        return asked
    compare, right = OPERATORS[op], constant_value(bound)
    plain = type(right)

    def test(properties: Properties, time: int) -> bool:
        value = properties.get(name)
        if type(value) is plain:
            return compare(value, right)
        return value is not None and asked(properties, time)

    return test


def _is_plain(
    event: str, name: str, constants: tuple[Constant, ...], context: Context, kinds: tuple[Kind, ...]
) -> bool:
    kind = context.catalogue.events[event].properties.get(name)
    return kind in kinds and all(type(constant_value(each)) is _PLAIN[kind] for each in constants)


def _asked(event: str, where: Node, context: Context) -> Test:
    row = source_of(event, where, context)

    def test(properties: Properties, time: int) -> bool:
        return row.holds(Happening(occurred_at=instant_of(time), position=0, properties=properties))

    return test
