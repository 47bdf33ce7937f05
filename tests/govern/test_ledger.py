"""The ledger of consents: what is written stays as it was written, in any order, on disk."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from habitue.config import STATE_FOLDER
from habitue.govern.consent import ConsentEntry, ConsentState, Strength
from habitue.govern.ledger import CONSENTS_FILE, ConsentLedger
from habitue.govern.spec import LegalBasis
from tests.govern.consent_histories import NOON, crowd


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[ConsentLedger]:
    """A ledger in a folder of its own."""
    with ConsentLedger.open(tmp_path) as opened:
        yield opened


def entry(record: str, purpose: str = "news") -> ConsentEntry:
    """One consent with everything that can be said of it."""
    return ConsentEntry(
        record_id=record,
        purpose=purpose,
        state=ConsentState.OBJECTED,
        strength=Strength.SIGNAL,
        basis=LegalBasis.LEGITIMATE_INTERESTS,
        source="letter of 3 May",
        text_version="v2",
        region="us-ca",
        occurred_at=NOON - timedelta(microseconds=1),
        received_at=NOON,
    )


def test_what_is_written_is_read(ledger: ConsentLedger) -> None:
    written = [each for history in crowd(50, seed=1) for each in history]
    assert ledger.append(written) == len(written)
    assert [each.entry for each in ledger.entries()] == written
    assert [each.number for each in ledger.entries(after=3)][:2] == [4, 5]


def test_entries_of_some_records_come_in_the_order_of_arrival(ledger: ConsentLedger) -> None:
    ledger.append([entry("c2"), entry("c1"), entry("c3"), entry("c2", "post")])
    found = [(each.number, each.entry.record_id) for each in ledger.entries(["c2", "c1", "c2"])]
    assert found == [(1, "c2"), (2, "c1"), (4, "c2")]


def test_an_entry_is_never_changed(ledger: ConsentLedger, tmp_path: Path) -> None:
    ledger.append([entry("c1")])
    with (
        closing(sqlite3.connect(tmp_path / STATE_FOLDER / CONSENTS_FILE)) as other,
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
    ):
        other.execute("UPDATE entries SET state = 'given'")


def test_erased_entries_leave_no_bytes_and_their_numbers_are_not_given_again(
    ledger: ConsentLedger, tmp_path: Path
) -> None:
    ledger.append([entry("c-gone"), entry("c-kept")])
    assert ledger.erase(["c-gone", "c-unknown"]) == 1
    files = [path.read_bytes() for path in (tmp_path / STATE_FOLDER).iterdir()]
    assert not any(b"c-gone" in each for each in files)
    assert any(b"c-kept" in each for each in files)
    assert ledger.append([entry("c-new")]) == 3
    ledger.erase(["c-new", "c-kept"])
    assert ledger.newest() == 3


def test_only_its_owner_can_read_the_file(ledger: ConsentLedger, tmp_path: Path) -> None:
    ledger.append([entry("c1")])
    mode = (tmp_path / STATE_FOLDER / CONSENTS_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_half_a_batch_is_never_written(ledger: ConsentLedger) -> None:
    def breaks() -> Iterator[ConsentEntry]:
        yield entry("c1")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ledger.append(breaks())
    assert ledger.newest() == 0
