"""Loading: every source whose files, declarations or repairs changed is taken in anew, all of them or none."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from habitue.engines.warehouse import Warehouse
from habitue.govern.vault import Vault
from habitue.sources.entities import join_items
from habitue.sources.inputs import Inputs, look
from habitue.sources.intake import Intake
from habitue.sources.lane import failed_rows, read_repairs
from habitue.sources.people import People
from habitue.sources.plans import SourcesProject
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import (
    ROW_STEP,
    SLOT_STEP,
    LoadedSource,
    clear,
    filled_tables,
    loaded_sources,
    needs_tables,
    remember,
)
from habitue.state import Control, FailedRow, Load, RowState


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did with one source.

    Attributes:
        source: Its name.
        files: Its files as the project names them, each content once.
        repeated: Files left out because another one has the same content.
        rows: Rows read; `rows == used + unused + failed`.
        used: Rows that became something.
        unused: Rows that nothing was made of, and rows of people who were erased.
        failed: Rows in the failed lane.
        made: Rows made: by event, and `customers`, `items`, `consents`.
        seconds: Wall time.
        status: `loaded`, or `unchanged` when nothing had to be done.
        notes: What a person should know.
    """

    source: str
    files: tuple[str, ...]
    repeated: tuple[str, ...] = ()
    rows: int
    used: int
    unused: int
    failed: int
    made: Mapping[str, int] = field(default_factory=dict)
    seconds: float
    status: Literal["loaded", "unchanged"]
    notes: tuple[str, ...] = ()


def load(
    project: SourcesProject,
    warehouse: Warehouse,
    control: Control,
    vault: Vault,
    *,
    now: datetime,
    progress: Progress = silent,
    full: bool = False,
) -> list[LoadReport]:
    """Bring the warehouse up to date with the project's sources.

    A source is taken in anew, as a whole, when the content of its files, what is declared about it, or its repairs
    changed; otherwise nothing is done with it. Either everything that changed is taken in, or nothing is.

    Args:
        project: The sources; they must be without faults.
        warehouse: Where their rows go.
        control: Where loads and failed rows are remembered.
        vault: Where people get their ids, and what is personal about them is sealed.
        now: The present time, aware.
        progress: Told how far it is.
        full: Take every source in anew.

    Returns:
        A report for each source, by name.

    Raises:
        HabitueError: A file is missing or unreadable, or there is no room; everything is as it was.
    """
    started = time.perf_counter()
    before = loaded_sources(warehouse)
    inputs = [look(plan, project, read_repairs(control, plan.name), progress) for plan in project.sources]
    names = {each.plan.name for each in inputs}
    stale = {each.plan.name for each in inputs if full or not _is_current(each, before, control)}
    gone = set(before) - names
    if not stale and not gone and not needs_tables(warehouse, project):
        return [_unchanged(each, before, control, started) for each in inputs]
    reports: list[LoadReport] = []
    held: list[LoadedSource] = []
    with control.transaction(), warehouse.transaction():
        clear(warehouse, project, before, stale | gone)
        for source in sorted(gone):
            control.failed.clear_open(source)
            control.forget_loads(source)
            vault.drop_cards(source)
        for each in inputs:
            if each.plan.name in stale:
                people = People(each.plan, warehouse, vault, now)
                report = _take_in(each, project, warehouse, control, now, progress, people)
            else:
                report = _unchanged(each, before, control, time.perf_counter())
            reports.append(report)
            held.append(_held(each, report))
        join_items(warehouse, project)
        remember(warehouse, held)
    return reports


def replay(
    project: SourcesProject,
    warehouse: Warehouse,
    control: Control,
    vault: Vault,
    *,
    now: datetime,
    progress: Progress = silent,
) -> list[LoadReport]:
    """Try failed rows again: mended ones, and all of them where the source or a contract was changed.

    What a load does; kept as a word of its own because that is what people ask for.
    """
    return load(project, warehouse, control, vault, now=now, progress=progress)


def failed(control: Control, source: str | None = None, *, limit: int = 100, after: int = 0) -> list[FailedRow]:
    """One page of the rows that wait in the failed lane, of one source or of all, by number.

    Args:
        control: The control data.
        source: Only this source.
        limit: Length of the page.
        after: The last number of the page before.
    """
    return control.failed.rows(source=source, state=RowState.OPEN, after=after, limit=limit)


def _is_current(inputs: Inputs, before: Mapping[str, LoadedSource], control: Control) -> bool:
    """Both the warehouse and the control data know this very content; after a crash between them one does not."""
    held = before.get(inputs.plan.name)
    if held is None or held.digest != inputs.digest:
        return False
    remembered = {each.sha256: each.mapping_digest for each in control.loads(inputs.plan.name)}
    return remembered == {each.sha256: inputs.digest for each in inputs.files}


