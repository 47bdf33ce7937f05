"""`habitue segments`: who is in which group, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli import segments_parity, segments_watch
from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import bar, paragraph, print_table
from habitue.cli.listing import SegmentLine, print_segments
from habitue.cli.opening import open_workspace, pointing
from habitue.cli.options import AsOfOption, JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import FEW, count, day, few, print_json, remark, remark_hidden, say, share, value_text
from habitue.records.permissions import Permission

if TYPE_CHECKING:
    from habitue.run.explaining import Explanation
    from habitue.run.personal_reads import MembersShown
    from habitue.run.segments import Members, Move
    from habitue.run.viewing import SeenBuild

segments = typer.Typer(help="Who is in which group, and why.", no_args_is_help=True, rich_markup_mode=None)
segments_parity.register(segments)
segments_watch.register(segments)
_MOST_PAIRS = 40
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a segment, as `segments list` prints it.")]
RuleArgument = Annotated[str, typer.Argument(metavar="EXPR", help="A rule; put it in double quotes.")]


@segments.command("list", short_help="The segments with size, share and meaning.")
def list_command(
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the segments with size, share, purpose and meaning.

    Example: habitue segments list --json
    """
    from habitue.run.segments import list_segments
    from habitue.run.viewing import view_segments

    with open_workspace(project) as workspace:
        entries = view_segments(workspace, access_for(workspace, as_role), list_segments(workspace))
    if as_json:
        print_json(entries)
        return
    if not entries:
        say("No segments yet. Put one into segments/, for example:\n")
        say("  segment: recent_buyers\n  rule: did('Order Completed', last='30d')\n")
        return
    print_segments([SegmentLine.of(each, hidden=each.hidden) for each in entries])
    if any(each.customers is None and not each.hidden for each in entries):
        remark("Sizes are missing: run `habitue build`.", quiet=quiet)
    remark_hidden(any(each.hidden for each in entries), quiet=quiet)


