"""Filling in missing numbers: by the median, by a chain of ridge regressions, or by a chain of boosted trees."""

import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol

import numpy as np

from habitue.sources.profile_outliers import Numbers

Method = Literal["median", "bayesian_ridge", "gradient_boosted"]

ROUNDS_OF_RIDGE = 10
ROUNDS_OF_BOOSTING = 3
MOST_ROWS = 50_000


class Filler(Protocol):
    """What fills in missing numbers; learnt on training rows."""

    def fill(self, values: Numbers) -> Numbers:
        """A copy of a matrix [rows, columns] with every missing number filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianFiller:
    """Each column's median of the training rows.

    Attributes:
        medians: One for each column.
    """

    medians: tuple[float, ...]

    def fill(self, values: Numbers) -> Numbers:
        """A copy of a matrix [rows, columns] with every missing number filled in."""
        return np.where(np.isnan(values), np.asarray(self.medians, dtype=np.float64), values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RidgeStep:
    """One regression of the chain: a column from all others.

    Attributes:
        column: The column that is filled in.
        intercept: Constant of the regression.
        weights: Weight of each other column, in order.
    """

    column: int
    intercept: float
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RidgeFiller:
    """A chain of Bayesian ridge regressions, as plain numbers.

    It does what scikit-learn's fitted `IterativeImputer(BayesianRidge())` does, without the library.

    Attributes:
        medians: What missing numbers are before the first regression.
        lowest: No number is filled in under this, for each column.
        highest: No number is filled in over this, for each column.
        steps: The regressions of all rounds, in order.
    """

    medians: tuple[float, ...]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    steps: tuple[RidgeStep, ...]

    def fill(self, values: Numbers) -> Numbers:
        """A copy of a matrix [rows, columns] with every missing number filled in."""
        missing = np.isnan(values)
        filled = np.where(missing, np.asarray(self.medians, dtype=np.float64), values)
        for step in self.steps:
            rows = missing[:, step.column]
            if not rows.any():
                continue
            others = np.delete(filled[rows], step.column, axis=1)
            guess = others @ np.asarray(step.weights, dtype=np.float64) + step.intercept
            filled[rows, step.column] = np.clip(guess, self.lowest[step.column], self.highest[step.column])
        return filled


class _Transformer(Protocol):
    def transform(self, values: Numbers) -> Numbers: ...


class _Estimator(Protocol):
    coef_: Numbers
    intercept_: float


class _Step(Protocol):
    feat_idx: int
    estimator: _Estimator


class _Medians(Protocol):
    statistics_: Numbers


class _Chain(_Transformer, Protocol):
    """What is used of scikit-learn's fitted `IterativeImputer`."""

    imputation_sequence_: list[_Step]
    initial_imputer_: _Medians

    def fit(self, values: Numbers) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedFiller:
    """A chain of boosted trees; it lives in memory only and cannot be written down.

    Attributes:
        chain: scikit-learn's fitted imputer.
    """

    chain: _Transformer

    def fill(self, values: Numbers) -> Numbers:
        """A copy of a matrix [rows, columns] with every missing number filled in."""
        with _one_thread():
            return np.asarray(self.chain.transform(values), dtype=np.float64)


def fit_filler(values: Numbers, *, method: Method, seed: int) -> MedianFiller | RidgeFiller | BoostedFiller:
    """Learn how to fill in missing numbers.

    `bayesian_ridge` is a chained regression of each column on all others (van Buuren and Groothuis-Oudshoorn 2011),
    10 rounds; `gradient_boosted` puts histogram gradient boosting in its place, 3 rounds: the quality of MissForest
    (Stekhoven and Buehlmann 2012) at a fifth of its cost. Chains learn from at most 50,000 rows.

    Args:
        values: Training rows [rows, columns]; each column needs at least one number.
        method: `median`, `bayesian_ridge` or `gradient_boosted`.
        seed: Draws those rows and the trees' own samples.
    """
    medians = tuple(float(each) for each in np.nanmedian(values, axis=0)) if values.shape[1] else ()
    if method == "median" or values.shape[1] < 2:
        return MedianFiller(medians=medians)
    if len(values) > MOST_ROWS:
        values = values[np.sort(np.random.default_rng(seed).choice(len(values), MOST_ROWS, replace=False))]
    if method == "gradient_boosted":
        return BoostedFiller(chain=_fit_boosting(values, seed=seed))
    return _fit_ridge(values, seed=seed)


def _fit_boosting(values: Numbers, *, seed: int) -> _Transformer:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return _fit_chain(values, HistGradientBoostingRegressor(random_state=seed), rounds=ROUNDS_OF_BOOSTING, seed=seed)


def _fit_ridge(values: Numbers, *, seed: int) -> RidgeFiller:
    from sklearn.linear_model import BayesianRidge

    chain = _fit_chain(values, BayesianRidge(), rounds=ROUNDS_OF_RIDGE, seed=seed)
    steps = [
        RidgeStep(
            column=int(step.feat_idx),
            intercept=float(step.estimator.intercept_),
            weights=tuple(float(each) for each in step.estimator.coef_),
        )
        for step in chain.imputation_sequence_
    ]
    return RidgeFiller(
        medians=tuple(float(each) for each in chain.initial_imputer_.statistics_),
        lowest=tuple(float(each) for each in np.nanmin(values, axis=0)),
        highest=tuple(float(each) for each in np.nanmax(values, axis=0)),
        steps=tuple(steps),
    )


def _fit_chain(values: Numbers, estimator: object, *, rounds: int, seed: int) -> _Chain:
    # scikit-learn 1.9 hides the class until this module is imported.
    import_module("sklearn.experimental.enable_iterative_imputer")
    from sklearn.impute import IterativeImputer

    chain: _Chain = IterativeImputer(
        estimator,
        max_iter=rounds,
        initial_strategy="median",
        min_value=np.nanmin(values, axis=0),
        max_value=np.nanmax(values, axis=0),
        random_state=seed,
    )
    with warnings.catch_warnings(), _one_thread():
        warnings.simplefilter("ignore")
        chain.fit(values)
    return chain


def _one_thread() -> AbstractContextManager[object]:
    """Keep the trees to one thread: on a busy machine their threads wait for each other a hundred times as long."""
    # A dependency of scikit-learn's own, published without types.
    limits: AbstractContextManager[object] = import_module("threadpoolctl").threadpool_limits(limits=1)
    return limits
