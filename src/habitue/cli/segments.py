"""`habitue segments`: who is in which group, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.drawing import bar, paragraph, print_table
from habitue.cli.listing import SegmentLine, print_segments
from habitue.cli.opening import open_workspace, pointing
from habitue.cli.options import AsOfOption, JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import count, day, print_json, remark, say, share, value_text

if TYPE_CHECKING:
    from habitue.run.explaining import Explanation
    from habitue.segments.history import SegmentBuild
    from habitue.segments.preview import Preview

segments = typer.Typer(help="Who is in which group, and why.", no_args_is_help=True, rich_markup_mode=None)
_MOST_PAIRS = 40
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a segment, as `segments list` prints it.")]
RuleArgument = Annotated[str, typer.Argument(metavar="EXPR", help="A rule; put it in double quotes.")]


@segments.command("list", short_help="The segments with size, share and meaning.")
def list_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the segments with size, share, purpose and meaning.

    Example: habitue segments list --json
    """
    from habitue.run.segments import list_segments

    with open_workspace(project) as workspace:
        entries = list_segments(workspace)
    if as_json:
        print_json(entries)
        return
    if not entries:
        say("No segments yet. Put one into segments/, for example:\n")
        say("  segment: recent_buyers\n  rule: did('Order Completed', last='30d')\n")
        return
    print_segments([SegmentLine.of(each) for each in entries])
    if any(each.customers is None for each in entries):
        remark("Sizes are missing: run `habitue build`.", quiet=quiet)


