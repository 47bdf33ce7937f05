"""How one column becomes numbers for learning: fitted on the training rows, applied to any."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.sources.profile_outliers import Numbers, measure_spread, transformed

Scale = Literal["standard", "min_max", "robust", "none"]

OTHER = "(other)"
MISSING = "(missing)"

_IQR_OF_NORMAL = 1.349


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberColumn:
    """How a column of numbers is prepared: cut, unskewed, scaled.

    Attributes:
        name: The column.
        low: Lower values count as this; none for no limit.
        high: Higher values count as this; none for no limit.
        transform: `none`, `log` or `asinh` (of the value by `unit`).
        unit: What values are divided by before `asinh`.
        centre: Subtracted from the transformed value.
        width: What the difference is divided by; never 0.
        is_constant: All training values were the same: only whether a value is missing can tell anything.
        has_indicator: Some training values were missing.
    """

    name: str
    low: float | None
    high: float | None
    transform: str
    unit: float
    centre: float
    width: float
    is_constant: bool
    has_indicator: bool

    def scaled(self, values: Numbers) -> Numbers:
        """Prepared values; missing stay missing."""
        is_cut = self.low is not None or self.high is not None
        cut = np.clip(values, self.low, self.high) if is_cut else values
        moved = transformed(cut, transform=self.transform, unit=self.unit)
        return np.asarray((moved - self.centre) / self.width, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextColumn:
    """How a column of text is spread over columns of 0 and 1.

    Attributes:
        name: The column.
        levels: The values that have a column each, the most frequent first.
        has_other: Rarer training values share the column `name=(other)`; unknown values join them. Without it, an
            unknown value is 0 in all columns.
        has_missing: Missing training values have the column `name=(missing)`; without it they are 0 in all columns.
    """

    name: str
    levels: tuple[str, ...]
    has_other: bool
    has_missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it becomes."""
        extra = [OTHER] * self.has_other + [MISSING] * self.has_missing
        return tuple(f"{self.name}={level}" for level in (*self.levels, *extra))

    def spread(self, column: pa.ChunkedArray) -> tuple[Numbers, int]:
        """The columns of 0 and 1, and how many values were among neither the levels nor missing."""
        place = pc.index_in(column, value_set=pa.array(self.levels, type=pa.string()))
        codes = np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), dtype=np.int64)
        missing = np.asarray(pc.is_null(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
        values = np.zeros((len(codes), len(self.names)), dtype=np.float64)
        known = np.flatnonzero(codes >= 0)
        values[known, codes[known]] = 1.0
        strange = (codes < 0) & ~missing
        if self.has_other:
            values[strange, len(self.levels)] = 1.0
        if self.has_missing:
            values[missing, len(self.levels) + self.has_other] = 1.0
        return values, int(strange.sum())


def is_numeric(kind: pa.DataType) -> bool:
    """True for the types that are prepared as numbers: also booleans, as 0 and 1."""
    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(check(kind) for check in checks)


def is_text(kind: pa.DataType) -> bool:
    """True for the types that are prepared as levels."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def read_numbers(column: pa.ChunkedArray) -> Numbers:
    """A column as float64; missing, infinite and undefined values are not a number."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def fit_numbers(name: str, values: Numbers, *, scale: Scale, limit: float | None, unskews: bool) -> NumberColumn:
    """Learn how to prepare a column of numbers.

    Values are cut where their skew-aware robust z-score passes `limit` (see `measure_spread`), put on the scale on
    which they are not skewed, then centred and divided: by mean and standard deviation (`standard`), by minimum and
    range (`min_max`), or by median and interquartile range / 1.349 (`robust`; equal to the standard deviation for a
    normal law; the standard deviation where the interquartile range is 0).

    A column of two values (a flag) is only scaled.

    Args:
        name: The column.
        values: Training values; missing are not a number.
        scale: What to centre and divide by.
        limit: Robust z-score from which values are cut; none for no cutting.
        unskews: Whether to transform skewed columns.
    """
    known = values[~np.isnan(values)]
    spread = measure_spread(known)
    is_flag = len(np.unique(known)) <= 2
    low, high = (-math.inf, math.inf) if limit is None or is_flag else spread.bounds(limit)
    cut = np.clip(known, low, high)
    changes = unskews and not is_flag
    transform, unit = (spread.transform, spread.unit) if changes else ("none", 1.0)
    centre, width = _scale(transformed(cut, transform=transform, unit=unit), scale)
    return NumberColumn(
        name=name,
        low=low if math.isfinite(low) else _positive_floor(transform, cut),
        high=high if math.isfinite(high) else None,
        transform=transform,
        unit=unit,
        centre=centre,
        width=width,
        is_constant=len(known) == 0 or float(cut.min()) == float(cut.max()),
        has_indicator=len(known) < len(values),
    )


def fit_text(name: str, column: pa.ChunkedArray, *, rare_share: float, most_levels: int) -> TextColumn:
    """Learn which values of a text column get a column of their own.

    Args:
        name: The column.
        column: Training values.
        rare_share: Values that make up less of the present training values than this are pooled.
        most_levels: At most this many values get a column.
    """
    present = column.drop_null()
    counted = pc.value_counts(present).to_pylist() if len(present) else []
    frequent: Sequence[dict[str, object]] = sorted(counted, key=lambda each: (-each["counts"], each["values"]))
    levels = [str(each["values"]) for each in frequent if _count(each) >= rare_share * len(present)][:most_levels]
    return TextColumn(
        name=name,
        levels=tuple(levels),
        has_other=len(levels) < len(frequent),
        has_missing=len(present) < len(column),
    )


def _count(counted: dict[str, object]) -> int:
    count = counted["counts"]
    return count if isinstance(count, int) else 0


def _positive_floor(transform: str, known: Numbers) -> float | None:
    """On a logarithmic scale nothing may fall to 0 or below: the smallest training value is the least."""
    return float(known.min()) if transform == "log" and len(known) else None


def _scale(values: Numbers, scale: Scale) -> tuple[float, float]:
    if len(values) == 0 or scale == "none":
        return 0.0, 1.0
    deviation = float(values.std())
    if scale == "standard":
        centre, width = float(values.mean()), deviation
    elif scale == "min_max":
        centre, width = float(values.min()), float(values.max() - values.min())
    else:
        first, centre, third = (float(each) for each in np.quantile(values, (0.25, 0.5, 0.75)))
        width = (third - first) / _IQR_OF_NORMAL
        width = width if width > 0 else deviation
    return centre, width if width > 0 else 1.0
