"""How a table marks what was called off or sent back: prefixes of orders, negative figures, statuses, flags."""

import re
from collections import defaultdict
from dataclasses import dataclass

from habitue.records import Kind
from habitue.sources.guess_plans import TablePlan, both, either, one_of, quoted
from habitue.sources.guess_settling import figure
from habitue.sources.guess_values import Cancellation, ColumnGuess, ColumnRole

R = ColumnRole
_CANCEL = re.compile(r".*(?:cancel|storn|annul|void|unavailable|reject|declin|abgebrochen|anulad).*", re.IGNORECASE)
_REFUND = re.compile(r".*(?:return|refund|retour|erstatt|rembours|devol|chargeback|r(?:ue|ü)cksend).*", re.IGNORECASE)
_UNDONE = re.compile(r".*(?:cart|draft|abandon|unpaid|pending|entwurf|warenkorb|awaiting).*", re.IGNORECASE)
_PREFIX = re.compile(r"([A-Za-z]{1,3})[-_ ]?\d.*")
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What rows of purchases mean.

    Attributes:
        bought: Condition of a row that was bought and kept.
        meant: Condition of a row that was bought or sent back, so that its customer is one.
        marks: How returns and cancellations are told.
    """

    bought: str
    meant: str
    marks: Cancellation


def read_outcome(plan: TablePlan) -> Outcome:
    """What a row of orders or order lines means.

    Args:
        plan: The table with its fields.

    Returns:
        Conditions in the rule language over the plan's fields.
    """
    quantity, price, amount = (_figures(plan, role) for role in (R.QUANTITY, R.PRICE, R.AMOUNT))
    status, prefix = _by_status(plan), _by_prefix(plan, quantity or amount)
    negative = "" if prefix.refund else _by_sign(quantity, amount)
    refund = either(prefix.refund, negative, status.refund)
    unwanted = [f"not {prefix.refund}" if prefix.refund and " or " not in prefix.refund else ""]
    if prefix.refund and not unwanted[0]:
        unwanted = [f"not ({prefix.refund})"]
    size = [f"{quantity.field} > 0" if quantity else ""]
    if price and not amount:
        size.append(f"{price.field} > 0")
    if amount:
        size.append(f"{amount.field} >= 0")
    bought = both(*unwanted, _kept(plan), *size)
    reasons = [each for each in (prefix.reason, status.reason, _sign_reason(negative)) if each]
    marks = Cancellation(
        refund=refund,
        cancel=status.cancel,
        reason="; ".join(reasons),
        confidence=max((prefix.confidence, status.confidence, 0.8 if negative else 0.0)),
    )
    return Outcome(bought=bought, meant=either(refund, both(_kept(plan), *size)), marks=marks)


def _figures(plan: TablePlan, role: ColumnRole) -> ColumnGuess | None:
    """The table's own column of figures of a role."""
    found = plan.table.first(role)
    if found is None or found.kind is Kind.TEXT:
        return None
    return next(each for each in plan.own if each.column == found.column)


def _by_sign(quantity: ColumnGuess | None, amount: ColumnGuess | None) -> str:
    """The condition of a return where returns are negative figures; empty when none was seen."""
    for column in (quantity, amount):
        if column and column.facts.negatives > 0:
            return f"{column.field} < 0"
    return ""


def _sign_reason(condition: str) -> str:
    """Why negative figures mean returns."""
    return f"rows with {condition} are taken for returns" if condition else ""


def _by_prefix(plan: TablePlan, figures: ColumnGuess | None) -> Cancellation:
    """Returns told by letters before the order's number, whose rows are nearly all negative."""
    order = plan.table.first(R.ORDER)
    if order is None or figures is None or figures.facts.negatives == 0:
        return Cancellation()
    rows: dict[str, list[bool]] = defaultdict(list)
    plain = total = 0
    decimal = figures.facts.decimal
    table = plan.table.table
    for text, cell in zip(table.cells(order.column), table.cells(figures.column), strict=True):
        total += bool(text)
        plain += text.isdigit()
        if m := _PREFIX.fullmatch(text):
            rows[m[1]].append((figure(cell, decimal) or 0) < 0)
    found = [prefix for prefix, signs in rows.items() if len(signs) >= _FEW and sum(signs) >= 0.8 * len(signs)]
    if not found or plain < 0.5 * total:
        return Cancellation()
    field = next(each.field for each in plan.own if each.column == order.column)
    refund = either(*(f"startswith({field}, {quoted(prefix)})" for prefix in sorted(found)))
    share = sum(len(rows[prefix]) for prefix in found) / total
    words = " or ".join(quoted(each) for each in sorted(found))
    reason = f"{share:.1%} of the rows have an order that starts with {words}, nearly all with negative figures"
    return Cancellation(refund=refund, reason=reason, confidence=0.95)


def _by_status(plan: TablePlan) -> Cancellation:
    """Returns and cancellations told by a status or a flag."""
    for column in plan.all(R.CANCEL_FLAG):
        yes = _yes(column)
        if yes:
            reason = f"column {column.column!r} says so"
            if _REFUND.fullmatch(column.column):
                return Cancellation(refund=yes, reason=reason, confidence=0.9)
            return Cancellation(cancel=yes, reason=reason, confidence=0.9)
    status = plan.first(R.STATUS)
    if status is None or status.kind is not Kind.TEXT:
        return Cancellation()
    refunds = sorted(value for value in status.facts.counts if _REFUND.fullmatch(value))
    cancels = sorted(value for value in status.facts.counts if _CANCEL.fullmatch(value) and value not in refunds)
    if not refunds and not cancels:
        return Cancellation()
    return Cancellation(
        refund=one_of(status.field, refunds) if refunds else "",
        cancel=one_of(status.field, cancels) if cancels else "",
        reason=f"column {status.column!r} has the values {', '.join(map(repr, cancels + refunds))}",
        confidence=0.9,
    )


def _yes(column: ColumnGuess) -> str:
    """The condition that a flag is set; empty when its values are not known."""
    if column.kind is Kind.BOOLEAN:
        return f"{column.field} == True"
    return f"{column.field} == 1" if column.kind is Kind.INTEGER else ""


def _kept(plan: TablePlan) -> str:
    """The condition that a status or flag does not speak against a purchase."""
    for column in plan.all(R.CANCEL_FLAG):
        if yes := _yes(column):
            return f"not {yes}" if " or " not in yes else f"not ({yes})"
    status = plan.first(R.STATUS)
    if status is None or status.kind is not Kind.TEXT:
        return ""
    against = sorted(
        value
        for value in status.facts.counts
        if any(pattern.fullmatch(value) for pattern in (_CANCEL, _REFUND, _UNDONE))
    )
    return f"not {one_of(status.field, against)}" if against else ""
