"""`habitue measure`: the metrics of a project, by period and dimension."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import bar, paragraph, print_table
from habitue.cli.measure_options import EstimateOption, OfOption, remark_estimate
from habitue.cli.measure_report import REPORT, print_report
from habitue.cli.opening import open_workspace
from habitue.cli.options import TIMES, JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import FEW, count, day, few, print_json, remark, remark_hidden, say, share

if TYPE_CHECKING:
    from habitue.measure.metrics import Number
    from habitue.measure.spec import Unit
    from habitue.run.anomalies import SeenAnomaly
    from habitue.run.measuring_views import MetricEntry, SeenCell, SeenMeasure

SinceOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option("--since", metavar="T", formats=TIMES, help="From when on; left out: the last 30 days."),
]
UntilOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option("--until", metavar="T", formats=TIMES, help="Up to, and without; left out: all that was built."),
]


def register_measure(app: typer.Typer) -> None:
    """Add `measure` to the program."""
    app.command("measure", short_help="Revenue, orders, rates: by period and dimension.")(measure_command)


def register_anomalies(app: typer.Typer) -> None:
    """Add `anomalies` to the program."""
    app.command("anomalies", short_help="Days out of the ordinary, and who accounts for them.")(anomalies_command)


def measure_command(
    metric: Annotated[
        str | None,
        typer.Argument(
            metavar="METRIC", help="Name of a metric, or segment.NAME; report: a page to print; left out: all."
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="DIM", help="A property of the event, trait.X, segment.X or cluster.X; may be repeated."
        ),
    ] = None,
    every: Annotated[str, typer.Option("--every", metavar="STEP", help="By day, week or month.")] = "",
    since: SinceOption = None,
    until: UntilOption = None,
    of: OfOption = "",
    dashboard: Annotated[
        str, typer.Option("--dashboard", metavar="NAME", help="With report: which; left out: the first one.")
    ] = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE.html", help="With report: the file; left out: standard output.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many groups at most.")] = 30,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reckon a metric in a period against the one before, whole, by group, and by day, week or month.

    Example: habitue measure revenue --by country --since 2026-01-01
    Example: habitue measure repeat_rate --every month --since 2026-01-01 --json
    Example: habitue measure report --dashboard shop --to shop.html
    """
    from habitue.run.dashboards import DashboardAsked
    from habitue.run.measuring import MeasureAsked
    from habitue.run.measuring_views import view_measure, view_metrics

    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        if metric == REPORT:
            board = DashboardAsked(since=since, until=until, of=of)
            print_report(workspace, access, board, dashboard=dashboard, to=to, as_json=as_json, quiet=quiet)
            return
        if metric is None:
            _show_metrics(view_metrics(workspace, access), as_json=as_json)
            return
        asked = MeasureAsked(by=tuple(by or ()), every=every, since=since, until=until, of=of)
        found = view_measure(workspace, access, metric, asked, limit=limit)
    if as_json:
        print_json(found)
        return
    _print_measure(found, quiet=quiet)


def _show_metrics(entries: "list[MetricEntry]", *, as_json: bool) -> None:
    if as_json:
        print_json(entries)
    elif not entries:
        say("No metric fits yet: there are no orders, mails or visits. Declare your own under metrics/.")
    else:
        rows = [(each.metric, each.label, each.unit.value, each.owner) for each in entries]
        print_table(["metric", "", "unit", "owner"], rows, notes=[each.description for each in entries])


def _print_measure(found: "SeenMeasure", *, quiet: bool) -> None:
    entry = found.metric
    whole = found.whole
    about = "about " if found.rounded else ""
    say(f"{entry.label}: {about}{figure_text(whole, entry)}{_compared(whole, entry)}")
    say(f"  {day(found.since)} to {day(found.until)} UTC, {few(whole.customers)} customers")
    for line in paragraph(entry.description, indent=2) if not quiet else ():
        say(line)
    if found.cells:
        _print_cells(found)
    if found.withheld:
        remark(f"{found.withheld:,} groups are of few people, or could tell of few.", quiet=quiet)
    if found.more:
        remark(f"{found.more:,} groups are left out; --limit shows more.", quiet=quiet)
    remark_hidden(whole.hidden or any(each.hidden for each in found.cells), quiet=quiet)


