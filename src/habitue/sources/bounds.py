"""Bounds and allowed values of contracts as values of a kind."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from habitue.records import Kind
from habitue.sources.spec import Bound


def is_bound(value: Bound, kind: Kind) -> bool:
    """Whether a contract's value can be held against values of a kind."""
    try:
        bound(value, kind)
    except ValueError:
        return False
    return True


def bound(value: Bound, kind: Kind) -> str | bool | datetime | float | Decimal:
    """A bound or allowed value as a value that compares exactly with those of a kind; times are UTC without a zone.

    A time without an offset is UTC.

    Raises:
        ValueError: It is not a value of that kind.
    """
    if kind is Kind.TEXT:
        return str(value)
    if kind is Kind.BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError("neither true nor false")
        return value
    if kind in (Kind.TIME, Kind.DATE):
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    number = _number(value)
    return float(number) if kind is Kind.NUMBER else number


def _number(value: Bound) -> Decimal:
    try:
        # The text of a truth value is no number, so that `true` is refused here.
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 27:
        raise ValueError("not a number that can be compared")
    return number
