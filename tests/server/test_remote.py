"""Commands of the terminal beside a running server: the same answers, and changes made where the project is open."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from habitue.cli.acting import NEEDS
from habitue.cli.served import ALONE, CHANGING, READING, WRITING
from habitue.state.notice import NOTICE_FILE, Notice, put_up
from tests.projects import ORDERS, built_shop, put
from tests.server.asked import asking
from tests.terminal import answer, habitue

LOOKING = [
    ("segments", "list"),
    ("segments", "list", "--as", "executive"),
    ("segments", "show", "recent"),
    ("segments", "members", "recent", "--limit", "2"),
    ("segments", "preview", "count('Order Completed') >= 2"),
    ("segments", "preview", "count('Order Complete') >= 2"),
    ("segments", "explain", "recent", "user_id:ann"),
    ("segments", "explain", "recent", "user_id:nobody"),
    ("segments", "history", "big"),
    ("segments", "overlap"),
    ("features", "list"),
    ("features", "show", "spend_ever"),
    ("sources", "failed"),
    ("identity", "show", "user_id:ann"),
    ("privacy", "consent", "user_id:ann"),
    ("privacy", "retention"),
    ("plan",),
]
BESIDE = frozenset(
    {
        "backup",
        "channels deliveries",
        "channels enable",
        "channels list",
        "channels secret",
        "channels test",
        "check",
        "demo",
        "doctor",
        "init",
        "keys create",
        "keys list",
        "keys revoke",
        "privacy records",
        "segments describe",
        "segments watch",
        "serve",
        "start",
        "users add",
        "users disable",
        "users enable",
        "users link",
        "users list",
        "users password",
        "users remove",
        "users role",
    }
)
"""Commands that need no open project."""


def run(folder: Path) -> dict[tuple[str, ...], tuple[int, str, str]]:
    """What commands leave behind, as documents and as people read them."""
    found = {}
    for number, words in enumerate(LOOKING):
        # People read what they read by the same code; a few commands show that.
        for how in ([], ["--json"]) if number % 5 == 1 else (["--json"],):
            done = habitue(*words, *how, "--project", folder)
            found[(*words, *how)] = (done.code, done.out, done.err)
    return found


def test_commands_print_with_a_server_what_they_print_without(shop: Path) -> None:
    alone = run(shop)
    with asking(shop) as asked:
        served = run(shop)
        counted = asked.answer("/api/v1/state")
    assert counted["build"] == 1
    assert served == alone
    assert {code for code, _, _ in served.values()} == {0, 1}


def test_a_build_beside_a_server_is_made_by_it_and_seen_at_once(shop: Path) -> None:
    with asking(shop) as asked:
        put(shop / "orders.csv", ORDERS + "9,fay,2026-03-29 10:00:00,9.00,\n")
        before = asked.answer("/api/v1/segments/recent")["segment"]["customers"]
        report = answer("build", "--project", shop)
        assert report["build"] == 2
        assert asked.answer("/api/v1/segments/recent")["segment"]["customers"] == before + 1


def test_a_segment_written_while_a_server_runs_is_seen_by_the_next_command(shop: Path) -> None:
    with asking(shop):
        put(shop / "segments" / "more.yaml", "segment: everybody\nrule: did('Order Completed')\n")
        names = [each["name"] for each in answer("segments", "list", "--project", shop)]
        assert "everybody" in names
        answer("build", "--project", shop)
        assert len(answer("segments", "members", "everybody", "--project", shop)["customers"]) == 5
        put(shop / "segments" / "wrong.yaml", "segment: wrong\nrule: did('Nothing')\n")
        outcome = habitue("segments", "list", "--json", "--project", shop)
        assert (outcome.code, outcome.error["code"]) == (1, "PROJECT-FAULTS")


def test_files_of_a_command_go_to_the_server_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever is erased is so in every copy of a project: this one is of its own.
    shop = built_shop(tmp_path / "shop")
    monkeypatch.chdir(tmp_path)
    with asking(shop):
        done = habitue("privacy", "export", "user_id:ann", "--to", "./ann.zip", "--project", "shop", "--json")
        assert (done.code, done.json["file"]) == (0, "ann.zip")
        with zipfile.ZipFile(tmp_path / "ann.zip") as archive:
            assert "manifest.json" in archive.namelist()
        put(tmp_path / "at.csv", "customer_id,instant\nuser_id:ann,2026-03-01T00:00:00Z\n")
        rows = habitue("features", "table", "--at=at.csv", "--out=made.csv", "--project", shop)
        assert rows.code == 0, rows.err
        assert "are in made.csv" in rows.out
        assert len((tmp_path / "made.csv").read_text().splitlines()) == 2
        put(tmp_path / "gone.txt", "user_id:ben\n")
        erased = habitue("privacy", "erase", "--file", "gone.txt", "--project", shop, "--json")
        assert erased.json["state"] == "erased"
        assert habitue("segments", "explain", "recent", "user_id:ben", "--project", shop).code == 1
        assert len(answer("segments", "members", "recent", "--project", shop)["customers"]) == 3


def test_what_a_role_may_not_do_it_may_not_do_through_a_server(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HABITUE_ROLE", "executive")
    with asking(shop):
        outcome = habitue("segments", "members", "recent", "--json", "--project", shop)
        assert outcome.error["code"] == "ROLE-FORBIDDEN"
        assert habitue("segments", "list", "--json", "--project", shop).json[0]["customers"] is None


def test_a_command_that_needs_the_project_alone_says_to_stop_the_server(shop: Path) -> None:
    with asking(shop):
        outcome = habitue("privacy", "rotate", "--json", "--project", shop)
        assert (outcome.code, outcome.error["code"]) == (1, "COMMAND-SERVED")
        assert "habitue serve" in outcome.error["do"]


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1], ids=["alive", "gone"])
def test_a_notice_left_over_by_a_killed_server_is_no_obstacle(shop: Path, pid: int) -> None:
    put_up(shop, Notice(url="http://127.0.0.1:9", pid=pid, token=str(pid)))
    assert len(answer("segments", "list", "--project", shop)) == 3
    assert (shop / ".habitue" / NOTICE_FILE).stat().st_mode & 0o077 == 0


def test_only_the_owners_token_runs_commands(shop: Path) -> None:
    from habitue.govern.accounts import Scope
    from habitue.govern.roles import Role

    with asking(shop) as asked:
        body = {"command": "segments list", "typed": [], "role": "admin", "columns": 80, "colour": False}
        key = asked.key(Scope.ADMIN, Role.ADMIN)
        found = asked.client.post("/api/v1/command", json=body, headers={"Authorization": f"Bearer {key}"})
        assert (found.status_code, found.json()["code"]) == (403, "COMMAND-REFUSED")
        odd = asked.post("/api/v1/command", {**body, "command": "serve", "typed": ["serve"]})
        assert (odd.status_code, odd.json()["code"]) == (409, "COMMAND-SERVED")


def test_every_command_is_one_that_a_server_runs_or_that_needs_none() -> None:
    known = READING | WRITING | CHANGING | ALONE | BESIDE
    assert sorted(set(NEEDS) - known) == []
    assert not READING & (WRITING | CHANGING)


def test_two_words_never_name_another_command_than_was_declared(shop: Path) -> None:
    """What is typed decides what runs; `command` alone says which thread: a reader changes nothing by mistake."""
    with asking(shop) as asked:
        body = {
            "command": "segments list",
            "typed": ["build", "--full", "--json", "--project", "{project}"],
            "role": "admin",
            "columns": 80,
            "colour": False,
        }
        found = asked.post("/api/v1/command", body)
        assert (found.status_code, found.json()["code"]) == (409, "COMMAND-SERVED")


def test_json_stays_json_whatever_a_file_is_called(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with asking(shop):
        name = 'an "odd" name.zip'
        done = habitue("privacy", "export", "user_id:ann", "--to", name, "--project", shop, "--json")
        assert json.loads(done.out)["file"] == name
