"""The register of processing comes out of a project's files alone, and is reviewed like code.

`UPDATE_GOLDEN=1 pytest tests/run/test_records.py` writes the files anew.
"""

import json
import os
from pathlib import Path

import pytest

from bench.erasure_people import make_people, write_shop
from habitue.run.project import read_project
from habitue.run.records import processing_register, write_register
from tests.projects import put
from tests.terminal import answer, habitue

GOLDEN = Path(__file__).parent / "golden"
RULES = """retention: orders
events: [Order Completed]
keep: 3650d
purpose: marketing_email
---
retention: lane
data: failed_rows
keep: 90d
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop that is declared and was never built."""
    shop = write_shop(tmp_path / "shop", make_people(3, seed=1))
    put(shop / "policies" / "retention.yaml", RULES)
    return shop


@pytest.mark.parametrize("name", ["register.jsonld", "register.md", "dpia.md"])
def test_the_register_is_as_reviewed(shop: Path, tmp_path: Path, name: str) -> None:
    (path,) = [
        each for each in write_register(processing_register(read_project(shop)), tmp_path / "out") if each.name == name
    ]
    if os.environ.get("UPDATE_GOLDEN"):
        put(GOLDEN / name, path.read_text(encoding="utf-8"))
    assert path.read_text(encoding="utf-8") == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_command_prints_the_page_or_writes_all_files(shop: Path, tmp_path: Path) -> None:
    assert habitue("privacy", "records", "--project", shop).out.startswith("# Register of processing: proof")
    written = answer("privacy", "records", "--to", tmp_path / "out", "--project", shop)
    assert [Path(each).name for each in written["files"]] == ["register.jsonld", "register.md", "dpia.md"]
    assert json.loads((tmp_path / "out" / "register.jsonld").read_text()) == written["register"]


def test_every_purpose_has_its_entry_with_basis_data_and_duration(shop: Path) -> None:
    document = answer("privacy", "records", "--project", shop)["register"]
    assert document["@type"] == "dpv:RecordsOfActivities"
    assert set(document["@context"]) == {"dpv", "pd", "eu-gdpr", "dct"}
    mail, customers = document["dpv:hasPersonalDataProcess"]
    assert mail["dpv:hasLegalBasis"] == {"@id": "eu-gdpr:A6-1-a"}
    orders = next(
        each for each in mail["dpv:hasPersonalData"] if each["dct:identifier"] == "warehouse:event_order_completed"
    )
    assert orders["@type"][0] == "pd:Behavioral"
    assert orders["dpv:hasStorageCondition"]["dpv:hasDuration"] == "3650d"
    assert len(customers["dpv:hasPersonalData"]) > len(mail["dpv:hasPersonalData"])


def test_what_the_files_leave_open_is_said_in_the_assessment(shop: Path) -> None:
    page = processing_register(read_project(shop)).assessment
    assert "Kept without a rule of retention:" in page
    assert "`event_page_viewed`" in page
    assert "Definitions without a purpose: `feature.spent`" in page
