"""`habitue rebuild`, `backup`, `restore` and `doctor`: keeping a project well."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from habitue.cli.drawing import print_table
from habitue.cli.ending import GATE
from habitue.cli.opening import open_workspace, project_folder
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, day, print_json, remark, say
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from habitue.run.backing_up import Backup

_SIGNS = {"ok": "", "warn": "look", "fail": "broken"}
_PLACE = "A folder, or a file ending in .tar, .tar.gz or .tgz."
BackupArgument: TypeAlias = Annotated[Path, typer.Argument(metavar="DIR|FILE", help=_PLACE)]


def register_operating(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("rebuild", short_help="Make every table anew and compare it with what was there.")(rebuild_command)
    app.command("backup", short_help="Copy a project, served or not.")(backup_command)
    app.command("restore", short_help="Put a copy back where nothing is.")(restore_command)
    app.command("doctor", short_help="Whether a project is well, and what to do where it is not.")(doctor_command)


def rebuild_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Make every table anew from the sources and the log of live events, and compare it with what was there.

    What is stale is built first. Exit code 3 where a table comes out otherwise: the new ones count from then on.

    Example: habitue rebuild
    """
    from habitue.run.rebuilding import rebuild

    with open_workspace(project, anew=True) as workspace, watching(quiet=quiet or as_json) as progress:
        done = rebuild(workspace, progress=progress)
    if as_json:
        print_json(done)
    else:
        rows = [
            (each.table, count(each.rows or 0), count(each.rows_before or 0), "" if each.is_equal else "differs")
            for each in done.tables
        ]
        print_table(["table", "rows#", "before#", ""], rows)
        if done.differences:
            say(f"{len(done.differences)} tables came out otherwise than they were.")
        else:
            say(f"Every table is what it was, {done.events:,} rows of live events included, {done.seconds:.1f} s.")
    if done.differences:
        raise typer.Exit(GATE)


def backup_command(
    to: BackupArgument,
    without_data: Annotated[
        bool, typer.Option("--without-data", help="Leave out the files that sources read; keep them yourself.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Only hold a copy that is there against its list.")] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy a project into a folder or archive, also while it is served; every file is read again and compared.

    The master key is not in the copy: without it the people in it cannot be read. Keep it elsewhere.

    Example: habitue backup /backups/shop.tar.gz
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.backing_up import back_up, data_files, verify_backup

    if verify:
        done = verify_backup(to)
    else:
        folder = project_folder(project)
        left_out = data_files(folder) if without_data else ()
        done = back_up(folder, to, now=system_surroundings().clock(), without=left_out)
    if as_json:
        print_json(done)
        return
    say(_sentence(done))
    remark(f"The master key {done.vault}.key is not in it: keep it elsewhere.", quiet=quiet or not done.vault)


def restore_command(
    place: BackupArgument,
    directory: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="The folder it becomes; nothing may be there.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Put a copy back where nothing is, and erase again whoever was erased since it was made.

    Example: habitue restore /backups/shop.tar.gz --dir shop
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.restoring import restore

    to = directory or Path(place.name.removesuffix(".gz").removesuffix(".tgz").removesuffix(".tar"))
    done = restore(place, to, around=system_surroundings())
    if as_json:
        print_json(done)
        return
    say(f"Restored {done.backup.files:,} files into {done.backup.place}, as of {day(done.backup.made_at)} UTC.")
    if done.erased_again:
        say(f"Erased again: {done.erased_again:,} records of people who were erased since.")
    if done.needs_key:
        say(f"The master key is missing: put {done.needs_key} in its place first.")
    remark(f"Now: habitue build --project {done.backup.place}", quiet=quiet)


def doctor_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Look at every part of a project: files, key, log, databases, tables, disk, permissions, locks.

    Exit code 3 where something is broken. It changes nothing, and may run beside `habitue serve`.

    Example: habitue doctor
    """
    from habitue.cli.clock import system_surroundings
    from habitue.run.doctoring import examine

    found = examine(project_folder(project), system_surroundings())
    broken = sum(each.status == "fail" for each in found)
    if as_json:
        print_json({"healthy": not broken, "findings": found})
    else:
        rows = [(each.part, _SIGNS[each.status], " ".join(filter(None, (each.said, each.do)))) for each in found]
        print_table(["part", "", "found"], rows)
        warned = sum(each.status == "warn" for each in found)
        remark("All is well." if not broken + warned else f"{broken} broken, {warned} to look at.", quiet=quiet)
    if broken:
        raise typer.Exit(GATE)


def _sentence(done: "Backup") -> str:
    return (
        f"{done.place}: {done.files:,} files, {done.bytes / (1 << 20):,.1f} MiB, made {day(done.made_at)} UTC, whole."
    )
