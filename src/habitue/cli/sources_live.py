"""Failed live messages at the terminal: why they failed, and taken in again."""

from collections.abc import Mapping
from pathlib import Path

from habitue.cli.acting import access_for
from habitue.cli.drawing import print_table
from habitue.cli.opening import open_workspace
from habitue.cli.printing import print_json, remark, say


def show_live_failures(
    project: Path | None, role: str | None, *, source: str | None, after: int, limit: int, as_json: bool, quiet: bool
) -> None:
    """Print the live messages that could not be taken in, by number; what they said stays sealed."""
    from habitue.run.live_failures import view_live_failures

    with open_workspace(project) as workspace:
        rows = view_live_failures(workspace, access_for(workspace, role), source=source, after=after, limit=limit)
    if as_json:
        print_json(rows)
        return
    if not rows:
        say("No live message failed.")
        return
    columns = ["id#", "source", "stage", "code", "field", "state"]
    print_table(
        columns,
        [(str(each.id), each.source, each.stage, each.code, each.field, each.state) for each in rows],
        notes=[each.reason for each in rows],
    )
    if len(rows) == limit:
        remark(f"There may be more: --after {rows[-1].id}", quiet=quiet)


def replay_live_failures(
    project: Path | None, changes: Mapping[int, Mapping[str, str | None]], *, as_json: bool, quiet: bool
) -> None:
    """Take failed live messages in again, mended or as they came."""
    from habitue.run.live_replay import replay_live

    with open_workspace(project) as workspace:
        report = replay_live(workspace, access_for(workspace, None), changes=changes)
    if as_json:
        print_json(report)
        return
    if not report.tried:
        say("No live message waits.")
        return
    say(f"{report.taken_in:,} of {report.tried:,} live messages were taken in.")
    if report.duplicates:
        say(f"{report.duplicates:,} of them were there already: their sender had sent them again.")
    if report.given_up:
        say(f"{report.given_up:,} were about somebody erased, and are given up.")
    for each in report.failing[:10]:
        say(f"  {each.id} still fails: {each.reason}")
    if report.taken_in:
        remark("They are in the tables with the next build; a running server has them at once.", quiet=quiet)
