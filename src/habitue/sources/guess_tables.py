"""What one row of a table stands for, from the parts its columns play."""

from collections.abc import Callable
from dataclasses import dataclass

from habitue.records import Kind
from habitue.sources.guess_settling import Columns, as_customer_list
from habitue.sources.guess_values import ColumnGuess, ColumnRole, SampledTable, TableGuess, TableRole
from habitue.sources.guess_words import slug_of

R = ColumnRole
_TRAITS = frozenset(
    {R.EMAIL, R.PHONE, R.PERSON_NAME, R.ADDRESS, R.CITY, R.POSTCODE, R.REGION, R.COUNTRY, R.GENDER, R.BIRTH_DATE}
)
_PEOPLE_WORDS = ("customer", "user", "member", "kunde", "client", "people", "person", "household", "demographic", "crm")
_REDEEM_WORDS = ("redem", "redeem", "einloes")
_MAILING_WORDS = ("campaign", "mailing", "sent", "newsletter", "kampagne")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The parts of a table, asked for by name."""

    table: SampledTable
    columns: Columns

    def first(self, *roles: ColumnRole) -> ColumnGuess | None:
        """The most confident column of any of the roles."""
        found = [each for each in self.columns if each.role in roles]
        return max(found, key=lambda each: each.confidence) if found else None

    def has(self, *roles: ColumnRole) -> bool:
        """Whether every role has a column."""
        return all(any(each.role is role for each in self.columns) for role in roles)

    def has_any(self, *roles: ColumnRole) -> bool:
        """Whether one of the roles has a column."""
        return any(each.role in roles for each in self.columns)

    def named(self, words: tuple[str, ...]) -> bool:
        """Whether the file's name holds one of the words."""
        return any(word in slug_of(self.table.stem) for word in words)

    def is_unique(self, role: ColumnRole) -> bool:
        """Whether the column of a role has its own value in every row."""
        column = self.first(role)
        return column is not None and column.facts.is_unique


_Test = Callable[[_Seen], bool]


def _is_messages(seen: _Seen) -> bool:
    return seen.has(R.MESSAGE_TYPE, R.CUSTOMER) and seen.has_any(R.EVENT_NAME, R.TIME)


def _is_log(seen: _Seen) -> bool:
    return seen.has(R.EVENT_NAME, R.CUSTOMER, R.TIME)


def _is_reviews(seen: _Seen) -> bool:
    return seen.has(R.SCORE) and seen.has_any(R.CUSTOMER, R.ORDER) and not seen.has_any(R.PRICE, R.AMOUNT)


def _is_payments(seen: _Seen) -> bool:
    return seen.has(R.PAYMENT_TYPE, R.AMOUNT, R.ORDER) and not seen.has_any(R.CUSTOMER, R.ITEM)


def _is_redemptions(seen: _Seen) -> bool:
    told = seen.has(R.TIME) or seen.named(_REDEEM_WORDS)
    return seen.has(R.COUPON, R.CUSTOMER) and told and not seen.has_any(R.AMOUNT, R.PRICE, R.QUANTITY)


def _is_campaigns(seen: _Seen) -> bool:
    told = not seen.is_unique(R.CUSTOMER) or seen.named(_MAILING_WORDS)
    return seen.has(R.CAMPAIGN, R.CUSTOMER) and told and not seen.has_any(R.AMOUNT, R.PRICE, R.ORDER)


def _is_lines(seen: _Seen) -> bool:
    if not seen.has_any(R.PRICE, R.AMOUNT, R.QUANTITY):
        return False
    grouped = seen.has(R.ORDER) and not seen.is_unique(R.ORDER) and seen.has_any(R.ITEM, R.LINE_NUMBER)
    return grouped or seen.has(R.ITEM, R.CUSTOMER, R.TIME)


def _is_people(seen: _Seen) -> bool:
    if not seen.has(R.CUSTOMER) or not _one_row_each(seen):
        return False
    if seen.has(R.TIME) and seen.has_any(R.ORDER, R.ITEM):
        return False
    traits = sum(each.role in _TRAITS for each in seen.columns)
    described = traits >= 1 or len(seen.columns) >= 4 or not seen.has(R.TIME)
    bought = seen.has(R.TIME) and seen.has_any(R.AMOUNT, R.PRICE)
    return described and (not bought or seen.named(_PEOPLE_WORDS) or traits >= 2)