def _print_cells(found: "SeenMeasure") -> None:
    entry = found.metric
    largest = max((abs(float(each.value or 0)) for each in found.cells), default=0.0)
    columns = [*([found.every] if found.every else []), *found.by]
    rows = [
        (
            *([each.step] if each.step else []),
            *("-" if group is None else group for group in each.groups),
            figure_text(each, entry),
            change_text(each.change),
            few(each.customers),
            bar(abs(float(each.value or 0)), largest, room=20),
        )
        for each in found.cells
    ]
    print_table([*columns, f"{entry.metric}#", "change#", "customers#", ""], rows)


def _compared(cell: "SeenCell", entry: "MetricEntry") -> str:
    if cell.before is None:
        return ""
    change = f"{change_text(cell.change)} from " if cell.change is not None else "from "
    return f" ({change}{number_text(cell.before, entry.unit, entry.currency)} before)"


def figure_text(cell: "SeenCell", entry: "MetricEntry") -> str:
    """A value for people."""
    if cell.hidden:
        return FEW
    return number_text(cell.value, entry.unit, entry.currency)


def number_text(value: "Number | None", unit: "Unit", currency: str) -> str:
    """A value in the unit of its metric; nothing as a dash."""
    if value is None:
        return "-"
    match unit.value:
        case "share":
            return share(float(value))
        case "money":
            return f"{Decimal(str(value)):,.2f} {currency}".rstrip()
        case "count":
            return count(int(value))
    return f"{float(value):,.6g}"


def change_text(change: float | None) -> str:
    """By what share a value went up or down.

    Examples:
        >>> change_text(0.125), change_text(-0.5), change_text(None)
        ('+12.5 %', '-50.0 %', '')
    """
    return "" if change is None else f"{change * 100:+.1f} %"


def anomalies_command(
    metric: Annotated[
        str, typer.Argument(metavar="METRIC", help="Only this metric; left out: all that are reckoned of events.")
    ] = "",
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="T", formats=TIMES, help="The first day; left out: the last 14 whole days."),
    ] = None,
    until: UntilOption = None,
    estimate: EstimateOption = False,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find days, and spells of up to two weeks, far from the same weekdays before, and the groups behind them.

    Example: habitue anomalies
    Example: habitue anomalies revenue --since 2026-01-01 --json
    """
    from habitue.run.anomalies import view_anomalies

    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        found = view_anomalies(workspace, access, metric=metric, since=since, until=until, estimate=estimate)
    if as_json:
        print_json(found)
        return
    if found.anomalies:
        print_table(
            ["days", "metric", "value#", "usual#", "score#"],
            [_anomaly_row(each) for each in found.anomalies],
            notes=[_drivers_text(each) for each in found.anomalies],
        )
    else:
        say("No day was out of the ordinary.")
    remark(f"Looked at {len(found.metrics):,} metrics from {found.since} to {found.until}.", quiet=quiet)
    remark_estimate(found, quiet=quiet)


def _anomaly_row(each: "SeenAnomaly") -> tuple[str, ...]:
    value, usual = (number_text(number, each.unit, each.currency) for number in (each.value, each.expected))
    days = each.day if each.day == each.last_day else f"{each.day} to {each.last_day}"
    return days, each.metric, value, usual, f"{each.score:+.1f}"


def _drivers_text(each: "SeenAnomaly") -> str:
    if each.dimension:
        others = [f"{driver.dimension} {driver.group}" for driver in each.drivers[1:]]
        alone = f"{each.dimension} {each.group} by itself"
        return f"{alone}; at the same time {', '.join(others)}" if others else alone
    parts = [f"{driver.dimension} {driver.group}: {share(driver.explains)} of it" for driver in each.drivers]
    return "; ".join(parts)
