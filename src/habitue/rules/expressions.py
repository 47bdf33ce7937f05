"""The parts of the language that are about single values, as column expressions.

A *condition* here may be null where a side is missing; null counts as false. It is made definite only where that
matters (below `not`, in comparisons, in results), so that engines can still push conditions into their scans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from habitue.records import MONEY_DECIMALS, Kind
from habitue.rules.nodes import (
    And,
    Arithmetic,
    Compare,
    Comparison,
    Constant,
    Default,
    Exists,
    IsIn,
    Lower,
    Negative,
    Node,
    Not,
    Or,
    Property,
    TextTest,
    When,
)
from habitue.rules.numbers import DIGITS, LARGEST_FLOAT, SMALLEST_FLOAT, significant

MONEY_TYPE = f"decimal(38, {MONEY_DECIMALS})"
MONEY_RANGE = f"decimal(19, {MONEY_DECIMALS})"
"""Just what lies below `LARGEST_MONEY`: a result that does not fit is missing."""
INTEGER_RANGE = "decimal(18, 0)"
"""Just what lies below `LARGEST_INTEGER`."""
ANY_INTEGER = "decimal(19, 0)"
"""Every stored whole number, so that no sum or product of two overflows."""
_TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "int64",
    Kind.NUMBER: "float64",
    Kind.MONEY: MONEY_TYPE,
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "timestamp(6)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A column expression and the kind of value in it.

    Attributes:
        expression: The Ibis value.
        kind: Its kind.
        condition: True for a condition, where null means false; False for a stored value, where null means missing.
        loose: True for a number that may not be finite, which means missing too.
        short: True for a number of at most 9 significant decimals, which rounding leaves as it is.
    """

    expression: ir.Value
    kind: Kind
    condition: bool = False
    loose: bool = False
    short: bool = False


Resolve = Callable[[Node], Term | None]


def truth(term: Term) -> ir.BooleanValue:
    """The term as true or false, never null."""
    return term.expression.fill_null(ibis.literal(False))


def value_of(term: Term) -> ir.Value:
    """The term as a value whose null means missing: conditions are made definite, what is not finite is missing."""
    if term.loose:
        finite = term.expression.abs() <= LARGEST_FLOAT
        return ibis.ifelse(finite, term.expression, ibis.null("float64"))
    return truth(term) if term.condition else term.expression


def typed_null(kind: Kind) -> ir.Value:
    """A missing value of a kind."""
    return ibis.null(_TYPES[kind])


