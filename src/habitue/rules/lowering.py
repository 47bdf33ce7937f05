"""Fewer terms with the same meaning: sugar is spelled out, and names are put in where that is asked for."""

from dataclasses import replace
from functools import partial

from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import Checker
from habitue.rules.failures import RuleLimitError, RuleTypeError
from habitue.rules.nodes import (
    EVER,
    Aggregate,
    And,
    Arithmetic,
    Change,
    Followed,
    Name,
    Node,
    Not,
    Sequence,
    Stopped,
    Window,
)
from habitue.rules.walking import walk, with_children

MOST_NODES = 20_000


def spell_out(node: Node, catalogue: Catalogue) -> Node:
    """A settled tree without `stopped` and `change`; names of features and segments stay names.

    Raises:
        RuleError: A `change` holds a term with a window of its own.
    """
    return _Lowering(catalogue).lower(node, inline=False)


def inline(node: Node, catalogue: Catalogue) -> Node:
    """A settled tree without `stopped` and `change`, features and segments replaced by their definitions.

    Raises:
        RuleError: Definitions go in a circle, grow beyond 20,000 nodes, or a `change` holds a window.
    """
    return _Lowering(catalogue).lower(node, inline=True)


class _Lowering:
    """One walk; remembers each definition, so that shared ones are lowered once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.checker = Checker(catalogue)
        self.catalogue = catalogue
        self.done: dict[tuple[str, str], Node] = {}

    def lower(self, node: Node, *, inline: bool) -> Node:
        if isinstance(node, Name) and inline and node.space in ("feature", "segment"):
            return self._definition(node)
        if isinstance(node, Stopped):
            return _stopped(node)
        if isinstance(node, Change):
            inner = self.lower(node.inner, inline=True)
            recent = _in_window(inner, Window(kind="last", older=node.last))
            before = _in_window(inner, Window(kind="between", older=2 * node.last, newer=node.last))
            return Arithmetic(op="/", left=recent, right=before, column=node.column)
        return with_children(node, partial(self.lower, inline=inline))

    def _definition(self, name: Name) -> Node:
        key = (name.space, name.name)
        if key not in self.done:
            body = self.checker.definition(name.space, self.catalogue.definition(*key)).node
            lowered = self.lower(body, inline=True)
            _refuse_huge(lowered)
            self.done[key] = lowered
        return self.done[key]


def _stopped(node: Stopped) -> Node:
    ever = Aggregate(kind="did", event=node.event, where=node.where, column=node.column)
    lately = replace(ever, window=Window(kind="last", older=node.after))
    return And(parts=(ever, Not(operand=lately)), column=node.column)


def _in_window(node: Node, window: Window) -> Node:
    """The same expression over another stretch of time."""
    if isinstance(node, Aggregate | Sequence | Followed):
        if node.window != EVER:
            raise RuleTypeError(
                what="change() sets the window of what is inside it, and this term has one already.",
                do="Take the window out.",
                column=node.column,
            )
        return replace(node, window=window)
    return with_children(node, partial(_in_window, window=window))


def _refuse_huge(node: Node) -> None:
    for count, _ in enumerate(walk(node)):
        if count > MOST_NODES:
            raise RuleLimitError(measure="terms once its features are put in", limit=MOST_NODES)
