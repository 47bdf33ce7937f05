"""The one thread between the door and the log: unpacks, understands, takes in, and hands over to be written.

What arrives while it works waits its turn; how much may wait is the budget of the door. The answer to a request comes
when its records are on the disk, and what it said about consent is in the ledger.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from threading import Condition, Thread
from typing import Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from habitue.errors import HabitueError
from habitue.server.bodies import unpacked
from habitue.server.figures import Figures, Gauge
from habitue.server.guarding import Guard
from habitue.server.refusals import failed_here, not_understood
from habitue.server.write_keys import Admitted, WriteKeys
from habitue.sources.inbox import FAILED, REFUSED, Inbox, Taken
from habitue.streams import Committer, Receipt
from habitue.streams.messages import Batch, Message, MessageRefusal

Understood: TypeAlias = Batch | MessageRefusal
Reading: TypeAlias = Callable[[bytes, int], Understood]
"""Understands an unpacked body that was received at an instant."""
T = TypeVar("T")
_POISON: Final = "MESSAGE-FAULT"
_TOGETHER: Final = 256 << 10
"""Bytes of requests that are taken in together."""


class Failed(NamedTuple):
    """One message of a request that was not taken in.

    Attributes:
        place: Its place in the request, from 0.
        code: Stable code of the reason.
        field: Path of the field that is wrong.
        reason: One sentence.
    """

    place: int
    code: str
    field: str
    reason: str


class Accepted(NamedTuple):
    """What became of a request that was taken in; all of it is on the disk.

    Attributes:
        received: How many messages it had.
        stored: How many were kept.
        duplicates: How many were there already.
        failed: Those that were not kept, and why.
    """

    received: int
    stored: int
    duplicates: int
    failed: list[Failed]


class Posted(NamedTuple):
    """One request as it came.

    Attributes:
        body: As it was sent.
        coding: How that is packed.
        reading: What understands it.
        admitted: Who sent it; None where only the body says.
        received_us: When it came, µs since 1970 UTC.
        headers: Those that say something about consent.
        most_bytes: How long it may be unpacked.
    """

    body: bytes
    coding: str
    reading: Reading
    admitted: Admitted | None
    received_us: int
    headers: tuple[tuple[str, str], ...]
    most_bytes: int


class _Job(NamedTuple):
    """A request that waits, and where its answer goes."""

    posted: Posted
    answer: "Future[Accepted]"


class _Read(NamedTuple):
    """A request that was understood."""

    job: _Job
    source: str
    results: Sequence[Message | MessageRefusal]


class Intake:
    """Takes requests in, in the order in which they came.

    Args:
        open_inbox: Opens the inbox for a while; in the thread of the intake, and it is used only there.
        committer: Writes the log.
        keys: Knows the keys that bodies name.
        figures: Counts.
    """

    def __init__(
        self,
        open_inbox: Callable[[], AbstractContextManager[Inbox]],
        committer: Committer,
        keys: WriteKeys,
        figures: Figures,
    ) -> None:
        self._open = open_inbox
        self._opened = ExitStack()
        self._committer = committer
        self._keys = keys
        self._figures = figures
        self._changed = Condition()
        self._waiting: deque[_Job | Callable[[Inbox], None]] = deque()
        self._written_later = 0
        self._is_closing = False
        self._ready: Future[None] = Future()
        self._thread = Thread(target=self._work, name="habitue-intake", daemon=True)
        self._thread.start()
        self._ready.result()

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._waiting)

    def gauges(self) -> tuple[Gauge, ...]:
        """What waits, here and for the disk."""
        committer = self._committer
        return (
            Gauge("habitue_intake_waiting", "Requests that wait for the intake.", lambda: self.waiting),
            Gauge(
                "habitue_log_waiting", "Events that wait for the disk, or are being written.", lambda: committer.waiting
            ),
            Gauge(
                "habitue_log_refused", "Events that the log did not take since the start.", lambda: committer.refused
            ),
        )

    @property
    def is_working(self) -> bool:
        """Whether anything is taken in."""
        return self._thread.is_alive() and not self._is_closing and not self._committer.is_stopped

    def submit(self, posted: Posted) -> "Future[Accepted]":
        """Have a request taken in; the answer comes when it is on the disk.

        The future's exception is a `HabitueError` that says what to answer.
        """
        answer: Future[Accepted] = Future()
        self._add(_Job(posted, answer))
        return answer

    def reopen(self) -> "Future[None]":
        """Open the inbox anew between two requests: the project's files have changed."""
        answer: Future[None] = Future()
        self._add(lambda _: self._reopen(answer))
        return answer

    def forget(self, records: Collection[str]) -> None:
        """Have erased records forgotten before the next message."""
        self._inbox.forget(records)

    def close(self) -> None:
        """Take in what waits, and end."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join()

    def _add(self, work: _Job | Callable[[Inbox], None]) -> None:
        with self._changed:
            if self._is_closing:
                raise failed_here()
            self._waiting.append(work)
            self._changed.notify_all()

    def _work(self) -> None:
        with Guard() as guard:
            self._inbox = self._opened.enter_context(self._open())
        if guard.error is not None:
            self._ready.set_exception(guard.error)
            return
        self._ready.set_result(None)
        while (work := self._next()) is not None:
            if isinstance(work, list):
                self._take_together(self._inbox, work)
            else:
                work(self._inbox)
        self._opened.close()

    def _next(self) -> list[_Job] | Callable[[Inbox], None] | None:
        """What comes next: something to be done, or the requests that wait, as many as are small together."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or (self._is_closing and not self._written_later))
            jobs, size = list[_Job](), 0
            while self._waiting:
                work = self._waiting[0]
                if not isinstance(work, _Job):
                    if jobs:
                        break
                    self._waiting.popleft()
                    return work
                size += len(work.posted.body)
                if jobs and size > _TOGETHER:
                    break
                jobs.append(work)
                self._waiting.popleft()
            return jobs or None

    def _reopen(self, answer: Future[None]) -> None:
        with _answering(answer, self._figures):
            opened = ExitStack()
            self._inbox, before = opened.enter_context(self._open()), self._opened
            self._opened = opened
            before.close()
            answer.set_result(None)

    def _take_together(self, inbox: Inbox, jobs: Sequence[_Job]) -> None:
        """Take requests in, whose people need one commit of the vault and not one each."""
        read = [each for job in jobs if (each := self._read(job)) is not None]
        if len(read) > 1:
            # What goes wrong here does so again, for the one request that it is about.
            with Guard():
                inbox.prepare((each.source, each.results) for each in read)
        for each in read:
            self._take(inbox, each)

    def _read(self, job: _Job) -> _Read | None:
        if not job.answer.set_running_or_notify_cancel():
            return None
        guard = Guard()
        with guard:
            batch = self._understood(job.posted)
            admitted = job.posted.admitted or self._keys.admit_now(batch.write_key)
            return _Read(job, admitted.source, batch.results)
        if guard.error is not None:
            _refuse(job.answer, guard.error, self._figures)
        return None

    def _take(self, inbox: Inbox, read: _Read) -> None:
        (posted, answer), source, results = read
        with _answering(answer, self._figures):
            taken = self._taken(inbox, source, results, posted)
            written = self._committer.submit(taken.records, taken.failures)
            with self._changed:
                self._written_later += 1
            written.add_done_callback(lambda done: self._written(done, source, taken, answer))

    def _understood(self, posted: Posted) -> Batch:
        said = posted.reading(unpacked(posted.body, posted.coding, posted.most_bytes), posted.received_us)
        if isinstance(said, MessageRefusal):
            raise not_understood(said)
        return said

    def _taken(self, inbox: Inbox, source: str, results: Sequence[Message | MessageRefusal], posted: Posted) -> Taken:
        """What the inbox makes of messages; one that it stumbles over does not keep the others out."""
        guard = Guard()
        with guard:
            return inbox.take(source, results, received_us=posted.received_us, headers=posted.headers)
        if isinstance(guard.error, HabitueError):
            raise guard.error
        self._figures.stumbled(guard.error)
        return _joined(self._singly(inbox, source, each, posted) for each in results)

    def _singly(self, inbox: Inbox, source: str, result: Message | MessageRefusal, posted: Posted) -> Taken:
        guard = Guard()
        with guard:
            return inbox.take(source, [result], received_us=posted.received_us, headers=posted.headers)
        if isinstance(guard.error, HabitueError):
            raise guard.error
        raw = msgspec.json.encode(result) if isinstance(result, Message) else result.raw
        refusal = MessageRefusal(_POISON, "", "Habitue stumbled over it; its log names the place.", raw)
        return inbox.take(source, [refusal], received_us=posted.received_us)

    def _written(self, done: "Future[Receipt]", source: str, taken: Taken, answer: Future[Accepted]) -> None:
        """Answer, in the thread of the committer; what was said about consent goes into the ledger before."""
        with _answering(answer, self._figures):
            receipt = done.result()
            if taken.consents:
                keeping = partial(self._keep, receipt=receipt, source=source, taken=taken, answer=answer)
                with self._changed:
                    self._waiting.appendleft(keeping)
            else:
                answer.set_result(self._counted(source, taken, receipt))
        with self._changed:
            self._written_later -= 1
            self._changed.notify_all()

    def _keep(self, inbox: Inbox, *, receipt: Receipt, source: str, taken: Taken, answer: Future[Accepted]) -> None:
        with _answering(answer, self._figures):
            inbox.keep_consents(taken)
            answer.set_result(self._counted(source, taken, receipt))

    def _counted(self, source: str, taken: Taken, receipt: Receipt) -> Accepted:
        failed, refused = list[Failed](), list[str]()
        if len(taken.failures) or len(taken.records) < len(taken.results):
            for place, each in enumerate(taken.results):
                if each.status in {FAILED, REFUSED}:
                    failed.append(Failed(place, each.code, each.field, each.reason))
                if each.status == REFUSED:
                    refused.append(each.code)
        self._figures.took(
            source, refused=refused, suppressed=taken.suppressed, noted=sum(bool(each.noted) for each in taken.results)
        )
        received = len(taken.results)
        # Whoever was erased is answered like anybody else: nobody learns by asking whether somebody was.
        return Accepted(received, received - len(failed) - receipt.duplicates, receipt.duplicates, failed)


def _joined(parts: Iterable[Taken]) -> Taken:
    whole = Taken([], [], [], 0, [])
    suppressed = 0
    for each in parts:
        whole.records.extend(each.records)
        whole.failures.extend(each.failures)
        whole.results.extend(each.results)
        whole.consents.extend(each.consents)
        suppressed += each.suppressed
    return whole._replace(suppressed=suppressed)


@contextmanager
def _answering(answer: "Future[T]", figures: Figures) -> Iterator[None]:
    """Have what goes wrong in the block be the answer."""
    guard = Guard()
    with guard:
        yield
    if guard.error is not None:
        _refuse(answer, guard.error, figures)


def _refuse(answer: "Future[T]", error: BaseException, figures: Figures) -> None:
    if not isinstance(error, HabitueError):
        figures.stumbled(error)
        error = failed_here()
    if not answer.done():
        answer.set_exception(error)
