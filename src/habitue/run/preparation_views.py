"""How a column is spread before and after it is prepared for learning: cut, unskewed, scaled, filled in.

Cost: one read of the column, of up to `MOST_ROWS` rows.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from habitue.errors import HabitueError, did_you_mean
from habitue.features.preparation_columns import NumberColumn, fit_numbers, is_numeric, read_numbers
from habitue.govern.roles import Access, Permission
from habitue.run.profiles import table_named
from habitue.run.workspace import Workspace
from habitue.sources.profile_outliers import ROBUST_Z_LIMIT, Numbers

MOST_ROWS: Final = 200_000
BARS: Final = 40


class PreparedColumnError(HabitueError):
    """A column is asked for that is not one of numbers, or is not there."""

    code = "PREPARED-COLUMN"

    def __init__(self, name: str, known: list[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"The table has no column of numbers called {name[:60]!r}.",
            do=f"Did you mean {near!r}?" if near else f"It has: {', '.join(known[:20]) or 'none'}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpread:
    """How values lie.

    Attributes:
        edges: Of the bars, one more than there are bars.
        counts: Rows in each bar; the outermost hold what lies beyond.
        mean: Their mean; None without any.
        deviation: Their standard deviation; None without any.
        skewness: 0 for a symmetric spread; None where nothing varies.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    mean: float | None
    deviation: float | None
    skewness: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedColumn:
    """One column before and after preparation.

    Attributes:
        table: Its table.
        column: Its name.
        rows: How many rows were looked at.
        missing: Rows without a value: filled in with the median.
        low: Lower values count as this; None for no limit.
        high: Higher values count as this; None for no limit.
        cut: How many values lie beyond those limits.
        transform: `none`, `log` or `asinh`.
        before: As it is stored.
        after: As a model sees it: mean 0, deviation 1.
    """

    table: str
    column: str
    rows: int
    missing: int
    low: float | None
    high: float | None
    cut: int
    transform: str
    before: ColumnSpread
    after: ColumnSpread


def view_prepared(workspace: Workspace, access: Access, table: str, column: str) -> PreparedColumn:
    """One column of a table before and after preparation, as `features table --prepare` would prepare it.

    Args:
        workspace: The open project.
        access: Who asks.
        table: A table that `sources profile` knows: an event, or `customers`, `items`, `features`.
        column: One of its columns of numbers.

    Raises:
        RoleForbiddenError: The role sees no people: bars may be one person's.
        PreparedColumnError: It has no such column.
        HabitueError: There is no such table.
    """
    access.need(Permission.SEE_PEOPLE)
    name = table_named(workspace, table)
    rows = workspace.warehouse.table(name)
    numeric = [each for each, kind in rows.schema().items() if kind.is_numeric() or kind.is_boolean()]
    if column not in numeric:
        raise PreparedColumnError(column, numeric)
    found = workspace.warehouse.fetch(rows.select(column).limit(MOST_ROWS)).column(column)
    values = read_numbers(found) if is_numeric(found.type) else read_numbers(found.cast("float64"))
    fitted = fit_numbers(column, values, scale="standard", limit=ROBUST_Z_LIMIT, unskews=True)
    known = values[~np.isnan(values)]
    scaled = fitted.scaled(values)
    return PreparedColumn(
        table=name,
        column=column,
        rows=len(values),
        missing=len(values) - len(known),
        low=fitted.low,
        high=fitted.high,
        cut=_cut(known, fitted),
        transform=fitted.transform,
        before=_spread(known),
        after=_spread(np.nan_to_num(scaled, nan=float(np.nanmedian(scaled)) if len(known) else 0.0)),
    )


def _cut(known: Numbers, fitted: NumberColumn) -> int:
    below = 0 if fitted.low is None else int((known < fitted.low).sum())
    return below + (0 if fitted.high is None else int((known > fitted.high).sum()))


def _spread(values: Numbers) -> ColumnSpread:
    if not len(values):
        return ColumnSpread(edges=(), counts=(), mean=None, deviation=None, skewness=None)
    low, high = (float(each) for each in np.quantile(values, (0.001, 0.999)))
    if low == high:
        low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), bins=BARS, range=(low, high))
    mean, deviation = float(values.mean()), float(values.std())
    skewness = float((((values - mean) / deviation) ** 3).mean()) if deviation > 0 else None
    return ColumnSpread(
        edges=tuple(float(each) for each in edges),
        counts=tuple(int(each) for each in counts),
        mean=mean,
        deviation=deviation,
        skewness=skewness,
    )
