"""Files that belong together: parts of one table, pages of one funnel, and rows that are there twice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from habitue.sources.guess_values import ColumnRole, SampledTable, TableGuess, TableRole
from habitue.sources.guess_words import Vocabulary

_ENOUGH_ROWS = 20


@dataclass(frozen=True, slots=True)
class _PageFile:
    """A file that lists who saw one page."""

    table: SampledTable
    customer: str
    page: str


def merge_tables(tables: Sequence[SampledTable], words: Vocabulary) -> tuple[SampledTable, ...]:
    """The tables with files of one funnel put into one, by falling size, and files with the same columns into one.

    Columns that only one file of a funnel has stay behind as a table of their own.
    """
    tables = [_writable(table) for table in tables]
    pages = [found for table in tables if (found := _page_file(table, words))]
    kinds = {(each.customer, each.page) for each in pages}
    if len(pages) < 2 or len(kinds) > 1:
        return _merge_alike(tables)
    chosen = {id(each.table) for each in pages}
    ordered = sorted(pages, key=lambda each: -(each.table.row_count or len(each.table.rows)))
    extras = [_without_page(each) for each in pages if len(each.table.columns) > 2]
    others = [table for table in tables if id(table) not in chosen]
    return (*_merge_alike(others), _joined([_narrowed(each) for each in ordered]), *extras)


def _writable(table: SampledTable) -> SampledTable:
    """The table without columns whose names cannot stand in a project file."""
    names = tuple(each for each in table.columns if each.isprintable() and each)
    return table if names == table.columns else _select(table, names)


def drop_repeats(tables: Sequence[TableGuess]) -> tuple[TableGuess, ...]:
    """The tables with every one left out whose purchases are (nearly) all in a larger one too."""
    out = list(tables)
    orders = [each for each in tables if each.role is TableRole.ORDERS and not each.first(ColumnRole.ORDER)]
    for small in orders:
        for large in orders:
            if small is not large and _size(small) < _size(large) and _is_part(small, large):
                reason = f"its purchases are also in {large.table.stem}; using both would count them twice"
                out = [replace(t, role=TableRole.UNKNOWN, reason=reason) if t is small else t for t in out]
    return tuple(out)


def drop_strangers(tables: Sequence[TableGuess]) -> tuple[TableGuess, ...]:
    """The tables with every list of customers left out of whom the other files know (nearly) nobody."""
    doers = {
        value
        for table in tables
        if table.role not in (TableRole.CUSTOMERS, TableRole.UNKNOWN, TableRole.LOOKUP)
        for column in table.of_role(ColumnRole.CUSTOMER, ColumnRole.ACCOUNT)
        for value in column.facts.counts
    }
    out = []
    for table in tables:
        known = _known_share(table, doers)
        if table.role is TableRole.CUSTOMERS and known is not None and known < 0.02:
            reason = "hardly any of its ids occurs in the other files, so its rows are about somebody else"
            out.append(replace(table, role=TableRole.UNKNOWN, confidence=0.6, reason=reason))
        else:
            out.append(table)
    return tuple(out)


def _known_share(table: TableGuess, doers: set[str]) -> float | None:
    """The share of a list's ids that other files know; None when that cannot be told."""
    columns = table.of_role(ColumnRole.CUSTOMER, ColumnRole.ACCOUNT)
    if not columns or len(doers) < _ENOUGH_ROWS or not table.table.is_whole:
        return None
    return max(sum(value in doers for value in each.facts.counts) / len(each.facts.counts) for each in columns)


def _merge_alike(tables: Sequence[SampledTable]) -> tuple[SampledTable, ...]:
    """Tables with the same columns and ways of writing, put together in the order given."""
    groups: dict[tuple[object, ...], list[SampledTable]] = defaultdict(list)
    for place, table in enumerate(tables):
        alike = (table.columns, table.format, table.delimiter, table.encoding) if table.header else (place,)
        groups[alike].append(table)
    return tuple(_joined(group) for group in groups.values())


def _joined(group: Sequence[SampledTable]) -> SampledTable:
    """One table of several with the same columns."""
    if len(group) == 1:
        return group[0]
    counts = [each.row_count for each in group]
    known = [count for count in counts if count is not None]
    return replace(
        group[0],
        rows=tuple(row for each in group for row in each.rows),
        row_count=sum(known) if len(known) == len(counts) else None,
        also=tuple(each.path for each in group[1:]),
    )


def _page_file(table: SampledTable, words: Vocabulary) -> _PageFile | None:
    """The table as a file of one page, or None."""
    if not table.header or not table.rows:
        return None
    roles = {column: hints[0].role for column in table.columns if (hints := words.hints(column))}
    customers = [column for column, role in roles.items() if role is ColumnRole.CUSTOMER]
    pages = [column for column, role in roles.items() if role is ColumnRole.PAGE]
    if not customers or not pages or ColumnRole.TIME in roles.values():
        return None
    return _PageFile(table, customers[0], pages[0]) if len(set(table.cells(pages[0]))) == 1 else None


def _narrowed(page: _PageFile) -> SampledTable:
    """The file of a page with the two columns that all of them have."""
    return _select(page.table, (page.customer, page.page))


def _without_page(page: _PageFile) -> SampledTable:
    """What a file of a page says beyond who saw it."""
    return _select(page.table, tuple(each for each in page.table.columns if each != page.page))


def _select(table: SampledTable, columns: tuple[str, ...]) -> SampledTable:
    """A table with some of its columns."""
    places = [table.columns.index(each) for each in columns]
    return replace(table, columns=columns, rows=tuple(tuple(row[p] for p in places) for row in table.rows))


def _size(table: TableGuess) -> int:
    """Rows of the file, as far as known."""
    return table.table.row_count or len(table.table.rows)


def _is_part(small: TableGuess, large: TableGuess) -> bool:
    """Whether the purchases of the customers known to both samples are in the larger table too."""
    ours, theirs = _purchases(small), _purchases(large)
    both = {customer for customer, _, _ in ours} & {customer for customer, _, _ in theirs}
    compared = [each for each in ours if each[0] in both]
    return len(compared) >= _ENOUGH_ROWS and sum(each in theirs for each in compared) >= 0.95 * len(compared)


def _purchases(table: TableGuess) -> set[tuple[str, str, str]]:
    """Customer, time and amount of each row, as written."""
    columns = [table.first(role) for role in (ColumnRole.CUSTOMER, ColumnRole.TIME, ColumnRole.AMOUNT)]
    cells = [table.table.cells(each.column) for each in columns if each]
    return {(who, when, what) for who, when, what in zip(*cells, strict=True)} if len(cells) == 3 else set()
