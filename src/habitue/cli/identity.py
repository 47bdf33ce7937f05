"""`habitue identity`: who is who, and what people decide about it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import paragraph, print_table
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, day, print_json, remark, say, share
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from habitue.identity.evaluate import Evaluation
    from habitue.run.deciding import AskedPair, Decided, RulePlan
    from habitue.run.identity_truth import TruthScore
    from habitue.run.person_records import PersonShown

identity = typer.Typer(help="Who is who: merge, unmerge, review.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 20
CustomerArgument = Annotated[
    str, typer.Argument(help="An id, or an identifier: user_id:42, email:ann@example.com", metavar="CUSTOMER")
]
NoBuildOption = Annotated[
    bool, typer.Option("--no-build", help="Only store the decision; the next build makes everything follow.")
]


@identity.command("show", short_help="The records of a customer and what joins them.")
def show_command(
    customer: CustomerArgument,
    project: ProjectOption = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Show identifiers as written; that goes into the audit log.")
    ] = False,
    as_role: AsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show the records of a customer and what joins them: identifiers, likeness, decisions with their numbers.

    Example: habitue identity show user_id:C45214954
    """
    from habitue.run.person_records import show_person
    from habitue.run.personal_reads import seen_customer

    with open_workspace(project) as workspace:
        meant = seen_customer(workspace, access_for(workspace, as_role), customer)
        shown = show_person(workspace, meant, clear=clear)
    if as_json:
        print_json(shown)
        return
    _print_person(shown)
    if not clear:
        remark("Identifiers are counted only; --clear shows them.", quiet=quiet)


def _print_person(shown: "PersonShown") -> None:
    records = len(shown.records)
    say(f"{shown.customer}: {records:,} record{'' if records == 1 else 's'}")
    rows = []
    for each in shown.records:
        said = ", ".join(f"{name} {number}" for name, number in each.kinds.items())
        rows.append((each.record, ", ".join(each.sources), said))
    notes = [
        "; ".join(f"{name}: {', '.join(values)}" for name, values in (each.identifiers or {}).items())
        for each in shown.records
    ]
    print_table(["record", "said by", "identifiers"], rows, notes=notes if any(notes) else ())
    if not shown.links:
        say("Nothing joins it with another record.")
        return
    say("")
    lines = [
        (
            each.left,
            each.right,
            each.rule,
            each.state,
            share(each.probability),
            day(each.decided_at)[:10],
            each.decided_by,
            count(each.decision),
        )
        for each in shown.links
    ]
    print_table(["record", "and", "by", "says", "sure#", "since", "who", "decision#"], lines)


