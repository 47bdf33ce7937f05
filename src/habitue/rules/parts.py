"""Parts of a tree that an expression would mention more than once: they become columns of their own.

A comparison of numbers mentions its sides a dozen times, a place its value half a dozen times. Without columns in
between, a rule that nests them would become an expression of exponential length.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from habitue.records import Kind
from habitue.rules.failures import RuleLimitError
from habitue.rules.nodes import (
    EVENT_TERMS,
    And,
    Arithmetic,
    Compare,
    Default,
    Exists,
    IsIn,
    Negative,
    Node,
    Not,
    Or,
    Place,
    Relation,
    Since,
    When,
)
from habitue.rules.walking import children

LONGEST_ROW = 20_000
TALLEST_ROW = 50
TALLEST = 24
"""Beyond, expressions would be nested more deeply than Python may write them out."""
_TIMES_IN_A_COMPARISON = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a tree that has become a column.

    Attributes:
        column: Its name.
        kind: Kind of the values in it, null where missing.
        short: Whether these are numbers of at most 9 significant decimals.
    """

    column: str
    kind: Kind
    short: bool


def repeated_parts(nodes: Iterable[Node], *, known: Container[Node]) -> list[list[Node]]:
    """The parts that should be columns, in layers: each layer needs only those before it.

    Places and relations always are, for windows do not nest; the alternatives of `when` and `default`, and divisors,
    are where they stand inside of something else; and so is whatever has grown too tall.

    Args:
        nodes: Whole trees.
        known: Parts that are columns already.
    """
    layers: list[list[Node]] = []
    for node in nodes:
        _collect(node, known, layers, whole=True)
    return layers


@dataclass(frozen=True, slots=True)
class _Needs:
    """The number of layers below a node's own expression, and how tall that expression is."""

    layers: int = 0
    height: int = 0


def _collect(node: Node, known: Container[Node], layers: list[list[Node]], *, whole: bool) -> _Needs:
    """Put the parts of a tree into their layers."""
    if node in known or isinstance(node, EVENT_TERMS):
        return _Needs()
    plain = isinstance(node, And | Or | Not)
    depth = height = 0
    for child in children(node):
        needs = _collect(child, known, layers, whole=whole and plain)
        divisor = isinstance(node, Arithmetic) and node.op == "/" and child is node.right
        if divisor and isinstance(child, Arithmetic):
            needs = _put(child, needs.layers, layers)
        depth, height = max(depth, needs.layers), max(height, needs.height)
    height += _height_of(node)
    if isinstance(node, Place | Relation) or (isinstance(node, When | Default) and not whole):
        return _put(node, depth, layers)
    if height > TALLEST and not isinstance(node, Since):
        return _put(node, depth, layers)
    return _Needs(depth, height)


def _put(node: Node, depth: int, layers: list[list[Node]]) -> _Needs:
    for place, layer in enumerate(layers):
        if node in layer:
            return _Needs(layers=place + 1)
    while len(layers) <= depth:
        layers.append([])
    layers[depth].append(node)
    return _Needs(layers=depth + 1)


def _height_of(node: Node) -> int:
    """Arithmetic becomes several calls inside one another."""
    return 2 if isinstance(node, Arithmetic | Negative) else 1


def refuse_long_row(node: Node) -> None:
    """Refuse a condition or value over one row that would become too long an expression.

    Raises:
        RuleLimitError: It nests comparisons of numbers, or arithmetic, into one another too often.
    """
    if _height(node) > TALLEST_ROW:
        raise RuleLimitError(measure="levels over one row, each level of arithmetic counting twice", limit=TALLEST_ROW)
    if _length(node) > LONGEST_ROW:
        raise RuleLimitError(
            measure="steps over one row, as its comparisons and when(...) are nested", limit=LONGEST_ROW
        )


def _height(node: Node) -> int:
    return _height_of(node) + max((_height(child) for child in children(node)), default=0)


def _length(node: Node) -> int:
    inner = sum(_length(child) for child in children(node))
    match node:
        case Compare() | IsIn():
            return 1 + _TIMES_IN_A_COMPARISON * inner
        case When() | Default() | Exists():
            return 1 + 2 * inner
        case Arithmetic(op="/"):
            return 1 + 2 * inner
    return 1 + inner
