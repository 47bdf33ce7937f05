"""The commands, put together."""

import sys
from collections.abc import Callable, Mapping
from typing import ClassVar

import typer

from habitue.cli.acting import guarded
from habitue.cli.building import register_building
from habitue.cli.ending import run
from habitue.cli.lazy import LazyCommands, LazyGroup
from habitue.cli.operating import register_operating
from habitue.cli.serving import register_serving
from habitue.cli.starting import register_starting


def _sources() -> typer.Typer:
    from habitue.cli.sources import sources

    return sources


def _identity() -> typer.Typer:
    from habitue.cli.identity import identity

    return identity


def _features() -> typer.Typer:
    from habitue.cli.features import features

    return features


def _segments() -> typer.Typer:
    from habitue.cli.segments import segments

    return segments


def _privacy() -> typer.Typer:
    from habitue.cli.privacy import privacy

    return privacy


def _users() -> typer.Typer:
    from habitue.cli.users import users

    return users


def _keys() -> typer.Typer:
    from habitue.cli.keys import keys

    return keys


def _channels() -> typer.Typer:
    from habitue.cli.channels import channels

    return channels


def _alone(register: Callable[[typer.Typer], None]) -> typer.Typer:
    """One command by itself."""
    program = typer.Typer(rich_markup_mode=None, add_completion=False)
    register(program)
    return program


def _measure() -> typer.Typer:
    from habitue.cli.measure import register_measure

    return _alone(register_measure)


def _anomalies() -> typer.Typer:
    from habitue.cli.measure import register_anomalies

    return _alone(register_anomalies)


def _funnel() -> typer.Typer:
    from habitue.cli.funnels import register_funnels

    return _alone(register_funnels)


def _cohorts() -> typer.Typer:
    from habitue.cli.cohorts import register_cohorts

    return _alone(register_cohorts)


def _paths() -> typer.Typer:
    from habitue.cli.paths import register_paths

    return _alone(register_paths)


def _attribution() -> typer.Typer:
    from habitue.cli.attribution import register_attribution

    return _alone(register_attribution)


class Program(LazyGroup):
    """Every command of Habitue."""

    lazy: ClassVar[Mapping[str, LazyCommands]] = {
        "sources": LazyCommands("Where data comes from, and the rows that failed.", _sources),
        "identity": LazyCommands("Who is who: merge, unmerge, review.", _identity),
        "features": LazyCommands("Figures about every customer.", _features),
        "segments": LazyCommands("Who is in which group, and why.", _segments),
        "measure": LazyCommands("Revenue, orders, rates: by period and dimension.", _measure, alone=True),
        "anomalies": LazyCommands("Days out of the ordinary, and who accounts for them.", _anomalies, alone=True),
        "funnel": LazyCommands("How many people take steps one after the other.", _funnel, alone=True),
        "cohorts": LazyCommands("Who comes again, by when they came first.", _cohorts, alone=True),
        "paths": LazyCommands("What people do one thing after another, and where they stop.", _paths, alone=True),
        "attribution": LazyCommands("Which channels conversions are put down to.", _attribution, alone=True),
        "privacy": LazyCommands("What is known of somebody, what may be done with it, and how it ends.", _privacy),
        "users": LazyCommands("Who may look at the project, and as what.", _users),
        "keys": LazyCommands("API keys: shown once, scoped, expiring.", _keys),
        "channels": LazyCommands("Who is told when people enter and leave segments.", _channels),
    }


app = typer.Typer(
    name="habitue",
    cls=Program,
    help="Who are your customers, which groups do they belong to and why: from raw files to exact, explained answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
register_starting(app)
register_building(app)
register_operating(app)
register_serving(app)


@app.callback(invoke_without_command=True)
def _about(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from habitue import __version__

        typer.echo(f"habitue {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command of the terminal; see `habitue.cli.ending` for exit codes."""
    program = guarded(typer.main.get_command(app))
    sys.exit(run(lambda: program(standalone_mode=False), as_json="--json" in sys.argv))
