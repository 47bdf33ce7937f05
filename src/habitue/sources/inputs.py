"""The files of one source as one input: recognised, each content once, with what was mended in them."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa
import pyarrow.compute

from habitue.sources.failures import SourceColumnError
from habitue.sources.fields import Layout
from habitue.sources.plans import JoinPlan, SourcePlan, SourcesProject, csv_hints
from habitue.sources.progress import Progress
from habitue.sources.reading import list_parts, recognise_all
from habitue.sources.repairs import Repair
from habitue.sources.rows import FEED, ROW, SEQUENCE, RowReader
from habitue.sources.sniff import Recognised
from habitue.sources.tables import filled_tables, wanted_tables
from habitue.sources.values import PLAIN, NumberStyle

_TABLE_BYTES = 32 * 2**20
FORMAT_VERSION = 1
"""Raised when the same files and declarations would give other rows than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What one source reads.

    Attributes:
        plan: The source.
        files: Its parts in order, each content once.
        repeated: Parts left out because their content is that of an earlier one.
        joins: The files of each look-up.
        repairs: Mended rows by digest of their file.
        digest: Of everything that the source's rows depend on.
    """

    plan: SourcePlan
    files: tuple[Recognised, ...]
    repeated: tuple[str, ...]
    joins: tuple[tuple[Recognised, ...], ...]
    repairs: Mapping[str, Sequence[Repair]]
    digest: str


def look(
    plan: SourcePlan, project: SourcesProject, repairs: Mapping[str, Sequence[Repair]], progress: Progress
) -> Inputs:
    """Find and recognise the files of a source.

    Raises:
        HabitueError: A file is missing, damaged, not what its name says, or lacks a column.
    """
    parts = list_parts(project.root, plan.name, plan.spec.patterns)
    files: dict[str, Recognised] = {}
    repeated: list[str] = []
    for number, found in enumerate(recognise_all(parts, declared=plan.spec.format, hints=plan.hints)):
        progress(f"{plan.name}: looking at {found.part.shown}", number, len(parts))
        if found.sha256 in files:
            repeated.append(found.part.shown)
            continue
        _require_columns(plan.name, [raw for raw, _ in plan.columns.values()], found)
        files[found.sha256] = found
    joins = tuple(_look_join(plan, join, project) for join in plan.joins)
    mine = {digest: repairs[digest] for digest in files if digest in repairs}
    return Inputs(
        plan=plan,
        files=tuple(files.values()),
        repeated=tuple(repeated),
        joins=joins,
        repairs=mine,
        digest=_digest(plan, project, [list(files), *([each.sha256 for each in join] for join in joins)], mine),
    )


def layout_of(reader: RowReader, found: Recognised) -> Layout:
    """How the rows of a reader come in."""
    dialect = found.dialect
    style = PLAIN if dialect is None else NumberStyle(decimal=dialect.decimal, thousands=dialect.thousands)
    empty = placed(reader.schema.empty_table(), 0, 0)
    return Layout(columns=reader.columns, schema=ibis.Schema.from_pyarrow(empty.schema), style=style)


def placed(rows: pa.Table, feed: int, first: int) -> pa.Table:
    """Rows with their stream's number and their place among all rows of the load, counted on from `first`."""
    place = rows.schema.get_field_index(ROW)
    sequence = pa.compute.add(rows.column(place), pa.scalar(first, pa.int64()))
    numbered = rows.set_column(place, SEQUENCE, sequence)
    return numbered.append_column(FEED, pa.repeat(pa.scalar(feed, pa.int32()), rows.num_rows))


class Showing:
    """Whichever table is current, for an engine that was told of it once.

    A table that is registered inside a transaction is held until its end (DuckDB 1.5); this lets go of each.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.empty = placed(schema.empty_table(), 0, 0)
        self.current = self.empty

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows of the current table, as the Arrow protocol for exchange asks."""
        return self.current.__arrow_c_stream__(requested_schema)


def in_tables(reader: RowReader) -> Iterator[pa.Table]:
    """A reader's batches, a few at a time.

    The engine reads an Arrow stream to its end before it works on it (DuckDB 1.5, through pyarrow's scanner, which
    has no back pressure), so it is given bounded tables instead.
    """
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in reader.batches():
        held.append(batch)
        size += batch.nbytes
        if size >= _TABLE_BYTES:
            yield pa.Table.from_batches(held, schema=reader.schema)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held, schema=reader.schema)


def _look_join(plan: SourcePlan, join: JoinPlan, project: SourcesProject) -> tuple[Recognised, ...]:
    parts = list_parts(project.root, plan.name, join.spec.patterns)
    files = tuple(recognise_all(parts, declared=join.spec.format, hints=csv_hints(join.spec.csv)))
    for found in files:
        _require_columns(plan.name, [join.key, *(raw for raw, _ in join.columns.values())], found)
    return files


def _require_columns(source: str, columns: Sequence[str], found: Recognised) -> None:
    for raw in columns if found.columns else ():
        if raw not in found.columns:
            raise SourceColumnError(source, found.part.shown, raw, found.columns)


def _digest(
    plan: SourcePlan, project: SourcesProject, files: Sequence[Sequence[str]], repairs: Mapping[str, Sequence[Repair]]
) -> str:
    wanted = wanted_tables(project)
    said = {
        "version": FORMAT_VERSION,
        "slot": plan.slot,
        "home": project.zone,
        "zone": plan.zone,
        "spec": plan.spec.model_dump_json(),
        "makes": [repr(make) for make in plan.makes],
        "derived": [repr(each) for each in plan.derived],
        "tables": {name: wanted[name] for name in filled_tables(plan)},
        "files": [list(each) for each in files],
        "repairs": {digest: [(repair.line, repair.row) for repair in each] for digest, each in sorted(repairs.items())},
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
