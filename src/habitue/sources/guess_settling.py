"""One column per part: which of several candidates is the customer, the order, the time and the amount of a table."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from habitue.records import Kind
from habitue.sources.guess_columns import as_role, named
from habitue.sources.guess_headless import by_values
from habitue.sources.guess_values import ColumnGuess, ColumnRole, SampledTable
from habitue.sources.guess_words import is_generic_id, last_part, slug_of

R = ColumnRole
Columns = tuple[ColumnGuess, ...]
# From the figure that is the shop's income to those that are part of it; earlier is preferred.
_AMOUNT_ORDER = (
    "revenue",
    "umsatz",
    "sales",
    "turnover",
    "total",
    "gesamt",
    "grand",
    "amount",
    "betrag",
    "value",
    "gross",
)
_CLOSE = 0.02
_VAGUE = 0.85


def settle(table: SampledTable, columns: Sequence[ColumnGuess]) -> Columns:
    """At most one column in each of the parts a table can have only once; the others keep a humbler role."""
    found = tuple(columns)
    telling = {R.CUSTOMER, R.ANONYMOUS, R.EMAIL, R.AMOUNT, R.PRICE, R.ITEM, R.ORDER, R.SCORE, R.PAGE, R.CAMPAIGN}
    if not any(each.role in telling for each in found):
        found = by_values(table, found)
    steps: tuple[Callable[[Columns], Columns], ...] = (
        _settle_customer,
        lambda now: _settle_one(now, R.ORDER, R.TEXT),
        lambda now: _settle_one(now, R.ITEM, R.TEXT),
        _promote_time,
        lambda now: _settle_one(now, R.TIME, R.OTHER_TIME),
        lambda now: _settle_amount(table, now),
        lambda now: _settle_one(now, R.PRICE, R.NUMBER),
        lambda now: _settle_one(now, R.QUANTITY, R.NUMBER),
        _settle_names,
    )
    for step in steps:
        found = step(found)
    return named(found)


def with_role(columns: Columns, role: ColumnRole) -> list[ColumnGuess]:
    """The columns of one role, most confident first, then in file order."""
    return sorted((each for each in columns if each.role is role), key=lambda each: -each.confidence)


def replaced(columns: Columns, new: ColumnGuess) -> Columns:
    """The same columns with one of them taken for something else."""
    return tuple(new if each.column == new.column else each for each in columns)


def _settle_one(columns: Columns, role: ColumnRole, other: ColumnRole) -> Columns:
    """Keep the most confident column of a role."""
    candidates = with_role(columns, role)
    for each in candidates[1:]:
        reason = f"its name could say {role.value} too, but {candidates[0].column!r} fits better"
        new = as_role(each, other, confidence=0.6, reason=reason)
        kind = Kind.MONEY if role in (R.PRICE, R.AMOUNT) else new.kind
        columns = replaced(columns, replace(new, kind=kind))
    return columns


def _promote_time(columns: Columns) -> Columns:
    """Where no column is surely the row's time, the first whose name speaks of no deadline or delivery is."""
    others = [each for each in columns if each.role is R.OTHER_TIME and each.confidence <= _VAGUE]
    if with_role(columns, R.TIME) or not others:
        return columns
    return replaced(columns, as_role(others[0], R.TIME, confidence=0.75, reason="it is the likeliest time of the row"))


def _settle_customer(columns: Columns) -> Columns:
    """Who the row is about: a customer id, else an anonymous id, an e-mail address, or an id without a name."""
    candidates = with_role(columns, R.CUSTOMER)
    anonymous = with_role(columns, R.ANONYMOUS)
    if candidates:
        best = candidates[0]
        if anonymous and best.facts.filled < 0.5 and anonymous[0].facts.filled > best.facts.filled:
            columns = replaced(columns, as_role(best, R.ACCOUNT, confidence=0.7, reason="it is empty in most rows"))
            return _promoted(columns, anonymous[0], 0.7, "the customer's own id is empty in most rows")
        for each in candidates[1:]:
            reason = f"it names customers too, but {best.column!r} fits better"
            columns = replaced(columns, as_role(each, R.ACCOUNT, confidence=0.7, reason=reason))
        return columns
    if anonymous:
        return _promoted(columns, anonymous[0], 0.7, "no column names a known customer")
    emails = with_role(columns, R.EMAIL)
    acts = any(each.role in (R.TIME, R.AMOUNT, R.PRICE, R.ORDER) for each in columns)
    if emails and (acts or as_customer_list(columns) is None):
        return _promoted(columns, emails[0], 0.75, "no other column tells customers apart, and addresses do")
    return columns


