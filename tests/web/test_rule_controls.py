"""What is promised of the builder's controls: every rule can be made and changed with them, and stays what it was."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings

from habitue.rules.examining import examine
from habitue.rules.nodes import Aggregate, Constant, Followed, Node, Property, Regularly, Sequence, Stopped, TextTest
from habitue.rules.reading import read
from habitue.rules.tree import JsonObject, from_json, to_json
from habitue.rules.tree_shapes import SHAPES
from habitue.rules.vocabulary import TERMS
from habitue.rules.walking import walk
from habitue.rules.writing import write
from tests.rules.example_catalogue import RELATED
from tests.rules.examples import EXAMPLES
from tests.rules.strategies import nodes
from tests.rules.typed_rules import rules_for
from tests.web.controls import WEB, Builder, Json, building

TEMPLATES = Path(__file__).parents[2] / "src" / "habitue" / "templates"
SHIPPED = [
    rule
    for file in sorted([*TEMPLATES.glob("*/segments/*.yaml"), *TEMPLATES.glob("*/features/*.yaml")])
    for rule in re.findall(r"^rule: ([^|>\n].*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
]
ODD = [
    "when(did('Order Completed', where=not (gift or items > 2)) and not (trait.age > 3 or True), 'a') == 'DE'",
    "when(when(trait.subscribed, did('Product Viewed')), -trait.age) in [-1, 2]",
    "any(household, not (trait.age > 1 and trait.age < 9))",
    "not not trait.subscribed",
    "not (not (trait.age > 1 or trait.subscribed))",
    "did('Order Completed') == (trait.age > 1 or trait.subscribed)",
    "exists(did('Order Completed') and trait.subscribed)",
    "default(exists(trait.country), False)",
    "trait.country in ['', 'DE', \"it's\"] and trait.country != '' and contains(trait.country, '')",
    "count('Order Completed', between=('30d', '0s')) >= -1",
    "did('Order Completed', since='2026-01-01T10:30:00+02:00', where=when(gift, items) > 1)",
    "trait.joined_at > '2026-01-01T00:00:01.5Z' and since(trait.joined_at) > '1d12h0.5s'",
    "days(since(default(trait.joined_at, '2026-01-01'))) > 1.5",
    "score.churn.high and score.churn.decile >= 9 and not score.churn.low == True",
    "change(sum('Order Completed'.revenue) / count('Order Completed'), last='30d') < 0.5",
    "trait.age > feature.orders_30d and trait.country == cluster.personas and 3 < trait.age",
    "bucket('a') < 5000 and distance_km(trait.home, (-52.5, 13.4)) < 50",
    "top(when(segment.loyal, tile(trait.credit, 5) * 2 - 1), 100)",
]


@pytest.fixture(scope="module")
def builder() -> Iterator[Builder]:
    if not (WEB / "node_modules").exists():
        pytest.skip("needs what web/package-lock.json names: `npm --prefix web ci`")
    with building(RELATED) as found:
        yield found


def joined(tree: Json) -> Json:
    """A tree whose groups of one are that one, as the server takes them."""
    if isinstance(tree, list):
        return [joined(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("term") in {"and", "or"} and len(tree["parts"]) == 1:
        return joined(tree["parts"][0])
    return {key: joined(each) for key, each in tree.items()}


def at(tree: Json, path: str) -> Json:
    """What stands at a path: `$.parts[0].value`."""
    for step in path.replace("[", ".").replace("]", "").split(".")[1:]:
        tree = tree[int(step)] if step.isdigit() else tree[step]
    return tree


def written_in(node: Node) -> set[str]:
    """What somebody has to see of a rule: its events, names, texts and numbers."""
    found: set[str] = set()
    for each in walk(node):
        match each:
            case Sequence(events=events):
                found.update(events)
            case Aggregate(event=event) | Stopped(event=event) | Regularly(event=event):
                found.add(event)
            case Followed(event=event, by=by):
                found.update((event, by))
            case Constant(value=str() as text) | TextTest(argument=text) if text:
                found.add(text)
            case Constant(value=int() | Decimal() as number) if not isinstance(number, bool):
                found.add(str(number))
            case Property(name=name):
                found.add(name)
    return found


def test_every_term_of_the_language_has_controls(builder: Builder) -> None:
    assert builder.without_controls([*SHAPES, *(each.term for each in TERMS), "a term to come"]) == ["a term to come"]


@pytest.mark.parametrize("rule", [*dict.fromkeys([*(each.rule for each in EXAMPLES), *SHIPPED, *ODD])])
def test_an_example_becomes_controls_and_the_same_text_again(rule: str, builder: Builder) -> None:
    node = read(rule)
    found = builder.edit(to_json(node))
    assert write(from_json(joined(found.sent))) == write(node)
    assert found.again == found.edited
    assert not found.is_as_text()


@settings(max_examples=80, deadline=None)
@given(rule=nodes())
def test_any_rule_becomes_controls_and_the_same_text_again(builder: Builder, rule: Node) -> None:
    text = write(rule)
    found = builder.edit(to_json(read(text)))
    assert write(from_json(joined(found.sent))) == text
    assert found.again == found.edited
    assert not found.is_as_text()


@settings(max_examples=80, deadline=None)
@given(rule=rules_for(RELATED))
def test_a_rule_that_fits_is_examined_alike_when_it_comes_from_controls(builder: Builder, rule: Node) -> None:
    tree = json.loads(json.dumps(to_json(read(write(rule)))))
    found = builder.edit(tree)
    examined, straight = examine(found.sent, RELATED), examine(tree, RELATED)
    assert examined.node == straight.node
    assert [(each.code, each.what) for each in examined.faults] == [(each.code, each.what) for each in straight.faults]


@settings(max_examples=60, deadline=None)
@given(rule=rules_for(RELATED))
def test_what_a_rule_says_stands_in_its_controls(builder: Builder, rule: Node) -> None:
    node = read(write(rule))
    shown = builder.edit(to_json(node)).controls()
    labels = {each.replace("_", " ") for each in shown} | shown
    # A moment is a date and a time, a length of time a number and a unit.
    missing = {each for each in written_in(node) if each not in labels and each[:10] not in labels}
    assert {each for each in missing if not re.fullmatch(r"(\d+[dhms])+", each)} == set()


@settings(max_examples=60, deadline=None)
@given(rule=rules_for(RELATED))
def test_what_the_server_names_is_found_where_it_is_edited(builder: Builder, rule: Node) -> None:
    found = builder.edit(to_json(read(write(rule))))
    for named, edited in found.places:
        assert joined(at(found.edited, edited)) == joined(at(found.sent, named))


def test_a_term_of_a_newer_server_is_shown_as_it_is_and_sent_back_unchanged(builder: Builder) -> None:
    later: JsonObject = {
        "term": "later than all of these",
        "event": "Order Completed",
        "value": {"term": "trait", "name": "age"},
    }
    known = to_json(read("trait.age > 1"))
    found = builder.edit({"term": "and", "parts": [known, later, {"term": "not", "value": later}]})
    assert found.sent == {"term": "and", "parts": [known, later, {"term": "not", "value": later}]}
    assert found.html.count("rule-asis") == 2
    assert found.html.count("Change it as text") == 2
