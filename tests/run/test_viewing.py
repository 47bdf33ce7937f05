"""What a role sees of histories, previews and distributions: somebody with pencil and paper finds no small group."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.govern.roles import Permission, Role, RoleForbiddenError, RoleSpec, access_of
from habitue.records import Kind
from habitue.run.features import Bin, FeatureDistribution, FeatureEntry
from habitue.run.sources import SourceEntry
from habitue.run.viewing import view_history, view_preview
from habitue.run.viewing_figures import view_feature, view_features, view_sources
from habitue.segments.history import SegmentBuild
from habitue.segments.preview import LeafCount, Preview

NOW = datetime(2026, 6, 30, tzinfo=UTC)
BLIND, SEEING = access_of(Role.EXECUTIVE), access_of(Role.ANALYST)
K = 10
FEW = st.integers(0, 12)
MOVES = st.lists(st.tuples(FEW | st.integers(0, 60), FEW | st.integers(0, 60)), min_size=1, max_size=6)


def history(moves: list[tuple[int, int]]) -> list[SegmentBuild]:
    builds: list[SegmentBuild] = []
    size = 0
    for number, (entered, wished) in enumerate(moves):
        left = min(wished, size)
        size += entered - left
        as_of = NOW + timedelta(days=number)
        builds.append(SegmentBuild(segment="s", as_of=as_of, customers=size, entered=entered, left=left, rule="r"))
    return builds


@given(MOVES)
def test_a_history_gives_nobody_away_who_came_or_went_among_few(moves: list[tuple[int, int]]) -> None:
    """Every shown figure is a sum of those who came and went: no small one is a weighted sum of shown ones."""
    builds = history(moves)
    seen = view_history(BLIND, builds)
    count = len(builds)
    unit = np.eye(2 * count)
    size = [
        sum((unit[each] - unit[count + each] for each in range(place + 1)), np.zeros(2 * count))
        for place in range(count)
    ]
    shown = [size[place] for place, each in enumerate(seen) if each.customers is not None]
    shown += [unit[place] for place, each in enumerate(seen) if each.entered is not None]
    shown += [unit[count + place] for place, each in enumerate(seen) if each.left is not None]
    assert all(value is None or value >= K for each in seen for value in (each.customers, each.entered, each.left))
    if not shown:
        return
    rank = np.linalg.matrix_rank(np.array(shown))
    for place, each in enumerate(builds):
        for wanted, people in ((unit[place], each.entered), (unit[count + place], each.left)):
            if 0 < people < K:
                assert np.linalg.matrix_rank(np.array([*shown, wanted])) > rank


@given(MOVES)
def test_sizes_that_show_are_equal_or_ten_apart_and_the_latest_is_the_one_of_lists(
    moves: list[tuple[int, int]],
) -> None:
    builds = history(moves)
    seen = view_history(BLIND, builds)
    assert seen[-1].customers == (builds[-1].customers if builds[-1].customers >= K else None)
    shown = [each.customers for each in seen if each.customers is not None]
    assert all(one == other or abs(one - other) >= K for one, other in pairwise(shown))


def test_whoever_sees_people_sees_the_whole_history() -> None:
    builds = history([(3, 0), (4, 1)])
    assert [each.customers for each in view_history(SEEING, builds)] == [3, 6]
    assert all(each.customers is None for each in view_history(BLIND, history([(300, 0)]), hidden=True))


def preview(customers: int, of: int, leaves: tuple[int, ...]) -> Preview:
    parts = tuple(LeafCount(rule=f"r{place}", words="w", customers=each) for place, each in enumerate(leaves))
    return Preview(rule="r", words="w", as_of=NOW, customers=customers, of=of, sample=("c1", "c2"), leaves=parts)


def test_a_preview_is_rounded_and_names_nobody() -> None:
    seen = view_preview(BLIND, preview(104, 1996, (104, 97, 3)))
    assert (seen.customers, seen.of, seen.sample) == (100, 2000, ())
    assert [each.customers for each in seen.leaves] == [100, None, None]
    assert seen.rounded


@given(st.integers(0, 300), st.integers(0, 300), st.integers(300, 400))
def test_two_questions_that_differ_in_few_people_get_figures_in_tens(one: int, other: int, of: int) -> None:
    for size in (one, other):
        shown = view_preview(BLIND, preview(size, of, ())).customers
        assert shown is None or (shown % K == 0 and shown >= K)
        assert size >= K or shown is None


def entry(present: int) -> FeatureEntry:
    return FeatureEntry(
        name="f",
        label="",
        kind=Kind.NUMBER,
        unit="",
        purpose="",
        rule="r",
        present=present,
        mean=1.0,
        low="1",
        high="999",
    )


@given(st.lists(FEW | st.integers(0, 80), min_size=1, max_size=20), FEW | st.integers(0, 80))
def test_bars_that_show_hold_ten_and_so_does_what_is_left_of_everybody(counts: list[int], missing: int) -> None:
    bins = tuple(Bin(low=f"{place}", high=f"{place + 1}", customers=each) for place, each in enumerate(counts))
    found = FeatureDistribution(feature=entry(sum(counts)), missing=missing, quantiles=(), bins=bins)
    seen = view_feature(BLIND, found)
    shown = [each.customers for each in seen.bins if each.customers is not None]
    assert all(each >= K for each in shown)
    assert seen.missing is None or seen.missing >= K
    rest = sum(counts) + missing - sum(shown) - (seen.missing or 0)
    assert rest == 0 or rest >= K or not shown
    assert not seen.bins or (seen.bins[0].low, seen.bins[-1].high) == ("", "")
    assert (seen.feature.low, seen.feature.high) == (None, None)
    if seen.feature.present is not None and seen.missing is None:
        assert missing == 0


@given(st.lists(FEW | st.integers(0, 80), min_size=2, max_size=20), FEW)
def test_a_value_that_few_have_is_not_shown(counts: list[int], missing: int) -> None:
    bins = tuple(Bin(low=f"v{place}", high=f"v{place}", customers=each) for place, each in enumerate(counts))
    seen = view_feature(
        BLIND, FeatureDistribution(feature=entry(sum(counts)), missing=missing, quantiles=(), bins=bins)
    )
    few = {f"v{place}" for place, each in enumerate(counts) if each < K}
    assert few.isdisjoint(each.low for each in seen.bins)


def test_only_quantiles_with_ten_people_beyond_them_show() -> None:
    quantiles = (1.234, 5.678, 25.25, 50.5, 75.75, 95.95, 999.0)
    found = FeatureDistribution(feature=entry(100), missing=0, quantiles=quantiles, bins=())
    assert view_feature(BLIND, found).quantiles == (None, None, 25.0, 50.0, 76.0, None, None)
    assert view_feature(SEEING, found).quantiles == quantiles


def test_features_that_nearly_the_same_people_have_do_not_both_show() -> None:
    seen = view_features(BLIND, [entry(100), entry(97), entry(100), entry(4), entry(196)], 200)
    assert [each.present for each in seen] == [100, None, 100, None, None]
    assert [each.mean for each in seen] == [1.0, None, 1.0, None, None]


@given(st.tuples(FEW | st.integers(0, 90), FEW, FEW))
def test_rows_of_a_source_that_are_few_are_not_told_by_the_others(counts: tuple[int, int, int]) -> None:
    used, unused, failed = counts
    whole = SourceEntry(
        source="s",
        files=(),
        rows=sum(counts),
        used=used,
        unused=unused,
        failed=failed,
        made={"customers": used},
        newest_at=None,
        age_s=None,
        loaded_at=NOW,
    )
    (seen,) = view_sources(BLIND, [whole])
    shown = [each for each in (seen.used, seen.unused, seen.failed) if each is not None]
    assert all(each >= K for each in (*shown, *seen.made.values()))
    rest = sum(counts) - sum(shown)
    assert rest == 0 or rest >= K or seen.rows is None
    assert view_sources(SEEING, [whole]) == [whole]


def test_without_the_permission_for_figures_nothing_is_shown() -> None:
    none = access_of(Role.EXECUTIVE, [RoleSpec(role=Role.EXECUTIVE, without=(Permission.SEE_AGGREGATES,))])
    with pytest.raises(RoleForbiddenError):
        view_history(none, [])
    with pytest.raises(RoleForbiddenError):
        view_preview(none, preview(100, 200, ()))
    with pytest.raises(RoleForbiddenError):
        view_features(none, [], 0)
