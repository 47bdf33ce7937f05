"""Somebody erased is gone from every file of the vault, and is not taken in again."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from sqlite3 import connect

import pytest

from habitue.govern.person_keys import PersonUnknownError
from habitue.govern.vault import Vault
from habitue.govern.vault_tables import record_number
from habitue.state import StateBusyError
from tests.govern.vaults import LATER, NOW, every_byte, found_among, open_vault_of, people


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with open_vault_of(tmp_path) as opened:
        yield opened


def test_an_erasure_takes_everything_and_says_so(vault: Vault) -> None:
    ann, bob = people(vault, ["ann", "bob"])
    vault.put_cards("crm", [ann, bob], ["a", "b"])
    vault.put_cards("shop", [ann], ["c"])
    email = vault.name("email", "ann@example.com")
    vault.put_carried("email", [(ann, email)])
    gone = vault.erase([ann, ann, "c0123456789abcdef", "nobody"], now=NOW)
    assert gone.records == (ann,)
    assert (gone.keys, gone.names, gone.carried, gone.cards, gone.graves) == (1, 1, 1, 2, 2)
    assert (vault.record_known(ann), vault.record_known(bob), vault.count()) == (False, True, 1)
    assert vault.resolve(vault.name("user_id", "ann")) == vault.resolve(email) == []
    assert [record for record, _, _ in vault.cards()] == [bob]
    with pytest.raises(PersonUnknownError):
        vault.card(ann)


def test_somebody_erased_is_not_taken_in_again(vault: Vault) -> None:
    names = vault.names("user_id", ["ann", "bob"])
    ann, bob = people(vault, ["ann", "bob"])
    vault.erase([ann], now=NOW)
    assert vault.assign(names, now=LATER) == [None, bob]
    assert vault.assign([names[0], names[0]], now=LATER) == [None, None]
    assert vault.buried([*names, vault.name("email", "ann")]) == {names[0]}
    assert vault.count() == 1
    again = vault.erase([ann], now=LATER)
    assert (again.records, again.keys, again.graves) == ((), 0, 0)


def test_a_carried_name_buried_is_no_own_identifier_either(vault: Vault) -> None:
    (ann,) = people(vault, ["ann"])
    email = vault.name("email", "ann@example.com")
    vault.put_carried("email", [(ann, email)])
    vault.erase([ann], now=NOW)
    assert vault.assign([email], now=LATER) == [None]


def test_a_name_that_somebody_else_has_as_well_is_not_buried(vault: Vault) -> None:
    ann, bob, cid = people(vault, ["ann", "bob", "cid"])
    home, work = vault.names("email", ["family@example.com", "office@example.com"])
    (office,) = people(vault, ["office@example.com"], "email")
    vault.put_carried("email", [(ann, home), (bob, home), (ann, work), (cid, work)])
    vault.erase([ann, cid], now=NOW)
    assert vault.buried([home, work]) == set()
    assert (vault.resolve(home), vault.resolve(work)) == ([bob], [office])
    vault.erase([bob], now=NOW)
    assert vault.buried([home, work]) == {home}


def test_graves_outlive_a_restored_backup_and_empty_it(tmp_path: Path) -> None:
    with open_vault_of(tmp_path / "now") as vault:
        ann, bob = people(vault, ["ann", "bob"])
        vault.put_cards("crm", [ann, bob], ["a", "b"])
    backup = tmp_path / "backup" / ".habitue"
    backup.mkdir(parents=True)
    (backup / "vault.sqlite").write_bytes((tmp_path / "now" / ".habitue" / "vault.sqlite").read_bytes())
    with open_vault_of(tmp_path / "now") as vault:
        vault.erase([ann], now=NOW)
        kept = vault.tombstones()
        assert [dug for _, dug in kept] == [1_782_777_600_000_000]
    with open_vault_of(tmp_path / "backup") as restored:
        assert restored.record_known(ann)
        gone = restored.bury(kept, now=LATER)
        assert (gone.records, gone.cards) == ((ann,), 1)
        assert restored.assign(restored.names("user_id", ["ann", "bob"]), now=LATER) == [None, bob]
        assert restored.tombstones() == kept
        assert restored.bury(kept, now=LATER).records == ()


def test_no_byte_of_the_erased_is_in_any_file_of_the_vault(vault: Vault, tmp_path: Path) -> None:
    draw = random.Random(5)
    living = _grown(vault, draw)
    gone = draw.sample(living, 400)
    marks = _marks(tmp_path, gone)
    before = every_byte(tmp_path)
    assert found_among(marks, before) == marks  # the search does find all of them
    kept = _marks(tmp_path, draw.sample(sorted(set(living) - set(gone)), 50))
    vault.erase(gone[:1], now=NOW)
    vault.erase(gone[1:], now=NOW)
    after = every_byte(tmp_path)
    assert found_among(marks, after) == []
    assert found_among(kept, after) == kept


def test_a_vault_too_large_for_memory_is_written_anew_beside_it(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("habitue.govern.vault._IN_MEMORY", 0)
    records = people(vault, map(str, range(100)))
    vault.put_cards("crm", records, records)
    vault.put_carried("email", [(record, vault.name("email", record)) for record in records])
    vault.compact()
    marks = _marks(tmp_path, records[:10])
    assert found_among(marks, every_byte(tmp_path)) == marks
    assert vault.erase(records[:10], now=NOW).cards == 10
    assert found_among(marks, every_byte(tmp_path)) == []
    assert people(vault, map(str, range(10, 100))) == records[10:]
    assert len(list(vault.cards())) == 90


def _grown(vault: Vault, draw: random.Random) -> list[str]:
    """A vault that grew in pieces, with rows of many sizes, so that its pages were split and joined often."""
    living: list[str] = []
    for batch in range(40):
        size = draw.choice([1, 3, 50, 200])
        records = people(vault, [f"{batch}-{each}" for each in range(size)])
        for source in ("crm", "shop"):
            vault.put_cards(source, records, ["x" * draw.choice([20, 200, 900, 3_000]) for _ in records])
        living += records
    for namespace in ("email", "phone"):
        names = vault.names(namespace, map(str, range(len(living))))
        vault.put_carried(namespace, list(zip(living, names, strict=True)))
    return living


def _marks(folder: Path, records: Sequence[str]) -> list[bytes]:
    """What the file holds of these records: ids, keys, names, and the first bytes of cards."""
    marks: list[bytes] = []
    with connect(folder / ".habitue" / "vault.sqlite") as other:
        for number in map(record_number, records):
            assert number is not None
            marks.append(number.to_bytes(8, signed=True))
            for statement in (
                "SELECT name FROM records WHERE record = ?",
                "SELECT wrapped FROM records WHERE record = ?",
                "SELECT name FROM names WHERE record = ?",
                "SELECT name FROM carried WHERE record = ?",
                "SELECT substr(sealed, 1, 40) FROM cards WHERE record = ?",
            ):
                marks += [bytes(value) for (value,) in other.execute(statement, (number,))]
    other.close()
    return marks


def test_an_erasure_that_a_reader_holds_up_is_not_called_done(vault: Vault, tmp_path: Path) -> None:
    ann, bob = people(vault, ["ann", "bob"])
    reader = connect(tmp_path / ".habitue" / "vault.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM records").fetchall()
    with pytest.raises(StateBusyError):
        vault.erase([ann], now=NOW)
    reader.execute("COMMIT")
    reader.close()
    name = bytes.fromhex(vault.name("user_id", "ann"))
    assert vault.erase([ann], now=NOW).keys == 0
    assert name not in every_byte(tmp_path)
    assert vault.record_known(bob)
