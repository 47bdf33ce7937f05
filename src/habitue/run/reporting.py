"""A dashboard as one printable page: charts, tables and the filters that hold, with no script and no browser."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from html import escape
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from habitue.govern.roles import Access
from habitue.measure.dashboards import ChartKind
from habitue.measure.metrics import Number
from habitue.measure.spec import Unit
from habitue.measure.svg import bar_chart, line_chart
from habitue.run.dashboards import DashboardAsked, SeenDashboard, SeenTile, view_dashboard
from habitue.run.measuring_cohorts import SeenCohorts, SeenReturn
from habitue.run.measuring_views import MetricEntry, SeenCell, SeenMeasure
from habitue.run.workspace import Workspace

_SHADES: Final = 9
_FEW: Final = "<10"
_NOTHING: Final = "-"


def report_page(workspace: Workspace, access: Access, name: str, asked: DashboardAsked) -> str:
    """A dashboard as an HTML document.

    Raises:
        HabitueError: There is no such dashboard, or the role may not see it.
    """
    board = view_dashboard(workspace, access, name, asked)
    return _Writer(workspace, access, board).page()


def report_style() -> str:
    """The style sheet of reports."""
    return files("habitue").joinpath("templates", "report.css").read_text(encoding="utf-8")


def report_policy() -> str:
    """What a browser lets a report do: nothing but its own style."""
    digest = base64.b64encode(hashlib.sha256(report_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"


class _Writer:
    """One report as it is written."""

    def __init__(self, workspace: Workspace, access: Access, board: SeenDashboard) -> None:
        self.board, self.access = board, access
        self.settings = workspace.project.settings
        self.zone: ZoneInfo = workspace.project.catalogue.zone

    def page(self) -> str:
        board = self.board
        title = f"{board.label} · {self.settings.name}"
        tiles = "".join(self._tile(each) for each in board.tiles)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{report_style()}</style></head><body><main>"
            f"<header><p>{escape(self.settings.name)}</p><h1>{escape(board.label)}</h1>"
            f"{_paragraph(board.description)}{self._filters()}</header>{tiles}"
            f"<footer><p>Habitue · as of {self._time(board.as_of)}</p></footer></main></body></html>\n"
        )

    def _filters(self) -> str:
        """What the figures are limited to, as it has to stand on paper."""
        board = self.board
        facts = [("As of", f"{self._time(board.as_of)} ({self.zone.key})")]
        facts.append(("Who counts", board.of_words or f"every {self.settings.noun}"))
        if board.of:
            facts.append(("Rule", board.of))
        exact = "exact" if self.access.sees_people else "rounded; nothing about fewer than ten people"
        facts.append(("Figures", f"{exact}, as the role {self.access.role.value} sees them"))
        if board.owner:
            facts.append(("Owner", board.owner))
        return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts) + "</dl>"

    def _tile(self, tile: SeenTile) -> str:
        when = "" if tile.kind in ("text", "segments") else f"{self._day(tile.since)} to {self._day(tile.until)}"
        head = f"<h2>{escape(tile.label or tile.tile)}</h2>{_paragraph(when, 'when')}"
        kind = tile.chart if tile.chart == ChartKind.NUMBER else tile.kind
        return f'<section class="{kind}">{head}{self._inside(tile)}</section>'

    def _inside(self, tile: SeenTile) -> str:
        if tile.trouble is not None:
            return _paragraph(f"{tile.trouble.what} {tile.trouble.do}", "trouble")
        if tile.measure is not None:
            return self._metric(tile, tile.measure)
        if tile.funnel is not None:
            return self._funnel(tile)
        if tile.cohorts is not None:
            return self._cohorts(tile.cohorts)
        if tile.sizes:
            rows = [(each.label or each.name, _people(each.customers, hidden=each.hidden)) for each in tile.sizes]
            bars = [(each.label or each.name, _float(each.customers), None) for each in tile.sizes]
            return bar_chart(tile.label, bars, _count) + _table(["Segment", self._people()], rows)
        return _paragraph(tile.text)

    def _people(self) -> str:
        return f"{self.settings.noun}s".capitalize()

    def _metric(self, tile: SeenTile, found: SeenMeasure) -> str:
        entry, whole = found.metric, found.whole
        value = _FEW if whole.hidden else number_text(whole.value, entry)
        change = "" if whole.change is None else f" {whole.change * 100:+.1f} %"
        before = "" if whole.before is None else f"{change} against {number_text(whole.before, entry)} before"
        said = f'<p class="value"><strong>{escape(value)}</strong>{escape(before)}</p>'
        said += _paragraph(entry.description, "definition")
        if tile.chart == ChartKind.NUMBER:
            return said + (self._trend(found) if found.cells else "")
        chart = self._trend(found) if found.every else self._groups(found)
        heads = [*([found.every.capitalize()] if found.every else []), *found.by, entry.label, "Before", self._people()]
        rows = [self._row(each, entry) for each in found.cells]
        return said + chart + _table(heads, rows) + _rest(found)

    def _row(self, cell: SeenCell, entry: MetricEntry) -> tuple[str, ...]:
        step = [cell.step] if cell.step else []
        groups = [each if each is not None else "not known" for each in cell.groups]
        value = _FEW if cell.hidden else number_text(cell.value, entry)
        people = _people(cell.customers, hidden=cell.hidden)
        return (*step, *groups, value, number_text(cell.before, entry), people)

    def _trend(self, found: SeenMeasure) -> str:
        steps = sorted({each.step or "" for each in found.cells})
        groups = list(dict.fromkeys(each.groups for each in found.cells))[:8]
        at = {(each.step, each.groups): each for each in found.cells}

        def values(group: tuple[str | None, ...], *, before: bool = False) -> list[float | None]:
            cells = [at.get((step, group)) for step in steps]
            return [None if each is None else _float(each.before if before else each.value) for each in cells]

        named = [(" · ".join(each or "not known" for each in group) or found.metric.label) for group in groups]
        series = [(name, values(group), False) for name, group in zip(named, groups, strict=True)]
        if len(groups) == 1 and any(each.before is not None for each in found.cells):
            series.append(("Period before", values(groups[0], before=True), True))
        legend = _legend([name for name, _, _ in series]) if len(groups) > 1 else ""
        labels = [_step_label(each) for each in steps]
        return line_chart(found.metric.label, labels, series, lambda value: _short(value, found.metric)) + legend

    def _groups(self, found: SeenMeasure) -> str:
        rows = [
            (" · ".join(each or "not known" for each in cell.groups), _float(cell.value), _float(cell.before))
            for cell in found.cells
        ]
        return bar_chart(found.metric.label, rows, lambda value: _short(value, found.metric))

    def _funnel(self, tile: SeenTile) -> str:
        found = tile.funnel
        if found is None:
            return ""
        within = f", within {tile.within}" if tile.within else ""
        said = _paragraph(f"{' → '.join(tile.steps)} ({found.order.value}{within})", "definition")
        bars = [(each.step, _float(each.customers), None) for each in found.steps]
        parts = [("", found.steps), *((each.value or "others", each.steps) for each in found.groups)]
        rows = [
            (
                *([part] if found.by else []),
                each.step,
                _people(each.customers, hidden=each.hidden),
                _share(each.of_before) if number else "",
                _share(each.of_first),
            )
            for part, steps in parts
            for number, each in enumerate(steps)
        ]
        heads = [*([found.by] if found.by else []), "Step", self._people(), "Of the step before", "Of the first"]
        return said + bar_chart(tile.label, bars, _count) + _table(heads, rows)

    def _cohorts(self, found: SeenCohorts) -> str:
        many = max((len(each.steps) for each in found.cohorts), default=0)
        heads = [f"First {found.every.value}", self._people(), *(f"+{number}" for number in range(many))]
        most = max((_shown(step, found) or 0.0 for each in found.cohorts for step in each.steps[1:]), default=0.0)
        body = []
        for each in found.cohorts:
            cells = [f"<th scope='row'>{escape(each.start)}</th><td>{_people(each.customers, hidden=False)}</td>"]
            for step in each.steps:
                value = _shown(step, found)
                shade = 0 if value is None or not most else min(_SHADES, round(value / most * _SHADES))
                text = _FEW if step.hidden else (_count(value or 0) if found.revenue else _share(step.share))
                cells.append(f'<td class="s{shade}">{escape(text)}</td>')
            body.append(f"<tr>{''.join(cells)}</tr>")
        said = _paragraph(f"First {found.event!r}, then {found.again!r}, by {found.every.value}.", "definition")
        return f'{said}<table class="cohorts">{_head(heads)}<tbody>{"".join(body)}</tbody></table>'

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def _day(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d}"


def _shown(step: SeenReturn, found: SeenCohorts) -> float | None:
    if step.hidden:
        return None
    return _float(step.revenue) if found.revenue else step.share


def number_text(value: Number | None, entry: MetricEntry) -> str:
    """A value in the unit of its metric."""
    if value is None:
        return _NOTHING
    match entry.unit:
        case Unit.SHARE:
            return f"{float(value) * 100:.1f} %"
        case Unit.MONEY:
            return f"{Decimal(str(value)):,.2f} {entry.currency}".rstrip()
        case Unit.COUNT:
            return f"{int(value):,}"
    return f"{float(value):,.6g}"


def _short(value: float, entry: MetricEntry) -> str:
    if entry.unit is Unit.SHARE:
        return f"{value * 100:.3g} %"
    return _count(value)


def _count(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _share(value: float | None) -> str:
    return _NOTHING if value is None else f"{value * 100:.1f} %"


def _people(count: int | None, *, hidden: bool) -> str:
    if hidden:
        return _FEW
    return _NOTHING if count is None else f"{count:,}"


def _float(value: Number | None) -> float | None:
    return None if value is None else float(value)


def _step_label(step: str) -> str:
    return f"{date.fromisoformat(step):%d %b %y}".lstrip("0")


def _paragraph(text: str, kind: str = "") -> str:
    return f"<p{f' class={kind!r}' if kind else ''}>{escape(text)}</p>" if text else ""


def _legend(names: Sequence[str]) -> str:
    items = "".join(f'<li class="c{number}">{escape(name)}</li>' for number, name in enumerate(names))
    return f'<ul class="legend">{items}</ul>'


def _head(heads: Sequence[str]) -> str:
    return (
        f"<thead><tr>{''.join(f'<th scope={chr(34)}col{chr(34)}>{escape(each)}</th>' for each in heads)}</tr></thead>"
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose head stands on every page it runs over."""
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{_head(heads)}<tbody>{body}</tbody></table>"


def _rest(found: SeenMeasure) -> str:
    return "".join(_paragraph(each, "when") for each in _left_out(found))


def _left_out(found: SeenMeasure) -> Iterator[str]:
    if found.more:
        yield f"{found.more:,} more groups are left out."
    if found.withheld:
        yield f"{found.withheld:,} groups are of few people, or could tell of few."
