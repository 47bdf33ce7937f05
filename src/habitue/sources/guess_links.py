"""How tables find what they lack in each other: the customer of an order, the time of a payment, an item's category."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from habitue.records import Kind
from habitue.sources.guess_columns import as_role
from habitue.sources.guess_values import ColumnGuess, ColumnRole, Link, TableGuess, TableRole
from habitue.sources.guess_words import slug_of

R = ColumnRole
_KEYS = (R.ORDER, R.CUSTOMER, R.ACCOUNT, R.ITEM, R.CAMPAIGN, R.COUPON)
_NEED_TIME = frozenset(
    {
        TableRole.ORDERS,
        TableRole.ORDER_LINES,
        TableRole.PAYMENTS,
        TableRole.REVIEWS,
        TableRole.CAMPAIGNS,
        TableRole.REDEMPTIONS,
        TableRole.PAGES,
    }
)
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Step:
    """One look-up on the way from a table to what it lacks."""

    table: TableGuess
    on: ColumnGuess
    key: ColumnGuess


def mark_accounts(tables: Sequence[TableGuess]) -> tuple[TableGuess, ...]:
    """Take an id that only links to the customer for a link wherever it occurs.

    A list of customers with two ids, one of which has its own value in every row and is the one that the other
    files use, says that the other id is the person.
    """
    aliases = {
        slug_of(other.column)
        for table in tables
        if table.role is TableRole.CUSTOMERS
        for other in table.of_role(R.ACCOUNT)
        if other.facts.is_unique and not table.first(R.TIME)
    }
    return tuple(replace(table, columns=tuple(_linked(each, aliases) for each in table.columns)) for table in tables)


def _linked(column: ColumnGuess, aliases: set[str]) -> ColumnGuess:
    """The column as a link when its name is one of the aliases."""
    if column.role is not R.CUSTOMER or slug_of(column.column) not in aliases:
        return column
    reason = "another file leads from this id to the id of the person"
    return as_role(column, R.ACCOUNT, confidence=0.85, reason=reason)


def add_links(tables: Sequence[TableGuess]) -> tuple[TableGuess, ...]:
    """The tables with the look-ups they need; one that stays without customer or time is left out, saying so."""
    return tuple(_with_links(table, tables) for table in tables)


def _with_links(table: TableGuess, tables: Sequence[TableGuess]) -> TableGuess:
    """One table with its look-ups."""
    if table.role not in _NEED_TIME and table.role not in (TableRole.EVENTS, TableRole.ITEMS):
        return table
    links: list[Link] = []
    if table.role is not TableRole.ITEMS:
        for role in (R.CUSTOMER, R.TIME):
            if not table.first(role) and not _brings(links, tables, role):
                path = _find(table, tables, role)
                if path is None:
                    return replace(table, role=TableRole.UNKNOWN, confidence=0.6, reason=_lacks(table, role))
                links = _added(links, path, role)
    links = _wanted(table, tables, links)
    return replace(table, links=tuple(links))


def _lacks(table: TableGuess, role: ColumnRole) -> str:
    """Why a table cannot be used without another one."""
    what = "whose row it is" if role is R.CUSTOMER else "when it happened"
    return f"it looks like {table.role.value}, but neither it nor another file given says {what}; give that file too"


def _wanted(table: TableGuess, tables: Sequence[TableGuess], links: list[Link]) -> list[Link]:
    """Look-ups that are not needed but make the project better: status, category, what a campaign is."""
    wishes: tuple[tuple[bool, ColumnRole], ...] = (
        (table.role is TableRole.ORDER_LINES and not table.first(R.STATUS), R.STATUS),
        (table.role is TableRole.ORDER_LINES and not table.first(R.CATEGORY), R.CATEGORY),
    )
    for wished, role in wishes:
        if wished and (path := _find(table, tables, role)):
            links = _added(links, path, role)
    if table.role in (TableRole.CAMPAIGNS, TableRole.REDEMPTIONS):
        links = _described(table, tables, links)
    return _translated(table, tables, links)


def _described(table: TableGuess, tables: Sequence[TableGuess], links: list[Link]) -> list[Link]:
    """What the files say about the campaign that a row names."""
    for on in table.of_role(R.CAMPAIGN):
        for other in tables:
            key = next((each for each in other.columns if _is_key_for(each, on)), None)
            words = tuple(each.column for each in other.columns if each.role is R.TEXT)[:3]
            if other.role is not TableRole.LOOKUP or key is None or not words:
                continue
            known = next((each for each in links if each.table == other.table.path), None)
            if known is None:
                return [*links, Link(table=other.table.path, on=on.column, key=key.column, columns=words)]
            return [replace(known, columns=(*known.columns, *words)) if each is known else each for each in links]
    return links


def _translated(table: TableGuess, tables: Sequence[TableGuess], links: list[Link]) -> list[Link]:
    """A look-up of the category's name in a small table of names, where one fits its values."""
    category = table.first(R.CATEGORY)
    for link in links:
        target = next(each for each in tables if each.table.path == link.table)
        brought = [target.column(raw) for raw in link.columns]
        category = category or next((each for each in brought if each.role is R.CATEGORY), None)
    if category is None:
        return links
    for other in tables:
        if other.role is TableRole.LOOKUP and other.table.is_whole and (key := _covers(other, category)):
            names = [each for each in other.columns if each is not key and each.kind is Kind.TEXT]
            if names:
                brought_names = (names[0].column,)
                return [*links, Link(table=other.table.path, on=category.column, key=key.column, columns=brought_names)]
    return links


def _covers(table: TableGuess, column: ColumnGuess) -> ColumnGuess | None:
    """The unique column of a look-up that holds nearly all values of another column."""
    for key in table.columns:
        if key.facts.is_unique and key.kind is Kind.TEXT and column.facts.counts:
            held = sum(value in key.facts.counts for value in column.facts.counts)
            if held >= 0.9 * len(column.facts.counts):
                return key
    return None


def _brings(links: Sequence[Link], tables: Sequence[TableGuess], role: ColumnRole) -> bool:
    """Whether look-ups already bring a column of a role."""
    for link in links:
        target = next(each for each in tables if each.table.path == link.table)
        if any(target.column(raw).role is role for raw in link.columns):
            return True
    return False


def _find(table: TableGuess, tables: Sequence[TableGuess], role: ColumnRole) -> list[_Step] | None:
    """The shortest way from a table to a column of a role, over unique keys; None when there is none."""
    queue: deque[tuple[TableGuess, list[_Step]]] = deque([(table, [])])
    seen = {table.table.path}
    while queue:
        here, path = queue.popleft()
        if path and here.first(role) and here.first(role) is not path[-1].key:
            return path
        if len(path) >= _DEEPEST:
            continue
        for step in _steps(here, tables):
            if step.table.table.path not in seen:
                seen.add(step.table.table.path)
                queue.append((step.table, [*path, step]))
    return None


def _steps(table: TableGuess, tables: Sequence[TableGuess]) -> list[_Step]:
    """The look-ups possible from one table; orders before lists of customers before others."""
    steps = []
    for other in tables:
        if other is table or other.role is TableRole.UNKNOWN:
            continue
        for on in table.of_role(*_KEYS):
            key = next((each for each in other.columns if _is_key_for(each, on)), None)
            if key:
                steps.append(_Step(other, on, key))
    order = {TableRole.ORDERS: 0, TableRole.CUSTOMERS: 1, TableRole.ITEMS: 1}
    return sorted(steps, key=lambda step: order.get(step.table.role, 2))


def _is_key_for(key: ColumnGuess, on: ColumnGuess) -> bool:
    """Whether a unique column holds the ids that another column refers to."""
    if not key.facts.is_unique or key.role not in _KEYS:
        return False
    if key.role is not on.role and slug_of(key.column) != slug_of(on.column):
        return False
    if key.role is R.ACCOUNT and slug_of(key.column) != slug_of(on.column):
        return False
    small = key.facts.rows < 20_000 and on.facts.rows < 20_000
    return not small or any(value in key.facts.counts for value in on.facts.counts)


def _added(links: list[Link], path: Sequence[_Step], role: ColumnRole) -> list[Link]:
    """The look-ups with those of a path; one table is looked up once, bringing all that is wanted of it."""
    out = list(links)
    for place, step in enumerate(path):
        last = place + 1 == len(path)
        wanted = step.table.first(role) if last else path[place + 1].on
        if wanted is None or wanted is step.key:
            continue
        known = next((each for each in out if each.table == step.table.table.path), None)
        if known is None:
            columns: tuple[str, ...] = (wanted.column,)
            out.append(Link(table=step.table.table.path, on=step.on.column, key=step.key.column, columns=columns))
        elif wanted.column not in known.columns:
            out[out.index(known)] = replace(known, columns=(*known.columns, wanted.column))
    return out
