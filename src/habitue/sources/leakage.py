"""Columns that nearly give away what is to be predicted."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from habitue.sources.profile_outliers import Numbers
from habitue.sources.profile_values import Leak

AUC_LIMIT = 0.80
"""From here on a single column is worth a question; honest single columns of churn and income data end at 0.78."""

AUC_CERTAIN = 0.98
EXPLAINED_LIMIT = 0.90
EXPLAINED_CERTAIN = 0.99

_BINS = 32
_PRIOR_ROWS = 10.0
_LEVELS = 2_000
_CONFIDENCE = 1.645
_FEWEST = 30
_TWIN_LEVELS = 4
_TWIN_AGREEMENT = 0.8
_TWIN_RATIO = 3.0

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What is to be told: for yes or no 1 and 0, for numbers their ranks in [0, 1]; and which rows teach."""

    values: Numbers
    is_binary: bool
    learns: Mask


def find_leaks(sample: pa.Table, target: str, *, seed: int, leave_out: Sequence[str] = ()) -> tuple[Leak, ...]:
    """Columns of a sample that alone nearly give away a target, the worst first.

    Each column is cut into at most 32 bins (numbers and times, by quantile; missing is a bin) or into its values
    (text). Half of the rows, drawn by the seed, teach the mean of the target in each bin, drawn towards the overall
    mean by ten rows' weight (one row's for a target of numbers); the other half is ordered by it. A column is named
    when the area under the ROC curve on that half is, with 95 % confidence (Hanley and McNeil 1982), over
    `AUC_LIMIT`; for a target of numbers, when it explains `EXPLAINED_LIMIT` of the variance of the target's ranks.
    The missing pattern of a column is tried alike.

    What this sees: one column that says it, in any shape of dependence. What it does not see: columns that only
    together tell. One such case is tried: twins, two columns of the same four or more values that agree in most rows
    (the room reserved and the room assigned); when the target is at least three times as frequent where they agree as
    where they differ, or the other way round, the pair is shown as worth a question, never as certain.

    A target is yes or no when it has two values (the rarer counts as yes); text of more values is not looked at.

    Args:
        sample: Rows to look at; those without a target are left out.
        target: The column to be predicted.
        seed: Draws the halves.
        leave_out: Columns not to look at.
    """
    known = sample.filter(pc.is_valid(sample.column(target)))
    goal = _read_target(known.column(target), seed=seed)
    if goal is None:
        return ()
    names = [name for name in known.column_names if name != target and name not in leave_out]
    leaks = [leak for name in names for leak in _leaks_of(known.column(name), name, goal)]
    leaks += list(_twins(known.select(names), goal))
    return tuple(sorted(leaks, key=lambda leak: (-(leak.auc or leak.explained or 0.0), leak.column, leak.reason)))


def area_under_roc(scores: Numbers, positive: Mask) -> float:
    """How often a yes is ordered before a no, ties counted half (Mann and Whitney); 0.5 when one of them is missing.

    Examples:
        >>> area_under_roc(np.array([0.1, 0.2, 0.9]), np.array([False, False, True]))
        1.0
    """
    yes = int(positive.sum())
    no = len(positive) - yes
    if yes == 0 or no == 0:
        return 0.5
    _, place, repeats = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(repeats) - (repeats - 1) / 2)[place]
    return float((rank[positive].sum() - yes * (yes + 1) / 2) / (yes * no))


def _read_target(column: pa.ChunkedArray, *, seed: int) -> _Target | None:
    rows = len(column)
    learns = np.random.default_rng(seed).random(rows) < 0.5
    counted = pc.value_counts(column).to_pylist()
    if len(counted) == 2:
        rarer = min(counted, key=lambda each: (each["counts"], str(each["values"])))["values"]
        values = np.asarray(pc.equal(column, rarer).to_numpy(zero_copy_only=False), dtype=np.float64)
        fewest = min(values.sum(), rows - values.sum())
        return _Target(values=values, is_binary=True, learns=learns) if fewest >= _FEWEST else None
    if len(counted) < 2 or not _is_orderly(column.type) or rows < 2 * _FEWEST:
        return None
    order = _ranks(_orderly(column))
    return _Target(values=order, is_binary=False, learns=learns)


def _leaks_of(column: pa.ChunkedArray, name: str, goal: _Target) -> Iterator[Leak]:
    missing = np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
    by_missing = _judge(missing.astype(np.int64), goal)
    if by_missing.names:
        yield by_missing.leak(name, "missing_pattern", f"Whether `{name}` is missing nearly tells the target")
        return
    codes = _codes(column, goal.learns)
    if codes is None:
        return
    found = _judge(codes, goal)
    if found.names:
        yield found.leak(name, "value", f"`{name}` alone nearly tells the target")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """How well bins tell a target, and whether that is worth naming."""

    auc: float | None
    explained: float | None
    names: bool

    def leak(self, column: str, reason: str, seen: str) -> Leak:
        figure = f"AUC {self.auc:.3f}" if self.auc is not None else f"{self.explained or 0:.1%} of its variance"
        certain = (self.auc or 0.0) >= AUC_CERTAIN or (self.explained or 0.0) >= EXPLAINED_CERTAIN
        return Leak(
            column=column,
            reason=reason,
            auc=self.auc,
            explained=self.explained,
            is_certain=certain,
            says=f"{seen} ({figure}): leave it out unless it is known before the target is.",
        )


