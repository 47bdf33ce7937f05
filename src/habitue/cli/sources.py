"""`habitue sources`: data in, its quality, and what could not be taken in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import paragraph, print_table
from habitue.cli.ending import GATE
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import ago, count, day, print_json, remark, say
from habitue.cli.sources_live import replay_live_failures, show_live_failures
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from habitue.run.sources import FailedEntry, ReplayReport, SourceEntry
    from habitue.run.workspace import Workspace
    from habitue.sources.load import LoadReport

sources = typer.Typer(help="Data in, its quality, and what failed.", no_args_is_help=True, rich_markup_mode=None)
SourceOption = Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Only this source.")]
_FOR_PEOPLE, _FOR_PROGRAMS, _FOR_FILES = 10, 100, 10_000


@sources.command("list", short_help="The sources, their rows, and how fresh they are.")
def list_command(
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the sources with what became of their rows, and how fresh they are.

    Example: habitue sources list
    """
    from habitue.run.sources import list_sources
    from habitue.run.viewing_figures import view_sources

    with open_workspace(project) as workspace:
        entries = view_sources(access_for(workspace, as_role), list_sources(workspace))
    if as_json:
        print_json(entries)
        return
    if not entries:
        say("No sources yet. Describe one in sources/, or begin with `habitue start FILE`.")
        return
    rows = [
        (
            each.source,
            count(each.rows),
            count(each.used),
            count(each.unused),
            count(each.failed),
            day(each.newest_at)[:10],
            ago(each.age_s),
            "live" if each.is_live else day(each.loaded_at)[:10],
        )
        for each in entries
    ]
    names = ["source", "rows#", "used#", "unused#", "failed#", "newest", "age#", "loaded"]
    print_table(names, rows, notes=[_made(each) for each in entries])
    if any(each.loaded_at is None and not each.is_live for each in entries):
        remark("Not everything is loaded: run `habitue sources load` or `habitue build`.", quiet=quiet)


def _made(entry: "SourceEntry") -> str:
    files = ", ".join(Path(each).name for each in entry.files[:3]) + (" …" if len(entry.files) > 3 else "")
    made = ", ".join(f"{number:,} {what}" for what, number in entry.made.items() if number)
    if entry.is_live:
        return "events over HTTP, while the project is served"
    return f"{files} → {made or 'nothing'}" if entry.files else ""


@sources.command("load", short_help="Take in whatever changed.")
def load_command(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Report on these only.")] = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take in whatever changed: files, mappings, contracts, repairs. All sources together, or none of them.

    Example: habitue sources load
    """
    from habitue.run.sources import load_sources

    with open_workspace(project) as workspace, watching(quiet=quiet or as_json) as progress:
        report = load_sources(workspace, names or (), progress=progress)
    loads = [each for each in report.loads if not names or each.source in names]
    if as_json:
        print_json({"sources": loads, "failed_rows": report.failed_rows, "seconds": report.seconds})
        return
    _print_loads(loads)
    _remark_next(report.failed_rows, changed=any(each.status == "loaded" for each in loads), quiet=quiet)


@sources.command("profile", short_help="Measure the quality of data; find leaks and drift.")
def profile_command(
    name: Annotated[
        str | None, typer.Argument(metavar="[SOURCE|TABLE]", help="A source, an event, or a table; all if left out.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What is to be predicted: name columns that give it away.")
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="End with exit code 3 when contracts are not met or a column leaks.")
    ] = False,
    tolerance: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Share of rows that may fall short, for --gate.")
    ] = 0.0,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure quality: completeness, validity, uniqueness, freshness, spread, outliers, duplicates, drift, leakage.

    Example: habitue sources profile "Order Completed"
    """
    from habitue.run.profiles import profile_tables
    from habitue.run.viewing_figures import view_profile

    with open_workspace(project) as workspace, watching(quiet=quiet or as_json) as progress:
        access = access_for(workspace, as_role)
        tables = profile_tables(workspace, name, target=target, tolerance=tolerance, progress=progress)
    seen = [view_profile(access, each) for each in tables]
    if as_json:
        print_json(seen)
    else:
        from habitue.cli.profiles import print_profiles

        print_profiles(seen)
    if gate and any(table.gate for table in tables):
        found = sum(len(table.gate) for table in tables)
        remark(f"The gate is closed: {found} finding{'' if found == 1 else 's'}.", quiet=quiet)
        raise typer.Exit(GATE)


@sources.command("failed", short_help="Rows that could not be taken in, and why.")
def failed_command(
    source: SourceOption = None,
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help="Only this stage: read, type, make.")] = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="Only this reason, e.g. TYPE-INTEGER.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, max=_FOR_FILES, help="How many rows at most; 10, with --json 100.")
    ] = None,
    after: Annotated[int, typer.Option(metavar="ID", min=0, help="Only rows with a greater number.")] = 0,
    live: Annotated[bool, typer.Option("--live", help="Live messages, in place of rows of files.")] = False,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show rows that could not be taken in, and why. Nothing is lost: each can be mended and replayed.

    Example: habitue sources failed orders --limit 5
    Example: habitue sources failed --live
    """
    from habitue.run.personal_reads import view_failed
    from habitue.run.sources import count_failed, list_failed

    usual = _FOR_PROGRAMS if as_json else _FOR_PEOPLE
    if live:
        show_live_failures(
            project, as_role, source=source, after=after, limit=limit or usual, as_json=as_json, quiet=quiet
        )
        return
    with open_workspace(project) as workspace:
        found = list_failed(workspace, source, stage=stage, code=code, limit=limit or usual, after=after)
        rows = view_failed(workspace, access_for(workspace, as_role), found)
        counts = count_failed(workspace, source)
    if as_json:
        print_json(rows)
        return
    if not counts and not rows:
        say("Nothing failed.")
        return
    counted = [(each.source, each.stage, each.code, count(each.rows)) for each in counts]
    print_table(["source", "stage", "code", "rows#"], counted)
    _print_rows(rows)
    if rows and len(rows) == (limit or usual):
        remark(f"There may be more: --after {rows[-1].id}", quiet=quiet)


@sources.command("mend", short_help="Write failed rows to a file, to mend in a spreadsheet.")
def mend_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file to write.")],
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source.")] = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="Only this reason, e.g. TYPE-INTEGER.")] = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write failed rows to a CSV file, to mend in a spreadsheet; `sources replay --file` takes it back.

    Example: habitue sources mend failed.csv --source orders
    """
    from habitue.run.failed_files import write_failed
    from habitue.run.giving import note_given
    from habitue.run.sources import list_failed

    with open_workspace(project) as workspace:
        rows = list_failed(workspace, source, code=code, limit=_FOR_FILES)
        note_given(workspace.opened, kind="export", target=file.name, what="failed rows")
    write_failed(file, rows)
    if as_json:
        print_json({"file": file, "rows": len(rows)})
        return
    say(f"{len(rows):,} rows are in {file}. Mend them there, then: habitue sources replay --file {file}")
    if len(rows) == _FOR_FILES:
        remark("There are more: they come into the next file when these are replayed.", quiet=quiet)


