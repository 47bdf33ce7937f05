"""Rows of Parquet, with the types that the file has."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from habitue.sources.failures import SourceBrokenError
from habitue.sources.rows import BrokenRow, batch_schema
from habitue.sources.sniff import Recognised

_BATCH_ROWS = 50_000


class ParquetRows:
    """A `RowReader` of a Parquet file; a row's line is its number."""

    def __init__(self, found: Recognised) -> None:
        self.columns = found.columns
        self.broken: list[BrokenRow] = []
        self.records = 0
        self._found = found
        try:
            self._kinds = [_plain(kind) for kind in pq.read_schema(found.part.path).types]
        except (pa.ArrowException, OSError) as error:
            raise SourceBrokenError(found.part.shown, "the Parquet file is damaged or incomplete") from error

    @property
    def last_row(self) -> int:
        """The highest row number: that of the last record."""
        return self.records

    @property
    def schema(self) -> pa.Schema:
        """The file's own types (dictionaries unfolded), row and line."""
        return batch_schema(self._kinds)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, in file order."""
        try:
            with pq.ParquetFile(self._found.part.path) as file:
                for raw in file.iter_batches(batch_size=_BATCH_ROWS):
                    yield self._number(raw)
        except (pa.ArrowException, OSError) as error:
            raise SourceBrokenError(self._found.part.shown, "the Parquet file is damaged or incomplete") from error

    def _number(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        rows = pa.array(np.arange(self.records + 1, self.records + 1 + raw.num_rows, dtype=np.int64))
        self.records += raw.num_rows
        columns = [
            column if column.type == kind else column.cast(kind)
            for column, kind in zip(raw.columns, self._kinds, strict=True)
        ]
        return pa.RecordBatch.from_arrays([*columns, rows, rows], schema=self.schema)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without dictionary, wide offsets or views around it."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    return kind
