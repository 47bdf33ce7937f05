"""Users and keys: nothing that is kept lets anybody in, and who guesses learns nothing."""

import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.govern.account_failures import (
    AccountError,
    KeyRefusedError,
    KeyUnknownError,
    SignInPausedError,
    SignInRefusedError,
    UserKnownError,
    UserNameError,
    UserUnknownError,
)
from habitue.govern.accounts import ACCOUNTS_FILE, Accounts, Scope, key_access
from habitue.govern.passwords import PasswordWeakError, hash_password
from habitue.govern.roles import Permission, Role, RoleSpec

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
WORDS = "four quiet green lanterns"
LATER = NOW + timedelta(days=90)


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    with Accounts.open(tmp_path, random=random.Random(7).randbytes) as opened:
        yield opened


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / ".habitue").iterdir() if path.is_file())


def test_at_first_nobody_may_sign_in(accounts: Accounts) -> None:
    assert accounts.users() == []
    assert accounts.keys() == []


def test_a_user_signs_in_with_the_right_password_only(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    assert accounts.sign_in("ann", WORDS, now=NOW).role is Role.ANALYST
    assert accounts.users()[0].last_at == NOW
    with pytest.raises(SignInRefusedError):
        accounts.sign_in("ann", f"{WORDS}.", now=NOW)


def test_who_was_removed_is_refused(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    accounts.remove_user("ann")
    with pytest.raises(SignInRefusedError):
        accounts.sign_in("ann", WORDS, now=NOW)
    with pytest.raises(UserUnknownError):
        accounts.remove_user("ann")


def test_neither_passwords_nor_keys_stand_in_the_files(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    key = accounts.create_key(Scope.READ, expires_at=LATER, now=NOW)
    with pytest.raises(SignInRefusedError):
        accounts.sign_in("my secret typed into the wrong field", "x", now=NOW)
    held = files_of(tmp_path)
    assert b"argon2id" in held
    assert key.id.encode() in held
    for secret in (WORDS, key.key, key.key.rpartition("_")[2], "wrong field"):
        assert secret.encode() not in held


def test_equal_passwords_have_different_hashes(accounts: Accounts, tmp_path: Path) -> None:
    for name in ("ann", "ben"):
        accounts.add_user(name, Role.ANALYST, WORDS, now=NOW)
    with sqlite3.connect(tmp_path / ".habitue" / ACCOUNTS_FILE) as con:
        hashes = {each for (each,) in con.execute("SELECT password FROM users")}
    con.close()
    assert len(hashes) == 2


@pytest.mark.parametrize(
    "weak",
    ["short", "aaaaaaaaaaaaaaaa", "password12345", "Qwertyuiop123", "annannannann x1", "x" * 257, "123456789012"],
)
def test_easy_passwords_are_refused(accounts: Accounts, weak: str) -> None:
    with pytest.raises(PasswordWeakError):
        accounts.add_user("annann", Role.ANALYST, weak, now=NOW)


def test_the_same_characters_written_otherwise_are_the_same_password(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.ANALYST, "caf\u00e9 noir et tr\u00e8s long", now=NOW)
    assert accounts.sign_in("ann", "cafe\u0301 noir et tre\u0300s long", now=NOW).name == "ann"


@pytest.mark.parametrize("name", ["", "Ann", "a b", "-ann", "a" * 101, "ann\n"])
def test_a_name_is_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(UserNameError):
        accounts.add_user(name, Role.ADMIN, WORDS, now=NOW)


def test_a_name_is_given_once(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    with pytest.raises(UserKnownError):
        accounts.add_user("ann", Role.ADMIN, WORDS, now=NOW)
    assert [each.role for each in accounts.users()] == [Role.ANALYST]


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_after_five_wrong_passwords_even_the_right_one_waits(accounts: Accounts, name: str) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    for _ in range(5):
        with pytest.raises(SignInRefusedError):
            accounts.sign_in(name, "wrong", now=NOW)
    with pytest.raises(SignInPausedError) as refused:
        accounts.sign_in(name, WORDS, now=NOW)
    assert refused.value.seconds == 1


def test_each_further_try_doubles_the_wait_up_to_a_quarter_of_an_hour(accounts: Accounts) -> None:
    moment, waits = NOW, []
    for _ in range(20):
        try:
            accounts.sign_in("nobody", "wrong", now=moment)
        except SignInPausedError as paused:
            waits.append(paused.seconds)
            moment += timedelta(seconds=paused.seconds)
        except SignInRefusedError:
            continue
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert max(waits) <= 900


def test_signing_in_forgets_former_tries(accounts: Accounts) -> None:
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(SignInRefusedError):
                accounts.sign_in("ann", "wrong", now=NOW)
        accounts.sign_in("ann", WORDS, now=NOW)


def test_who_is_not_there_takes_as_long_as_a_wrong_password(accounts: Accounts) -> None:
    """CPU time of this process; an early answer would take a thousandth of it."""
    accounts.add_user("ann", Role.ANALYST, WORDS, now=NOW)

    def seconds(name: str, moment: datetime) -> float:
        began = time.process_time()
        with pytest.raises(SignInRefusedError):
            accounts.sign_in(name, "some other green lanterns", now=moment)
        return time.process_time() - began

    pairs = [(seconds("ann", NOW), seconds("nobody", NOW)) for _ in range(4)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


def test_a_key_opens_until_it_expires(accounts: Accounts) -> None:
    key = accounts.create_key(Scope.COLLECT, expires_at=LATER, now=NOW)
    assert key.key.startswith("hab_")
    assert accounts.check_key(key.key, now=LATER - timedelta(microseconds=1)).id == key.id
    with pytest.raises(KeyRefusedError):
        accounts.check_key(key.key, now=LATER)


def test_a_revoked_key_is_refused_at_once_also_where_it_is_open_elsewhere(accounts: Accounts, tmp_path: Path) -> None:
    key = accounts.create_key(Scope.READ, expires_at=LATER, now=NOW)
    with Accounts.open(tmp_path, random=random.Random(8).randbytes) as serving:
        assert serving.check_key(key.key, now=NOW).revoked_at is None
        assert accounts.revoke_key(key.id, now=NOW).revoked_at == NOW
        with pytest.raises(KeyRefusedError):
            serving.check_key(key.key, now=NOW)
    with pytest.raises(KeyUnknownError):
        accounts.revoke_key("absent", now=NOW)


def test_every_changed_character_of_a_key_is_refused(accounts: Accounts) -> None:
    text = accounts.create_key(Scope.READ, expires_at=LATER, now=NOW).key
    for place, letter in enumerate(text):
        other = "b" if letter == "a" else "a"
        with pytest.raises(KeyRefusedError):
            accounts.check_key(f"{text[:place]}{other}{text[place + 1 :]}", now=NOW)
    for wrong in ("", "hab_", text[:-1], f"{text}x", f" {text}", text.upper(), "hab_\ud800_x"):
        with pytest.raises(KeyRefusedError):
            accounts.check_key(wrong, now=NOW)


def test_use_is_remembered_to_a_minute(accounts: Accounts) -> None:
    key = accounts.create_key(Scope.READ, expires_at=LATER, now=NOW).key
    for seconds, last in ((0, 0), (59, 0), (61, 61)):
        accounts.check_key(key, now=NOW + timedelta(seconds=seconds))
        assert accounts.keys()[0].last_at == NOW + timedelta(seconds=last)


def test_a_key_that_would_have_expired_is_not_made(accounts: Accounts) -> None:
    with pytest.raises(AccountError):
        accounts.create_key(Scope.READ, expires_at=NOW, now=NOW)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_does_what_its_scope_is_for_and_never_more_than_its_role(
    accounts: Accounts, scope: Scope, role: Role
) -> None:
    made = accounts.create_key(scope, role=role, expires_at=LATER, now=NOW)
    allowed = key_access(accounts.check_key(made.key, now=NOW)).permissions
    changing = {Permission.BUILD, Permission.EDIT_DEFINITIONS, Permission.MANAGE_PRIVACY, Permission.MANAGE_USERS}
    if scope is not Scope.ADMIN:
        assert not allowed & (changing | {Permission.MANAGE_IDENTITY})
    if scope is Scope.COLLECT:
        assert allowed == {Permission.COLLECT}
    narrowed = [RoleSpec(role=role, without=(Permission.SEE_PEOPLE,))]
    assert Permission.SEE_PEOPLE not in key_access(accounts.check_key(made.key, now=NOW), narrowed).permissions


def test_the_hash_says_its_parameters() -> None:
    assert hash_password(WORDS, salt=bytes(16)).startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_a_key_that_sends_events_belongs_to_a_source(accounts: Accounts) -> None:
    made = accounts.create_key(Scope.COLLECT, source="site", expires_at=NOW + timedelta(days=1), now=NOW)
    bare = accounts.create_key(Scope.COLLECT, expires_at=NOW + timedelta(days=1), now=NOW)
    assert accounts.check_key(made.key, now=NOW).source == made.source == "site"
    assert accounts.check_key(bare.key, now=NOW).source == ""
    listed = accounts.keys()
    assert {each.id: each.source for each in listed} == {made.id: "site", bare.id: ""}
    with pytest.raises(AccountError):
        accounts.create_key(Scope.READ, source="site", expires_at=NOW + timedelta(days=1), now=NOW)