def _one_row_each(seen: _Seen) -> bool:
    """Whether a customer has one row, or one row per id that links to the customer."""
    linked = any(each.role is R.ACCOUNT and each.facts.is_unique for each in seen.columns)
    return seen.is_unique(R.CUSTOMER) or (linked and not seen.has(R.TIME))


def _is_orders(seen: _Seen) -> bool:
    return seen.has(R.CUSTOMER, R.TIME) and (seen.has_any(R.AMOUNT, R.PRICE) or seen.is_unique(R.ORDER))


def _is_pages(seen: _Seen) -> bool:
    return seen.has(R.PAGE, R.CUSTOMER)


def _is_items(seen: _Seen) -> bool:
    return seen.is_unique(R.ITEM) and not seen.has_any(R.CUSTOMER, R.ORDER)


def _is_something_done(seen: _Seen) -> bool:
    return seen.has(R.CUSTOMER, R.TIME)


def _is_lookup(seen: _Seen) -> bool:
    keys = [each for each in seen.columns if each.facts.is_unique and each.facts.kind in (Kind.TEXT, Kind.INTEGER)]
    return len(seen.columns) >= 2 and bool(keys)


_TESTS: tuple[tuple[TableRole, float, str, _Test], ...] = (
    (TableRole.MESSAGES, 0.95, "it has the fields of tracking calls: a type, an event and a user", _is_messages),
    (TableRole.EVENTS, 0.9, "each row names an event, a customer and a time", _is_log),
    (TableRole.REVIEWS, 0.9, "each row gives a score for an order or by a customer", _is_reviews),
    (TableRole.PAYMENTS, 0.85, "each row is a payment of some type for an order", _is_payments),
    (TableRole.ORDER_LINES, 0.95, "several rows share an order, each with an item or a price", _is_lines),
    (TableRole.REDEMPTIONS, 0.9, "each row ties a coupon to a customer", _is_redemptions),
    (TableRole.CUSTOMERS, 0.85, "each customer has one row that describes them", _is_people),
    (TableRole.ORDERS, 0.85, "each row has a customer, a time and an amount or an order of its own", _is_orders),
    (TableRole.PAGES, 0.85, "each row is a page and who saw it", _is_pages),
    (TableRole.CAMPAIGNS, 0.85, "each row ties a campaign to a customer", _is_campaigns),
    (TableRole.ITEMS, 0.9, "each item has one row that describes it", _is_items),
    (TableRole.EVENTS, 0.5, "each row has a customer and a time: something they did", _is_something_done),
)


def guess_table(table: SampledTable, columns: Columns) -> TableGuess:
    """What a row of one table stands for, before the other tables are looked at.

    Returns:
        A guess of role look-up or unknown when the table says nothing about customers by itself.
    """
    if not table.rows:
        return _made(table, columns, TableRole.UNKNOWN, 0.9, "it holds no rows")
    seen = _Seen(table, columns)
    for role, confidence, reason, holds in _TESTS:
        if holds(seen):
            return _made(table, columns, role, confidence, reason)
    listed = as_customer_list(columns, several_files=bool(table.also))
    if listed and not seen.has_any(R.CUSTOMER, R.ORDER, R.ITEM, R.TIME):
        reason = "each row has its own id, so each row is taken for one customer"
        return _made(table, listed, TableRole.CUSTOMERS, 0.5, reason)
    if _is_lookup(seen):
        return _made(table, columns, TableRole.LOOKUP, 0.6, "its rows describe something that other files may name")
    return _made(table, columns, TableRole.UNKNOWN, 0.6, _missing_sentence(seen))


def _missing_sentence(seen: _Seen) -> str:
    """Why a table cannot be used, and what would change that."""
    if not seen.has_any(R.CUSTOMER, R.TIME) and seen.has_any(R.ITEM, R.COUPON, R.CAMPAIGN, R.ORDER):
        return "no column tells customers apart and nothing in it happens at a time; another source may look it up"
    if not seen.has(R.CUSTOMER):
        return "no column tells customers apart; add one that holds a customer number or an e-mail address"
    return "no column says when something happened, and customers have several rows; add a column of times"


def _made(table: SampledTable, columns: Columns, role: TableRole, confidence: float, reason: str) -> TableGuess:
    """A table guess."""
    return TableGuess(table=table, role=role, confidence=confidence, reason=reason, columns=columns)
