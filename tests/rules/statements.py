"""What a statement may hold: one SELECT over the project's tables, and no text but the rule's own."""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import duckdb
import sqlglot
from sqlglot import expressions as exp

from habitue.records import Kind
from habitue.rules import nodes as n
from habitue.rules.catalogue import EVENT_CLOCK, Catalogue
from habitue.rules.checking import check
from habitue.rules.walking import walk

MADE = re.compile(
    r"(figure|value|flag|part|side|rule)_\d+|(feature|segment)_\w+|t\d+"
    r"|answer_(customer_id|instant|link|position)|many_(customer_id|link)"
)
PARTS = frozenset(
    [
        *("value", "until", "link", "is_first", "next_answer", "times", "place", "end_at", "end_customer", "holds"),
        *("instant", "since", "shelf", "stretch", "earliest", "latest"),
    ]
)
OURS = frozenset(("0123456789abcdef", "\u0130\u03a3", "i\u03c3"))
"""Texts of the reading itself: hexadecimal digits, and letters put in lower case by hand."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What statements about one catalogue may name."""

    tables: frozenset[str]
    columns: frozenset[str]
    functions: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, catalogue: Catalogue) -> "Allowed":
        """The tables and columns of a catalogue."""
        tables = {"customers", "consents", "scores", "clusters", *(shape.table for shape in catalogue.events.values())}
        columns = {"customer_id", "occurred_at", "position", *EVENT_CLOCK, "purpose", "given"}
        columns |= {"model", "score", "decile", "low", "high", "clustering", "label", *catalogue.traits}
        columns |= {name for shape in catalogue.events.values() for name in shape.properties}
        places = [name for name, kind in catalogue.traits.items() if kind is Kind.LOCATION]
        columns |= {f"{name}_{end}" for name in places for end in ("lat", "lon")}
        return cls(frozenset(tables), frozenset(columns))


def outside(statement: str, rules: Iterable[n.Node], catalogue: Catalogue, allowed: Allowed) -> list[str]:
    """What a statement holds that it may not, in words."""
    found = duckdb.extract_statements(statement)
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        return [f"{len(found)} statements"]
    tree = parsed(statement)
    if not isinstance(tree, exp.Select):
        return [f"{type(tree).__name__} is not a SELECT"]
    wrong = [f"{type(each).__name__}" for each in tree.find_all(exp.DDL, exp.DML, exp.Command, exp.Placeholder)]
    named = {each.alias for each in tree.find_all(exp.CTE)}
    wrong += [f"table {each.sql()}" for each in tree.find_all(exp.Table) if not _is_table(each, named, allowed)]
    names = {each.name for each in tree.find_all(exp.Column)} | {each.alias for each in tree.find_all(exp.Alias)}
    known = allowed.columns | PARTS
    wrong += [f"column {each!r}" for each in names if each not in known and not MADE.fullmatch(each) and each != "*"]
    texts = {each.name for each in tree.find_all(exp.Literal) if each.is_string and not _is_length(each)}
    wanted = {text for rule in rules for text in constants(rule, catalogue)}
    wrong += [f"text {each!r}" for each in texts - wanted - OURS]
    wrong += [f"no text {each!r}" for each in wanted - texts]
    wrong += [f"function {each.name!r}" for each in tree.find_all(exp.Anonymous) if each.name.upper() not in FUNCTIONS]
    return wrong


def parsed(statement: str) -> exp.Expr:
    """The tree of the one statement; reading it back takes more of Python's stack than writing it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return sqlglot.parse_one(statement, dialect="duckdb")
    finally:
        sys.setrecursionlimit(limit)


FUNCTIONS = frozenset(("MAKE_TIMESTAMP", "REGEXP_MATCHES", "SHA256", "SUFFIX", "TRANSLATE"))


def _is_table(table: exp.Table, named: set[str], allowed: Allowed) -> bool:
    return not table.db and not table.catalog and (table.name in allowed.tables or table.name in named)


def _is_length(literal: exp.Literal) -> bool:
    return isinstance(literal.parent, exp.Interval) and literal.name.isdigit()


def constants(rule: n.Node, catalogue: Catalogue) -> Iterator[str]:
    """The texts that a rule's statement has to hold: its own, and those of the definitions it names."""
    for node in walk(rule):
        match node:
            case n.Constant(kind=Kind.TEXT, value=str(text)):
                yield text
            case n.TextTest(argument=text):
                yield text
            case n.Bucket(salt=salt):
                yield f"{salt}:"
            case n.Name(space="feature" | "segment" as space, name=name):
                definition = catalogue.definition(space, name)
                yield from constants(check(definition.rule, catalogue).node, catalogue)
                if definition.purpose:
                    yield definition.purpose
            case n.Name(space="score" | "cluster" | "consent", name=name):
                yield name
