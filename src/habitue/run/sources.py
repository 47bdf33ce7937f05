"""What can be asked of a project's sources: the list, the failed lane, and mending what is in it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from habitue.engines.warehouse import Warehouse
from habitue.errors import HabitueError, did_you_mean
from habitue.run.building import BuildOrder, BuildReport
from habitue.run.live_parts import log_path
from habitue.run.workspace import Workspace
from habitue.sources.lane import repair
from habitue.sources.load import LoadReport
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import SLOT_STEP, LoadedSource, loaded_sources
from habitue.state import FailedCount, FailedRow, RowState
from habitue.streams import Counts, LogReader

_PAGE = 10_000
_NOTHING = Counts(0, 0, 0, 0)


class SourceUnknownError(HabitueError):
    """A source is asked for that the project does not declare."""

    code = "SOURCE-UNKNOWN"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        listed = f"Declared: {', '.join(known)}." if known else "None is declared: put one into sources/."
        super().__init__(
            what=f"No source is called {name!r}.", do=f"Did you mean {near!r}?" if near is not None else listed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """One declared source as a list shows it.

    Attributes:
        source: Its name.
        files: Its files as the project names them; empty while it was never loaded.
        rows: Rows read; None while it was never loaded.
        used: Rows that became something.
        unused: Sound rows that nothing was made of.
        failed: Rows that were put into the failed lane.
        made: Rows made: by event, and `customers`, `items`, `consents`.
        newest_at: The latest instant of the events it brought; None without any.
        age_s: Seconds from then to the present.
        loaded_at: When its files were taken in.
        is_live: Whether its events come in while the project is served: then `rows` are messages received, `used` those
            that were kept, and `unused` those that had come before.
    """

    source: str
    files: tuple[str, ...]
    rows: int | None
    used: int | None
    unused: int | None
    failed: int | None
    made: Mapping[str, int]
    newest_at: datetime | None
    age_s: float | None
    loaded_at: datetime | None
    is_live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedEntry:
    """One row of the failed lane.

    Attributes:
        id: Its number, by which it is mended.
        source: Its source.
        file: Its file.
        line: Its line there, from 1.
        stage: Where it failed: `read`, `type`, `make`, `contract`.
        code: Stable code of the reason.
        field: The field or property it is about; empty for the whole row.
        reason: One sentence, without the value.
        row: The raw row by raw column.
        state: `open`, or `repaired` when it is mended and waits for the next replay.
        failed_at: When it failed first.
    """

    id: int
    source: str
    file: str
    line: int
    stage: str
    code: str
    field: str
    reason: str
    row: Mapping[str, object]
    state: str
    failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """What became of mended rows.

    Attributes:
        repaired: How many mended rows were tried.
        taken_in: How many of them were taken in.
        failing: Those that fail still, with the reason.
        sources: What the load did with each source.
        waiting: Rows that wait in the failed lane now.
    """

    repaired: int
    taken_in: int
    failing: tuple[FailedEntry, ...]
    sources: tuple[LoadReport, ...]
    waiting: int


def list_sources(workspace: Workspace) -> list[SourceEntry]:
    """Every declared source with what became of its rows, by name; live ones after those of files."""
    held, sources = loaded_sources(workspace.warehouse), workspace.project.sources
    listed = [_entry(workspace, plan.name, held.get(plan.name)) for plan in sources.sources]
    if not sources.collected:
        return listed
    path = log_path(workspace.project.folder)
    counts: dict[str, Counts] = {}
    if path.exists():
        with LogReader(path) as reader:
            counts = reader.counts()
    return listed + [_live(plan.name, counts.get(plan.name, _NOTHING)) for plan in sources.collected]


def _live(name: str, counts: Counts) -> SourceEntry:
    return SourceEntry(
        source=name,
        files=(),
        rows=counts.received,
        used=counts.stored,
        unused=counts.duplicates,
        failed=counts.failed,
        made={},
        newest_at=None,
        age_s=None,
        loaded_at=None,
        is_live=True,
    )


def load_sources(workspace: Workspace, names: Sequence[str] = (), *, progress: Progress = silent) -> BuildReport:
    """Take in whatever changed, of all sources or none; `names` are only checked.

    Raises:
        HabitueError: There is no such source, or a file cannot be taken in; everything is as it was.
    """
    for name in names:
        check_source(workspace, name)
    return workspace.build(BuildOrder(select=("sources",)), progress=progress)


def check_source(workspace: Workspace, name: str) -> None:
    """Refuse the name of a source that is not declared.

    Raises:
        SourceUnknownError: It is not.
    """
    known = [plan.name for plan in workspace.project.sources.sources]
    if name not in known:
        raise SourceUnknownError(name, known)


def list_failed(
    workspace: Workspace,
    source: str | None = None,
    *,
    stage: str | None = None,
    code: str | None = None,
    limit: int = 100,
    after: int = 0,
) -> list[FailedEntry]:
    """A page of the rows that wait in the failed lane, by number.

    Args:
        workspace: The open project.
        source: Only this source.
        stage: Only rows that failed at this stage.
        code: Only rows that failed with this code.
        limit: Length of the page, at most 10,000.
        after: The last number of the page before.

    Raises:
        SourceUnknownError: There is no such source.
    """
    if source is not None:
        check_source(workspace, source)
    found: list[FailedRow] = []
    while len(found) < limit:
        page = workspace.control.failed.rows(source=source, stage=stage, code=code, after=after, limit=_PAGE)
        found += [row for row in page if row.state in (RowState.OPEN, RowState.REPAIRED)]
        if len(page) < _PAGE:
            break
        after = page[-1].id
    return [failed_entry(row) for row in found[:limit]]


def count_failed(workspace: Workspace, source: str | None = None) -> list[FailedCount]:
    """How many rows wait, by source, stage and code; the largest count first."""
    return workspace.control.failed.counts(source=source)


def failed_entry(row: FailedRow) -> FailedEntry:
    """A row of the lane with its raw row read."""
    raw = json.loads(row.repaired or row.row)
    return FailedEntry(
        id=row.id,
        source=row.source,
        file=row.file,
        line=row.line,
        stage=row.stage,
        code=row.code,
        field=row.field,
        reason=row.reason,
        row=raw if isinstance(raw, dict) else {"": raw},
        state=row.state.value,
        failed_at=row.failed_at,
    )


def repair_rows(workspace: Workspace, changes: Mapping[int, Mapping[str, str | None]]) -> int:
    """Hold mended values beside failed rows, all or none; the next replay takes them in.

    Args:
        workspace: The open project.
        changes: By number of the row: new values by field or raw column, None for an empty one.

    Returns:
        How many rows were mended.

    Raises:
        HabitueError: There is no such row, or it has no such field.
    """
    with workspace.control.transaction():
        for number, values in changes.items():
            repair(workspace.control, workspace.project.sources, number, values, now=workspace.clock())
    return len(changes)


def replay_failed(workspace: Workspace, *, progress: Progress = silent) -> ReplayReport:
    """Take in mended rows, and all rows of sources whose declarations or contracts were changed.

    Raises:
        HabitueError: A file cannot be taken in; everything is as it was.
    """
    lane = workspace.control.failed
    mended: list[int] = []
    after = 0
    while page := lane.rows(state=RowState.REPAIRED, after=after, limit=_PAGE):
        mended += [row.id for row in page]
        after = page[-1].id
    report = workspace.build(BuildOrder(select=("sources",)), progress=progress)
    now = [row for row in map(lane.row, mended) if row is not None]
    failing = [row for row in now if row.state in (RowState.OPEN, RowState.REPAIRED)]
    return ReplayReport(
        repaired=len(mended),
        taken_in=sum(row.state is RowState.REPLAYED for row in now),
        failing=tuple(failed_entry(row) for row in failing),
        sources=report.loads,
        waiting=report.failed_rows,
    )


def _entry(workspace: Workspace, name: str, held: LoadedSource | None) -> SourceEntry:
    loads = workspace.control.loads(name) if held is not None else []
    newest = None if held is None else _newest(workspace.warehouse, held)
    rows, used, failed = (
        sum(getattr(load, what) for load in loads) if loads else None
        for what in ("rows_read", "rows_used", "rows_failed")
    )
    unused = None if rows is None or used is None or failed is None else rows - used - failed
    return SourceEntry(
        source=name,
        files=tuple(load.file for load in loads),
        rows=rows,
        used=used,
        unused=unused,
        failed=failed,
        made=dict(held.made) if held is not None else {},
        newest_at=newest,
        age_s=None if newest is None else (workspace.clock() - newest).total_seconds(),
        loaded_at=max((load.loaded_at for load in loads), default=None),
    )


def _newest(warehouse: Warehouse, held: LoadedSource) -> datetime | None:
    """The latest event that a source brought: its rows are a range of positions."""
    found: list[datetime] = []
    there = set(warehouse.tables())
    for name in held.tables:
        if name not in there or "occurred_at" not in warehouse.table(name).columns:
            continue
        rows = warehouse.table(name)
        mine = rows.filter(rows.position.between(held.slot * SLOT_STEP, (held.slot + 1) * SLOT_STEP - 1))
        latest = warehouse.fetch(mine.aggregate(latest=mine.occurred_at.max())).to_pylist()[0]["latest"]
        if latest is not None:
            found.append(latest.replace(tzinfo=UTC))
    return max(found, default=None)
