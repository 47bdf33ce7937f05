"""`habitue privacy export|erase|retention|records|rotate`: what people may ask for, and what the law asks for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, day, print_json, remark, say

if TYPE_CHECKING:
    from habitue.run.erasing import Erasure


def register(app: typer.Typer) -> None:
    """Add the commands to a group."""
    app.command("export", short_help="Everything known of somebody, as a zip of JSON and CSV.")(export_command)
    app.command("erase", short_help="Erase somebody for good, everywhere.")(erase_command)
    app.command("retention", short_help="How long data stays, and what is too old.")(retention_command)
    app.command("records", short_help="The processing register and an impact assessment to fill in.")(records_command)
    app.command("rotate", short_help="Put a new master key in place of the present one.")(rotate_command)


def export_command(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="An id, user_id:42, email:…")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE.zip", help="The archive to write.")],
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write everything that is known of somebody: what was given, what was made of it, and why. It is audited.

    Example: habitue privacy export user_id:42 --to answer.zip
    """
    from habitue.run.auditing import terminal_actor
    from habitue.run.customers import find_customer
    from habitue.run.exporting import export_person

    with open_workspace(project) as workspace:
        actor = terminal_actor(workspace.around.environ)
        done = export_person(workspace, find_customer(workspace, customer), to, actor=actor)
    if as_json:
        print_json(done)
        return
    rows = [(f"{each.store}: {each.table}", count(each.rows), each.file) for each in done.tables if each.rows]
    print_table(["table", "rows#", "file"], rows)
    say(f"{to} holds all of it, as JSON and as CSV; manifest.json says what each file is.")
    remark("It holds personal data in the clear: hand it over safely, then delete it.", quiet=quiet)


def erase_command(
    customers: Annotated[
        list[str] | None, typer.Argument(metavar="[CUSTOMER]...", help="An id, user_id:42, email:…")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="More of them, one a line: one order for all.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Erase somebody for good: key, identifiers, rows, links, consents, history. It cannot be taken back.

    Example: habitue privacy erase user_id:42 --dry-run
    """
    from habitue.run.auditing import terminal_actor
    from habitue.run.erasing import erase

    wanted = [*(customers or []), *(_lines(file) if file is not None else [])]
    if not wanted:
        raise typer.BadParameter("Name whom to erase.")
    with open_workspace(project) as workspace:
        actor = terminal_actor(workspace.around.environ)
        done = erase(workspace, wanted, actor=actor, dry_run=dry_run)
    if as_json:
        print_json(done)
        return
    _print_erasure(done, quiet=quiet)


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise typer.BadParameter(f"{file.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file.name} is not text in UTF-8.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _print_erasure(done: "Erasure", *, quiet: bool) -> None:
    whom = done.subject if len(done.subjects) == 1 else f"{len(done.subjects):,} people"
    say(f"{whom or 'This person'}: {done.state}" + (f", order {done.request_id}" if done.request_id else ""))
    rows = [(each.store, count(each.rows), each.proof) for each in done.stores]
    print_table(["store", "rows#", "what became of them"], rows)
    for model in done.models:
        say(f"The model {model.model} may have learned from them: train it anew by {day(model.retrain_by)[:10]}.")
    for each in done.recipients:
        say(f"{each.what} was given to {each.target} ({each.kind}, {day(each.given_at)}): tell them.")
    if any(each.store.startswith("source file") and each.rows for each in done.stores):
        remark("Rows in your own source files stay, and are left out whenever they are read.", quiet=quiet)
    if done.state == "erased":
        remark("Places among customers are counted anew by the next `habitue build`.", quiet=quiet)


def retention_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List how long data stays, by table of events and class of data, and what is too old now.

    Every build takes out what is too old. Example: habitue privacy retention
    """
    from habitue.run.retention import list_retention

    with open_workspace(project) as workspace:
        found = list_retention(workspace.project, workspace.stores, now=workspace.clock())
    if as_json:
        print_json(found)
        return
    rows = [
        (each.about, each.rule or "-", each.keep or "no rule", each.purpose, count(each.rows), count(each.gone))
        for each in found
    ]
    print_table(["about", "rule", "keep", "purpose", "rows#", "too old#"], rows)
    if any(each.gone for each in found):
        remark("`habitue build` takes out what is too old.", quiet=quiet)
    if any(not each.rule for each in found):
        remark("What has no rule stays for ever: declare one in policies/.", quiet=quiet)


def records_command(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Write register.jsonld, register.md and dpia.md there.")
    ] = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the register of processing (GDPR article 30) out of the catalogue of personal data.

    Example: habitue privacy records --to register/
    """
    from habitue.cli.opening import project_folder
    from habitue.run.project import read_project
    from habitue.run.records import processing_register, write_register

    register = processing_register(read_project(project_folder(project)))
    files = [] if to is None else write_register(register, to)
    if as_json:
        print_json({"register": register.document, "files": files})
        return
    if to is None:
        say(register.page)
        return
    say(f"{to} holds {', '.join(path.name for path in files)}.")
    remark("Fill in what only you know: the controller, recipients, and the assessment's judgements.", quiet=quiet)


def rotate_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Put a new master key in place of the present one; every person's key is kept under the new one.

    Example: habitue privacy rotate
    """
    from habitue.cli.clock import system_surroundings
    from habitue.cli.opening import project_folder
    from habitue.run.rotating import rotate_master_key

    done = rotate_master_key(project_folder(project), system_surroundings())
    if as_json:
        print_json(done)
        return
    say(f"The keys of {done.people:,} records are under a new master key, in {done.place}.")
    remark("Back it up apart from the project; copies of the project from before need the old key.", quiet=quiet)
