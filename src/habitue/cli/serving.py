"""`habitue serve`: events in, segments kept live, answers over HTTP."""

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.options import ProjectOption, QuietOption
from habitue.cli.printing import remark, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from habitue.server.serving import House

HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere, behind a proxy.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65_535, help="The port; 0 for any that is free.")]


def register_serving(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve", short_help="Take events in, keep segments live, answer over HTTP.")(serve)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8321,
    project: ProjectOption = None,
    quiet: QuietOption = False,
) -> None:
    """Serve the project until Ctrl-C: events come in over HTTP, people enter and leave segments on time.

    One process owns the project while it serves; other commands ask it. Lines about the work go to standard error.

    Example: habitue serve --port 8322 --project shop
    """
    from pathlib import Path

    with served(project or Path(), host=host, port=port, quiet=quiet) as house:
        house.serve(host, port, started=lambda url: None if quiet else tell(url, house.sources))


@contextmanager
def served(folder: "Path", *, host: str, port: int, quiet: bool) -> "Iterator[House]":
    """A project open for being served, put away at the end; asked to stop, it ends without a fuss.

    Args:
        folder: The project's folder.
        host: Where it will listen.
        port: At which port; whether it is free is seen before anything is opened.
        quiet: Whether nothing is remarked.
    """
    import signal
    import sys

    from habitue.cli.clock import system_surroundings
    from habitue.server.listening import bound
    from habitue.server.serving import House

    bound(host, port).close()
    # Whoever stops it by a signal has it stopped in order, as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    remark("Opening the project …", quiet=quiet)
    with suppress(KeyboardInterrupt):
        house = House(folder, system_surroundings(), stream=sys.stderr)
        try:
            yield house
        finally:
            remark("Putting away what came in …", quiet=quiet)
            house.close()


def tell(url: str, sources: tuple[str, ...]) -> None:
    """Say where the project is reached, and what to do next."""
    say(f"Serving on {url}; Ctrl-C ends it.")
    if sources:
        say(f"  habitue keys create --scope collect --source {sources[0]}   # a key for whoever sends events")
        say(f"  POST {url}/v1/batch   # where they send them, as any Segment library does")
    else:
        say("  No live source yet: a file in sources/ with `collect: true` takes events in.")
    say("  habitue keys create --scope read   # a key for whoever asks")
    say(f"  {url}/docs   # what can be asked; /api/v1/changes tells who enters and leaves")