def _judge(codes: Codes, goal: _Target) -> _Judgement:
    """Learn the mean of the target in each bin on one half of the rows and order the other by it."""
    teach, asked = codes[goal.learns], codes[~goal.learns]
    size = int(codes.max(initial=0)) + 1
    overall = float(goal.values[goal.learns].mean())
    sums = np.bincount(teach, weights=goal.values[goal.learns], minlength=size)
    counts = np.bincount(teach, minlength=size)
    weight = _PRIOR_ROWS if goal.is_binary else 1.0
    means = (sums + weight * overall) / (counts + weight)
    scores, truth = means[asked], goal.values[~goal.learns]
    if not goal.is_binary:
        variance = float(np.var(truth))
        explained = 1 - float(np.mean((truth - scores) ** 2)) / variance if variance > 0 else 0.0
        return _Judgement(auc=None, explained=explained, names=explained >= EXPLAINED_LIMIT)
    auc = area_under_roc(scores, truth > 0.5)
    yes = float(truth.sum())
    low = auc - _CONFIDENCE * _error_of_auc(auc, yes, len(truth) - yes)
    return _Judgement(auc=auc, explained=None, names=low > AUC_LIMIT)


def _error_of_auc(auc: float, yes: float, no: float) -> float:
    """Standard error of an area under the ROC curve (Hanley and McNeil 1982)."""
    if yes < 1 or no < 1:
        return math.inf
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (auc * (1 - auc) + (yes - 1) * (one - auc**2) + (no - 1) * (two - auc**2)) / (yes * no)
    return math.sqrt(max(0.0, variance))


def _codes(column: pa.ChunkedArray, learns: Mask) -> Codes | None:
    """The bin of each row, 0 where missing; none for a column of a kind that cannot be cut."""
    if _is_orderly(column.type):
        values = _orderly(column)
        seen = values[learns & np.isfinite(values)]
        edges = np.unique(np.quantile(seen, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(seen) else np.empty(0)
        bins = np.searchsorted(edges, values, side="right") + 1
        return np.where(np.isnan(values), 0, bins).astype(np.int64)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return None
    coded = column.combine_chunks().dictionary_encode()
    codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64) + 1
    common = np.argsort(-np.bincount(codes), kind="stable")[:_LEVELS]
    place = np.full(int(codes.max(initial=0)) + 1, len(common), dtype=np.int64)
    place[common] = np.arange(len(common))
    return np.asarray(place[codes], dtype=np.int64)


def _is_orderly(kind: pa.DataType) -> bool:
    checks = (
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_boolean,
        pa.types.is_timestamp,
        pa.types.is_date,
    )
    return any(check(kind) for check in checks)


def _orderly(column: pa.ChunkedArray) -> Numbers:
    """Numbers, times and booleans as float64; missing is not a number."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        column = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _ranks(values: Numbers) -> Numbers:
    """Places in [0, 1], equal values sharing the middle of theirs."""
    _, place, repeats = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(repeats) - repeats / 2)[place] / len(values), dtype=np.float64)


def _twins(table: pa.Table, goal: _Target) -> Iterator[Leak]:
    if not goal.is_binary:
        return
    texts = {
        name: set(pc.unique(table.column(name)).to_pylist()) - {None}
        for name in table.column_names
        if pa.types.is_string(table.schema.field(name).type)
    }
    levels = {name: values for name, values in texts.items() if _TWIN_LEVELS <= len(values) <= _LEVELS}
    for one, other in combinations(levels, 2):
        if len(levels[one] & levels[other]) < _TWIN_AGREEMENT * min(len(levels[one]), len(levels[other])):
            continue
        same = pc.fill_null(pc.equal(table.column(one), table.column(other)), fill_value=False)
        agrees = np.asarray(same.to_numpy(zero_copy_only=False), dtype=np.bool_)
        leak = _twin(one, other, agrees, goal)
        if leak is not None:
            yield leak


def _twin(one: str, other: str, agrees: Mask, goal: _Target) -> Leak | None:
    differ = int((~agrees).sum())
    if agrees.mean() < _TWIN_AGREEMENT or differ < _FEWEST:
        return None
    where_same, where_not = float(goal.values[agrees].mean()), float(goal.values[~agrees].mean())
    low, high = sorted((where_same, where_not))
    if high < _TWIN_RATIO * low + 1 / differ:
        return None
    return Leak(
        column=f"{one} / {other}",
        reason="twins",
        auc=area_under_roc(goal.values * 0 + agrees * (1 if where_same > where_not else -1), goal.values > 0.5),
        explained=None,
        is_certain=False,
        says=(
            f"`{one}` and `{other}` mostly agree; the target is {where_same:.0%} where they do and {where_not:.0%} "
            "where they differ: leave out the one that is filled in later, if it is after the target is known."
        ),
    )
