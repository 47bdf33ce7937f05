"""The quality profile of a table: how complete, valid, unique, fresh and usual its columns are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.sources.leakage import find_leaks
from habitue.sources.profile_counts import (
    EXACT_DISTINCT_ROWS,
    Figures,
    count_columns,
    count_distinct,
    count_outside,
    count_repeats,
    draw_sample,
    numbers_of,
    profile_time,
)
from habitue.sources.profile_drift import measure_drift
from habitue.sources.profile_hints import find_hints
from habitue.sources.profile_outliers import Numbers, kelly_skewness, measure_spread, quartile_fences
from habitue.sources.profile_values import (
    QUANTILES,
    ColumnProfile,
    NumberProfile,
    OutlierProfile,
    TableProfile,
    TextProfile,
    ValueShare,
)

TOP_VALUES = 20
HISTOGRAM_BINS = 20

_NEARLY_UNIQUE = 0.9
_FEW_VALUES = 2_000
_NUMBERS = ("number", "integer")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRequest:
    """What a profile needs to know beside the table.

    Attributes:
        now: The instant that ages are counted from, aware and in UTC.
        key: Columns that should identify a row.
        personal: Columns whose values must not be shown.
        failed: For each column, the rows that the failed lane holds because of it.
        target: A column to be predicted, to look for columns that give it away.
        sample: About how many rows distributions are taken from in tables that have more.
        seed: Which rows those are.
    """

    now: datetime
    key: tuple[str, ...] = ()
    personal: frozenset[str] = frozenset()
    failed: Mapping[str, int] = field(default_factory=dict)
    target: str | None = None
    sample: int = 100_000
    seed: int = 0


def profile_table(table: ir.Table, request: ProfileRequest, *, previous: TableProfile | None = None) -> TableProfile:
    """Measure the quality of a table's columns, and how they have moved since a profile before.

    Counts, extremes, means, outliers and duplicates are of all rows (two passes in the engine, and one for
    duplicates); quantiles, histograms, frequent values, drift and leaks are of a sample that is bounded and the same
    for the same table, order and seed. Different values are estimated to about 2 % in tables over a million rows,
    save where they are few or nearly as many as rows.

    Args:
        table: A table expression bound to an engine, typed.
        request: What the table does not say itself.
        previous: A profile of the same table before; its columns are compared by name.
    """
    rows = int(table.count().to_pyarrow().as_py())
    figures = count_columns(table, rows=rows, now=request.now)
    sample = draw_sample(table, table.columns, rows=rows, limit=request.sample, seed=request.seed)
    values = {name: numbers_of(sample, name) for name, found in figures.items() if found.kind in _NUMBERS}
    outliers = _outliers(table, values, figures)
    distinct = _distinct(table, figures, rows=rows)
    columns = []
    for name, found in figures.items():
        column = _profile_column(name, found, rows=rows, distinct=distinct[name], request=request)
        column = _with_values(column, table, sample, found, request=request, outliers=outliers.get(name))
        columns.append(_compared(column, previous, values.get(name), sampled=sample.num_rows))
    keyed = bool(request.key)
    target = request.target if request.target in table.columns else None
    before = [column.name for column in previous.columns] if previous else []
    return TableProfile(
        rows=rows,
        sampled=sample.num_rows,
        profiled_at=request.now,
        duplicate_rows=count_repeats(table, table.columns, rows=rows),
        key=request.key,
        duplicate_keys=count_repeats(table, request.key, rows=rows) if keyed else None,
        columns=tuple(columns),
        leaks=find_leaks(sample, target, seed=request.seed) if target else (),
        new_columns=tuple(name for name in table.columns if previous and name not in before),
        lost_columns=tuple(name for name in before if name not in table.columns),
    )


def _profile_column(
    name: str, figures: Figures, *, rows: int, distinct: tuple[int, bool], request: ProfileRequest
) -> ColumnProfile:
    present = figures.count("present")
    failed = request.failed.get(name, 0)
    count, is_exact = distinct
    return ColumnProfile(
        name=name,
        kind=figures.kind,
        is_personal=name in request.personal,
        present=present,
        missing=rows - present,
        completeness=present / rows if rows else 1.0,
        failed=failed,
        validity=rows / (rows + failed) if rows + failed else 1.0,
        distinct=min(count, present),
        is_distinct_exact=is_exact,
        uniqueness=min(count, present) / present if present else 1.0,
    )


def _distinct(table: ir.Table, figures: Mapping[str, Figures], *, rows: int) -> dict[str, tuple[int, bool]]:
    """Different values of each column, and whether they were counted or estimated."""
    if rows <= EXACT_DISTINCT_ROWS:
        return {name: (found.count("distinct"), True) for name, found in figures.items()}
    unsure = [name for name, found in figures.items() if found.kind != "other" and _wants_count(found)]
    counted = count_distinct(table, unsure)
    return {
        name: (counted[name], True) if name in counted else (found.count("distinct"), False)
        for name, found in figures.items()
    }


def _wants_count(figures: Figures) -> bool:
    """True where an estimate is not enough: few values, which are cheap to count, or nearly one for each row."""
    return figures.count("distinct") <= _FEW_VALUES or figures.count("distinct") >= _NEARLY_UNIQUE * figures.count(
        "present"
    )


def _outliers(
    table: ir.Table, values: Mapping[str, Numbers], figures: Mapping[str, Figures]
) -> dict[str, OutlierProfile]:
    """Bounds from the sample, counted over all rows."""
    spreads = {name: measure_spread(found) for name, found in values.items() if len(found)}
    fences = {name: quartile_fences(values[name]) for name in spreads}
    counted = count_outside(table, {name: (spreads[name].bounds(), fences[name]) for name in spreads})
    outliers = {}
    for name, spread in spreads.items():
        low, high = (bound if math.isfinite(bound) else None for bound in spread.bounds())
        present = max(1, figures[name].count("present"))
        far, outside = counted[name]
        outliers[name] = OutlierProfile(
            transform=spread.transform,
            low=low,
            high=high,
            count=far,
            share=far / present,
            iqr_low=fences[name][0],
            iqr_high=fences[name][1],
            iqr_count=outside,
            iqr_share=outside / present,
        )
    return outliers


def _with_values(
    column: ColumnProfile,
    table: ir.Table,
    sample: pa.Table,
    figures: Figures,
    *,
    request: ProfileRequest,
    outliers: OutlierProfile | None,
) -> ColumnProfile:
    """The profile with what it may say of values: for personal columns only lengths and hints."""
    name = column.name
    if column.kind in ("text", "boolean"):
        column = replace(column, text=_profile_text(sample.column(name), figures, is_shown=not column.is_personal))
    elif column.kind == "time" and not column.is_personal:
        column = replace(column, time=profile_time(table, name, figures, now=request.now))
    elif outliers is not None and not column.is_personal:
        column = replace(column, number=_profile_number(numbers_of(sample, name), figures, outliers))
    return replace(column, hints=find_hints(column, figures, sample))


def _profile_number(values: Numbers, figures: Figures, outliers: OutlierProfile) -> NumberProfile:
    counts, edges = np.histogram(values, bins=HISTOGRAM_BINS) if _can_bin(values) else ([len(values)], values[[0, 0]])
    return NumberProfile(
        minimum=figures.number("minimum"),
        maximum=figures.number("maximum"),
        mean=figures.number("mean"),
        deviation=figures.number("deviation"),
        zero_count=figures.count("zeros"),
        negative_count=figures.count("negatives"),
        skewness=kelly_skewness(values),
        quantiles=tuple(float(each) for each in np.quantile(values, QUANTILES)),
        edges=tuple(float(each) for each in edges),
        counts=tuple(int(each) for each in counts),
        percentiles=tuple(float(each) for each in np.quantile(values, np.linspace(0, 1, 101))),
        outliers=outliers,
    )


def _can_bin(values: Numbers) -> bool:
    """False where the width of a bin would vanish beside the values."""
    low, high = float(values.min()), float(values.max())
    return low < high and (high - low) / HISTOGRAM_BINS > np.spacing(max(abs(low), abs(high)))


def _profile_text(column: pa.ChunkedArray, figures: Figures, *, is_shown: bool) -> TextProfile:
    present = column.drop_null()
    counted = pc.value_counts(present).to_pylist() if is_shown and len(present) else []
    frequent = sorted(counted, key=lambda each: (-each["counts"], str(each["values"])))[:TOP_VALUES]
    shares = tuple(ValueShare(value=_shown(each["values"]), share=each["counts"] / len(present)) for each in frequent)
    return TextProfile(
        shortest=figures.count("shortest"),
        longest=figures.count("longest"),
        top=shares,
        other_share=max(0.0, 1.0 - sum(each.share for each in shares)),
    )


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compared(
    column: ColumnProfile, previous: TableProfile | None, values: Numbers | None, *, sampled: int
) -> ColumnProfile:
    known = {before.name: before for before in previous.columns} if previous else {}
    if column.name not in known:
        return column
    empty = np.empty(0, dtype=np.float64)
    drift = measure_drift(known[column.name], column, empty if values is None else values, sampled=sampled)
    return replace(column, drift=drift)
