"""The law for the live reading: after every event and every deadline it answers as the oracle does."""

import os
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, cases
from tests.rules.live_law import held
from tests.rules.steady import is_steady
from tests.rules.typed_rules import rules_for, terms_for

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"


def hold_all(rules: st.SearchStrategy[Node], examples: int, *, late: bool, people: int = 3) -> tuple[int, int]:
    """Hold the law over drawn cases; returns the number of people followed and of answers compared."""
    followed, checks = 0, 0

    @settings(max_examples=examples)
    @given(cases(CATALOGUE, rules, many=3, people=people), st.integers(0, 2**16))
    def hold(case: Case, seed: int) -> None:
        nonlocal followed, checks
        followed += len(case.people)
        checks += held(case, CATALOGUE, seed, late=late)

    hold()
    return followed, checks


def _is_followed(rule: Node) -> bool:
    return is_steady(inline(check(rule, CATALOGUE).node, CATALOGUE))


RULES = rules_for(CATALOGUE).filter(_is_followed)
TERMS = terms_for(CATALOGUE)


@pytest.mark.slow
@pytest.mark.parametrize("late", [False, True], ids=["in order", "late and out of order"])
@pytest.mark.parametrize("rules", [RULES, TERMS], ids=["rules", "terms"])
def test_live_answers_as_the_oracle_after_every_event_and_deadline(
    rules: st.SearchStrategy[Node], late: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    followed, checks = hold_all(rules, 60 if THOROUGH else 10, late=late)
    with capsys.disabled():
        sys.stdout.write(f" [{followed:,} people, {checks:,} answers]")
