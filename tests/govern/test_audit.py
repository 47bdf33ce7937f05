"""The audit log names the place where it was touched."""

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.govern.audit import AuditAction, AuditEntry, AuditLog
from habitue.govern.keys import MasterKey
from habitue.govern.vault import Vault
from habitue.govern.vouching import VaultVoucher

NOW = datetime(2026, 6, 30, tzinfo=UTC)
COUNT = 5


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=NOW + timedelta(seconds=number),
        actor="cli:ann",
        action=AuditAction.READ,
        subject=f"c{number}",
        about="segments explain",
    )


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    chance = random.Random(3)
    with Vault.open(tmp_path, MasterKey(chance.randbytes(32)), vault_id="v", random=chance.randbytes) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path, vault: Vault) -> Iterator[AuditLog]:
    """A log with entries, vouched for by the vault."""
    with AuditLog.open(tmp_path, voucher=VaultVoucher(vault)) as opened:
        for number in range(COUNT):
            opened.append(entry(number))
        yield opened


def touch(project: Path, statement: str, values: tuple[object, ...] = ()) -> None:
    """Change the log from outside."""
    with closing(sqlite3.connect(project / ".habitue" / "audit.sqlite")) as con, con:
        con.execute(statement, values)


def held(project: Path) -> list[tuple[int, str, str, str]]:
    with closing(sqlite3.connect(project / ".habitue" / "audit.sqlite")) as con:
        rows: list[tuple[int, str, str, str]] = con.execute(
            "SELECT number, said, digest, signature FROM entries ORDER BY number"
        ).fetchall()
    return rows


def test_an_untouched_chain_holds_and_reads_back_newest_first(log: AuditLog) -> None:
    check = log.verify()
    assert (check.entries, check.broken_at, check.why) == (COUNT, None, "")
    assert [each.subject for each in log.entries(limit=2)] == ["c4", "c3"]
    assert [each.at for each in log.entries(subject="c1")] == [NOW + timedelta(seconds=1)]
    assert [each.subject for each in log.entries(since=NOW + timedelta(seconds=3))] == ["c4", "c3"]


def test_entries_added_together_stand_one_after_another(log: AuditLog) -> None:
    last = log.append_all([entry(7), entry(8)])
    check = log.verify(head=last)
    assert (check.entries, check.head, check.broken_at) == (COUNT + 2, last, None)
    assert log.append_all([]) == last


def test_every_changed_byte_is_found_and_located(log: AuditLog, tmp_path: Path) -> None:
    """Each byte of each text of a sample is changed, one at a time, and put back."""
    changed = 0
    for number, *texts in held(tmp_path):
        for column, text in zip(("said", "digest", "signature"), texts, strict=True):
            for place in range(len(text)):
                broken = f"{text[:place]}{chr(ord(text[place]) ^ 1)}{text[place + 1 :]}"
                _put(tmp_path, column, broken, number)
                assert log.verify().broken_at == number, (number, column, place)
                changed += 1
            _put(tmp_path, column, text, number)
    assert changed > 1000
    assert log.verify().broken_at is None


def _put(project: Path, column: str, text: str, number: int) -> None:
    statements = {
        "said": "UPDATE entries SET said = ? WHERE number = ?",
        "digest": "UPDATE entries SET digest = ? WHERE number = ?",
        "signature": "UPDATE entries SET signature = ? WHERE number = ?",
    }
    touch(project, statements[column], (text, number))


@pytest.mark.parametrize("byte", [b"\xff", b"\x00", b"\xc3"])
def test_a_byte_that_is_no_text_is_found_too_and_the_rest_still_reads(
    log: AuditLog, tmp_path: Path, byte: bytes
) -> None:
    touch(tmp_path, "UPDATE entries SET said = CAST(? || said AS TEXT) WHERE number = 3", (byte,))
    assert log.verify().broken_at == 3
    assert [each.subject for each in log.entries()] == ["c4", "c3", "c1", "c0"]


@pytest.mark.parametrize("place", range(1, COUNT + 1))
def test_an_entry_taken_out_is_missed(log: AuditLog, tmp_path: Path, place: int) -> None:
    touch(tmp_path, "DELETE FROM entries WHERE number = ?", (place,))
    assert log.verify().broken_at == place


def test_entries_in_another_order_are_found(log: AuditLog, tmp_path: Path) -> None:
    for old, new in ((2, 100), (3, 2), (100, 3)):
        touch(tmp_path, "UPDATE entries SET number = ? WHERE number = ?", (new, old))
    assert log.verify().broken_at == 2


@pytest.mark.parametrize("left", range(COUNT))
def test_entries_cut_off_the_end_are_missed(log: AuditLog, tmp_path: Path, left: int) -> None:
    touch(tmp_path, "DELETE FROM entries WHERE number > ?", (left,))
    check = log.verify()
    assert (check.entries, check.broken_at) == (left, left + 1)
    assert "cut off" in check.why


@pytest.mark.parametrize("place", range(1, COUNT + 1))
def test_a_chain_made_anew_from_some_place_on_is_not_signed_there(log: AuditLog, tmp_path: Path, place: int) -> None:
    """Whoever has the file can make every digest fit again, but not sign it."""
    before = "0" * 64
    for number, said, _, _ in held(tmp_path):
        forged = said.replace("cli:ann", "cli:bob") if number == place else said
        before = hashlib.sha256(f"{before}\n{forged}".encode()).hexdigest()
        touch(tmp_path, "UPDATE entries SET said = ?, digest = ? WHERE number = ?", (forged, before, number))
    check = log.verify()
    assert check.broken_at == place
    assert "signed" in check.why


def test_a_signature_copied_from_elsewhere_does_not_sign(log: AuditLog, vault: Vault, tmp_path: Path) -> None:
    number, _, digest, _ = held(tmp_path)[1]
    for copied in (vault.lane.seal(f"entry {number} {digest}"), f"entry {number} {digest}", held(tmp_path)[2][3]):
        _put(tmp_path, "signature", copied, number)
        assert log.verify().broken_at == number


def test_a_process_killed_between_the_log_and_the_vault_breaks_nothing(log: AuditLog, vault: Vault) -> None:
    """The vault then remembers an earlier end, and the log goes on from it."""
    kept = vault.noted("audit_head")
    log.append(entry(9))
    vault.note("audit_head", kept or "")
    assert log.verify().broken_at is None
    log.append(entry(10))
    assert log.verify().entries == COUNT + 2


def test_the_memory_of_the_vault_never_goes_back(log: AuditLog, vault: Vault) -> None:
    voucher = VaultVoucher(vault)
    voucher.remember(2, "older")
    remembered = voucher.remembered()
    assert remembered is not None
    assert remembered[0] == COUNT
    assert log.verify().broken_at is None


def test_a_digest_kept_elsewhere_has_to_be_in_the_chain(log: AuditLog) -> None:
    head = log.verify().head
    log.append(entry(9))
    assert log.verify(head=head).broken_at is None
    assert log.verify(head="f" * 64).broken_at == COUNT + 2


def test_without_a_voucher_the_chain_alone_is_verified(tmp_path: Path) -> None:
    with AuditLog.open(tmp_path) as log:
        log.append(entry(1))
        log.append(entry(2))
        assert log.verify().broken_at is None
        touch(tmp_path, "UPDATE entries SET said = replace(said, 'c1', 'c9') WHERE number = 1")
        assert log.verify().broken_at == 1
