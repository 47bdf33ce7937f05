"""Rows that were mended by hand: how they are kept, and how they take the place of the rows they mend."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.sources.fields import pointer
from habitue.sources.rows import LINE, ROW, BrokenRow, RowReader, text_schema

TEXT_KEY = "(text)"
"""The key under which a raw row holds its text, where it could not be told apart into columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A mended row.

    Attributes:
        line: Where the row stands in its file.
        row: The whole mended row as a JSON object of raw columns.
        failed_id: Its number in the failed lane.
    """

    line: int
    row: str
    failed_id: int


class Mended:
    """A `RowReader` that leaves out the rows that were mended, and remembers which row numbers they had."""

    def __init__(self, reader: RowReader, repairs: Sequence[Repair]) -> None:
        self.columns = reader.columns
        self.rows: dict[int, int] = {}
        self._reader = reader
        self._lines = {repair.line for repair in repairs}

    @property
    def schema(self) -> pa.Schema:
        """The schema of the reader."""
        return self._reader.schema

    @property
    def records(self) -> int:
        """Records met so far, mended ones included."""
        return self._reader.records

    @property
    def last_row(self) -> int:
        """The highest row number met so far, mended rows included."""
        return self._reader.last_row

    @property
    def broken(self) -> list[BrokenRow]:
        """The broken rows that were not mended."""
        for broken in self._reader.broken:
            if broken.line in self._lines:
                self.rows[broken.line] = broken.row
        return [broken for broken in self._reader.broken if broken.line not in self._lines]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches without the mended rows."""
        wanted = pa.array(sorted(self._lines), pa.int64())
        for batch in self._reader.batches():
            found = pc.is_in(batch.column(batch.schema.get_field_index(LINE)), value_set=wanted)
            if not pc.any(found).as_py():
                yield batch
                continue
            for row in batch.filter(found).select([ROW, LINE]).to_pylist():
                self.rows[row[LINE]] = row[ROW]
            yield batch.filter(pc.invert(found))


@dataclass
class MendedRows:
    """A `RowReader` of the mended rows themselves, all columns as text.

    Attributes:
        columns: Raw columns; empty for JSON.
        repairs: The mended rows.
        rows: The row number of each, by line.
    """

    columns: tuple[str, ...]
    repairs: Sequence[Repair]
    rows: Mapping[int, int]
    broken: list[BrokenRow] = field(default_factory=list)
    records: int = 0
    last_row: int = 0

    @property
    def schema(self) -> pa.Schema:
        """Text columns, row and line."""
        return text_schema(len(self.columns) or 1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """One batch of the mended rows whose original is in the file."""
        due = [repair for repair in self.repairs if repair.line in self.rows]
        if not due:
            return
        if self.columns:
            parsed = [_object(repair.row) for repair in due]
            columns = [pa.array([_text(row.get(name)) for row in parsed], pa.string()) for name in self.columns]
        else:
            columns = [pa.array([repair.row for repair in due], pa.string())]
        numbers = pa.array(np.array([self.rows[repair.line] for repair in due], dtype=np.int64))
        lines = pa.array(np.array([repair.line for repair in due], dtype=np.int64))
        yield pa.RecordBatch.from_arrays([*columns, numbers, lines], schema=self.schema)


def mend(raw: str, changes: Mapping[str, str | None], *, is_json: bool) -> str:
    """The raw row with some raw columns changed, as JSON; a row that was text only starts from nothing.

    Examples:
        >>> mend('{"id":"7","price":"x"}', {"price": "1.50"}, is_json=False)
        '{"id": "7", "price": "1.50"}'
    """
    row = _object(raw)
    row.pop(TEXT_KEY, None)
    for name, value in changes.items():
        if is_json and name not in row:
            _put(row, pointer(name), value)
        else:
            row[name] = value
    return json.dumps(row, ensure_ascii=False)


def raw_columns(raw: str) -> list[str]:
    """The raw columns that a failed row has."""
    return [name for name in _object(raw) if name != TEXT_KEY]


def raw_of_broken(broken: BrokenRow) -> str:
    """A broken row as JSON: its values by column as far as they can be told, and its text."""
    return json.dumps({**dict(broken.cells), TEXT_KEY: broken.text}, ensure_ascii=False)


def raw_of_document(text: str) -> str:
    """A row of JSON as it is, or under `TEXT_KEY` when it is not a JSON object."""
    return text if _is_object(text) else json.dumps({TEXT_KEY: text}, ensure_ascii=False)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _object(text: str) -> dict[str, object]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _put(row: dict[str, object], path: str, value: object) -> None:
    *outer, last = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    here = row
    for step in outer:
        inner = here.get(step)
        if not isinstance(inner, dict):
            inner = {}
            here[step] = inner
        here = inner
    here[last] = value


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
