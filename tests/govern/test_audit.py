"""The audit log names the place where it was touched."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.govern.audit import AuditAction, AuditEntry, AuditLog

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def write_entries(project: Path, count: int) -> None:
    with AuditLog.open(project) as log:
        for number in range(count):
            log.append(
                AuditEntry(
                    at=NOW + timedelta(seconds=number),
                    actor="cli:ann",
                    action=AuditAction.READ,
                    subject=f"c{number}",
                    about="segments explain",
                )
            )


def test_an_untouched_chain_holds_and_reads_back_newest_first(tmp_path: Path) -> None:
    write_entries(tmp_path, 5)
    with AuditLog.open(tmp_path) as log:
        check = log.verify()
        assert (check.entries, check.broken_at) == (5, None)
        assert [each.subject for each in log.entries(limit=2)] == ["c4", "c3"]
        assert [each.at for each in log.entries(subject="c1")] == [NOW + timedelta(seconds=1)]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE entries SET said = replace(said, 'c2', 'c9') WHERE number = 3", 3),
        ("UPDATE entries SET digest = replace(digest, substr(digest, 1, 1), 'x') WHERE number = 2", 2),
        ("DELETE FROM entries WHERE number = 4", 4),
        ("DELETE FROM entries WHERE number = 1", 1),
        ("UPDATE entries SET number = number + 100 WHERE number = 5", 5),
    ],
)
def test_any_change_is_found_where_it_was_made(tmp_path: Path, statement: str, place: int) -> None:
    write_entries(tmp_path, 5)
    touched = sqlite3.connect(tmp_path / ".habitue" / "audit.sqlite")
    touched.execute(statement)
    touched.commit()
    touched.close()
    with AuditLog.open(tmp_path) as log:
        assert log.verify().broken_at == place


def test_entries_cut_off_at_the_end_are_missed_when_the_head_was_kept(tmp_path: Path) -> None:
    write_entries(tmp_path, 5)
    with AuditLog.open(tmp_path) as log:
        head = log.verify().head
    touched = sqlite3.connect(tmp_path / ".habitue" / "audit.sqlite")
    touched.execute("DELETE FROM entries WHERE number = 5")
    touched.commit()
    touched.close()
    with AuditLog.open(tmp_path) as log:
        assert log.verify().broken_at is None
        assert log.verify(head=head).broken_at == 5
