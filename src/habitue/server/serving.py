"""`habitue serve`: one process that owns a project, takes events in, keeps segments live and answers.

What ends, ends in the order in which things go through the house: first nothing comes in any more, then what came in is
on the disk, read, told, and in the tables.
"""

import secrets
import socket
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from os import getpid
from pathlib import Path
from typing import Final, TextIO, TypeVar

import uvicorn

from habitue.config import find_project
from habitue.errors import HabitueError
from habitue.govern.accounts import Accounts
from habitue.govern.ledger import ConsentLedger
from habitue.govern.opening import open_vault
from habitue.govern.sessions import Sessions
from habitue.live import Loop, Setting
from habitue.rules.live_weighing import Weight
from habitue.run.accounts import People
from habitue.run.live_parts import LiveParts, log_path
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.server.api import api_routes, furnish
from habitue.server.app import build_app
from habitue.server.asking import Desk
from habitue.server.changes import Changes
from habitue.server.commands import Commands
from habitue.server.courtesy import Courtesy
from habitue.server.desk import Owner, Readers
from habitue.server.doors import Doors
from habitue.server.figures import Figures, Gauge
from habitue.server.gate import KeyGate
from habitue.server.intake import Intake
from habitue.server.listening import bound, listening
from habitue.server.live_side import LoopAnswers, setting_of
from habitue.server.openid import Provider
from habitue.server.outward import Outward
from habitue.server.reception import Reception
from habitue.server.static import static_routes
from habitue.server.telling import Teller
from habitue.server.upkeep import Upkeep
from habitue.server.write_keys import WriteKeys
from habitue.sources.inbox import Inbox
from habitue.state.notice import Notice, put_up, take_down
from habitue.streams import Committer, Log, LogReader

_TOKEN_BYTES: Final = 32
_SETTLE_S: Final = 10.0
Answer = TypeVar("Answer")


