"""A metric reckoned: its value in a period, by group and calendar step, against the period before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa

from habitue.measure.dimensions import Grounds
from habitue.measure.figures import Cut, figure_table
from habitue.measure.spec import FigureKind, FigureSpec, MetricSpec, Unit

Fetch = Callable[[ir.Table], pa.Table]
Number = int | float | Decimal
Key = tuple[date | None, tuple[str | None, ...]]
_FEWEST: Final = Decimal("0.0001")
_ADDED: Final = frozenset(FigureKind) - {FigureKind.AVG, FigureKind.MIN, FigureKind.MAX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a metric.

    Attributes:
        value: None where there is nothing to divide by, or nothing happened.
        people: How many people are behind each of its figures, `of` before `over`.
        base: How many people it is about: those behind what it is divided by, else behind the figure itself.
    """

    value: Number | None
    people: tuple[int, ...]
    base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value with that of the period before.

    Attributes:
        step: The first day of its day, week or month; None for the whole period.
        groups: The group of each dimension; None where it is not known.
        now: In the period.
        before: In the period before; None where that was not asked.
    """

    step: date | None
    groups: tuple[str | None, ...]
    now: Value
    before: Value | None


def reckon(metric: MetricSpec, cut: Cut, grounds: Grounds, fetch: Fetch, *, compare: bool = True) -> list[Cell]:
    """The cells of a metric; without steps and dimensions exactly one.

    Steps where nothing happened have a value of nothing; groups are those of either period.

    Args:
        metric: What is reckoned.
        cut: How it is parted.
        grounds: From what.
        fetch: Brings rows of the engine.
        compare: Whether the period before is reckoned too.
    """
    now = _values(metric, cut, grounds, fetch)
    shift = _shift(cut) if compare else {}
    earlier = _values(metric, replace(cut, period=cut.period.previous()), grounds, fetch) if compare else {}
    keys: dict[Key, None] = dict.fromkeys(now)
    keys.update(dict.fromkeys((None, groups) for step, groups in earlier if step is None))
    if not cut.dimensions:
        keys = dict.fromkeys((step, ()) for step in _steps(cut))
    nothing = _value(metric, [(None, 0)] * _many(metric))
    return [
        Cell(
            step=step,
            groups=groups,
            now=now.get((step, groups), nothing),
            before=earlier.get((shift.get(step), groups), nothing) if compare and step in shift else None,
        )
        for step, groups in keys
    ]


def _steps(cut: Cut) -> list[date | None]:
    return [None] if cut.every is None else [each.day for each in cut.period.steps(cut.every)]


def _shift(cut: Cut) -> dict[date | None, date | None]:
    """For each step, that of the period before that stands at its place."""
    return dict(zip(_steps(cut), _steps(replace(cut, period=cut.period.previous())), strict=False))


def _many(metric: MetricSpec) -> int:
    return len(metric.figures)


def _values(metric: MetricSpec, cut: Cut, grounds: Grounds, fetch: Fetch) -> dict[Key, Value]:
    found: list[Mapping[Key, tuple[Number | None, int]]] = []
    known: dict[FigureSpec, Mapping[Key, tuple[Number | None, int]]] = {}
    for spec in metric.figures:
        same = spec.model_copy(update={"times": 1})
        if same not in known:
            known[same] = _fetched(fetch(figure_table(same, cut, grounds)), cut)
        found.append(known[same])
    keys = dict.fromkeys(key for each in found for key in each)
    return {key: _value(metric, [each.get(key, (None, 0)) for each in found]) for key in keys}


def _fetched(rows: pa.Table, cut: Cut) -> dict[Key, tuple[Number | None, int]]:
    groups = [f"group_{place}" for place in range(len(cut.dimensions))]
    return {
        (row.get("step"), tuple(row[name] for name in groups)): (row["value"], row["people"])
        for row in rows.to_pylist()
    }


def _value(metric: MetricSpec, parts: Sequence[tuple[Number | None, int]]) -> Value:
    upper, lower = parts[: len(metric.upper)], parts[len(metric.upper) :]
    people = tuple(many for _, many in parts)
    value = _added(metric.upper, upper)
    if metric.lower:
        value = _ratio(value, _added(metric.lower, lower), metric.unit)
    return Value(value=_exact(value), people=people, base=max(many for _, many in (lower or upper)))


def _added(specs: Sequence[FigureSpec], parts: Sequence[tuple[Number | None, int]]) -> Number | None:
    """The sum of some figures; missing where one is that cannot be nothing."""
    whole: Number = 0
    for spec, (value, _) in zip(specs, parts, strict=True):
        if value is None:
            if spec.figure is not None and spec.figure not in _ADDED:
                return None
            continue
        whole = _plus(whole, value, spec.times)
    return whole


def _plus(whole: Number, value: Number, times: int) -> Number:
    if isinstance(whole, float) or isinstance(value, float):
        return float(whole) + float(value) * times
    return whole + value * times


def _ratio(upper: Number | None, lower: Number | None, unit: Unit) -> Number | None:
    if upper is None or not lower:
        return None
    if unit is Unit.MONEY and not isinstance(upper, float) and not isinstance(lower, float):
        return (Decimal(upper) / Decimal(lower)).quantize(_FEWEST)
    return float(upper) / float(lower)


def _exact(value: Number | None) -> Number | None:
    """A value without the places that say nothing."""
    if isinstance(value, Decimal):
        return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
    return value
