"""Charts as SVG text, for pages that are printed: lines over time, bars by name. No browser and no script is needed.

Every colour is an attribute and every text is escaped, so that a page may forbid all styles but its own.
"""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

Say = Callable[[float], str]
Points = Sequence[float | None]
_WIDTH: Final = 720
_HEIGHT: Final = 220
_LEFT: Final = 64
_TOP: Final = 12
_BOTTOM: Final = 26
_RIGHT: Final = 10
_TICKS: Final = 4
_BAR: Final = 22
_NAMES: Final = 170
_VALUES: Final = 110
_LONGEST_NAME: Final = 26
_INK: Final = "#5c6066"
_LINE: Final = "#e3e0d9"
SERIES: Final = ("#0d7b77", "#d2691e", "#3f6fb5", "#a8457f", "#7d8a1f", "#6a6f78", "#4aa3c9", "#97401f")
AGAINST: Final = "#b9b5ab"


def line_chart(title: str, labels: Sequence[str], series: Sequence[tuple[str, Points, bool]], say: Say) -> str:
    """Values over time; of several series, each has a name.

    Args:
        title: What it shows.
        labels: What stands along the axis.
        series: The name and values of each, and whether it is only compared with.
        say: A value as the axis has it.

    Examples:
        >>> line_chart("Orders", ["Mon", "Tue"], [("Orders", [1, 3], False)], str).count("<polyline")
        1
    """
    known = [each for _, values, _ in series for each in values if each is not None]
    ticks = ticks_of(min([0.0, *known]), max([0.0, *known]))
    place = _Place(len(labels), ticks[0], ticks[-1])
    body = [_grid(ticks, place, say), _along(labels, place)]
    plain = 0
    for name, values, is_against in series:
        colour = AGAINST if is_against else SERIES[plain % len(SERIES)]
        plain += not is_against
        dash = ' stroke-dasharray="5 4"' if is_against else ""
        for run in _runs(values):
            points = " ".join(f"{place.x(at):.1f},{place.y(value):.1f}" for at, value in run)
            body.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}>'
                f"<title>{escape(name)}</title></polyline>"
            )
            if len(run) == 1:
                body.append(
                    f'<circle cx="{place.x(run[0][0]):.1f}" cy="{place.y(run[0][1]):.1f}" r="3" fill="{colour}"/>'
                )
    return _svg(title, _HEIGHT, body)


def bar_chart(title: str, rows: Sequence[tuple[str, float | None, float | None]], say: Say) -> str:
    """Values by name, one below the other, each against another where there is one.

    Args:
        title: What it shows.
        rows: Name, value, and the value compared with.
        say: A value in words.

    Examples:
        >>> bar_chart("Orders", [("web", 3.0, None)], str).count("<rect")
        1
    """
    known = [abs(each) for _, *values in rows for each in values if each is not None]
    most = max([*known, 1e-12])
    room = _WIDTH - _NAMES - _VALUES
    body = []
    for number, (name, value, before) in enumerate(rows):
        top = number * (_BAR + 10)
        middle = top + _BAR / 2 + 4
        body.append(_text(_NAMES - 8, middle, _cut(name), anchor="end"))
        thick = _BAR if before is None else _BAR * 0.6
        longest = max(abs(value or 0.0), abs(before or 0.0)) / most * room
        if value is not None:
            width = max(1.0, abs(value) / most * room)
            body.append(
                f'<rect x="{_NAMES}" y="{top}" width="{width:.1f}" height="{thick:.1f}" rx="3" fill="{SERIES[0]}"/>'
            )
            body.append(_text(_NAMES + longest + 6, middle, say(value)))
        if before is not None:
            width = max(1.0, abs(before) / most * room)
            low, thin = top + thick + 1, _BAR - thick - 1
            sizes = f'x="{_NAMES}" y="{low:.1f}" width="{width:.1f}" height="{thin:.1f}"'
            body.append(f'<rect {sizes} rx="2" fill="{AGAINST}"/>')
    return _svg(title, max(1, len(rows)) * (_BAR + 10), body)


def ticks_of(least: float, most: float) -> list[float]:
    """Round values from below the least to above the most.

    Examples:
        >>> ticks_of(0, 37), ticks_of(0, 0.5), ticks_of(0, 0)
        ([0.0, 10.0, 20.0, 30.0, 40.0], [0.0, 0.2, 0.4, 0.6], [0.0, 1.0])
    """
    if most <= least:
        return [float(least), least + 1.0]
    rough = (most - least) / _TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(each * size for each in (1, 2, 2.5, 5, 10) if each * size >= rough)
    first, last = math.floor(least / step), math.ceil(most / step)
    return [round(number * step, 10) for number in range(first, last + 1)]


class _Place:
    """Where values stand on a chart."""

    def __init__(self, many: int, least: float, most: float) -> None:
        self.many, self.least, self.most = many, least, most

    def x(self, at: int) -> float:
        return _LEFT + (at + 0.5) / max(1, self.many) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.least) / ((self.most - self.least) or 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _runs(values: Points) -> list[list[tuple[int, float]]]:
    """The stretches without a gap."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((at, value))
    return [each for each in runs if each]


def _grid(ticks: Sequence[float], place: _Place, say: Say) -> str:
    lines = []
    for each in ticks:
        y = place.y(each)
        lines.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_LINE}"/>')
        lines.append(_text(_LEFT - 8, y + 4, say(each), anchor="end"))
    return "".join(lines)


def _along(labels: Sequence[str], place: _Place) -> str:
    every = max(1, math.ceil(len(labels) / 8))
    shown = [(at, label) for at, label in enumerate(labels) if at % every == 0]
    return "".join(_text(place.x(at), _HEIGHT - 8, label, anchor="middle") for at, label in shown)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}" font-size="12">{escape(text)}</text>'


def _svg(title: str, height: float, body: Sequence[str]) -> str:
    inside = "".join(body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )
