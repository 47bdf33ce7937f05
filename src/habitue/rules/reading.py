"""Reading rule text into the tree: Python expression syntax, parsed and never evaluated."""

import ast
import io
import tokenize
import warnings
from typing import Literal

from habitue.rules import terms
from habitue.rules.calls import Call, Reader
from habitue.rules.constants import read_constant, read_constants
from habitue.rules.failures import RuleLimitError, RuleNameError, RuleSyntaxError
from habitue.rules.functions import FUNCTIONS, ROW_FUNCTIONS
from habitue.rules.nodes import (
    And,
    Arithmetic,
    Compare,
    Comparison,
    Constant,
    IsIn,
    Name,
    Namespace,
    Negative,
    Node,
    Not,
    Or,
    Property,
)

_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_SPACES: dict[str, Namespace] = {each: each for each in terms.NAMESPACES}


def read(text: str) -> Node:
    """The tree of a rule.

    Names are not looked up and types not settled: `check` does both against a project's catalogue.

    Args:
        text: An expression of the rule language, at most 20,000 characters; line breaks count as blanks.

    Raises:
        RuleError: The text is not of the language; the error points at the column.

    Examples:
        >>> read("count('Order Completed', last='90d') >= 3").op
        '>='
    """
    return _Reading(text, in_row=False).whole()


def read_row(text: str) -> Node:
    """The tree of an expression over the fields of one row (or the properties of one event), as in `where=`.

    Raises:
        RuleError: The text is not of the language; the error points at the column.

    Examples:
        >>> read_row("quantity * price").op
        '*'
    """
    return _Reading(text, in_row=True).whole()


