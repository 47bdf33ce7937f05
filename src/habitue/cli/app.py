"""The commands, put together."""

import sys

import typer

from habitue.cli.acting import guarded
from habitue.cli.building import register_building
from habitue.cli.ending import run
from habitue.cli.features import features
from habitue.cli.identity import identity
from habitue.cli.keys import keys
from habitue.cli.privacy import privacy
from habitue.cli.segments import segments
from habitue.cli.sources import sources
from habitue.cli.starting import register_starting
from habitue.cli.users import users

app = typer.Typer(
    name="habitue",
    help="Who are your customers, which groups do they belong to and why: from raw files to exact, explained answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
register_starting(app)
register_building(app)
app.add_typer(sources, name="sources")
app.add_typer(identity, name="identity")
app.add_typer(features, name="features")
app.add_typer(segments, name="segments")
app.add_typer(privacy, name="privacy")
app.add_typer(users, name="users")
app.add_typer(keys, name="keys")


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
