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
