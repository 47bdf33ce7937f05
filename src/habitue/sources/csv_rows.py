"""Rows of delimited text. Ragged records, refused lines and a last quote never closed become broken rows."""

import csv
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from habitue.sources.clean_text import MAX_LINE_BYTES, CleanText, RefusedLine, find_marker
from habitue.sources.dialects import BLANKS, Dialect, read_cells
from habitue.sources.failures import SourceBrokenError, SourceEmptyError, SourceQuoteError
from habitue.sources.rows import BrokenRow, column_name, text_schema
from habitue.sources.sniff import Recognised

_BLOCK_BYTES = 2 * MAX_LINE_BYTES
_SHOWN = 2000
_NO_LIMIT = 1 << 62
_MOST_LINES = 1000
_Numbers = npt.NDArray[np.int64]


class CsvRows:
    """A `RowReader` of delimited text."""

    def __init__(self, found: Recognised) -> None:
        self.columns = found.columns
        self.broken: list[BrokenRow] = []
        self.records = 0
        self._found = found
        self._dialect = found.dialect or Dialect()
        padding = (self._dialect.separator * len(found.columns)).encode()
        self._text = CleanText(found.part, found.seen, blanks=self._dialect.delimiter == BLANKS, padding=padding)
        self._ragged: list[tuple[int, int, str]] = []
        self._next_record = 1
        self._extra_lines = 0
        self._header = 1 if self._dialect.header else 0
        self._highest = self._header

    @property
    def last_row(self) -> int:
        """The highest row number met so far."""
        return self._highest - self._header

    @property
    def schema(self) -> pa.Schema:
        """Text columns, row and line."""
        return text_schema(len(self.columns))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows; the last batch is held back until it is known whether a quote was left open in it."""
        held: pa.RecordBatch | None = None
        for raw in self._raw_batches():
            batch = self._number(raw)
            if held is not None:
                yield held
            held = batch
        self._take_ragged(_NO_LIMIT, np.zeros(0, np.int64), np.zeros(0, np.int64))
        if held is not None:
            yield self._refuse_open_quote(held)

    def _raw_batches(self) -> Iterator[pa.RecordBatch]:
        dialect = self._dialect
        names = [column_name(place) for place in range(len(self.columns))]
        try:
            reader = pa_csv.open_csv(
                pa.PythonFile(self._text, mode="r"),
                read_options=pa_csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False, column_names=names),
                parse_options=pa_csv.ParseOptions(
                    delimiter=dialect.separator,
                    quote_char=dialect.quote or False,
                    newlines_in_values=bool(dialect.quote),
                    ignore_empty_lines=False,
                    invalid_row_handler=self._on_ragged,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names}, strings_can_be_null=False
                ),
            )
            yield from reader
        except pa.ArrowInvalid as error:
            if "straddling" in str(error):
                raise SourceQuoteError(self._found.part.shown, self._next_record + self._extra_lines) from error
            if "Empty CSV" in str(error):
                raise SourceEmptyError(self._found.part.shown) from error
            raise SourceBrokenError(self._found.part.shown, "its text is not a table") from error

    def _on_ragged(self, row: pa_csv.InvalidRow) -> str:
        self._ragged.append((row.number, row.actual_columns, row.text))
        return "skip"

    def _number(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        """Give each row its record number and line, and take blank lines and stand-ins out."""
        inner = _newlines_inside(raw)
        records = self._record_numbers(raw.num_rows)
        before = np.cumsum(inner) - inner
        last = int(records[-1]) if raw.num_rows else self._next_record - 1
        base = self._extra_lines
        ragged_lines = self._take_ragged(last, records, before + base)
        lines = records + base + before + _shift(records, ragged_lines)
        self._extra_lines += int(inner.sum()) + sum(extra for _, extra in ragged_lines)
        self._next_record = last + 1
        self._highest = max(self._highest, last)
        keep = ~_blank_rows(raw)
        if self._header and records.size and records[0] == 1:
            keep[0] = False
        if self._text.refused:
            keep &= ~self._take_stand_ins(raw, records, lines)
        self.records += int(keep.sum())
        rows = pa.array(records - self._header)
        numbered = pa.RecordBatch.from_arrays([*raw.columns, rows, pa.array(lines)], schema=self.schema)
        return numbered if keep.all() else numbered.filter(pa.array(keep))

    def _record_numbers(self, count: int) -> _Numbers:
        """Numbers of the next sound records: those that no ragged record has."""
        taken = [number for number, _, _ in self._ragged]
        candidates = np.arange(self._next_record, self._next_record + count + len(taken), dtype=np.int64)
        if taken:
            candidates = candidates[~np.isin(candidates, np.array(taken, dtype=np.int64))]
        return candidates[:count]

    def _take_ragged(self, last: int, records: _Numbers, lines_before: _Numbers) -> list[tuple[int, int]]:
        """Turn ragged records up to record `last` into broken rows; gives (number, further lines) of each."""
        due = [each for each in self._ragged if each[0] <= last]
        self._ragged = [each for each in self._ragged if each[0] > last]
        taken: list[tuple[int, int]] = []
        own = 0
        for number, width, text in due:
            place = int(np.searchsorted(records, number))
            inner = int(lines_before[place]) if place < len(lines_before) else self._extra_lines
            self._break(number, number + inner + own, width, text)
            extra = text.count("\n")
            own += extra
            taken.append((number, extra))
        return taken

    def _break(self, number: int, line: int, width: int, text: str) -> None:
        marked = find_marker(text)
        row = number - self._header
        self._highest = max(self._highest, number)
        self.records += 1
        if marked is not None:
            self.broken.append(_refused_row(self._text.refused[marked], row))
            return
        reason = f"the row has {width} values where {len(self.columns)} columns are expected"
        if "\n" in text:
            self._refuse_swallowed(line, text)
            reason += f"; a quote in it is closed {text.count(chr(10))} lines later, or never"
        self.broken.append(
            BrokenRow(
                row=row,
                line=line,
                code="READ-COLUMNS",
                reason=reason,
                text=text,
                cells=self._cells(text),
            )
        )

    def _refuse_swallowed(self, line: int, text: str) -> None:
        """A quote that swallows a good part of the file is one error, not one failed row that hides the others."""
        if text.count("\n") > _MOST_LINES:
            raise SourceQuoteError(self._found.part.shown, line)

    def _cells(self, text: str) -> tuple[tuple[str, str], ...]:
        reader = read_cells(text.splitlines(keepends=True), self._dialect.separator, self._dialect.quote)
        try:
            values = next(reader, [])
        except csv.Error:
            return ()
        names = [*self.columns, *(f"column_{place}" for place in range(len(self.columns) + 1, len(values) + 1))]
        return tuple(zip(names, values, strict=False))[: len(self.columns) + 50]

    def _take_stand_ins(self, raw: pa.RecordBatch, records: _Numbers, lines: _Numbers) -> npt.NDArray[np.bool_]:
        """Rows inside whose quotes a refused line ended up: they are broken too."""
        found = np.zeros(raw.num_rows, dtype=bool)
        for column in raw.columns:
            found |= pc.match_substring(column, "\ue0f0").to_numpy(zero_copy_only=False)
        for place in np.flatnonzero(found):
            values = [str(column[int(place)].as_py()) for column in raw.columns]
            index = find_marker("".join(values))
            refused = self._text.refused[index] if index is not None else None
            self.records += 1
            self.broken.append(
                BrokenRow(
                    row=int(records[place]) - self._header,
                    line=int(lines[place]),
                    code=refused.code if refused else "READ-ENCODING",
                    reason=refused.reason if refused else "the row holds a character that files may not hold",
                    text=self._dialect.separator.join(values)[:_SHOWN],
                )
            )
        return found

    def _refuse_open_quote(self, last: pa.RecordBatch) -> pa.RecordBatch:
        """With an odd number of quotes in the file, a last row that spans lines is one that was never closed."""
        if self._dialect.quote != '"' or self._found.seen.quotes % 2 == 0 or not last.num_rows:
            return last
        place = last.num_rows - 1
        values = [str(column[place].as_py()) for column in last.columns[: len(self.columns)]]
        if not values[-1].endswith("\n") and "\n" not in values[-1]:
            return last
        line = int(last.column(LINE_PLACE)[place].as_py())
        self._refuse_swallowed(line, values[-1])
        self.broken.append(
            BrokenRow(
                row=int(last.column(ROW_PLACE)[place].as_py()),
                line=line,
                code="READ-QUOTE",
                reason="a quote opened in this row is never closed, so everything after it became one value",
                text=self._dialect.separator.join(values),
                cells=tuple(zip(self.columns, values, strict=True)),
            )
        )
        return last.slice(0, place)


ROW_PLACE, LINE_PLACE = -2, -1


def _refused_row(refused: RefusedLine, row: int) -> BrokenRow:
    return BrokenRow(row=row, line=refused.line, code=refused.code, reason=refused.reason, text=refused.text)


def _shift(records: _Numbers, ragged: list[tuple[int, int]]) -> _Numbers:
    """For each record, how many further lines ragged records before it have."""
    if not any(extra for _, extra in ragged):
        return np.zeros(records.size, np.int64)
    numbers = np.array([number for number, _ in ragged], dtype=np.int64)
    sums = np.concatenate([[0], np.cumsum([extra for _, extra in ragged])]).astype(np.int64)
    return sums[np.searchsorted(numbers, records)]


def _newlines_inside(batch: pa.RecordBatch) -> _Numbers:
    """How many newlines the values of each row hold."""
    total = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        data = column.buffers()[2]
        if data is not None and b"\n" in memoryview(data).tobytes():
            total += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
    return total


def _blank_rows(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Rows of which every value is empty: blank lines are read so, and say nothing."""
    blank = np.ones(batch.num_rows, dtype=bool)
    for column in batch.columns:
        if not blank.any():
            break
        blank &= pc.equal(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return blank
