"""Failed rows as a CSV file that a person mends in a spreadsheet, and the mended file read back."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from habitue.config import write_text
from habitue.errors import HabitueError
from habitue.run.sources import FailedEntry
from habitue.run.workspace import Workspace

NUMBER, REASON, PLACE = "failed_id", "failed_reason", "failed_place"
_OWN = (NUMBER, REASON, PLACE)


class RepairFileError(HabitueError):
    """A file of mended rows cannot be used."""

    code = "REPAIR-FILE"


def write_failed(path: Path, rows: Sequence[FailedEntry]) -> None:
    """Put failed rows into a CSV file: the number, the reason, the place, then every raw column.

    Raises:
        HabitueError: The disk refuses.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row.row))
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow([*_OWN, *columns])
    for row in rows:
        cells = [_text(row.row[name]) if name in row.row else "" for name in columns]
        writer.writerow([row.id, row.reason, f"{row.file}:{row.line}", *cells])
    write_text(path, "".join(lines.written))


def read_repairs_file(workspace: Workspace, path: Path) -> dict[int, dict[str, str | None]]:
    """What a mended file changes, by number of the row; rows and cells that stand as they were are left out.

    Args:
        workspace: The open project.
        path: A CSV file as `write_failed` makes it; columns may be left out.

    Raises:
        RepairFileError: It cannot be read, or names rows that do not wait.
    """
    changes: dict[int, dict[str, str | None]] = {}
    for number, cells in _read(path):
        row = workspace.control.failed.row(number)
        if row is None:
            raise RepairFileError(
                what=f"{path.name} names the row {number}, which the failed lane does not have.",
                do=f"Take it out, or write the file again with `habitue sources mend {path.name}`.",
            )
        raw = json.loads(row.repaired or row.row)
        changed = {name: cell or None for name, cell in cells.items() if cell != _text(raw.get(name))}
        if changed:
            changes[number] = changed
    return changes


def _read(path: Path) -> list[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", restkey="")
            rows = [dict(row) for row in reader]
            names = reader.fieldnames or []
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise RepairFileError(what=f"{path.name} cannot be read: {why}.", do="Check the path.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise RepairFileError(
            what=f"{path.name} is not a CSV file in UTF-8 ({error.__class__.__name__}).",
            do="Save it as CSV with commas, in UTF-8.",
        ) from None
    if NUMBER not in names:
        raise RepairFileError(
            what=f"{path.name} has no column {NUMBER!r}.",
            do="Begin with `habitue sources mend FILE.csv` and keep that column.",
        )
    return [(_number(path, row[NUMBER]), {name: row[name] for name in names if name not in _OWN}) for row in rows]


def _number(path: Path, text: str) -> int:
    if not text.strip().isdecimal():
        raise RepairFileError(
            what=f"{path.name} has {text[:20]!r} in the column {NUMBER!r}.", do="It holds numbers of failed rows."
        )
    return int(text)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Lines:
    """Where the CSV writer puts its lines."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, text: str) -> int:
        """Take one line."""
        self.written.append(text)
        return len(text)