@segments.command("show", short_help="One segment whole: rule, meaning, size, movement.")
def show_command(
    name: NameArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Show one segment whole: rule, meaning, size, and its movement at the last builds.

    Example: habitue segments show champions
    """
    from habitue.run.segments import list_history, show_segment

    with open_workspace(project) as workspace:
        entry = show_segment(workspace, name)
        history = list_history(workspace, name)
    if as_json:
        print_json({"segment": entry, "history": history})
        return
    say(f"{entry.label or entry.name}: {count(entry.customers) or 'not built'} {share(entry.share)}".rstrip())
    for text in (entry.description, entry.words, f"Rule: {entry.rule}"):
        for line in paragraph(text, indent=2):
            say(line)
    if entry.purpose:
        say(f"  Only people who consent to {entry.purpose}.")
    if history and not quiet:
        _print_history(history[-10:])


@segments.command("describe", short_help="Say in words what a rule means.")
def describe_command(
    expr: RuleArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Say in words what a rule means, and give its tree with --json. Nothing is computed.

    Example: habitue segments describe "count('Order Completed', last='90d') >= 3"
    """
    del quiet
    from habitue.run.describing import describe_rule

    with pointing(expr, as_json=as_json):
        described = describe_rule(project, expr)
    if as_json:
        print_json(described)
        return
    for line in [*paragraph(described.words), *paragraph(described.rule, indent=2)]:
        say(line)


@segments.command("preview", short_help="Count whom a rule would select, and each of its parts.")
def preview_command(
    expr: RuleArgument,
    project: ProjectOption = None,
    as_of: AsOfOption = None,
    sample: Annotated[int, typer.Option(min=0, max=10_000, help="How many ids to show.")] = 10,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Count whom a rule would select, and how many each of its parts holds for.

    Example: habitue segments preview "count('Order Completed', last='90d') >= 3"
    """
    with open_workspace(project) as workspace, pointing(expr, as_json=as_json):
        found = workspace.preview(expr, as_of=workspace.instant(as_of), sample=sample)
    if as_json:
        print_json(_preview_json(found))
        return
    for line in paragraph(found.words):
        say(line)
    say(f"{found.customers:,} of {found.of:,} ({share(found.share)}) as of {day(found.as_of)} UTC")
    if len(found.leaves) > 1:
        rows = [(each.rule, count(each.customers), bar(each.customers, found.of, room=12)) for each in found.leaves]
        print_table(["part", "customers#", ""], rows)
    if found.sample and not quiet:
        say(f"For example: {', '.join(found.sample)}")


def _preview_json(found: "Preview") -> dict[str, object]:
    return {
        "rule": found.rule,
        "words": found.words,
        "as_of": found.as_of,
        "customers": found.customers,
        "of": found.of,
        "share": found.share,
        "sample": found.sample,
        "leaves": found.leaves,
    }


@segments.command("members", short_help="The members of a segment, a page at a time.")
def members_command(
    name: NameArgument,
    project: ProjectOption = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 1000,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="`next_cursor` of the page before.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the members of a segment by id, a page at a time.

    Example: habitue segments members champions --limit 100
    """
    from habitue.run.segments import list_members

    with open_workspace(project) as workspace:
        page = list_members(workspace, name, after=after, limit=limit)
    if as_json:
        print_json(page)
        return
    for customer in page.customers:
        say(customer)
    if page.next_cursor is not None:
        remark(f"There are more: --after {page.next_cursor}", quiet=quiet)


@segments.command("explain", short_help="Prove why somebody is in or not, since when, until when.")
def explain_command(
    name: NameArgument,
    customer: Annotated[str, typer.Argument(help="An id, user_id:42, or a trait and its value: email:ann@example.com")],
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Prove why somebody is in a segment or not, since when, and when that changes if nothing happens.

    Example: habitue segments explain champions user_id:13085
    """
    del quiet
    from habitue.run.customers import find_customer
    from habitue.run.explaining import explain

    with open_workspace(project) as workspace:
        found = explain(workspace, name, find_customer(workspace, customer))
    if as_json:
        print_json(found)
        return
    _print_explanation(found)


def _print_explanation(found: "Explanation") -> None:
    inside = "is in" if found.member else "is not in"
    say(f"{found.customer} {inside} {found.segment} as of {day(found.as_of)} UTC.")
    for line in paragraph(found.words, indent=2):
        say(line)
    say(f"  since: {day(found.since) or 'as long as can be told'}")
    say(f"  changes if nothing happens: {day(found.changes_at) or 'never'}")
    rows = [
        (
            "yes" if each.holds else "no",
            value_text(each.value, each.kind),
            f"{each.event_count:,}" if each.event_count else "",
            day(each.since),
            day(each.changes_at),
        )
        for each in found.leaves
    ]
    say("")
    columns = ["holds", "value#", "events#", "since", "changes"]
    print_table(columns, rows, notes=[f"{each.words}" for each in found.leaves])


@segments.command("overlap", short_help="How many customers every two segments share.")
def overlap_command(project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False) -> None:
    """Show how many customers every two segments share, the most alike first.

    Example: habitue segments overlap
    """
    from habitue.run.segments import list_overlaps

    with open_workspace(project) as workspace:
        pairs = list_overlaps(workspace)
    if as_json:
        print_json(pairs)
        return
    if not pairs:
        say("No two segments share anybody (or nothing was built yet).")
        return
    alike = sorted(pairs, key=lambda each: -each.jaccard)[:_MOST_PAIRS]
    rows = [
        (each.one, each.other, count(each.customers), share(each.jaccard), bar(each.jaccard, 1, room=10))
        for each in alike
    ]
    print_table(["segment", "and", "in both#", "alike#", ""], rows)
    if len(pairs) > len(alike):
        remark(f"{len(pairs) - len(alike):,} pairs less alike are left out; --json lists all.", quiet=quiet)


@segments.command("history", short_help="Size and movement of a segment at every build.")
def history_command(
    name: NameArgument, project: ProjectOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Show the size and movement of a segment at every build.

    Example: habitue segments history champions
    """
    del quiet
    from habitue.run.segments import list_history

    with open_workspace(project) as workspace:
        builds = list_history(workspace, name)
    if as_json:
        print_json(builds)
        return
    if not builds:
        say("Not built yet: run `habitue build`.")
        return
    _print_history(builds)


def _print_history(builds: "list[SegmentBuild]") -> None:
    rows = []
    before = ""
    largest = max(each.customers for each in builds)
    for each in builds:
        changed = "rule changed" if before and each.rule != before else ""
        size = bar(each.customers, largest, room=20)
        rows.append((day(each.as_of), count(each.customers), f"+{each.entered:,}", f"-{each.left:,}", size, changed))
        before = each.rule
    print_table(["as of (UTC)", "customers#", "entered#", "left#", "", ""], rows)
