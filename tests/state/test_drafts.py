"""Drafts are their owner's alone, outlive the process, and are never overwritten unseen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.config import state_folder
from habitue.state.drafts import (
    MOST_DRAFTS,
    Draft,
    DraftChangedError,
    Drafts,
    DraftsFullError,
    DraftUnknownError,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
MINE = Draft(id="d-1", kind="segment", owner="ann", name="", body='{"a": 1}', version=0, made_at=NOW, changed_at=NOW)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    state_folder(tmp_path)
    return tmp_path


def test_a_draft_is_there_after_the_file_was_closed(project: Path) -> None:
    with Drafts.open(project) as drafts:
        saved = drafts.save(MINE, now=NOW)
    with Drafts.open(project) as drafts:
        assert drafts.find("ann", "d-1") == saved == replace(MINE, version=1)
        again = drafts.save(replace(saved, body="{}"), now=LATER)
        assert (again.version, again.made_at, again.changed_at, again.body) == (2, NOW, LATER, "{}")
        assert drafts.of("ann", "segment") == [again]


def test_nobody_sees_or_touches_the_draft_of_another(project: Path) -> None:
    with Drafts.open(project) as drafts:
        drafts.save(MINE, now=NOW)
        assert drafts.of("ben", "segment") == []
        assert not drafts.drop("ben", "d-1")
        with pytest.raises(DraftUnknownError):
            drafts.find("ben", "d-1")
        with pytest.raises(DraftChangedError):
            drafts.save(replace(MINE, owner="ben", version=1), now=LATER)
        assert drafts.drop("ann", "d-1")
        assert not drafts.drop("ann", "d-1")


def test_what_another_tab_saved_is_not_overwritten(project: Path) -> None:
    with Drafts.open(project) as here, Drafts.open(project) as there:
        first = here.save(MINE, now=NOW)
        newer = there.save(replace(first, body='"theirs"'), now=LATER)
        with pytest.raises(DraftChangedError):
            here.save(replace(first, body='"mine"'), now=LATER)
        assert here.find("ann", "d-1") == newer


def test_one_person_keeps_no_more_than_so_many(project: Path) -> None:
    with Drafts.open(project) as drafts:
        for number in range(MOST_DRAFTS):
            drafts.save(replace(MINE, id=f"d-{number}"), now=NOW)
        with pytest.raises(DraftsFullError):
            drafts.save(replace(MINE, id="one-more"), now=NOW)
        drafts.save(replace(MINE, id="one-more", owner="ben"), now=NOW)
