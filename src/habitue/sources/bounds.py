"""Bounds and allowed values of contracts as constants of a kind."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.sources.spec import Bound


def is_bound(value: Bound, kind: Kind) -> bool:
    """Whether a contract's value can be held against values of a kind."""
    try:
        bound(value, kind)
    except ValueError:
        return False
    return True


def bound(value: Bound, kind: Kind) -> ir.Value:
    """A bound or allowed value as a constant that compares exactly with values of a kind.

    A time without an offset is UTC.

    Raises:
        ValueError: It is not a value of that kind.
    """
    if kind is Kind.TEXT:
        return ibis.literal(str(value), "string")
    if kind is Kind.BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError("neither true nor false")
        return ibis.literal(value, "boolean")
    if kind in (Kind.TIME, Kind.DATE):
        moment = datetime.fromisoformat(str(value))
        utc = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
        return ibis.literal(utc, "timestamp(6)")
    number = _number(value)
    if kind is Kind.NUMBER:
        return ibis.literal(float(number), "float64")
    return ibis.literal(number, "decimal(38, 10)")


def _number(value: Bound) -> Decimal:
    try:
        # The text of a truth value is no number, so that `true` is refused here.
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 27:
        raise ValueError("not a number that can be compared")
    return number