@identity.command("merge", short_help="Make two customers one.")
def merge_command(
    one: CustomerArgument,
    other: Annotated[str, typer.Argument(help="Another customer.", metavar="CUSTOMER")],
    project: ProjectOption = None,
    no_build: NoBuildOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make two customers one, for good: no rule and no new data parts them. `unmerge` takes it back.

    Example: habitue identity merge user_id:42 user_id:77
    """
    from habitue.run.deciding import merge_people

    with watching(quiet=quiet or as_json) as progress, open_workspace(project) as workspace:
        decided = merge_people(workspace, one, other, build=not no_build, progress=progress)
    _print_decided(decided, as_json=as_json, quiet=quiet)


@identity.command("unmerge", short_help="Take a customer apart again.")
def unmerge_command(
    customer: CustomerArgument,
    record: Annotated[
        list[str] | None,
        typer.Option("--record", metavar="ID", help="A record that is somebody else, for good; may be repeated."),
    ] = None,
    decision: Annotated[
        int | None, typer.Option("--decision", min=1, metavar="N", help="Take back this decision, by its number.")
    ] = None,
    project: ProjectOption = None,
    no_build: NoBuildOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Take back the newest merge within a customer, or a decision by its number, or part records from it for good.

    Afterwards everything is as it would have been without the merge: features, memberships with their dates, consents.

    Example: habitue identity unmerge user_id:42 --record user_id:77
    """
    from habitue.run.deciding import unmerge_people

    if record and decision is not None:
        raise typer.BadParameter("Give --record or --decision, not both.")
    with watching(quiet=quiet or as_json) as progress, open_workspace(project) as workspace:
        decided = unmerge_people(
            workspace, customer, records=record or (), decision=decision, build=not no_build, progress=progress
        )
    _print_decided(decided, as_json=as_json, quiet=quiet)


@identity.command("review", short_help="Records that may be one person, for you to say.")
def review_command(
    accept: Annotated[
        tuple[str, str] | None, typer.Option("--accept", metavar="RECORD RECORD", help="They are one person.")
    ] = None,
    refuse: Annotated[
        tuple[str, str] | None, typer.Option("--refuse", metavar="RECORD RECORD", help="They never are one person.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = _SHOWN,
    project: ProjectOption = None,
    no_build: NoBuildOption = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List pairs of records that likeness alone does not settle, side by side, the most likely first; or answer one.

    What both records say is personal: showing it goes into the audit log.

    Example: habitue identity review --accept c0f3a1b2c4d5e6f7 c9a8b7c6d5e4f3a2
    """
    from habitue.run.deciding import answer_pair, asked_pairs

    if accept is not None and refuse is not None:
        raise typer.BadParameter("Answer one pair at a time: --accept or --refuse.")
    with watching(quiet=quiet or as_json) as progress, open_workspace(project) as workspace:
        if accept is None and refuse is None:
            pairs, decided = asked_pairs(workspace, limit=limit), None
        else:
            left, right = accept or refuse or ("", "")
            same = accept is not None
            pairs = []
            decided = answer_pair(workspace, left, right, same=same, build=not no_build, progress=progress)
    if decided is not None:
        _print_decided(decided, as_json=as_json, quiet=quiet)
    elif as_json:
        print_json(pairs)
    else:
        _print_pairs(pairs, quiet=quiet)


def _print_pairs(pairs: "Sequence[AskedPair]", *, quiet: bool) -> None:
    if not pairs:
        say("Nothing to review: no two records lie between the thresholds of matching.")
        return
    for each in pairs:
        say(f"{share(each.probability)} sure: {each.left} and {each.right}")
        rows = [
            (name, one or "", other or "", "same" if one == other else "") for name, (one, other) in each.traits.items()
        ]
        print_table(["", "one", "other", ""], rows)
        say("")
    remark("Answer with: habitue identity review --accept RECORD RECORD (or --refuse)", quiet=quiet)


@identity.command("evaluate", short_help="Hold who is who against a file of the truth.")
def evaluate_command(
    truth: Annotated[
        Path,
        typer.Option(
            "--truth",
            metavar="FILE",
            help="A CSV with person_id and customer_id, or the name of a kind of identifiers.",
        ),
    ],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Measure an exact rule and plain Splink beside it; slower.")
    ] = False,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Hold who is who against a file that says who people are: precision, recall and F1 over pairs of records.

    Example: habitue identity evaluate --truth truth/records.csv --baselines
    """
    from habitue.run.identity_truth import evaluate_people

    with watching(quiet=quiet or as_json) as progress, open_workspace(project) as workspace:
        report = evaluate_people(workspace, truth, baselines=baselines, progress=progress)
    if as_json:
        print_json({"persons": report.persons, "matching": _matching_json(report.matching)})
        return
    _print_score(report.persons)
    if report.matching is None:
        remark("Nothing is matched by likeness: declare `matching:` in identity/*.yaml.", quiet=quiet)
        return
    _print_matching(report.matching)


def _matching_json(found: "Evaluation | None") -> "dict[str, object] | None":
    if found is None:
        return None
    methods = [
        {
            "name": each.name,
            "links": {"precision": each.links.precision, "recall": each.links.recall, "f1": each.links.f1},
            "persons": {"precision": each.persons.precision, "recall": each.persons.recall, "f1": each.persons.f1},
            "exact": each.exact,
            "largest": each.largest,
        }
        for each in found.methods
    ]
    return {
        "records": found.records,
        "compared": found.compared,
        "blocking_recall": found.blocking_recall,
        "estimated_recall": found.estimated_recall,
        "refused": found.refused,
        "model": found.model,
        "methods": methods,
    }


def _print_score(score: "TruthScore") -> None:
    text = (
        f"{score.records:,} records of {score.persons:,} people, found as {score.found:,}."
        f" Of {score.pairs:,} pairs that are one person {share(score.recall)} were joined,"
        f" and {share(score.precision)} of the joined ones are right (F1 {score.f1:.3f})."
        f" {share(score.exact)} of the people have exactly their records; the largest has {score.largest:,}."
    )
    for line in paragraph(text, indent=0):
        say(line)
    if score.unknown:
        say(f"{score.unknown:,} rows of the file name nobody here.")


def _print_matching(found: "Evaluation") -> None:
    told = f" (estimated without the truth: {share(found.estimated_recall)})" if found.estimated_recall else ""
    say("")
    for line in paragraph(
        f"By likeness alone: {found.compared:,} pairs of {found.records:,} records compared, among them"
        f" {share(found.blocking_recall)} of those that are one person{told}.",
        indent=0,
    ):
        say(line)
    rows = [
        (
            each.name,
            *(f"{value:.3f}" for value in (each.links.precision, each.links.recall, each.links.f1)),
            *(f"{value:.3f}" for value in (each.persons.precision, each.persons.recall, each.persons.f1)),
            count(each.largest),
        )
        for each in found.methods
    ]
    print_table(["", "links P#", "R#", "F1#", "people P#", "R#", "F1#", "largest#"], rows)


@identity.command("plan", short_help="Who would merge or split by changed rules; nothing is stored.")
def plan_command(
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="How many people to list.")] = _SHOWN,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Try the rules of identity/*.yaml as they are written now: who would merge or split. Nothing is stored.

    Example: habitue identity plan
    """
    from habitue.run.deciding import plan_rules

    with watching(quiet=quiet or as_json) as progress, open_workspace(project) as workspace:
        plan = plan_rules(workspace, progress=progress)
    if as_json:
        print_json(plan)
        return
    _print_plan(plan, limit)


def _print_plan(plan: "RulePlan", limit: int) -> None:
    links = ", ".join(f"{name} {number:,}" for name, number in plan.links.items() if number) or "none"
    say(f"{plan.records:,} records; links: {links}; to review: {plan.to_review:,}.")
    for namespace, values, most in plan.blocked:
        say(f"Blocked: {values:,} values of {namespace}, the most shared one by {most:,} records.")
    for reason, number in plan.refused.items():
        say(f"Refused by guards ({reason}): {number:,} links.")
    if not plan.merged and not plan.split:
        say("Nobody would merge or split.")
        return
    say(f"{len(plan.merged):,} people would take in others, {len(plan.split):,} would be divided:")
    for word, groups in (("merged", plan.merged), ("split", plan.split)):
        for person, *others in groups[:limit]:
            say(f"  {word}  {person} {'<-' if word == 'merged' else '->'} {', '.join(others)}")
        if len(groups) > limit:
            say(f"  … {len(groups) - limit:,} more {word}; --limit or --json shows them.")


def _print_decided(decided: "Decided", *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(decided)
        return
    for person, *others in decided.merged:
        say(f"{person} takes in {', '.join(others)}.")
    for person, *parts in decided.split:
        say(f"{person} is divided: {', '.join(parts)}.")
    if not decided.merged and not decided.split:
        say("The decision is stored; nobody becomes somebody else by it now.")
    if decided.build is None:
        remark("Rows, features and memberships follow with `habitue build`.", quiet=quiet)
        return
    for step in decided.build.steps:
        if step.name == "history":
            say(f"  {step.note}")