def _take_in(
    inputs: Inputs,
    project: SourcesProject,
    warehouse: Warehouse,
    control: Control,
    now: datetime,
    progress: Progress,
    people: People,
) -> LoadReport:
    started = time.perf_counter()
    intake = Intake(inputs, project, warehouse, progress, people)
    try:
        intake.run()
        refused = _write_lane(intake, inputs, warehouse, control, now)
    finally:
        intake.close()
    _write_loads(intake, inputs, control, now, refused)
    taken = intake.taken
    rows, wrong = sum(each.records for each in taken.files), sum(refused.values())
    return LoadReport(
        source=inputs.plan.name,
        files=tuple(each.part.shown for each in inputs.files),
        repeated=inputs.repeated,
        rows=rows,
        used=taken.used,
        unused=rows - taken.used - wrong,
        failed=wrong,
        made=dict(sorted(taken.made.items())),
        seconds=time.perf_counter() - started,
        status="loaded",
        notes=(*inputs.plan.notes, *taken.notes),
    )


def _write_lane(
    intake: Intake, inputs: Inputs, warehouse: Warehouse, control: Control, now: datetime
) -> dict[str, int]:
    """Put the refused rows into the lane in place of those that were open, and settle the repairs; rows by file."""
    source = inputs.plan.name
    repairs = {(digest, each.line): each for digest, group in inputs.repairs.items() for each in group}
    again: list[int] = []
    refused: dict[str, int] = {}
    graves = intake.people.has_graves()

    def entries() -> Iterator[FailedRow]:
        for row in failed_rows(intake, warehouse, inputs.digest):
            if graves and intake.people.is_buried(json.loads(row.row)):
                continue
            refused[row.file_sha256] = refused.get(row.file_sha256, 0) + 1
            mended = repairs.pop((row.file_sha256, row.line), None)
            if mended is not None:
                again.append(mended.failed_id)
            yield row

    control.failed.clear_open(source)
    rows = list(entries()) if repairs else entries()
    control.failed.mark(again, RowState.OPEN, now=now)
    control.failed.add(rows, now=now)
    control.failed.mark((each.failed_id for each in repairs.values()), RowState.REPLAYED, now=now)
    return refused


def _write_loads(intake: Intake, inputs: Inputs, control: Control, now: datetime, refused: Mapping[str, int]) -> None:
    control.forget_loads(inputs.plan.name)
    base = inputs.plan.slot * SLOT_STEP
    ends = _used_by_file(intake)
    for each, used in zip(intake.taken.files, ends, strict=True):
        control.record_load(
            Load(
                source=inputs.plan.name,
                file=each.found.part.shown,
                sha256=each.found.sha256,
                size=each.found.seen.size,
                rows_read=each.records,
                rows_used=used,
                rows_failed=refused.get(each.found.sha256, 0),
                mapping_digest=inputs.digest,
                loaded_at=now,
                first_position=base + (each.first + 1) * ROW_STEP,
                last_position=base + (each.first + each.records + 1) * ROW_STEP - 1,
            )
        )


def _used_by_file(intake: Intake) -> Sequence[int]:
    return [intake.taken.used_by_file.get(each.found.sha256, 0) for each in intake.taken.files]


def _unchanged(inputs: Inputs, before: Mapping[str, LoadedSource], control: Control, started: float) -> LoadReport:
    loads = control.loads(inputs.plan.name)
    rows, used = sum(each.rows_read for each in loads), sum(each.rows_used for each in loads)
    refused = sum(each.rows_failed for each in loads)
    return LoadReport(
        source=inputs.plan.name,
        files=tuple(each.part.shown for each in inputs.files),
        repeated=inputs.repeated,
        rows=rows,
        used=used,
        unused=rows - used - refused,
        failed=refused,
        made=before[inputs.plan.name].made,
        seconds=time.perf_counter() - started,
        status="unchanged",
        notes=inputs.plan.notes,
    )


def _held(inputs: Inputs, report: LoadReport) -> LoadedSource:
    return LoadedSource(
        source=inputs.plan.name,
        slot=inputs.plan.slot,
        digest=inputs.digest,
        tables=filled_tables(inputs.plan),
        made=report.made,
    )


def stale_sources(
    project: SourcesProject, warehouse: Warehouse, control: Control, *, progress: Progress = silent
) -> dict[str, bool]:
    """For each source whether a load would take it in anew; every file is read to its end to know.

    Raises:
        HabitueError: A file is missing or unreadable.
    """
    before = loaded_sources(warehouse)
    inputs = [look(plan, project, read_repairs(control, plan.name), progress) for plan in project.sources]
    return {each.plan.name: not _is_current(each, before, control) for each in inputs}
