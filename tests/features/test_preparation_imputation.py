"""Filling in missing numbers: the measured order of the three ways, and ridge chains as plain numbers."""

from importlib import import_module

import numpy as np
import pytest

from habitue.features.preparation_imputation import Method, RidgeFiller, fit_filler
from habitue.sources.profile_outliers import Numbers

ROWS, COLUMNS = 3_000, 8


def _correlated(seed: int) -> tuple[Numbers, Numbers]:
    """Standardised columns of four common causes, the last one not linear in them, and the same with 12 % missing."""
    draw = np.random.default_rng(seed)
    causes = draw.normal(size=(ROWS, 4))
    whole = causes @ draw.normal(size=(4, COLUMNS)) + 0.5 * draw.normal(size=(ROWS, COLUMNS))
    whole[:, -1] = causes[:, 0] ** 2 + 0.3 * draw.normal(size=ROWS)
    whole = (whole - whole.mean(axis=0)) / whole.std(axis=0)
    return whole, np.where(draw.random(whole.shape) < 0.12, np.nan, whole)


def _error(method: Method, seed: int) -> float:
    whole, holed = _correlated(seed)
    filled = fit_filler(holed[: ROWS // 2], method=method, seed=1).fill(holed[ROWS // 2 :])
    missing = np.isnan(holed[ROWS // 2 :])
    return float(np.sqrt(np.mean((filled - whole[ROWS // 2 :])[missing] ** 2)))


def test_trees_fill_in_better_than_ridge_and_ridge_better_than_the_median() -> None:
    median, ridge, boosted = (_error(method, 3) for method in ("median", "bayesian_ridge", "gradient_boosted"))
    assert median == pytest.approx(1.0, abs=0.05)
    assert boosted < ridge < 0.65 * median


@pytest.mark.filterwarnings("ignore:.*Early stopping criterion not reached")
def test_a_ridge_chain_fills_in_what_the_library_fills_in() -> None:
    import_module("sklearn.experimental.enable_iterative_imputer")
    from sklearn.impute import IterativeImputer
    from sklearn.linear_model import BayesianRidge

    _, holed = _correlated(4)
    low, high = np.nanmin(holed[:1000], axis=0), np.nanmax(holed[:1000], axis=0)
    library = IterativeImputer(
        BayesianRidge(), max_iter=10, initial_strategy="median", min_value=low, max_value=high, random_state=7
    )
    library.fit(holed[:1000])
    ours = fit_filler(holed[:1000], method="bayesian_ridge", seed=7)
    assert isinstance(ours, RidgeFiller)
    assert np.allclose(ours.fill(holed[1000:]), library.transform(holed[1000:]), atol=1e-9)


@pytest.mark.parametrize("method", ["median", "bayesian_ridge", "gradient_boosted"])
def test_known_numbers_stay_as_they_are(method: Method) -> None:
    _, holed = _correlated(5)
    filled = fit_filler(holed[:300], method=method, seed=0).fill(holed[:300])
    known = ~np.isnan(holed[:300])
    assert (filled[known] == holed[:300][known]).all()
    assert np.isfinite(filled).all()
