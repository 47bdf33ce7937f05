"""Finds SQL put together from pieces of text: only whole constants and expression builders may reach an engine."""

import ast
import re
from collections import defaultdict

from tests.house.scan_calls import Finding

# What looks like a statement, wherever it stands. Gaps are written as `?`.
STATEMENT = re.compile(
    r"\s*(select\b.*\bfrom\b|select\s+(\?|\*|\d)|with\s+(recursive\s+)?\S+\s+as\s*(materialized\s*)?\("
    r"|insert\s+(or\s+\w+\s+)?into\b|update\s+\S+\s+set\b|delete\s+from\b|merge\s+into\b|truncate\s+(table\s+)?\S"
    r"|create\s+(or\s+replace\s+)?(temp(orary)?\s+)?(table|view|macro|schema|index|sequence|type|trigger)\b"
    r"|drop\s+(table|view|macro|schema|index|sequence|type)\b|alter\s+table\b|attach\s+('|\?|database)|detach\s+\S"
    r"|copy\s+.*\b(to|from)\b|export\s+database|import\s+database|pragma\s+\w|install\s+\?|load\s+\?"
    r"|set\s+(global\s+|session\s+)?\w+\s*(=|to)|vacuum\s+\?|describe\s+\?|explain\s+(analyze\s+)?(select|\?)).*",
    re.IGNORECASE | re.DOTALL,
)
MOVING = re.compile(
    r"\b(now|today|random|uuid|gen_random_uuid|get_current_time(stamp)?)\s*\(\s*\)"
    r"|\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b",
    re.IGNORECASE,
)
# Calls whose first argument an engine reads as SQL.
RUN = frozenset(
    {
        "aggregate",
        "create_view",
        "execute",
        "executemany",
        "executescript",
        "filter",
        "from_query",
        "order",
        "parse_one",
        "project",
        "query",
        "raw_sql",
        "sql",
        "SQLExpression",
    }
)
JOINING = frozenset({"format", "format_map", "join", "replace", "safe_substitute", "substitute"})
HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

Bindings = dict[str, list[ast.expr]]


def refused_sql(source: str) -> list[Finding]:
    """Each line where SQL is built from pieces, or reads a clock or a generator of its own."""
    found: set[Finding] = set()
    _walk(ast.parse(source), {}, found)
    return sorted(found, key=lambda each: (each.line, each.what))


def _walk(scope: ast.AST, outer: Bindings, found: set[Finding]) -> None:
    """Judge every expression of one scope, then of the scopes inside it."""
    nodes, inner = _of_scope(scope)
    bound = {**outer, **_bindings(nodes)}
    for node in nodes:
        if isinstance(node, ast.expr):
            found |= _judge(node, bound)
    for each in inner:
        _walk(each, bound, found)


def _of_scope(scope: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """The nodes of a scope without those of scopes inside it, and the scopes inside it."""
    nodes: list[ast.AST] = []
    inner: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if isinstance(node, HOLDERS):
            inner.append(node)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return nodes, inner


def _bindings(nodes: list[ast.AST]) -> Bindings:
    """Everything each name is set to in a scope; `text += more` counts as a sum."""
    bound: defaultdict[str, list[ast.expr]] = defaultdict(list)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound[name].append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                bound[name].append(value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                bound[name].append(value)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=ast.Add() as op, value=value) if _is_text(value):
                bound[name].append(ast.BinOp(left=target, op=op, right=value))
    return dict(bound)


def _judge(node: ast.expr, bound: Bindings) -> set[Finding]:
    """What is wrong with one expression taken by itself."""
    if isinstance(node, ast.Call) and node.args and _called(node) in RUN:
        if _is_built(node.args[0], bound, set()):
            return {Finding(line=node.lineno, what=f"{_called(node)}() of text put together from pieces")}
        if _is_text(node.args[0]) and MOVING.search(_outline(node.args[0])):
            return {Finding(line=node.lineno, what=f"{_called(node)}() of a clock or generator of the engine's own")}
    if _is_built(node, {}, set()) and STATEMENT.fullmatch(_outline(node)):
        return {Finding(line=node.lineno, what="a statement put together from pieces")}
    if _is_text(node) and STATEMENT.fullmatch(_outline(node)) and MOVING.search(_outline(node)):
        return {Finding(line=node.lineno, what="a statement that reads a clock or generator of the engine's own")}
    return set()


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_built(node: ast.expr, bound: Bindings, seen: set[str]) -> bool:
    """Whether text is put together here, or in what a name was set to, rather than written out whole."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(each, ast.FormattedValue) for each in values)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod() | ast.Mult(), right=right):
            whole = isinstance(left, ast.Constant) and isinstance(right, ast.Constant)
            return not whole and any(_is_text(each) or _is_built(each, bound, seen) for each in (left, right))
        case ast.Call(func=ast.Attribute(value=value, attr=attr)):
            if attr == "replace":
                return _replaces(node)
            return attr in JOINING and (_is_text(value) or attr != "join")
        case ast.IfExp(body=body, orelse=orelse):
            return _is_built(body, bound, seen) or _is_built(orelse, bound, seen)
        case ast.Name(id=name) if name not in seen:
            return any(_is_built(each, bound, seen | {name}) for each in bound.get(name, []))
    return False


def _replaces(node: ast.expr) -> bool:
    """Whether a call is `text.replace(old, new)`, which a table's or a time's `replace(day=1)` is not."""
    match node:
        case ast.Call(func=ast.Attribute(attr="replace"), args=[_, _]):
            return True
    return False


def _outline(node: ast.expr) -> str:
    """The constant pieces of a built text with `?` in the gaps."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_outline(each) for each in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _outline(left) + _outline(right)
        case ast.BinOp(left=left):
            return re.sub(r"%(\(\w+\))?[sdrif]", "?", _outline(left))
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in JOINING:
            return re.sub(r"\{[^}]*\}|\$\w+|\$\{\w+\}", "?", _outline(value))
    return "?"
