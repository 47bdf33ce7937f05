"""Somebody who was erased is in no file any more, and nothing that a shop does brings them back."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from bench.erasure import Trial
from bench.erasure_people import write_shop
from bench.scanner import Scanner
from habitue.config import STATE_FOLDER
from tests.projects import copied, put
from tests.run.proof_shop import ANN, BEN, PEOPLE, WORDS, built_proof_shop
from tests.terminal import answer, command, habitue


@pytest.fixture(scope="module")
def proof_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built shop of a few people, to be looked at and not changed."""
    return built_proof_shop(tmp_path_factory.mktemp("proof") / "shop")


@pytest.fixture
def shop(proof_shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed, with keys of its own: graves beside the key hold for every copy of a shop."""
    keys = tmp_path / "config"
    shutil.copytree(os.environ["XDG_CONFIG_HOME"], keys, ignore=shutil.ignore_patterns("*.graves"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(keys))
    return copied(proof_shop, tmp_path / "shop")


@pytest.mark.slow
def test_twenty_of_two_thousand_are_gone_and_stay_gone_and_nobody_else_is(tmp_path: Path) -> None:
    proof = Trial(tmp_path, people=2_000, erased=20, seed=11).run()
    assert proof.control == proof.planted > 100, "the scanner does not find what is there"
    assert proof.theft == [], "the folder alone says something"
    assert [said for step in proof.left.values() for said in step] == []
    assert list(proof.left) == ["erased", "rebuilt with --full", "files read again", "older copy restored"]
    assert set(proof.others_lost.values()) == {0}


def test_the_answer_names_every_store_and_what_became_of_it(shop: Path) -> None:
    done = answer("privacy", "erase", f"email:{ANN.email}", "--project", shop)
    assert done["state"] == "erased"
    assert len(done["request_id"]) == 16
    rows = {each["store"]: each["rows"] for each in done["stores"]}
    assert rows["vault"] > 0
    assert rows["control: failed_rows"] == 2
    assert rows["history"] > 0
    assert all(rows[f"warehouse: {name}"] for name in ("event_order_completed", "event_page_viewed", "customers"))
    assert {store for store, count in rows.items() if store.startswith("source file") and count}
    assert all(each["proof"] for each in done["stores"])
    assert (done["models"], done["recipients"]) == ([], [])
    entries = answer("privacy", "audit", "--project", shop)["entries"]
    assert [(each["action"], each["subject"]) for each in entries[:1]] == [("erase", done["subject"])]
    assert ANN.email not in json.dumps(entries)


def test_a_rehearsal_counts_what_would_go_and_changes_nothing(shop: Path) -> None:
    rehearsed = answer("privacy", "erase", f"user_id:{ANN.account}", "--dry-run", "--project", shop)
    assert (rehearsed["state"], rehearsed["request_id"]) == ("would be erased", "")
    done = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    counted = {each["store"]: each["rows"] for each in rehearsed["stores"]}
    went = {each["store"]: each["rows"] for each in done["stores"]}
    same = [store for store in went if store.startswith(("warehouse", "control", "consents", "history", "source"))]
    assert {store: counted[store] for store in same} == {store: went[store] for store in same}


def test_an_order_to_erase_somebody_unknown_is_refused_and_changes_nothing(shop: Path) -> None:
    outcome = habitue("privacy", "erase", "user_id:nobody", "--project", shop, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "ERASE-UNKNOWN")
    both = habitue("privacy", "erase", f"user_id:{BEN.account}", "user_id:nobody", "--project", shop, "--json")
    assert (both.code, both.error["code"]) == (1, "ERASE-UNKNOWN")
    assert answer("privacy", "erase", f"user_id:{BEN.account}", "--project", shop)["state"] == "erased"


@pytest.mark.parametrize("again", [f"user_id:{ANN.account}", f"email:{ANN.email}", f"email: {ANN.email.upper()}"])
def test_erasing_somebody_twice_says_that_they_are_erased_already(shop: Path, again: str) -> None:
    first = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    second = answer("privacy", "erase", again, "--project", shop)
    assert (second["state"], second["request_id"]) == ("already erased", "")
    by_id = answer("privacy", "erase", first["subject"], "--project", shop)
    assert (by_id["state"], by_id["subject"]) == ("already erased", first["subject"])


def test_an_erased_persons_file_loaded_again_brings_nothing_back_and_says_how_much_it_left_out(shop: Path) -> None:
    answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    with (shop / "data" / "orders.csv").open("a", encoding="utf-8") as file:
        file.write(f"O-late,{ANN.account},2026-01-09 10:00:00,5.00,{WORDS}\n")
    answer("build", "--project", shop)
    answer("build", "--full", "--project", shop)
    assert habitue("privacy", "export", f"user_id:{ANN.account}", "--to", shop / "a.zip", "--project", shop).code == 1
    found = Scanner(ANN.values).decoded(shop / STATE_FOLDER, {})
    assert found.said == []
    failed = json.dumps(answer("sources", "failed", "--project", shop))
    assert (ANN.account in failed, BEN.account in failed) == (False, True)


def test_who_writes_again_with_another_id_is_somebody_new(shop: Path) -> None:
    erased = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)["subject"]
    with (shop / "data" / "orders.csv").open("a", encoding="utf-8") as file:
        file.write("O-new,Uquite-another-1,2026-01-09 10:00:00,5.00,\n")
    answer("build", "--project", shop)
    new = answer("privacy", "export", "user_id:Uquite-another-1", "--to", shop / "n.zip", "--project", shop)["subject"]
    assert new != erased


STOP = """
import os, signal
from habitue.run import erasing, erasing_steps
def stop(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)
"""
CRASHES = {
    "before the vault": "from habitue.govern.vault import Vault\nVault.erase = stop",
    "after the keys": "erasing_steps.keep_graves = stop",
    "before the history": "from habitue.segments.history import SegmentHistory\nSegmentHistory.forget_people = stop",
    "before the rows": "erasing_steps._erase_rows = stop",
    "before the file": "erasing_steps.rewrite_warehouse = stop",
    "in the copy": "from habitue.engines import rewriting\nrewriting.sync = stop",
    "before the end": "from habitue.govern.requests import PrivacyJournal\nPrivacyJournal.finish = stop",
}


@pytest.mark.parametrize("place", CRASHES)
def test_an_erasure_that_is_killed_is_carried_out_by_the_next_build(shop: Path, place: str) -> None:
    words = ("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    killed = subprocess.run(command(*words, first=STOP + CRASHES[place]), check=False, capture_output=True, timeout=120)
    assert killed.returncode == -9, killed.stderr
    answer("build", "--project", shop)
    scan = Scanner(ANN.values)
    assert [*scan.files(shop / STATE_FOLDER).said, *scan.decoded(shop / STATE_FOLDER, {}).said] == []
    assert answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)["state"] == "already erased"
    failed = answer("sources", "failed", "--project", shop)
    assert ANN.account not in json.dumps(failed)


def test_an_older_copy_of_the_state_brings_nobody_back_not_even_for_a_look(shop: Path, tmp_path: Path) -> None:
    shutil.copytree(shop / STATE_FOLDER, tmp_path / "older")
    erased = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)["subject"]
    shutil.rmtree(shop / STATE_FOLDER)
    shutil.copytree(tmp_path / "older", shop / STATE_FOLDER)
    assert erased not in answer("segments", "members", "mailed", "--project", shop)["customers"]
    scan = Scanner(ANN.values)
    assert [*scan.files(shop / STATE_FOLDER).said, *scan.decoded(shop / STATE_FOLDER, {}).said] == []
    assert ANN.account not in json.dumps(answer("sources", "failed", "--project", shop))
    assert answer("privacy", "audit", "--verify", "--project", shop)["check"]["broken_at"] is None


def test_without_its_master_key_nobody_can_be_erased_and_the_answer_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "keys"))
    shop = built_proof_shop(tmp_path / "shop")
    shutil.rmtree(tmp_path / "keys")
    outcome = habitue("privacy", "erase", f"user_id:{ANN.account}", "--project", shop, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "MASTER-KEY-LOST")


def test_a_list_of_people_is_one_order(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"user_id:{ANN.account}\n\nemail:{BEN.email}\n", encoding="utf-8")
    done = answer("privacy", "erase", "--file", tmp_path / "list.txt", "--project", shop)
    assert (done["state"], len(done["subjects"])) == ("erased", 2)
    assert habitue("privacy", "erase", "--project", shop).code == 2
    assert habitue("privacy", "erase", "--file", tmp_path / "none.txt", "--project", shop).code == 2


@pytest.mark.parametrize("how", [(), ("--full",)])
def test_answers_about_others_are_what_they_were_had_the_person_never_been_there(
    shop: Path, tmp_path: Path, how: tuple[str, ...]
) -> None:
    answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    answer("build", *how, "--project", shop)
    without = write_shop(tmp_path / "without", [each for each in PEOPLE if each is not ANN], broken=(3,))
    put(without / "data" / "orders.csv", lines_without(shop / "data" / "orders.csv"))
    answer("build", "--project", without)
    assert rows_of(shop) == rows_of(without)


def lines_without(path: Path) -> str:
    """A file of a source without Ann's rows."""
    return "".join(line for line in path.read_text().splitlines(keepends=True) if ANN.account not in line)


def rows_of(project: Path) -> dict[str, list[str]]:
    """What is computed about everybody, and who is in which segment, without the random ids."""
    found = {}
    with duckdb.connect(str(project / STATE_FOLDER / "warehouse.duckdb"), read_only=True) as con:
        for name, key in (("features", "customer_id"), ("customers", "customer_id"), ("cut_points", "")):
            table = con.table(name)
            columns = [each for each in table.columns if each != key and not each.startswith(("email", "phone"))]
            names = [each for each in columns if not each.endswith("_name")]
            found[name] = sorted(map(repr, table.select(*names).fetchall()))
        members = con.execute("SELECT segment FROM memberships WHERE left_at IS NULL ORDER BY segment").fetchall()
    return {**found, "members": [segment for (segment,) in members]}


def test_whoever_was_given_data_is_named_to_be_told(shop: Path, tmp_path: Path) -> None:
    put(tmp_path / "asked.csv", f"customer_id,instant\n{ANN.account},2026-01-05T00:00:00Z\n")
    answer("features", "table", "--at", tmp_path / "asked.csv", "--out", tmp_path / "train.csv", "--project", shop)
    answer("sources", "mend", tmp_path / "failed.csv", "--project", shop)
    done = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    assert [(each["kind"], each["target"], each["what"]) for each in done["recipients"]] == [
        ("export", "failed.csv", "failed rows"),
        ("export", "train.csv", "features table"),
    ]


def test_the_folder_of_the_demonstration_says_nothing_without_its_key(demo_project: Path) -> None:
    with (demo_project / "data" / "crm.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = ("customer_id", "email", "phone", "loyalty_card")
    said = {row[name] for row in rows for name in wanted if len(row[name]) >= 8}
    assert len(said) > 1_000
    scanner = Scanner(said)
    state = demo_project / STATE_FOLDER
    assert [*scanner.files(state).said, *scanner.decoded(state, {}).said] == []


def test_models_with_a_lineage_are_marked_to_be_trained_anew(shop: Path) -> None:
    lineage = shop / STATE_FOLDER / "models" / "churn" / "lineage.json"
    lineage.parent.mkdir(parents=True)
    lineage.write_text("{}", encoding="utf-8")
    done = answer("privacy", "erase", f"user_id:{ANN.account}", "--project", shop)
    assert [each["model"] for each in done["models"]] == ["churn"]
    mark = json.loads(lineage.with_name("retrain.json").read_text(encoding="utf-8"))
    assert mark["request"] == done["request_id"]
