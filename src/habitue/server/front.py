"""The front of a server: messages are taken in, and put on the disk, before anything else is there.

A restart keeps senders waiting no longer than that takes. Tables, rules and what they need are loaded meanwhile, by
`habitue.server.serving`; nothing that is imported here loads a library for tables.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from os import getpid
from pathlib import Path
from threading import Thread
from typing import Any, Final, TextIO

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from habitue.config import find_project
from habitue.errors import HabitueError
from habitue.govern.accounts import Accounts
from habitue.govern.ledger import ConsentLedger
from habitue.govern.opening import open_vault
from habitue.run.collecting import Declared, read_collecting
from habitue.run.live_parts import log_path
from habitue.run.surroundings import Surroundings
from habitue.server.app import build_app
from habitue.server.doors import Doors
from habitue.server.figures import Figures
from habitue.server.guarding import Guard
from habitue.server.intake import Intake
from habitue.server.listening import bound, listening
from habitue.server.routing import Gate, route
from habitue.server.telling import Teller
from habitue.server.write_keys import WriteKeys
from habitue.sources.inbox import Inbox
from habitue.state import ProjectLock
from habitue.state.notice import Notice, put_up, take_down
from habitue.streams import Committer, Log

_TOKEN_BYTES: Final = 32


class StartingError(HabitueError):
    """The project is not open yet; messages are taken in already."""

    code = "STARTING"

    def __init__(self) -> None:
        super().__init__(what="The project is being opened.", do="Ask again in a moment.")


class Front:
    """Takes messages of a project in, and answers that it lives.

    Args:
        folder: The project's folder, or one below it.
        around: The time, chance, and where keys are kept.
        stream: Where lines about the work go.

    Attributes:
        folder: The project's folder.
        around: As given.
        teller: Writes what happens.
        token: What whoever owns the machine shows.
        lock: Keeps other processes out; whoever opens the project whole is given it.
        declared: What the project's files say of messages; whoever reads them again puts something newer there.
        figures: Counts.
        committer: Writes the log.
        intake: Takes requests in.
        app: The routes.

    Raises:
        HabitueError: There is no project, its files hold faults, or another process has it.
    """

    def __init__(self, folder: Path, around: Surroundings, *, stream: TextIO) -> None:
        self.folder = find_project(folder)
        self.around = around
        self.teller = Teller(stream, around.clock)
        self.token = secrets.token_hex(_TOKEN_BYTES)
        collecting = read_collecting(self.folder)
        self.declared: Callable[[], Declared] = lambda: collecting
        self._parts: dict[str, Callable[[], bool]] = {"project": lambda: self._is_whole}
        self._is_whole = False
        self._endings: list[Callable[[], object]] = []
        self._answering: asyncio.AbstractEventLoop | None = None
        with ExitStack() as begun:
            self.lock = begun.enter_context(ProjectLock(self.folder))
            self.figures = Figures(log_path(self.folder), self.teller.unforeseen)
            self.committer = Committer(Log.open(log_path(self.folder)))
            begun.callback(self.committer.close)
            keys = WriteKeys(self._accounts, self._live_sources, around.clock)
            begun.callback(keys.close)
            self.intake = Intake(self._inbox, self.committer, keys, self.figures)
            begun.callback(self.intake.close)
            doors = Doors(
                clock=around.clock,
                random=around.random,
                intake=self.intake,
                keys=keys,
                figures=self.figures,
                teller=self.teller,
                parts=self._parts,
            )
            self.app = build_app(doors)
            self._routes: Sequence[BaseRoute] = tuple(self.app.router.routes)
            self.app.router.routes.append(_not_yet())
            self._ending = begun.pop_all()

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that messages come in by."""
        return tuple(self._live_sources())

    def take_nothing(self) -> None:
        """Take nothing in any more; what came in is on the disk."""
        self.intake.close()
        self.committer.close()

    def close(self) -> None:
        """Take nothing in any more, and give the project back."""
        self._ending.close()

    def complete(
        self,
        routes: Sequence[BaseRoute],
        gate: Gate,
        *,
        parts: dict[str, Callable[[], bool]],
        ending: Callable[[], None],
    ) -> None:
        """Answer what else is asked, too.

        Args:
            routes: Further routes; the app has what they need.
            gate: Knows who asks.
            parts: What has to work for the server to be ready, by name.
            ending: Lets those go who listen without end, as soon as somebody asks to stop.
        """
        self.app.state.gate = gate
        self._parts.update(parts)
        self._endings.append(ending)
        self.app.router.routes = [*self._routes, *routes]
        self._is_whole = True

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin something on the thread that answers, until somebody asks to stop; where none does, nothing."""
        loop = self._answering
        if loop is not None:
            # It may have ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(lambda: self._endings.append(loop.create_task(work()).cancel))

    def serve(self, host: str, port: int, *, opening: Callable[[], None], started: Callable[[str], None]) -> None:
        """Answer until somebody asks to stop: Ctrl-C, or a signal to end.

        Args:
            host: Where to listen.
            port: At which port; 0 for any that is free.
            opening: Loads and opens everything else; called by a thread of its own as soon as messages are taken in.
            started: Told the address, by that thread, when all is open.

        Raises:
            PortTakenError: Something else listens there.
            HabitueError: What `opening` raises; then nothing is answered any longer.
        """
        with bound(host, port) as listener:
            url = f"http://{_shown(host)}:{listener.getsockname()[1]}"
            guard = Guard()

            def begin() -> None:
                with guard:
                    opening()
                    if server.should_exit:
                        return
                    put_up(self.folder, Notice(url=url, pid=getpid(), token=self.token))
                    started(url)
                if guard.error is not None:
                    server.should_exit = True

            def answering() -> None:
                self._answering = asyncio.get_running_loop()
                thread.start()

            thread = Thread(target=begin, name="habitue-opening", daemon=True)
            server = _Telling(listening(self.app, host=host, port=port), started=answering, ended=self._end)
            try:
                server.run([listener])
            finally:
                if thread.ident is not None:
                    thread.join()
                take_down(self.folder)
            if guard.error is not None:
                raise guard.error

    def _end(self) -> None:
        for ending in self._endings:
            ending()

    def _accounts(self) -> Accounts:
        return Accounts.open(self.folder, random=self.around.random)

    def _live_sources(self) -> Collection[str]:
        return [plan.name for plan in self.declared().sources.collected]

    @contextmanager
    def _inbox(self) -> Iterator[Inbox]:
        """The inbox of the thread that calls this."""
        declared, around = self.declared(), self.around
        with (
            open_vault(self.folder, environ=around.environ, home=around.home, random=around.random) as vault,
            ConsentLedger.open(self.folder) as ledger,
        ):
            yield Inbox(
                declared.sources, declared.purposes, declared.identity, vault, clock=around.clock, ledger=ledger
            )


class _Telling(uvicorn.Server):
    """A server that says when it has begun to answer."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None], ended: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell, self._let_go = started, ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who listen without end, then wait for the others."""
        self._let_go()
        await super().shutdown(sockets)


def _not_yet() -> BaseRoute:
    """The answer to what cannot be answered before everything is open."""

    async def wait(request: Request) -> Response:
        del request
        raise StartingError

    return route(
        "/{path:path}",
        wait,
        methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        permission=None,
        name="starting",
        summary="While the project is being opened.",
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
