"""A count and the list of people behind it are the same people, whatever the mark; and the rule of a list says them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role, RoleForbiddenError, access_of
from habitue.measure.funnels import Order
from habitue.run.measuring import MeasureAsked
from habitue.run.measuring_attribution import AttributionAsked, measure_attribution
from habitue.run.measuring_cohorts import CohortsAsked, measure_cohorts
from habitue.run.measuring_funnels import FunnelAsked, funnel_people, measure_funnel
from habitue.run.measuring_marks import (
    MarkError,
    PathMark,
    ValueMark,
    channel_people,
    cohort_people,
    metric_people,
    path_people,
)
from habitue.run.measuring_paths import PathsAsked, measure_paths
from habitue.run.measuring_views import view_measure
from habitue.run.people_pages import MarkPeople, Page
from habitue.run.workspace import Workspace
from tests.measure.drawn import drawn, project_of
from tests.projects import put

METRICS = """metric: purchases
unit: count
of: {figure: count, event: Bought}
---
metric: buyers_of_old
of: {figure: customers, event: Bought, where: kind == 'old'}
---
metric: first_buyers
of: {figure: new_customers, event: Bought}
---
metric: again_buyers
of: {figure: returning_customers, event: Bought}
---
metric: conversion
unit: share
of: {figure: customers, event: Bought}
over: {figure: customers, event: Seen}
---
metric: ever_bought
of: {figure: customers, event: Bought, ever: true}
---
metric: askers
of: {holds: did('Asked')}
"""
SEGMENT = "segment: regular\nrule: count('Bought') >= 2\n"
NAMES = ("purchases", "buyers_of_old", "first_buyers", "again_buyers", "conversion", "ever_bought", "askers")
ADMIN = access_of(Role.ADMIN)
WITH_RULE = Page(limit=10_000, with_rule=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of 150 people, drawn; no two events of one instant."""
    folder = tmp_path_factory.mktemp("marks") / "shop"
    put(folder / "metrics/own.yaml", METRICS)
    put(folder / "segments/regular.yaml", SEGMENT)
    events: dict[str, list[tuple[str, str, str]]] = {}
    for number, (who, at, place, kind) in enumerate(drawn(11, 150)):
        moment = at.replace(minute=number // 60 % 60, second=number % 60)
        name = ("Seen", "Added", "Bought", "Asked")[place]
        events.setdefault(name, []).append((who, f"{moment:%Y-%m-%d %H:%M:%S}", kind))
    return project_of(folder, events)


@pytest.fixture(scope="module")
def open_shop(shop: Path) -> Iterator[Workspace]:
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        yield workspace


def hold(found: MarkPeople, count: int | None) -> None:
    """What has to be true of every page that holds everybody."""
    assert (found.total, len(found.customers), found.next_cursor) == (count, count, None)
    assert list(found.customers) == sorted(set(found.customers))
    if found.rule is not None and found.rule.rule:
        assert (found.rule.differs, found.rule.customers) == (0, count), found.rule


@pytest.mark.parametrize(("by", "every"), [((), "day"), (("kind",), "day"), (("kind", "segment.regular"), "")])
@pytest.mark.parametrize("name", NAMES)
def test_a_value_counts_the_people_of_its_list(
    open_shop: Workspace, name: str, every: str, by: tuple[str, ...]
) -> None:
    if "kind" in by and name == "askers":
        pytest.skip("people are not parted by a property of an event")
    asked = MeasureAsked(by=by, every=every)
    found = view_measure(open_shop, ADMIN, name, asked, limit=100)
    for cell in (found.whole, *found.cells[-2:]):
        groups = cell.groups if cell is not found.whole else ()
        mark = ValueMark(groups=groups, step=date.fromisoformat(cell.step) if cell.step else None)
        people = metric_people(open_shop, ADMIN, name, asked, mark, WITH_RULE)
        hold(people, cell.customers)
        is_said = people.rule is not None and bool(people.rule.rule)
        assert is_said or name == "askers", people.rule


def test_a_period_that_is_over_is_said_exactly_and_one_that_is_not_can_move(open_shop: Workspace) -> None:
    first = open_shop.as_of().date()
    asked = MeasureAsked(every="day")
    earlier = metric_people(
        open_shop, ADMIN, "purchases", asked, ValueMark(step=date.fromordinal(first.toordinal() - 1)), WITH_RULE
    )
    assert earlier.rule is not None
    assert ">" in earlier.rule.rule
    assert earlier.rule.moving == ""
    whole = metric_people(open_shop, ADMIN, "purchases", asked, ValueMark(), WITH_RULE).rule
    assert whole is not None
    assert "since=" in whole.rule
    assert whole.moving == "did('Bought', last='30d')"


def test_pages_of_people_are_the_whole_list_in_pieces(open_shop: Workspace) -> None:
    asked, mark = MeasureAsked(), ValueMark()
    whole = metric_people(open_shop, ADMIN, "purchases", asked, mark, Page(limit=10_000))
    pieces: list[str] = []
    after: str | None = ""
    while after is not None:
        page = metric_people(open_shop, ADMIN, "purchases", asked, mark, Page(after=after, limit=7))
        assert page.total == whole.total
        pieces += page.customers
        after = page.next_cursor
    assert tuple(pieces) == whole.customers


def test_the_upper_side_of_a_share_is_of_other_people(open_shop: Workspace) -> None:
    asked = MeasureAsked()
    lower = metric_people(open_shop, ADMIN, "conversion", asked, ValueMark(), WITH_RULE)
    upper = metric_people(open_shop, ADMIN, "conversion", asked, ValueMark(upper=True), WITH_RULE)
    value = view_measure(open_shop, ADMIN, "conversion", asked, limit=1).whole.value
    assert upper.total
    assert lower.total
    assert value == pytest.approx(upper.total / lower.total)


@pytest.mark.parametrize("again", ["", "Bought"])
def test_a_cell_of_cohorts_counts_the_people_of_its_list(open_shop: Workspace, again: str) -> None:
    asked = CohortsAsked(event="Seen", again=again, every="day")
    found = measure_cohorts(open_shop, ADMIN, asked)
    assert len(found.cohorts) == 3
    for cohort in found.cohorts:
        start = date.fromisoformat(cohort.start)
        hold(cohort_people(open_shop, ADMIN, asked, start=start, later=None, page=WITH_RULE), cohort.customers)
        for step in cohort.steps:
            people = cohort_people(open_shop, ADMIN, asked, start=start, later=step.later, page=WITH_RULE)
            hold(people, step.customers)
            assert people.rule is not None
            assert bool(people.rule.why_not) == (step.later == 0 and bool(again))
    last = date.fromisoformat(found.cohorts[-1].start)
    with pytest.raises(MarkError):
        cohort_people(open_shop, ADMIN, asked, start=last, later=1, page=WITH_RULE)


def test_parts_of_paths_count_the_people_of_their_lists(open_shop: Workspace) -> None:
    for asked in (PathsAsked(start="Seen", steps=3, top=2), PathsAsked(to="Bought", steps=3, top=2)):
        found = measure_paths(open_shop, ADMIN, asked)
        assert found.links
        for link in found.links:
            mark = PathMark(place=link.place, source=link.source, target=link.target, ends=link.ends)
            hold(path_people(open_shop, ADMIN, asked, mark, WITH_RULE), link.customers)
        here = [each for each in found.links if each.place == 1 and each.source == found.names[0]]
        everybody = path_people(open_shop, ADMIN, asked, PathMark(place=1, source=found.names[0]), Page(limit=1))
        assert everybody.total == sum(each.customers or 0 for each in here)


@pytest.mark.parametrize("within", ["", "6h"])
def test_a_channel_counts_the_people_of_its_list(open_shop: Workspace, within: str) -> None:
    asked = AttributionAsked(touch="Seen", by="kind", to="Bought", within=within)
    found = measure_attribution(open_shop, ADMIN, asked)
    assert len(found.channels) == 2
    for each in found.channels:
        people = channel_people(open_shop, ADMIN, asked, each.channel or "", WITH_RULE)
        hold(people, each.customers)
        assert people.rule is not None
        assert people.rule.rule


@pytest.mark.parametrize(
    ("order", "within"), [(Order.ORDERED, ""), (Order.ORDERED, "12h"), (Order.STRICT, ""), (Order.ANY, "12h")]
)
def test_steps_of_a_funnel_count_the_people_of_their_lists(open_shop: Workspace, order: Order, within: str) -> None:
    for by in ("", "kind"):
        asked = FunnelAsked(steps=("Seen", "Added", "Bought"), order=order, within=within, by=by)
        found = measure_funnel(open_shop, ADMIN, asked)
        groups = [(each.value, each.steps) for each in found.groups] if by else [(None, found.steps)]
        for value, steps in groups:
            counts = [each.customers or 0 for each in steps]
            for number, (before, here) in enumerate(pairwise([counts[0], *counts]), 1):
                taken = funnel_people(open_shop, ADMIN, asked, step=number, value=value, page=WITH_RULE)
                hold(MarkPeople(customers=taken.customers, total=taken.total, next_cursor=None, rule=taken.rule), here)
                if number > 1:
                    gone = funnel_people(
                        open_shop, ADMIN, asked, step=number, dropped=True, value=value, page=WITH_RULE
                    )
                    assert gone.total == before - here
                    assert gone.rule is None or gone.rule.differs == 0


def test_only_a_role_with_people_is_given_any(open_shop: Workspace) -> None:
    executive = replace(ADMIN, role=Role.EXECUTIVE, permissions=access_of(Role.EXECUTIVE).permissions)
    with pytest.raises(RoleForbiddenError):
        metric_people(open_shop, executive, "purchases", MeasureAsked(), ValueMark(), Page())
    with pytest.raises(RoleForbiddenError):
        cohort_people(open_shop, executive, CohortsAsked(), start=date(2026, 1, 1), later=None, page=Page())
