"""The vault keeps people apart from what they did, and forgets them for good."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.govern.keys import (
    KEY_VARIABLE,
    MasterKey,
    MasterKeyLostError,
    MasterKeyMalformedError,
    MasterKeyWrongError,
    find_key,
    key_file,
    make_key,
)
from habitue.govern.sealing import SealBrokenError, masked, pseudonyms, seal, unseal
from habitue.govern.vault import PersonUnknownError, Vault

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def chance(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


@pytest.fixture
def master() -> MasterKey:
    return MasterKey(chance(1)(32), "the test")


@pytest.fixture
def vault(tmp_path: Path, master: MasterKey) -> Iterator[Vault]:
    with Vault.open(tmp_path, master, vault_id="v1", random=chance(2)) as opened:
        yield opened


def every_byte(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_an_identifier_means_the_same_person_every_time(vault: Vault) -> None:
    first = vault.assign("user_id", ["42", "43", "42"], now=NOW)
    assert first[0] == first[2] != first[1]
    assert vault.assign("user_id", ["43", "42"], now=NOW) == [first[1], first[0]]
    assert vault.assign("loyalty_card", ["42"], now=NOW) != [first[0]]
    assert vault.count() == 3


def test_what_is_put_in_is_read_again_and_stands_in_no_file(vault: Vault, tmp_path: Path) -> None:
    (ann,) = vault.assign("user_id", ["ann-the-first"], now=NOW)
    assert ann is not None
    vault.put_personal("crm", {ann: {"email": "ann@example.com", "age": 41, "phone": None}})
    assert vault.link(ann, "email", "ann@example.com", now=NOW)
    assert vault.personal(ann) == {"crm": {"email": "ann@example.com", "age": 41, "phone": None}}
    assert [each.value for each in vault.identifiers(ann)] == ["ann@example.com", "ann-the-first"]
    assert list(vault.each_personal("crm")) == [(ann, {"email": "ann@example.com", "age": 41, "phone": None})]
    written = every_byte(tmp_path)
    assert ann.encode() in written  # the scan does see what stands in the clear
    assert b"ann@example.com" not in written
    assert b"ann-the-first" not in written


def test_somebody_erased_is_gone_and_not_taken_in_again(vault: Vault, tmp_path: Path, master: MasterKey) -> None:
    ann, bob = vault.assign("user_id", ["ann", "bob"], now=NOW)
    assert ann is not None
    assert bob is not None
    vault.put_personal("crm", {ann: {"email": "ann@example.com"}, bob: {"email": "bob@example.com"}})
    (before,) = pseudonyms(master.derive("pseudonym"), "user_id", ["ann"])
    assert before in every_byte(tmp_path)
    gone = vault.erase(ann, now=NOW)
    assert (gone.identifiers, gone.payloads, gone.keys) == (1, 1, 1)
    assert vault.assign("user_id", ["ann", "bob"], now=NOW) == [None, bob]
    assert vault.resolve("user_id", "ann") is None
    assert not vault.link(bob, "user_id", "ann", now=NOW)
    with pytest.raises(PersonUnknownError):
        vault.personal(ann)
    written = every_byte(tmp_path)
    assert before not in written
    assert ann.encode() not in written
    assert bob.encode() in written


def test_tombstones_outlive_a_restored_backup(tmp_path: Path, master: MasterKey) -> None:
    for folder in ("now", "backup"):
        (tmp_path / folder).mkdir()
    with Vault.open(tmp_path / "now", master, vault_id="v1", random=chance(2)) as vault:
        (ann,) = vault.assign("user_id", ["ann"], now=NOW)
        assert ann is not None
        vault.erase(ann, now=NOW)
        kept = vault.tombstones()
    with Vault.open(tmp_path / "backup", master, vault_id="v1", random=chance(3)) as restored:
        restored.assign("user_id", ["ann"], now=NOW)
        restored.bury(kept)
        assert restored.assign("user_id", ["ann"], now=NOW) == [None]


def test_another_key_opens_nothing(tmp_path: Path, master: MasterKey) -> None:
    Vault.open(tmp_path, master, vault_id="v1", random=chance(2)).close()
    with pytest.raises(MasterKeyWrongError):
        Vault.open(tmp_path, MasterKey(chance(9)(32), "elsewhere"), vault_id="v1", random=chance(2))


def test_the_key_is_made_once_outside_the_project_and_found_again(tmp_path: Path) -> None:
    made = make_key("v1", environ={}, home=tmp_path, random=chance(4))
    assert find_key("v1", environ={}, home=tmp_path).secret == made.secret
    path = key_file("v1", {}, tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(MasterKeyLostError) as lost:
        find_key("v2", environ={}, home=tmp_path)
    assert "v2" in lost.value.what
    path.write_text("not a key", encoding="ascii")
    with pytest.raises(MasterKeyMalformedError):
        find_key("v1", environ={}, home=tmp_path)
    with pytest.raises(MasterKeyMalformedError):
        find_key("v1", environ={KEY_VARIABLE: "AAAA"}, home=tmp_path)


@given(st.binary(max_size=200), st.text(max_size=20), st.integers(0, 2**32))
@settings(max_examples=100)
def test_a_sealed_value_opens_with_its_key_and_place_only(value: bytes, about: str, seed: int) -> None:
    random_bytes = chance(seed)
    key, other = random_bytes(32), random_bytes(32)
    sealed = seal(key, value, about, random=random_bytes)
    assert unseal(key, sealed, about) == value
    flipped = bytes([*sealed[:-1], sealed[-1] ^ 1])
    for wrong_key, wrong, place in ((other, sealed, about), (key, flipped, about), (key, sealed, about + "x")):
        with pytest.raises(SealBrokenError):
            unseal(wrong_key, wrong, place)


@given(st.lists(st.text(max_size=10), max_size=20))
def test_masks_are_equal_exactly_where_values_are(values: list[str]) -> None:
    shown = masked(bytes(range(32)), "email", values)
    assert len(set(shown)) == len(set(values))
    assert all(each is not None and len(each) == 23 and each.startswith("~") for each in shown)
    assert masked(bytes(range(32)), "phone", [None]) == [None]
