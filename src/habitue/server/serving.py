"""`habitue serve`: one process that owns a project, takes events in, keeps segments live and answers.

What ends, ends in the order in which things go through the house: first nothing comes in any more, then what came in is
on the disk, read, told, and in the tables. That takes seconds, however much there is: what is being made is broken off,
and what is not read or carried over by then is at the next start, since the log has it.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, suppress
from datetime import timedelta
from threading import Event
from typing import Final, TypeVar

from habitue.errors import HabitueError
from habitue.govern.accounts import Accounts
from habitue.govern.sessions import Sessions
from habitue.live import Loop, Setting
from habitue.rules.live_weighing import Weight
from habitue.run.accounts import People
from habitue.run.builder import Builder
from habitue.run.live_parts import LiveParts, log_path
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.server.ahead import Ahead
from habitue.server.api import api_routes, furnish
from habitue.server.asking import Desk
from habitue.server.changes import Changes
from habitue.server.commands import Commands
from habitue.server.courtesy import Courtesy
from habitue.server.desk import Owner, Readers
from habitue.server.figures import Gauge
from habitue.server.first_build import hold_build
from habitue.server.front import Front
from habitue.server.gate import KeyGate
from habitue.server.keeping_near import keep_near
from habitue.server.live_side import LoopAnswers, setting_of
from habitue.server.openid import Provider
from habitue.server.outward import Outward
from habitue.server.reception import Reception
from habitue.server.static import static_routes
from habitue.server.underway import BuildBoard
from habitue.server.upkeep import Upkeep
from habitue.streams import Log, LogReader

_SETTLE_S: Final = 2.0
"""How long the live reading may go on with what is left in the log."""
_CARRIED: Final = timedelta(seconds=3)
"""How long what is left in the log is carried into the tables."""
_AT_ONCE: Final = 5_000
Answer = TypeVar("Answer")


class EndingError(HabitueError):
    """Something that takes long was broken off because the server ends."""

    code = "ENDING"

    def __init__(self) -> None:
        super().__init__(what="The server ends, so this was broken off.", do="Ask again when it is back.")


class House:
    """A project being served: every part that works for it, ended in order.

    Args:
        front: Takes messages in, from before to after everything else.
        commands: The commands of the terminal that it runs; None for none.
        builder: Builds; the thread that owns the project where nobody is given.

    Attributes:
        folder: The project's folder.
        app: The routes.
        token: What whoever owns the machine shows.
    """

    def __init__(self, front: Front, *, commands: Commands | None = None, builder: Builder | None = None) -> None:
        self._front = front
        self._board, self._is_ending, self._holds_build = BuildBoard(builder), Event(), Event()
        self.folder, self.app, self.token = front.folder, front.app, front.token
        self._commands = commands
        self._around, self._teller = front.around, front.teller
        self._intake, self._committer = front.intake, front.committer
        with ExitStack() as begun:
            # Last of all, when the project was given back.
            begun.callback(front.close)
            self._begin(begun)
            self._ending = begun.pop_all()

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that events come in by."""
        return self._front.sources

    def close(self) -> None:
        """Take nothing in any more, finish what came in, and give the project back."""
        self._let_go()
        self._ending.close()

    def _let_go(self) -> None:
        """Let those go who listen without end, or wait for a build; break off what is being made."""
        self._is_ending.set()
        self._board.stop()
        self._upkeep.end()
        self._changes.end()

    def _begin(self, begun: ExitStack) -> None:
        folder, around, front = self.folder, self._around, self._front
        # What was left undone is done before anything is answered.
        owner = self._owner = Owner(
            lambda: Workspace.open(
                folder, around=around, lock=front.lock, live=LiveParts(self._write, [front.intake.forget])
            )
        )
        begun.callback(owner.close)
        front.declared = lambda: owner.watch.last
        gate = self._gate()
        begun.callback(gate.close)
        reception = Reception(lambda: People.open(folder, around))
        begun.callback(reception.close)
        readers = Readers(owner, owner.watch)
        begun.callback(readers.close)
        self._loop, self._courtesy = None, Courtesy(self._is_busy)
        has_live = bool(owner.watch.last.sources.collected)
        loop = self._loop = Loop(self._setting(owner.watch.last)) if has_live else None
        self._changes = Changes(lambda: TransitionLog.open(folder), LoopAnswers(loop) if loop is not None else None)
        begun.callback(self._changes.close)
        owner.submit(self._join).result()
        upkeep = self._upkeep = self._keeper(owner)
        begun.callback(self._carry_over)
        begun.callback(upkeep.stop)
        begun.callback(owner.settle)
        outward = self._outward = Outward(owner, around)
        begun.callback(outward.webhooks.stop)
        front.figures.watch(outward.gauges())
        # Before anything is read: a new channel is told what comes from now on.
        outward.webhooks.start()
        if loop is not None:
            front.figures.watch(_gauges(loop))
            front.committer.listen(loop.notify)
            loop.subscribe(self._changes.tell)
            loop.subscribe(outward.tell)
            loop.start()
            begun.callback(self._end, loop)
        # Ended first, though it began before: nothing comes in, then it is on the disk, then the rest.
        begun.callback(front.take_nothing)
        desk = Desk(
            readers=readers,
            owner=owner,
            standing=self._standing,
            held=self._held,
            changed=self._built,
            board=self._board,
        )
        provider = Provider(lambda: owner.watch.last.settings.sign_in, around, tell=self._turned_away)
        furnish(self.app, desk, reception, provider, self._changes, self._commands)
        front.complete(
            (*api_routes(), *static_routes(address=self._address)),
            gate,
            parts={} if loop is None else {"live": lambda: loop.state().is_ready},
            ending=self._let_go,
        )
        upkeep.start()
        self._reckon_ahead(desk)

    def _write(self, work: Callable[[Log], Answer]) -> Answer:
        """Have something done with the log by the thread that writes it."""
        return self._committer.run(work).result()

    def _join(self, workspace: Workspace) -> None:
        """Make the project know its live parts."""
        workspace.live = LiveParts(self._write, [self._forget], [self._look_anew])
        workspace.live_answers = LoopAnswers(self._loop) if self._loop is not None else None
        workspace.builder = self._board

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
        """Take over what the files declare, and what a build has made; at the end nobody does."""
        if self._is_ending.is_set():
            return
        self._upkeep.took(project)
        self._intake.reopen().add_done_callback(self._reopened)
        self._outward.webhooks.switch(project.channels.values())
        if self._loop is not None:
            self._loop.switch(self._setting(project))

    def _setting(self, project: Project) -> Setting:
        return setting_of(project, self._owner, self._around, self._progress)

    def _progress(self, step: str, done: int, total: int) -> None:
        """Give way while a live reading is made, and at the end give up."""
        if self._is_ending.is_set():
            raise EndingError
        self._courtesy.progress(step, done, total)

    def _is_busy(self) -> bool:
        """Whether anything that came in is not yet where it is going."""
        loop = self._loop
        is_behind = loop is not None and loop.seen_us() > 0 and loop.lag() > 0
        return is_behind or bool(self._intake.waiting or self._committer.waiting)

    def _keeper(self, owner: Owner) -> Upkeep:
        clock, give_way = self._around.clock, self._courtesy.give_way
        return Upkeep(
            owner,
            clock=clock,
            teller=self._teller,
            changed=self._changed,
            give_way=give_way,
            may_begin=lambda: not self._holds_build.is_set(),
        )

    def _reckon_ahead(self, desk: Desk) -> None:
        """Ask what pages ask when they are opened, from when the live reading has begun, where there is one.

        Those whom pages look at first are kept in memory.
        """
        loop = self._loop
        ready = (lambda: True) if loop is None else (lambda: loop.state().is_ready)
        ahead = Ahead(desk, api_routes(), is_ready=ready, report=self._teller.unforeseen)
        self._front.figures.watch(ahead.gauges())
        self._front.begin(ahead.run)
        near = asyncio.Event()
        self._front.begin(lambda: keep_near(desk, self._teller.unforeseen, kept=near.set))
        self._front.begin(lambda: hold_build(desk, near, self._holds_build))

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

    def _gate(self) -> KeyGate:
        return KeyGate(
            lambda: Accounts.open(self.folder, random=self._around.random),
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

    def _carry_over(self) -> None:
        """Carry what came in last into the tables, as far as that takes no longer than a moment."""
        clock = self._around.clock

        def carry(workspace: Workspace) -> None:
            projector, until = Projector(workspace), clock() + _CARRIED
            while not projector.step(_AT_ONCE).is_done and clock() < until:
                pass

        with suppress(HabitueError):
            self._owner.submit(carry).result()

    def _end(self, loop: Loop) -> None:
        """End the live reading when it has read what is in the log; what takes too long is read at the next start."""
        with LogReader(log_path(self.folder)) as reader:
            newest = reader.bounds()[1]
        if loop.state().is_ready:
            loop.wait_for(newest, _SETTLE_S)
        # It may be waiting for what the owner makes.
        self._owner.settle()
        loop.stop()


def _gauges(loop: Loop) -> tuple[Gauge, ...]:
    return (
        Gauge("habitue_live_lag_records", "Records of the log that the live reading has not read.", loop.lag),
        Gauge("habitue_live_people", "People that the live reading knows.", lambda: loop.state().people),
        Gauge("habitue_live_poisoned", "Records it could not read since the start.", lambda: loop.state().poisoned),
        Gauge("habitue_live_ready", "Whether it answers.", lambda: float(loop.state().is_ready)),
    )
