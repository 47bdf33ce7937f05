"""People taken in a few at a time: known ones found, new ones made with their card, erased ones refused."""

from pathlib import Path

import pytest

from habitue.govern.person_keys import PersonUnknownError
from habitue.govern.recent import Recent
from habitue.govern.sealing import SealBrokenError
from tests.govern.vaults import LATER, NOW, every_byte, open_vault_of, people


def test_whoever_is_new_has_a_record_and_a_card_in_one_step(tmp_path: Path) -> None:
    with open_vault_of(tmp_path) as vault:
        (known,) = people(vault, ["ann"])
        names = vault.names("user_id", ["ann", "ben", "ben", "cay"])
        ann, ben, again, cay = vault.admit(names, ["a", "b", "b", "c"], source="", now=NOW)
        assert (ann, ben) == (known, again)
        assert len({ann, ben, cay}) == 3
        # Nothing had been said of the known one either.
        assert sorted(card for _, _, card in vault.cards()) == ["a", "b", "c"]
        assert vault.admit(names, ["x"] * 4, source="", now=LATER) == [ann, ben, again, cay]
        assert sorted(card for _, _, card in vault.cards()) == ["a", "b", "c"]
    with open_vault_of(tmp_path) as vault:
        assert vault.assign(names, now=LATER) == [ann, ben, again, cay]
        assert sorted(card for _, _, card in vault.cards()) == ["a", "b", "c"]


def test_whoever_was_erased_gets_no_record(tmp_path: Path) -> None:
    with open_vault_of(tmp_path) as vault:
        before = vault.burials()
        vault.erase(people(vault, ["ann"]), now=NOW)
        assert vault.burials() == before + 1
        (ann, ben) = vault.admit(vault.names("user_id", ["ann", "ben"]), ["a", "b"], source="", now=NOW)
        assert ann is None
        assert ben is not None


def test_burials_elsewhere_are_noticed(tmp_path: Path) -> None:
    with open_vault_of(tmp_path) as vault, open_vault_of(tmp_path, seed=3) as other:
        records = people(vault, ["ann", "ben"])
        assert vault.burials() == 0
        other.erase(records[:1], now=NOW)
        assert vault.burials() == 1
        assert other.burials() == 1


def test_what_is_sealed_for_a_record_opens_for_it_alone_and_never_after_its_erasure(tmp_path: Path) -> None:
    secret = b"a letter that nobody else may read"
    with open_vault_of(tmp_path) as vault:
        ann, ben = people(vault, ["ann", "ben"])
        sealed = vault.seal_for(ann, secret)
        assert vault.open_for(ann, sealed) == secret
        assert vault.seal_for(ann, secret) != sealed
        for wrong in (vault.seal_for(ben, secret), sealed[:-4] + "AAA=", "no base64!"):
            with pytest.raises(SealBrokenError):
                vault.open_for(ann, wrong)
        vault.erase([ann], now=NOW)
        assert vault.open_for(ann, sealed) is None
        with pytest.raises(PersonUnknownError):
            vault.seal_for(ann, secret)
        assert vault.open_for(ben, vault.seal_for(ben, secret)) == secret
    assert secret not in every_byte(tmp_path)


def test_a_key_that_another_process_destroyed_is_forgotten_on_demand(tmp_path: Path) -> None:
    with open_vault_of(tmp_path) as vault, open_vault_of(tmp_path, seed=3) as other:
        (ann,) = people(vault, ["ann"])
        sealed = vault.seal_for(ann, b"x")
        other.erase([ann], now=NOW)
        vault.forget_keys([ann])
        assert vault.open_for(ann, sealed) is None


def test_a_bounded_dictionary_keeps_what_is_asked_for() -> None:
    held = Recent[int, str](10, "")
    for number in range(100):
        held.put(number, str(number))
        assert held[0] == "0"
    assert len(held) <= 5
    assert held[3] == ""
    held.drop([0])
    held.put(7, "x")
    held.drop_values({"x"})
    assert (held[0], held[7]) == ("", "")
    held.clear()
    assert held[99] == ""
