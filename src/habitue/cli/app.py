"""The commands, put together; and what becomes of an error."""

import os
import sys

import typer

from habitue.cli.building import register_building
from habitue.cli.features import features
from habitue.cli.segments import segments
from habitue.cli.sources import sources
from habitue.cli.starting import register_starting
from habitue.errors import HabitueError, ProjectFaultsError

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
app.add_typer(features, name="features")
app.add_typer(segments, name="segments")


@app.callback(invoke_without_command=True)
def _about(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    if version:
        from habitue import __version__

        typer.echo(f"habitue {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command of the terminal; exit code 0 done, 1 failed, 2 usage, 3 a quality gate failed."""
    wants_json = "--json" in sys.argv
    try:
        app()
    except ProjectFaultsError as error:
        from habitue.cli.printing import print_faults

        print_faults(error, as_json=wants_json)
        sys.exit(1)
    except HabitueError as error:
        from habitue.cli.printing import print_error

        print_error(error, as_json=wants_json)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing half-written is left.\n")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
