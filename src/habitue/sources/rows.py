"""The rows of one part as Arrow batches, in file order, each row with its number and line; broken rows kept apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

ROW = "habitue_row"
LINE = "habitue_line"
SEQUENCE = "habitue_seq"
FEED = "habitue_feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A record of a file that has no columns to speak of.

    Attributes:
        row: 1-based number of the record in its part, the header not counted.
        line: 1-based line at which it starts.
        code: Stable code, e.g. `READ-COLUMNS`.
        reason: What is wrong with it.
        text: Its text, or the beginning of it.
        cells: The values by column name, as far as they can be told.
    """

    row: int
    line: int
    code: str
    reason: str
    text: str
    cells: tuple[tuple[str, str], ...] = ()


class RowReader(Protocol):
    """Reads one part once.

    Attributes:
        columns: Raw column names; the batches call them by `column_name`, then `ROW` and `LINE`. A reader of JSON has
            one column, the text of each object, and no names.
        broken: The records that could not be read; complete once `batches` is exhausted.
        records: Records met so far, broken ones included and blank lines not.
        last_row: The highest row number met so far.
    """

    columns: tuple[str, ...]

    @property
    def broken(self) -> Sequence[BrokenRow]:
        """The records that could not be read."""
        ...

    @property
    def records(self) -> int:
        """Records met so far."""
        ...

    @property
    def last_row(self) -> int:
        """The highest row number met so far."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """The schema of the batches."""
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, in file order."""
        ...


def column_name(place: int) -> str:
    """What batches call the raw column at a place, counted from 0."""
    return f"habitue_c{place}"


def batch_schema(kinds: Sequence[pa.DataType]) -> pa.Schema:
    """The schema of batches whose raw columns have these types."""
    fields = [pa.field(column_name(place), kind) for place, kind in enumerate(kinds)]
    return pa.schema([*fields, pa.field(ROW, pa.int64()), pa.field(LINE, pa.int64())])


def text_schema(count: int) -> pa.Schema:
    """The schema of batches with so many columns of text."""
    return batch_schema([pa.string()] * count)
