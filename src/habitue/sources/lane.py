"""From refused rows to entries of the failed lane: reasons in words, the raw row, and mending it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.sources.checks import Check, mask_name
from habitue.sources.failures import FailedRowUnknownError, RepairError, SourceChangedError
from habitue.sources.intake import Intake, TakenFile
from habitue.sources.plans import SourcePlan, SourcesProject
from habitue.sources.reading import open_rows
from habitue.sources.repairs import Repair, mend, raw_columns, raw_of_broken, raw_of_document
from habitue.sources.rows import FEED, LINE, ROW, SEQUENCE, column_name
from habitue.sources.staging import RAW, mask_count
from habitue.state import Control, FailedRow, RowState

_PAGE = 10_000
_BATCH = 50_000
_MOST_REASONS = 20
_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")


def read_repairs(control: Control, source: str) -> dict[str, list[Repair]]:
    """The mended rows of a source by digest of their file, replayed ones included: a full load needs them again."""
    found: dict[str, list[Repair]] = {}
    for state in (RowState.REPAIRED, RowState.REPLAYED):
        for row in _all_rows(control, source, state):
            if row.repaired is not None:
                repair = Repair(line=row.line, row=row.repaired, failed_id=row.id)
                found.setdefault(row.file_sha256, []).append(repair)
    return {digest: sorted(each, key=lambda repair: repair.line) for digest, each in found.items()}


def repair(
    control: Control, project: SourcesProject, failed_id: int, changes: Mapping[str, str | None], *, now: datetime
) -> FailedRow:
    """Hold a mended row beside a failed one; the next load takes it in.

    Args:
        control: The control data.
        project: The project's sources.
        failed_id: Number of the failed row.
        changes: New values by field or raw column; None is an empty value.
        now: The present time, aware.

    Returns:
        The failed row as it stands now.

    Raises:
        FailedRowUnknownError: There is no such row.
        RepairError: The row has no such field or column.
    """
    row = control.failed.row(failed_id)
    if row is None:
        raise FailedRowUnknownError(failed_id)
    plan = next((each for each in project.sources if each.name == row.source), None)
    raw_by_field = {} if plan is None else {name: raw for name, (raw, _) in plan.columns.items()}
    known = raw_columns(row.repaired or row.row)
    by_raw: dict[str, str | None] = {}
    for name, value in changes.items():
        raw = name if name in known else raw_by_field.get(name, name)
        if raw not in known and raw not in raw_by_field.values():
            raise RepairError(failed_id, name, [*raw_by_field, *known])
        by_raw[raw] = value
    mended = mend(row.repaired or row.row, by_raw, is_json=_is_json(row, plan))
    control.failed.repair(failed_id, mended, now=now)
    return control.failed.row(failed_id) or row


def _is_json(row: FailedRow, plan: SourcePlan | None) -> bool:
    """Whether dots in the names of a row's columns go inward."""
    declared = "" if plan is None else plan.spec.format or ""
    name = row.file.lower().removesuffix(".gz")
    return declared in ("json", "ndjson") or (not declared and name.endswith((".json", ".ndjson", ".jsonl")))


def failed_rows(intake: Intake, warehouse: Warehouse, digest: str) -> Iterator[FailedRow]:
    """Every row that a load refused, in the order of files; late ones last.

    Raises:
        SourceChangedError: A file changed since it was staged.
    """
    plan = intake.plan
    for file in intake.taken.files:
        for broken in file.broken:
            check = Check(stage="read", code=broken.code, field="", says=broken.reason)
            yield _refused(plan, file, digest, broken.line, [check], raw_of_broken(broken))
    yield from _staged_rows(intake, warehouse, digest)
    yield from _late_rows(intake, warehouse, digest)


def _staged_rows(intake: Intake, warehouse: Warehouse, digest: str) -> Iterator[FailedRow]:
    masks = [mask_name(number) for number in range(mask_count(intake.plan))]
    rows = intake.failed_rows().select(SEQUENCE, FEED, LINE, RAW, *masks).order_by(SEQUENCE)
    files = {each.found.sha256: each for each in intake.taken.files}
    known: dict[tuple[int, ...], list[Check]] = {}
    for batch in warehouse.ibis.to_pyarrow_batches(rows, chunk_size=_BATCH):
        for row in batch.to_pylist():
            feed = intake.taken.feeds[row[FEED]]
            key = (row[FEED], *(row[name] for name in masks))
            if key not in known:
                known[key] = feed.checks.failed(key[1:])
            raw = row[RAW] if feed.found.columns else raw_of_document(row[RAW])
            yield _refused(intake.plan, files[feed.found.sha256], digest, row[LINE], known[key], raw)


