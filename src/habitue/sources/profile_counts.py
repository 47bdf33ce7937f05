"""The counting half of a quality profile: aggregates that the engine makes over all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from habitue.sources.profile_outliers import Numbers
from habitue.sources.profile_values import TimeProfile

EXACT_DISTINCT_ROWS = 1_000_000
"""Up to this many rows all different values are counted; above, only where a column may identify rows."""

LARGEST = 1e100
"""Numbers farther from 0 count as missing, with a hint."""

_MULTIPLIER = 2_654_435_761
_LONGEST_GAP_DAYS = 3_660
_MODULUS = 4_294_967_296

Figure = bool | int | float | str | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The aggregates of one column; a figure that its kind does not have is missing from `by_name`."""

    kind: str
    by_name: Mapping[str, Figure]

    def count(self, name: str) -> int:
        """A figure that is a count; 0 where there are no rows."""
        found = self.by_name.get(name)
        return int(found) if isinstance(found, int | float) else 0

    def number(self, name: str) -> float:
        """A figure that is a number; 0 where there are no values."""
        found = self.by_name.get(name)
        return float(found) if isinstance(found, int | float) else 0.0

    def moment(self, name: str) -> datetime | None:
        """A figure that is an instant; none where there are no values."""
        found = self.by_name.get(name)
        return found if isinstance(found, datetime) else None


def kind_of(column: ir.Value) -> str:
    """`number`, `integer`, `text`, `boolean`, `time` or `other`."""
    dtype = column.type()
    checks = (
        ("boolean", dtype.is_boolean()),
        ("integer", dtype.is_integer()),
        ("number", dtype.is_floating() or dtype.is_decimal()),
        ("text", dtype.is_string()),
        ("time", dtype.is_timestamp() or dtype.is_date()),
    )
    return next((kind for kind, holds in checks if holds), "other")


def finite(column: ir.NumericValue) -> ir.FloatingValue:
    """A number as float64, missing where it is infinite, not a number, or so large that its square would be."""
    number = column.cast("float64")
    return ibis.ifelse(number.abs() <= LARGEST, number, None) if column.type().is_floating() else number


def count_columns(table: ir.Table, *, rows: int, now: datetime) -> dict[str, Figures]:
    """Every column's aggregates over all rows, in one pass."""
    wanted: dict[str, ir.Scalar] = {}
    kinds = {name: kind_of(table[name]) for name in table.columns}
    for index, (name, kind) in enumerate(kinds.items()):
        for figure, expression in _figures(table[name], kind, rows=rows, now=now).items():
            wanted[f"{index}.{figure}"] = expression
    got = _one_row(table, wanted)
    return {
        name: Figures(
            kind=kind,
            by_name={key.partition(".")[2]: value for key, value in got.items() if key.partition(".")[0] == str(index)},
        )
        for index, (name, kind) in enumerate(kinds.items())
    }


def _figures(column: ir.Column, kind: str, *, rows: int, now: datetime) -> dict[str, ir.Scalar]:
    figures: dict[str, ir.Scalar] = {}
    if kind == "other":
        return {"present": column.count(), "distinct": ibis.literal(0)}
    value = finite(column) if kind in ("number", "integer") else column
    figures["present"] = value.count()
    figures["distinct"] = value.nunique() if rows <= EXACT_DISTINCT_ROWS else value.approx_nunique()
    if kind in ("number", "integer"):
        figures["minimum"], figures["maximum"] = value.min(), value.max()
        figures["mean"], figures["deviation"] = value.mean(), value.std(how="sample")
        figures["zeros"] = (value == 0).sum()
        figures["negatives"] = (value < 0).sum()
        figures["infinite"] = column.count() - value.count()
    if kind == "text":
        trimmed = column.strip()
        figures["shortest"], figures["longest"] = column.length().min(), column.length().max()
        figures["blank"] = (trimmed == "").sum()
        figures["padded"] = ((trimmed != column) & (trimmed != "")).sum()
    if kind == "time":
        instant = column.cast("timestamp")
        figures["oldest"], figures["newest"] = instant.min(), instant.max()
        figures["future"] = (instant > ibis.literal(now.replace(tzinfo=None))).sum()
    return figures


def count_outside(table: ir.Table, bounds: Mapping[str, Sequence[tuple[float, float]]]) -> dict[str, list[int]]:
    """For each column and each pair of bounds, how many values lie outside of [low, high]; one pass over all rows."""
    wanted: dict[str, ir.Scalar] = {}
    for index, (name, pairs) in enumerate(bounds.items()):
        value = finite(table[name])
        for place, (low, high) in enumerate(pairs):
            wanted[f"{index}.{place}"] = ((value < low) | (value > high)).sum()
    got = _one_row(table, wanted)
    return {
        name: [_whole(got[f"{index}.{place}"]) for place in range(len(pairs))]
        for index, (name, pairs) in enumerate(bounds.items())
    }


