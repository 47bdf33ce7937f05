"""What a source may say about consent, how it is declared, and what becomes of its rows."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.run.project import check_project
from habitue.run.workspace import Workspace
from habitue.sources.shapes import SOURCE_CONSENTS
from tests.projects import SETTINGS, around, put

COLUMNS = """source: said
files: said.csv
identifiers: {user_id: customer, email: email}
columns:
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  purpose: {field: purpose, type: text}
  yes: {field: said_yes, type: boolean}
  state: {field: state, type: text}
  basis: {field: basis, type: text}
  where: {field: place, type: text}
  wording: {field: wording, type: text}
  region: {field: region, type: text}
  number: {field: number, type: integer}
  at: {field: said_at, type: time}
makes:
  - consents: customer
    occurred_at: said_at
"""
EVERYTHING = ["purpose: purpose", "state: state", "given: said_yes", "basis: basis", "asked_in: place"]
MORE = ["text_version: wording", "region: region"]
ROWS = """customer,email,purpose,yes,state,basis,where,wording,region,number,at
ann,a@example.org,news,true,,,form,v1,US-CA,1,2026-01-01 10:00:00
ben,b@example.org,news,true,Objected , Legitimate_Interests,,,,2,2026-01-02 10:00:00
cay,c@example.org,news,,given,,,,,3,2026-01-03 10:00:00
dan,d@example.org,news,,,,,,,4,2026-01-03 10:00:00
eve,e@example.org,,true,,,,,,5,2026-01-03 10:00:00
fay,f@example.org,news,true,,,,,,6,
gus,g@example.org,news,true,,,,,,7,2026-04-01 01:05:00
hal,h@example.org,news,true,,,,,,8,2026-04-01 01:05:00.000001
ivy,i@example.org,news,true,lifted,,,,,9,2026-01-01 00:00:00
"""


def project(folder: Path, keys: list[str]) -> Path:
    """A project whose one source is of consents with these keys."""
    put(folder / "habitue.yaml", SETTINGS)
    put(folder / "policies" / "all.yaml", "purpose: news\n")
    put(folder / "sources" / "said.yaml", COLUMNS + "".join(f"    {key}\n" for key in keys))
    put(folder / "said.csv", ROWS)
    return folder


def test_everything_that_was_said_is_kept_and_what_cannot_be_goes_to_the_failed_lane(tmp_path: Path) -> None:
    project(tmp_path, [*EVERYTHING, *MORE])
    with closing(Workspace.open(tmp_path, around=around("2026-04-01"))) as workspace:
        workspace.build()
        rows = workspace.warehouse.fetch(workspace.warehouse.table(SOURCE_CONSENTS).order_by("position")).to_pylist()
        failed = workspace.control.failed.rows()
    said = [(row["given"], row["state"], row["basis"], row["source"], row["text_version"]) for row in rows]
    assert said == [
        (True, None, None, "form", "v1"),
        (False, "objected", "legitimate_interests", None, None),
        (True, "given", None, None, None),
        (True, None, None, None, None),
    ]
    assert rows[0]["region"] == "us-ca"
    assert rows[3]["occurred_at"].replace(tzinfo=UTC) == datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    assert [(each.line, each.code) for each in failed] == [
        (5, "CONSENT-GIVEN"),
        (6, "CONSENT-PURPOSE"),
        (7, "CONSENT-TIME"),
        (9, "CONSENT-FUTURE"),
        (10, "CONSENT-STATE"),
    ]


@pytest.mark.parametrize(
    ("keys", "code", "key"),
    [
        (["purpose: purpose"], "SOURCE-WRITTEN", ""),
        (["purpose: number", "given: said_yes"], "FIELD-KIND", "`purpose`"),
        (["purpose: purpose", "given: state"], "FIELD-KIND", "`given`"),
        (["purpose: purpose", "given: said_yes", "asked_in: number"], "FIELD-KIND", "`asked_in`"),
        (["purpose: purpose", "given: said_yes", "asked_in: email"], "FIELD-KIND", "who somebody is"),
        (["purpose: purpose", "state: \"'lifted'\""], "FIELD-KIND", "'lifted' is no state"),
        (["purpose: purpose", "given: said_yes", "basis: \"'love'\""], "FIELD-KIND", "'love' is no basis"),
    ],
)
def test_a_declaration_that_does_not_fit_is_a_fault(tmp_path: Path, keys: list[str], code: str, key: str) -> None:
    _, faults = check_project(project(tmp_path, keys))
    assert [(each.code, key in each.what) for each in faults] == [(code, True)]
    assert faults[0].file == "sources/said.yaml"


def test_constants_may_say_what_a_file_has_no_column_for(tmp_path: Path) -> None:
    keys = ["purpose: \"'news'\"", "state: \"'given'\"", "asked_in: \"'fair'\"", "region: \"'CH'\""]
    project(tmp_path, keys)
    with closing(Workspace.open(tmp_path, around=around("2026-05-01"))) as workspace:
        workspace.build()
        rows = workspace.warehouse.fetch(workspace.warehouse.table(SOURCE_CONSENTS)).to_pylist()
    assert {(row["purpose"], row["given"], row["source"], row["region"]) for row in rows} == {
        ("news", True, "fair", "ch")
    }
