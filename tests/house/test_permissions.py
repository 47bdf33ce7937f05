"""Every command declares the permission it needs, asks for it before it does anything, and no role gets around that."""

from pathlib import Path

import pytest
import typer.main

from habitue.cli.acting import COUNTS_ROWS, IN_THE_CLEAR, NEEDS, commands_of, needed_by
from habitue.cli.app import app
from habitue.govern.roles import GRANTED, Permission, Role
from tests.terminal import habitue

COMMANDS = sorted(words for words, _ in commands_of(typer.main.get_command(app)))


def test_there_are_commands_to_look_at() -> None:
    assert {"build", "segments list", "privacy audit", "users add"} <= set(COMMANDS)


def test_every_command_declares_the_permission_it_needs() -> None:
    assert [words for words in COMMANDS if words not in NEEDS] == []


def test_no_declaration_is_left_over() -> None:
    assert [words for words in NEEDS if words not in COMMANDS] == []


def test_only_commands_that_say_nothing_of_anybody_need_no_permission() -> None:
    open_to_all = sorted(words for words, needed in NEEDS.items() if needed is None)
    assert open_to_all == ["check", "doctor", "segments describe"]


def arguments(words: str) -> list[str]:
    """Enough words for the command to be understood: what they name does not exist."""
    leaf = dict(commands_of(typer.main.get_command(app)))[words]
    typed: list[str] = []
    for each in leaf.params:
        if each.required and each.param_type_name == "argument":
            typed.append("1")
        elif each.required:
            typed += [each.opts[0], "admin" if each.name == "role" else "1"]
    return typed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("words", [words for words in COMMANDS if NEEDS.get(words) is not None])
def test_a_role_without_the_permission_is_refused_before_anything_is_opened(
    words: str, role: Role, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole matrix: a role is refused exactly where it lacks what the command declares."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HABITUE_ROLE", role.value)
    needed = NEEDS[words]
    assert needed is not None
    if needed_by(words) <= GRANTED[role]:
        return
    outcome = habitue(*words.split(), *arguments(words), "--json")
    assert outcome.code == 1, outcome.err
    assert outcome.error["code"] == "ROLE-FORBIDDEN"
    assert any(each.value in outcome.error["what"] for each in needed_by(words) - GRANTED[role])
    assert list(tmp_path.iterdir()) == []


def test_every_declared_option_is_there() -> None:
    leaves = dict(commands_of(typer.main.get_command(app)))
    assert all(option in {each.name for each in leaves[words].params} for words, option in IN_THE_CLEAR)
    assert set(COUNTS_ROWS) <= leaves.keys()


def test_values_in_the_clear_need_their_own_permission() -> None:
    for words, option in IN_THE_CLEAR:
        assert Permission.SEE_PERSONAL in needed_by(words, [option])
        assert Permission.SEE_PERSONAL not in needed_by(words)


def test_what_a_project_takes_away_counts_for_commands_too(tmp_path: Path) -> None:
    (tmp_path / "habitue.yaml").write_text("name: shop\n", encoding="utf-8")
    (tmp_path / "policies").mkdir()
    policy = "role: analyst\nwithout: [build]\n"
    (tmp_path / "policies" / "roles.yaml").write_text(policy, encoding="utf-8")
    refused = habitue("build", "--project", tmp_path, "--json")
    assert refused.code == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HABITUE_ROLE", "analyst")
        assert habitue("build", "--project", tmp_path, "--json").error["code"] == "ROLE-FORBIDDEN"


def test_every_permission_of_people_is_asked_for_somewhere() -> None:
    waiting = {Permission.COLLECT, Permission.DECIDE}
    assert set(Permission) - waiting - {each for each in NEEDS.values() if each} == set()
