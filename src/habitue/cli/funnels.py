"""`habitue funnel`: how many people take steps one after the other."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import bar, print_table
from habitue.cli.measure_options import (
    EstimateOption,
    OfOption,
    PurposeOption,
    SinceOption,
    UntilOption,
    remark_estimate,
)
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import ago, few, print_json, remark, remark_hidden, say, share

if TYPE_CHECKING:
    from habitue.run.measuring_funnels import FunnelPeople, SeenFunnel

ORDERS = ("ordered", "strict", "any")
ValueOption: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="VALUE", help="With --people and --by: only people with this value; '' for without one."),
]
DroppedOption: TypeAlias = Annotated[
    bool, typer.Option("--dropped", help="With --people: those who took the step before, and not step N.")
]
AfterOption: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ID", help="With --people: go on after this id, the last of the page before.")
]


def register_funnels(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("funnel", short_help="How many people take steps one after the other.")(funnel)


def funnel(
    steps: Annotated[
        list[str],
        typer.Argument(metavar="STEP STEP…", help="Events, each as EVENT or 'EVENT where CONDITION'; two or more."),
    ],
    within: Annotated[
        str, typer.Option(metavar="7d", help="Longest time from the first step to the last; by default no limit.")
    ] = "",
    order: Annotated[
        str, typer.Option(metavar="ORDER", help="ordered; strict: nothing else between; any: in any order.")
    ] = "ordered",
    by: Annotated[
        str,
        typer.Option(metavar="DIM", help="Break down by a property of the first step, trait.NAME or segment.NAME."),
    ] = "",
    people: Annotated[
        int, typer.Option(min=0, metavar="N", help="List the people who took step N instead, by id.")
    ] = 0,
    dropped: DroppedOption = False,
    value: ValueOption = None,
    after: AfterOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="With --people: how many at most.")] = 1000,
    of: OfOption = "",
    purpose: PurposeOption = "",
    estimate: EstimateOption = False,
    since: SinceOption = None,
    until: UntilOption = None,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Count how many people take steps one after the other, how long it takes them, and who they are.

    Example: habitue funnel "Product Viewed" "Product Added" "Order Completed" --within 7d --by trait.country
    """
    from habitue.measure.funnels import Order
    from habitue.run.measuring_frame import Asked
    from habitue.run.measuring_funnels import FunnelAsked, funnel_people, measure_funnel
    from habitue.run.people_pages import Page

    if order not in ORDERS:
        raise typer.BadParameter(f"one of {', '.join(ORDERS)}", param_hint="--order")
    about = Asked(since=since, until=until, of=of, purpose=purpose)
    asked = FunnelAsked(steps=tuple(steps), within=within, order=Order(order), by=by, about=about)
    with open_workspace(project) as workspace:
        access = access_for(workspace, as_role)
        if people:
            asked = replace(asked, by=by if value is not None else "")
            wanted = Page(after=after or "", limit=limit)
            at = partial(funnel_people, workspace, access, asked, step=people, dropped=dropped)
            _print_people(at(value=value or None, page=wanted), as_json=as_json, quiet=quiet)
            return
        found = measure_funnel(workspace, access, asked, estimate=estimate)
    if as_json:
        print_json(found)
    else:
        _print_funnel(found, quiet=quiet)
        remark_estimate(found, quiet=quiet)


def _print_people(page: "FunnelPeople", *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(page)
        return
    for each in page.customers:
        say(each)
    if page.next_cursor:
        remark(f"More with --after {page.next_cursor}", quiet=quiet)


def _print_funnel(found: "SeenFunnel", *, quiet: bool) -> None:
    parts = [("", found.steps)]
    parts += [(_name(each.value, others=each.others), each.steps) for each in found.groups]
    rows: list[tuple[object, ...]] = []
    for _, part in parts:
        most = part[0].customers or 0
        for number, each in enumerate(part, 1):
            drawn = bar(each.customers or 0, most, room=20)
            shares = (share(each.of_before), share(each.of_first))
            rows.append((number, each.step, few(each.customers), *shares, ago(each.median_s), drawn))
    sections = [name for name, part in parts for _ in part]
    columns = ["", "step", "customers#", "of before#", "of first#", "half within#", ""]
    print_table(columns, rows, sections=sections if found.groups else ())
    remark_hidden(any(each.hidden for _, part in parts for each in part), quiet=quiet)


def _name(value: str | None, *, others: bool) -> str:
    return "others" if others else "without" if value is None else value
