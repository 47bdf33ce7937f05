"""The log keeps each message once, in order, and answers for what it has acknowledged."""

import os
import random
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.streams import (
    Counts,
    FailureState,
    Limits,
    Log,
    LogClosedError,
    LogDamagedError,
    LogFencedError,
    LogHeldError,
    LogMissingError,
    LogNewerError,
    LogReader,
    LogRecordError,
    NewRecord,
)
from habitue.streams.log_rows import id_of, key_of
from tests.streams.events import HOUR_US, NOW_US, all_records, check_sums, event, events, failure, ids


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite"


def test_what_is_appended_is_read_in_order_with_offsets_without_gaps(path: Path) -> None:
    with Log.open(path) as log:
        assert log.append_many(events(range(3))).offsets == [1, 2, 3]
        assert log.append_many([event(3, source="app")]).offsets == [4]
        assert log.append_many([]).offsets == []
    found = all_records(path)
    assert [record.offset for record in found] == [1, 2, 3, 4]
    assert [(record.source, record.message_id) for record in found][2:] == [("web", "m-2"), ("app", "m-3")]
    assert (found[0].kind, found[0].received_us, found[0].body) == ("track", NOW_US, event(0).body)


def test_a_reader_beside_the_writer_pages_by_offset(path: Path) -> None:
    with Log.open(path) as log, LogReader(path) as reader:
        assert reader.read() == []
        assert reader.bounds() == (1, 0)
        log.append_many(events(range(10)))
        assert [record.offset for record in reader.read(after=4, limit=3)] == [5, 6, 7]
        assert reader.read(after=10) == []
        assert reader.bounds() == (1, 10)


def test_the_same_id_again_gives_the_first_offset_and_counts_as_a_duplicate(path: Path) -> None:
    with Log.open(path) as log:
        log.append_many(events(range(5)))
        receipt = log.append_many(events([7, 3, 8, 7, 3]))
        assert receipt.offsets == [6, 4, 7, 6, 4]
        assert receipt.duplicates == 3
    with Log.open(path) as log:
        assert log.append_many(events([0])).offsets == [1]
    assert ids(all_records(path)) == ["m-0", "m-1", "m-2", "m-3", "m-4", "m-7", "m-8"]
    with LogReader(path) as reader:
        assert reader.counts() == {"web": Counts(received=11, stored=7, duplicates=4, failed=0)}


def test_sources_do_not_share_ids(path: Path) -> None:
    with Log.open(path) as log:
        assert log.append_many([event(1), event(1, source="app")]).offsets == [1, 2]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["a", "b"])), max_size=8), max_size=12),
    st.sampled_from([1, 4, 1_000]),
    st.sets(st.integers(0, 12)),
)
def test_any_order_of_duplicates_keeps_each_message_once(
    batches: list[list[tuple[int, str]]], sweep: int, restarts: set[int]
) -> None:
    first: dict[tuple[int, str], int] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        log = Log.open(path, limits=Limits(sweep=sweep))
        for step, batch in enumerate(batches):
            if step in restarts:
                log.close()
                log = Log.open(path, limits=Limits(sweep=sweep))
            expected = [first.setdefault(key, len(first) + 1) for key in batch]
            receipt = log.append_many([event(number, source=source) for number, source in batch])
            assert receipt.offsets == expected
        log.close()
        assert len(all_records(path)) == len(first)
        check_sums(path)


@pytest.mark.parametrize("sweep", [1, 16, 10_000])
def test_forgotten_ids_are_new_again_and_others_are_not(path: Path, sweep: int) -> None:
    with Log.open(path, limits=Limits(sweep=sweep)) as log:
        for hour in range(4):
            log.append_many(events(range(hour * 10, hour * 10 + 10), received_us=NOW_US + hour * HOUR_US))
        while not log.retire(NOW_US + 2 * HOUR_US, limit=3).is_done:
            log.append_many([event(39, received_us=NOW_US + 3 * HOUR_US)])
        left = {record.message_id for record in all_records(path)}
        assert 0 < len(left) < 40
        receipt = log.append_many(events(range(40), received_us=NOW_US + 3 * HOUR_US))
        assert receipt.duplicates == len(left)
    with Log.open(path, limits=Limits(sweep=sweep)) as log:
        assert log.append_many(events(range(40))).offsets == receipt.offsets
    assert sorted(ids(all_records(path))) == sorted(f"m-{number}" for number in range(40))


@given(st.text(max_size=40) | st.uuids().map(str) | st.uuids().map(lambda each: str(each).upper()))
def test_no_two_ids_are_kept_alike(text: str) -> None:
    assert id_of(key_of(7, text)) == text


