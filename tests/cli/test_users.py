"""`habitue users`: another role, another password, kept out and let in again; all of it written down."""

import io
from pathlib import Path

import pytest

from tests.projects import corner_shop
from tests.terminal import answer, habitue

SENTENCE = "seven small herons waiting"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{text}\n".encode())))


def test_users_change_and_come_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = corner_shop(tmp_path / "shop")
    typed(monkeypatch, SENTENCE)
    answer("users", "add", "ann", "--role", "analyst", "--password-stdin", "--project", folder)
    assert answer("users", "role", "ann", "--role", "privacy officer", "--project", folder)["role"] == "privacy_officer"
    typed(monkeypatch, "short")
    weak = habitue("users", "password", "ann", "--password-stdin", "--project", folder, "--json")
    assert weak.error["code"] == "PASSWORD-WEAK"
    typed(monkeypatch, f"{SENTENCE} still")
    answer("users", "password", "ann", "--password-stdin", "--project", folder)
    assert answer("users", "disable", "ann", "--project", folder)["disabled_at"] is not None
    assert "disabled" in habitue("users", "list", "--project", folder).out
    assert answer("users", "enable", "ann", "--project", folder)["disabled_at"] is None
    entries = answer("privacy", "audit", "--project", folder)["entries"]
    assert [each["about"] for each in entries[:5]] == [
        "users enable: ann",
        "users disable: ann",
        "users password: ann",
        "users role: ann as privacy_officer",
        "users add: ann as analyst",
    ]


@pytest.mark.parametrize("words", [["role", "bob", "--role", "admin"], ["disable", "bob"], ["enable", "bob"]])
def test_nobody_can_be_changed_who_is_not_there(tmp_path: Path, words: list[str]) -> None:
    folder = corner_shop(tmp_path / "shop")
    assert habitue("users", *words, "--project", folder, "--json").error["code"] == "USER-UNKNOWN"
