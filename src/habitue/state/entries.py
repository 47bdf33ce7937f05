"""What the control database remembers: loads, failed rows and builds, as frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RowState(StrEnum):
    """Where a row of the failed lane stands: waiting, mended by hand, taken in after all, or given up."""

    OPEN = "open"
    REPAIRED = "repaired"
    REPLAYED = "replayed"
    DROPPED = "dropped"


class BuildStatus(StrEnum):
    """How a build stands; `interrupted` is one whose process ended without saying so."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One file that one source has taken in.

    Attributes:
        source: Name of the source.
        file: The file's path as the project gives it.
        sha256: Digest of the file's content, hexadecimal.
        size: Bytes of the file.
        rows_read: Rows found in the file.
        rows_used: Rows that became something.
        rows_failed: Rows put into the failed lane.
        mapping_digest: Digest of the source and the contracts that were applied.
        loaded_at: When, in UTC.
        first_position: Position of the first event made, None when none was.
        last_position: Position of the last event made, None when none was.
        id: Number of the load; 0 before it is recorded.
    """

    source: str
    file: str
    sha256: str
    size: int
    rows_read: int
    rows_used: int
    rows_failed: int
    mapping_digest: str
    loaded_at: datetime
    first_position: int | None = None
    last_position: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRow:
    """One row that was not taken in, with the reason and the row itself.

    Attributes:
        source: Name of the source.
        file: The file's path as the project gives it.
        file_sha256: Digest of the file's content, hexadecimal.
        line: 1-based line of the row in the file.
        stage: Where it failed: `read`, `type`, `contract` …
        code: Stable code of the reason.
        field: The field or property it is about, empty when it is the whole row.
        reason: One sentence, without the value itself.
        row: The raw row as JSON text. It may hold personal data.
        digest: Digest of the source and the contracts that were applied.
        state: Where the row stands.
        repaired: The mended row as JSON text, when there is one.
        failed_at: When it failed first, in UTC; None before it is recorded.
        changed_at: When its state changed last, in UTC; None before it is recorded.
        id: Number of the row; 0 before it is recorded.
    """

    source: str
    file: str
    file_sha256: str
    line: int
    stage: str
    code: str
    field: str
    reason: str
    row: str
    digest: str
    state: RowState = RowState.OPEN
    repaired: str | None = None
    failed_at: datetime | None = None
    changed_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCount:
    """How many rows of one source failed for one reason."""

    source: str
    stage: str
    code: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStep:
    """One step of a build.

    Attributes:
        name: What was built, e.g. `segments`.
        rows: Rows that came out.
        seconds: Wall time.
        status: `done`, `fresh` (nothing to do) or `failed`.
        note: What changed, in a few words.
    """

    name: str
    rows: int
    seconds: float
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One run of `habitue build`.

    Attributes:
        id: Number of the build.
        as_of: The moment its answers are about, in UTC; None while that is not known.
        started_at: When it began, in UTC.
        finished_at: When it ended, in UTC; None while it runs.
        seconds: Wall time; None while it runs.
        status: How it stands.
        steps: What it did.
    """

    id: int
    as_of: datetime | None
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    status: BuildStatus
    steps: tuple[BuildStep, ...]
