"""How leaves are spelled for the live reading: counts as "at least so many", so that rules share what they can."""

from dataclasses import replace
from typing import Final

from habitue.records import Kind
from habitue.rules.nodes import Aggregate, And, Compare, Constant, Node, Not, Or, Since, Window

TRUE: Final = And(parts=())
FALSE: Final = Or(parts=())
TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""Comparisons with their sides exchanged."""
_LONGEST: Final = 1 << 60


def spelled(node: Node) -> Node:
    """A settled, inlined rule with counts, `did` and time since the last event as counts of at least so many.

    What cannot be said so stays as it is. The answer is the same at every instant.

    Examples:
        >>> from habitue.rules.writing import write
        >>> did = Aggregate(kind="did", event="Visit")
        >>> write(spelled(Not(operand=did)))
        "not count('Visit') >= 1"
    """
    match node:
        case And(parts=parts):
            return And(parts=tuple(map(spelled, parts)), column=node.column)
        case Or(parts=parts):
            return Or(parts=tuple(map(spelled, parts)), column=node.column)
        case Not(operand=operand):
            return Not(operand=spelled(operand), column=node.column)
        case Aggregate(kind="did"):
            return _at_least(node, 1)
        case Compare(op=op, left=Constant() as bound, right=right):
            return _compared(node, TURNED.get(op, op), right, bound)
        case Compare(op=op, left=left, right=Constant() as bound):
            return _compared(node, op, left, bound)
    return node


def at_least(node: Node) -> tuple[Aggregate, int] | None:
    """The count of a leaf as `spelled` has it, and the least that it must be; None for another leaf."""
    match node:
        case Compare(op=">=", left=Aggregate(kind="count") as counted, right=Constant(value=int(least))):
            return counted, least
    return None


def _compared(node: Compare, op: str, left: Node, bound: Constant) -> Node:
    value = bound.value
    if isinstance(value, bool) or not isinstance(value, int):
        return node
    match left:
        case Aggregate(kind="count") if bound.kind is Kind.INTEGER:
            return _counted(left, op, value)
        case Since(moment=Aggregate(kind="last_at", window=Window(kind="ever" | "since")) as moment):
            return _elapsed(node, moment, op, value)
    return node


def _counted(count: Aggregate, op: str, bound: int) -> Node:
    match op:
        case ">=":
            return _at_least(count, bound)
        case ">":
            return _at_least(count, bound + 1)
        case "<":
            return Not(operand=_at_least(count, bound))
        case "<=":
            return Not(operand=_at_least(count, bound + 1))
    exact = And(parts=(_at_least(count, bound), Not(operand=_at_least(count, bound + 1))))
    return exact if op == "==" else Not(operand=exact)


def _elapsed(node: Compare, moment: Aggregate, op: str, length: int) -> Node:
    """More than so long ago is ever, and not in so long; without a last event no comparison holds."""
    if not 0 < length < _LONGEST:
        return node
    ever = _at_least(moment, 1)
    # In (now - length, now], and a step longer: elapsed time of less than the length, and of at most that.
    less, at_most = (
        _at_least(replace(moment, window=Window(kind="last", older=each)), 1) for each in (length, length + 1)
    )
    match op:
        case ">":
            return And(parts=(ever, Not(operand=at_most)))
        case ">=":
            return And(parts=(ever, Not(operand=less)))
        case "<":
            return And(parts=(ever, less))
        case "<=":
            return And(parts=(ever, at_most))
    exact = And(parts=(at_most, Not(operand=less)))
    return And(parts=(ever, exact)) if op == "==" else And(parts=(ever, Not(operand=exact)))


def _at_least(count: Aggregate, least: int) -> Node:
    if least <= 0:
        return TRUE
    bound = Constant(value=least, kind=Kind.INTEGER)
    return Compare(op=">=", left=replace(count, kind="count", column=0), right=bound)
