"""How each node of the tree is settled: its names, its parts, and the kind of value it gives."""

from collections.abc import Mapping
from dataclasses import replace
from functools import singledispatch

from habitue.records import Kind
from habitue.rules import terms
from habitue.rules.failures import RuleLimitError, RuleNameError, RuleTypeError
from habitue.rules.fitting import fit_arithmetic, fit_constant, fit_pair, need, need_pattern
from habitue.rules.nodes import (
    EVER,
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Compare,
    Constant,
    Days,
    Default,
    Distance,
    Exists,
    Followed,
    IsIn,
    Lower,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Place,
    Property,
    Regularly,
    Relation,
    Sequence,
    Since,
    Stopped,
    TextTest,
    When,
)
from habitue.rules.scope import Scope, Typed
from habitue.rules.walking import walk


@singledispatch
def settle(node: Node, _: Scope) -> Typed:
    """The settled node and the kind of its value.

    Raises:
        RuleError: A name is unknown or types do not fit.
    """
    raise TypeError(type(node))


@settle.register
def _constant(node: Constant, _: Scope) -> Typed:
    return Typed(node=node, kind=node.kind)


@settle.register
def _name(node: Name, scope: Scope) -> Typed:
    catalogue = scope.catalogue
    known: Mapping[str, object] | frozenset[str]
    match node.space:
        case "trait":
            known, declare = catalogue.traits, "Declare it in the customers contract."
        case "feature":
            known, declare = catalogue.features, "Declare it under features/."
        case "segment":
            known, declare = catalogue.segments, "Declare it under segments/."
        case "score":
            known, declare = catalogue.scores, "Train a model of that name first."
        case "cluster":
            known, declare = catalogue.clusters, "Fit clusters of that name first."
        case _:
            known, declare = catalogue.purposes, "Declare the purpose under policies/."
    if node.name not in known:
        raise RuleNameError(noun=node.space, name=node.name, known=known, column=node.column, declare=declare)
    return Typed(node=node, kind=_kind_of_name(scope, node))


def _kind_of_name(scope: Scope, node: Name) -> Kind:
    match node.space:
        case "trait":
            kind = scope.catalogue.traits[node.name]
            return Kind.TIME if kind is Kind.DATE else kind
        case "score":
            return Kind.INTEGER if node.part == "decile" else Kind.NUMBER
        case "cluster":
            return Kind.TEXT
        case "consent":
            return Kind.BOOLEAN
        case _:
            return scope.definition(node.space, scope.catalogue.definition(node.space, node.name)).kind


@settle.register
def _property(node: Property, scope: Scope) -> Typed:
    if scope.row is None:
        raise RuleTypeError(
            what=f"{node.name!r} is a property without its event.", do="Use it inside where=.", column=node.column
        )
    kind = scope.property(scope.row, node.name, node.column)
    return Typed(node=node, kind=Kind.TIME if kind is Kind.DATE else kind)


@settle.register
def _aggregate(node: Aggregate, scope: Scope) -> Typed:
    shape = scope.event(node.event, node.column)
    scope.window(node.window, node.column)
    settled = replace(node, where=scope.where(shape, node.where))
    fixed = {"did": Kind.BOOLEAN, "count": Kind.INTEGER, "first_at": Kind.TIME, "last_at": Kind.TIME}
    if node.kind in fixed:
        return Typed(node=settled, kind=fixed[node.kind])
    kind = scope.property(shape, node.property, node.column)
    kind = Kind.TIME if kind is Kind.DATE else kind
    what = f"{node.kind}()"
    numeric = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)
    if kind is Kind.LOCATION:
        need(kind, numeric, what, node.column)
    match node.kind:
        case "sum":
            need(kind, numeric, what, node.column)
        case "avg":
            need(kind, numeric, what, node.column)
            kind = Kind.NUMBER
        case "min" | "max":
            need(kind, (*numeric, Kind.TIME), what, node.column)
        case "distinct":
            kind = Kind.INTEGER
        case "mode":
            need(kind, (Kind.TEXT, Kind.INTEGER, Kind.BOOLEAN), what, node.column)
    return Typed(node=settled, kind=kind)


@settle.register
def _sequence(node: Sequence, scope: Scope) -> Typed:
    shapes = [scope.event(each, node.column) for each in node.events]
    scope.window(node.window, node.column)
    return Typed(node=replace(node, where=scope.where(shapes[0], node.where)), kind=Kind.BOOLEAN)