class House:
    """A project being served: every part that works for it, ended in order.

    Args:
        folder: The project's folder, or one below it.
        around: The time, chance, and where keys are kept.
        stream: Where lines about the work go.
        commands: The commands of the terminal that it runs; None for none.

    Attributes:
        folder: The project's folder.
        app: The routes.
        token: What whoever owns the machine shows.
    """

    def __init__(self, folder: Path, around: Surroundings, *, stream: TextIO, commands: Commands | None = None) -> None:
        self.folder = find_project(folder)
        self._commands = commands
        self._around = around
        self._teller = Teller(stream, around.clock)
        self.token = secrets.token_hex(_TOKEN_BYTES)
        with ExitStack() as begun:
            self._begin(begun)
            self._ending = begun.pop_all()

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that events come in by."""
        return tuple(self._live_sources())

    def close(self) -> None:
        """Take nothing in any more, finish what came in, and give the project back."""
        self._ending.close()

    def _begin(self, begun: ExitStack) -> None:
        folder, around = self.folder, self._around
        # The project first: whoever has it keeps everybody else out, and what was left undone is done before anything.
        owner = self._owner = Owner(lambda: Workspace.open(folder, around=around))
        begun.callback(owner.close)
        figures = Figures(log_path(folder), self._teller.unforeseen)
        committer = Committer(Log.open(log_path(folder)))
        begun.callback(committer.close)
        keys = WriteKeys(self._accounts, self._live_sources, around.clock)
        begun.callback(keys.close)
        gate = self._gate()
        begun.callback(gate.close)
        reception = Reception(lambda: People.open(folder, around))
        begun.callback(reception.close)
        readers = Readers(owner, owner.watch)
        begun.callback(readers.close)
        intake = self._intake = Intake(self._inbox, committer, keys, figures)
        begun.callback(intake.close)
        self._committer, self._loop, self._courtesy = committer, None, Courtesy(self._is_busy)
        has_live = bool(owner.watch.last.sources.collected)
        loop = self._loop = Loop(self._setting(owner.watch.last)) if has_live else None
        self._changes = Changes(lambda: TransitionLog.open(folder), LoopAnswers(loop) if loop is not None else None)
        begun.callback(self._changes.close)
        owner.submit(lambda workspace: self._join(workspace, committer)).result()
        upkeep = self._upkeep = Upkeep(owner, clock=around.clock, teller=self._teller, changed=self._changed)
        begun.callback(self._carry_over)
        begun.callback(upkeep.stop)
        outward = self._outward = Outward(owner, around)
        begun.callback(outward.webhooks.stop)
        figures.watch(outward.gauges())
        # Before anything is read: a new channel is told what comes from now on.
        outward.webhooks.start()
        if loop is not None:
            figures.watch(_gauges(loop))
            committer.listen(loop.notify)
            loop.subscribe(self._changes.tell)
            loop.subscribe(outward.tell)
            loop.start()
            begun.callback(self._end, loop)
        # Ended first, though they began before: nothing comes in, then it is on the disk, then the rest.
        begun.callback(committer.close)
        begun.callback(intake.close)
        doors = Doors(
            clock=around.clock,
            random=around.random,
            intake=intake,
            keys=keys,
            figures=figures,
            teller=self._teller,
            gate=gate,
            routes=(*api_routes(), *static_routes(address=self._address)),
            parts={} if loop is None else {"live": lambda: loop.state().is_ready},
        )
        self.app = build_app(doors)
        desk = Desk(readers=readers, owner=owner, standing=self._standing, held=self._held, changed=self._built)
        provider = Provider(lambda: owner.watch.last.settings.sign_in, around, tell=self._turned_away)
        furnish(self.app, desk, reception, provider, self._changes, self._commands)
        upkeep.start()

    def _join(self, workspace: Workspace, committer: Committer) -> None:
        """Make the project know its live parts."""

        def write(work: Callable[[Log], Answer]) -> Answer:
            return committer.run(work).result()

        workspace.live = LiveParts(write, [self._forget], [self._look_anew])
        workspace.live_answers = LoopAnswers(self._loop) if self._loop is not None else None

    def _forget(self, ids: Collection[str]) -> None:
        """Drop what is held in memory of people who are erased."""
        self._intake.forget(ids)
        self._changes.forget(ids)
        self._outward.webhooks.forget(ids)
        loop = self._loop
        if loop is not None:
            forgotten = loop.forget(sorted(ids))
            # One that has not begun is made from tables without them.
            if loop.state().is_ready:
                with suppress(CancelledError):
                    forgotten.result()

    def _look_anew(self, records: Collection[str]) -> None:
        """Have what people said about purposes count in the live reading."""
        loop = self._loop
        if loop is not None:
            looked = loop.decide(sorted(records))
            # One that has not begun does it as its first thing.
            if loop.state().is_ready:
                with suppress(CancelledError):
                    looked.result()

    def _changed(self, project: Project) -> None:
        """Take over what the files declare, and what a build has made."""
        self._upkeep.took(project)
        self._intake.reopen().add_done_callback(self._reopened)
        self._outward.webhooks.switch(project.channels.values())
        if self._loop is not None:
            self._loop.switch(self._setting(project))

    def _setting(self, project: Project) -> Setting:
        return setting_of(project, self._owner, self._around, self._courtesy.progress)

    def _is_busy(self) -> bool:
        """Whether anything that came in is not yet where it is going."""
        loop = self._loop
        is_behind = loop is not None and loop.seen_us() > 0 and loop.lag() > 0
        return is_behind or bool(self._intake.waiting or self._committer.waiting)

    def _built(self, workspace: Workspace) -> None:
        self._changed(workspace.project)

    def _reopened(self, done: "Future[None]") -> None:
        """Say so where messages are still taken in by what was declared before."""
        error = None if done.cancelled() else done.exception()
        if isinstance(error, HabitueError):
            self._teller.warn("inbox", code=error.code, what=error.what, do=error.do)
        elif error is not None:
            self._teller.unforeseen(error)

    def _standing(self) -> object:
        return {} if self._loop is None else self._loop.state()

    def _held(self) -> Weight | None:
        return None if self._loop is None else self._loop.weight()

    def _accounts(self) -> Accounts:
        return Accounts.open(self.folder, random=self._around.random)

    def _gate(self) -> KeyGate:
        return KeyGate(
            self._accounts,
            lambda: Sessions.open(self.folder, random=self._around.random),
            token=self.token,
            around=self._around,
            narrowed=lambda: self._owner.watch.last.roles,
            address=self._address,
        )

    def _turned_away(self, error: HabitueError) -> None:
        """Say why a provider's people were not let in, which they are not told themselves."""
        self._teller.warn("sign_in", code=error.code, what=getattr(error, "why", error.what), do=error.do)

    def _address(self) -> str | None:
        return self._owner.watch.last.settings.address

    def _live_sources(self) -> Collection[str]:
        return [plan.name for plan in self._owner.watch.last.sources.collected]

    @contextmanager
    def _inbox(self) -> Iterator[Inbox]:
        """The inbox of the thread that calls this."""
        project, around = self._owner.watch.last, self._around
        with (
            open_vault(self.folder, environ=around.environ, home=around.home, random=around.random) as vault,
            ConsentLedger.open(self.folder) as ledger,
        ):
            yield Inbox(project.sources, project.purposes, project.identity, vault, clock=around.clock, ledger=ledger)

    def _carry_over(self) -> None:
        """Carry what came in last into the tables."""
        with suppress(HabitueError):
            self._owner.submit(lambda workspace: Projector(workspace).run()).result()

    def _end(self, loop: Loop) -> None:
        """End the live reading when it has read what is in the log; what takes too long is read at the next start."""
        with LogReader(log_path(self.folder)) as reader:
            newest = reader.bounds()[1]
        if loop.state().is_ready:
            loop.wait_for(newest, _SETTLE_S)
        loop.stop()

    def serve(self, host: str, port: int, *, started: Callable[[str], None]) -> None:
        """Answer until somebody asks to stop: Ctrl-C, or a signal to end.

        Args:
            host: Where to listen.
            port: At which port; 0 for any that is free.
            started: Told the address, as soon as it answers.

        Raises:
            PortTakenError: Something else listens there.
        """
        with bound(host, port) as listener:
            url = f"http://{_shown(host)}:{listener.getsockname()[1]}"
            put_up(self.folder, Notice(url=url, pid=getpid(), token=self.token))
            try:
                config = listening(self.app, host=host, port=port)
                server = _Telling(config, started=lambda: started(url), ended=self._changes.end)
                server.run([listener])
            finally:
                take_down(self.folder)


class _Telling(uvicorn.Server):
    """A server that says when it has begun to answer."""

    def __init__(self, config: uvicorn.Config, *, started: Callable[[], None], ended: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell, self._end = started, ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who listen without end, then wait for the others."""
        self._end()
        await super().shutdown(sockets)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _gauges(loop: Loop) -> tuple[Gauge, ...]:
    return (
        Gauge("habitue_live_lag_records", "Records of the log that the live reading has not read.", loop.lag),
        Gauge("habitue_live_people", "People that the live reading knows.", lambda: loop.state().people),
        Gauge("habitue_live_poisoned", "Records it could not read since the start.", lambda: loop.state().poisoned),
        Gauge("habitue_live_ready", "Whether it answers.", lambda: float(loop.state().is_ready)),
    )
