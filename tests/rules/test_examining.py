"""What a builder is promised: a rule goes to its tree and back unchanged, and every fault is told where it stands."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings

from habitue.rules.catalogue import Definition
from habitue.rules.checking import check_condition
from habitue.rules.examining import examine
from habitue.rules.failures import RuleError
from habitue.rules.nodes import And, Node, Not, Or
from habitue.rules.reading import read
from habitue.rules.tree import from_json, from_json_placed, to_json
from habitue.rules.tree_shapes import SHAPES
from habitue.rules.vocabulary import TERMS
from habitue.rules.walking import walk
from habitue.rules.writing import write
from tests.rules.example_catalogue import CATALOGUE, RELATED
from tests.rules.strategies import nodes
from tests.rules.typed_rules import rules_for

DID = {"term": "did", "event": "Order Completed"}
ODD = {"term": "did", "event": "Ordr Completed"}


@settings(max_examples=60)
@given(nodes())
def test_text_goes_to_the_tree_and_back_to_the_same_text(node: Node) -> None:
    text = write(node)
    tree = json.loads(json.dumps(to_json(read(text))))
    assert write(from_json(tree)) == text
    assert to_json(from_json(tree)) == tree


@settings(max_examples=40)
@given(rules_for(CATALOGUE))
def test_a_rule_that_fits_is_examined_as_it_is_checked(rule: Node) -> None:
    rule = read(write(rule))
    try:
        settled = check_condition(rule, CATALOGUE)
    except RuleError:
        return
    found = examine(json.loads(json.dumps(to_json(rule))), CATALOGUE)
    assert found.faults == ()
    assert found.node == settled
    assert set(_parts(settled)) <= set(found.parts.values())


def _parts(node: Node) -> list[Node]:
    if isinstance(node, And | Or):
        return [node, *(each for part in node.parts for each in _parts(part))]
    return [node, *_parts(node.operand)] if isinstance(node, Not) else [node]


@pytest.mark.parametrize(
    ("rule", "within"),
    [
        (
            "when(did('Email Clicked') and not segment.loyal, trait.age) >= 18",
            {
                "$.left.condition": "did('Email Clicked') and not segment.loyal",
                "$.left.condition.parts[0]": "did('Email Clicked')",
                "$.left.condition.parts[1]": "not segment.loyal",
                "$.left.condition.parts[1].value": "segment.loyal",
            },
        ),
        ("any(household, trait.age > 40)", {"$.condition": "trait.age > 40"}),
        ("exists(trait.age) == segment.loyal", {"$.left": "exists(trait.age)", "$.right": "segment.loyal"}),
        ("count('Order Completed', where=discount > 0.1) > 2", {}),
    ],
)
def test_conditions_within_a_term_are_parts_and_those_on_events_are_none(rule: str, within: dict[str, str]) -> None:
    found = examine(to_json(read(rule)), RELATED)
    assert found.faults == ()
    assert {path: write(node) for path, node in found.parts.items() if path != "$"} == within


@settings(max_examples=40)
@given(nodes())
def test_each_node_of_a_placed_tree_names_its_path(node: Node) -> None:
    tree = json.loads(json.dumps(to_json(node)))
    placed, paths = from_json_placed(tree)
    assert placed == node
    for each in walk(placed):
        if each.column:
            assert to_json(each) == _at(tree, paths[each.column - 1])


def _at(tree: object, path: str) -> object:
    """The part of a tree at a path as faults have it."""
    for step in path.removeprefix("$").replace("[", ".").replace("]", "").split(".")[1:]:
        assert isinstance(tree, dict | list)
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree


@pytest.mark.parametrize(
    ("rule", "places", "left"),
    [
        ("did('Ordr Completed')", ["$"], None),
        ("did('Order Completed') and did('Ordr Completed')", ["$.parts[1]"], "did('Order Completed')"),
        ("not did('Ordr Completed') or trait.age > 3", ["$.parts[0].value"], "trait.age > 3"),
        ("trait.age > 'x' and trait.land == 'DE'", ["$.parts[0].right", "$.parts[1].left"], None),
        ("count('Order Completed', where=colour == 'red') > 2", ["$.left.where.left"], None),
        ("trait.age", ["$"], None),
    ],
)
def test_every_fault_is_told_with_its_place_and_the_rest_counts(rule: str, places: list[str], left: str | None) -> None:
    found = examine(to_json(read(rule)), CATALOGUE)
    assert [each.path for each in found.faults] == places
    assert (None if found.node is None else write(found.node)) == left
    assert all(each.what and each.do and each.code for each in found.faults)


@pytest.mark.parametrize(
    ("tree", "code", "place"),
    [
        ({"term": "and", "parts": []}, "RULE-SYNTAX", "$"),
        ({"term": "and", "parts": [{"term": "or", "parts": []}, DID]}, "RULE-SYNTAX", "$.parts[0]"),
        ({"term": "and", "parts": [DID, None]}, "RULE-SYNTAX", "$.parts[1]"),
        ({"term": "not", "value": ODD}, "RULE-UNKNOWN-NAME", "$.value"),
        ({"term": "did"}, "RULE-SYNTAX", "$"),
        ([], "RULE-SYNTAX", "$"),
        ("did('Order Completed')", "RULE-SYNTAX", "$"),
    ],
)
def test_what_a_builder_has_not_finished_is_a_fault_and_no_error(tree: object, code: str, place: str) -> None:
    faults = examine(tree, CATALOGUE).faults
    assert [(each.code, each.path) for each in faults] == [(code, place)]


def test_a_group_of_one_is_that_one() -> None:
    found = examine({"term": "and", "parts": [{"term": "or", "parts": [DID]}]}, CATALOGUE)
    assert found.node == read("did('Order Completed')")
    assert set(found.parts) == {"$", "$.parts[0]", "$.parts[0].parts[0]"}


def test_groups_without_end_are_refused() -> None:
    tree: dict[str, object] = dict(DID)
    for _ in range(80):
        tree = {"term": "not", "value": tree}
    assert [each.code for each in examine(tree, CATALOGUE).faults] == ["RULE-LIMIT"]


def test_a_segment_that_leads_back_to_itself_is_a_fault() -> None:
    fond = Definition(name="fond", rule=read("segment.loyal"))
    known = replace(CATALOGUE, segments={**CATALOGUE.segments, "fond": fond})
    tree = to_json(read("segment.fond"))
    assert examine(tree, known, name="another").faults == ()
    assert [each.code for each in examine(tree, known, name="loyal").faults] == ["RULE-CYCLE"]


def test_every_term_is_offered_with_an_example_that_holds_it() -> None:
    assert sorted(each.term for each in TERMS) == sorted(SHAPES)
    for each in TERMS:
        written = json.dumps(to_json(read(each.example)))
        assert json.dumps(each.term) in written, each.term
        assert [argument.key for argument in each.arguments] == [field.key for field in SHAPES[each.term].fields]
