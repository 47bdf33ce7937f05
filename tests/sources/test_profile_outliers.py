"""Outliers: the measured quality of the skew-aware robust score, and its edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.sources.profile_outliers import Numbers, kelly_skewness, measure_spread, quartile_fences

ROWS, COLUMNS, PLANTED = 50_000, 8, 500


def _planted(seed: int) -> tuple[Numbers, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Eight columns, two of them log-normal, with one wild value in each of 1 % of the rows."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(size=(ROWS, COLUMNS))
    rows = draw.choice(ROWS, PLANTED, replace=False)
    wild = draw.choice([-1.0, 1.0], PLANTED) * draw.uniform(4.5, 7.5, PLANTED)
    scores[rows, draw.integers(0, COLUMNS, PLANTED)] = wild
    scores[:, :2] = np.exp(scores[:, :2])
    truth = np.zeros(ROWS, dtype=np.bool_)
    truth[rows] = True
    return scores, truth


def _average_precision(scores: Numbers, truth: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    found = truth[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float(precision[found].mean())


def test_planted_outliers_are_ranked_first_and_little_else_is_flagged() -> None:
    values, truth = _planted(1)
    scores = np.column_stack([np.abs(measure_spread(column).scores(column)) for column in values.T]).max(axis=1)
    plain = np.abs((values - values.mean(axis=0)) / values.std(axis=0)).max(axis=1)
    fences = [quartile_fences(column) for column in values.T]
    outside = np.column_stack(
        [(column < low) | (column > high) for column, (low, high) in zip(values.T, fences, strict=True)]
    ).any(axis=1)
    assert _average_precision(scores, truth) > 0.98
    assert 0.01 < float((scores > 3.5).mean()) < 0.016
    assert _average_precision(plain, truth) < 0.9
    assert float(outside.mean()) > 0.15


def test_a_flag_has_no_outliers() -> None:
    flag = np.array([0.0] * 95 + [1.0] * 5)
    assert measure_spread(flag).bounds() == (-math.inf, math.inf)
    assert not measure_spread(flag).scores(flag).any()


def test_where_most_values_are_the_same_the_others_are_judged_among_themselves() -> None:
    spend = np.concatenate([np.zeros(8_000), np.random.default_rng(3).lognormal(3, 1, 2_000), [1e6]])
    spread = measure_spread(spend)
    low, high = spread.bounds()
    assert (spread.usual, low <= 0) == (0.0, True)
    assert 1 <= int((spend > high).sum()) < 30
    assert spread.scores(spend)[:8_000].tolist() == [0.0] * 8_000


def test_three_known_values_have_a_known_score() -> None:
    # Median 3, distances 2 1 0 1 2, MAD 1: the score of 5 is 0.6745 * 2.
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert measure_spread(values).scores(values)[4] == pytest.approx(1.349)


@pytest.mark.parametrize("values", [[], [7.0], [7.0, 7.0, 7.0]])
def test_where_nothing_varies_nothing_is_far(values: list[float]) -> None:
    assert measure_spread(np.array(values)).bounds() == (-math.inf, math.inf)
    assert kelly_skewness(np.array(values)) == 0.0


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=60))
def test_the_bounds_are_where_the_score_passes_the_limit(values: list[float]) -> None:
    column = np.array(values)
    spread = measure_spread(column)
    low, high = spread.bounds()
    assert low <= high
    if spread.deviation > 0:
        scores = np.abs(spread.scores(column))
        outside = (column < low) | (column > high)
        assert not (outside & (scores < 3.499)).any()
        assert spread.usual is not None or not (~outside & (scores > 3.501)).any()
