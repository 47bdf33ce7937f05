"""Which column is which when no header says so: from the shape of the values and their order alone."""

import re
from collections.abc import Sequence
from dataclasses import replace

from habitue.records import Kind
from habitue.sources.guess_columns import as_role
from habitue.sources.guess_values import ColumnGuess, ColumnRole, SampledTable

_SURE = 0.55
_FIELDS = {
    ColumnRole.TIME: "time",
    ColumnRole.AMOUNT: "amount",
    ColumnRole.QUANTITY: "quantity",
    ColumnRole.CUSTOMER: "customer_number",
    ColumnRole.ORDER: "order_number",
}
_PADDED = re.compile(r"0\d+")


def by_values(table: SampledTable, columns: Sequence[ColumnGuess]) -> tuple[ColumnGuess, ...]:
    """Roles for a table of purchases whose columns have no telling names; unchanged when it does not look like one.

    A purchase has a time, an amount (the last column of numbers with decimals), perhaps a small whole number of
    pieces, and the customer: the first column of ids that repeat.
    """
    time = next((each for each in columns if each.role is ColumnRole.TIME), None)
    amounts = [each for each in columns if each.role is ColumnRole.NUMBER and each.facts.decimals > 0]
    ids = [each for each in columns if _is_id(each) and each not in amounts]
    if time is None or not amounts or not ids:
        return tuple(columns)
    amount = amounts[-1]
    customer = ids[0]
    chosen = {
        time.column: (ColumnRole.TIME, "it is the only column of times"),
        amount.column: (ColumnRole.AMOUNT, "it is the last column of figures with decimals"),
        customer.column: (ColumnRole.CUSTOMER, "it is the first column of ids that come again"),
    }
    for other in ids[1:]:
        chosen[other.column] = _second(table, customer, other)
    pieces = [each for each in columns if _is_count(each) and each.column not in chosen]
    if pieces:
        chosen[pieces[-1].column] = (ColumnRole.QUANTITY, "it holds small whole numbers beside an amount")
    return tuple(_renamed(each, *chosen[each.column]) if each.column in chosen else each for each in columns)


def _renamed(column: ColumnGuess, role: ColumnRole, reason: str) -> ColumnGuess:
    """The column in its role, with a field name that says so."""
    found = as_role(column, role, confidence=_SURE, reason=f"the file has no header; {reason}")
    return replace(found, field=_FIELDS.get(role, column.field))


def _is_id(column: ColumnGuess) -> bool:
    """Whether values look like the numbers of something: padded with zeros, or many that come again."""
    facts = column.facts
    if facts.kind not in (Kind.TEXT, Kind.INTEGER) or facts.words >= 2 or facts.decimals or facts.distinct < 2:
        return False
    padded = sum(n for value, n in facts.counts.items() if _PADDED.fullmatch(value))
    many = facts.distinct > 50 and facts.negatives == 0 and facts.distinct >= 0.02 * facts.rows
    return padded >= 0.02 * facts.rows or many


def _is_count(column: ColumnGuess) -> bool:
    """Whether values look like a number of pieces."""
    return column.facts.kind is Kind.INTEGER and column.facts.distinct <= 500 and column.role is ColumnRole.NUMBER


def _second(table: SampledTable, customer: ColumnGuess, other: ColumnGuess) -> tuple[ColumnRole, str]:
    """What a second column of ids is: another number of the same customers, or orders within them."""
    pairs = set(zip(table.cells(customer.column), table.cells(other.column), strict=True))
    if len(pairs) <= 1.01 * max(customer.facts.distinct, other.facts.distinct) and _alike(customer, other):
        return ColumnRole.ACCOUNT, f"each of its ids stands beside one of {customer.column!r}: the same customers"
    if len(pairs) <= 1.01 * other.facts.distinct:
        return ColumnRole.ORDER, f"each of its ids belongs to one id of {customer.column!r}"
    return ColumnRole.TEXT, "it is a second column of ids"


def _alike(one: ColumnGuess, two: ColumnGuess) -> bool:
    """Whether two columns have (nearly) the same number of different values."""
    return abs(one.facts.distinct - two.facts.distinct) <= 0.01 * max(one.facts.distinct, two.facts.distinct)