def count_distinct(table: ir.Table, names: Sequence[str]) -> dict[str, int]:
    """Exactly how many different values each of some columns has."""
    got = _one_row(table, {str(index): table[name].nunique() for index, name in enumerate(names)})
    return {name: _whole(got[str(index)]) for index, name in enumerate(names)}


def count_repeats(table: ir.Table, names: Sequence[str], *, rows: int) -> int:
    """Rows that have the same values in some columns as an earlier row; missing equals missing.

    Rows are compared by a 64-bit hash of those columns: among 10 million different rows the chance that any two
    collide is 3 in a million.
    """
    if rows == 0 or not names:
        return 0
    mark = ibis.struct({name: table[name] for name in names}).hash()
    return rows - _whole(_one_row(table.select(mark=mark), {"marks": ibis._.mark.nunique()})["marks"])


def draw_sample(table: ir.Table, names: Sequence[str], *, rows: int, limit: int, seed: int) -> pa.Table:
    """At most about `limit` rows spread evenly over the table, the same ones for the same table, order and seed.

    Row r is drawn when `(r * 2654435761 + seed * 40503) mod 2^32` is small enough: multiplicative hashing (Knuth,
    volume 3, 6.4), which spreads consecutive rows evenly.
    """
    plain = table.select(*names)
    if rows <= limit:
        return plain.to_pyarrow()
    numbered = plain.mutate(sampled_row=ibis.row_number())
    spot = (numbered.sampled_row * _MULTIPLIER + (seed * 40_503) % _MODULUS) % _MODULUS
    drawn = numbered.filter(spot < int(_MODULUS * (limit / rows))).order_by("sampled_row")
    return drawn.drop("sampled_row").to_pyarrow()


def numbers_of(sample: pa.Table, name: str) -> Numbers:
    """The finite numbers of one column of a sample."""
    import numpy as np

    column = sample.column(name).cast(pa.float64(), safe=False)
    values = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values[np.abs(values) <= LARGEST]


def profile_time(table: ir.Table, name: str, figures: Figures, *, now: datetime) -> TimeProfile | None:
    """Freshness and gaps of a column of times; none without any."""
    oldest, newest = figures.moment("oldest"), figures.moment("newest")
    if oldest is None or newest is None:
        return None
    days = table.select(day=table[name].cast("timestamp").truncate("D")).filter(ibis._.day.notnull()).distinct()
    present = sorted(row.replace(tzinfo=now.tzinfo) for row in days.to_pyarrow().column("day").to_pylist())
    gap_days, gap_from, empty = _gaps(present)
    newest = newest.replace(tzinfo=now.tzinfo)
    return TimeProfile(
        oldest=oldest.replace(tzinfo=now.tzinfo),
        newest=newest,
        age_s=(now - newest).total_seconds(),
        future_count=figures.count("future"),
        days=len(present),
        empty_days=empty,
        longest_gap_days=gap_days,
        longest_gap_from=gap_from,
    )


def _gaps(days: Sequence[datetime]) -> tuple[int, datetime | None, int]:
    """The longest gap, where it begins, and all empty days: of weekdays on which at least every fourth has rows.

    A gap of over ten years, the work of one mistyped year, counts as ten years.
    """
    if len(days) < 2:
        return 0, None, 0
    weeks = max(1.0, ((days[-1] - days[0]).days + 1) / 7)
    usual = {weekday for weekday in range(7) if sum(day.weekday() == weekday for day in days) >= weeks / 4}
    longest, begins, empty = 0, None, 0
    for before, after in pairwise(days):
        between = [before + timedelta(days=step) for step in range(1, min((after - before).days, _LONGEST_GAP_DAYS))]
        missing = [day for day in between if day.weekday() in usual]
        empty += len(missing)
        if len(missing) > longest:
            longest, begins = len(missing), missing[0]
    return longest, begins, empty


def _one_row(table: ir.Table, wanted: Mapping[str, ir.Scalar]) -> dict[str, Figure]:
    if not wanted:
        return {}
    rows: list[dict[str, Figure]] = table.aggregate(**wanted).to_pyarrow().to_pylist()
    return rows[0]


def _whole(value: Figure) -> int:
    return int(value) if isinstance(value, int | float) else 0
