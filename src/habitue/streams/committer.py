"""Many senders, one log: what arrives at the same time is committed together and acknowledged together."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Thread
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from habitue.errors import HabitueError
from habitue.streams.entries import NewFailure, NewRecord, Receipt
from habitue.streams.log import Group, Log
from habitue.streams.log_rows import check_records
from habitue.streams.refusals import LogClosedError, LogOverloadedError, LogStoppedError

if TYPE_CHECKING:
    from concurrent.futures import Future

Answer = TypeVar("Answer")


class Pace(NamedTuple):
    """How long and how much the committer waits.

    Attributes:
        group_records: How many records one commit takes at most, unless one sender gave more.
        linger_s: How long a commit waits for more to join it; 0 takes what is there, which while the disk is busy
            with the commit before is whatever arrived meanwhile.
        waiting_records: How many records and failed events may wait.
        waiting_bytes: How many bytes of bodies may wait.
    """

    group_records: int = 2_000
    linger_s: float = 0.0
    waiting_records: int = 20_000
    waiting_bytes: int = 64 << 20


class _Waiting(NamedTuple):
    group: Group
    weight: int
    size: int
    answer: "Future[Receipt]"


class _Turn(NamedTuple):
    """Something else to be done with the log between two commits, and how to answer that it was not."""

    do: Callable[[Log], None]
    refuse: Callable[[HabitueError], None]


class Committer:
    """Writes a log from a thread of its own, which owns the log until `close`.

    Args:
        log: The log; nobody else uses it any longer.
        pace: How long and how much it waits.
    """

    def __init__(self, log: Log, pace: Pace | None = None) -> None:
        # Imported late: half of what the log weighs, and only whoever commits needs it.
        from concurrent.futures import Future

        self._new_future = Future
        self._log = log
        self._pace = pace or Pace()
        self._changed = Condition()
        self._waiting: deque[_Waiting] = deque()
        self._turns: deque[_Turn] = deque()
        self._events = 0
        self._bytes = 0
        self._refused = 0
        self._listeners: tuple[Callable[[int], None], ...] = ()
        self._is_closing = False
        self._ended: HabitueError | None = None
        self._thread = Thread(target=self._work, name="habitue-log", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what waits, and close the log."""
        self.close()

    @property
    def waiting(self) -> int:
        """How many records and failed events wait, or are being written."""
        return self._events

    @property
    def refused(self) -> int:
        """How many records and failed events were not taken, since this began: nobody was told that they are kept."""
        return self._refused

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is taken in any longer."""
        return self._is_closing or self._log.is_stopped

    def submit(self, records: Sequence[NewRecord], failures: Sequence[NewFailure] = ()) -> "Future[Receipt]":
        """Have records and failed events kept; the answer comes when they are on the disk.

        The future belongs to no event loop: `asyncio.wrap_future` makes one that can be awaited. One cancelled
        before its turn is not written. What `Log.append_many` raises comes as the future's exception.

        Raises:
            LogRecordError: One of them cannot be kept.
            LogOverloadedError: As much is waiting as may wait.
            LogClosedError: The committer was closed.
        """
        return self._submit(records, failures, patience_s=0.0)

    def append_many(
        self, records: Sequence[NewRecord], failures: Sequence[NewFailure] = (), *, patience_s: float = 5.0
    ) -> Receipt:
        """Keep records and failed events, waiting for room and for the disk.

        Args:
            records: The records.
            failures: The failed events.
            patience_s: How long to wait for room.

        Raises:
            LogOverloadedError: There was no room for so long.
            HabitueError: As `Log.append_many`.
        """
        return self._submit(records, failures, patience_s=patience_s).result()

    def run(self, work: Callable[[Log], Answer]) -> "Future[Answer]":
        """Have something else done with the log between two commits, such as one step of retention.

        Raises:
            LogClosedError: The committer was closed.
        """
        answer: Future[Answer] = self._new_future()

        def do(log: Log) -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(work(log))
            except HabitueError as error:
                answer.set_exception(error)
            except BaseException as error:
                answer.set_exception(error)
                raise

        def refuse(error: HabitueError) -> None:
            if answer.set_running_or_notify_cancel():
                answer.set_exception(error)

        with self._changed:
            self._check()
            self._turns.append(_Turn(do, refuse))
            self._changed.notify_all()
        return answer

    def listen(self, callback: Callable[[int], None]) -> None:
        """Have something called after each commit that kept records, with the offset of the newest of them.

        It is called on the committer's thread, after the senders were answered: it should only wake somebody up.
        """
        with self._changed:
            self._listeners = (*self._listeners, callback)

    def close(self) -> None:
        """Write what waits, close the log, and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join()

    def _submit(
        self, records: Sequence[NewRecord], failures: Sequence[NewFailure], *, patience_s: float
    ) -> "Future[Receipt]":
        size = check_records(records) + sum(len(failure.raw) for failure in failures)
        weight = len(records) + len(failures)
        with self._changed:
            self._check()
            if not self._has_room(weight, size):
                has_room = patience_s > 0 and self._changed.wait_for(
                    lambda: self._is_closing or self._has_room(weight, size), patience_s
                )
                self._check()
                if not has_room:
                    self._refused += weight
                    raise LogOverloadedError(self._events)
            answer: Future[Receipt] = self._new_future()
            self._waiting.append(_Waiting(Group(records, failures), weight, size, answer))
            self._events += weight
            self._bytes += size
            self._changed.notify_all()
        return answer

    def _has_room(self, weight: int, size: int) -> bool:
        """Whether so much more may wait; something too large for that waits alone."""
        pace = self._pace
        fits = self._events + weight <= pace.waiting_records and self._bytes + size <= pace.waiting_bytes
        return fits or not self._events

    def _check(self) -> None:
        if self._ended is not None:
            raise self._ended
        if self._is_closing:
            raise LogClosedError(self._log.path)

    def _work(self) -> None:
        try:
            while self._take_turn():
                pass
        finally:
            self._end()

    def _take_turn(self) -> bool:
        """Do what comes next; False when nothing will any more."""
        turn: _Turn | None = None
        taken = list[_Waiting]()
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._turns or self._is_closing)
            if self._turns:
                turn = self._turns.popleft()
            elif self._waiting:
                if self._pace.linger_s > 0:
                    self._changed.wait_for(self._is_full_group, self._pace.linger_s)
                taken = self._take()
        if turn is not None:
            before = self._log.replayed
            turn.do(self._log)
            if self._log.replayed > before:
                self._tell(self._log.replayed)
        elif taken:
            self._commit(taken)
        return turn is not None or bool(taken)

    def _is_full_group(self) -> bool:
        return self._events >= self._pace.group_records or self._is_closing or bool(self._turns)

    def _take(self) -> list[_Waiting]:
        taken, weight = [self._waiting.popleft()], 0
        weight = taken[0].weight
        while self._waiting and weight + self._waiting[0].weight <= self._pace.group_records:
            taken.append(self._waiting.popleft())
            weight += taken[-1].weight
        return taken

    def _commit(self, taken: Sequence[_Waiting]) -> None:
        wanted = [each for each in taken if each.answer.set_running_or_notify_cancel()]
        try:
            receipts = self._log.append_groups([each.group for each in wanted])
        except HabitueError as error:
            self._refuse(wanted, error)
        except BaseException as error:
            self._refuse(wanted, error)
            raise
        else:
            for each, receipt in zip(wanted, receipts, strict=True):
                each.answer.set_result(receipt)
            self._tell(max((offset for receipt in receipts for offset in receipt.offsets), default=0))
        finally:
            with self._changed:
                self._events -= sum(each.weight for each in taken)
                self._bytes -= sum(each.size for each in taken)
                self._changed.notify_all()

    def _tell(self, newest: int) -> None:
        if newest:
            for callback in self._listeners:
                callback(newest)

    def _refuse(self, wanted: Sequence[_Waiting], error: BaseException) -> None:
        with self._changed:
            self._refused += sum(each.weight for each in wanted)
        for each in wanted:
            each.answer.set_exception(error)

    def _end(self) -> None:
        """Answer everybody who still waits, which only happens after a mistake of ours, and close the log."""
        with self._changed:
            if not self._is_closing:
                self._ended = LogStoppedError(self._log.path, "its writer ended unexpectedly")
            self._is_closing = True
            error = self._ended or LogClosedError(self._log.path)
            waiting, turns = list(self._waiting), list(self._turns)
            self._waiting.clear()
            self._turns.clear()
            self._changed.notify_all()
        self._refuse([each for each in waiting if each.answer.set_running_or_notify_cancel()], error)
        for turn in turns:
            turn.refuse(error)
        self._log.close()