@segments.command("show", short_help="One segment whole: rule, meaning, size, movement.")
def show_command(
    name: NameArgument,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show one segment whole: rule, meaning, size, and its movement at the last builds.

    Example: habitue segments show champions
    """
    from habitue.run.segments import list_history, show_segment
    from habitue.run.viewing import view_history, view_segments

    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        (entry,) = view_segments(workspace, access, [show_segment(workspace, name)])
        history = view_history(access, list_history(workspace, name), hidden=entry.hidden)
    if as_json:
        print_json({"segment": entry, "history": history})
        return
    size = FEW if entry.hidden else count(entry.customers) or "not built"
    say(f"{entry.label or entry.name}: {size} {share(entry.share)}".rstrip())
    for text in (entry.description, entry.words, f"Rule: {entry.rule}"):
        for line in paragraph(text, indent=2):
            say(line)
    if entry.purpose:
        say(f"  Only people who consent to {entry.purpose}.")
    if history and not quiet:
        _print_history(history[-10:])
    remark_hidden(entry.hidden or any(each.customers is None for each in history), quiet=quiet)


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
    as_role: AsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Count whom a rule would select, and how many each of its parts holds for.

    Example: habitue segments preview "count('Order Completed', last='90d') >= 3"
    """
    with open_workspace(project) as workspace, pointing(expr, as_json=as_json):
        from habitue.run.viewing import view_preview

        whole = workspace.preview(expr, as_of=workspace.instant(as_of), sample=sample)
        found = view_preview(access_for(workspace, as_role), whole)
    if as_json:
        print_json(found)
        return
    for line in paragraph(found.words):
        say(line)
    about = "about " if found.rounded else ""
    size = f"{about}{few(found.customers)} of {about}{few(found.of)}"
    say(f"{size} {f'({share(found.share)}) ' if found.share is not None else ''}as of {day(found.as_of)} UTC")
    if len(found.leaves) > 1:
        most = found.of or 0
        rows = [(each.rule, few(each.customers), bar(each.customers or 0, most, room=12)) for each in found.leaves]
        print_table(["part", "customers#", ""], rows)
    if found.sample and not quiet:
        say(f"For example: {', '.join(found.sample)}")
    remark_hidden(found.customers is None or any(each.customers is None for each in found.leaves), quiet=quiet)


@segments.command("members", short_help="The members of a segment, a page at a time.")
def members_command(
    name: NameArgument,
    show: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Identifiers and personal traits in the clear: user_id,email."),
    ] = None,
    purpose: Annotated[
        str, typer.Option(metavar="PURPOSE", help="What --show is for; only people with a basis for it are shown.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 1000,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="`next_cursor` of the page before.")] = None,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the members of a segment by id, a page at a time; with --show in the clear, written to the audit log.

    Example: habitue segments members champions --show user_id,email --purpose marketing_email
    """
    from habitue.run.personal_reads import read_members, view_members

    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        page: Members | MembersShown = (
            view_members(workspace, access, name, after=after, limit=limit)
            if show is None
            else read_members(workspace, access, name, show=show.split(","), purpose=purpose, after=after, limit=limit)
        )
    if as_json:
        print_json(page)
        return
    _print_members(page, quiet=quiet)


def _print_members(page: "Members | MembersShown", *, quiet: bool) -> None:
    from habitue.run.personal_reads import MembersShown

    if isinstance(page, MembersShown):
        _print_people(page, quiet=quiet)
    else:
        for customer in page.customers:
            say(customer)
    if page.next_cursor is not None:
        remark(f"There are more: --after {page.next_cursor}", quiet=quiet)


def _print_people(page: "MembersShown", *, quiet: bool) -> None:
    if page.people:
        columns = list(page.people[0].values)
        rows = [(each.customer, *(", ".join(each.values[name]) for name in columns)) for each in page.people]
        print_table(["customer", *columns], rows)
    else:
        say("Nobody here may be shown for this purpose." if page.customers else "Nobody is in it.")
    if page.withheld:
        remark(f"There is no basis for this purpose for {page.withheld:,} others.", quiet=quiet)


@segments.command("explain", short_help="Prove why somebody is in or not, since when, until when.")
def explain_command(
    name: NameArgument,
    customer: Annotated[str, typer.Argument(help="An id, user_id:42, or a trait and its value: email:ann@example.com")],
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Prove why somebody is in a segment or not, since when, and when that changes if nothing happens.

    Example: habitue segments explain champions user_id:13085
    """
    del quiet
    from habitue.run.personal_reads import view_explanation

    with open_workspace(project) as workspace:
        found = view_explanation(workspace, access_for(workspace, as_role), name, customer)
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
def overlap_command(
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show how many customers every two segments share, the most alike first.

    Example: habitue segments overlap
    """
    from habitue.run.segments import list_overlaps
    from habitue.run.viewing import view_overlaps

    with open_workspace(project) as workspace:
        pairs = view_overlaps(workspace, access_for(workspace, as_role), list_overlaps(workspace))
    if as_json:
        print_json(pairs)
        return
    if not pairs:
        say("No two segments share anybody (or nothing was built yet).")
        return
    alike = sorted(pairs, key=lambda each: -(each.jaccard or 0))[:_MOST_PAIRS]
    rows = [
        (each.one, each.other, few(each.customers), share(each.jaccard), bar(each.jaccard or 0, 1, room=10))
        for each in alike
    ]
    print_table(["segment", "and", "in both#", "alike#", ""], rows)
    if len(pairs) > len(alike):
        remark(f"{len(pairs) - len(alike):,} pairs less alike are left out; --json lists all.", quiet=quiet)
    remark_hidden(any(each.customers is None for each in pairs), quiet=quiet)


@segments.command("history", short_help="Size and movement of a segment at every build, or person by person.")
def history_command(
    name: NameArgument,
    moves: Annotated[
        int, typer.Option(min=0, max=10_000, help="Show instead so many of the people who entered or left last, live.")
    ] = 0,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show the size and movement of a segment at every build; with --moves, who entered and left it live.

    Example: habitue segments history champions
    Example: habitue segments history champions --moves 20
    """
    from habitue.run.segments import list_history, list_moves, show_segment
    from habitue.run.viewing import view_history, view_segments

    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        if moves:
            access.need(Permission.SEE_PEOPLE)
            _show_moves(list_moves(workspace, name, limit=moves), as_json=as_json)
            return
        (entry,) = view_segments(workspace, access, [show_segment(workspace, name)])
        builds = view_history(access, list_history(workspace, name), hidden=entry.hidden)
    if as_json:
        print_json(builds)
        return
    if not builds:
        say("Not built yet: run `habitue build`.")
        return
    _print_history(builds)
    remark_hidden(any(each.customers is None for each in builds), quiet=quiet)


def _show_moves(found: "list[Move]", *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif not found:
        say("Nobody entered or left it live so far.")
    else:
        rows = [
            (f"{each.at:%Y-%m-%d %H:%M:%S}", each.customer, "entered" if each.entered else "left", each.cause)
            for each in found
        ]
        print_table(["at (UTC)", "customer", "", "by"], rows)


def _print_history(builds: "list[SeenBuild]") -> None:
    rows = []
    before = ""
    largest = max(each.customers or 0 for each in builds)
    for each in builds:
        changed = "rule changed" if before and each.rule != before else ""
        size = bar(each.customers or 0, largest, room=20)
        moved = (f"+{few(each.entered)}", f"-{few(each.left)}")
        rows.append((day(each.as_of), few(each.customers), *moved, size, changed))
        before = each.rule
    print_table(["as of (UTC)", "customers#", "entered#", "left#", "", ""], rows)
