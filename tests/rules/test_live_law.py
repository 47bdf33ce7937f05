"""The law for the live reading: after every event and every deadline it answers as the oracle does."""

import os
import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.law import Case, cases
from tests.rules.live_faults import (
    COUNTED,
    ELAPSED,
    LINKED,
    LIVE_FAULTS,
    LOOKED,
    PAIRED,
    ROWS,
    SUMMED,
    LiveFault,
    plantable,
)
from tests.rules.live_index_faults import INDEX_FAULTS
from tests.rules.live_law import DifferenceError, held, held_through_merges, held_together
from tests.rules.steady import is_steady
from tests.rules.test_law_faults import filled
from tests.rules.typed_rules import rules_for, terms_for

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
MOST_EXAMPLES = 60
Hold = Callable[[Case, int], int]


def _is_followed(rule: Node) -> bool:
    return is_steady(inline(check(rule, CATALOGUE).node, CATALOGUE))


DRAWN = {
    "rules": rules_for(CATALOGUE).filter(_is_followed),
    "terms": terms_for(CATALOGUE),
    "short ways": filled((*COUNTED, *SUMMED, *PAIRED, *LINKED, *ELAPSED, *LOOKED, *ROWS, "{BETWEEN}")),
}
WAYS: dict[str, Hold] = {
    "in order": lambda case, seed: held(case, CATALOGUE, seed, late=False),
    "late and out of order": lambda case, seed: held(case, CATALOGUE, seed, late=True),
    "everybody at once, seeded": lambda case, seed: held_together(case, CATALOGUE, seed),
    "through merges": lambda case, seed: held_through_merges(case, CATALOGUE, seed),
}


@pytest.fixture(autouse=True)
def _dropped_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody will see any more is dropped as soon as may be."""
    for module in ("live_keeping", "live_answers", "live_sequences", "live_sums"):
        monkeypatch.setattr(f"habitue.rules.{module}._SLACK", 0)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rules", DRAWN)
def test_live_answers_as_the_oracle_after_every_event_and_deadline(
    rules: str, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    followed = checks = 0

    @settings(max_examples=25 if THOROUGH else 8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(cases(CATALOGUE, DRAWN[rules], many=3, people=3), st.integers(0, 2**16))
    def hold(case: Case, seed: int) -> None:
        nonlocal followed, checks
        followed += len(case.people)
        checks += WAYS[way](case, seed)

    hold()
    with capsys.disabled():
        sys.stdout.write(f" [{followed:,} people, {checks:,} answers]")
    assert checks > 100


@plantable
@pytest.mark.parametrize("fault", [*LIVE_FAULTS, *INDEX_FAULTS], ids=lambda fault: fault.what)
def test_a_fault_planted_in_the_live_reading_is_caught(fault: LiveFault, monkeypatch: pytest.MonkeyPatch) -> None:
    way = WAYS["through merges" if fault.merges else "late and out of order"]

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
        way(case, seed)

    with monkeypatch.context() as planted:
        fault.plant(planted)
        with pytest.raises(DifferenceError):
            look()
