"""Senders that come at the same time share commits, wait their turn, and are told what became of theirs."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from habitue.streams import (
    Committer,
    Log,
    LogClosedError,
    LogFencedError,
    LogOverloadedError,
    LogReader,
    LogRecordError,
    LogStoppedError,
    Pace,
    Receipt,
)
from tests.streams.events import all_records, check_sums, event, events, failure, ids


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


class Held:
    """A committer whose thread waits until it is let go."""

    def __init__(self, path: Path, pace: Pace) -> None:
        self.committer = Committer(Log.open(path), pace)
        self._go, self._is_there = Event(), Event()
        self._held = self.committer.run(self._wait)
        assert self._is_there.wait(10)

    def _wait(self, log: Log) -> int:
        self._is_there.set()
        assert self._go.wait(10)
        return log.epoch

    def let_go(self) -> None:
        """The thread goes on."""
        self._go.set()
        self._held.result(10)


@pytest.fixture
def held(path: Path) -> Iterator[Held]:
    here = Held(path, Pace(waiting_records=30, waiting_bytes=10_000))
    yield here
    here.let_go()
    here.committer.close()


def test_many_threads_are_each_told_their_own_offsets(path: Path) -> None:
    with Committer(Log.open(path)) as committer, ThreadPoolExecutor(8) as pool:

        def send(thread: int) -> list[tuple[int, int]]:
            said: list[tuple[int, int]] = []
            for start in range(thread * 1_000, thread * 1_000 + 200, 10):
                receipt = committer.append_many(events(range(start, start + 10)), [failure(start)])
                said += zip(range(start, start + 10), receipt.offsets, strict=True)
            return said

        told = [pair for said in pool.map(send, range(8)) for pair in said]
    found = {record.offset: record.message_id for record in all_records(path)}
    assert len(found) == len(told) == 1_600
    assert all(found[offset] == f"m-{number}" for number, offset in told)
    with LogReader(path) as reader:
        assert reader.counts()["web"] == (1_760, 1_600, 0, 160)


def test_the_same_message_from_many_threads_is_kept_once(path: Path) -> None:
    with Committer(Log.open(path)) as committer, ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: committer.append_many(events(range(20))), range(40)))
    assert {tuple(receipt.offsets) for receipt in receipts} == {tuple(range(1, 21))}
    assert sum(receipt.duplicates for receipt in receipts) == 39 * 20
    check_sums(path)


def test_what_waits_together_is_committed_together(path: Path, held: Held) -> None:
    waiting = [held.committer.submit([event(number)]) for number in range(5)]
    assert held.committer.waiting == 5
    held.let_go()
    assert [each.result(10).offsets for each in waiting] == [[1], [2], [3], [4], [5]]
    assert ids(all_records(path)) == ["m-0", "m-1", "m-2", "m-3", "m-4"]


def test_too_much_is_refused_at_once_and_counted(held: Held) -> None:
    held.committer.submit(events(range(20)), [failure(1)])
    with pytest.raises(LogOverloadedError):
        held.committer.submit(events(range(20, 30)))
    with pytest.raises(LogOverloadedError):
        held.committer.submit([event(31, size=10_000)])
    assert held.committer.refused == 11
    held.committer.submit(events(range(40, 49)))


def test_a_patient_sender_waits_for_room(held: Held) -> None:
    held.committer.submit(events(range(30)))
    with pytest.raises(LogOverloadedError):
        held.committer.append_many([event(50)], patience_s=0.01)
    with ThreadPoolExecutor(1) as pool:
        patient = pool.submit(held.committer.append_many, [event(50)], patience_s=10.0)
        held.let_go()
        assert patient.result(10).offsets == [31]


def test_something_larger_than_may_wait_goes_alone(path: Path) -> None:
    with Committer(Log.open(path), Pace(waiting_records=5, group_records=5)) as committer:
        assert len(committer.append_many(events(range(50))).offsets) == 50


def test_a_cancelled_sender_is_not_written(path: Path, held: Held) -> None:
    gone, stays = held.committer.submit([event(1)]), held.committer.submit([event(2)])
    assert gone.cancel()
    held.let_go()
    assert stays.result(10).offsets == [1]
    assert ids(all_records(path)) == ["m-2"]


def test_senders_of_an_event_loop_await_their_receipts(path: Path) -> None:
    async def send(committer: Committer, number: int) -> Receipt:
        return await asyncio.wrap_future(committer.submit([event(number)]))

    async def send_all() -> list[Receipt]:
        with Committer(Log.open(path), Pace(linger_s=0.002)) as committer:
            return await asyncio.gather(*(send(committer, number) for number in range(200)))

    receipts = asyncio.run(send_all())
    assert sorted(receipt.offsets[0] for receipt in receipts) == list(range(1, 201))


def test_what_waits_at_the_end_is_written(path: Path) -> None:
    committer = Committer(Log.open(path), Pace(linger_s=0.5))
    waiting = [committer.submit([event(number)]) for number in range(10)]
    committer.close()
    assert [each.result(0).offsets[0] for each in waiting] == list(range(1, 11))
    with pytest.raises(LogClosedError):
        committer.submit([event(11)])
    assert committer.is_stopped
    Log.open(path).close()


def test_one_bad_record_refuses_its_sender_only(path: Path, held: Held) -> None:
    good = held.committer.submit([event(1)])
    with pytest.raises(LogRecordError):
        held.committer.submit([event(2)._replace(message_id="\ud800")])
    held.let_go()
    assert good.result(10).offsets == [1]
    assert ids(all_records(path)) == ["m-1"]


def test_a_fenced_committer_says_so_to_everybody(path: Path) -> None:
    with Committer(Log.open(path)) as stale, Log.open(path, take_over=True) as fresh:
        for _ in range(2):
            with pytest.raises(LogFencedError):
                stale.append_many([event(1)])
        assert stale.is_stopped
        fresh.append_many([event(2)])
    assert ids(all_records(path)) == ["m-2"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_leaves_nobody_waiting(path: Path, held: Held) -> None:
    def fail(log: Log) -> None:
        raise ZeroDivisionError(log.epoch)

    broken: Future[None] = held.committer.run(fail)
    later = held.committer.submit([event(1)])
    held.let_go()
    with pytest.raises(ZeroDivisionError):
        broken.result(10)
    with pytest.raises(LogStoppedError):
        later.result(10)
    with pytest.raises(LogStoppedError):
        held.committer.submit([event(2)])
    assert all_records(path) == []


def test_retention_runs_between_commits(path: Path) -> None:
    with Committer(Log.open(path)) as committer:
        committer.append_many(events(range(10)))
        assert committer.run(lambda log: log.retire(1 << 60)).result(10).records == 10


def test_listeners_are_told_the_newest_offset_after_each_commit(path: Path) -> None:
    heard = list[int]()
    with Committer(Log.open(path)) as committer:
        committer.listen(heard.append)
        committer.append_many(events(range(3)))
        committer.append_many([], [failure(1)])
        committer.append_many(events(range(2, 5)))
    assert heard == [3, 5]
