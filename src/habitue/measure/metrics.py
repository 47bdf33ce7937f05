"""A metric reckoned: its value in a period, by group and calendar step, against the period before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa

from habitue.measure.columns import columns_of, together
from habitue.measure.dimensions import Grounds
from habitue.measure.figures import Cut, standing_table
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
    return reckon_several([metric], cut, grounds, fetch, compare=compare)[0]


def reckon_several(
    metrics: Sequence[MetricSpec], cut: Cut, grounds: Grounds, fetch: Fetch, *, compare: bool = True
) -> list[list[Cell]]:
    """The cells of several metrics that are parted alike, in their order; see `reckon`.

    Cost: one scan and hash aggregate for all figures of an event and condition, for each of the two periods.
    """
    specs = [figure for metric in metrics for figure in metric.figures]
    now = reckon_figures(specs, cut, grounds, fetch)
    past = reckon_figures(specs, replace(cut, period=cut.period.previous()), grounds, fetch) if compare else {}
    shift = _shift(cut) if compare else {}
    return [_cells(metric, cut, _values(metric, now), _values(metric, past), shift) for metric in metrics]


def _cells(
    metric: MetricSpec,
    cut: Cut,
    now: Mapping[Key, Value],
    earlier: Mapping[Key, Value],
    shift: Mapping[date | None, date | None],
) -> list[Cell]:
    keys: dict[Key, None] = dict.fromkeys(now)
    keys.update(dict.fromkeys((None, groups) for step, groups in earlier if step is None))
    if not cut.dimensions:
        keys = dict.fromkeys((step, ()) for step in _steps(cut))
    nothing = _value(metric, [(None, 0)] * len(metric.figures))
    return [
        Cell(
            step=step,
            groups=groups,
            now=now.get((step, groups), nothing),
            before=earlier.get((shift[step], groups), nothing) if step in shift else None,
        )
        for step, groups in keys
    ]


def _steps(cut: Cut) -> list[date | None]:
    return [None] if cut.every is None else [each.day for each in cut.period.steps(cut.every)]


def _shift(cut: Cut) -> dict[date | None, date | None]:
    """For each step, that of the period before that stands at its place."""
    return dict(zip(_steps(cut), _steps(replace(cut, period=cut.period.previous())), strict=False))


def reckon_figures(
    specs: Sequence[FigureSpec], cut: Cut, grounds: Grounds, fetch: Fetch
) -> dict[FigureSpec, Mapping[Key, tuple[Number | None, int]]]:
    """Value and people of figures by step and groups, each reckoned once: those of the same events in one question."""
    found: dict[FigureSpec, Mapping[Key, tuple[Number | None, int]]] = {}
    for spec in specs:
        same = _single(spec)
        if same.is_standing() and same not in found:
            found[same] = _fetched(fetch(standing_table(same, cut, grounds)), cut)
    for few in together(each for each in specs if not each.is_standing()):
        rows = fetch(columns_of(few, cut, grounds).table(cut))
        found |= {spec: _fetched(rows, cut, f"_{place}") for place, spec in enumerate(few)}
    return found


def _single(spec: FigureSpec) -> FigureSpec:
    return spec.model_copy(update={"times": 1})


def _values(
    metric: MetricSpec, known: Mapping[FigureSpec, Mapping[Key, tuple[Number | None, int]]]
) -> dict[Key, Value]:
    found = [known.get(_single(spec), {}) for spec in metric.figures]
    keys = dict.fromkeys(key for each in found for key in each)
    return {key: _value(metric, [each.get(key, (None, 0)) for each in found]) for key in keys}


def _fetched(rows: pa.Table, cut: Cut, of: str = "") -> dict[Key, tuple[Number | None, int]]:
    """By key the value and the people of one figure."""
    names = [*(["step"] if cut.every else []), *(f"group_{place}" for place in range(len(cut.dimensions)))]
    columns = [rows.column(name).to_pylist() for name in (*names, f"value{of}", f"people{of}")]
    steps = columns[0] if cut.every else [None] * len(rows)
    groups = zip(*columns[len(names) - len(cut.dimensions) : len(names)], strict=True)
    by = list(groups) if cut.dimensions else [()] * len(rows)
    return {
        (step, group): (value, people)
        for step, group, value, people in zip(steps, by, columns[-2], columns[-1], strict=True)
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