def _promoted(columns: Columns, column: ColumnGuess, confidence: float, why: str) -> Columns:
    """The column taken for the customer."""
    return replaced(
        columns, as_role(column, R.CUSTOMER, confidence=confidence, reason=f"taken for the customer: {why}")
    )


def as_customer_list(columns: Columns, *, several_files: bool = False) -> Columns | None:
    """Take an id without a name (`ID`) for the customer where each row has its own; None when there is no such id.

    Several files of one list may name a customer once each.
    """
    for each in columns:
        own = each.facts.is_unique or (several_files and each.facts.filled >= 0.99 and each.facts.repeats <= 3)
        if own and is_generic_id(last_part(each.column)) and each.kind in (Kind.INTEGER, Kind.TEXT):
            reason = "each row has its own value and the name says identifier"
            return replaced(columns, as_role(each, R.CUSTOMER, confidence=0.6, reason=reason))
    return None


def _settle_amount(table: SampledTable, columns: Columns) -> Columns:
    """The figure that is the row's income, of several; price times quantity confirms it where both are there."""
    candidates = with_role(columns, R.AMOUNT)
    if len(candidates) < 2:
        return columns
    best = min(candidates, key=lambda each: (_preference(table, columns, each), columns.index(each)))
    rivals = ", ".join(repr(each.column) for each in candidates if each is not best)
    reason = f"of several amounts it is the likeliest income; the others are {rivals}"
    columns = replaced(columns, replace(best, confidence=0.65, reason=reason))
    for each in candidates:
        if each is not best:
            new = as_role(each, R.NUMBER, confidence=0.6, reason=f"an amount too, but {best.column!r} fits better")
            columns = replaced(columns, replace(new, kind=Kind.MONEY))
    return columns


def _preference(table: SampledTable, columns: Columns, column: ColumnGuess) -> int:
    """Where an amount stands in the order of preference; smaller is better."""
    if _is_product(table, columns, column):
        return -1
    slug = slug_of(column.column).replace("subtotal", "partly").replace("sub_total", "partly")
    return next((i for i, word in enumerate(_AMOUNT_ORDER) if word in slug), len(_AMOUNT_ORDER))


def _is_product(table: SampledTable, columns: Columns, amount: ColumnGuess) -> bool:
    """Whether the amount is (nearly always) price times quantity."""
    prices, quantities = with_role(columns, R.PRICE), with_role(columns, R.QUANTITY)
    if not prices or not quantities:
        return False
    triples = zip(*(table.cells(each.column) for each in (amount, prices[0], quantities[0])), strict=True)
    seen = hits = 0
    for total, price, quantity in triples:
        figures = [figure(cell, amount.facts.decimal) for cell in (total, price, quantity)]
        if figures[0] is None or figures[1] is None or figures[2] is None or figures[2] == 1:
            continue
        seen += 1
        hits += abs(figures[0] - figures[1] * figures[2]) <= _CLOSE
    return seen > 0 and hits >= 0.9 * seen


def figure(cell: str, decimal: str = ".") -> float | None:
    """The number in a cell, or None.

    Examples:
        >>> figure("1.234,50 €", ","), figure("x")
        (1234.5, None)
    """
    point = decimal or "."
    text = "".join(each for each in cell if each.isdigit() or each in f"-{point}").replace(point, ".")
    try:
        return float(text)
    except ValueError:
        return None


def _settle_names(columns: Columns) -> Columns:
    """A bare `name` in a table of items is the item's, not a person's."""
    has_item = any(each.role is R.ITEM for each in columns)
    has_customer = any(each.role is R.CUSTOMER for each in columns)
    if not has_item or has_customer:
        return columns
    for each in with_role(columns, R.PERSON_NAME):
        new = as_role(each, R.DESCRIPTION, confidence=0.8, reason="it stands beside items and no customers")
        columns = replaced(columns, replace(new, personal=False))
    return columns
