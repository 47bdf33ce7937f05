"""Constants as they stand in rule text."""

import ast
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from habitue.records import Kind
from habitue.rules import terms
from habitue.rules.failures import RuleSyntaxError
from habitue.rules.nodes import Constant


def read_constant(node: ast.expr, column: int) -> Constant:
    """A number, text or truth value written in the rule, signs included.

    Raises:
        RuleSyntaxError: It is something else, or a number beyond ±10^15.
    """
    sign = 1
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -sign
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) and sign == 1:
        return Constant(value=value, kind=Kind.BOOLEAN, column=column)
    if isinstance(value, str) and sign == 1:
        _refuse_unstorable(value, column)
        return Constant(value=value, kind=Kind.TEXT, column=column)
    if isinstance(value, int) and not isinstance(value, bool):
        _refuse_huge(value, column)
        return Constant(value=sign * value, kind=Kind.INTEGER, column=column)
    if isinstance(value, float):
        return Constant(value=sign * _decimal(value, column), kind=Kind.NUMBER, column=column)
    raise RuleSyntaxError(
        what="This is not a constant of the rule language.",
        do="Write a number, a text in quotes, True or False.",
        column=column,
    )


def read_constants(node: ast.expr, column: Callable[[ast.expr], int]) -> tuple[Constant, ...]:
    """The constants of a list or tuple, at least one.

    Args:
        node: The list.
        column: Where a piece of syntax stands.

    Raises:
        RuleSyntaxError: It is not a list of constants.
    """
    if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
        raise RuleSyntaxError(what="`in` needs a list of constants.", do="Write in ['a', 'b'].", column=column(node))
    return tuple(read_constant(each, column(each)) for each in node.elts)


def _decimal(value: float, column: int) -> Decimal:
    try:
        exact = Decimal(repr(value))
    except InvalidOperation:
        exact = Decimal("Infinity")
    if not exact.is_finite():
        _refuse_huge(terms.LARGEST_NUMBER + 1, column)
    _refuse_huge(exact, column)
    return exact


def _refuse_huge(value: Decimal | int, column: int) -> None:
    if Decimal(value).copy_abs() > terms.LARGEST_NUMBER:
        raise RuleSyntaxError(
            what="This number is larger than a rule may hold (10^15).", do="Write a smaller number.", column=column
        )


def _refuse_unstorable(value: str, column: int) -> None:
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise RuleSyntaxError(
            what="This text holds a character that no table can store.", do="Take it out.", column=column
        )