def _print_rows(rows: "list[FailedEntry]") -> None:
    say("")
    for each in rows:
        mended = " (mended, waits for `habitue sources replay`)" if each.state == "repaired" else ""
        say(f"{each.id}  {Path(each.file).name}:{each.line}  {each.code}{mended}")
        shown = ", ".join(f"{name}={_cell(value)}" for name, value in each.row.items())
        for line in [*paragraph(each.reason, indent=4), *paragraph(shown, indent=4)]:
            say(line)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return repr(text[:40] + "…" if len(text) > 40 else text)


@sources.command("replay", short_help="Mend failed rows and take them in.")
def replay_command(
    changes: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE]...", help="New values of the row of --set.")
    ] = None,
    row: Annotated[
        int | None,
        typer.Option("--set", metavar="ID", min=1, help="Mend this row first, as `sources failed` numbers it."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Mend the rows of a file that `sources mend` wrote.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Live messages, in place of rows of files.")] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Mend failed rows and take them in; also those whose mapping or contract was corrected since.

    Example: habitue sources replay --set 12 price=3.50 quantity=2
    Example: habitue sources replay --live --set 7 properties.revenue=3.50
    """
    from habitue.run.sources import replay_failed

    values = _values(changes or [], row)
    if live:
        if file is not None:
            raise typer.BadParameter("A file has rows of files; live messages are mended with --set.")
        replay_live_failures(project, {row: values} if row is not None else {}, as_json=as_json, quiet=quiet)
        return
    with open_workspace(project) as workspace, watching(quiet=quiet or as_json) as progress:
        _mend(workspace, row, values, file)
        report = replay_failed(workspace, progress=progress)
    if as_json:
        print_json(report)
        return
    _print_replay(report, quiet=quiet)


def _values(changes: list[str], row: int | None) -> dict[str, str | None]:
    """The changes of one row: `price=` empties a value."""
    if (row is None) is bool(changes):
        raise typer.BadParameter("Give a row and its new values together: --set ID FIELD=VALUE …")
    values: dict[str, str | None] = {}
    for each in changes:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{each!r} is not of the form FIELD=VALUE.")
        values[name] = value or None
    return values


def _mend(workspace: "Workspace", row: int | None, values: dict[str, str | None], file: Path | None) -> None:
    from habitue.run.failed_files import read_repairs_file
    from habitue.run.sources import repair_rows

    mended = read_repairs_file(workspace, file) if file is not None else {}
    if row is not None:
        mended[row] = {**mended.get(row, {}), **values}
    if mended:
        repair_rows(workspace, mended)


def _print_replay(report: "ReplayReport", *, quiet: bool) -> None:
    _print_loads(report.sources)
    if report.repaired:
        say(f"{report.taken_in:,} of {report.repaired:,} mended rows were taken in.")
    for each in report.failing[:_FOR_PEOPLE]:
        say(f"  {each.id} still fails: {each.reason}")
    changed = any(each.status == "loaded" for each in report.sources)
    if not changed:
        say("Nothing to replay: no row was mended, and no mapping or contract has changed.")
    _remark_next(report.waiting, changed=changed, quiet=quiet)


def _print_loads(loads: "list[LoadReport] | tuple[LoadReport, ...]") -> None:
    rows = [
        (
            each.source,
            "fresh" if each.status == "unchanged" else "loaded",
            count(each.rows),
            count(each.used),
            count(each.unused),
            count(each.failed),
            f"{each.seconds:.1f} s",
        )
        for each in loads
    ]
    notes = [" ".join(each.notes) if each.status == "loaded" else "" for each in loads]
    print_table(["source", "", "rows#", "used#", "unused#", "failed#", "time#"], rows, notes=notes)


def _remark_next(waiting: int, *, changed: bool, quiet: bool) -> None:
    if waiting:
        remark(f"{waiting:,} rows wait in the failed lane: `habitue sources failed`.", quiet=quiet)
    if changed:
        remark("Features and segments are as before: `habitue build` brings them up to date.", quiet=quiet)
