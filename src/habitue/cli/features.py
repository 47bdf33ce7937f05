"""`habitue features`: figures about every customer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.acting import AsOption, access_for
from habitue.cli.drawing import bar, print_table
from habitue.cli.opening import open_workspace
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import FEW, count, few, print_json, remark, remark_hidden, say
from habitue.cli.watching import watching

if TYPE_CHECKING:
    from habitue.run.training import FeatureTable
    from habitue.run.viewing_figures import SeenDistribution

features = typer.Typer(help="Figures about every customer.", no_args_is_help=True, rich_markup_mode=None)


@features.command("list", short_help="The features with how many customers have a value.")
def list_command(
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the features with how many customers have a value, its mean and its range.

    Example: habitue features list
    """
    from habitue.run.features import list_features
    from habitue.run.viewing_figures import view_features

    with open_workspace(project) as workspace:
        access, found = access_for(workspace, as_role), list_features(workspace)
        is_built = any(each.present is not None for each in found)
        everybody = workspace.warehouse.count(workspace.tables().customers) if is_built else 0
        entries = view_features(access, found, everybody)
    if as_json:
        print_json(entries)
        return
    if not entries:
        say("No features yet. Put one into features/, for example:\n")
        say("  feature: orders_90d\n  rule: count('Order Completed', last='90d')\n")
        return
    rows = [
        (
            each.name,
            each.kind.value,
            FEW if each.hidden else count(each.present),
            "" if each.mean is None else f"{each.mean:,.2f}",
            _figure(each.low),
            _figure(each.high),
        )
        for each in entries
    ]
    notes = [f"{each.label}: {each.rule}" if each.label else each.rule for each in entries]
    print_table(["feature", "kind", "customers#", "mean#", "from#", "to#"], rows, notes=notes)
    if any(each.present is None and not each.hidden for each in entries):
        remark("Figures are missing: run `habitue build`.", quiet=quiet)
    remark_hidden(any(each.hidden for each in entries), quiet=quiet)


def _figure(text: str | None) -> str:
    """A value as a list shows it: numbers to six digits, texts cut short."""
    if text is None:
        return ""
    try:
        return f"{float(text):,.6g}"
    except ValueError:
        return text[:16]


@features.command("show", short_help="One feature: its rule and its spread.")
def show_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a feature, as `features list` prints it.")],
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show one feature: its rule, and how its values are spread over customers.

    Example: habitue features show monetary
    """
    from habitue.run.features import show_feature
    from habitue.run.viewing_figures import view_feature

    with open_workspace(project) as workspace:
        found = view_feature(access_for(workspace, as_role), show_feature(workspace, name))
    if as_json:
        print_json(found)
        return
    _print_distribution(found)
    hidden = found.missing is None or any(each.customers is None for each in found.bins)
    remark_hidden(hidden or found.feature.hidden, quiet=quiet)


def _print_distribution(found: "SeenDistribution") -> None:
    entry = found.feature
    say(f"{entry.label or entry.name} ({entry.kind.value}{', ' + entry.unit if entry.unit else ''})")
    say(f"  Rule: {entry.rule}")
    say(f"  {few(entry.present)} customers have a value, {few(found.missing)} have none.")
    if found.quantiles:
        names = ("5 %", "25 %", "half", "75 %", "95 %")
        shown = found.quantiles[1:6] if len(found.quantiles) > 6 else found.quantiles
        known = [f"{name} {value:,.6g}" for name, value in zip(names, shown, strict=False) if value is not None]
        say(f"  Below: {', '.join(known) or FEW}")
    largest = max((each.customers or 0 for each in found.bins), default=0)
    for each in found.bins:
        place = each.low if each.low == each.high else f"{each.low or '…'} to {each.high or '…'}"
        say(f"  {place:>24} {bar(each.customers or 0, largest)} {few(each.customers)}".rstrip())


@features.command("table", short_help="Features as of given instants, without a look ahead.")
def table_command(
    at: Annotated[
        Path,
        typer.Option(
            "--at", metavar="FILE", help="CSV or Parquet with columns customer_id and instant; others are kept."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write FILE.parquet or FILE.csv; left out: CSV here.")
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--feature", metavar="NAME", help="Only this feature; may be repeated.")
    ] = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give the values that features had for customers at instants, from nothing that happened later.

    Example: habitue features table --at questions.csv --out training.parquet
    """
    from habitue.run.giving import note_given
    from habitue.run.instants import csv_text, joined, read_asked, write_table
    from habitue.run.training import features_at

    with open_workspace(project) as workspace, watching(quiet=quiet or as_json) as progress:
        asked, more = read_asked(at, workspace.project.catalogue.zone)
        found = features_at(workspace, asked, names=names or (), progress=progress)
        if out is not None:
            note_given(workspace.opened, kind="export", target=out.name, what="features table")
    rows = joined(found.rows, more)
    if out is not None:
        write_table(out, rows)
    if as_json:
        print_json(
            {
                "rows": rows.num_rows,
                "instants": found.instants,
                "features": found.features,
                "undated": found.undated,
                "one_instant_at_a_time": found.apart,
                "seconds": found.seconds,
                "out": out,
                "table": None if out is not None else rows.to_pylist(),
            }
        )
        return
    if out is None:
        say(csv_text(rows).rstrip("\n"))
    else:
        say(f"{rows.num_rows:,} rows with {len(found.features):,} features are in {out}.")
    _remark_cost(found, quiet=quiet)


def _remark_cost(found: "FeatureTable", *, quiet: bool) -> None:
    remark(f"{count(found.instants)} different instants, {found.seconds:.1f} s.", quiet=quiet)
    if found.apart:
        remark(f"Answered one instant at a time (places and calendars): {', '.join(found.apart)}.", quiet=quiet)
    if found.undated:
        remark(f"Left out, because they read what is known only as of today: {', '.join(found.undated)}.", quiet=quiet)
