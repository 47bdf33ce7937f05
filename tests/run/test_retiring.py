"""Messages leave the log when no rule keeps what they became; what people said of themselves is not lost with them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.config import STATE_FOLDER
from habitue.rules.live_transitions import Transition
from habitue.run.building import BuildOrder
from habitue.run.customers import find_customer
from habitue.run.live_parts import log_path
from habitue.run.rebuilding import rebuild
from habitue.run.retention import list_retention
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.state.sqlite import to_us
from habitue.streams import LogReader
from tests.projects import around, copied, corner_shop, put
from tests.run.arriving import arrive, identify, make_live, track

EVENTS = "retention: events\ndata: events\nkeep: 60d\n"
CUSTOMERS = "---\nretention: people\ndata: customers\nkeep: 120d\n"
LATER = "2026-06-20 12:00:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop to which Ann came twice and Ben once, long ago, as customers may."""
    folder = corner_shop(tmp_path_factory.mktemp("old") / "shop")
    make_live(folder)
    put(folder / "segments" / "all.yaml", "segment: pro\nrule: trait.plan == 'pro'\n")
    old = (
        identify(1, "ann", "2026-03-30T10:00:00Z", plan="pro", email="ann@shop.test"),
        identify(2, "ben", "2026-03-30T10:00:00Z", plan="pro"),
        {**track(3, "ann", "2026-03-30T11:00:00Z", note="ring twice"), "anonymousId": "browser-1"},
    )
    arrive(folder, *old, at="2026-03-30 12:00:00")
    arrive(folder, track(4, "ann", "2026-06-19T11:00:00Z"), at="2026-06-19 12:00:00")
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return copied(made, tmp_path / "shop")


def build(folder: Path, at: str = LATER) -> set[str]:
    """Build at an instant; who is pro then, by what sources know them by."""
    with Workspace.open(folder, around=around(at)) as workspace:
        workspace.build(BuildOrder())
        found = workspace.warehouse.con.execute("SELECT customer_id FROM memberships WHERE left_at IS NULL").fetchall()
        return {name for name in ("ann", "ben") if (find_customer(workspace, f"user_id:{name}"),) in found}


def kept(folder: Path) -> list[str]:
    """The ids of the messages that the log holds."""
    with LogReader(log_path(folder)) as reader:
        return [each.message_id for each in reader.read()]


def test_messages_go_by_the_rule_for_events_and_what_people_said_of_themselves_stays(shop: Path) -> None:
    put(shop / "policies" / "retention.yaml", EVENTS)
    assert build(shop) == {"ann", "ben"}
    assert kept(shop) == ["m-4"]
    for file in (shop / STATE_FOLDER).glob("warehouse.duckdb*"):
        file.unlink()
    assert build(shop) == {"ann", "ben"}, "their cards remember what they said"
    with Workspace.open(shop, around=around(LATER)) as workspace:
        assert rebuild(workspace).differences == ()


def test_without_a_rule_for_events_at_large_every_message_stays(shop: Path) -> None:
    put(shop / "policies" / "retention.yaml", "retention: orders\nevents: [Order Completed]\nkeep: 60d\n")
    build(shop)
    assert kept(shop) == ["i-1", "i-2", "m-3", "m-4"]


def test_a_rule_that_keeps_some_events_longer_keeps_messages_longer(shop: Path) -> None:
    longer = "---\nretention: orders\nevents: [Order Completed]\nkeep: 200d\n"
    put(shop / "policies" / "retention.yaml", EVENTS + longer)
    build(shop)
    assert len(kept(shop)) == 4


def test_customers_whose_time_has_passed_are_remembered_by_no_card(shop: Path) -> None:
    put(shop / "policies" / "retention.yaml", EVENTS + CUSTOMERS)
    later = "2026-08-10 12:00:00"
    assert build(shop, later) == {"ann"}, "Ben was last heard of in March"
    for file in (shop / STATE_FOLDER).glob("warehouse.duckdb*"):
        file.unlink()
    assert build(shop, later) == {"ann"}


def moves(workspace: Workspace) -> tuple[int, int]:
    """How many transitions are kept, and how many of them are too old."""
    found = list_retention(workspace.project, workspace.stores, now=workspace.clock())
    return next((each.rows, each.gone) for each in found if each.about == "transitions")


def test_who_entered_and_left_goes_by_its_own_rule_and_who_is_inside_stays_known(shop: Path) -> None:
    put(shop / "policies" / "retention.yaml", "retention: moves\ndata: transitions\nkeep: 30d\n")
    old, new = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 19, tzinfo=UTC)
    with TransitionLog.open(shop) as log:
        for at in (old, new):
            entered = Transition("ann" if at is old else "ben", "pro", True, to_us(at), "event")
            log.commit([entered], offset=1, clock_us=to_us(at), noticed_us=to_us(at))
    with Workspace.open(shop, around=around(LATER)) as workspace:
        assert moves(workspace) == (2, 1)
        workspace.build(BuildOrder())
        assert moves(workspace) == (1, 0)
    with TransitionLog.open(shop) as log:
        assert [each.customer_id for each in log.read()] == ["ben"]
        assert set(log.members("pro")) == {"ann", "ben"}
