"""That text never becomes anything but a rule or an error, and a rule never anything but one SELECT over our tables.

`HYPOTHESIS_PROFILE=ci` reads 100,000 texts and trees; other profiles a tenth of that.
"""

import os
import random
import sys
from collections.abc import Iterable, Iterator, Sequence

import pytest

from habitue.records import Kind
from habitue.rules import Moment, RuleError, check, read
from habitue.rules.batch import Question, answer
from habitue.rules.nodes import Aggregate, Compare, Constant, IsIn, Name, Node, Property, TextTest
from habitue.rules.tree import Json, from_json
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.examples import NOW
from tests.rules.hostile import TEXTS, texts, trees
from tests.rules.law import InMemory
from tests.rules.populations import Event, Person
from tests.rules.statements import Allowed, outside

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
COUNT = 100_000 if THOROUGH else 10_000
VALUES = 5_000 if THOROUGH else 500
TOGETHER = 8
ALLOWED = Allowed.of(CATALOGUE)


def in_parts(nodes: Sequence[Node], size: int) -> Iterator[Sequence[Node]]:
    """Some rules at a time."""
    return (nodes[start : start + size] for start in range(0, len(nodes), size))


def accepted(given_texts: Iterable[str], given_trees: Iterable[Json]) -> Iterator[Node]:
    """The rules among them; whatever is none must be refused as such."""
    for text in given_texts:
        try:
            yield check(read(text), CATALOGUE).node
        except RuleError:
            continue
    for tree in given_trees:
        try:
            yield check(from_json(tree), CATALOGUE).node
        except RuleError:
            continue


@pytest.fixture(scope="module")
def rules() -> list[Node]:
    """The distinct rules among the hostile texts and trees."""
    half = COUNT // 2
    return list(dict.fromkeys(accepted(texts(half, seed=7), trees(half, seed=7))))


@pytest.fixture(scope="module")
def engine() -> InMemory:
    """One DuckDB for all statements."""
    return InMemory(CATALOGUE)


def statement(rules: Sequence[Node], engine: InMemory) -> str:
    """The SQL that answers some rules."""
    moment = Moment(now=NOW, zone=CATALOGUE.zone)
    question = Question(catalogue=CATALOGUE, tables=engine.tables, moment=moment, cuts={})
    return str(engine.ibis.compile(answer({f"rule_{i}": rule for i, rule in enumerate(rules)}, question)))


def test_every_text_and_tree_is_a_rule_or_refused_as_one(rules: list[Node], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f" [{COUNT:,} hostile texts and trees, {len(rules):,} distinct rules among them]")
    assert len(rules) > 100


@pytest.mark.slow
def test_every_rule_among_them_is_one_select_of_the_projects_names_and_its_own_texts(
    rules: list[Node], engine: InMemory
) -> None:
    wrong = []
    for part in in_parts(rules, TOGETHER):
        wrong += outside(statement(part, engine), part, CATALOGUE, ALLOWED)
    assert sorted(set(wrong)) == []


@pytest.mark.slow
def test_some_of_them_run(rules: list[Node], engine: InMemory) -> None:
    engine.fill([Person(customer_id="a"), Person(customer_id="b", traits={"country": "'; --"})])
    sample = random.Random(7).sample(rules, 120)
    for part in in_parts(sample, TOGETHER):
        assert len(engine.con.execute(statement(part, engine)).fetchall()) == 2


def hostile_values() -> list[str]:
    """Distinct texts that a rule may hold: corpora of attacks, and characters of every plane in any order."""
    dice = random.Random(11)
    found = {text: None for text in TEXTS if len(text) < 100}
    signs = "'\"\\;-/*%_$?:@#`(){}[]|&^~<>= \n\r\t\u2028\ufeff\u2019\uff07"
    while len(found) < VALUES:
        found["".join(_letter(dice, signs) for _ in range(dice.randint(1, 12)))] = None
    return list(found)


def _letter(dice: random.Random, signs: str) -> str:
    return dice.choice((dice.choice(signs), chr(dice.randrange(1, 0xD800)), chr(dice.randrange(0xE000, 0x110000))))


@pytest.mark.slow
def test_hostile_constants_and_values_meet_each_other_exactly(engine: InMemory) -> None:
    values = hostile_values()
    event = "Product Viewed"
    engine.fill(
        [
            Person(
                customer_id=f"c{i}",
                traits={"country": value},
                events=(Event(name=event, occurred_at=NOW, position=i, properties={"product_id": value}),),
            )
            for i, value in enumerate(values)
        ]
    )
    for start in range(0, len(values), 100):
        part = values[start : start + 100]
        options = tuple(Constant(value=each, kind=Kind.TEXT) for each in part)
        trait = IsIn(operand=Name(space="trait", name="country"), options=options)
        seen = Aggregate(kind="did", event=event, where=IsIn(operand=Property(name="product_id"), options=options))
        asked = [check(each, CATALOGUE).node for each in (trait, seen)]
        sql = statement(asked, engine)
        assert outside(sql, asked, CATALOGUE, ALLOWED) == []
        found = engine.con.execute(sql).fetchall()
        wanted = {f"c{start + i}" for i in range(len(part))}
        assert {customer for customer, *holds in found if holds == [True, True]} == wanted
        assert {customer for customer, *holds in found if any(holds)} == wanted


@pytest.mark.slow
def test_hostile_arguments_of_text_tests_are_taken_by_the_letter(engine: InMemory) -> None:
    values = hostile_values()[:200]
    country = Name(space="trait", name="country")
    engine.fill([Person(customer_id=f"c{i}", traits={"country": f"<{value}>"}) for i, value in enumerate(values)])
    for each in values:
        asked: list[Node] = [
            TextTest(kind="contains", operand=country, argument=each),
            TextTest(kind="startswith", operand=country, argument=f"<{each}"),
            TextTest(kind="endswith", operand=country, argument=f"{each}>"),
            Compare(op="==", left=country, right=Constant(value=f"<{each}>", kind=Kind.TEXT)),
        ]
        sql = statement(asked, engine)
        found = {customer: tuple(holds) for customer, *holds in engine.con.execute(sql).fetchall()}
        assert found == {f"c{i}": _by_the_letter(f"<{value}>", each) for i, value in enumerate(values)}


def _by_the_letter(text: str, part: str) -> tuple[bool, ...]:
    return part in text, text.startswith(f"<{part}"), text.endswith(f"{part}>"), text == f"<{part}>"
