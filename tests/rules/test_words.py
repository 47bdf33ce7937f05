"""What words promise: one plain English sentence for every rule, with nothing of the syntax in it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.checking import check, check_condition
from habitue.rules.nodes import Compare, Comparison, Constant, Name, Node, Not
from habitue.rules.reading import read
from habitue.rules.words import describe, describe_condition
from tests.rules.example_catalogue import CATALOGUE, WORDS
from tests.rules.strategies import nodes, rules_for, values_for
from tests.rules.typed_rules import constants_of

LABELS = {
    "segment.cart_abandoner": "Cart abandoners",
    "segment.vip": "VIP",
    "feature.spend_365d": "Spend in the last 365 days",
    "feature.orders_365d": "Orders in the last 365 days",
}
OPERATORS: tuple[Comparison, ...] = ("==", "!=", "<", "<=", ">", ">=")
SYNTAX = re.compile(r"[<>=!_\[\]{}*/]|\b(True|False|None|not not)\b")


def _snapshots() -> list[tuple[str, str]]:
    """Rules and their sentences, reviewed by people: a rule on one line, its sentence indented on the next."""
    lines = Path(__file__).with_name("sentences.txt").read_text().splitlines()
    return [(rule, words.strip()) for rule, words in zip(lines[::2], lines[1::2], strict=True)]


@pytest.mark.parametrize(("rule", "sentence"), _snapshots())
def test_a_rule_says_the_sentence_that_was_reviewed(rule: str, sentence: str) -> None:
    assert describe(read(rule), labels=LABELS) == sentence


def _bare(sentence: str) -> str:
    """The sentence without what it quotes."""
    for word in sorted(WORDS, key=len, reverse=True):
        sentence = sentence.replace(f"'{word}'", "…")
    return re.sub("'[^']*'", "…", sentence)


@settings(max_examples=200)
@given(rules_for(CATALOGUE))
def test_every_rule_has_a_sentence_without_syntax(rule: Node) -> None:
    for node in (rule, check_condition(rule, CATALOGUE)):
        sentence = describe(node, zone=CATALOGUE.zone)
        assert sentence.startswith(("Customers ", "All ", "No "))
        assert sentence.endswith(".")
        assert "  " not in sentence
        assert not SYNTAX.search(_bare(sentence)), _bare(sentence)
        assert not re.search(r"\b(\w+) \1\b", _bare(sentence))
        assert describe(node, zone=CATALOGUE.zone) == sentence


@given(nodes())
def test_whatever_can_be_read_can_be_said(node: Node) -> None:
    assert describe(node).endswith(".")
    assert describe_condition(node)


@settings(max_examples=100)
@given(st.data())
def test_different_comparisons_say_different_sentences(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([Kind.INTEGER, Kind.MONEY, Kind.NUMBER, Kind.TIME]))
    left = data.draw(values_for(CATALOGUE, kind))
    right = data.draw(constants_of(kind) | values_for(CATALOGUE, kind, depth=0))
    for wrap in (lambda node: node, lambda node: Not(operand=node)):
        rules = [wrap(Compare(op=op, left=left, right=right)) for op in OPERATORS]
        assert len({describe(check(rule, CATALOGUE).node) for rule in rules}) == len(OPERATORS)


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize("name", ["local_hour", "local_weekday", "local_month", "occurred_at", "items", "revenue"])
def test_different_comparisons_in_conditions_say_different_sentences(name: str, op: Comparison) -> None:
    bound = "'2026-01-01'" if name == "occurred_at" else "5"
    said = {each: describe(read(f"did('Order Completed', where={name} {each} {bound})")) for each in OPERATORS}
    assert sum(sentence == said[op] for sentence in said.values()) == 1


@pytest.mark.parametrize(
    ("noun", "start"),
    [("patient", "Patients who"), ("person", "People who"), ("company", "Companies who"), ("", "Customers who")],
)
def test_the_noun_of_the_project_is_used(noun: str, start: str) -> None:
    assert describe(read("did('A')"), noun=noun).startswith(start)


def test_settled_constants_are_said_in_the_zone_of_the_project() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    midnight = Constant(value=datetime(2025, 12, 31, 23, tzinfo=UTC), kind=Kind.TIME)
    rule = Compare(op="<", left=Name(space="trait", name="joined_at"), right=midnight)
    assert describe(rule, zone=berlin) == "Customers whose joined time was before 1 January 2026."
    money = Compare(
        op=">=", left=Name(space="trait", name="credit"), right=Constant(value=Decimal("12.5000"), kind=Kind.MONEY)
    )
    assert describe(money) == "Customers whose credit is at least 12.5."


@pytest.mark.parametrize(
    ("rule", "phrase"),
    [
        ("count('Order Completed', last='90d')", "number of 'Order Completed' in the last 90 days"),
        ("sum('Order Completed'.revenue)", "total revenue from 'Order Completed'"),
        (
            "change(count('Session'), last='30d')",
            "number of 'Session' in the last 30 days relative to the 30 days before",
        ),
        ("percentile(feature.monetary)", "place from 0 to 1 by monetary"),
        ("6 - tile(feature.recency, 5)", "6 minus the group from 1 to 5 by recency"),
        ("days(since(trait.joined_at))", "number of days since their joined time"),
        ("did('A') and did('B')", "did 'A' and did 'B'"),
        ("trait.country == 'DE'", "country is 'DE'"),
        ("segment.vip", "are in the segment 'vip'"),
    ],
)
def test_a_part_or_value_is_said_as_a_phrase(rule: str, phrase: str) -> None:
    assert describe_condition(read(rule)) == phrase
