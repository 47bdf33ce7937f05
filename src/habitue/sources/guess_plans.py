"""What a guessed table becomes: fields, events, traits and attributes, before anything is written as YAML."""

import keyword
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from habitue.records import Kind
from habitue.sources.guess_values import ColumnGuess, ColumnRole, Guess, Link, TableGuess, TableRole
from habitue.sources.spec import RESERVED

R = ColumnRole
_TIME_FIELDS = {
    TableRole.ORDERS: "ordered_at",
    TableRole.ORDER_LINES: "ordered_at",
    TableRole.PAYMENTS: "paid_at",
    TableRole.REVIEWS: "reviewed_at",
    TableRole.CAMPAIGNS: "sent_at",
    TableRole.REDEMPTIONS: "redeemed_at",
}
_FIELDS = {
    R.CUSTOMER: "customer",
    R.ORDER: "order_id",
    R.ITEM: "product_id",
    R.QUANTITY: "quantity",
    R.PRICE: "price",
    R.AMOUNT: "amount",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of an event, a trait of a customer or an attribute of an item.

    Attributes:
        name: Its name in the project.
        source: The field or aggregate that it takes its value from.
        kind: What it holds.
        role: What it was guessed to be.
        personal: Identifies or describes a person directly.
        required: The contract asks for it.
        never_negative: The contract asks for zero or more.
        values: The sampled values and how often they occur; empty for figures.
    """

    name: str
    source: str
    kind: Kind
    role: ColumnRole = R.TEXT
    personal: bool = False
    required: bool = False
    never_negative: bool = False
    values: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """One kind of event that a table makes.

    Attributes:
        event: Its name.
        label: What it means, in words.
        when: Row condition; empty for every row.
        per: Field whose equal values make one event; empty for one event per row.
        time: Field that says when.
        properties: What it carries.
        explodes: Property holding a list, and the event that each of its entries is; empty for none.
    """

    event: str
    label: str
    when: str = ""
    per: str = ""
    time: str
    properties: tuple[Property, ...] = ()
    explodes: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectPlan:
    """Customers or items that a table describes.

    Attributes:
        key: Field of the id.
        when: Row condition; empty for every row.
        as_of: Field whose latest value decides between rows; empty for the order of the file.
        properties: Traits or attributes.
    """

    key: str
    when: str = ""
    as_of: str = ""
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """What one table becomes.

    Attributes:
        name: The source's name.
        table: The guess it rests on.
        own: Its columns that are kept, with their final field names.
        joined: The columns of each look-up, with their final field names.
        required: Fields without which a row goes to the failed lane.
        derive: Derived fields and their expressions.
        events: What rows become.
        customers: What rows say about customers.
        items: What rows say about items.
    """

    name: str
    table: TableGuess
    own: tuple[ColumnGuess, ...]
    joined: tuple[tuple[Link, tuple[ColumnGuess, ...]], ...] = ()
    required: frozenset[str] = frozenset()
    derive: tuple[tuple[str, str], ...] = ()
    events: tuple[EventPlan, ...] = ()
    customers: SubjectPlan | None = None
    items: SubjectPlan | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def fields(self) -> tuple[ColumnGuess, ...]:
        """Every column with a field, the table's own first."""
        return (*self.own, *(each for _, brought in self.joined for each in brought))

    def first(self, *roles: ColumnRole) -> ColumnGuess | None:
        """The first field of any of the roles, the table's own first."""
        for group in (self.own, *(brought for _, brought in self.joined)):
            found = [each for each in group if each.role in roles]
            if found:
                return max(found, key=lambda each: each.confidence)
        return None

    def all(self, *roles: ColumnRole) -> list[ColumnGuess]:
        """Every field of the roles."""
        return [each for each in self.fields if each.role in roles]


def begin(table: TableGuess, guess: Guess, name: str) -> TablePlan:
    """The plan of a table with its fields named, and nothing made of them yet."""
    taken: set[str] = set()
    time_field = _TIME_FIELDS.get(table.role, "happened_at")
    needed = {link.on for link in table.links}
    keep = [each for each in table.columns if _is_kept(each, needed)]
    own = _named(keep, taken, "" if table.role is TableRole.CUSTOMERS else time_field)
    joined: Joined = []
    for link in table.links:
        target = guess.table(link.table)
        brought = [target.column(raw) for raw in link.columns]
        named = _named(brought, taken, "" if any(c.role is R.TIME for c in own) else time_field)
        joined.append((link, named))
        own, joined = _translated(link, own, joined)
    return TablePlan(name=name, table=table, own=own, joined=tuple(joined))


Joined = list[tuple[Link, tuple[ColumnGuess, ...]]]


def _translated(link: Link, own: tuple[ColumnGuess, ...], joined: Joined) -> tuple[tuple[ColumnGuess, ...], Joined]:
    """The fields with a category's looked-up name as the category, and what was looked up as a mere text."""

    def demoted(columns: tuple[ColumnGuess, ...]) -> tuple[ColumnGuess, ...]:
        return tuple(replace(each, role=R.TEXT) if each.column == link.on else each for each in columns)

    before = [*own, *(each for _, brought in joined[:-1] for each in brought)]
    if not any(each.column == link.on and each.role is R.CATEGORY for each in before):
        return own, joined
    names = tuple(replace(each, role=R.CATEGORY) for each in joined[-1][1])
    others = [(each, demoted(brought)) for each, brought in joined[:-1]]
    return demoted(own), [*others, (link, names)]


def _is_kept(column: ColumnGuess, needed: set[str]) -> bool:
    """Whether a column becomes a field."""
    if column.role in (R.EMPTY, R.ROW_NUMBER):
        return False
    return column.role is not R.ACCOUNT or column.column in needed


def _named(columns: Iterable[ColumnGuess], taken: set[str], time_field: str) -> tuple[ColumnGuess, ...]:
    """The columns with field names that are free, not reserved, and the usual ones for the usual parts."""
    out = []
    for column in columns:
        # A log calls its amounts what they are: revenue, value, price.
        own_words = column.role is R.AMOUNT and time_field == "happened_at"
        wish = column.field if own_words else _FIELDS.get(column.role, column.field)
        if column.role is R.ACCOUNT and free_name(wish) != wish:
            wish = "customer_link"
        if column.role is R.TIME and time_field:
            wish = time_field
        name = wish = free_name(wish)
        count = 2
        while name in taken:
            name, count = f"{wish}_{count}", count + 1
        taken.add(name)
        out.append(replace(column, field=name))
    return tuple(out)


def free_name(name: str) -> str:
    """A name that neither the warehouse nor the rule language keeps for itself.

    Examples:
        >>> free_name("position"), free_name("class"), free_name("price")
        ('position_value', 'class_value', 'price')
    """
    return f"{name}_value" if name in RESERVED or keyword.iskeyword(name) else name


def property_of(column: ColumnGuess, *, name: str = "", source: str = "", required: bool = False) -> Property:
    """A property that takes its value from one field."""
    few = column.facts.distinct <= 60 and not column.personal
    return Property(
        name=name or column.field,
        source=source or column.field,
        kind=column.kind,
        role=column.role,
        personal=column.personal,
        required=required,
        values=tuple(sorted(column.facts.counts.items(), key=lambda pair: (-pair[1], pair[0]))) if few else (),
    )


def quoted(text: str) -> str:
    """A text as the rule language writes it.

    Examples:
        >>> quoted("United Kingdom")
        "'United Kingdom'"
    """
    return repr(text)


def one_of(name: str, values: Sequence[str]) -> str:
    """The condition that a field has one of some values.

    Examples:
        >>> one_of("status", ["canceled"]), one_of("status", ["a", "b"])
        ("status == 'canceled'", "status in ('a', 'b')")
    """
    if len(values) == 1:
        return f"{name} == {quoted(values[0])}"
    return f"{name} in ({', '.join(quoted(each) for each in values)})"


def both(*conditions: str) -> str:
    """The conditions joined by `and`; empty ones are left out.

    Examples:
        >>> both("a > 1", "", "b > 1 or c > 1")
        'a > 1 and (b > 1 or c > 1)'
    """
    parts = [each for each in conditions if each]
    return " and ".join(f"({each})" if " or " in each and len(parts) > 1 else each for each in parts)


def either(*conditions: str) -> str:
    """The conditions joined by `or`; empty ones are left out.

    Examples:
        >>> either("a > 1", "b > 1 and c > 1")
        'a > 1 or (b > 1 and c > 1)'
    """
    parts = list(dict.fromkeys(each for each in conditions if each))
    return " or ".join(f"({each})" if " and " in each and len(parts) > 1 else each for each in parts)
