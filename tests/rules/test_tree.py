"""What the tree reading promises: JSON both ways without loss, and nothing but a RuleError for anything else."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.failures import RuleError, RuleSyntaxError
from habitue.rules.nodes import Compare, Constant, Name, Node
from habitue.rules.reading import read
from habitue.rules.tree import MOST_NODES, from_json, json_schema, to_json
from tests.rules.strategies import nodes, row_nodes

SCHEMA = json_schema()
DID = {"term": "did", "event": "A"}


def fits(schema: object, value: object) -> bool:
    """Whether a value fits the part of JSON Schema that the trees' schema uses."""
    assert isinstance(schema, dict)
    if "$ref" in schema:
        target: object = SCHEMA
        for step in schema["$ref"].removeprefix("#/").split("/"):
            assert isinstance(target, dict)
            target = target[step]
        return fits(target, value)
    if "oneOf" in schema:
        return sum(fits(each, value) for each in schema["oneOf"]) == 1
    if "const" in schema:
        return bool(type(value) is type(schema["const"]) and value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    return any(_fits_type(each, schema, value) for each in _listed(schema["type"]))


def _listed(types: object) -> list[str]:
    return [types] if isinstance(types, str) else list(types) if isinstance(types, list) else []


def _fits_type(kind: str, schema: dict[str, object], value: object) -> bool:
    if kind == "object":
        return isinstance(value, dict) and _fits_object(schema, value)
    if kind == "array":
        length = len(value) if isinstance(value, list) else -1
        least, most = schema.get("minItems", 0), schema.get("maxItems", 10**9)
        assert isinstance(least, int)
        assert isinstance(most, int)
        return least <= length <= most and isinstance(value, list) and all(fits(schema["items"], e) for e in value)
    if kind == "string":
        pattern = schema.get("pattern", "")
        return isinstance(value, str) and re.search(str(pattern), value) is not None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "integer" and isinstance(value, int):
        low, high = schema["minimum"], schema["maximum"]
        return isinstance(low, int) and isinstance(high, int) and low <= value <= high
    return False


def _fits_object(schema: dict[str, object], value: dict[str, object]) -> bool:
    properties, required = schema["properties"], schema["required"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    known = all(key in properties and fits(properties[key], member) for key, member in value.items())
    return known and all(key in value for key in required)


@given(nodes())
def test_a_tree_goes_to_json_and_back_unchanged(node: Node) -> None:
    assert from_json(json.loads(json.dumps(to_json(node)))) == node


@given(row_nodes())
def test_a_condition_goes_to_json_and_back_unchanged(node: Node) -> None:
    assert from_json(json.loads(json.dumps(to_json(node))), row=True) == node


@settings(max_examples=50)
@given(nodes())
def test_every_tree_fits_the_published_schema(node: Node) -> None:
    assert fits(SCHEMA, json.loads(json.dumps(to_json(node))))


@pytest.mark.parametrize(
    "constant",
    [
        Constant(value=Decimal("12.5"), kind=Kind.MONEY),
        Constant(value=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), kind=Kind.TIME),
        Constant(value=datetime(2026, 1, 2, tzinfo=UTC), kind=Kind.DATE),
        Constant(value=129_600_000_000, kind=Kind.DURATION),
        Constant(value=0, kind=Kind.DURATION),
        Constant(value=Decimal(3), kind=Kind.NUMBER),
    ],
)
def test_settled_constants_keep_their_kind(constant: Constant) -> None:
    node = Compare(op="==", left=Name(space="trait", name="x"), right=constant)
    again = from_json(json.loads(json.dumps(to_json(node))))
    assert again == node
    assert isinstance(again, Compare)
    assert isinstance(again.right, Constant)
    assert again.right.kind is constant.kind


def test_objects_name_their_term_in_the_words_of_the_language() -> None:
    rule = "count('Order Completed', where=items >= 3, last='90d') >= 3 and not segment.vip"
    count = {
        "term": "count",
        "event": "Order Completed",
        "where": {
            "term": ">=",
            "left": {"term": "property", "name": "items"},
            "right": {"term": "constant", "kind": "integer", "value": 3},
        },
        "window": {"last": "90d"},
    }
    assert to_json(read(rule)) == {
        "term": "and",
        "parts": [
            {"term": ">=", "left": count, "right": {"term": "constant", "kind": "integer", "value": 3}},
            {"term": "not", "value": {"term": "segment", "name": "vip"}},
        ],
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "At $: a tree object belongs here."),
        ({}, 'At $.term: the key "term" is missing.'),
        ({"term": "dit", "event": "A"}, "Did you mean 'did'?"),
        ({"term": "did"}, "'did' needs the key 'event'"),
        ({"term": "did", "event": "A", "windw": {"last": "7d"}}, "Did you mean 'window'?"),
        ({"term": "did", "event": 3}, "At $.event: a text belongs here."),
        ({"term": "not", "value": {"term": "did", "event": "A", "window": {"last": "7"}}}, "At $.value.window.last:"),
        ({"term": "did", "event": "A", "window": {"last": "7d", "today": True}}, "At $.window: a window belongs here."),
        ({"term": "did", "event": "A", "window": {"between": ["7d", "30d"]}}, "Turn the two round."),
        ({"term": "did", "event": "A", "where": {"term": "did", "event": "B"}}, "At $.where.term: 'did' cannot stand"),
        ({"term": "property", "name": "x"}, "stands only in a condition"),
        ({"term": "sum", "event": "A", "property": "a.b"}, "At $.property: 'a.b' is not a name"),
        ({"term": "trait", "name": "class"}, "is not a name"),
        ({"term": "and", "parts": [DID]}, "At $.parts: a list of two or more parts"),
        ({"term": "and", "parts": [DID, {"term": "x"}]}, "At $.parts[1].term:"),
        ({"term": "tile", "value": DID, "n": True}, "At $.n: a whole number from 2 to 100"),
        ({"term": "constant", "kind": "integer", "value": 1.5}, "At $.value:"),
        ({"term": "constant", "kind": "integer", "value": True}, "At $.value:"),
        ({"term": "constant", "kind": "integer", "value": 10**5000}, "At $.value:"),
        ({"term": "constant", "kind": "number", "value": 10**5000}, "At $.value:"),
        ({"term": "constant", "kind": "number", "value": float("nan")}, "At $.value:"),
        ({"term": "constant", "kind": "number", "value": "1e999"}, "At $.value:"),
        ({"term": "constant", "kind": "money", "value": "0.00001"}, "At $.value: money has at most four"),
        ({"term": "constant", "kind": "time", "value": "2026-01-01"}, "At $.value:"),
        ({"term": "constant", "kind": "location", "value": "1"}, "'location' is no kind"),
        ({"term": "constant", "kind": "text", "value": "a\0"}, "no table can store"),
        ({"term": "constant", "kind": "text", "value": "\ud800"}, "no table can store"),
        ({"term": "constant", "kind": "text", "value": "a" * 20_001}, "longer than"),
        ({"term": "regularly", "event": "A", "every": "7d", "periods": 3, "of": 2}, "At $.periods:"),
        ({"term": "distance_km", "trait": "home", "latitude": "91", "longitude": "0"}, "At $.latitude: degrees"),
        ({"term": "score", "name": "churn", "part": "top"}, "At $.part: 'top' is not one of decile, low, high"),
        ({"term": "negative", "value": {"term": "constant", "kind": "integer", "value": 1}}, "carries its own sign"),
        ({"term": "in", "value": DID, "options": []}, "At $.options:"),
        ({"term": "in", "value": DID, "options": [DID]}, "At $.options[0]: a constant belongs here."),
        ({"term": "sequence", "events": ["A"], "within": "1d"}, "At $.events:"),
        ({"term": "stopped", "event": "A", "after": "0s"}, "At $.after: a length of time"),
    ],
)
def test_a_fault_is_named_with_its_path_and_what_to_do(value: object, message: str) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        from_json(value)
    assert message in str(caught.value)


