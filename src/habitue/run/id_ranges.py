"""A part of the customers, by a range of their ids, with everything that is known of them.

A person is in it whole: events, orders of events and what did not happen are as they are. Lists are in ascending order
of ids: those of the first range that are behind a mark are exactly the first of everybody who is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import ibis.expr.types as ir

from habitue.rules import Catalogue, Node
from habitue.rules.batch import Question, members
from habitue.rules.checking import Checker
from habitue.rules.nodes import Name, Place, Relation
from habitue.rules.tables import Tables
from habitue.rules.walking import walk

FIRST_SHARE: Final = 0.2
"""Of as many customers as an estimate looks at: among so many the first people are looked for at first."""
ENDS: Final = 1 << 16
_END: Final = 4
_DEFINED: Final = ("feature", "segment")
_HEAD: Final = "c"
_HEX: Final = frozenset("0123456789abcdef")
_DIGITS: Final = 5
_BEGINNINGS: Final = 16**_DIGITS


class Part(Protocol):
    """Some of the customers."""

    @property
    def is_all(self) -> bool:
        """Whether it is everybody."""
        ...

    def some(self, rows: ir.Table) -> ir.Table:
        """Rows with a customer_id, of those alone."""
        ...

    def tables(self, tables: Tables) -> Tables:
        """The tables, of those alone."""
        ...

    def tells(self, rule: Node, catalogue: Catalogue) -> bool:
        """Whether a rule may be asked of those alone."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IdRange:
    """The customers with an id in (after, upto].

    Attributes:
        after: The id, or the beginning of one, before the first; empty for the first of all.
        upto: The last id, or the beginning of one; empty for the last of all.
        near: Tables of some customers, of these at least; None where no such are kept.
    """

    after: str = ""
    upto: str = ""
    near: Tables | None = field(default=None, compare=False, repr=False)

    @property
    def is_all(self) -> bool:
        """Whether nobody is left out."""
        return not self.after and not self.upto

    def some(self, rows: ir.Table) -> ir.Table:
        """Rows with a customer_id, of those alone."""
        if self.after:
            rows = rows.filter(rows.customer_id > self.after)
        return rows.filter(rows.customer_id <= self.upto) if self.upto else rows

    def tables(self, tables: Tables) -> Tables:
        """The tables, of those alone."""
        return tables if self.is_all else tables_of(self.near or tables, self.some)

    def tells(self, rule: Node, catalogue: Catalogue) -> bool:
        """Whether a rule holds for somebody whoever else there is: not with a place among all, or a group's others."""
        return not any(isinstance(each, Relation | Place) for each in parts_of(rule, catalogue))


def ends_among(ids: ir.StringColumn, ends: int) -> ir.BooleanColumn:
    """Whether ids end in one of the first so many of 65,536 ends.

    People who were joined have the smallest of the ids that they had, so that ids are not alike in how they begin: who
    has many records more often begins with 0. How they end, they are.
    """
    return ids.right(_END) < f"{ends:04x}" if ends < ENDS else ids.notnull()


def first_share(estimate_from: int, everybody: int) -> float:
    """Among which share of everybody the first people behind a mark are looked for at first."""
    return FIRST_SHARE * estimate_from / max(1, everybody)


def range_after(after: str, share: float) -> IdRange:
    """The range after an id that holds about a share of everybody; without an end where there are not as many left.

    Examples:
        >>> range_after("", 0.25)
        IdRange(after='', upto='c40000')
        >>> range_after("cf0000000000000a", 0.25)
        IdRange(after='cf0000000000000a', upto='')
    """
    end = _place_of(after) + max(1, round(share * _BEGINNINGS))
    return IdRange(after=after, upto="" if end >= _BEGINNINGS else f"{_HEAD}{end:0{_DIGITS}x}")


def _place_of(customer: str) -> int:
    """How many beginnings lie before that of an id; 0 for what is none."""
    digits = customer.removeprefix(_HEAD)[:_DIGITS].ljust(_DIGITS, "0")
    return int(digits, 16) if set(digits) <= _HEX else 0


def tables_of(tables: Tables, some: Callable[[ir.Table], ir.Table]) -> Tables:
    """The tables, of some customers alone."""
    return Tables(
        customers=some(tables.customers),
        events=_Some(tables.events, some),
        consents=None if tables.consents is None else some(tables.consents),
        scores=None if tables.scores is None else some(tables.scores),
        clusters=None if tables.clusters is None else some(tables.clusters),
        relations=tables.relations,
    )


class _Some(Mapping[str, ir.Table]):
    """Tables of some customers alone, each worded when it is looked up: a question names few of them."""

    def __init__(self, tables: Mapping[str, ir.Table], some: Callable[[ir.Table], ir.Table]) -> None:
        self._tables = tables
        self._some = some

    def __getitem__(self, name: str) -> ir.Table:
        return self._some(self._tables[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def members_in(part: Part | None, rule: Node, question: Question) -> ir.Table:
    """One column, customer_id: for whom of a part of the customers a rule holds; None for everybody."""
    if part is None or part.is_all:
        return members(rule, question)
    if not part.tells(rule, question.catalogue):
        return part.some(members(rule, question))
    return members(rule, replace(question, tables=part.tables(question.tables)))


def parts_of(rule: Node, catalogue: Catalogue) -> Iterator[Node]:
    """Every node of a settled rule, and of the definitions that it names."""
    waiting, seen = [rule], set[tuple[str, str]]()
    checker = Checker(catalogue)
    while waiting:
        for each in walk(waiting.pop()):
            yield each
            if isinstance(each, Name) and each.space in _DEFINED and (each.space, each.name) not in seen:
                seen.add((each.space, each.name))
                waiting.append(checker.definition(each.space, catalogue.definition(each.space, each.name)).node)