class _Reading(Reader):
    """One text being read; knows where each syntax node stands."""

    def __init__(self, text: str, *, in_row: bool) -> None:
        self.text = text
        self.in_row = in_row
        self.encoded = b""

    def whole(self) -> Node:
        line = " ".join(self.text.split("\n")).replace("\r", " ").rstrip()
        shift = len(line) - len(line.lstrip())
        self.shift = shift
        line = line.lstrip()
        _refuse_oversize(line, shift)
        self.encoded = line.encode("utf-8", "surrogatepass")
        return self.expression(_parse(line, shift), 0)

    def column(self, node: ast.expr) -> int:
        before = self.encoded[: node.col_offset]
        return len(before.decode("utf-8", "replace")) + 1 + self.shift

    def expression(self, node: ast.expr, depth: int) -> Node:
        if depth > terms.DEEPEST:
            raise RuleLimitError(measure="levels of nesting", limit=terms.DEEPEST)
        match node:
            case ast.BoolOp():
                return self._boolean(node, depth)
            case ast.UnaryOp():
                return self._unary(node, depth)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.BinOp():
                return self._arithmetic(node, depth)
            case ast.Call():
                return self._call(node, depth)
            case ast.Constant():
                return read_constant(node, self.column(node))
            case ast.Attribute():
                return self._name(node)
            case ast.Name():
                return self._bare_name(node)
        raise RuleSyntaxError(
            what=f"{_english(node)} is not part of the rule language.",
            do="Use and, or, not, comparisons, in, + - * /, and the terms of the language.",
            column=self.column(node),
        )

    def _boolean(self, node: ast.BoolOp, depth: int) -> Node:
        parts = tuple(self.expression(each, depth + 1) for each in node.values)
        made = And if isinstance(node.op, ast.And) else Or
        return made(parts=parts, column=self.column(node))

    def _unary(self, node: ast.UnaryOp, depth: int) -> Node:
        column = self.column(node)
        if isinstance(node.op, ast.Not):
            return Not(operand=self.expression(node.operand, depth + 1), column=column)
        if isinstance(node.op, ast.USub):
            operand = self.expression(node.operand, depth + 1)
            if isinstance(operand, Constant) and operand.kind.is_numeric and not isinstance(operand.value, bool):
                return read_constant(ast.UnaryOp(op=ast.USub(), operand=node.operand), column)
            return Negative(operand=operand, column=column)
        raise RuleSyntaxError(what="This sign is not part of the rule language.", do="Leave it out.", column=column)

    def _comparison(self, node: ast.Compare, depth: int) -> Node:
        sides = [node.left, *node.comparators]
        parts = [
            self._compared(left, op, right, depth) for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else And(parts=tuple(parts), column=self.column(node))

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Node:
        column = self.column(left)
        if isinstance(op, ast.In | ast.NotIn):
            return IsIn(
                operand=self.expression(left, depth + 1),
                options=read_constants(right, self.column),
                negated=isinstance(op, ast.NotIn),
                column=column,
            )
        symbol = _COMPARISONS.get(type(op))
        if symbol is None:
            raise RuleSyntaxError(what="`is` is not part of the rule language.", do="Write ==.", column=column)
        return Compare(
            op=symbol,
            left=self.expression(left, depth + 1),
            right=self.expression(right, depth + 1),
            column=column,
        )

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Node:
        symbol = _ARITHMETIC.get(type(node.op))
        if symbol is None:
            raise RuleSyntaxError(
                what="This operator is not part of the rule language.",
                do="Numbers take + - * / only.",
                column=self.column(node),
            )
        return Arithmetic(
            op=symbol,
            left=self.expression(node.left, depth + 1),
            right=self.expression(node.right, depth + 1),
            column=self.column(node),
        )

    def _call(self, node: ast.Call, depth: int) -> Node:
        column = self.column(node)
        known = ROW_FUNCTIONS if self.in_row else FUNCTIONS
        if not isinstance(node.func, ast.Name):
            raise RuleSyntaxError(
                what="Only the functions of the language can be called.",
                do="Write the function first, as in contains(trait.city, 'ber').",
                column=column,
            )
        made = known.get(node.func.id)
        if made is None and node.func.id in FUNCTIONS:
            raise RuleSyntaxError(
                what=f"{node.func.id}() cannot stand in a condition on one event or row.",
                do="A condition may use properties, comparisons, arithmetic and text functions only.",
                column=column,
            )
        if made is None:
            raise RuleNameError(
                noun="function", name=node.func.id, known=known, column=column, declare="See the rule language."
            )
        return made(Call(reader=self, node=node, depth=depth, column=column))

    def condition(self, node: ast.expr, depth: int) -> Node:
        inside = self.in_row
        self.in_row = True
        try:
            return self.expression(node, depth)
        finally:
            self.in_row = inside

    def _name(self, node: ast.Attribute) -> Node:
        column = self.column(node)
        if self.in_row:
            raise RuleSyntaxError(
                what="A condition on one event or row names its properties alone.",
                do="Write the property's name without a dot.",
                column=column,
            )
        parts = _dotted(node)
        if parts is None or parts[0] not in terms.NAMESPACES:
            if isinstance(node.value, ast.Constant):
                what, do = "A property of an event needs a function around it.", "Write sum(…), latest(…) or another."
                raise RuleSyntaxError(what=what, do=do, column=column)
            first = parts[0] if parts else "…"
            raise RuleNameError(
                noun="namespace", name=first, known=terms.NAMESPACES, column=column, declare="Write trait.NAME."
            )
        if len(parts) > 2 and (parts[0] != "score" or len(parts) > 3 or parts[2] not in terms.SCORE_PARTS):
            raise RuleSyntaxError(
                what=f"{'.'.join(parts)} has too many parts.",
                do="Only scores have parts: .decile, .low and .high.",
                column=column,
            )
        return Name(
            space=_SPACES[parts[0]],
            name=parts[1],
            part=parts[2] if len(parts) > 2 else "",
            column=column,
        )

    def _bare_name(self, node: ast.Name) -> Node:
        column = self.column(node)
        if self.in_row:
            return Property(name=node.id, column=column)
        if node.id in terms.NAMESPACES:
            what, do = f"`{node.id}` needs a name after it.", f"Write {node.id}.NAME."
        elif node.id in FUNCTIONS:
            what, do = f"{node.id} is a function.", f"Write {node.id}(…)."
        else:
            what = f"The name {node.id!r} stands alone."
            do = f"Write trait.{node.id} or feature.{node.id}, or put text in quotes."
        raise RuleSyntaxError(what=what, do=do, column=column)


def _dotted(node: ast.expr) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 4:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return [node.id, *reversed(parts)]


def _refuse_oversize(text: str, shift: int) -> None:
    """Bound text, tokens and nesting before the parser sees them, so that it can neither overflow nor stall."""
    if len(text) > terms.LONGEST_TEXT:
        raise RuleLimitError(measure="characters", limit=terms.LONGEST_TEXT)
    if not text:
        raise RuleSyntaxError(what="The rule is empty.", do="Write a condition such as did('Order Completed').")
    if "\0" in text:
        raise RuleSyntaxError(what="The rule holds a NUL character.", do="Take it out.", column=text.index("\0") + 1)
    depth = count = run = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            count += 1
            if token.type == tokenize.COMMENT:
                raise RuleSyntaxError(
                    what="A rule holds no comments.", do="Take the # part out.", column=token.start[1] + 1 + shift
                )
            depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
            run = run + 1 if token.string in ("not", "-", "+", "~") else 0
            if depth > terms.DEEPEST or run > terms.DEEPEST:
                raise RuleLimitError(measure="levels of nesting", limit=terms.DEEPEST)
            if count > terms.MOST_TOKENS:
                raise RuleLimitError(measure="words and signs", limit=terms.MOST_TOKENS)
    except (tokenize.TokenError, SyntaxError):
        # The parser below says it better, and the bounds seen so far hold for what it will reach.
        return


def _parse(text: str, shift: int) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise RuleSyntaxError(
            what=f"The rule cannot be read here ({(error.msg or 'invalid syntax').rstrip('.')}).",
            do="Check quotes, commas and parentheses; equality is written ==.",
            column=(error.offset or 1) + shift,
        ) from None
    except (RecursionError, MemoryError):
        raise RuleLimitError(measure="levels of nesting", limit=terms.DEEPEST) from None
    except ValueError:
        raise RuleSyntaxError(what="The rule holds text that cannot be read.", do="Use plain characters.") from None


def _english(node: ast.expr) -> str:
    names = {
        ast.Lambda: "A function definition",
        ast.IfExp: "`if … else`",
        ast.Subscript: "Indexing with [ ]",
        ast.List: "A list here",
        ast.Tuple: "A tuple here",
        ast.Dict: "A dictionary",
        ast.JoinedStr: "An f-string",
        ast.NamedExpr: "`:=`",
        ast.ListComp: "A comprehension",
        ast.GeneratorExp: "A comprehension",
        ast.Starred: "`*`",
    }
    return names.get(type(node), "This")
