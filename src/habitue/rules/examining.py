"""A rule while it is being made: what is wrong with it and where, and what of it can be answered already.

A part that is not finished is left out of its group, so that a size can be told at every moment of editing.
"""

from collections.abc import Mapping
from collections.abc import Sequence as Listed
from dataclasses import dataclass, replace
from typing import Final

from habitue.records import Kind
from habitue.rules import terms
from habitue.rules.catalogue import Catalogue, Definition
from habitue.rules.checking import Checker
from habitue.rules.failures import RuleError, RuleLimitError, RuleSyntaxError
from habitue.rules.fitting import need
from habitue.rules.nodes import (
    EVENT_TERMS,
    Aggregate,
    And,
    Compare,
    Exists,
    Followed,
    IsIn,
    Name,
    Node,
    Not,
    Or,
    Place,
    Regularly,
    Relation,
    Sequence,
    Stopped,
    TextTest,
    When,
)
from habitue.rules.reading import read
from habitue.rules.tree import from_json_placed
from habitue.rules.walking import children
from habitue.rules.writing import write

_CONDITIONS: Final = (
    Compare, IsIn, Exists, TextTest, And, Or, Not, Relation, Sequence, Followed, Regularly, Stopped,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFault:
    """Something wrong with a rule.

    Attributes:
        path: Where in its JSON: `$` for the whole, then `.key` and `[index]`.
        code: Stable code.
        what: What is wrong.
        do: What to do about it.
    """

    path: str
    code: str
    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A rule that may not be finished.

    Attributes:
        node: What of it is without faults, settled; None where nothing is.
        parts: Its groups and their parts that are without faults, by path; those too that stand within a term.
        faults: What is wrong, in the order of the rule.
    """

    node: Node | None
    parts: Mapping[str, Node]
    faults: tuple[RuleFault, ...]


def examine(value: object, catalogue: Catalogue, *, name: str = "", purpose: str = "") -> Examined:
    """What can be answered of a rule's JSON, and every fault of it.

    Args:
        value: The JSON of a rule: groups may be empty, or hold a single part.
        catalogue: What it may name.
        name: The segment that it is to be, so that one that leads back to itself is a fault.
        purpose: What that segment is for.
    """
    found = _Examination(catalogue)
    node = found.part(value, "$", 0)
    if node is not None:
        try:
            read(write(node))
            if name:
                _check_circle(node, catalogue, name, purpose)
        except RuleError as error:
            found.note(error, "$")
            node = None
    return Examined(node=node, parts=found.parts, faults=tuple(found.faults))


class _Examination:
    """One rule being looked through."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.parts: dict[str, Node] = {}
        self.faults: list[RuleFault] = []
        self._checker = Checker(catalogue)

    def part(self, value: object, path: str, depth: int) -> Node | None:
        """The settled tree of one part without what is wrong with it; None where nothing is left."""
        term = value.get("term") if isinstance(value, dict) else None
        if depth > terms.DEEPEST:
            self.note(RuleLimitError(measure="levels", limit=terms.DEEPEST), path)
            return None
        if isinstance(value, dict) and term in ("and", "or") and isinstance(value.get("parts"), list):
            made = self._group(term, value["parts"], path, depth)
        elif isinstance(value, dict) and term == "not" and isinstance(value.get("value"), dict):
            inner = self.part(value["value"], f"{path}.value", depth + 1)
            made = None if inner is None else Not(operand=inner)
        else:
            made = self._leaf(value, path, depth)
        if made is not None:
            self.parts[path] = made
        return made

    def _group(self, term: str, parts: list[object], path: str, depth: int) -> Node | None:
        if not parts:
            what, do = "This group is empty.", "Add a condition, or take the group out."
            self.note(RuleSyntaxError(what=what, do=do), path)
            return None
        found = [self.part(each, f"{path}.parts[{index}]", depth + 1) for index, each in enumerate(parts)]
        kept = tuple(each for each in found if each is not None)
        if len(kept) < 2:
            return kept[0] if kept else None
        return And(parts=kept) if term == "and" else Or(parts=kept)

    def _leaf(self, value: object, path: str, depth: int) -> Node | None:
        paths: tuple[str, ...] = ()
        try:
            node, paths = from_json_placed(value, path=path, depth=depth)
            typed = self._checker.settle(node)
            need(typed.kind, (Kind.BOOLEAN,), "A condition", 0)
        except RuleError as error:
            known = 0 < error.column <= len(paths)
            self.note(error, error.path or (paths[error.column - 1] if known else path))
            return None
        self._within(typed.node, paths)
        return typed.node

    def _within(self, node: Node, paths: Listed[str]) -> None:
        """Note what stands within a term and holds for somebody or not: the conditions of a `when`, of a relation."""
        if isinstance(node, EVENT_TERMS):
            return
        for part in children(node):
            whole = isinstance(node, And | Or | Not) or (isinstance(node, When | Relation) and part is node.condition)
            if whole or _is_condition(part):
                self.parts[paths[part.column - 1]] = part
            self._within(part, paths)

    def note(self, error: RuleError, path: str) -> None:
        """Write a fault down."""
        self.faults.append(RuleFault(path=path, code=error.code, what=error.plain, do=error.do))


def _is_condition(node: Node) -> bool:
    """Whether a term holds or does not by its nature, whatever it names."""
    match node:
        case Aggregate(kind="did") | Place(kind="top") | Name(space="segment" | "consent"):
            return True
    return isinstance(node, _CONDITIONS)


def _check_circle(node: Node, catalogue: Catalogue, name: str, purpose: str) -> None:
    """Pass where a segment of this rule does not lead back to itself."""
    mine = Definition(name=name, rule=node, purpose=purpose if purpose in catalogue.purposes else "")
    Checker(replace(catalogue, segments={**catalogue.segments, name: mine})).definition("segment", mine)
