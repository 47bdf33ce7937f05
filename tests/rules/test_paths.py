"""Events after one another: what many answers come to once they are thinned is what few come to."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check
from habitue.rules.nodes import Followed, Node, Sequence
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, InMemory, cases, differences
from tests.rules.typed_rules import rules_for

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
EVENTS = tuple(CATALOGUE.events)
SECOND = 1_000_000


@pytest.fixture(scope="module")
def engine() -> Iterator[InMemory]:
    """One DuckDB for all cases."""
    made = InMemory(CATALOGUE)
    yield made
    made.con.close()


def path_rules() -> st.SearchStrategy[Node]:
    """Sequences of events and events followed or not, settled."""
    lengths = st.sampled_from([SECOND, 60 * SECOND, 86_400 * SECOND])
    some_event = st.sampled_from(EVENTS)
    sequences = st.builds(
        Sequence, events=st.lists(some_event, min_size=2, max_size=3).map(tuple), within=lengths, column=st.just(0)
    )
    followed = st.builds(
        Followed, event=some_event, by=some_event, within=lengths, negated=st.booleans(), column=st.just(0)
    )
    return (sequences | followed).map(lambda node: check(node, CATALOGUE).node)


@pytest.mark.parametrize("few", [0, 1, 64])
def test_many_answers_and_few_answers_come_to_the_same(engine: InMemory, few: int) -> None:
    @settings(max_examples=30 if THOROUGH else 10)
    @given(cases(CATALOGUE, path_rules(), many=6, people=4))
    def hold(case: Case) -> None:
        found = differences(engine, replace(case, few=few))
        assert not found, f"{len(found)} differences, the first: {found[0]}"

    hold()


def test_any_rule_holds_when_all_answers_are_thinned(engine: InMemory) -> None:
    @settings(max_examples=30 if THOROUGH else 8)
    @given(cases(CATALOGUE, rules_for(CATALOGUE), many=6, people=4))
    def hold(case: Case) -> None:
        assert not differences(engine, replace(case, few=0))

    hold()
