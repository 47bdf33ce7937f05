"""Estimates from some customers: equal to the exact answer of those, unbiased for all, and without secrets of few."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from habitue.cli.clock import system_surroundings
from habitue.engines.warehouse import Warehouse
from habitue.govern.roles import Role, access_of
from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.funnels import counts_of, journeys, step_counts
from habitue.run.anomalies import view_anomalies
from habitue.run.dashboards import DashboardAsked, view_dashboard
from habitue.run.drawn_customers import Draw, draw_customers, may_be_drawn
from habitue.run.id_ranges import ENDS
from habitue.run.measuring_attribution import AttributionAsked, SeenAttribution, measure_attribution
from habitue.run.measuring_cohorts import CohortsAsked, SeenCohorts, measure_cohorts
from habitue.run.measuring_frame import EVERYTHING, Asked, frame_of
from habitue.run.measuring_funnels import FunnelAsked, SeenFunnel, measure_funnel, read_funnel
from habitue.run.measuring_paths import PathsAsked, SeenPaths, measure_paths
from habitue.run.workspace import Workspace
from tests.measure.drawn import EVENTS, START, project_of
from tests.projects import put
from tests.terminal import answer

PEOPLE, LOOKED_AT = 3_000, 1_000
KINDS = [f"kind {number}" for number in range(12)]
ADMIN, MARKETER = access_of(Role.ADMIN), access_of(Role.MARKETER)
FUNNEL = FunnelAsked(steps=("Seen", "Added", "Bought"), within="2d", by="kind")
COHORTS = CohortsAsked(event="Seen", every="day")
PATHS = PathsAsked(to="Bought", steps=3, top=3)
CREDITS = AttributionAsked(touch="Seen", by="kind", to="Bought")
OTHERS = (None, True)
SURE = 3
"""So many times as far off as 19 in 20 are: about one in a thousand million."""
SEGMENTS = "segment: most\nrule: top(count('Seen'), 50)\n---\nsegment: like_most\nrule: segment.most and did('Added')\n"
METRICS = """metric: kinds
of: {figure: distinct, event: Seen, property: kind}
---
metric: seen
of: {figure: count, event: Seen}
"""
BOARD = """dashboard: both
tiles:
  - funnel: {steps: [Seen, Bought]}
  - cohorts: {event: Seen, every: day}
  - metric: seen