@settle.register
def _followed(node: Followed, scope: Scope) -> Typed:
    first, second = scope.event(node.event, node.column), scope.event(node.by, node.column)
    scope.window(node.window, node.column)
    if node.on:
        kinds = [scope.property(each, node.on, node.column) for each in (first, second)]
        if kinds[0] is not kinds[1] or kinds[0] is Kind.LOCATION:
            raise RuleTypeError(
                what=f"{node.on!r} is {kinds[0]} in {first.name!r} and {kinds[1]} in {second.name!r}.",
                do="on= needs a property of one kind that both events carry.",
                column=node.column,
            )
    return Typed(node=replace(node, where=scope.where(first, node.where)), kind=Kind.BOOLEAN)


@settle.register
def _one_event(node: Regularly | Stopped, scope: Scope) -> Typed:
    shape = scope.event(node.event, node.column)
    return Typed(node=replace(node, where=scope.where(shape, node.where)), kind=Kind.BOOLEAN)


def _numeric(scope: Scope, inner: Node, what: str) -> Typed:
    typed = scope.settle(inner)
    need(typed.kind, (Kind.INTEGER, Kind.NUMBER, Kind.MONEY), what, inner.column)
    return typed


@settle.register
def _change(node: Change, scope: Scope) -> Typed:
    inner = _numeric(scope, node.inner, "change()")
    _refuse_windows(inner.node, scope)
    return Typed(node=replace(node, inner=inner.node), kind=Kind.NUMBER)


def _refuse_windows(node: Node, scope: Scope) -> None:
    """What stands inside `change`, features included, must not say itself how far it looks back."""
    for part in walk(node):
        if isinstance(part, Name) and part.space in ("feature", "segment"):
            _refuse_windows(scope.definition(part.space, scope.catalogue.definition(part.space, part.name)).node, scope)
        elif isinstance(part, Regularly | Stopped | Change) or (
            isinstance(part, Aggregate | Sequence | Followed) and part.window != EVER
        ):
            raise RuleTypeError(
                what="change() sets the window of what is inside it, and this term has one already.",
                do="Take the window out.",
                column=part.column,
            )


@settle.register
def _since(node: Since, scope: Scope) -> Typed:
    moment = scope.settle(node.moment)
    need(moment.kind, (Kind.TIME,), "since()", node.column)
    return Typed(node=replace(node, moment=moment.node), kind=Kind.DURATION)


@settle.register
def _days(node: Days, scope: Scope) -> Typed:
    duration = scope.settle(node.duration)
    need(duration.kind, (Kind.DURATION,), "days()", node.column)
    return Typed(node=replace(node, duration=duration.node), kind=Kind.NUMBER)


@settle.register
def _place(node: Place, scope: Scope) -> Typed:
    inner = _numeric(scope, node.inner, f"{node.kind}()")
    if sum(isinstance(part, Place) for part in walk(node)) > terms.MOST_PLACES:
        raise RuleLimitError(measure="places inside of one place", limit=terms.MOST_PLACES)
    kinds = {"percentile": Kind.NUMBER, "tile": Kind.INTEGER, "top": Kind.BOOLEAN}
    return Typed(node=replace(node, inner=inner.node), kind=kinds[node.kind])


@settle.register
def _relation(node: Relation, scope: Scope) -> Typed:
    known = scope.catalogue.relations
    if node.relation not in known:
        declare = "Declare `households:` or `accounts:` in a file under identity/."
        raise RuleNameError(noun="relation", name=node.relation, known=known, column=node.column, declare=declare)
    condition = scope.settle(node.condition)
    need(condition.kind, (Kind.BOOLEAN,), f"{node.kind}()", node.condition.column)
    _refuse_relations(condition.node, scope, node)
    return Typed(node=replace(node, condition=condition.node), kind=Kind.BOOLEAN)


def _refuse_relations(node: Node, scope: Scope, outer: Relation) -> None:
    """What is asked of members, features and segments included, must not ask about their groups in turn."""
    for part in walk(node):
        if isinstance(part, Name) and part.space in ("feature", "segment"):
            definition = scope.catalogue.definition(part.space, part.name)
            _refuse_relations(scope.definition(part.space, definition).node, scope, outer)
        elif isinstance(part, Relation):
            raise RuleTypeError(
                what=f"{part.kind}({part.relation}, …) stands inside of {outer.kind}({outer.relation}, …).",
                do="Relations do not nest: ask each of the customer, joined with `and` or `or`.",
                column=outer.column,
            )


