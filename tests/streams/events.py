"""Events as the tests of the log send them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from habitue.streams import LogReader, NewFailure, NewRecord, Record

NOW_US = 1_780_000_000_000_000
HOUR_US = 3_600_000_000


def event(number: int, *, source: str = "web", received_us: int = NOW_US, size: int = 20) -> NewRecord:
    """One event that can be told from all others by its number."""
    return NewRecord(source, f"m-{number}", "track", received_us, str(number).encode().ljust(size))


def events(numbers: Iterable[int], *, source: str = "web", received_us: int = NOW_US) -> list[NewRecord]:
    """An event for each number."""
    return [event(number, source=source, received_us=received_us) for number in numbers]


def failure(number: int, *, source: str = "web", received_us: int = NOW_US, size: int = 20) -> NewFailure:
    """One event that could not be taken in."""
    raw = str(number).encode().ljust(size)
    return NewFailure(source, "decode", "MESSAGE-TYPE", "event", "Expected text.", received_us, raw)


def all_records(path: Path) -> list[Record]:
    """Everything a log holds, read in pages."""
    found = list[Record]()
    with LogReader(path) as reader:
        while page := reader.read(found[-1].offset if found else 0, 1_000):
            found += page
    return found


def ids(records: Sequence[Record]) -> list[str]:
    """The message ids of records."""
    return [record.message_id for record in records]


def check_sums(path: Path) -> None:
    """Received = stored + duplicates + failed, for every source."""
    with LogReader(path) as reader:
        for counts in reader.counts().values():
            assert counts.received == counts.stored + counts.duplicates + counts.failed
