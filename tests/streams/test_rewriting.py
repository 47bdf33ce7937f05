"""Bodies of the log can be changed after all: nothing of what was there stays, and what comes again is a duplicate."""

from pathlib import Path

from habitue.streams import Committer, Log, LogReader, NewRecord
from tests.streams.events import NOW_US, all_records, check_sums, event, events

SECRET = b"a sealed word that nobody shall find again"


def secret(number: int) -> NewRecord:
    """A message that tells it."""
    return event(number)._replace(body=SECRET + b"%d" % number)


def without_secret(body: bytes) -> bytes | None:
    """A body without what was to be forgotten."""
    return b"{}" if SECRET in body else None


def forget(log: Log) -> int:
    """Change every body that tells it, a few at a time."""
    count, offset = 0, 0
    while True:
        done = log.rewrite(without_secret, after=offset, limit=7)
        count, offset = count + done.records, done.offset
        if done.is_done:
            log.compact()
            return count


def holds(folder: Path, piece: bytes) -> list[str]:
    """The files of a folder that hold some bytes."""
    return [path.name for path in sorted(folder.iterdir()) if piece in path.read_bytes()]


def test_a_body_that_is_changed_leaves_no_byte_behind_and_its_message_stays_known(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    secrets = [secret(number) for number in range(100, 120)]
    with Log.open(path) as log, LogReader(path) as reader:
        log.append_many(events(range(20)))
        log.append_many(secrets)
        before = reader.read()
        assert holds(tmp_path, SECRET)
        assert forget(log) == len(secrets)
        assert holds(tmp_path, SECRET) == []
        after = reader.read()
        assert [each[:5] for each in after] == [each[:5] for each in before]
        assert [each.body for each in after[:20]] == [each.body for each in before[:20]]
        assert {each.body for each in after[20:]} == {b"{}"}
        receipt = log.append_many([secrets[0], event(500)])
        assert (receipt.duplicates, receipt.offsets) == (1, [21, 41])
    assert holds(tmp_path, SECRET) == []
    check_sums(path)


def test_bodies_are_changed_between_two_commits_of_a_running_committer(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    with Committer(Log.open(path)) as committer:
        committer.append_many([secret(1), event(2)])
        waiting = [committer.submit([event(number)]) for number in range(10, 30)]
        assert committer.run(forget).result() == 1
        assert [each.result().duplicates for each in waiting] == [0] * len(waiting)
        assert committer.append_many([secret(1)]).duplicates == 1
    assert holds(tmp_path, SECRET) == []
    assert len(all_records(path)) == 22
    assert all(each.received_us == NOW_US for each in all_records(path))