@settle.register
def _bucket(node: Bucket, _: Scope) -> Typed:
    return Typed(node=node, kind=Kind.INTEGER)


@settle.register
def _distance(node: Distance, scope: Scope) -> Typed:
    place = scope.settle(node.place)
    need(place.kind, (Kind.LOCATION,), "distance_km()", node.column)
    return Typed(node=node, kind=Kind.NUMBER)


@settle.register
def _text_test(node: TextTest, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    need(operand.kind, (Kind.TEXT,), f"{node.kind}()", node.column)
    if node.kind == "matches":
        need_pattern(node.argument, node.column)
    return Typed(node=replace(node, operand=operand.node), kind=Kind.BOOLEAN)


@settle.register
def _lower(node: Lower, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    need(operand.kind, (Kind.TEXT,), "lower()", node.column)
    return Typed(node=replace(node, operand=operand.node), kind=Kind.TEXT)


@settle.register
def _exists(node: Exists, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    if operand.kind is Kind.DURATION:
        need(operand.kind, (Kind.TEXT, Kind.NUMBER, Kind.TIME), "exists()", node.column)
    return Typed(node=replace(node, operand=operand.node), kind=Kind.BOOLEAN)


@settle.register
def _default(node: Default, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    if operand.kind in (Kind.DURATION, Kind.LOCATION, Kind.PERSONAL):
        need(operand.kind, (Kind.TEXT, Kind.NUMBER, Kind.TIME), "default()", node.column)
    fallback = fit_constant(node.fallback, operand.kind, scope.catalogue.zone)
    widened = Kind.NUMBER if fallback.kind is Kind.NUMBER else operand.kind
    return Typed(node=replace(node, operand=operand.node, fallback=fallback), kind=widened)


@settle.register
def _when(node: When, scope: Scope) -> Typed:
    condition, value = scope.settle(node.condition), scope.settle(node.value)
    need(condition.kind, (Kind.BOOLEAN,), "when()", node.column)
    if value.kind in (Kind.DURATION, Kind.LOCATION, Kind.PERSONAL):
        need(value.kind, (Kind.TEXT, Kind.NUMBER, Kind.TIME), "when()", node.column)
    return Typed(node=replace(node, condition=condition.node, value=value.node), kind=value.kind)


@settle.register
def _compare(node: Compare, scope: Scope) -> Typed:
    left, right = scope.settle(node.left), scope.settle(node.right)
    new_left, new_right = fit_pair(node.op, left.node, left.kind, right.node, right.kind, scope.catalogue.zone)
    return Typed(node=replace(node, left=new_left, right=new_right), kind=Kind.BOOLEAN)


@settle.register
def _is_in(node: IsIn, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    allowed = (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.TIME, Kind.BOOLEAN)
    need(operand.kind, allowed, "in", node.column)
    options = tuple(fit_constant(each, operand.kind, scope.catalogue.zone) for each in node.options)
    return Typed(node=replace(node, operand=operand.node, options=options), kind=Kind.BOOLEAN)


@settle.register
def _arithmetic(node: Arithmetic, scope: Scope) -> Typed:
    left = _numeric(scope, node.left, node.op)
    right = _numeric(scope, node.right, node.op)
    new_left, new_right, kind = fit_arithmetic(node.op, left.node, left.kind, right.node, right.kind)
    return Typed(node=replace(node, left=new_left, right=new_right), kind=kind)


@settle.register
def _negative(node: Negative, scope: Scope) -> Typed:
    operand = _numeric(scope, node.operand, "-")
    return Typed(node=replace(node, operand=operand.node), kind=operand.kind)


@settle.register
def _not(node: Not, scope: Scope) -> Typed:
    operand = scope.settle(node.operand)
    need(operand.kind, (Kind.BOOLEAN,), "not", node.operand.column)
    return Typed(node=replace(node, operand=operand.node), kind=Kind.BOOLEAN)


@settle.register
def _all_boolean(node: And | Or, scope: Scope) -> Typed:
    parts = []
    for part in node.parts:
        typed = scope.settle(part)
        need(typed.kind, (Kind.BOOLEAN,), "and" if isinstance(node, And) else "or", part.column)
        parts.append(typed.node)
    return Typed(node=replace(node, parts=tuple(parts)), kind=Kind.BOOLEAN)
