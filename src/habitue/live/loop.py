"""The thread that reads the log as it grows: people enter and leave segments, and whoever listens is told.

It reads by offset and nothing else, so that what happens after a restart is what happened before it. Each micro-batch
of records, with the deadlines minded after it, is kept in one transaction with how far the log was read.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition, Thread
from typing import NamedTuple, TypeVar

from habitue.errors import HabitueError
from habitue.live.keeping import Keeper
from habitue.live.poison import code_of
from habitue.live.setting import Pace, Setting
from habitue.live.state import LiveState, Phase
from habitue.live.switching import Switching
from habitue.live.tail import Tail
from habitue.live.turning import Turning
from habitue.rules.live_transitions import Facts
from habitue.rules.live_weighing import Weighing, Weight
from habitue.segments import Moved, TransitionLog

Answer = TypeVar("Answer")
Subscriber = Callable[[Sequence[Moved]], None]


class _Order(NamedTuple):
    """Something to be done on the loop's thread, and how to say that it will not be."""

    do: Callable[[Turning], None]
    cancel: Callable[[], bool]


class Loop:
    """The live reading of one project, on a thread of its own.

    Args:
        setting: What it works with.
        pace: How much it does at a time.
    """

    def __init__(self, setting: Setting, pace: Pace | None = None) -> None:
        self._setting = setting
        self._pace = pace or Pace()
        self._wake = Condition()
        self._is_woken = self._is_stopping = False
        self._orders: deque[_Order] = deque()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._newest = 0
        self._turning: Turning | None = None
        self._switching = Switching(setting.project, self._pace, self.notify)
        self._ended: tuple[Phase, str] | None = None
        self._hindered, self._unheard = "", 0
        self._thread = Thread(target=self._work, name="habitue-live", daemon=True)

    def start(self) -> None:
        """Begin; answers are there once `state().is_ready`."""
        self._thread.start()

    def stop(self) -> None:
        """Keep what was read, and end the thread."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def notify(self, offset: int = 0) -> None:
        """Say that the log has grown up to an offset; for `Committer.listen`."""
        with self._wake:
            self._newest = max(self._newest, offset)
            self._is_woken = True
            self._wake.notify_all()

    def subscribe(self, callback: Subscriber) -> None:
        """Have something called with every transition that was kept, in order; on the loop's thread, so be quick."""
        with self._wake:
            self._subscribers = (*self._subscribers, callback)

    # --- Answers ------------------------------------------------------------------------------------------------------

    def members(self, segment: str) -> dict[str, int]:
        """Who is in a segment, each since when (µs since 1970 UTC), as it was last kept."""
        with TransitionLog.open(self._setting.project) as log:
            return log.members(segment)

    def page(self, segment: str, *, after: str = "", limit: int = 1_000) -> list[str]:
        """Some who are in a segment, by id, from behind a given one, as it was last kept."""
        with TransitionLog.open(self._setting.project) as log:
            return [customer for customer, _ in log.page(segment, after=after, limit=limit)]

    def is_live(self, segment: str) -> bool:
        """Whether a segment is answered here; others stay as the last build has them."""
        return self._turning is not None and segment in self._turning.generation.names

    def is_member(self, customer: str, segment: str) -> bool:
        """Whether a customer is in a live segment right now."""
        turning = self._turning
        if turning is None:
            return False
        with turning.lock:
            return turning.generation.holds(customer, segment)

    def sizes(self) -> dict[str, int]:
        """How many are in each live segment, as it was last kept."""
        turning = self._turning
        if turning is None:
            return {}
        return {segment: turning.keeper.sizes.get(segment, 0) for segment in turning.generation.names}

    @property
    def position(self) -> tuple[int, int]:
        """The offset up to which the log was read and kept, and the instant of the answers in µs."""
        turning = self._turning
        if turning is None:
            return 0, 0
        offset, clock_us, *_ = turning.keeper.position
        return offset, max(clock_us, turning.seen_us)

    def seen_us(self) -> int:
        """The instant up to which every deadline was minded, µs since 1970 UTC; 0 before the start."""
        return 0 if self._turning is None else self._turning.seen_us

    def lag(self) -> int:
        """How many records wait to be read."""
        return max(0, self._newest - self.position[0])

    def state(self) -> LiveState:
        """How it stands."""
        turning, (offset, clock_us) = self._turning, self.position
        if turning is None:
            phase, problem = self._ended or (Phase.STARTING, self._hindered)
            return LiveState(phase=phase, newest=self._newest, problem=problem)
        phase, problem = self._ended or (turning.phase, turning.problem)
        return LiveState(
            phase=phase,
            offset=offset,
            newest=max(self._newest, offset),
            clock_us=clock_us,
            people=turning.generation.rules.people,
            segments=turning.generation.names,
            generation=turning.generations,
            making=self._switching.progress(),
            read=turning.read,
            poisoned=turning.poison.count,
            poison=turning.poison.last,
            refused=turning.keeper.refused,
            unheard=self._unheard,
            problem=problem,
        )

    def weight(self) -> Weight | None:
        """How much is kept, and for which segments; None before answers are given. By whatever thread."""
        turning = self._turning
        if turning is None:
            return None
        with turning.lock:
            weighing = Weighing(turning.generation.rules)
        has_more = True
        while has_more:
            with turning.lock:
                has_more = weighing.step()
        return weighing.weight()

    def wait_for(self, offset: int, timeout_s: float) -> bool:
        """Wait until a record of the log was read and kept; False when that takes longer, or the loop has ended."""
        with self._wake:
            self._wake.wait_for(lambda: self.position[0] >= offset or self._ended is not None, timeout_s)
        return self.position[0] >= offset

    # --- Orders -------------------------------------------------------------------------------------------------------

    def switch(self, setting: Setting | None = None) -> "Future[int]":
        """Make everything live anew in the background, from changed rules or data, and switch over when it is complete.

        Args:
            setting: What it works with from then on; what it began with when not given. Folder, log and clock stay.

        Returns:
            Comes true with the number of transitions that follow from it; with the error when making fails, and then
            all stays as it was.
        """
        return self._switching.ask(setting or self._setting)

    def know(self, customer: str, facts: Facts) -> "Future[None]":
        """Take in traits, scores and labels of a customer that came by another way than the log."""

        def do(turning: Turning) -> None:
            generation = turning.generation
            turning.keeper.add(generation.rules.know(customer, facts, self._setting.clock()), generation.offset)

        return self._order(do)

    def decide(self, records: Sequence[str]) -> "Future[None]":
        """Look anew at what people allow, after the ledger was told something by another way than messages.

        Args:
            records: The records it is about.
        """

        def do(turning: Turning) -> None:
            generation = turning.generation
            turning.keeper.add(generation.decide(records, self._setting.clock()), generation.offset)

        return self._order(do)

    def forget(self, customers: Sequence[str]) -> "Future[None]":
        """Drop all that is known of some customers, in memory and among the transitions; nobody is told."""

        def do(turning: Turning) -> None:
            turning.generation.forget(customers, self._setting.clock())
            self._switching.forget(customers, self._setting.clock())
            turning.keeper.forget(customers)

        return self._order(do)

    def _order(self, work: Callable[[Turning], Answer]) -> "Future[Answer]":
        """Have something done on the loop's thread, between two turns; cancelled where that has ended."""
        answer: Future[Answer] = Future()

        def do(turning: Turning) -> None:
            if answer.set_running_or_notify_cancel():
                try:
                    with turning.lock:
                        answer.set_result(work(turning))
                except Exception as error:
                    answer.set_exception(error)

        with self._wake:
            if self._ended is not None:
                answer.cancel()
                return answer
            self._orders.append(_Order(do, answer.cancel))
        self.notify()
        return answer

    # --- The thread ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """The outermost loop: whatever happens, `state` says it."""
        try:
            with TransitionLog.open(self._setting.project) as log:
                tail = Tail(self._setting.log)
                try:
                    self._run(log, tail)
                finally:
                    tail.close()
            self._end(Phase.STOPPED, "")
        except Exception as error:
            self._end(Phase.FAILED, code_of(error))

    def _run(self, log: TransitionLog, tail: Tail) -> None:
        self.notify(tail.newest())
        while not self._is_stopping:
            try:
                turning = Turning(self._setting, self._pace, Keeper(log), tail, self._switching, self._tell)
            except HabitueError as error:
                # A disk that is full or a table that is locked need not stay so.
                self._hindered = code_of(error)
                self._rest(self._pace.retry_s)
                continue
            self._turning = turning
            try:
                self._go_on(turning)
            finally:
                turning.generation.close()

    def _go_on(self, turning: Turning) -> None:
        while not self._is_stopping:
            while self._orders:
                self._orders.popleft().do(turning)
            self._is_woken = False
            try:
                has_more = turning.turn()
            except HabitueError as error:
                turning.phase, turning.problem, has_more = Phase.WAITING, code_of(error), False
            self._rest(0.0 if has_more else self._patience_s(turning))

    def _rest(self, seconds: float) -> None:
        """Wait until something is to be done, so long at most; whoever waits for this to come on is told."""
        with self._wake:
            self._wake.notify_all()
            if seconds > 0:
                self._wake.wait_for(lambda: self._is_woken or self._is_stopping, seconds)

    def _patience_s(self, turning: Turning) -> float:
        """How long nothing has to be looked at."""
        if turning.problem:
            return self._pace.retry_s
        due_at = turning.generation.next_due_at()
        if due_at is None:
            return self._pace.tick_s
        until_s = (due_at - self._setting.clock()).total_seconds()
        return min(self._pace.tick_s, max(0.0, until_s))

    def _tell(self, moved: Sequence[Moved]) -> None:
        for callback in self._subscribers if moved else ():
            try:
                callback(moved)
            except Exception:
                # What was kept is kept: whoever missed it reads it by its sequence.
                self._unheard += 1

    def _end(self, phase: Phase, problem: str) -> None:
        with self._wake:
            self._ended = (phase, problem)
            self._wake.notify_all()
        self._switching.end()
        # Whoever waits for one of them is not left waiting.
        while self._orders:
            self._orders.popleft().cancel()
