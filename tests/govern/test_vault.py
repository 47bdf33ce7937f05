"""The vault keeps people apart from what they did: by names that only its key makes, and cards that only it opens."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.govern.keys import MasterKeyWrongError
from habitue.govern.naming import Naming
from habitue.govern.person_keys import PersonUnknownError
from habitue.govern.vault import Vault
from habitue.govern.vault_tables import record_id, record_number, record_numbers
from tests.govern.vaults import NOW, chance, every_byte, master, open_vault_of, people

NAMING = Naming(bytes(range(64)))
CARD = json.dumps({"identifiers": {"email": ["ann@example.com"]}, "traits": {"first_name": "Ann"}})


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with open_vault_of(tmp_path) as opened:
        yield opened


def test_an_own_identifier_means_the_same_record_every_time(vault: Vault, tmp_path: Path) -> None:
    first = people(vault, ["42", "43", "42"])
    assert first[0] == first[2] != first[1]
    assert people(vault, ["43", "42"]) == [first[1], first[0]]
    assert people(vault, ["42"], "loyalty_card") != [first[0]]
    assert vault.count() == 3
    vault.close()
    with open_vault_of(tmp_path, seed=9) as again:
        assert people(again, ["42", "43"]) == first[:2]
        assert again.resolve(again.name("user_id", "42")) == [first[0]]


def test_a_record_id_is_c_and_sixteen_hex_digits_that_nothing_foretells(vault: Vault) -> None:
    ids = people(vault, map(str, range(1_000)))
    assert len(set(ids)) == 1_000
    assert all(each[0] == "c" and len(each) == 17 and int(each[1:], 16) >= 0 for each in ids)
    names = vault.names("user_id", map(str, range(1_000)))
    by_name = [record for _, record in sorted(zip(names, ids, strict=True))]
    assert by_name != sorted(by_name)
    assert sum(one < following for one, following in pairwise(by_name)) == pytest.approx(500, abs=80)


def test_nothing_asked_is_nothing_answered(vault: Vault) -> None:
    assert vault.assign([], now=NOW) == []
    vault.put_cards("crm", [], [])
    vault.put_carried("email", [])
    assert (vault.count(), list(vault.cards()), vault.carried(), vault.drop_cards("crm")) == (0, [], {}, 0)
    assert vault.buried([]) == set()
    assert vault.resolve(vault.name("user_id", "42")) == []


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_every_stored_number_is_one_id(number: int) -> None:
    assert record_number(record_id(number)) == number


@given(
    st.lists(
        st.integers(-(1 << 63), (1 << 63) - 1).map(record_id)
        | st.sampled_from(
            ["", "nobody", "c" * 17, "C00000000000000ff", "c00000000000000FF", "d0123456789abcdef", "é" * 17]
        )
        | st.text("0123456789abcdefc \n", min_size=16, max_size=18)
    )
)
def test_many_ids_mean_what_each_of_them_means(records: list[str]) -> None:
    assert record_numbers(records) == [record_number(record) for record in records]


@pytest.mark.parametrize(
    "text", ["", "c", "x0000000000000001", "c00000000000000FF", "c0000 0000 0000 00", "c" + "0" * 15]
)
def test_text_that_is_no_id_is_nobodys(vault: Vault, text: str) -> None:
    assert record_number(text) is None
    assert not vault.record_known(text)
    with pytest.raises(PersonUnknownError):
        vault.card(text)


@given(st.lists(st.text(max_size=12), max_size=20), st.sampled_from(["email", "phone", "e", ""]))
def test_names_are_equal_exactly_where_values_are(values: list[str], namespace: str) -> None:
    names = NAMING.names(namespace, values)
    assert len(set(names)) == len(set(values))
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)
    assert not set(names) & set(NAMING.names("other", values))
    assert not set(names) & set(Naming(bytes(64)).names(namespace, values))


def test_a_namespace_and_a_value_never_run_together() -> None:
    assert NAMING.names("e", ["mail"]) != NAMING.names("em", ["ail"])


def test_halves_of_pairs_have_names_and_cards_too(vault: Vault) -> None:
    odd = ["\ud800", "\udfff", "a\ud800b", "\x00", "é", "e\u0301", "😀"]
    records = people(vault, odd)
    assert len(set(records)) == len(odd)
    vault.put_cards("crm", records, odd)
    assert [vault.card(record)["crm"] for record in records] == odd


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12) | st.none(), min_size=1, max_size=20))
@settings(max_examples=30)
def test_duckdb_gives_the_very_same_names_and_masks(values: list[str | None]) -> None:
    table = ibis.memtable({"value": values}, schema={"value": "string"})
    shown = ibis.duckdb.connect().to_pyarrow(
        table.select(
            table["value"],
            NAMING.expression("email", table["value"]),
            NAMING.mask_expression("e 'mail'", table["value"]),
        )
    )
    assert shown.column_names == ["value", "name", "e 'mail'"]
    for value, name, mask in zip(*(shown[column].to_pylist() for column in shown.column_names), strict=True):
        given_name = None if value is None else NAMING.names("email", [value])[0]
        given_mask = None if value is None else "~" + NAMING.names("column:e 'mail'", [value])[0]
        assert (name, mask) == (given_name, given_mask)


def test_masks_of_one_value_differ_by_column(vault: Vault) -> None:
    masks = {vault.mask(column, "Ann") for column in ("first_name", "last_name")}
    assert len(masks) == 2
    assert all(len(mask) == 33 and mask.startswith("~") for mask in masks)
    assert vault.mask("first_name", "Ann") == vault.mask("first_name", "Ann")


def test_cards_are_read_again_and_stand_in_no_file_in_the_clear(vault: Vault, tmp_path: Path) -> None:
    (ann,) = people(vault, ["ann-the-first"])
    vault.put_cards("crm", [ann], [CARD])
    vault.put_cards("shop", [ann], ['{"id": [["user_id", "ann-the-first"]]}'])
    assert vault.card(ann) == {"crm": CARD, "shop": '{"id": [["user_id", "ann-the-first"]]}'}
    assert list(vault.cards(source="crm")) == [(ann, "crm", CARD)]
    assert [source for _, source, _ in vault.cards()] == ["crm", "shop"]
    written = every_byte(tmp_path)
    assert bytes.fromhex(vault.name("user_id", "ann-the-first")) in written  # the search does find what is there
    for clear in (b"ann@example.com", b"ann-the-first", b"first_name", b"Ann"):
        assert clear not in written


def test_a_card_takes_the_place_of_the_sources_former_one(vault: Vault) -> None:
    ann, bob = people(vault, ["ann", "bob"])
    vault.put_cards("crm", [ann, bob, ann], ["1", "2", "3"])
    vault.put_cards("crm", [bob, "c0123456789abcdef", "nobody"], ["4", "5", "6"])
    vault.put_cards("shop", [bob], ["7"])
    assert (vault.card(ann), vault.card(bob)) == ({"crm": "3"}, {"crm": "4", "shop": "7"})
    assert vault.drop_cards("crm") == 2
    assert (vault.card(ann), vault.card(bob)) == ({}, {"shop": "7"})


def test_cards_come_by_record_however_many_there_are(vault: Vault) -> None:
    records = people(vault, map(str, range(21_000)))
    vault.put_cards("crm", records, records)
    vault.put_cards("shop", records[:10], records[:10])
    found = list(vault.cards())
    assert len(found) == 21_010
    assert all(record == card for record, _, card in found)
    assert {record for record, source, _ in found if source == "shop"} == set(records[:10])
    numbers = [record_number(record) for record, source, _ in found if source == "crm"]
    assert numbers == sorted(number for number in numbers if number is not None)


def test_other_work_goes_on_while_cards_are_read(vault: Vault) -> None:
    records = people(vault, ["ann", "bob", "cid"])
    vault.put_cards("crm", records, ["a", "b", "c"])
    for record, _, _ in vault.cards():
        vault.put_carried("email", [(record, vault.name("email", record))])
        vault.erase([record], now=NOW)
    assert vault.count() == 0


def test_many_records_may_carry_one_name(vault: Vault) -> None:
    ann, bob, cid = people(vault, ["ann", "bob", "cid"])
    home, own = vault.names("email", ["family@example.com", "cid@example.com"])
    vault.put_carried("email", [(ann, home), (bob, home), (cid, own), (ann, home), ("c0123456789abcdef", own)])
    vault.put_carried("phone", [(ann, vault.name("phone", "+431"))])
    assert vault.resolve(home) == sorted([ann, bob], key=lambda record: record_number(record) or 0)
    assert vault.resolve(own) == [cid]
    assert {namespace: set(pairs) for namespace, pairs in vault.carried().items()} == {
        "email": {(ann, home), (bob, home), (cid, own)},
        "phone": {(ann, vault.name("phone", "+431"))},
    }
    vault.put_carried("email", [(bob, home)])
    assert vault.carried()["email"] == [(bob, home)]
    assert len(vault.carried()["phone"]) == 1
    vault.clear_carried(but=["phone", "never heard of"])
    assert list(vault.carried()) == ["phone"]
    vault.clear_carried()
    assert vault.carried() == {}


def test_who_owns_a_name_comes_before_who_carries_it(vault: Vault) -> None:
    (ann,) = people(vault, ["ann@example.com"], "email")
    (bob,) = people(vault, ["bob"])
    name = vault.name("email", "ann@example.com")
    vault.put_carried("email", [(bob, name)])
    assert vault.resolve(name) == [ann]


def test_what_fails_half_way_leaves_nothing(vault: Vault) -> None:
    def half_way() -> None:
        with vault.transaction():
            people(vault, ["ann"])
            vault.assign(["no name"], now=NOW)

    with pytest.raises(ValueError, match="hexadecimal"):
        half_way()
    assert vault.count() == 0


def test_another_master_key_or_another_vaults_id_opens_nothing(tmp_path: Path) -> None:
    open_vault_of(tmp_path).close()
    with pytest.raises(MasterKeyWrongError) as refusal:
        open_vault_of(tmp_path, key=master(9))
    assert refusal.value.code == "MASTER-KEY-WRONG"
    with pytest.raises(MasterKeyWrongError):
        Vault.open(tmp_path, master(), vault_id="another", random=chance(2))
    open_vault_of(tmp_path).close()


def test_two_vaults_with_one_master_key_share_no_name(tmp_path: Path) -> None:
    with open_vault_of(tmp_path / "a", seed=3) as one, open_vault_of(tmp_path / "b", seed=4) as other:
        assert one.name("user_id", "42") != other.name("user_id", "42")
        assert one.mask("email", "42") != other.mask("email", "42")