def literal(value: object, kind: Kind) -> ir.Value:
    """A constant of a kind as a column expression."""
    if kind is Kind.NUMBER and isinstance(value, int | Decimal):
        return ibis.literal(float(value), "float64")
    if kind is Kind.MONEY and isinstance(value, int | Decimal):
        return ibis.literal(Decimal(value), MONEY_TYPE)
    if isinstance(value, datetime):
        return ibis.literal(value.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")
    return ibis.literal(value, _TYPES[kind])


def build(node: Node, resolve: Resolve) -> Term:
    """The column expression of a settled tree.

    Args:
        node: Settled, and spelled out where it holds event terms.
        resolve: Gives the expression of what is not about single values (properties, names, event terms), else None.
    """
    special = resolve(node)
    if special is not None:
        return special
    match node:
        case Constant():
            return Term(expression=literal(node.value, node.kind), kind=node.kind)
        case And() | Or():
            made = _joined(node, [condition(part, resolve) for part in node.parts])
            return Term(expression=made, kind=Kind.BOOLEAN, condition=True)
        case Not():
            return Term(expression=~truth(build(node.operand, resolve)), kind=Kind.BOOLEAN, condition=True)
        case Compare():
            made = compare(node.op, build(node.left, resolve), build(node.right, resolve))
            return Term(expression=made, kind=Kind.BOOLEAN, condition=True)
        case IsIn():
            return _is_in(node, resolve)
        case Exists():
            return Term(expression=value_of(build(node.operand, resolve)).notnull(), kind=Kind.BOOLEAN, condition=True)
        case Arithmetic():
            return _arithmetic(node, build(node.left, resolve), build(node.right, resolve))
        case _:
            return _other(node, resolve)


def condition(node: Node, resolve: Resolve) -> ir.BooleanValue:
    """The expression of a tree that is true or false; null counts as false."""
    return build(node, resolve).expression


def _joined(node: And | Or, parts: list[ir.BooleanValue]) -> ir.BooleanValue:
    """A balanced tree, so that long rules do not become deep ones."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, right = _joined(node, parts[:middle]), _joined(node, parts[middle:])
    return left & right if isinstance(node, And) else left | right


def _other(node: Node, resolve: Resolve) -> Term:
    match node:
        case Negative():
            return _negative(build(node.operand, resolve))
        case Lower():
            return Term(expression=_lowered(build(node.operand, resolve).expression), kind=Kind.TEXT)
        case TextTest():
            return _text_test(node, build(node.operand, resolve).expression)
        case Default():
            operand = build(node.operand, resolve)
            kind = _widest(operand.kind, node.fallback.kind)
            fallback = literal(node.fallback.value, kind)
            return Term(expression=_as(operand, kind).fill_null(fallback), kind=kind)
        case When():
            value = build(node.value, resolve)
            kept = ibis.ifelse(truth(build(node.condition, resolve)), value_of(value), typed_null(value.kind))
            return Term(expression=kept, kind=value.kind)
    raise TypeError(type(node))


def _lowered(text: ir.StringValue) -> ir.StringValue:
    """Character by character: the two that other engines lower by their neighbours, or to two characters, go first."""
    return text.translate("\u0130\u03a3", "i\u03c3").lower()


def _widest(left: Kind, right: Kind) -> Kind:
    if left is right or not left.is_numeric:
        return left
    return Kind.NUMBER if Kind.NUMBER in (left, right) else Kind.MONEY


def _as(term: Term, kind: Kind) -> ir.Value:
    expression = value_of(term)
    return expression if term.kind is kind else expression.cast(_TYPES[kind])


def compare(op: Comparison, left: Term, right: Term) -> ir.BooleanValue:
    """A comparison of two terms of kinds that fit; null where a side is missing."""
    if Kind.NUMBER in (left.kind, right.kind):
        return compare_values(op, rounded(left), rounded(right))
    if Kind.MONEY in (left.kind, right.kind):
        return compare_values(op, _as(left, Kind.MONEY), _as(right, Kind.MONEY))
    return compare_values(op, value_of(left), value_of(right))


def compare_values(op: Comparison, left: ir.Value, right: ir.Value) -> ir.BooleanValue:
    """A comparison of two expressions of one type."""
    match op:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def rounded(term: Term) -> ir.FloatingValue:
    """A numeric term rounded to 9 significant decimals, by the formula of `significant`; null where not finite."""
    expression = _in_floats(term)
    if term.short:
        return expression
    if isinstance(expression.op(), ibis.expr.operations.Literal):
        return ibis.literal(significant(float(expression.op().value)), "float64")
    size = expression.abs()
    exponent = size.log10().floor()
    ten, last = ibis.literal(10.0), ibis.literal(float(DIGITS - 1))
    up, down = ten ** (last - exponent), ten ** (exponent - last)
    half = ibis.literal(0.5)
    small, large = (size * up + half).floor() / up, (size / down + half).floor() * down
    kept = ibis.ifelse(exponent < DIGITS, small, large) * expression.sign()
    tiny = ibis.ifelse(size < SMALLEST_FLOAT, ibis.literal(0.0), ibis.null("float64"))
    return ibis.ifelse(size.between(SMALLEST_FLOAT, LARGEST_FLOAT), kept, tiny)


def _in_floats(term: Term) -> ir.FloatingValue:
    return term.expression if term.kind is Kind.NUMBER else value_of(term).cast("float64")


def _is_in(node: IsIn, resolve: Resolve) -> Term:
    operand = build(node.operand, resolve)
    exact = [each for each in node.options if Kind.NUMBER not in (each.kind, operand.kind)]
    rough = [each for each in node.options if Kind.NUMBER in (each.kind, operand.kind)]
    found: list[ir.BooleanValue] = []
    if exact:
        value = _as(operand, Kind.MONEY) if operand.kind is Kind.MONEY else value_of(operand)
        found.append(value.isin([literal(each.value, operand.kind) for each in exact]))
    if rough:
        options = [significant(float(each.value)) for each in rough if isinstance(each.value, int | Decimal)]
        found.append(rounded(operand).isin([ibis.literal(each, "float64") for each in options]))
    among = reduce(or_, found)
    return Term(expression=~among if node.negated else among, kind=Kind.BOOLEAN, condition=True)


def _text_test(node: TextTest, text: ir.Value) -> Term:
    match node.kind:
        case "contains":
            made = text.contains(node.argument)
        case "startswith":
            made = text.startswith(node.argument)
        case "endswith":
            made = text.endswith(node.argument)
        case _:
            made = text.re_search(node.argument)
    return Term(expression=made, kind=Kind.BOOLEAN, condition=True)


def _arithmetic(node: Arithmetic, left: Term, right: Term) -> Term:
    """Each side is mentioned once, so that long sums stay short: a result that does not fit its type is null."""
    kind = _result_kind(node.op, left.kind, right.kind)
    if kind is Kind.NUMBER:
        divisor = right if node.op != "/" else Term(expression=value_of(right), kind=right.kind)
        made = _apply(node.op, _in_floats(left), _in_floats(divisor))
        return Term(expression=made, kind=kind, loose=True)
    made = _apply(node.op, _exact(left), _exact(right))
    return Term(expression=fitted(made, kind), kind=kind)


def fitted(value: ir.DecimalValue, kind: Kind) -> ir.NumericValue:
    """An exact result as a whole number or money; null where it leaves the range."""
    wide, inside = ("decimal(38, 0)", INTEGER_RANGE) if kind is Kind.INTEGER else (MONEY_TYPE, MONEY_RANGE)
    # Ibis 12 types a product as narrow as its factors, and would leave out a cast to that type.
    # DuckDB 1.5.5 drops a TRY_CAST that is compared with a constant; through the COALESCE it does not look.
    kept = ibis.coalesce(value.cast(wide).try_cast(inside), ibis.null(inside))
    return kept.cast("int64") if kind is Kind.INTEGER else kept


def _negative(operand: Term) -> Term:
    if operand.kind is Kind.INTEGER:
        return Term(expression=fitted(-_exact(operand), Kind.INTEGER), kind=Kind.INTEGER)
    return Term(expression=-operand.expression, kind=operand.kind, loose=operand.loose)


def _exact(term: Term) -> ir.DecimalValue:
    """A whole number or an amount of money, in a type whose sums and products fit 38 digits."""
    return term.expression.cast(ANY_INTEGER if term.kind is Kind.INTEGER else MONEY_RANGE)


def _apply(op: str, left: ir.NumericValue, right: ir.NumericValue) -> ir.NumericValue:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def _result_kind(op: str, left: Kind, right: Kind) -> Kind:
    kinds = {left, right}
    if op == "/" or Kind.NUMBER in kinds or (op == "*" and kinds == {Kind.MONEY}):
        return Kind.NUMBER
    return Kind.INTEGER if kinds == {Kind.INTEGER} else Kind.MONEY


def row_term(node: Node, table: ir.Table, kinds: Callable[[str], Kind | None]) -> Term:
    """The expression of a condition (or value) over the columns of one table's rows.

    Args:
        node: Settled with `check_row` or inside `where=`.
        table: Holds a column per property that the node names.
        kinds: Kind of a property.
    """

    def resolve(part: Node) -> Term | None:
        if not isinstance(part, Property):
            return None
        kind = kinds(part.name) or Kind.TEXT
        return Term(expression=table[part.name], kind=Kind.TIME if kind is Kind.DATE else kind)

    return build(node, resolve)
