"""Chance that is the same everywhere."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.samples.dice import Dice, exp, running_shares

SIZE = 40_000


@given(st.integers(0, 2**64), st.lists(st.integers(0, 2**32 - 1), max_size=4))
def test_a_stream_is_the_same_each_time_and_another_path_is_another_stream(seed: int, path: list[int]) -> None:
    words = Dice(seed, *path).uniform(8)
    assert (words == Dice(seed, *path).uniform(8)).all()
    assert (words != Dice(seed, *path, 1).uniform(8)).any()
    assert ((words >= 0) & (words < 1)).all()


def test_the_stream_is_the_published_one() -> None:
    """The raw words of PCG64 seeded by SeedSequence, which NumPy promises to keep."""
    assert (
        Dice(7, 1).uniform(3).tolist()
        == np.random.Generator(np.random.PCG64(np.random.SeedSequence(7, spawn_key=(1,)))).random(3).tolist()
    )


@given(st.floats(-9, 5.99))
def test_exp_is_right_to_five_figures(x: float) -> None:
    assert exp(np.array([x]))[0] == pytest.approx(math.exp(x), rel=1e-5)


def test_normal_numbers_are_normal() -> None:
    drawn = Dice(3, 0).normal(SIZE)
    for part in (0.01, 0.25, 0.5, 0.9, 0.99):
        assert np.quantile(drawn, part) == pytest.approx(NormalDist().inv_cdf(part), abs=0.05)


@pytest.mark.parametrize("mean", [0.01, 0.7, 3.0, 8.9])
def test_poisson_counts_have_their_mean_and_variance(mean: float) -> None:
    drawn = Dice(4, 0).poisson(np.full(SIZE, mean))
    assert drawn.mean() == pytest.approx(mean, rel=0.05, abs=0.003)
    assert drawn.var() == pytest.approx(mean, rel=0.07, abs=0.003)


def test_exponential_numbers_have_mean_one() -> None:
    assert Dice(5, 0).exponential(SIZE).mean() == pytest.approx(1.0, abs=0.02)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_picks_are_places_of_the_list(weights: list[float]) -> None:
    places = Dice(6, 0).pick(50, weights)
    assert ((places >= 0) & (places < len(weights))).all()


def test_picks_follow_the_weights_of_their_row() -> None:
    steps = running_shares(np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 0.0]]))
    rows = np.repeat(np.array([0, 1]), SIZE // 2)
    picked = Dice(8, 0).pick_rows(steps, rows)
    assert (picked[rows == 1] == 1).all()
    assert (picked[rows == 0] == 2).mean() == pytest.approx(0.75, abs=0.02)
    assert Dice(8, 0).pick(SIZE, [1.0, 3.0]).mean() == pytest.approx(0.75, abs=0.02)
