"""How a text table is written: delimiter, quotes, header, decimal sign; found from its first lines."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

BLANKS = "whitespace"
_DELIMITERS = (",", ";", "\t", "|")
_LINES = 200
_NUMBER = re.compile(r"[-+]?[£$€¥]?\s?\d[\d.,' ]*(?:[eE][-+]?\d+)?\s?[%£$€¥]?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_POINT = re.compile(r"[-+]?[£$€¥]?\s?(?:\d+\.\d+|\d{1,3}(?:,\d{3})+\.\d+)\s?[£$€¥]?")
_COMMA = re.compile(r"[-+]?[£$€¥]?\s?(?:\d+,\d{1,2}|\d{4,},\d+|0,\d+|\d{1,3}(?:\.\d{3})+,\d+)\s?[£$€¥]?")
_GROUPED = {",": re.compile(r"[-+]?[£$€¥]?\s?\d{1,3}(?:,\d{3})+(?:\.\d+)?\s?[£$€¥]?"),
            ".": re.compile(r"[-+]?[£$€¥]?\s?\d{1,3}(?:\.\d{3})+(?:,\d+)?\s?[£$€¥]?")}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text table is written.

    Attributes:
        delimiter: One character, or `whitespace` for runs of blanks.
        quote: The quote character; empty when values are not quoted.
        header: Whether the first line names the columns.
        decimal: The decimal sign, `.` or `,`.
        thousands: What groups thousands; empty for nothing.
    """

    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    decimal: str = "."
    thousands: str = ""

    @property
    def separator(self) -> str:
        """The character between values once the text has been cleaned."""
        return "\t" if self.delimiter == BLANKS else self.delimiter


def find_dialect(
    text: str,
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    header: bool | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
) -> Dialect:
    r"""The dialect of a text table from its first lines; what is declared is taken as it is.

    Examples:
        >>> find_dialect("name;price\nTea;1,50\nCake;12,00\n")
        Dialect(delimiter=';', quote='"', header=True, decimal=',', thousands='')
    """  # fmt: skip
    lines = [line for line in text.splitlines()[: _LINES + 1] if line.strip()]
    mark = '"' if quote is None else quote
    split_by = delimiter or _find_delimiter(lines, mark)
    rows = split_rows(lines, split_by, mark)
    named = _find_header(rows) if header is None else header
    cells = [cell.strip() for row in rows[1 if named else 0 :] for cell in row]
    sign = decimal or _find_decimal(cells, thousands)
    groups = _find_thousands(cells, sign) if thousands is None else thousands
    return Dialect(delimiter=split_by, quote=mark, header=named, decimal=sign, thousands=groups)


def split_rows(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    """The cells of each row, for looking at the first lines only."""
    if delimiter == BLANKS:
        return [line.split() for line in lines]
    reader = read_cells((f"{line}\n" for line in lines), delimiter, quote)
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in reader if row)
    except csv.Error:
        return rows
    return rows


def read_cells(lines: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """The rows of a few lines, by the standard library."""
    if quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=quote)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _find_delimiter(lines: Sequence[str], quote: str) -> str:
    best, best_score = ",", 0.0
    for order, candidate in enumerate(_DELIMITERS):
        score = _consistency(split_rows(lines, candidate, quote)) - order * 1e-6
        if score > best_score:
            best, best_score = candidate, score
    if best_score < 1 and _consistency(split_rows(lines, BLANKS, quote), most_alike=0.95) >= 1:
        return BLANKS
    return best


def _consistency(rows: Sequence[Sequence[str]], *, most_alike: float = 0.7) -> float:
    """0 when rows differ in width or have one column; otherwise 1 and more, growing with the width."""
    if not rows:
        return 0.0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    share = count / len(rows)
    if width < 2 or share < most_alike or len(rows[0]) != width:
        return 0.0
    return share * (1 + min(width, 200) / 200) if share == 1 else share + 0.3 * min(width, 200) / 200 + 0.3


def _find_header(rows: Sequence[Sequence[str]]) -> bool:
    """A first row names columns when no cell of it looks like a value and names do not repeat."""
    if not rows:
        return True
    first = [cell.strip() for cell in rows[0]]
    named = first[1:] if len(first) > 1 and not first[0] else first
    if any(not cell or looks_like_value(cell) for cell in named):
        return False
    folded = [cell.casefold() for cell in named]
    if len(set(folded)) < len(folded) * 0.6:
        return False
    later = [[cell.strip() for cell in row] for row in rows[1:]]
    return not any(row == first for row in later)


def looks_like_value(cell: str) -> bool:
    """True for a number or a date: something that does not name a column."""
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _find_decimal(cells: Sequence[str], thousands: str | None) -> str:
    if thousands:
        return "," if thousands == "." else "."
    points = sum(1 for cell in cells if _POINT.fullmatch(cell))
    commas = sum(1 for cell in cells if _COMMA.fullmatch(cell))
    return "," if commas and commas > 4 * points else "."


def _find_thousands(cells: Sequence[str], decimal: str) -> str:
    sign = "." if decimal == "," else ","
    pattern = _GROUPED[sign]
    return sign if any(pattern.fullmatch(cell) for cell in cells) else ""
