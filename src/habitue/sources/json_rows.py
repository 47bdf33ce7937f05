"""Rows of JSON: one object per line, or an array of objects. A batch holds the text of each object."""

import codecs
import json
from collections.abc import Iterator

import pyarrow as pa

from habitue.sources.clean_text import MAX_LINE_BYTES, CleanText, find_marker
from habitue.sources.failures import SourceBrokenError
from habitue.sources.rows import BrokenRow, text_schema
from habitue.sources.sniff import Recognised

_BATCH_ROWS = 20_000
_BATCH_CHARACTERS = 16 * 2**20
_SPACE = " \t\r\n"


class _Collected:
    """Rows waiting to become a batch."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.rows: list[int] = []
        self.lines: list[int] = []
        self.characters = 0

    def add(self, text: str, row: int, line: int) -> None:
        self.texts.append(text)
        self.rows.append(row)
        self.lines.append(line)
        self.characters += len(text)

    @property
    def is_full(self) -> bool:
        return len(self.texts) >= _BATCH_ROWS or self.characters >= _BATCH_CHARACTERS

    def batch(self) -> pa.RecordBatch:
        """What was collected, which is then forgotten."""
        arrays = [pa.array(self.texts, pa.string()), pa.array(self.rows, pa.int64()), pa.array(self.lines, pa.int64())]
        self.texts, self.rows, self.lines, self.characters = [], [], [], 0
        return pa.RecordBatch.from_arrays(arrays, schema=text_schema(1))


class NdjsonRows:
    """A `RowReader` of one JSON object per line; whether a line is one is asked later, where values are read."""

    columns: tuple[str, ...] = ()

    def __init__(self, found: Recognised) -> None:
        self.broken: list[BrokenRow] = []
        self.records = 0
        self._text = CleanText(found.part, found.seen)

    @property
    def last_row(self) -> int:
        """The highest row number: that of the last record."""
        return self.records

    @property
    def schema(self) -> pa.Schema:
        """The text of the object, row and line."""
        return text_schema(1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The lines that are not blank."""
        collected = _Collected()
        for line, text in enumerate(_lines(self._text), 1):
            self._take(text, line, collected)
            if collected.is_full:
                yield collected.batch()
        if collected.texts:
            yield collected.batch()

    def _take(self, text: str, line: int, collected: _Collected) -> None:
        if not text.strip(_SPACE):
            return
        self.records += 1
        marked = find_marker(text) if self._text.refused else None
        if marked is None:
            collected.add(text, self.records, line)
            return
        refused = self._text.refused[marked]
        self.broken.append(
            BrokenRow(row=self.records, line=line, code=refused.code, reason=refused.reason, text=refused.text)
        )


def _lines(source: CleanText) -> Iterator[str]:
    carry = ""
    for piece in source.pieces():
        *whole, carry = (carry + piece.decode()).split("\n")
        yield from whole
    if carry:
        yield carry


def _texts(found: Recognised) -> Iterator[str]:
    """The text of a part, piece by piece; an array's layout has no say in where it is cut."""
    decoder = codecs.getincrementaldecoder(found.seen.encoding)()
    skip = found.seen.bom
    try:
        for chunk in found.part.chunks():
            yield decoder.decode(chunk[skip:])
            skip = max(0, skip - len(chunk))
        yield decoder.decode(b"", True)
    except UnicodeError as error:
        raise SourceBrokenError(found.part.shown, f"its text does not fit {found.seen.encoding}") from error


class JsonRows:
    """A `RowReader` of the elements of one JSON array, taken apart as it comes in; a row's line is its number.

    Damage inside an array leaves no place from which to go on: it refuses the file.
    """

    columns: tuple[str, ...] = ()

    def __init__(self, found: Recognised) -> None:
        self.broken: list[BrokenRow] = []
        self.records = 0
        self._shown = found.part.shown
        self._pieces = _texts(found)
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._place = 0
        self._line = 1

    @property
    def last_row(self) -> int:
        """The highest row number: that of the last record."""
        return self.records

    @property
    def schema(self) -> pa.Schema:
        """The text of the element, row and line."""
        return text_schema(1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The elements of the array."""
        collected = _Collected()
        if self._next_sign() != "[":
            raise self._broken()
        self._move(self._place + 1)
        sign = self._next_sign()
        while sign != "]":
            text = self._element()
            self.records += 1
            collected.add(text, self.records, self.records)
            if collected.is_full:
                yield collected.batch()
            sign = self._next_sign()
            if sign == ",":
                self._move(self._place + 1)
                sign = "," if self._next_sign() == "]" else self._next_sign()
            elif sign != "]":
                raise self._broken()
        self._move(self._place + 1)
        if self._next_sign():
            raise self._broken()
        if collected.texts:
            yield collected.batch()

    def _element(self) -> str:
        while True:
            try:
                _, end = self._decoder.raw_decode(self._buffer, self._place)
            except (ValueError, RecursionError) as error:
                if len(self._buffer) - self._place > MAX_LINE_BYTES or not self._more():
                    raise self._broken() from error
                continue
            if end < len(self._buffer) or not self._more():
                text = self._buffer[self._place : end]
                self._move(end)
                return text

    def _next_sign(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._place < len(self._buffer):
                sign = self._buffer[self._place]
                if sign not in _SPACE:
                    return sign
                self._line += sign == "\n"
                self._place += 1
            if not self._more():
                return ""

    def _move(self, place: int) -> None:
        self._line += self._buffer.count("\n", self._place, place)
        self._place = place

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._buffer = self._buffer[self._place :] + piece
        self._place = 0
        return True

    def _broken(self) -> SourceBrokenError:
        return SourceBrokenError(self._shown, f"its JSON is damaged or ends too early, near line {self._line}")
