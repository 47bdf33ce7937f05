"""`habitue privacy consent`: what one person allows, and putting on record what they say."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import print_table
from habitue.cli.opening import open_workspace
from habitue.cli.options import TIMES, JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import day, print_json, remark, say

if TYPE_CHECKING:
    from habitue.run.consenting import ConsentOverview, Word

_SHOWN = 30


def register(app: typer.Typer) -> None:
    """Add the command to a group."""
    app.command("consent", short_help="What somebody allows; record what they say.")(ConsentCommand)


@dataclass(frozen=True, kw_only=True)
class ConsentCommand:
    """Show what a person allows and everything they said about it, or put on record what they say.

    What is said counts in every answer before this command ends.

    Example: habitue privacy consent user_id:42 --withdraw marketing_email --source "telephone"
    """

    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="An id, user_id:42, email:ann@example.com …")]
    give: Annotated[str, typer.Option(metavar="PURPOSE", help="They agree to it.")] = ""
    withdraw: Annotated[str, typer.Option(metavar="PURPOSE", help="They take their consent back.")] = ""
    reject: Annotated[str, typer.Option("--object", metavar="PURPOSE", help="They object to it.")] = ""
    restrict: Annotated[bool, typer.Option("--restrict", help="Keep their data, and use it for nothing.")] = False
    lift: Annotated[bool, typer.Option("--lift", help="End that restriction.")] = False
    occurred_at: Annotated[
        datetime | None,
        typer.Option("--at", metavar="T", formats=TIMES, help="When they said it, if not now; never later than now."),
    ] = None
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where they said it: a form, a letter, a call.")] = ""
    text_version: Annotated[str, typer.Option(metavar="TEXT", help="The wording they were shown.")] = ""
    region: Annotated[str, typer.Option(metavar="REGION", help="Where they were: us-ca, ch …")] = ""
    project: ProjectOption = None
    as_json: JsonOption = False
    quiet: QuietOption = False

    def __post_init__(self) -> None:
        """Do it."""
        from habitue.run.consenting import record_consent, show_consent
        from habitue.run.customers import find_speaker, records_meant

        said = self._said()
        with open_workspace(self.project) as workspace:
            person = find_speaker(workspace, self.customer)
            if said is None:
                found = show_consent(workspace, person)
            else:
                word = replace(said, occurred_at=workspace.instant(self.occurred_at))
                records = records_meant(workspace, self.customer)
                found = record_consent(workspace, person, word, records=records)
        if self.as_json:
            print_json(found)
            return
        _print_overview(found)
        if said is not None:
            _print_effect(found, said, quiet=self.quiet)

    def _said(self) -> "Word | None":
        from habitue.govern.consent import ConsentState
        from habitue.run.consenting import Word

        about = {
            ConsentState.GIVEN: self.give,
            ConsentState.WITHDRAWN: self.withdraw,
            ConsentState.OBJECTED: self.reject,
            ConsentState.RESTRICTED: self.restrict,
            ConsentState.LIFTED: self.lift,
        }
        chosen = [state for state, each in about.items() if each]
        if not chosen:
            return None
        if len(chosen) > 1:
            raise typer.BadParameter("Say one thing at a time: --give, --withdraw, --object, --restrict or --lift.")
        return Word(
            state=chosen[0],
            purpose=self.give or self.withdraw or self.reject,
            source=self.source,
            text_version=self.text_version,
            region=self.region,
        )


def _print_overview(found: "ConsentOverview") -> None:
    if found.restricted:
        say("Their data is restricted: it is kept, and used for nothing.")
    rows = [
        (each.purpose, "yes" if each.allowed else "no", each.state or "nothing", day(each.since), each.basis)
        for each in found.purposes
    ]
    print_table(["purpose", "allowed", "said", "at (UTC)", "basis"], rows)
    if not found.entries:
        return
    say("")
    entries = [
        (day(each.occurred_at), each.purpose or "all use", each.state, each.strength, each.source, each.text_version)
        for each in found.entries[:_SHOWN]
    ]
    print_table(["at (UTC)", "purpose", "said", "strength", "where", "wording"], entries)
    if len(found.entries) > _SHOWN:
        say(f"{len(found.entries) - _SHOWN:,} older entries are left out; --json lists all.")


def _print_effect(found: "ConsentOverview", word: "Word", *, quiet: bool) -> None:
    say("")
    for entered, verb in ((False, "Left"), (True, "Entered")):
        names = [each.segment for each in found.turns if each.entered is entered]
        if names:
            say(f"{verb}: {', '.join(names)}.")
    mine = next((each for each in found.purposes if each.purpose == word.purpose), None)
    if mine is not None and mine.allowed and word.state.value in ("withdrawn", "objected"):
        remark(
            f"Their data may still be used for it: the basis is {mine.basis}, or something later counts.", quiet=quiet
        )
    elif mine is not None and not mine.allowed and word.state.value == "given":
        remark("A later refusal, or a restriction, still stands.", quiet=quiet)
