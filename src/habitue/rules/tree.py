"""The tree reading: a rule as JSON for the builder and the API, both ways, without loss and closed to anything else."""

from dataclasses import replace
from typing import Final

from habitue.errors import did_you_mean
from habitue.rules import terms
from habitue.rules.nodes import Constant, Negative, Node, Regularly
from habitue.rules.reading import read, read_row
from habitue.rules.tree_fields import Json, JsonObject, Reading, Spot, read_constant_value, shown, write_constant_value
from habitue.rules.tree_shapes import SHAPES, Shape, term_of
from habitue.rules.writing import write

MOST_NODES: Final = 2_000
_SIGNS: Final = {
    "==": "equal", "!=": "unequal", "<": "below", "<=": "at_most", ">": "above", ">=": "at_least",
    "+": "plus", "-": "minus", "*": "times", "/": "divided", "not in": "not_in",
}  # fmt: skip
__all__ = ["MOST_NODES", "Json", "JsonObject", "from_json", "from_json_placed", "json_schema", "to_json"]


def to_json(node: Node) -> JsonObject:
    """The JSON object of a tree: `"term"` names the node in the language's words, the other keys its parts.

    Exact numbers are texts, times ISO 8601 in UTC, durations and windows as in rule text; what is at its default is
    left out.

    Examples:
        >>> to_json(read("did('Cart Viewed', last='7d')"))
        {'term': 'did', 'event': 'Cart Viewed', 'window': {'last': '7d'}}
    """
    return _Tree().json(node)


def from_json(value: object, *, row: bool = False) -> Node:
    """The tree of a JSON value that `to_json` or a builder made.

    Args:
        value: What a JSON reader returned.
        row: Whether it is a condition on one event or row, as in `where`.

    Raises:
        RuleError: The value is not a tree of the language; the error names the path of the fault.

    Examples:
        >>> write(from_json({"term": "did", "event": "Cart Viewed", "window": {"last": "7d"}}))
        "did('Cart Viewed', last='7d')"
    """
    node = _Tree().node(value, Spot(in_row=row))
    # Text and JSON admit the same rules: what could not be written and read again within the limits is refused here.
    text = write(node)
    read_row(text) if row else read(text)
    return node


def from_json_placed(value: object, *, path: str = "$", depth: int = 0) -> tuple[Node, tuple[str, ...]]:
    """The tree of a JSON value, each node with a number in place of its column, and the path behind each number.

    What checking finds wrong with the tree names a column, which is then the 1-based number of a path.

    Args:
        value: What a JSON reader returned.
        path: Where in a greater tree it stands.
        depth: Levels of nodes above it.

    Raises:
        RuleError: The value is not a tree of the language.

    Examples:
        >>> node, paths = from_json_placed({"term": "not", "value": {"term": "did", "event": "Cart Viewed"}})
        >>> node.column, paths
        (2, ('$.value', '$'))
    """
    tree = _Tree()
    node = tree.node(value, Spot(path=path, depth=depth))
    read(write(node))
    return node, tuple(tree.paths)


class _Tree(Reading):
    """One tree on its way, counting its nodes."""

    def __init__(self) -> None:
        self.count = 0
        self.paths: list[str] = []

    def json(self, node: Node) -> JsonObject:
        shape = SHAPES[term_of(node)]
        made: JsonObject = {"term": shape.term}
        for field in shape.fields:
            value = getattr(node, field.attribute)
            if field.absent is ... or value != field.absent:
                made[field.key] = field.write(self, value)
        if isinstance(node, Constant):
            made["value"] = write_constant_value(node)
        return made

    def node(self, value: object, spot: Spot) -> Node:
        self.count += 1
        if self.count > MOST_NODES:
            raise spot.fail(f"the tree has more than {MOST_NODES} nodes.", "Split it into segments or features.")
        if spot.depth > terms.DEEPEST:
            raise spot.fail(f"the tree is deeper than {terms.DEEPEST} levels.", "Split it into segments or features.")
        if not isinstance(value, dict):
            raise spot.fail("a tree object belongs here.", 'Give an object such as {"term": "did", "event": …}.')
        shape = _shape_of(value, spot)
        _refuse_unknown_keys(value, shape, spot)
        inside = Spot(path=spot.path, depth=spot.depth + 1, in_row=spot.in_row)
        given: dict[str, object] = dict(shape.fixed)
        for field in shape.fields:
            if field.key in value:
                given[field.attribute] = field.read(self, value[field.key], inside.at(f".{field.key}"))
            elif field.absent is ...:
                raise spot.fail(f"{shape.term!r} needs the key {field.key!r}.", "Add it.")
        if shape.node is Constant:
            return replace(read_constant_value(str(given["kind"]), given["value"], spot), column=self._number(spot))
        return _checked(shape.node(**given, column=self._number(spot)), spot)

    def _number(self, spot: Spot) -> int:
        self.paths.append(spot.path)
        return len(self.paths)


