"""A sample of each file that `habitue start` is given, as text: blocks of rows spread over the whole file."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from habitue.errors import HabitueError
from habitue.sources.guess_values import SampledTable
from habitue.sources.packing import Part
from habitue.sources.reading import list_parts, open_rows
from habitue.sources.rows import RowReader
from habitue.sources.sniff import Recognised, recognise

SAMPLE_ROWS = 20_000
_BLOCKS = 20
_MOST_READ = 5_000_000
_MOST_DEPTH = 6
Cell = str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file of a folder that cannot be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """What was seen of the files given.

    Attributes:
        tables: A sample of each file that holds rows.
        refused: Files of a folder that hold none, and why.
    """

    tables: tuple[SampledTable, ...]
    refused: tuple[Refused, ...] = ()


def sample_files(files: Sequence[Path], *, home: Path) -> Samples:
    """A sample of each file, and of each file in each folder.

    Args:
        files: Files, folders, or archives.
        home: The project folder; files inside it are named relative to it, others absolutely.

    Returns:
        The samples, in the order given and by name within a folder.

    Raises:
        HabitueError: A file given by name cannot be read, or no file of a folder can.
    """
    tables: list[SampledTable] = []
    refused: list[Refused] = []
    for given in files:
        errors: list[HabitueError] = []
        parts = list_parts(home, "start", [str(given.resolve())])
        for part in parts:
            try:
                tables.append(sample_part(part, home=home))
            except HabitueError as error:
                errors.append(error)
                refused.append(Refused(path=_named(part, home), reason=error.what))
        if errors and len(errors) == len(parts):
            raise errors[0]
    return Samples(tables=tuple(tables), refused=tuple(refused))


def sample_part(part: Part, *, home: Path) -> SampledTable:
    """A sample of one file or one member of an archive.

    Raises:
        HabitueError: It cannot be read.
    """
    found = recognise(part)
    reader = open_rows(found)
    total = _expected_rows(found)
    objects = found.format in ("json", "ndjson")
    rows, read = _take(reader, total, has_names=not objects)
    columns, cells = _flat(rows) if objects else (found.columns, rows)
    dialect = found.dialect
    return SampledTable(
        path=_named(part, home),
        columns=columns,
        rows=tuple(cells),
        row_count=read,
        delimiter=dialect.delimiter if dialect else "",
        encoding=found.seen.encoding if found.format == "csv" else "",
        decimal=dialect.decimal if dialect and dialect.decimal != "." else "",
        header=dialect.header if dialect else True,
        format=found.format,
    )


def _named(part: Part, home: Path) -> str:
    """How the project's files should name a part."""
    path = part.path.resolve()
    root = home.resolve()
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return f"{name}!{part.member}" if part.member else name


def _expected_rows(found: Recognised) -> int:
    """About how many rows a file holds; lines, for text."""
    return found.seen.lines if found.format != "parquet" else 0


def _take(reader: RowReader, expected: int, *, has_names: bool) -> tuple[list[tuple[Cell, ...]], int | None]:
    """Rows of blocks spread over the file, and the number of all its rows; None when it was not read to the end."""
    wanted = _wanted(expected)
    taken: list[tuple[Cell, ...]] = []
    seen = 0
    width = len(reader.columns) if has_names else 1
    for batch in reader.batches():
        for start, stop in wanted:
            low, high = max(start - seen, 0), min(stop - seen, batch.num_rows)
            if low < high and len(taken) < SAMPLE_ROWS:
                taken.extend(_cells(batch.slice(low, high - low), width))
        seen += batch.num_rows
        if seen >= _MOST_READ:
            return taken, None
    return taken, seen


def _wanted(expected: int) -> list[tuple[int, int]]:
    """The blocks of row numbers to take: all rows of a small file, else equal blocks at equal distances."""
    if expected <= SAMPLE_ROWS:
        return [(0, SAMPLE_ROWS)]
    size = SAMPLE_ROWS // _BLOCKS
    return [(start, start + size) for start in (block * expected // _BLOCKS for block in range(_BLOCKS))]


def _cells(batch: pa.RecordBatch, width: int) -> Iterator[tuple[Cell, ...]]:
    """The rows of a batch as text."""
    columns = [[_text(value) for value in batch.column(place).to_pylist()] for place in range(width)]
    return zip(*columns, strict=True)


def _text(value: object) -> Cell:
    """A cell as a CSV would hold it; None when there is no value."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)


def _flat(rows: Sequence[tuple[Cell, ...]]) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """JSON objects as a table: nested members become columns with dots in their names."""
    columns: dict[str, int] = {}
    flat: list[dict[str, Cell]] = []
    for (text,) in rows:
        try:
            entry = json.loads(text or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            cells: dict[str, Cell] = {}
            _collect("", entry, cells, depth=0)
            flat.append(cells)
            for name in cells:
                columns.setdefault(name, len(columns))
    return tuple(columns), [tuple(cells.get(name) for name in columns) for cells in flat]


def _collect(prefix: str, entry: dict[str, object], cells: dict[str, Cell], *, depth: int) -> None:
    """Put the members of an object into `cells` under their dotted names."""
    for key, value in entry.items():
        name = f"{prefix}{_quoted(key)}"
        if isinstance(value, dict) and value and depth < _MOST_DEPTH:
            _collect(f"{name}.", value, cells, depth=depth + 1)
        else:
            cells[name] = _text(value)


def _quoted(key: str) -> str:
    """A member's name; one that holds a dot stands in quotes, or the dot would lead inward."""
    return f'"{key}"' if "." in key else key
