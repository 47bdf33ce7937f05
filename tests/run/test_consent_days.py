"""What was said about purposes, by the days of the project's own time zone."""

from pathlib import Path

from habitue.govern.roles import Role, access_of
from habitue.run.consent_overview import view_consent_figures
from habitue.run.workspace import Workspace
from tests.projects import around, put

SETTINGS = "name: far\ntime_zone: Pacific/Auckland\nas_of: newest_event\n"
SOURCE = """source: told
files: told.csv
columns:
  customer: {field: customer, type: text, required: true}
  at: {field: told_at, type: time, required: true}
  given: {field: given, type: boolean, required: true}
makes:
  - event: Told
    customer: customer
    occurred_at: told_at
  - consents: customer
    purpose: "'ads'"
    given: given
    occurred_at: told_at
"""
TOLD = "customer,at,given\na,2026-02-27T10:59:00Z,true\nb,2026-02-27T11:01:00Z,true\nc,2026-02-28T10:59:00Z,false\n"


def test_consents_are_counted_on_the_local_day_on_which_they_were_said(tmp_path: Path) -> None:
    put(tmp_path / "habitue.yaml", SETTINGS)
    put(tmp_path / "policies" / "purposes.yaml", "purpose: ads\n")
    put(tmp_path / "sources" / "told.yaml", SOURCE)
    put(tmp_path / "told.csv", TOLD)
    with Workspace.open(tmp_path, around=around("2026-03-01T12:00:00+00:00")) as workspace:
        workspace.build()
        found = view_consent_figures(workspace, access_of(Role.ADMIN)).days
    # In Auckland, 13 hours ahead, midnight was at 11:00.
    assert [(each.day, each.agreed, each.refused) for each in found] == [("2026-02-27", 1, 0), ("2026-02-28", 1, 1)]


def test_where_there_are_many_an_estimate_says_so_and_comes_near(tmp_path: Path) -> None:
    people = 3_000
    put(tmp_path / "habitue.yaml", f"{SETTINGS}estimate_from: 1000\n")
    put(tmp_path / "policies" / "purposes.yaml", "purpose: ads\n---\npurpose: mail\n")
    put(tmp_path / "sources" / "told.yaml", SOURCE)
    rows = [f"p{who},2026-02-27T11:00:00Z,{'true' if who % 3 else 'false'}\n" for who in range(people)]
    put(tmp_path / "told.csv", "customer,at,given\n" + "".join(rows))
    admin = access_of(Role.ADMIN)
    with Workspace.open(tmp_path, around=around("2026-03-01T12:00:00+00:00")) as workspace:
        workspace.build()
        guess, exact = (view_consent_figures(workspace, admin, estimate=each) for each in (True, False))
    assert (guess.is_estimate, guess.everybody, guess.customers) == (True, people, people)
    assert (exact.is_estimate, exact.looked_at, exact.margin) == (False, None, None)
    assert guess.margin is not None
    for guessed, counted in zip(guess.purposes, exact.purposes, strict=True):
        for name in ("allowed", "agreed", "refused", "silent"):
            assert abs(getattr(guessed, name) - getattr(counted, name)) <= 3 * guess.margin
    assert exact.purposes[0].refused == people // 3
    assert guess.purposes[0].refused != exact.purposes[0].refused
    assert (guess.purposes[1].agreed, guess.purposes[1].silent) == (0, people)
    assert abs(guess.days[0].agreed - exact.days[0].agreed) <= 3 * guess.margin