def _shape_of(value: dict[object, object], spot: Spot) -> Shape:
    term = value.get("term")
    shape = SHAPES.get(term) if isinstance(term, str) else None
    if shape is None:
        near = did_you_mean(term[:60], SHAPES) if isinstance(term, str) else None
        what = f"no term is called {shown(term)}." if "term" in value else 'the key "term" is missing.'
        raise spot.at(".term").fail(what, f"Did you mean {near!r}?" if near else "Name a term of the rule language.")
    if not (shape.in_row if spot.in_row else shape.in_rule):
        where = "cannot stand in a condition on one event" if spot.in_row else "stands only in a condition on one event"
        raise spot.at(".term").fail(f"{term!r} {where}.", "Take it out or move it.")
    return shape


def _refuse_unknown_keys(value: dict[object, object], shape: Shape, spot: Spot) -> None:
    known = ["term", *(field.key for field in shape.fields)]
    for key in value:
        if key not in known:
            near = did_you_mean(key[:60], known) if isinstance(key, str) else None
            do = f"Did you mean {near!r}?" if near else f"It takes {', '.join(known)}."
            raise spot.fail(f"{shape.term!r} takes no key {shown(key)}.", do)


def _checked(node: Node, spot: Spot) -> Node:
    if isinstance(node, Regularly) and node.periods > node.of:
        raise spot.at(".periods").fail("there are more periods than `of` holds.", "Turn the two round.")
    operand = node.operand if isinstance(node, Negative) else None
    if isinstance(operand, Constant) and operand.kind.is_numeric:
        raise spot.fail("a number carries its own sign.", 'Give the constant with a minus instead of "negative".')
    return node


def json_schema() -> JsonObject:
    """The JSON Schema (2020-12) of rule trees; `#/$defs/condition` is the part that may stand under `where`.

    Lengths, depth and the number of nodes are bounded beyond what a schema says.
    """
    in_rule = [each for each in SHAPES.values() if each.in_rule]
    in_row = [each for each in SHAPES.values() if each.in_row]
    defs: JsonObject = {
        "node": {"oneOf": [{"$ref": f"#/$defs/{_place(each, row=False)}"} for each in in_rule]},
        "condition": {"oneOf": [{"$ref": f"#/$defs/{_place(each, row=True)}"} for each in in_row]},
        "constant": _object_schema(SHAPES["constant"], row=False),
    }
    for each in in_rule:
        defs[_place(each, row=False)] = _object_schema(each, row=False)
    for each in in_row:
        defs[_place(each, row=True)] = _object_schema(each, row=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A rule of Habitue",
        "$ref": "#/$defs/node",
        "$defs": defs,
    }


def _place(shape: Shape, *, row: bool) -> str:
    return f"{'row' if row else 'rule'}_{_SIGNS.get(shape.term, shape.term)}"


def _object_schema(shape: Shape, *, row: bool) -> JsonObject:
    properties: JsonObject = {"term": {"const": shape.term}}
    for field in shape.fields:
        properties[field.key] = _in_row(field.schema) if row else field.schema
    return {
        "type": "object",
        "properties": properties,
        "required": ["term", *(field.key for field in shape.fields if field.absent is ...)],
        "additionalProperties": False,
    }


def _in_row(schema: JsonObject) -> JsonObject:
    """The same schema with conditions in place of whole rules."""
    if schema.get("$ref") == "#/$defs/node":
        return {"$ref": "#/$defs/condition"}
    items = schema.get("items")
    return {**schema, "items": _in_row(items)} if isinstance(items, dict) else schema
