"""The first people behind a mark, found among some of the customers, are the first of all of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role, access_of
from habitue.measure.funnels import Order
from habitue.run.id_ranges import IdRange
from habitue.run.kept_people import KeptPeople
from habitue.run.measuring import MeasureAsked
from habitue.run.measuring_attribution import AttributionAsked
from habitue.run.measuring_cohorts import CohortsAsked
from habitue.run.measuring_frame import Asked
from habitue.run.measuring_funnels import FunnelAsked, FunnelPeople, funnel_people
from habitue.run.measuring_marks import PathMark, ValueMark, channel_people, cohort_people, metric_people, path_people
from habitue.run.measuring_paths import PathsAsked
from habitue.run.nearby import Some
from habitue.run.people_pages import MarkPeople, Page
from habitue.run.workspace import Workspace
from tests.measure.drawn import drawn, project_of
from tests.measure.near import keep_nearby
from tests.projects import SETTINGS, put

ADMIN = access_of(Role.ADMIN)
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = 400
MANY = 40
KEPT = 8
FEW = f"{SETTINGS}estimate_from: 100\n"
METRICS = """metric: purchases
unit: count
of: {figure: count, event: Bought}
---
metric: again_seen
of: {figure: returning_customers, event: Seen}
---
metric: busy
of: {holds: count('Seen') >= 2}
---
metric: foremost
of: {holds: segment.foremost}
"""
SEGMENTS = """segment: regular
rule: count('Bought') >= 1
---
segment: foremost
rule: percentile(count('Seen')) >= 0.5
"""
RANKED = Asked(of="segment.foremost")
BOUGHT = Asked(of="did('Bought')")
STEPS = ("Seen", "Added", "Bought")
Find = Callable[[Workspace, Page], MarkPeople | FunnelPeople]


def _value(name: str, mark: ValueMark, *, by: tuple[str, ...] = (), every: str = "", of: str = "") -> Find:
    about = MeasureAsked(by=by, every=every, of=of)
    return lambda shop, page: metric_people(shop, ADMIN, name, about, mark, page)


def _cell(asked: CohortsAsked, day: int, later: int | None) -> Find:
    start = (START + timedelta(days=day)).date()
    return lambda shop, page: cohort_people(shop, ADMIN, asked, start=start, later=later, page=page)


def _path(asked: PathsAsked, mark: PathMark) -> Find:
    return lambda shop, page: path_people(shop, ADMIN, asked, mark, page)


def _channel(asked: AttributionAsked) -> Find:
    return lambda shop, page: channel_people(shop, ADMIN, asked, "new", page)


def _step(asked: FunnelAsked, step: int, *, dropped: bool = False, value: str | None = None) -> Find:
    return lambda shop, page: funnel_people(shop, ADMIN, asked, step=step, dropped=dropped, value=value, page=page)


LATER = Asked(since=START + timedelta(hours=30))
SECOND = (START + timedelta(days=1)).date()
SEEN_WAY = PathsAsked(start="Seen", steps=3, top=2)
WAY_TO = PathsAsked(to="Bought", about=RANKED)
MARKS: dict[str, Find] = {
    "a value": _value("purchases", ValueMark()),
    "a day": _value("purchases", ValueMark(step=SECOND), every="day"),
    "a group": _value("purchases", ValueMark(groups=("old", "in")), by=("kind", "segment.regular")),
    "whoever came again": _value("again_seen", ValueMark(step=SECOND), every="day"),
    "of whom a rule holds": _value("busy", ValueMark()),
    "of whom a rank holds": _value("foremost", ValueMark()),
    "the size of a ranked segment": _value("segment.foremost", ValueMark()),
    "a value of the foremost": _value("purchases", ValueMark(), of="segment.foremost"),
    "a cohort": _cell(CohortsAsked(event="Seen", every="day"), 0, None),
    "a cohort later": _cell(CohortsAsked(event="Seen", every="day"), 0, 1),
    "a cohort of its own step": _cell(CohortsAsked(event="Seen", again="Bought", every="day", about=BOUGHT), 1, 0),
    "a cohort since": _cell(CohortsAsked(event="Seen", every="day", about=LATER), 1, None),
    "a thing on a path": _path(SEEN_WAY, PathMark(place=1, source="Added", names=("Added", "Seen"))),
    "what has no name": _path(SEEN_WAY, PathMark(place=1, source=None, target="Added", ends=False, names=("Added",))),
    "a path without names": _path(SEEN_WAY, PathMark(place=1, source="Added")),
    "where a path ends": _path(WAY_TO, PathMark(place=1, source="Seen", ends=True, names=STEPS)),
    "a channel": _channel(AttributionAsked(touch="Seen", by="kind", to="Bought")),
    "a channel within": _channel(AttributionAsked(touch="Seen", by="kind", to="Bought", within="6h", about=BOUGHT)),
    "a step": _step(FunnelAsked(steps=STEPS), 2),
    "a drop-out": _step(FunnelAsked(steps=STEPS, within="12h"), 3, dropped=True),
    "a strict step": _step(FunnelAsked(steps=STEPS, order=Order.STRICT), 2),
    "steps in any order": _step(FunnelAsked(steps=STEPS, order=Order.ANY, about=RANKED), 2),
    "a step by a value": _step(FunnelAsked(steps=STEPS, by="kind"), 2, value="old"),
    "a step by a segment": _step(FunnelAsked(steps=STEPS, by="segment.foremost"), 1, value="in"),
}  # fmt: skip
LOOKS_AT_ALL = {"of whom a rank holds", "the size of a ranked segment", "a path without names"}


@pytest.fixture(scope="module", params=[3, KEPT])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Three days of many people, drawn, some of them at the same instants; an estimate looks at a hundred.

    In one of two shops these are kept in memory.
    """
    folder = tmp_path_factory.mktemp("first") / "shop"
    put(folder / "metrics/own.yaml", METRICS)
    put(folder / "segments/own.yaml", SEGMENTS)
    events: dict[str, list[tuple[str, str, str]]] = {}
    for who, at, place, kind in drawn(request.param, PEOPLE):
        events.setdefault(("Seen", "Added", "Bought", "Asked")[place], []).append(
            (who, f"{at:%Y-%m-%d %H:%M:%S}", kind)
        )
    project_of(folder, events)
    put(folder / "habitue.yaml", FEW)
    with Workspace.open(folder, around=system_surroundings()) as workspace:
        if request.param == KEPT:
            keep_nearby(workspace)
            assert workspace.near(Some(below="c00")) is not None
        yield workspace


