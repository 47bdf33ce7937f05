"""The files of a personal archive: every table as JSON and as CSV, in one zip."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Final

from habitue.config import writing

Cell = None | bool | int | float | str
Row = Mapping[str, object]
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Archive:
    """A zip that grows in memory and is put in place as a whole.

    Cost: memory for one person's data.
    """

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._zip = zipfile.ZipFile(self._bytes, "w", zipfile.ZIP_DEFLATED)

    def add_rows(self, name: str, rows: Sequence[Row]) -> None:
        """A table: `name.json`, and `name.csv` with every column that any row has."""
        told = [{key: plain(value) for key, value in row.items()} for row in rows]
        self.add_json(name, told)
        columns = list(dict.fromkeys(key for row in told for key in row))
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([safe_cell(column) for column in columns])
        writer.writerows([safe_cell(row.get(column)) for column in columns] for row in told)
        self._add(f"{name}.csv", text.getvalue())

    def add_json(self, name: str, value: object) -> None:
        """A document."""
        self._add(f"{name}.json", json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def _add(self, name: str, text: str) -> None:
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        self._zip.writestr(entry, text.encode("utf-8", "backslashreplace"))

    def write(self, path: Path) -> None:
        """Put the archive at a path, readable by its owner only; whole or not at all."""
        self._zip.close()
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with writing(path):
            try:
                handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(self._bytes.getvalue())
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)


def safe_cell(value: object) -> Cell:
    """A value as a spreadsheet shows it and never computes it: text that would begin a formula gets an apostrophe.

    Examples:
        >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell(-5), safe_cell("Ann"), safe_cell(None)
        ("'=1+1", "'-5", -5, 'Ann', '')
    """
    match value:
        case None:
            return ""
        case bool() | int() | float():
            return value
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
    return safe_cell(json.dumps(value, ensure_ascii=False))


def plain(value: object) -> object:
    """A value as JSON has it: times ISO 8601 in UTC, money exact as text, bytes as hex."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            moment = value if value.tzinfo else value.replace(tzinfo=UTC)
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case Enum():
            return plain(value.value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case Iterable():
            return [plain(each) for each in value]
    return str(value)
