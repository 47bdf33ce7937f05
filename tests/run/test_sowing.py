"""What the live reading begins with: the tables as of a place in the log, with the people that messages made one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from habitue.features.sessions import SESSION_EVENT
from habitue.features.visits_live import says_of
from habitue.identity.joining import Joining
from habitue.identity.links import Links
from habitue.live.sessions import LiveVisits
from habitue.rules.history import instant_of, micros
from habitue.run.following import people_step
from habitue.run.sowing import sow
from habitue.run.workspace import Workspace
from habitue.sources.tables import live_position
from tests.projects import around, copied, corner_shop, put
from tests.run.arriving import NOW, identify, make_live, take_in
from tests.terminal import answer

VIEWED = "event: Product Viewed\nproperties:\n  product_id: {type: text}\n  page_path: {type: text}\n"
SEGMENTS = """segment: visitors
rule: did('Session', where=pages >= 2)
---
segment: often
rule: count('Session') >= 2
---
segment: looking
rule: count('Product Viewed') >= 3
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner shop with a live source, built; to be copied."""
    folder = corner_shop(tmp_path_factory.mktemp("sown") / "shop")
    make_live(folder)
    put(folder / "contracts" / "views.yaml", VIEWED)
    put(folder / "segments" / "live.yaml", SEGMENTS)
    answer("build", "--project", folder)
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of it, opened."""
    with Workspace.open(copied(made, tmp_path / "shop"), around=around(NOW)) as workspace:
        yield workspace


def view(number: int, at: str, *, user: str | None = None, browser: str = "b1") -> dict[str, object]:
    """Somebody looks at something."""
    return {
        "type": "track",
        "messageId": f"v-{number}",
        "userId": user,
        "anonymousId": browser,
        "event": "Product Viewed",
        "timestamp": at,
        "properties": {"product_id": "x", "page_path": f"/{number}"},
    }


def test_what_arrived_is_in_it_up_to_the_offset_and_visits_are_cut_anew(workspace: Workspace) -> None:
    now = workspace.clock()
    times = ["2026-04-01T11:00:00Z", "2026-04-01T11:10:00Z", "2026-04-01T11:50:00Z", "2026-04-01T11:55:00Z"]
    take_in(workspace, [view(number, at) for number, at in enumerate(times)])
    (browser,) = workspace.vault.resolve(workspace.vault.name("cookie", "b1"))
    sown = sow(workspace, offset=3, now=now, members={})
    assert set(sown.rules.members("visitors")) == {browser}
    assert set(sown.rules.members("looking")) == {browser}
    first, second = sown.visits[browser].visits
    assert (first.events, first.entry and first.entry[1], first.exit and first.exit[1]) == (2, "/0", "/1")
    assert (second.events, second.last[1]) == (1, live_position(3))
    # The open visit is held: it occurs when the pause has passed, unless it is taken back before.
    gap_us = workspace.project.settings.session.gap_us
    place = second.last[0] + gap_us, second.last[1]
    assert not set(sown.rules.members("often"))
    assert [each.definition for each in sown.rules.advance(now + timedelta(hours=1)).transitions] == ["often"]
    sown.rules.revise(browser, SESSION_EVENT, [place], [], micros(now))
    assert not set(sown.rules.members("often"))
    everything = sow(workspace, offset=4, now=now + timedelta(hours=1), members={})
    assert everything.visits[browser].visits[-1].events == 2


def test_a_visit_long_past_that_is_being_told_goes_on_where_it_was_left(workspace: Workspace) -> None:
    now = workspace.clock()
    times = ["2026-03-15T11:00:00Z", "2026-03-15T13:00:00Z", "2026-03-15T11:10:00Z"]
    take_in(workspace, [view(number, at) for number, at in enumerate(times)])
    (browser,) = workspace.vault.resolve(workspace.vault.name("cookie", "b1"))
    sown = sow(workspace, offset=2, now=now, members={})
    first, second = sown.visits[browser].visits
    assert (first.events, second.events) == (1, 1)
    visits = LiveVisits(
        says_of([workspace.project.catalogue.events["Product Viewed"]]),
        workspace.project.settings.session.gap_us,
        sown.visits,
    )
    place = first.last[0] + 10 * 60 * 1_000_000, live_position(3)
    revision = visits.take(browser, "Product Viewed", place, {}, micros(now))
    assert revision is not None
    sown.rules.revise(browser, SESSION_EVENT, revision.gone, revision.come, micros(now))
    assert set(sown.rules.members("visitors")) == {browser}
    # A visit that was told long ago is as it is.
    later = sow(workspace, offset=3, now=now + timedelta(days=3), members={})
    assert browser not in later.visits


def test_people_whom_messages_made_one_are_one_in_the_tables_and_in_what_is_sown(workspace: Workspace) -> None:
    now = workspace.clock()
    take_in(workspace, [view(0, "2026-04-01T11:00:00Z"), view(1, "2026-04-01T11:10:00Z")])
    take_in(workspace, [view(2, "2026-04-01T11:20:00Z", user="zoe")])
    (browser,) = workspace.vault.resolve(workspace.vault.name("cookie", "b1"))
    (user,) = workspace.vault.resolve(workspace.vault.name("user_id", "zoe"))
    apart = sow(workspace, offset=3, now=now, members={})
    assert not set(apart.rules.members("looking"))
    before = people_step(workspace.project.folder)
    with Links.open(workspace.project.folder) as links:
        joining = Joining(links=links, rules=workspace.project.identity)
        (person,) = set(joining.join(user, [("cookie", browser)], [], now=now).values())
    assert people_step(workspace.project.folder) > before
    sown = sow(workspace, offset=3, now=now, members={})
    assert set(sown.rules.members("looking")) == {person}
    assert sown.persons[({user, browser} - {person}).pop()] == person
    rows = workspace.warehouse.table("event_product_viewed").select("customer_id").distinct()
    assert workspace.warehouse.fetch(rows).column("customer_id").to_pylist() == [person]
    assert sow(workspace, offset=3, now=now, members={}).persons == sown.persons


def test_when_traits_were_said_is_known_up_to_the_offset(workspace: Workspace) -> None:
    said = identify(1, "ann", "2026-04-01T10:00:00Z", plan="pro")
    take_in(workspace, [said, identify(2, "ann", "2026-04-01T09:00:00Z", plan="free")])
    (user,) = workspace.vault.resolve(workspace.vault.name("user_id", "ann"))
    told = sow(workspace, offset=2, now=workspace.clock(), members={}).told
    assert instant_of(told[user, "plan"]).isoformat() == "2026-04-01T10:00:00+00:00"
    assert (user, "plan") not in sow(workspace, offset=0, now=workspace.clock(), members={}).told
