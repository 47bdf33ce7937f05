"""That the law would notice: every planted fault is caught by few drawn cases, and is gone with the fault."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from habitue.rules.nodes import Node
from habitue.rules.reading import read
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.faults import PATH_FAULTS, WINDOW_FAULTS, Fault
from tests.rules.law import Case, InMemory, cases, differences
from tests.rules.value_faults import FIGURE_FAULTS, VALUE_FAULTS

MOST_EXAMPLES = 200
# A case is long; what is wrong with it is said by the difference itself.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
NAMES = {
    "{BETWEEN}": ("count('{E}', between=('7d', '1d')) >= {N}", "did('{E}', between=('2d', '1h'))"),
    "{CALENDAR}": ("today", "this_week", "this_month"),
    "{G}": ("household", "account"),
    "{E}": ("Order Completed", "Product Viewed", "Email Clicked"),
    "{A}": ("Order Completed", "Product Viewed"),
    "{B}": ("Product Viewed", "Order Completed"),
    "{L}": ("1d", "7d", "1h", "2d"),
    "{N1}": ("1", "2", "3"),
    "{N}": ("0", "1", "2", "3"),
    "{S}": ("2026-03-25T12:00:00", "2026-03-01T00:00:00Z", "2026-03-22"),
}


@st.composite
def filled(draw: st.DrawFn, templates: tuple[str, ...]) -> Node:
    """A rule of one of some shapes."""
    text = draw(st.sampled_from(templates))
    for place, words in NAMES.items():
        if place in text:
            text = text.replace(place, draw(st.sampled_from(words)))
    return read(text)


class CaughtError(Exception):
    """A case in which a reading and the oracle differ."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.case = case


@pytest.mark.parametrize("fault", [*WINDOW_FAULTS, *PATH_FAULTS, *FIGURE_FAULTS, *VALUE_FAULTS], ids=lambda f: f.what)
def test_a_planted_fault_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = InMemory(CATALOGUE)

    @settings(
        max_examples=MOST_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(CATALOGUE, filled(fault.rules), many=5, people=5))
    def look(case: Case) -> None:
        if any(each.reading.startswith("batch") for each in differences(engine, case)):
            raise CaughtError(case)

    with monkeypatch.context() as planted:
        fault.plant(planted)
        with pytest.raises(CaughtError) as caught:
            look()
    assert differences(engine, caught.value.case) == []