@pytest.fixture(scope="module")
def whole(shop: Workspace) -> dict[str, tuple[str, ...]]:
    """Everybody behind each mark."""
    return {name: find(shop, Page(limit=10_000)).customers for name, find in MARKS.items()}


def _forget(shop: Workspace) -> None:
    shop.kept_people = KeptPeople()


@pytest.mark.parametrize("name", MARKS)
def test_first_people_are_found_among_some_customers(
    shop: Workspace, whole: dict[str, tuple[str, ...]], name: str
) -> None:
    _forget(shop)
    found = MARKS[name](shop, Page(limit=3, soon=True))
    assert whole[name]
    assert found.customers == whole[name][: len(found.customers)]
    # Of so many somebody is among the first: ids are random, and half of the customers are looked at before all are.
    if name in LOOKS_AT_ALL or len(whole[name]) >= MANY:
        assert (found.total is None) == (name not in LOOKS_AT_ALL)
        assert len(shop.kept_people) == (name in LOOKS_AT_ALL)


@given(
    name=st.sampled_from(sorted(MARKS)),
    limit=st.integers(1, 60),
    cursor=st.one_of(st.just(""), st.integers(0, 2**20 - 1).map(lambda place: f"c{place:05x}"), st.integers(0, PEOPLE)),
)
@settings(max_examples=40, deadline=None)
def test_pages_wanted_soon_are_the_whole_list_in_pieces(
    shop: Workspace, whole: dict[str, tuple[str, ...]], name: str, limit: int, cursor: str | int
) -> None:
    everybody = whole[name]
    after = cursor if isinstance(cursor, str) else everybody[cursor % len(everybody)]
    _forget(shop)
    left = [each for each in everybody if each > after]
    found = MARKS[name](shop, Page(after=after, limit=limit, soon=True))
    many = len(found.customers)
    assert list(found.customers) == left[:many]
    assert found.total in (None, len(everybody))
    if found.total is not None:
        assert many == min(limit, len(left))
    else:
        # Who comes after the cursor is whoever was not shown yet.
        assert 0 < many <= limit
        assert found.next_cursor is not None
        assert [each for each in left if each > found.next_cursor] == left[many:]
        again = MARKS[name](shop, Page(after=found.next_cursor, limit=limit))
        assert (again.total, list(again.customers)) == (len(everybody), left[many : many + limit])


def test_whoever_has_a_place_among_all_is_asked_of_everybody(shop: Workspace) -> None:
    some, catalogue = IdRange(upto="c40000"), shop.project.catalogue
    alone = ["count('Seen') >= 2", "segment.regular", "not did('Bought')"]
    among = ["percentile(count('Seen')) > 0.5", "segment.foremost", "top(count('Seen'), 10)"]
    assert [some.tells(shop.rule(each), catalogue) for each in alone] == [True] * 3
    assert [some.tells(shop.rule(each), catalogue) for each in among] == [False] * 3
