"""Columns of text made in bulk, and the files they are written to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.samples.dice import Bools, Dice, Ints
from habitue.samples.span import DAY, to_local

# An Arrow array of strings; Arrow is published without types.
Text: TypeAlias = Any

_AWAY_FROM_NOUGHT = 77_345_112_359
_TWO = pa.array([f"{n:02d}" for n in range(100)])
_THREE = pa.array([f"{n:03d}" for n in range(1000)])
_HEX = pa.array([f"{n:04x}" for n in range(65_536)])
_CLOCK = pa.array([f"{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}" for n in range(DAY)])


def join(*parts: Text | str) -> Text:
    """The parts end to end, row by row; missing where any part is missing."""
    return pc.binary_join_element_wise(*parts, "")


def pick(words: Text, places: Ints) -> Text:
    """The word at each place."""
    return words.take(pa.array(places))


def whole(values: Ints) -> Text:
    """Whole numbers in figures."""
    return pc.cast(pa.array(values), pa.string())


def pounds(pence: Ints) -> Text:
    """Pence as pounds with two decimals."""
    size = np.abs(pence)
    sign = pick(pa.array(["", "-"]), (pence < 0).astype(np.int64))
    return join(sign, whole(size // 100), ".", pick(_TWO, size % 100))


def only_where(text: Text, keep: Bools) -> Text:
    """The text where marked, missing elsewhere."""
    return pc.if_else(pa.array(keep), text, pa.scalar(None, pa.string()))


def choose(mask: Bools, yes: Text, no: Text) -> Text:
    """The first text where marked, the second elsewhere."""
    return pc.if_else(pa.array(mask), yes, no)


def days(day: Ints) -> Text:
    """Days since 1970 as `2026-06-30`."""
    low = int(day.min()) if len(day) else 0
    high = int(day.max()) if len(day) else 0
    dates = np.datetime_as_string(np.arange(low, high + 1).astype("datetime64[D]"))
    return pick(pa.array(dates.astype(object), pa.string()), day - low)


def wall_clock(utc: Ints) -> Text:
    """UTC seconds as the British wall clock shows them, without an offset: `2026-06-30 14:05:09`."""
    local = to_local(utc)
    return join(days(local // DAY), " ", pick(_CLOCK, local % DAY))


def instants(utc: Ints, thousandths: Ints) -> Text:
    """UTC seconds and milliseconds as `2026-06-30T13:05:09.120Z`."""
    return join(days(utc // DAY), "T", pick(_CLOCK, utc % DAY), ".", pick(_THREE, thousandths), "Z")


def instants_s(utc: Ints) -> Text:
    """UTC seconds as `2026-06-30T13:05:09Z`."""
    return join(days(utc // DAY), "T", pick(_CLOCK, utc % DAY), "Z")


def scrambled(number: Ints) -> Text:
    """Twelve hexadecimal digits that differ for every number below 2**48 and show no order."""
    mask = np.uint64(2**48 - 1)
    bits = ((number + _AWAY_FROM_NOUGHT).astype(np.uint64) * np.uint64(0x9E3779B97F4B)) & mask
    bits = bits ^ (bits >> np.uint64(24))
    bits = (bits * np.uint64(0xBF58476D1CE5)) & mask
    parts = [((bits >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.int64) for shift in (32, 16, 0)]
    return join(*[pick(_HEX, part) for part in parts])


def quoted(text: Text) -> Text:
    """A CSV field that may hold commas; our own words hold no quotes and no line ends."""
    return join('"', text, '"')


def field(name: str, text: Text) -> Text:
    """A JSON member with a string, left out of the object where missing; our own words need no escapes."""
    return join(f'"{name}":"', text, '"')


def number(name: str, text: Text) -> Text:
    """A JSON member with a number, left out of the object where missing."""
    return join(f'"{name}":', text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiling:
    """A way to make a row invalid.

    Attributes:
        kind: wrong_type, missing_required, out_of_range, not_allowed, bad_format or broken_line.
        column: The column that is spoilt.
        value: What stands in it then; for JSON the whole member, or the whole line for broken_line.
    """

    kind: str
    column: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one feed as columns of finished text.

    Attributes:
        names: Column names.
        columns: One text column for each name.
        form: `csv`, or `ndjson` where each column holds whole members.
    """

    names: tuple[str, ...]
    columns: tuple[Text, ...]
    form: str = "csv"

    def lines(self) -> Text:
        """One line of text for each row, with its line end."""
        if self.form == "csv":
            plain = pc.binary_join_element_wise(
                *self.columns, ",", null_handling="replace", null_replacement=""
            )  # fmt: skip
            return join(plain, "\n")
        return join("{", pc.binary_join_element_wise(*self.columns, ",", null_handling="skip"), "}\n")

    def ordered(self, order: Ints) -> "Rows":
        """The rows in another order."""
        return Rows(names=self.names, columns=tuple(pick(each, order) for each in self.columns), form=self.form)

    def spoilt(self, spoiling: Spoiling, places: Ints) -> Text:
        """The lines at some places again, each made invalid."""
        if spoiling.kind == "broken_line":
            return join(pick(self.columns[0], places), spoiling.value or "", "\n")
        columns = []
        for name, column in zip(self.names, self.columns, strict=True):
            bad = pa.array([spoiling.value] * len(places), pa.string())
            columns.append(bad if name == spoiling.column else pick(column, places))
        return Rows(names=self.names, columns=tuple(columns), form=self.form).lines()


class FeedFile:
    """A file that rows are appended to, block by block, counting them.

    Attributes:
        rows: Rows written, good and bad.
        spoilt: Bad rows written, by kind and column.
    """

    def __init__(self, path: Path, spoilings: Sequence[Spoiling] = ()) -> None:
        self._path = path
        self._spoilings = tuple(spoilings)
        self._out = path.open("wb")
        self._empty = True
        self.rows = 0
        self.spoilt = [0] * len(self._spoilings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def faults(self) -> list[tuple[str, str, int]]:
        """Kind, column and number of the bad rows."""
        return [(each.kind, each.column, n) for each, n in zip(self._spoilings, self.spoilt, strict=True)]

    def append(self, rows: Rows, dice: Dice, bad: int = 0) -> None:
        """Append rows, and `bad` spoilt copies of some of them for each way of spoiling."""
        if self._empty and rows.form == "csv":
            self._out.write((",".join(rows.names) + "\n").encode())
        self._empty = False
        count = len(rows.columns[0])
        self._write(rows.lines())
        self.rows += count
        for place, spoiling in enumerate(self._spoilings if count else ()):
            self._write(rows.spoilt(spoiling, dice.integers(bad, 0, count)))
            self.spoilt[place] += bad
            self.rows += bad

    def _write(self, lines: Text) -> None:
        """Write the bytes of an Arrow string array as they lie in memory, which is line after line."""
        if not len(lines):
            return
        chunk = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
        _, offsets, data = chunk.buffers()
        ends = np.frombuffer(offsets, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        self._out.write(memoryview(data)[int(ends[0]) : int(ends[-1])])
