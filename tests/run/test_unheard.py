"""A refusal counts in figures for a purpose as soon as it is on record, before the tables have followed."""

from datetime import UTC, datetime
from pathlib import Path

from habitue.govern.consent import ConsentEntry, ConsentState
from habitue.govern.roles import Role, access_of
from habitue.run.consenting import Word, record_consent
from habitue.run.measuring import MeasureAsked
from habitue.run.measuring_cohorts import CohortsAsked, measure_cohorts
from habitue.run.measuring_frame import Asked
from habitue.run.measuring_views import view_measure
from habitue.run.workspace import Workspace
from tests.projects import around, put
from tests.run.arriving import NOW
from tests.terminal import answer

AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
ADMIN = access_of(Role.ADMIN)
METRIC = "metric: buyers\npurpose: news\nof: {figure: customers, event: Order Completed}\n"


def buyers(workspace: Workspace) -> tuple[object, int]:
    """How many buy, by a metric for the purpose and by cohorts of those whom it may be used for."""
    asked = CohortsAsked(about=Asked(purpose="news"))
    cohorts = measure_cohorts(workspace, ADMIN, asked).cohorts
    measured = view_measure(workspace, ADMIN, "buyers", MeasureAsked(days=3_000), limit=10)
    return measured.whole.value, sum(each.customers or 0 for each in cohorts)


def test_who_refuses_in_a_message_is_in_no_figure_for_the_purpose_from_then_on(shop: Path) -> None:
    put(shop / "policies" / "news.yaml", "purpose: news\n---\npurpose: mail\n")
    put(shop / "metrics" / "buyers.yaml", METRIC)
    answer("build", "--project", shop)
    with Workspace.open(shop, around=around(NOW)) as workspace:
        rows = workspace.warehouse.con.execute("SELECT DISTINCT customer_id FROM event_order_completed").fetchall()
        people = sorted(person for (person,) in rows)
        for each in people:
            record_consent(workspace, each, Word(state=ConsentState.GIVEN, purpose="news"))
        assert buyers(workspace) == (len(people), len(people))
        for each, state, purpose, left in (
            (people[0], ConsentState.WITHDRAWN, "mail", 0),
            (people[0], ConsentState.WITHDRAWN, "news", 1),
            (people[1], ConsentState.OBJECTED, "news", 2),
            (people[2], ConsentState.RESTRICTED, "", 3),
        ):
            said = ConsentEntry(record_id=each, purpose=purpose, state=state, occurred_at=AT, received_at=AT)
            # As what takes messages in does: the tables are not told.
            workspace.stores.consents.append([said])
            assert buyers(workspace) == (len(people) - left, len(people) - left)
