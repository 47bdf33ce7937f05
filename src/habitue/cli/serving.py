"""`habitue serve`: events in, segments kept live, answers over HTTP."""

import os
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

import typer

from habitue.cli.ending import STOPPED
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import print_json, remark, say
from habitue.cli.signing import local_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from habitue.server.front import Front
    from habitue.server.serving import House

LOCAL = "127.0.0.1"
_SITE = "site"
_COLLECTED = (5_000, 5, 4_000)
"""How often garbage is looked for: in pieces of few milliseconds, since nobody else computes meanwhile."""
_SWITCH_S = 0.0005
"""How long a thread that computes keeps the others from computing; at 5 ms each answer would wait several times."""
_PATIENT = 2
"""How often somebody may ask it to end before it does so at once."""
_KEY_US = 7 * 24 * 60 * 60 * 1_000_000
HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere, behind a proxy.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65_535, help="The port; 0 for any that is free.")]


def register_serving(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("serve", short_help="Take events in, keep segments live, answer over HTTP.")(serve)


def serve(
    host: HostOption = LOCAL,
    port: PortOption = 8321,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Serve the project until Ctrl-C: events come in over HTTP, people enter and leave segments on time.

    One process owns the project while it serves; other commands ask it. Lines about the work go to standard error.
    With --json the address comes as one document as soon as it answers, with the link that opens the app.

    Example: habitue serve --port 8322 --project shop
    """
    from pathlib import Path

    def begin(house: "House", url: str) -> None:
        if as_json:
            print_json({"url": url, "sources": house.sources, "link": local_link(house.folder, url)})
        elif not quiet:
            tell(url, house.sources, local_link(house.folder, url))

    serve_until_stopped(project or Path(), host=host, port=port, quiet=quiet or as_json, begin=begin)


def serve_project(folder: "Path", *, port: int, quiet: bool, visitors: int | None = None) -> None:
    """Serve a project that was just made, until Ctrl-C.

    Args:
        folder: The project's folder.
        port: Where to listen, on this machine only.
        quiet: Whether nothing is remarked.
        visitors: A seed for sample visitors who come in meanwhile; None for nobody.
    """
    with ExitStack() as ending:

        def begin(house: "House", url: str) -> None:
            tell(url, house.sources, local_link(house.folder, url))
            if visitors is not None:
                ending.enter_context(_coming_in(url, folder, visitors))
                say("Visitors are coming in. See them enter and leave `cart_abandoner` in another terminal:")
                say(f"  habitue segments watch cart_abandoner --project {folder}")

        serve_until_stopped(folder, host=LOCAL, port=port, quiet=quiet, begin=begin, end=ending.close)


@contextmanager
def _coming_in(url: str, folder: "Path", seed: int) -> "Iterator[None]":
    """Have sample visitors come in over HTTP, with a key of their own that is worth nothing afterwards."""
    from habitue.cli.clock import system_clock
    from habitue.cli.opening import open_accounts
    from habitue.govern.accounts import Scope
    from habitue.run.accounts import create_key, revoke_key
    from habitue.server.replaying import Visitors

    with open_accounts(folder) as people:
        key = create_key(people, Scope.COLLECT, role=None, valid_us=_KEY_US, source=_SITE)
    visitors = Visitors(url, key.key, folder, clock=system_clock, seed=seed)
    visitors.start()
    try:
        yield
    finally:
        visitors.stop()
        with open_accounts(folder) as people:
            revoke_key(people, key.id)


def serve_until_stopped(
    folder: "Path",
    *,
    host: str,
    port: int,
    quiet: bool,
    begin: "Callable[[House, str], None]",
    end: "Callable[[], None] | None" = None,
) -> None:
    """Serve a project until somebody asks to stop, and put it away.

    Messages are taken in at once; all else is loaded and opened meanwhile.

    Args:
        folder: The project's folder, or one below it.
        host: Where to listen.
        port: At which port.
        quiet: Whether nothing is remarked.
        begin: Told the address when all is open; by another thread.
        end: Called before anything is put away.
    """
    import sys

    from habitue.cli.clock import system_surroundings
    from habitue.errors import ProjectFaultsError
    from habitue.server.front import Front
    from habitue.server.listening import bound

    # Before anything is opened.
    bound(host, port).close()
    asked = Asked(quiet=quiet)
    asked.listen()
    sys.setswitchinterval(_SWITCH_S)
    remark("Opening the project …", quiet=quiet)
    opened: list[House] = []
    with suppress(KeyboardInterrupt):
        try:
            front = Front(folder, system_surroundings(), stream=sys.stderr)
        except ProjectFaultsError:
            _tell_all_faults(folder)
            raise
        try:
            front.serve(
                host,
                port,
                opening=lambda: opened.append(_opened(front)),
                started=lambda url: begin(opened[0], url),
            )
        finally:
            asked.is_ending()
            if end is not None:
                end()
            remark("Putting away what came in …", quiet=quiet)
            # The front is the house's, once there is one.
            (opened[0] if opened else front).close()
            _leave_all()


def _leave_all() -> None:
    """Have nobody look through all that was held: the process ends, and taking that apart would last seconds."""
    import gc

    gc.disable()
    gc.freeze()


class Asked:
    """How often somebody asked the server to end, by Ctrl-C or by a signal: both have it stopped in order.

    Asked again it goes on putting things away, which takes seconds; asked a third time it ends at once, as if it were
    killed, and nothing that was acknowledged is lost by that.

    Args:
        quiet: Whether nothing is remarked.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._times = 0
        self._quiet = quiet

    def listen(self) -> None:
        """Hear whoever asks, to the end of the process."""
        import atexit
        import signal

        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._hear)
            # Nothing listens while the interpreter is taken apart: asking again then would seem to kill it.
            atexit.register(signal.signal, each, signal.SIG_IGN)

    def is_ending(self) -> None:
        """Know that it ends, for whatever reason."""
        self._times = max(1, self._times)

    def _hear(self, number: int, frame: object) -> None:
        del number, frame
        self._times += 1
        if self._times == 1:
            raise KeyboardInterrupt
        if self._times > _PATIENT:
            os._exit(STOPPED)
        # It may come in the middle of another line.
        with suppress(RuntimeError, OSError):
            remark("What came in is being put away already; asked once more it ends at once.", quiet=self._quiet)


def _tell_all_faults(folder: "Path") -> None:
    """Fail with every fault of a project's files."""
    from habitue.config import find_project
    from habitue.run.project import read_project

    read_project(find_project(folder))


def _opened(front: "Front") -> "House":
    """Everything else of a server, loaded and opened."""
    import gc

    from habitue.cli.building_apart import WORDS
    from habitue.cli.served import Terminal
    from habitue.run.build_parent import ChildBuilder
    from habitue.server.serving import House

    house = House(front, commands=Terminal(), builder=ChildBuilder(WORDS))
    # What is open now stays; looking through it again and again for garbage would cost every event something.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    return house


def tell(url: str, sources: tuple[str, ...], link: str) -> None:
    """Say where the project is reached, and what to do next.

    Args:
        url: Where it answers.
        sources: What takes events in.
        link: Opens the app, once.
    """
    say(f"Serving on {url}; Ctrl-C ends it. Open the app with this link, good once, for ten minutes:")
    say(f"  {link}")
    if sources:
        say(f"  habitue keys create --scope collect --source {sources[0]}   # a key for whoever sends events")
        say(f"  POST {url}/v1/batch   # where they send them, as any Segment library does")
    else:
        say("  No live source yet: a file in sources/ with `collect: true` takes events in.")
    say("  habitue keys create --scope read   # a key for whoever asks")
    say(f"  {url}/docs   # what can be asked; /api/v1/changes tells who enters and leaves")
