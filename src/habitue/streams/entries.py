"""What goes into the log and what comes out of it, as plain values."""

from enum import StrEnum
from typing import NamedTuple


class NewRecord(NamedTuple):
    """One thing to be kept.

    Attributes:
        source: Name of the source it came from.
        message_id: The sender's own id of it, unique within the source; kept in the clear.
        kind: What it is: `track`, `identify` and so on.
        received_us: When it was received, µs since 1970 UTC.
        body: What it says, without anything personal in the clear.
    """

    source: str
    message_id: str
    kind: str
    received_us: int
    body: bytes


class Record(NamedTuple):
    """One thing that was kept.

    Attributes:
        offset: Its place in the log; later records have greater ones, without gaps.
        received_us: When it was received, µs since 1970 UTC.
        source: Name of the source it came from.
        message_id: The sender's own id of it.
        kind: What it is.
        body: What it says.
    """

    offset: int
    received_us: int
    source: str
    message_id: str
    kind: str
    body: bytes


class NewFailure(NamedTuple):
    """One event that could not be taken in.

    Attributes:
        source: Name of the source it came from.
        stage: Where it failed: `decode`, `contract` and so on.
        code: Stable code of the reason.
        field: Path of the field that is wrong; empty when the whole event is.
        reason: One sentence, without anything personal.
        received_us: When it was received, µs since 1970 UTC.
        raw: The event as it came, sealed.
    """

    source: str
    stage: str
    code: str
    field: str
    reason: str
    received_us: int
    raw: bytes


class FailureState(StrEnum):
    """Where a failed event stands: waiting, taken in after all, or given up."""

    OPEN = "open"
    REPLAYED = "replayed"
    DROPPED = "dropped"


class Failure(NamedTuple):
    """One event of the failed lane.

    Attributes:
        number: Its number in the lane.
        source: Name of the source it came from.
        stage: Where it failed.
        code: Stable code of the reason.
        field: Path of the field that is wrong; empty when the whole event is.
        reason: One sentence.
        received_us: When it was received, µs since 1970 UTC.
        raw: The event as it came, sealed; None when the lane had no room for it.
        state: Where it stands.
    """

    number: int
    source: str
    stage: str
    code: str
    field: str
    reason: str
    received_us: int
    raw: bytes | None
    state: FailureState


class Receipt(NamedTuple):
    """What became of records given together; all of it is on the disk.

    Attributes:
        offsets: Place of each record in the log; of one that was there already, the place of the first.
        duplicates: How many were there already, or came twice in what was given.
    """

    offsets: list[int]
    duplicates: int


class Counts(NamedTuple):
    """What became of everything that one source ever sent: received = stored + duplicates + failed.

    Attributes:
        received: All that was acknowledged.
        stored: Kept as a record.
        duplicates: There already.
        failed: In the failed lane, and not taken in since.
    """

    received: int
    stored: int
    duplicates: int
    failed: int


class Removed(NamedTuple):
    """What one step of retention took out.

    Attributes:
        records: Records removed, with their message ids.
        failures: Rows of the failed lane removed.
        is_done: Whether nothing that old is left.
    """

    records: int
    failures: int
    is_done: bool


class Rewritten(NamedTuple):
    """What one step of changing bodies did.

    Attributes:
        records: Records whose body was changed.
        offset: The last record that was looked at.
        is_done: Whether it was the last of all.
    """

    records: int
    offset: int
    is_done: bool