"""


def happened(seed: int) -> dict[str, list[tuple[str, str, str]]]:
    """Events of many people in three days, of kinds that are each half as frequent as the one before."""
    chance, weights = random.Random(seed), [2.0**-number for number in range(len(KINDS))]
    found: dict[str, list[tuple[str, str, str]]] = {name: [] for name in EVENTS}
    for who in range(PEOPLE):
        for _ in range(chance.randrange(7)):
            name = chance.choices(EVENTS, (4, 3, 2, 1))[0]
            at = START + timedelta(hours=chance.randrange(72))
            found[name].append((f"u{who}", f"{at:%Y-%m-%d %H:%M:%S}", chance.choices(KINDS, weights)[0]))
    return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estimates") / "shop"
    put(folder / "segments" / "most.yaml", SEGMENTS)
    put(folder / "metrics" / "own.yaml", METRICS)
    put(folder / "dashboards" / "both.yaml", BOARD)
    return project_of(folder, happened(11))


@pytest.fixture(scope="module")
def workspace(shop: Path) -> Iterator[Workspace]:
    """The shop when about a third of its people is enough for an estimate."""
    settings = shop / "habitue.yaml"
    put(settings, settings.read_text(encoding="utf-8") + f"estimate_from: {LOOKED_AT}\n")
    with Workspace.open(shop, around=system_surroundings()) as opened:
        yield opened


def counted(found: SeenFunnel | SeenCohorts | SeenPaths | SeenAttribution) -> dict[tuple[object, ...], int | None]:
    """Every count of people in an answer, by what it counts; None where it is hidden."""
    match found:
        case SeenFunnel():
            rows = [((), found.steps), *(((each.value, each.others), each.steps) for each in found.groups)]
            return {(*key, place): step.customers for key, steps in rows for place, step in enumerate(steps)}
        case SeenCohorts():
            sizes: dict[tuple[object, ...], int | None] = {(each.start,): each.customers for each in found.cohorts}
            again = {(each.start, step.later): step.customers for each in found.cohorts for step in each.steps}
            return sizes | again
        case SeenPaths():
            parts: dict[tuple[object, ...], int | None] = {each.path: each.customers for each in found.paths}
            for each in found.links:
                parts[each.place, each.source, each.target, each.ends] = each.customers
            return parts | {("all",): found.customers, ("nothing",): found.nothing}
        case SeenAttribution():
            return {(each.channel,): each.customers for each in found.channels}


def answers(
    workspace: Workspace, role: Role, *, estimate: bool
) -> list[SeenFunnel | SeenCohorts | SeenPaths | SeenAttribution]:
    access = access_of(role)
    return [
        measure_funnel(workspace, access, FUNNEL, estimate=estimate),
        measure_cohorts(workspace, access, COHORTS, estimate=estimate),
        measure_paths(workspace, access, PATHS, estimate=estimate),
        measure_attribution(workspace, access, CREDITS, estimate=estimate),
    ]


def test_where_there_are_few_customers_an_estimate_is_the_exact_answer(workspace: Workspace) -> None:
    project = workspace.project
    workspace.project = replace(project, settings=replace(project.settings, estimate_from=PEOPLE))
    try:
        for role in (Role.ADMIN, Role.MARKETER):
            assert answers(workspace, role, estimate=True) == answers(workspace, role, estimate=False)
    finally:
        workspace.project = project


def test_when_everybody_is_drawn_the_figures_are_the_exact_ones(workspace: Workspace) -> None:
    everybody = workspace.warehouse.count(workspace.tables().customers)
    # One end of an id in 65,536 is left out: this is no draw of all, and draws everybody.
    draw = Draw(everybody=everybody, ends=65_535, looked_at=everybody)
    assert not draw.is_all
    funnel = read_funnel(workspace, FUNNEL)
    with workspace.warehouse.keeping() as keep:
        for about in (EVERYTHING, Asked(of="did('Asked')"), Asked(of="segment.like_most")):
            both = [
                step_counts(
                    funnel, workspace.warehouse.fetch(counts_of(funnel, journeys(funnel, frame))).to_pylist()[0]
                )
                for frame in (frame_of(workspace, about, keep), frame_of(workspace, about, keep, draw))
            ]
            assert both[0] == both[1]
            assert both[0][0].customers
    assert [draw.scaled(each) for each in (0, 7, everybody)] == [0, 7, everybody]


@pytest.mark.parametrize("records", [1, 5])
def test_who_was_joined_from_many_records_is_drawn_as_often_as_others(records: int, tmp_path: Path) -> None:
    # The smallest of the ids that they had is theirs.
    chance, many = random.Random(records), 20_000
    ids = [min(f"c{chance.getrandbits(64):016x}" for _ in range(records)) for _ in range(many)]
    draw = Draw(everybody=many, ends=ENDS // 10, looked_at=0)
    with Warehouse.open(None, spill=tmp_path / "spill") as warehouse:
        warehouse.replace_rows("people", pa.table({"customer_id": ids}))
        found = warehouse.count(draw.some(warehouse.table("people")))
    assert found == pytest.approx(many / 10, abs=5 * (many * 0.1 * 0.9) ** 0.5)


def test_an_estimate_says_of_whom_it_is_and_holds_the_exact_figures(workspace: Workspace) -> None:
    draw = draw_customers(workspace)
    guesses, exacts = (answers(workspace, Role.ADMIN, estimate=each) for each in (True, False))
    off = []
    for guess, exact in zip(guesses, exacts, strict=True):
        assert (guess.is_estimate, guess.looked_at, guess.everybody) == (True, draw.looked_at, draw.everybody)
        assert (exact.is_estimate, exact.looked_at, exact.everybody) == (False, None, None)
        known = counted(exact)
        for key, count in counted(guess).items():
            # What is not among the exact ones is among their others.
            if key in known and count is not None and known[key] is not None:
                margin = draw.margin(round(count * draw.share))
                assert abs(count - (known[key] or 0)) <= SURE * margin, (key, count, known[key], margin)
                off.append((count - (known[key] or 0)) / margin)
    assert LOOKED_AT * 0.8 < draw.looked_at < LOOKED_AT * 1.2
    # Neither too much nor too little on the whole; most are within their margin.
    assert abs(sum(off) / len(off)) < 0.5
    assert sum(abs(each) <= 1 for each in off) >= 0.8 * len(off)


def test_margins_stand_beside_what_is_estimated_and_nowhere_else(workspace: Workspace) -> None:
    funnel, cohorts, paths, given = answers(workspace, Role.ADMIN, estimate=True)
    assert isinstance(funnel, SeenFunnel)
    assert isinstance(cohorts, SeenCohorts)
    assert isinstance(paths, SeenPaths)
    assert isinstance(given, SeenAttribution)
    margins = [
        *(each.margin for each in funnel.steps),
        *(each.margin for each in cohorts.cohorts if each.customers),
        paths.margin,
        *(each.margin for each in given.channels),
    ]
    assert all(each is not None and each >= LEAST_GROUP for each in margins)
    exact = measure_funnel(workspace, ADMIN, FUNNEL)
    assert {each.margin for each in exact.steps} == {None}
    # Shares and medians are as they were found.
    assert funnel.steps[1].of_first == pytest.approx(exact.steps[1].of_first, abs=0.1)
    assert funnel.steps[1].median_s == pytest.approx(exact.steps[1].median_s, rel=0.3)


def test_who_sees_no_people_learns_nothing_of_few_from_an_estimate(workspace: Workspace) -> None:
    draw = draw_customers(workspace)
    seen = answers(workspace, Role.MARKETER, estimate=True)
    clear, exact = (answers(workspace, Role.ADMIN, estimate=each) for each in (True, False))
    shown = 0
    for rough, guess, truth in zip(seen, clear, exact, strict=True):
        assert (rough.is_estimate, rough.looked_at, rough.everybody) == (True, None, None)
        among, really = counted(guess), counted(truth)
        for key, count in counted(rough).items():
            # Others that are together are more for who sees fewer of them by name.
            if count is None or key[:2] == OTHERS:
                continue
            if key in among and among[key] is not None:
                looked_at = round((among[key] or 0) * draw.share)
                tens = (looked_at + 5) // 10 * 10
                assert looked_at >= LEAST_GROUP, key
                assert abs(count - tens / draw.share) <= LEAST_GROUP / 2 + 1, key
                shown += 1
            # Nobody learns of a group from an estimate that is hidden from them in the exact answer.
            assert key not in really or (really[key] or 0) >= LEAST_GROUP, key
            assert count % LEAST_GROUP == 0
    assert shown > 20
    # There was something to hide.
    assert any(0 < (each or 0) * draw.share < LEAST_GROUP for found in clear for each in counted(found).values())


def test_a_rule_of_the_largest_or_of_groups_of_people_is_never_asked_of_some(workspace: Workspace) -> None:
    catalogue = workspace.project.catalogue
    for text, may in (("did('Seen')", True), ("segment.like_most", False), ("not segment.most", False)):
        assert may_be_drawn(workspace.rule(text), catalogue) is may
    guess, exact = (
        measure_funnel(workspace, ADMIN, replace(FUNNEL, about=Asked(of="segment.most")), estimate=each)
        for each in (True, False)
    )
    first = guess.steps[0]
    assert first.margin is not None
    assert abs((first.customers or 0) - (exact.steps[0].customers or 0)) <= SURE * first.margin


def test_a_dashboard_estimates_what_takes_long_and_no_metrics(workspace: Workspace) -> None:
    guess, exact = (view_dashboard(workspace, ADMIN, "both", DashboardAsked(estimate=each)) for each in (True, False))
    assert (guess.is_estimate, exact.is_estimate, guess.everybody) == (True, False, draw_customers(workspace).everybody)
    tiles = guess.tiles
    assert [each is not None and each.is_estimate for each in (tiles[0].funnel, tiles[1].cohorts)] == [True, True]
    assert tiles[2].measure == exact.tiles[2].measure


def test_a_first_look_for_anomalies_leaves_out_how_many_different_things_there_are(workspace: Workspace) -> None:
    guess, exact = (view_anomalies(workspace, ADMIN, days=2, estimate=each) for each in (True, False))
    assert (guess.is_estimate, exact.is_estimate) == (True, False)
    assert set(exact.metrics) - set(guess.metrics) == {"kinds"}


def test_the_terminal_says_when_it_shows_an_estimate(shop: Path, workspace: Workspace) -> None:
    assert workspace.project.settings.estimate_from == LOOKED_AT
    asked = ("funnel", "Seen", "Bought", "--project", shop)
    workspace.close()
    exact, guess = answer(*asked), answer(*asked, "--estimate")
    assert (exact["is_estimate"], guess["is_estimate"]) == (False, True)