def test_depth_and_size_are_bounded() -> None:
    deep: dict[str, object] = dict(DID)
    for _ in range(60):
        deep = {"term": "not", "value": deep}
    with pytest.raises(RuleSyntaxError, match="deeper than 50"):
        from_json(deep)
    with pytest.raises(RuleSyntaxError, match=f"more than {MOST_NODES} nodes"):
        from_json({"term": "and", "parts": [DID] * MOST_NODES})
    with pytest.raises(RuleError, match="more than 20000 characters"):
        from_json({"term": "and", "parts": [{"term": "did", "event": "A" * 15_000}] * 2})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.booleans())
def test_any_json_is_a_tree_or_a_rule_error(value: object, row: bool) -> None:
    with pytest.raises(RuleError):
        from_json(value, row=row)


@st.composite
def damaged_trees(draw: st.DrawFn) -> object:
    """A tree's JSON with one member somewhere replaced, removed or added."""
    tree = json.loads(json.dumps(to_json(draw(nodes(max_leaves=4)))))
    spot = tree
    while True:
        members = list(spot.values()) if isinstance(spot, dict) else spot
        inner = [each for each in members if isinstance(each, dict | list) and each]
        if not inner or draw(st.booleans()):
            break
        spot = draw(st.sampled_from(inner))
    key = draw(st.sampled_from(list(spot) if isinstance(spot, dict) else list(range(len(spot)))))
    match draw(st.sampled_from(["replace", "remove", "add", "swap"])):
        case "remove":
            del spot[key]
        case "add" if isinstance(spot, dict):
            spot[draw(st.sampled_from(["value", "term", "window", "where", "n", "x"]))] = draw(json_values)
        case "swap":
            spot[key] = json.loads(json.dumps(to_json(draw(nodes(max_leaves=2)))))
        case _:
            spot[key] = draw(json_values)
    return tree


@settings(max_examples=300)
@given(damaged_trees())
def test_a_damaged_tree_is_a_rule_error_or_another_tree(value: object) -> None:
    try:
        node = from_json(value)
    except RuleError:
        return
    assert from_json(to_json(node)) == node
