"""Finds attributes, modules and fields reached by a name that is worked out at run time: a user might have typed it."""

import ast

from tests.house.scan_calls import Finding

REACHING = frozenset({"getattr", "setattr", "delattr", "hasattr"})
IMPORTING = frozenset({"import_module", "find_spec", "find_loader", "resolve_name", "load_module", "exec_module"})
NAMESPACES = frozenset({"globals", "locals", "vars"})
TEXT_RUN = frozenset({"query", "eval"})
PARAMETERISED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
GATHERED = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DECLARED = frozenset({"fields", "keys", "zip", "enumerate"})


def refused_names(source: str) -> list[Finding]:
    """Everything in a module that is reached by a name worked out at run time, in order of lines.

    A name is sound when it is a constant, an attribute of a declared value (`field.name`), or a variable that is set in
    the function itself to such, or by going through such, or what a function of the same module returns as such. A
    parameter, and whatever another call or an index gives, is not.
    """
    found: set[Finding] = set()
    tree = ast.parse(source)
    returned = {
        node.name: [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    _walk(tree, frozenset(), {f"{name}()": values for name, values in returned.items()}, found)
    return sorted(found, key=lambda each: (each.line, each.what))


Bound = dict[str, list[ast.expr]]


def _walk(scope: ast.AST, parameters: frozenset[str], outer: Bound, found: set[Finding]) -> None:
    nodes, inner = _of_scope(scope)
    bound = {**outer, **_bindings(nodes)}
    for node in nodes:
        if isinstance(node, ast.Call):
            found |= _judge(node, parameters, bound)
        if isinstance(node, ast.Subscript) and _called(node.value) in NAMESPACES:
            found.add(Finding(line=node.lineno, what=f"{_called(node.value)}()[…]"))
        if isinstance(node, ast.Attribute) and node.attr in ("__globals__", "__subclasses__", "__builtins__"):
            found.add(Finding(line=node.lineno, what=node.attr))
    for each in inner:
        _walk(each, parameters | _parameters(each), bound, found)


def _judge(node: ast.Call, parameters: frozenset[str], bound: Bound) -> set[Finding]:
    name = _called(node)
    if isinstance(node.func, ast.Name) and name in REACHING and len(node.args) > 1:
        sound = _is_sound(node.args[1], parameters, bound, frozenset())
        return set() if sound else {Finding(line=node.lineno, what=f"{name}() by a name worked out")}
    if name in IMPORTING and node.args and not isinstance(node.args[0], ast.Constant):
        return {Finding(line=node.lineno, what=f"{name}() of a name worked out")}
    is_method = isinstance(node.func, ast.Attribute)
    if is_method and name in TEXT_RUN and node.args and not isinstance(node.args[0], ast.Constant):
        return {Finding(line=node.lineno, what=f".{name}() of text worked out")}
    if is_method and name in ("format", "format_map") and isinstance(node.func, ast.Attribute):
        template = node.func.value
        if isinstance(template, ast.Name) and template.id in parameters and template.id not in bound:
            return {Finding(line=node.lineno, what=f".{name}() of a template that came in")}
    return set()


def _is_sound(node: ast.expr, parameters: frozenset[str], bound: Bound, seen: frozenset[str]) -> bool:
    match node:
        case ast.Constant() | ast.Attribute():
            return True
        case ast.Name(id=name) if name in bound and name not in seen:
            return all(_is_sound(each, parameters, bound, seen | {name}) for each in bound[name])
        case ast.Name(id=name):
            return name not in parameters
        case ast.IfExp(body=body, orelse=orelse):
            return all(_is_sound(each, parameters, bound, seen) for each in (body, orelse))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_sound(each, parameters, bound, seen) for each in parts)
        case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
            own = {**bound, **_bindings(list(ast.walk(node)))}
            return _is_sound(part, parameters, own, seen)
        case ast.Call(func=ast.Name(id=name)) if f"{name}()" in bound:
            return all(_is_sound(each, frozenset(), bound, seen) for each in bound[f"{name}()"])
    # `fields(value)` and the keys of a constant: what the code itself declares.
    return _called(node) in DECLARED


def _called(node: ast.expr) -> str:
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name
    return ""


def _of_scope(scope: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """The nodes of a function or module without those of functions inside it, and these."""
    nodes: list[ast.AST] = []
    inner: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if isinstance(node, PARAMETERISED + GATHERED):
            inner.append(node)
        else:
            waiting.extend(ast.iter_child_nodes(node))
    return nodes, inner


def _parameters(node: ast.AST) -> frozenset[str]:
    if not isinstance(node, PARAMETERISED):
        return frozenset()
    said = node.args
    named = [*said.posonlyargs, *said.args, *said.kwonlyargs]
    rest = [each for each in (said.vararg, said.kwarg) if each is not None]
    return frozenset(each.arg for each in (*named, *rest))


def _bindings(nodes: list[ast.AST]) -> Bound:
    """What each name is set to, or goes through."""
    bound: Bound = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                pairs = [(target, value)]
            case _:
                pairs = []
        for target, value in pairs:
            for each in ast.walk(target):
                if isinstance(each, ast.Name):
                    bound.setdefault(each.id, []).append(value)
    return bound