@pytest.mark.parametrize(
    "text", ["0" * 36, "01234567-89ab-cdef-0123-45678 9abcde", "01234567-89ab-cdef-0123-456789abcdeg", "-" * 36]
)
def test_what_only_looks_like_a_uuid_is_kept_as_text(text: str) -> None:
    assert key_of(7, text)[4:] == text.encode()
    assert id_of(key_of(7, text)) == text


def test_uuids_are_ids_like_others(path: Path) -> None:
    name = str(uuid.UUID(int=random.Random(1).getrandbits(128), version=4))
    with Log.open(path) as log:
        log.append_many([NewRecord("web", name, "track", NOW_US, b"{}")])
        assert log.append_many([NewRecord("web", name, "track", NOW_US, b"{}")]).duplicates == 1
    assert ids(all_records(path)) == [name]


@pytest.mark.parametrize(
    "record",
    [
        event(1)._replace(message_id=""),
        event(1)._replace(message_id="x" * 201),
        event(1)._replace(message_id="\ud800"),
        event(1)._replace(source="\udcff"),
        event(1)._replace(received_us=1 << 63),
        event(1)._replace(body=bytes((16 << 20) + 1)),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_with_it(path: Path, record: NewRecord) -> None:
    with Log.open(path) as log:
        with pytest.raises(LogRecordError):
            log.append_many([event(0), record])
        assert log.append_many([event(5)]).offsets == [1]


def test_failed_events_wait_in_the_lane_and_the_counts_add_up(path: Path) -> None:
    with Log.open(path) as log:
        log.append_many(events(range(2)), [failure(10), failure(11, source="app")])
        with LogReader(path) as reader:
            first, second = reader.failures()
            assert (first.code, first.field, first.stage, first.state) == (
                "MESSAGE-TYPE",
                "event",
                "decode",
                FailureState.OPEN,
            )
            assert first.raw == failure(10).raw
            assert reader.failures(source="app") == [second]
            assert reader.failures(after=first.number) == [second]
            assert reader.failures(code="OTHER") == []
            assert reader.counts() == {"web": Counts(3, 2, 0, 1), "app": Counts(1, 0, 0, 1)}
        assert log.replay(first.number, event(10)).offsets == [3]
        with pytest.raises(LogRecordError):
            log.replay(first.number, event(12))
        with pytest.raises(LogRecordError):
            log.replay(second.number, event(12))
        assert log.drop_failures([first.number, second.number, 99]) == 1
    with LogReader(path) as reader:
        assert reader.counts() == {"web": Counts(3, 3, 0, 0), "app": Counts(1, 0, 0, 1)}
        assert [(each.state, each.raw) for each in reader.failures()] == [
            (FailureState.REPLAYED, None),
            (FailureState.DROPPED, None),
        ]
    assert ids(all_records(path)) == ["m-0", "m-1", "m-10"]


def test_a_full_lane_keeps_reasons_and_does_not_stop_the_log(path: Path) -> None:
    with Log.open(path, limits=Limits(lane_bytes=50)) as log:
        log.append_many([], [failure(1), failure(2), failure(3)])
        log.append_many(events([1]), [failure(4)])
        with LogReader(path) as reader:
            assert [each.raw is None for each in reader.failures()] == [False, False, True, True]
        log.drop_failures([1])
        log.append_many([], [failure(5)])
    with LogReader(path) as reader:
        assert reader.failures()[-1].raw == failure(5).raw
        assert reader.counts() == {"web": Counts(6, 1, 0, 5)}


def test_texts_of_failures_are_made_fit_to_be_kept(path: Path) -> None:
    with Log.open(path) as log:
        log.append_many([], [failure(1)._replace(reason="\ud800" + "x" * 5_000, field="a" * 900, received_us=1 << 70)])
    with LogReader(path) as reader:
        found = reader.failures()[0]
    assert found.reason.startswith("\\ud800xxx")
    assert len(found.field) == 500


def test_retention_removes_whole_stretches_with_their_ids(path: Path) -> None:
    with Log.open(path) as log:
        for hour in range(4):
            log.append_many(events(range(hour * 10, hour * 10 + 10), received_us=NOW_US + hour * HOUR_US))
        log.append_many([], [failure(1), failure(2, received_us=NOW_US + 9 * HOUR_US)])
        assert log.retire(NOW_US - HOUR_US).is_done
        steps = []
        while not (step := log.retire(NOW_US + 2 * HOUR_US, limit=7)).is_done:
            steps.append(step)
        steps.append(step)
        assert sum(each.records for each in steps) in (10, 20)
        assert sum(each.failures for each in steps) == 1
        gone = sum(each.records for each in steps)
        left = all_records(path)
        assert [record.offset for record in left] == list(range(gone + 1, 41))
        assert log.append_many(events([0, 39], received_us=NOW_US + 4 * HOUR_US)) == ([41, 40], 1)
        while not log.retire(NOW_US + 99 * HOUR_US, limit=7).is_done:
            pass
        with LogReader(path) as reader:
            assert reader.read() == []
            assert reader.failures() == []
            assert reader.bounds() == (42, 41)
            assert reader.counts() == {"web": Counts(44, 41, 1, 2)}
        assert log.append_many(events([0])).offsets == [42]


def test_a_sender_clock_jump_does_not_keep_later_records_for_ever(path: Path) -> None:
    with Log.open(path) as log:
        log.append_many([event(1, received_us=NOW_US + 99_999 * HOUR_US), event(2), event(3)])
        while not log.retire(NOW_US + 5 * HOUR_US).is_done:
            pass
    assert ids(all_records(path)) == ["m-1"]


def test_a_second_writer_is_refused_and_told_who_writes(path: Path) -> None:
    with Log.open(path), pytest.raises(LogHeldError) as refusal:
        Log.open(path)
    assert refusal.value.pid == os.getpid()
    Log.open(path).close()


def test_a_writer_that_was_taken_over_can_no_longer_commit(path: Path) -> None:
    stale = Log.open(path)
    stale.append_many(events([1]))
    with Log.open(path, take_over=True) as fresh:
        assert fresh.epoch > stale.epoch
        with pytest.raises(LogFencedError):
            stale.append_many(events([2]))
        with pytest.raises(LogHeldError):
            Log.open(path)
        fresh.append_many(events([3]))
        with pytest.raises(LogFencedError):
            stale.append_many(events([4]))
        assert stale.is_stopped
        stale.close()
        with pytest.raises(LogHeldError):
            Log.open(path)
    assert ids(all_records(path)) == ["m-1", "m-3"]


def test_a_closed_log_takes_nothing(path: Path) -> None:
    log = Log.open(path)
    log.close()
    log.close()
    with pytest.raises(LogClosedError):
        log.append_many(events([1]))


def test_files_that_are_no_log_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello " * 500, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE a (b)")
    for name in ("text", "other"):
        with pytest.raises(LogDamagedError):
            Log.open(tmp_path / name)
        with pytest.raises(LogDamagedError):
            LogReader(tmp_path / name)
    with pytest.raises(LogMissingError):
        LogReader(tmp_path / "absent")
    (tmp_path / "empty").touch()
    with pytest.raises(LogMissingError):
        LogReader(tmp_path / "empty")
    with pytest.raises(LogMissingError):
        Log.open(tmp_path / "absent" / "log.sqlite")


def test_a_later_format_is_left_alone(path: Path) -> None:
    Log.open(path).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(LogNewerError):
        Log.open(path)


def test_a_changed_body_is_found_and_located(path: Path) -> None:
    with Log.open(path) as log:
        log.append_many(events(range(5)))
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE records SET body = x'00' WHERE place = 3")
        file.commit()
    with LogReader(path) as reader:
        assert len(reader.read(limit=2)) == 2
        with pytest.raises(LogDamagedError, match="offset 3"):
            reader.read()


def test_the_file_is_private_and_checkpointed_when_it_grows(path: Path) -> None:
    with Log.open(path) as log:
        for start in range(0, 20_000, 1_000):
            log.append_many([event(number, size=2_000) for number in range(start, start + 1_000)])
        assert path.stat().st_size > 20_000_000
        assert path.with_name("log.sqlite-wal").stat().st_size < 60_000_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("log.sqlite-wal").exists()


IMPORT = "import resource, sys\n{}\nu = resource.getrusage(resource.RUSAGE_SELF)\nprint(u.ru_utime + u.ru_stime)"


def test_the_log_is_imported_quickly_and_without_science() -> None:
    def seconds(line: str) -> float:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, "-c", IMPORT.format(line)]
        return float(subprocess.run(words, capture_output=True, text=True, check=True, env=env).stdout)

    pairs = [(seconds("pass"), seconds("import habitue.streams.log")) for _ in range(5)]
    bare, after = min(before for before, _ in pairs), min(after for _, after in pairs)
    # Against a bare start in the same minute: on a busy machine both take longer.
    assert after < 8 * bare
    heavy = ["numpy", "pandas", "pyarrow", "duckdb", "ibis", "scipy", "sklearn", "pydantic", "ruamel"]
    line = f"import habitue.streams.log; print(sorted(set({heavy}) & set(sys.modules)))"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; {line}"], capture_output=True, text=True, env=env, check=True
    )
    assert said.stdout.strip() == "[]"
