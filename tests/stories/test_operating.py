"""A project is made anew, copied, put back and looked after without anything being lost or anybody coming back."""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from habitue.config import STATE_FOLDER
from habitue.run.live_parts import log_path
from habitue.streams import Committer, Log, NewRecord
from tests.projects import copied, corner_shop, put, tables_of
from tests.run.arriving import arrive, identify, make_live, track
from tests.terminal import answer, habitue

WAREHOUSE = f"{STATE_FOLDER}/warehouse.duckdb"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with orders from files and live, built."""
    folder = corner_shop(tmp_path_factory.mktemp("operated") / "shop")
    make_live(folder)
    arrive(
        folder,
        *(track(number, f"user{number % 3}", f"2026-03-30T10:{number:02d}:00Z") for number in range(12)),
        identify(1, "user1", "2026-03-30T10:00:00Z", plan="pro", email="one@shop.test"),
        {**track(50, "ann", "2026-03-30T10:00:00Z"), "anonymousId": "browser-1"},
    )
    answer("build", "--project", folder)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that may be changed, with keys of its own."""
    keys = tmp_path / "config"
    shutil.copytree(os.environ["XDG_CONFIG_HOME"], keys, ignore=shutil.ignore_patterns("*.graves"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(keys))
    return copied(made, tmp_path / "shop")


def findings(folder: Path) -> dict[str, str]:
    """What doctor says of each part."""
    told = json.loads(habitue("doctor", "--project", folder, "--json").out)
    return {each["part"]: each["status"] for each in told["findings"]}


# --- rebuild ----------------------------------------------------------------------------------------------------------


def test_a_rebuild_makes_every_table_as_it_was(shop: Path) -> None:
    before = tables_of(shop)
    told = answer("rebuild", "--project", shop)
    assert told["differences"] == []
    assert told["events"] == 14
    rows = {each["table"]: (each["rows"], each["rows_before"]) for each in told["tables"]}
    assert rows["event_order_completed"] == (21, 21)
    after = tables_of(shop)
    assert {name for name in before if before[name] != after[name]} <= {"built"}


def test_a_table_that_somebody_changed_is_named_and_made_right_again(shop: Path) -> None:
    with duckdb.connect(str(shop / WAREHOUSE)) as con:
        con.execute("UPDATE event_order_completed SET revenue = 1 WHERE order_id = 'L3'")
        con.execute("DELETE FROM source_customers")
    outcome = habitue("rebuild", "--project", shop, "--json")
    assert (outcome.code, outcome.json["differences"]) == (3, ["event_order_completed", "source_customers"])
    again = habitue("rebuild", "--project", shop, "--json")
    assert (again.code, again.json["differences"]) == (0, [])


def test_a_rebuild_that_fails_leaves_the_tables_there_were(shop: Path) -> None:
    before = tables_of(shop)
    # The first build of a rebuild finds the file unchanged by its digest; the second has to read it.
    content = log_path(shop).read_bytes()
    place = content.rindex(b"Order Completed")
    log_path(shop).write_bytes(content[:place] + b"X" + content[place + 1 :])
    outcome = habitue("rebuild", "--project", shop, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "LOG-DAMAGED")
    assert tables_of(shop) == before
    assert sorted(path.name for path in (shop / STATE_FOLDER / "spill").iterdir()) == []


def test_a_plan_says_when_messages_have_arrived_that_no_build_has_seen(shop: Path) -> None:
    def planned() -> dict[str, str]:
        return {each["name"]: each["status"] for each in answer("plan", "--project", shop)["steps"]}

    assert set(planned().values()) == {"fresh"}
    arrive(shop, track(70, "ann", "2026-03-30T10:00:00Z"))
    assert planned() == {"source orders": "fresh", "live events": "stale", "features": "stale", "segments": "stale"}
    answer("build", "--project", shop)
    assert set(planned().values()) == {"fresh"}


# --- backup and restore -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["copy", "copy.tar.gz"])
def test_a_copy_put_back_is_the_same_project_and_never_holds_the_master_key(
    shop: Path, tmp_path: Path, name: str
) -> None:
    place, back = tmp_path / name, tmp_path / "back"
    told = answer("backup", place, "--project", shop)
    assert told["vault"]
    keys = list((tmp_path / "config").rglob("*.key"))
    secrets = [path.read_bytes().strip() for path in keys]
    assert secrets
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert not any(secret in path.read_bytes() for path in files for secret in secrets)
    assert answer("backup", place, "--verify")["files"] == told["files"]
    assert answer("restore", place, "--dir", back)["needs_key"] == ""
    answer("build", "--project", back)
    same = {name: digest for name, digest in tables_of(shop).items() if name != "built"}
    assert {name: digest for name, digest in tables_of(back).items() if name != "built"} == same
    assert set(findings(back).values()) == {"ok"}


def test_a_copy_made_while_messages_are_written_is_whole(shop: Path, tmp_path: Path) -> None:
    record = NewRecord("site", "x", "track", 5, b'[0,""]')
    with Committer(Log.open(log_path(shop))) as committer:
        waiting = [committer.submit([record._replace(message_id=f"x{number}")]) for number in range(300)]
        answer("backup", tmp_path / "copy", "--project", shop)
        for each in waiting:
            each.result()
    answer("restore", tmp_path / "copy", "--dir", tmp_path / "back")
    assert findings(tmp_path / "back")["log"] == "ok"


def test_nothing_is_written_over_and_nothing_is_left_behind(shop: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    answer("backup", place, "--project", shop)
    held = hashlib.sha256((place / "backup.json").read_bytes()).hexdigest()
    assert habitue("backup", place, "--project", shop, "--json").error["code"] == "BACKUP-THERE"
    assert habitue("restore", place, "--dir", shop, "--json").error["code"] == "BACKUP-THERE"
    assert habitue("restore", tmp_path / "nothing", "--dir", tmp_path / "x", "--json").error["code"] == "BACKUP-MISSING"
    assert hashlib.sha256((place / "backup.json").read_bytes()).hexdigest() == held
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", "copy", "shop"]


def test_a_copy_that_was_changed_is_refused_and_the_file_is_named(shop: Path, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    answer("backup", place, "--project", shop)
    wrong = place / "segments" / "all.yaml"
    wrong.write_text(wrong.read_text().replace("30d", "90d"), encoding="utf-8")
    outcome = habitue("restore", place, "--dir", tmp_path / "back", "--json")
    assert outcome.error["code"] == "BACKUP-DAMAGED"
    assert "segments/all.yaml" in outcome.error["what"]
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("wrong", ["../outside", "/etc/outside", "a/../../outside", ""])
def test_an_archive_cannot_lead_out_of_the_project(tmp_path: Path, wrong: str) -> None:
    listed = {"path": wrong, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    said = {"format": 1, "habitue": "0", "made_at": "2026-01-01T00:00:00+00:00", "vault": "", "files": [listed]}
    put(tmp_path / "made" / "backup.json", json.dumps(said))
    with tarfile.open(tmp_path / "wrong.tar", "w") as archive:
        archive.add(tmp_path / "made" / "backup.json", "backup.json")
    outcome = habitue("restore", tmp_path / "wrong.tar", "--dir", tmp_path / "back", "--json")
    assert outcome.error["code"] == "BACKUP-DAMAGED"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "wrong.tar"]


def test_an_archive_with_a_link_in_it_is_refused(shop: Path, tmp_path: Path) -> None:
    answer("backup", tmp_path / "copy", "--project", shop)
    (tmp_path / "copy" / "habitue.yaml").unlink()
    (tmp_path / "copy" / "habitue.yaml").symlink_to("/etc/hostname")
    with tarfile.open(tmp_path / "copy.tar", "w") as archive:
        archive.add(tmp_path / "copy" / "backup.json", "backup.json")
        archive.add(tmp_path / "copy" / "habitue.yaml", "habitue.yaml")
    for place in ("copy", "copy.tar"):
        outcome = habitue("restore", tmp_path / place, "--dir", tmp_path / "back", "--json")
        assert outcome.error["code"] == "BACKUP-DAMAGED"
    assert not (tmp_path / "back").exists()


def test_whoever_was_erased_since_a_copy_was_made_is_erased_again_when_it_is_put_back(
    shop: Path, tmp_path: Path
) -> None:
    answer("backup", tmp_path / "copy", "--project", shop)
    answer("privacy", "erase", "email:one@shop.test", "--project", shop)
    told = answer("restore", tmp_path / "copy", "--dir", tmp_path / "back")
    assert told["erased_again"] == 1
    answer("build", "--project", tmp_path / "back")
    assert habitue("identity", "show", "user_id:user1", "--project", tmp_path / "back", "--json").code == 1
    with duckdb.connect(str(tmp_path / "back" / WAREHOUSE), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM event_order_completed").fetchone() == (17,), "four live ones are gone"


def test_without_the_master_key_a_copy_is_put_back_and_says_which_key_it_needs(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = answer("backup", tmp_path / "copy", "--project", shop, "--without-data")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another"))
    outcome = answer("restore", tmp_path / "copy", "--dir", tmp_path / "back")
    assert outcome["needs_key"].endswith(f"{told['vault']}.key")
    assert not (tmp_path / "back" / "orders.csv").exists()
    assert findings(tmp_path / "back")["key"] == "fail"


# --- doctor -----------------------------------------------------------------------------------------------------------


def test_a_sound_project_is_well_and_looking_changes_nothing(shop: Path) -> None:
    before = tables_of(shop)
    assert set(findings(shop).values()) == {"ok"}
    assert tables_of(shop) == before


def test_doctor_finds_what_is_wrong_and_says_what_to_do(shop: Path) -> None:
    arrive(shop, track(99, "ann", "2026-03-30T10:00:00Z"))
    (shop / STATE_FOLDER / "control.sqlite").chmod(0o644)
    put(shop / STATE_FOLDER / "server.json", '{"url": "http://127.0.0.1:1", "pid": 999999999, "token": "x"}')
    (shop / STATE_FOLDER / "server.json").chmod(0o600)
    put(shop / "segments" / "wrong.yaml", "segment: wrong\nrule: nonsense(\n")
    content = log_path(shop).read_bytes()
    place = content.rindex(b"Order Completed")
    log_path(shop).write_bytes(content[:place] + b"X" + content[place + 1 :])
    with closing(sqlite3.connect(shop / STATE_FOLDER / "audit.sqlite")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    assert names
    outcome = habitue("doctor", "--project", shop, "--json")
    told = {each["part"]: each for each in outcome.json["findings"]}
    assert (outcome.code, outcome.json["healthy"]) == (3, False)
    wrong = {part: each["status"] for part, each in told.items() if each["status"] != "ok"}
    assert wrong == {"permissions": "warn", "locks": "warn", "files": "fail", "log": "fail", "warehouse": "warn"}
    assert all(told[part]["do"] for part in wrong)


def test_a_damaged_database_is_named(shop: Path) -> None:
    path = shop / STATE_FOLDER / "consents.sqlite"
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192)
    outcome = habitue("doctor", "--project", shop, "--json")
    (found,) = [each for each in outcome.json["findings"] if each["part"] == "databases"]
    assert (outcome.code, found["status"]) == (3, "fail")
    assert "consents.sqlite" in found["said"]
