"""From what a source says about its files to readers of their rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from habitue.sources.csv_rows import CsvRows
from habitue.sources.failures import SourceFileMissingError
from habitue.sources.hints import NO_HINTS, CsvHints
from habitue.sources.json_rows import JsonRows, NdjsonRows
from habitue.sources.packing import Part, find_parts
from habitue.sources.parquet_rows import ParquetRows
from habitue.sources.rows import RowReader
from habitue.sources.sniff import Format, Recognised, recognise

_NOISE = frozenset({"license", "readme", "_success", "checksums", "md5sums", "sha256sums"})


def open_rows(found: Recognised) -> RowReader:
    """A reader of the rows of a part that was recognised."""
    if found.format == "parquet":
        return ParquetRows(found)
    if found.format == "json":
        return JsonRows(found)
    return NdjsonRows(found) if found.format == "ndjson" else CsvRows(found)


def list_parts(root: Path, source: str, patterns: Sequence[str]) -> tuple[Part, ...]:
    """The streams of rows that a source names, sorted by path and each once.

    A pattern is a file, a folder (every file in it that is not hidden, at any depth), or a glob; `archive.zip!glob`
    takes members of an archive.

    Args:
        root: The project folder, from which relative patterns start.
        source: Name of the source, for messages.
        patterns: The patterns.

    Raises:
        SourceFileMissingError: A pattern names no file.
        HabitueError: As `find_parts`.
    """
    parts: dict[tuple[Path, str], Part] = {}
    for pattern in patterns:
        outer, _, member = pattern.partition("!")
        for path in _paths(root, source, outer):
            for part in find_parts(path, _shown(root, path), member=member):
                parts[part.path, part.member] = part
    return tuple(parts[key] for key in sorted(parts))


def recognise_all(
    parts: Sequence[Part], *, declared: Format | None = None, hints: CsvHints = NO_HINTS
) -> Iterator[Recognised]:
    """Each part, recognised, in order."""
    for part in parts:
        yield recognise(part, declared=declared, hints=hints)


def _paths(root: Path, source: str, pattern: str) -> list[Path]:
    place = root / pattern
    if place.is_dir():
        found = [path for path in place.rglob("*") if _is_data(path, place)]
    elif place.exists():
        found = [place]
    else:
        base = Path(place.anchor) if Path(pattern).is_absolute() else root
        steps = place.relative_to(base).as_posix()
        found = (
            [path for path in base.glob(steps) if path.is_file() and not path.name.startswith(".")]
            if set(steps) & set("*?[")
            else []
        )
    if not found:
        raise SourceFileMissingError(source, pattern)
    return sorted(path.resolve() for path in found)


def _is_data(path: Path, folder: Path) -> bool:
    hidden = any(step.startswith((".", "_")) for step in path.relative_to(folder).parts)
    stem = path.name.split(".", 1)[0].lower()
    return path.is_file() and not hidden and stem not in _NOISE


def _shown(root: Path, path: Path) -> str:
    try:
        return path.relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name