def _late_rows(intake: Intake, warehouse: Warehouse, digest: str) -> Iterator[FailedRow]:
    late = warehouse.fetch(intake.late_rows()).to_pylist()
    if not late:
        return
    checks: dict[int, dict[str, Check]] = {}
    for row in late:
        origin = intake.taken.late[row["origin"]]
        masks = [0] * row["number"] + [row["mask"]]
        for check in origin.failed(masks):
            checks.setdefault(row[SEQUENCE], {})[check.sentence] = check
    for file, following in zip(intake.taken.files, [*intake.taken.files[1:], None], strict=True):
        end = None if following is None else following.first
        mine = {seq - file.first for seq in checks if seq > file.first and (end is None or seq <= end)}
        if mine:
            for row_number, line, raw in _read_again(intake, file, mine):
                found = list(checks[row_number + file.first].values())
                yield _refused(intake.plan, file, digest, line, found, raw)


def _read_again(intake: Intake, file: TakenFile, rows: set[int]) -> Iterator[tuple[int, int, str]]:
    """Row number, line and raw row of some rows of a file; mended rows as they were mended."""
    reader = open_rows(file.found)
    wanted = pa.array(sorted(rows), pa.int64())
    mended = {each.line: each.row for each in intake.repairs_of(file.found)}
    met = 0
    for batch in reader.batches():
        found = batch.filter(pa.compute.is_in(batch.column(batch.schema.get_field_index(ROW)), value_set=wanted))
        for row in found.to_pylist():
            met += 1
            yield row[ROW], row[LINE], mended.get(row[LINE]) or _raw(row, reader.columns)
    for broken in reader.broken:
        if broken.row in rows and broken.line in mended:
            met += 1
            yield broken.row, broken.line, mended[broken.line]
    if met != len(rows):
        raise SourceChangedError(file.found.part.shown)


def _raw(row: Mapping[str, object], columns: Sequence[str]) -> str:
    if not columns:
        return raw_of_document(str(row[column_name(0)]))
    named = {name: row[column_name(place)] for place, name in enumerate(columns)}
    return json.dumps(named, ensure_ascii=False, default=str)


def _refused(plan: SourcePlan, file: TakenFile, digest: str, line: int, checks: Sequence[Check], raw: str) -> FailedRow:
    first = checks[0]
    return FailedRow(
        source=plan.name,
        file=file.found.part.shown,
        file_sha256=file.found.sha256,
        line=line,
        stage=first.stage,
        code=first.code,
        field=first.field,
        reason="; ".join(_reason(check, raw) for check in checks[:_MOST_REASONS]),
        row=raw,
        digest=digest,
    )


def _reason(check: Check, raw: str) -> str:
    """The sentence of a check, with what kind of value was found in place of the value itself."""
    if not check.column or check.code.endswith("REQUIRED"):
        return check.sentence
    found = json.loads(raw).get(check.column)
    return check.sentence if found is None else f"{check.sentence} (found {describe(found)})"


def describe(value: object) -> str:
    """What kind of thing a raw value is, without saying it.

    Examples:
        >>> describe("ann@example.com"), describe("12"), describe("1.5"), describe("")
        ('a text of 15 characters', 'a whole number', 'a number', 'nothing')
    """
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float | Decimal):
        return "a number"
    if not isinstance(value, str):
        return "a list" if isinstance(value, list) else "an object"
    text = value.strip()
    if not text:
        return "nothing"
    if _INTEGER.fullmatch(text):
        return "a whole number"
    if _NUMBER.fullmatch(text):
        return "a number"
    return f"a text of {len(text)} characters"


def _all_rows(control: Control, source: str, state: RowState) -> Iterable[FailedRow]:
    after = 0
    while page := control.failed.rows(source=source, state=state, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id
