"""Seeding in bulk: whoever is seeded from the tables goes on as if everybody had been told one event at a time."""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, InMemory, cases
from tests.rules.live_seeds import follow, readings, told
from tests.rules.test_live_law import DRAWN

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"


@pytest.mark.slow
@pytest.mark.parametrize("rules", DRAWN)
def test_people_seeded_in_bulk_go_on_as_those_seeded_one_by_one_and_those_told_every_event(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine, people, compared = InMemory(CATALOGUE), 0, 0

    @settings(max_examples=25 if THOROUGH else 8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(cases(CATALOGUE, DRAWN[rules], many=3, people=3), st.integers(0, 2**16))
    def hold(case: Case, seed: int) -> None:
        nonlocal people, compared
        people += len(case.people)
        known = told(case, seed)
        pairs = [
            (each.customer_id, other.customer_id) for each, other in zip(case.people, case.people[1:], strict=False)
        ]
        compared += follow(case, readings(case, engine, known), known, pairs[:1])

    hold()
    with capsys.disabled():
        sys.stdout.write(f" [{people:,} people, {compared:,} comparisons]")
    assert compared > 100
