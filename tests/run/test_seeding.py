"""A live reading set to what the warehouse holds: everybody whom a batch would answer for, up to a place in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from habitue.rules.live import LiveRules
from habitue.run.parity import batch_members, compare
from habitue.run.projecting import Projector
from habitue.run.seeding import Planted, live_definitions, plant, seed
from habitue.run.workspace import Workspace
from tests.projects import around, copied, corner_shop, local, put
from tests.run.arriving import NOW, arrive, identify, make_live, take_in, track
from tests.terminal import answer

SEGMENTS = """
---
segment: pro
rule: trait.plan == 'pro'
---
segment: quiet
rule: not did('Order Completed', last='7d')
---
segment: spenders
rule: sum('Order Completed'.revenue) >= 100
---
segment: at_home
rule: any(household, did('Order Completed', last='30d'))
"""
HOUSEHOLDS = "identity: shop\nhouseholds: {by: [plan]}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner shop with a live source and more segments, built; to be copied."""
    folder = corner_shop(tmp_path_factory.mktemp("seeded") / "shop")
    make_live(folder)
    segments = folder / "segments" / "all.yaml"
    put(segments, segments.read_text(encoding="utf-8") + SEGMENTS)
    put(folder / "identity" / "shop.yaml", HOUSEHOLDS)
    answer("build", "--project", folder)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return copied(made, tmp_path / "shop")


@contextmanager
def opened(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder, around=around(NOW)) as workspace:
        yield workspace


def seeded(workspace: Workspace, now: datetime, offset: int | None = None) -> LiveRules:
    definitions, _ = live_definitions(workspace.project)
    return seed(
        definitions, project=workspace.project, warehouse=workspace.warehouse, offset=offset, now=now, members={}
    )


def inside(live: LiveRules) -> dict[str, set[str]]:
    return {name: set(live.members(name)) for name in live.plan.names}


def person_of(workspace: Workspace, user: str) -> str:
    (record,) = workspace.vault.resolve(workspace.vault.name("user_id", user))
    return record


def test_everybody_is_where_the_last_build_has_them_and_nothing_flips(shop: Path) -> None:
    with opened(shop) as workspace:
        definitions, refused = live_definitions(workspace.project)
        names, as_of = [each.name for each in definitions], workspace.as_of()
        built = batch_members(workspace.project, workspace.warehouse, names, as_of=as_of)
        planted = plant(
            definitions,
            project=workspace.project,
            warehouse=workspace.warehouse,
            offset=None,
            now=as_of,
            members=built,
        )
        assert isinstance(planted, Planted)
        assert planted.flips == []
        assert inside(planted.live) == built
        assert sum(map(len, built.values())) > 10
        assert set(refused) == {"at_home"}
        assert "household" in refused["at_home"]


def test_live_events_count_up_to_the_offset_asked_for(shop: Path) -> None:
    with opened(shop) as workspace:
        take_in(workspace, [track(each, "eve", "2026-03-30T10:00:00Z", "60.00") for each in (1, 2)])
        Projector(workspace).run()
        eve = person_of(workspace, "eve")
        for offset, is_spender in ((0, False), (1, False), (2, True), (None, True)):
            live = seeded(workspace, local(NOW), offset)
            assert live.is_member(eve, "spenders") is is_spender, offset
            assert live.is_member(eve, "quiet") is False
            batch = batch_members(
                workspace.project, workspace.warehouse, live.plan.names, as_of=local(NOW), offset=offset
            )
            assert compare(batch, inside(live)) == []


def test_people_and_traits_that_only_live_sources_know_need_no_build(shop: Path) -> None:
    with opened(shop) as workspace:
        take_in(
            workspace,
            [
                identify(1, "zoe", "2026-03-30T10:00:00Z", plan="pro"),
                track(2, "yan", "2026-03-30T10:00:00Z", "100.00"),
                identify(3, "zoe", "2026-03-30T11:00:00Z", plan="free"),
            ],
        )
        Projector(workspace).run()
        zoe, yan = person_of(workspace, "zoe"), person_of(workspace, "yan")
        first = inside(seeded(workspace, local(NOW), 1))
        assert (first["pro"], yan in first["spenders"]) == ({zoe}, False)
        last = inside(seeded(workspace, local(NOW), 3))
        assert (last["pro"], yan in last["spenders"], zoe in last["quiet"]) == (set(), True, True)


def test_what_happens_after_the_instant_counts_when_its_time_comes(shop: Path) -> None:
    with opened(shop) as workspace:
        take_in(workspace, [track(1, "cay", "2026-03-30T10:00:00Z")])
        Projector(workspace).run()
        cay, live = person_of(workspace, "cay"), seeded(workspace, local("2026-03-29 12:00:00"))
        assert not live.is_member(cay, "recent")
        turned = [each for each in live.advance(local(NOW)).transitions if each.customer_id == cay]
        entered = [str(each.occurred_at) for each in turned if each.definition == "recent" and each.entered]
        assert entered == ["2026-03-30 10:00:00+00:00"]


def test_whoever_has_their_data_restricted_is_in_no_live_answer(shop: Path) -> None:
    arrive(shop, track(1, "eve", "2026-03-30T10:00:00Z", "500.00"))
    answer("build", "--project", shop, "--as-of", "2026-04-01")
    answer("privacy", "consent", "user_id:eve", "--restrict", "--project", shop)
    with opened(shop) as workspace:
        take_in(workspace, [track(2, "eve", "2026-03-31T10:00:00Z", "500.00")])
        Projector(workspace).run()
        eve, live = person_of(workspace, "eve"), seeded(workspace, local(NOW))
        assert all(eve not in people for people in inside(live).values())
        assert live.people >= 4
