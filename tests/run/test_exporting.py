"""A person's archive holds all that is known of them, and not one byte of anybody else's."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from bench.scanner import Scanner
from habitue.govern.catalogue import Category
from habitue.run.catalogue import project_catalogue
from habitue.run.exporting import exported_columns
from habitue.run.project import read_project
from tests.run.proof_shop import ANN, BEN, PEOPLE, built_proof_shop
from tests.terminal import Json, answer, habitue


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built shop of a few people."""
    shop = built_proof_shop(tmp_path_factory.mktemp("proof") / "shop")
    answer("privacy", "consent", f"user_id:{ANN.account}", "--withdraw", "marketing_email", "--project", shop)
    return shop


@pytest.fixture(scope="module")
def archive(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Ann's archive."""
    path = tmp_path_factory.mktemp("archive") / "ann.zip"
    answer("privacy", "export", f"email:{ANN.email}", "--to", path, "--project", shop)
    assert path.stat().st_mode & 0o777 == 0o600
    return zipfile.ZipFile(path)


def document(archive: zipfile.ZipFile, name: str) -> Json:
    return json.loads(archive.read(f"{name}.json"))


def everything(archive: zipfile.ZipFile) -> bytes:
    return b"\n".join(archive.read(name) for name in archive.namelist())


def test_it_holds_every_identifier_in_the_clear(archive: zipfile.ZipFile) -> None:
    said = {each["value"] for each in document(archive, "identifiers")}
    assert {ANN.account, ANN.visitor, ANN.email, ANN.phone, ANN.card} <= said
    traits = {each["trait"]: each["value"] for each in document(archive, "traits")}
    assert (traits["first_name"], traits["last_name"]) == (ANN.first, ANN.last)
    (order,) = document(archive, "warehouse/event_order_completed")
    assert order["note"] == ANN.note
    assert document(archive, "warehouse/customers")[0]["email"] == ANN.email


def test_not_one_byte_of_anybody_elses_is_in_it(archive: zipfile.ZipFile) -> None:
    others = [each for each in PEOPLE if each is not ANN]
    scanner = Scanner([value for each in others for value in each.values], others=ANN.values)
    whole = everything(archive)
    assert scanner.look(whole) == {}
    assert Scanner(ANN.values).look(whole)["raw"].keys() == set(ANN.values)


def test_the_manifest_lists_every_table_of_the_catalogue_with_its_rows(shop: Path, archive: zipfile.ZipFile) -> None:
    tables = {(each["store"], each["table"]): each for each in document(archive, "manifest")["tables"]}
    catalogue = project_catalogue(read_project(shop))
    assert set(tables) == {(each.store.value, each.name) for each in catalogue.tables}
    for table in tables.values():
        if table["rows"]:
            assert len(document(archive, table["file"])) == table["rows"]
            rows = list(csv.reader(io.StringIO(archive.read(f"{table['file']}.csv").decode())))
            assert len(rows) == table["rows"] + 1
    with_rows = {f"{store}: {name}" for (store, name), each in tables.items() if each["rows"]}
    assert with_rows >= {
        "audit: entries",
        "consents: entries",
        "control: failed_rows",
        "history: moves",
        "identity: links",
        "vault: cards",
        "warehouse: consents",
        "warehouse: customers",
        "warehouse: event_order_completed",
        "warehouse: event_page_viewed",
        "warehouse: event_session",
        "warehouse: features",
        "warehouse: memberships",
        "warehouse: persons",
        "warehouse: source_customers",
    }


def test_every_column_of_every_table_about_the_person_is_there(shop: Path, archive: zipfile.ZipFile) -> None:
    catalogue = project_catalogue(read_project(shop))
    tables = {(each["store"], each["table"]): each for each in document(archive, "manifest")["tables"]}
    missing = []
    for table in catalogue.tables:
        told = tables[table.store.value, table.name]
        if told["rows"] and table.store.value == "warehouse":
            missing += [f"{table.name}.{name}" for name in exported_columns(table) if name not in told["columns"]]
    ledger = {"until", "since", "state", "basis", "source", "text_version", "region", "record_id"}
    assert [each for each in missing if not (each.startswith("consents.") or each.split(".")[1] in ledger)] == []
    kept = [each.name for table in catalogue.tables for each in table.columns if each.category is Category.KEY]
    assert set(kept) >= {"wrapped"}
    assert not any("wrapped" in each["columns"] for each in tables.values())


def test_segments_stand_with_their_reasons_and_links_with_why(archive: zipfile.ZipFile) -> None:
    segments = {each["segment"]: each for each in document(archive, "segments")}
    assert segments["mailed"]["member"] is False, "the consent was withdrawn"
    assert all(each["why"] for each in segments.values())
    (link,) = document(archive, "identity/links")
    assert (link["rule"], link["state"]) == ("email", "link")
    assert len(document(archive, "warehouse/persons")) == 1


def test_failed_rows_that_name_the_person_are_in_it(archive: zipfile.ZipFile) -> None:
    failed = document(archive, "control/failed_rows")
    assert len(failed) == 2
    assert all(ANN.account in each["row"] for each in failed)
    assert BEN.account not in json.dumps(failed)


def test_what_was_exported_is_in_the_audit_log_and_in_the_archive_itself(shop: Path, archive: zipfile.ZipFile) -> None:
    assert "export" in {each["action"] for each in document(archive, "audit/entries")}
    assert answer("privacy", "audit", "--verify", "--project", shop)["check"]["broken_at"] is None


@pytest.mark.parametrize(
    ("wanted", "code"), [("user_id:nobody", "CUSTOMER-UNKNOWN"), ("shoe_size:44", "CUSTOMER-IDENTIFIER")]
)
def test_an_archive_of_nobody_is_refused(shop: Path, tmp_path: Path, wanted: str, code: str) -> None:
    outcome = habitue("privacy", "export", wanted, "--to", tmp_path / "x.zip", "--project", shop, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, code)
    assert not (tmp_path / "x.zip").exists()


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left_behind(shop: Path, tmp_path: Path) -> None:
    to = tmp_path / "absent" / "x.zip"
    outcome = habitue("privacy", "export", f"user_id:{ANN.account}", "--to", to, "--project", shop, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "PATH")
    assert list(tmp_path.iterdir()) == []


def test_cells_cannot_begin_a_formula(tmp_path: Path) -> None:
    from bench.erasure_people import write_shop

    shop = write_shop(tmp_path / "shop", PEOPLE[:2])
    with (shop / "data" / "orders.csv").open("a", encoding="utf-8") as file:
        file.write(f'O-f,{PEOPLE[0].account},2026-01-09 10:00:00,-5.00,"=HYPERLINK(""http://x"")"\n')
    answer("build", "--project", shop)
    path = tmp_path / "f.zip"
    answer("privacy", "export", f"user_id:{PEOPLE[0].account}", "--to", path, "--project", shop)
    text = zipfile.ZipFile(path).read("warehouse/event_order_completed.csv").decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert '\'=HYPERLINK("http://x")' in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == []
