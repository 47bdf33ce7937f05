"""What each term of the language means, by example, on the embedded engine and in the oracle alike."""

import pytest

from habitue.rules.cuts import PER_MILLE
from habitue.rules.numbers import significant
from tests.rules.conformance import told, wrong
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.examples import EXAMPLES, PLACES, Example
from tests.rules.law import InMemory, same


@pytest.fixture(scope="module")
def engine() -> InMemory:
    """One DuckDB for all examples."""
    return InMemory(CATALOGUE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.rule)
def test_a_term_means_what_its_example_says(engine: InMemory, example: Example) -> None:
    assert wrong(engine, [example]) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.rule)
def test_the_oracle_says_what_the_example_says(engine: InMemory, example: Example) -> None:
    pairs = zip(example.people, told(engine, example), strict=True)
    assert [(wanted, found) for (_, wanted), found in pairs if not same(wanted, found)] == []


def test_terms_asked_together_answer_as_each_alone(engine: InMemory) -> None:
    assert wrong(engine, [each for each in EXAMPLES if each not in PLACES]) == []


def test_rounding_leaves_every_percentile_as_it_is() -> None:
    places = [each / PER_MILLE for each in range(PER_MILLE + 1)]
    assert [significant(each) for each in places] == places
