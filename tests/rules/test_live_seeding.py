"""Seeding in bulk: whoever is seeded from the tables goes on as if everybody had been told one event at a time."""

import os
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, InMemory, cases
from tests.rules.live_faults import LiveFault, plantable
from tests.rules.live_law import DifferenceError
from tests.rules.live_seeds import follow, readings, told
from tests.rules.populations import Person
from tests.rules.seed_faults import SEED_FAULTS
from tests.rules.test_law_faults import filled
from tests.rules.test_live_law import DRAWN

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
MOST_EXAMPLES = 60


@pytest.mark.slow
@pytest.mark.parametrize("rules", DRAWN)
def test_people_seeded_in_bulk_go_on_as_those_seeded_one_by_one_and_those_told_every_event(
    rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine, people, compared = InMemory(CATALOGUE), 0, 0

    @settings(max_examples=60 if THOROUGH else 20, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(cases(CATALOGUE, DRAWN[rules], many=3, people=3), st.integers(0, 2**16))
    def hold(case: Case, seed: int) -> None:
        nonlocal people, compared
        people += len(case.people)
        compared += held(case, engine, seed)

    hold()
    with capsys.disabled():
        sys.stdout.write(f" [{people:,} people, {compared:,} comparisons]")
    assert compared > 100


@plantable
@pytest.mark.parametrize("fault", SEED_FAULTS, ids=lambda fault: fault.what)
def test_a_fault_planted_in_seeding_is_caught(fault: LiveFault, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = InMemory(CATALOGUE)

    @settings(
        max_examples=MOST_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(CATALOGUE, filled(fault.rules), many=3, people=3), st.integers(0, 2**16))
    def look(case: Case, seed: int) -> None:
        held(case, engine, seed)

    with monkeypatch.context() as planted:
        fault.plant(planted)
        with pytest.raises(DifferenceError):
            look()


def apart(case: Case) -> Case:
    """The same people at positions that no two of them share, as in a log: they may turn out to be one."""
    ahead = iter(range(0, 2**62, 2**20))
    return replace(case, aimed=tuple(tuple(_moved(each, next(ahead)) for each in people) for people in case.aimed))


def _moved(person: Person, by: int) -> Person:
    events = tuple(replace(each, position=each.position + by) for each in person.events)
    consents = tuple(replace(each, position=each.position + by) for each in person.consents)
    return replace(person, events=events, consents=consents)


def held(case: Case, engine: InMemory, seed: int) -> int:
    """Hold a case seeded in bulk to the same told in other ways, through a merge at the end; how much was compared."""
    case = apart(case)
    known = told(case, seed)
    pairs = [(each.customer_id, other.customer_id) for each, other in zip(case.people, case.people[1:], strict=False)]
    return follow(case, readings(case, engine, known), known, pairs[:1])
