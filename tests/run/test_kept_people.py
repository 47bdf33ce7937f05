"""Who was found behind a mark is kept for a while, and never once others would be found."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role, access_of
from habitue.run.erasing import erase
from habitue.run.kept_people import LONGEST, MOST_IDS, MOST_KEPT, KeptPeople
from habitue.run.measuring import MeasureAsked
from habitue.run.measuring_marks import ValueMark, metric_people
from habitue.run.people_pages import MarkPeople, Page
from habitue.run.workspace import Workspace
from tests.projects import built_shop

NOW = datetime(2026, 7, 1, tzinfo=UTC)
ADMIN = access_of(Role.ADMIN)


def _ids(*ids: str) -> pa.ChunkedArray:
    return pa.chunked_array([list(ids)], pa.string())


def test_a_set_is_kept_for_a_while_only() -> None:
    kept = KeptPeople()
    kept.keep("who", _ids("a"), NOW)
    assert kept.find("who", NOW + LONGEST - timedelta(seconds=1)) == _ids("a")
    assert kept.find("who", NOW + LONGEST) is None


def test_the_set_not_asked_for_longest_makes_room() -> None:
    kept = KeptPeople()
    for number in range(MOST_KEPT):
        kept.keep(number, _ids("a"), NOW)
    assert kept.find(0, NOW) is not None
    kept.keep("one more", _ids("a"), NOW)
    assert kept.find(0, NOW) is not None
    assert kept.find(1, NOW) is None


def test_a_set_of_too_many_is_not_kept() -> None:
    kept = KeptPeople()
    kept.keep("all", pa.chunked_array([pa.nulls(MOST_IDS + 1, pa.string())]), NOW)
    assert kept.find("all", NOW) is None


def _asked(workspace: Workspace, page: Page) -> MarkPeople:
    return metric_people(
        workspace, ADMIN, "orders", MeasureAsked(since=datetime(2026, 1, 1, tzinfo=UTC)), ValueMark(), page
    )


def test_pages_are_those_of_one_set_and_an_erasure_makes_another(tmp_path: Path) -> None:
    # Whoever is erased is so in every copy of a project: this one is of its own.
    shop = built_shop(tmp_path / "shop")
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        first = _asked(workspace, Page(limit=2))
        pages = [first]
        while pages[-1].next_cursor:
            pages.append(_asked(workspace, Page(after=pages[-1].next_cursor, limit=2)))
        found = [each for page in pages for each in page.customers]
        assert found == sorted(set(found))
        assert len(found) == first.total
        assert len(workspace.kept_people) == 1
        erase(workspace, [found[0]], actor="officer")
        after = _asked(workspace, Page(limit=2))
        assert found[0] not in after.customers
        assert after.total == first.total - 1
        assert len(workspace.kept_people) == 2
