"""`habitue privacy audit`: who looked at or changed what about whom, and whether that list can be believed."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.ending import GATE
from habitue.cli.opening import find_customer_of, project_folder
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say

if TYPE_CHECKING:
    from pathlib import Path

    from habitue.govern.audit import AuditCheck, AuditEntry


def register(app: typer.Typer) -> None:
    """Add the command to a group."""
    app.command("audit", short_help="Who looked at or changed what; verify that list.")(audit_command)


def audit_command(
    verify: Annotated[
        bool, typer.Option("--verify", help="Go through the whole chain; exit code 3 when it is broken.")
    ] = False,
    subject: Annotated[
        str | None, typer.Option(metavar="CUSTOMER", help="Only about this person: an id, user_id:42, email:…")
    ] = None,
    last: Annotated[str | None, typer.Option(metavar="LENGTH", help="Only the last 30d, 12h …")] = None,
    head: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="A digest noted elsewhere that has to be in the chain.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many entries at most.")] = 100,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List who read, exported, changed or erased what about whom, and verify that nothing in that list was changed.

    Example: habitue privacy audit --verify --last 30d
    """
    from habitue.cli.clock import system_surroundings
    from habitue.records.durations import parse_duration
    from habitue.run.auditing import before, open_audit, read_audit

    folder, around = project_folder(project), system_surroundings()
    person = None if subject is None else _person(folder, subject)
    with open_audit(folder, around) as log:
        since = None if last is None else before(around.clock(), parse_duration(last))
        report = read_audit(log, verify=verify, subject=person, since=since, head=head, limit=limit)
    if as_json:
        print_json(report)
    else:
        _print_check(report.check)
        _print_entries(report.entries, limit=limit, quiet=quiet)
    if report.check is not None and report.check.broken_at is not None:
        raise typer.Exit(GATE)


def _person(folder: "Path", wanted: str) -> str:
    """An id as it stands, also of somebody erased; any other identifier is looked up."""
    return wanted if ":" not in wanted else find_customer_of(folder, wanted)


def _print_check(check: "AuditCheck | None") -> None:
    if check is None:
        return
    if check.broken_at is not None:
        say(f"Broken at entry {check.broken_at:,}: {check.why}.")
        say("The entries before it hold.")
        return
    say(f"{check.entries:,} entries, nothing changed, none missing.")
    say(f"Head: {check.head}")


def _print_entries(entries: "tuple[AuditEntry, ...]", *, limit: int, quiet: bool) -> None:
    if not entries:
        say("No entries.")
        return
    rows = [(day(each.at), each.actor, each.action.value, each.subject, each.about, each.purpose) for each in entries]
    print_table(["at (UTC)", "who", "did", "about whom", "what", "what for"], rows)
    if len(entries) == limit:
        remark(f"There may be more: --limit {limit * 10}", quiet=quiet)
