"""What a file of rows is, found from its content: format, encoding, dialect and columns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from habitue.sources.dialects import Dialect, find_dialect, split_rows
from habitue.sources.failures import SourceBrokenError, SourceEmptyError, SourceFormatError
from habitue.sources.hints import NO_HINTS, CsvHints
from habitue.sources.packing import Part
from habitue.sources.survey import HEAD_BYTES, Survey, require_text, survey

Format = Literal["csv", "parquet", "json", "ndjson"]

FORMAT_WORDS: dict[str, str] = {
    "csv": "text with delimiters (CSV)",
    "parquet": "a Parquet file",
    "json": "a JSON array of objects",
    "ndjson": "one JSON object per line (NDJSON)",
}
_ENDINGS: dict[str, tuple[Format, ...]] = {
    ".csv": ("csv",), ".tsv": ("csv",), ".tab": ("csv",), ".psv": ("csv",), ".parquet": ("parquet",),
    ".pq": ("parquet",), ".json": ("json", "ndjson"), ".ndjson": ("ndjson",), ".jsonl": ("ndjson",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A part of which we know how to read it.

    Attributes:
        part: Where its bytes come from.
        seen: What the survey told.
        format: What it holds.
        dialect: How its text table is written; None unless `csv`.
        columns: Column names, distinct without regard to case; empty for JSON, whose rows name their own.
    """

    part: Part
    seen: Survey
    format: Format
    dialect: Dialect | None
    columns: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Digest of the unpacked bytes."""
        return self.seen.sha256


def recognise(part: Part, *, declared: Format | None = None, hints: CsvHints = NO_HINTS) -> Recognised:
    """How a part has to be read, by its content.

    Args:
        part: The stream of rows.
        declared: The `format` of the source; it takes the place of what the name says.
        hints: What the source declares about text files.

    Raises:
        SourceFormatError: The content is not what the name or `declared` says, or nothing we read.
        SourceEmptyError: There is no row.
        SourceBrokenError: The file is damaged.
    """
    seen = survey(part, encoding=hints.encoding or "")
    allowed = (declared,) if declared else _formats_by_name(part)
    says = FORMAT_WORDS[allowed[0]] if allowed else "rows of CSV, Parquet or JSON"
    if seen.magic == FORMAT_WORDS["parquet"]:
        if allowed and "parquet" not in allowed:
            raise SourceFormatError(part.shown, says=says, holds=seen.magic)
        return _recognise_parquet(part, seen)
    require_text(part, seen, says)
    text = seen.head_text
    if not text.strip():
        raise SourceEmptyError(part.shown)
    found = _find_text_format(part, text)
    if allowed and found not in allowed:
        raise SourceFormatError(part.shown, says=says, holds=FORMAT_WORDS[found])
    if found == "csv" and "\n" not in text and seen.size > HEAD_BYTES:
        raise SourceFormatError(part.shown, says=says, holds=f"a first line longer than {HEAD_BYTES // 1024} KiB")
    if found != "csv":
        return Recognised(part=part, seen=seen, format=found, dialect=None, columns=())
    return _recognise_csv(part, seen, text, hints)


def _formats_by_name(part: Part) -> tuple[Format, ...]:
    name = part.inner_name
    return next((formats for ending, formats in _ENDINGS.items() if name.endswith(ending)), ())


def _find_text_format(part: Part, text: str) -> Format:
    """`json` for an array, `ndjson` for objects, `csv` for the rest; a lone object that is not a row is refused."""
    start = text.lstrip()
    if start.startswith("[") and start[1:].lstrip()[:1] in ("{", "]", ""):
        return "json"
    if not start.startswith("{"):
        return "csv"
    first, newline, _ = start.partition("\n")
    first = first.strip()
    if _is_object(first) or (first.startswith('{"') and (first.endswith("}") or not newline)):
        return "ndjson"
    if first != "{" and not first.startswith('{"'):
        return "csv"
    holds = "one JSON object spread over lines, not an array of rows"
    raise SourceFormatError(part.shown, says=FORMAT_WORDS["json"], holds=holds)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _recognise_parquet(part: Part, seen: Survey) -> Recognised:
    if part.packing != "plain":
        holds = "a packed Parquet file (Parquet packs its own data)"
        raise SourceFormatError(part.shown, says="rows that can be read as a stream", holds=holds)
    try:
        with pq.ParquetFile(part.path) as file:
            columns, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise SourceBrokenError(part.shown, "the Parquet file is damaged or incomplete") from error
    if not rows:
        raise SourceEmptyError(part.shown, header_only=True)
    return Recognised(part=part, seen=seen, format="parquet", dialect=None, columns=distinct_names(columns))


def _recognise_csv(part: Part, seen: Survey, text: str, hints: CsvHints) -> Recognised:
    dialect = find_dialect(
        text,
        delimiter=hints.delimiter,
        quote=hints.quote,
        header=hints.header,
        decimal=hints.decimal,
        thousands=hints.thousands,
    )
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    rows = split_rows(lines, dialect.delimiter, dialect.quote)
    if not rows:
        raise SourceEmptyError(part.shown)
    if dialect.header and seen.lines <= 1:
        raise SourceEmptyError(part.shown, header_only=True)
    first = rows[0] if dialect.header else [f"column_{place}" for place in range(1, len(rows[0]) + 1)]
    return Recognised(part=part, seen=seen, format="csv", dialect=dialect, columns=distinct_names(first))


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks at their ends, none empty, distinct without regard to case.

    Examples:
        >>> distinct_names(["", "ID ", "id", "ID"])
        ('column_1', 'ID', 'id_2', 'ID_3')
    """
    taken: set[str] = set()
    result: list[str] = []
    for place, raw in enumerate(names, 1):
        name = raw.strip() or f"column_{place}"
        stem, number = name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        result.append(name)
    return tuple(result)
