"""Every channel of a project, served in one thread of its own: none of them waits for another's receiver."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from habitue.channels.clearance import OpenClearance
from habitue.channels.courier import Courier, Doors
from habitue.channels.deliveries import Deliveries
from habitue.channels.egress import Egress
from habitue.channels.resolving import Resolve, system_resolve
from habitue.channels.retries import Pace
from habitue.channels.spec import ChannelSpec
from habitue.channels.standing import ChannelState
from habitue.errors import HabitueError
from habitue.segments.transitions import TransitionLog

KEPT: Final = timedelta(days=30)
"""How long the delivery log remembers what was settled."""
_TIDY: Final = timedelta(hours=1)
_GRACE: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What requests meet outside.

    Attributes:
        resolve: Answers which addresses a name stands for.
        trust: Whose certificates are trusted; None for the usual authorities.
    """

    resolve: Resolve = system_resolve
    trust: ssl.SSLContext | None = None


class Webhooks:
    """Tells receivers who enters and leaves segments.

    Args:
        specs: The channels.
        log: Opens the log of changes, in the thread that reads it.
        store: Opens the delivery log, in the thread that writes it.
        clearance: Opens what the house says about people and secrets, in that thread.
        clock: The present time.
        random: Chance, for the jitter of retries.
        pace: How fast, and how often again.
        network: What requests meet outside.
    """

    def __init__(
        self,
        specs: Iterable[ChannelSpec],
        *,
        log: Callable[[], TransitionLog],
        store: Callable[[], Deliveries],
        clearance: OpenClearance,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
        pace: Pace | None = None,
        network: Network | None = None,
    ) -> None:
        self._specs = tuple(specs)
        self._log, self._store, self._clearance = log, store, clearance
        self._clock, self._random = clock, random
        self._pace, self._network = pace or Pace(), network or Network()
        self._lock = threading.Lock()
        self._states = _unknown(self._specs)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._couriers: list[Courier] = []
        self._forgotten: set[str] = set()
        self._grace = _GRACE

    def start(self) -> None:
        """Begin to serve the channels; without any, nothing is begun.

        Raises:
            HabitueError: A file cannot be opened.
        """
        if not self._specs or self._thread is not None:
            return
        begun: Future[None] = Future()
        self._thread = threading.Thread(target=self._live, args=[begun], name="habitue-channels", daemon=True)
        self._thread.start()
        try:
            begun.result()
        except BaseException:
            self._thread.join()
            self._thread = None
            raise

    def stop(self, grace: timedelta = _GRACE) -> None:
        """Begin nothing more; requests under way may end for a while, and are made again otherwise.

        Args:
            grace: For how long.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._grace = grace
        self._call(self._end)
        thread.join()

    def switch(self, specs: Iterable[ChannelSpec]) -> None:
        """Serve these channels from now on; those that are served go on where they stop."""
        wanted = tuple(specs)
        if wanted == self._specs and (self._thread is not None or not wanted):
            return
        self.stop()
        with self._lock:
            self._specs = wanted
            self._states = _unknown(wanted)
        self.start()

    def notify(self) -> None:
        """Look into the log of changes at once; from any thread."""
        self._call(self._wake)

    def forget(self, customers: Iterable[str]) -> None:
        """Tell nobody about some customers from now on; from any thread."""
        self._forgotten.update(customers)

    def state(self) -> tuple[ChannelState, ...]:
        """How every channel is doing, in the order of the project; from any thread."""
        with self._lock:
            return tuple(self._states.values())

    # --- In the thread ------------------------------------------------------------------------------------------------

    def _call(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(what)
            except RuntimeError:
                # The thread has ended in between.
                return

    def _wake(self) -> None:
        for courier in self._couriers:
            courier.wake()

    def _end(self) -> None:
        for courier in self._couriers:
            courier.end()
        if self._ending is not None:
            self._ending.set()

    def _publish(self, state: ChannelState) -> None:
        with self._lock:
            self._states[state.channel] = state

    def _live(self, begun: Future[None]) -> None:
        try:
            asyncio.run(self._run(begun))
        finally:
            # Whoever started this is not left waiting, whatever happened.
            begun.cancel()

    async def _run(self, begun: Future[None]) -> None:
        with ExitStack() as opened:
            try:
                doors = Doors(
                    log=opened.enter_context(self._log()),
                    store=opened.enter_context(self._store()),
                    clearance=opened.enter_context(self._clearance()),
                    clock=self._clock,
                    random=self._random,
                    forgotten=self._forgotten,
                )
            except HabitueError as error:
                begun.set_exception(error)
                return
            self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
            await self._serve(doors, self._ending, begun)

    async def _serve(self, doors: Doors, ending: asyncio.Event, begun: Future[None]) -> None:
        ways = {spec.channel: self._way(spec) for spec in self._specs}
        self._couriers = [
            Courier(spec, doors, ways[spec.channel], pace=self._pace, publish=self._publish) for spec in self._specs
        ]
        try:
            for courier in self._couriers:
                courier.begin()
        except HabitueError as error:
            begun.set_exception(error)
            return
        tasks = [asyncio.create_task(self._attend(each), name=each.channel) for each in self._couriers]
        for task in tasks:
            task.add_done_callback(self._report)
        tidying = asyncio.create_task(self._tidy(doors.store))
        begun.set_result(None)
        await ending.wait()
        tidying.cancel()
        await asyncio.wait(tasks, timeout=self._grace.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.wait([*tasks, tidying])
        for way in ways.values():
            way.close()

    def _way(self, spec: ChannelSpec) -> Egress:
        return Egress(
            allow_private=spec.allow_private,
            at_once=self._pace.at_once,
            resolve=self._network.resolve,
            trust=self._network.trust,
        )

    async def _attend(self, courier: Courier) -> None:
        """Serve one channel; where a file refuses, say so and try again a little later."""
        while not courier.is_ending:
            try:
                await courier.serve()
            except* HabitueError as group:
                self._say(courier.channel, _code_of(group))
            await courier.rest()

    def _say(self, channel: str, why: str) -> None:
        """Say that a channel is not served now."""
        with self._lock:
            self._states[channel] = replace(self._states[channel], state="stopped", why=why)

    def _report(self, task: asyncio.Task[None]) -> None:
        """A channel that ended on what nobody foresaw is seen to have stopped; the others go on."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._say(task.get_name(), _code_of(error))

    async def _tidy(self, store: Deliveries) -> None:
        """Forget what was settled long ago, now and then."""
        while True:
            with suppress(HabitueError):
                store.retire(self._clock() - KEPT)
            await asyncio.sleep(_TIDY.total_seconds())


def _unknown(specs: Iterable[ChannelSpec]) -> dict[str, ChannelState]:
    """What is known of channels that were not served yet."""
    return {spec.channel: ChannelState(channel=spec.channel, state="on") for spec in specs}


def _code_of(found: BaseException) -> str:
    """The code of an error, or of the first in a group."""
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found.code if isinstance(found, HabitueError) else type(found).__name__
