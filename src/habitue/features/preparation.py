"""Preparation for learning: from a table to a matrix of numbers, fitted on the training rows and then applied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from habitue.errors import HabitueError
from habitue.features.preparation_columns import (
    NumberColumn,
    Scale,
    TextColumn,
    fit_numbers,
    fit_text,
    is_numeric,
    is_text,
    read_numbers,
)
from habitue.features.preparation_imputation import BoostedFiller, MedianFiller, Method, RidgeFiller, fit_filler
from habitue.sources.profile_outliers import ROBUST_Z_LIMIT, Numbers

INDICATOR = " is missing"


class PreparationColumnError(HabitueError):
    """A table to be prepared lacks a column, or has it in another type, than the training rows."""

    code = "PREPARATION-COLUMN"

    def __init__(self, name: str, *, wanted: str, found: str | None) -> None:
        super().__init__(
            what=f"The column {name!r} was {wanted} in the training rows and is {found or 'missing'} here.",
            do="Prepare a table of the same columns, or fit the preparation again.",
        )


class PreparationNotWritableError(HabitueError):
    """A preparation that fills in missing numbers by boosted trees lives in memory only."""

    code = "PREPARATION-NOT-WRITABLE"

    def __init__(self) -> None:
        super().__init__(
            what="A preparation with gradient-boosted imputation cannot be written down.",
            do="Fit it again where it is used, or fit it with `median` or `bayesian_ridge`.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationSpec:
    """What to do to the columns.

    Attributes:
        impute: How missing numbers are filled in; the median is right for most, chains for clusters and linear
            models; boosted models need none.
        indicators: Whether a column of 0 and 1 says which numbers were missing.
        outlier_limit: Robust z-score at which numbers are cut; none to leave them.
        unskew: Whether skewed columns are put on a logarithmic (or asinh) scale.
        scale: How numbers are scaled.
        rare_share: Text values rarer than this among the training rows are pooled.
        most_levels: How many values of a text column get a column at most.
        collinear: Columns correlated with an earlier one at least this much, either way, are dropped; none to keep.
        seed: Draws what chains learn from.
    """

    impute: Method = "median"
    indicators: bool = True
    outlier_limit: float | None = ROBUST_Z_LIMIT
    unskew: bool = True
    scale: Scale = "standard"
    rare_share: float = 0.01
    most_levels: int = 20
    collinear: float | None = 0.999
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedColumn:
    """A column that is not in the matrix.

    Attributes:
        name: The column of the table, or of the matrix for those dropped after spreading.
        reason: `empty`, `constant`, `collinear` or `type`.
        because: For a collinear column the one it repeats; for a type the type; else empty.
    """

    name: str
    reason: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMatrix:
    """Rows ready for learning.

    Attributes:
        names: What each column of the matrix is.
        values: float64 [rows, names], without missing or infinite values.
        unknown: For each text column, how many values the training rows did not have a column for.
    """

    names: tuple[str, ...]
    values: Numbers
    unknown: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What was learnt on the training rows; apply it to any rows of the same columns.

    Attributes:
        spec: What was asked for.
        numbers: Columns of numbers, in the table's order.
        texts: Columns of text, in the table's order.
        filler: What fills in missing numbers.
        names: The columns of the matrix: numbers, then indicators, then levels of text.
        dropped: What is not in the matrix, and why.
    """

    spec: PreparationSpec
    numbers: tuple[NumberColumn, ...]
    texts: tuple[TextColumn, ...]
    filler: MedianFiller | RidgeFiller | BoostedFiller
    names: tuple[str, ...]
    dropped: tuple[DroppedColumn, ...]

    def apply(self, table: pa.Table) -> PreparedMatrix:
        """The matrix of a table that has the training columns; its other columns are not looked at.

        Raises:
            PreparationColumnError: A training column is missing or of another type.
        """
        names, values, unknown = _whole_matrix(self, table)
        place = {name: index for index, name in enumerate(names)}
        kept = values[:, [place[name] for name in self.names]]
        return PreparedMatrix(names=self.names, values=np.ascontiguousarray(kept), unknown=unknown)

    def to_json(self) -> str:
        """The preparation as JSON text, which `read_preparation` reads.

        Raises:
            PreparationNotWritableError: Missing numbers are filled in by boosted trees.
        """
        from pydantic import TypeAdapter

        if isinstance(self.filler, BoostedFiller):
            raise PreparationNotWritableError
        return TypeAdapter(WrittenPreparation).dump_json(_written(self, self.filler)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPreparation:
    """A preparation that can be written down: the same without boosted trees."""

    spec: PreparationSpec
    numbers: tuple[NumberColumn, ...]
    texts: tuple[TextColumn, ...]
    filler: RidgeFiller | MedianFiller
    names: tuple[str, ...]
    dropped: tuple[DroppedColumn, ...]


def fit_preparation(
    table: pa.Table, spec: PreparationSpec | None = None, *, leave_out: Sequence[str] = ()
) -> Preparation:
    """Learn how to prepare a table, from its training rows only.

    Numbers and booleans are cut, unskewed, scaled and filled in, in this order; text becomes one column of 0 and 1 for
    each frequent value. Columns of other types are dropped: make an age of a time first.

    Args:
        table: The training rows.
        spec: What to do; the defaults when left out.
        leave_out: Columns that are not features: ids, the target.
    """
    spec = spec or PreparationSpec()
    dropped: list[DroppedColumn] = []
    numbers: list[NumberColumn] = []
    texts: list[TextColumn] = []
    for field in table.schema:
        if field.name in leave_out:
            continue
        if table.column(field.name).null_count == table.num_rows:
            dropped.append(DroppedColumn(name=field.name, reason="empty"))
        elif is_numeric(field.type):
            fitted = _fit_number(field.name, read_numbers(table.column(field.name)), spec)
            numbers += [fitted] if fitted else []
            dropped += [] if fitted else [DroppedColumn(name=field.name, reason="empty")]
        elif is_text(field.type):
            column = table.column(field.name)
            texts.append(fit_text(field.name, column, rare_share=spec.rare_share, most_levels=spec.most_levels))
        else:
            dropped.append(DroppedColumn(name=field.name, reason="type", because=str(field.type)))
    rough = [column.scaled(read_numbers(table.column(column.name))) for column in numbers]
    matrix = np.column_stack(rough) if rough else np.empty((table.num_rows, 0))
    whole = Preparation(
        spec=spec,
        numbers=tuple(numbers),
        texts=tuple(texts),
        filler=fit_filler(matrix, method=spec.impute, seed=spec.seed),
        names=(),
        dropped=(),
    )
    return _settled(whole, table, dropped)


def read_preparation(text: str) -> Preparation:
    """The preparation that `Preparation.to_json` has written down."""
    from pydantic import TypeAdapter

    written = TypeAdapter(WrittenPreparation).validate_json(text)
    return Preparation(
        spec=written.spec,
        numbers=written.numbers,
        texts=written.texts,
        filler=written.filler,
        names=written.names,
        dropped=written.dropped,
    )


def _written(preparation: Preparation, filler: MedianFiller | RidgeFiller) -> WrittenPreparation:
    return WrittenPreparation(
        spec=preparation.spec,
        numbers=preparation.numbers,
        texts=preparation.texts,
        filler=filler,
        names=preparation.names,
        dropped=preparation.dropped,
    )


def _fit_number(name: str, values: Numbers, spec: PreparationSpec) -> NumberColumn | None:
    if np.isnan(values).all():
        return None
    column = fit_numbers(name, values, scale=spec.scale, limit=spec.outlier_limit, unskews=spec.unskew)
    return column if spec.indicators else replace(column, has_indicator=False)


def _whole_matrix(fitted: Preparation, table: pa.Table) -> tuple[tuple[str, ...], Numbers, tuple[tuple[str, int], ...]]:
    """All columns, before constant and collinear ones are dropped, and the counts of unknown text values."""
    for column in fitted.numbers:
        _require(table, column.name, wanted="a number", holds=is_numeric)
    for text in fitted.texts:
        _require(table, text.name, wanted="text", holds=is_text)
    numbers = [column.scaled(read_numbers(table.column(column.name))) for column in fitted.numbers]
    rough = np.column_stack(numbers) if numbers else np.empty((table.num_rows, 0))
    indicated = [index for index, column in enumerate(fitted.numbers) if column.has_indicator]
    flags = np.isnan(rough[:, indicated]).astype(np.float64)
    spread = [text.spread(table.column(text.name)) for text in fitted.texts]
    names = (
        *(column.name for column in fitted.numbers),
        *(fitted.numbers[index].name + INDICATOR for index in indicated),
        *(name for text in fitted.texts for name in text.names),
    )
    values = np.hstack([fitted.filler.fill(rough), flags, *(levels for levels, _ in spread)])
    return names, values, tuple((text.name, count) for text, (_, count) in zip(fitted.texts, spread, strict=True))


def _settled(whole: Preparation, table: pa.Table, dropped: Sequence[DroppedColumn]) -> Preparation:
    """Drop constant and collinear columns of the matrix of the training rows."""
    names, values, _ = _whole_matrix(whole, table)
    constants = {column.name for column in whole.numbers if column.is_constant}
    widths = np.linalg.norm(values - values.mean(axis=0), axis=0) if len(values) else np.zeros(len(names))
    varies = [index for index, name in enumerate(names) if name not in constants and widths[index] > 0]
    still = [name for index, name in enumerate(names) if index not in set(varies)]
    gone = [*dropped, *(DroppedColumn(name=name, reason="constant") for name in still)]
    kept, repeated = _without_repeats([names[index] for index in varies], values[:, varies], whole.spec.collinear)
    return replace(whole, names=tuple(kept), dropped=(*gone, *repeated))


def _without_repeats(
    names: Sequence[str], values: Numbers, limit: float | None
) -> tuple[list[str], list[DroppedColumn]]:
    """Names without those whose column is a multiple of an earlier one that stays."""
    if limit is None or len(names) < 2:
        return list(names), []
    centred = values - values.mean(axis=0)
    directions = centred / np.linalg.norm(centred, axis=0)
    alike = np.abs(directions.T @ directions)
    kept: list[int] = []
    repeated: list[DroppedColumn] = []
    for index, name in enumerate(names):
        same = [earlier for earlier in kept if alike[earlier, index] >= limit]
        if same:
            repeated.append(DroppedColumn(name=name, reason="collinear", because=names[same[0]]))
        else:
            kept.append(index)
    return [names[index] for index in kept], repeated


def _require(table: pa.Table, name: str, *, wanted: str, holds: Callable[[pa.DataType], bool]) -> None:
    if name not in table.column_names:
        raise PreparationColumnError(name, wanted=wanted, found=None)
    kind = table.schema.field(name).type
    if not holds(kind):
        raise PreparationColumnError(name, wanted=wanted, found=str(kind))
