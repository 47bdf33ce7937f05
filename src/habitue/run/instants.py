"""Lists of (customer, instant) in files, and feature tables back into files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from habitue.config import writing
from habitue.errors import HabitueError
from habitue.run.training import ASKED

CUSTOMER_COLUMNS = ("customer_id", "customer", "user_id")
INSTANT_COLUMNS = ("instant", "at", "as_of", "occurred_at")


class AskedFileError(HabitueError):
    """A list of customers and instants cannot be used."""

    code = "TRAINING-FILE"


def read_asked(path: Path, zone: ZoneInfo) -> tuple[pa.Table, pa.Table]:
    """The rows of a CSV or Parquet file that features are asked for, and its further columns.

    Args:
        path: Holds a column of ids (customer_id, customer or user_id) and one of times (instant, at, as_of or
            occurred_at), ISO 8601.
        zone: Of times without an offset.

    Raises:
        AskedFileError: The file cannot be read, lacks a column, or has a row without a customer or with no time.
    """
    table = _read(path)
    customer = _find(path, table, CUSTOMER_COLUMNS, "customer")
    instant = _find(path, table, INSTANT_COLUMNS, "instant")
    ids = table.column(customer).cast(pa.string())
    times = [_instant(value, zone) for value in table.column(instant).to_pylist()]
    wrong = [row + 1 for row, (who, when) in enumerate(zip(ids.to_pylist(), times, strict=True)) if not who or not when]
    if wrong:
        shown = ", ".join(f"{row:,}" for row in wrong[:5])
        raise AskedFileError(
            what=f"{path.name}: {len(wrong):,} rows lack a customer or have no time in {instant!r} (rows {shown}).",
            do="Write times like 2026-01-31 or 2026-01-31T18:00:00, with an offset or in the project's time zone.",
        )
    return pa.table([ids, pa.array(times, ASKED.field("instant").type)], schema=ASKED), table.drop_columns(
        [customer, instant]
    )


def write_table(path: Path, rows: pa.Table) -> None:
    """Put a table at `path`, as Parquet or CSV by its ending, whole or not at all.

    Raises:
        HabitueError: The ending is neither, or the disk refuses.
    """
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise AskedFileError(what=f"{path.name} ends neither in .parquet nor in .csv.", do="Name such a file.")
    draft = path.with_name(f".{path.name}.tmp")
    with writing(path):
        try:
            if path.suffix.lower() == ".csv":
                pa_csv.write_csv(rows, draft)
            else:
                pq.write_table(rows, draft)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def csv_text(rows: pa.Table) -> str:
    """A table as CSV text with a header line."""
    sink = pa.BufferOutputStream()
    pa_csv.write_csv(rows, sink)
    return str(sink.getvalue().to_pybytes(), "utf-8")


def joined(found: pa.Table, more: pa.Table) -> pa.Table:
    """Answered rows with the further columns of the file that asked, in front of the features.

    Raises:
        AskedFileError: A column of the file has the name of a feature.
    """
    twice = sorted(set(more.column_names) & set(found.column_names))
    if twice:
        raise AskedFileError(
            what=f"The column {twice[0]!r} of the file has the name of a feature.", do="Rename it in the file."
        )
    head, features = found.column_names[:2], found.column_names[2:]
    columns = [*(found.column(name) for name in head), *more.columns, *(found.column(name) for name in features)]
    return pa.table(columns, names=[*head, *more.column_names, *features])


def _read(path: Path) -> pa.Table:
    try:
        if path.suffix.lower() == ".parquet":
            return pq.read_table(path)
        with pa.input_stream(path, compression="detect") as stream:
            names = pa_csv.open_csv(stream).schema.names
        texts = dict.fromkeys([each for each in names if each in CUSTOMER_COLUMNS + INSTANT_COLUMNS], pa.string())
        with pa.input_stream(path, compression="detect") as stream:
            return pa_csv.read_csv(stream, convert_options=pa_csv.ConvertOptions(column_types=texts))
    except (OSError, pa.ArrowException) as error:
        why = (error.strerror if isinstance(error, OSError) and error.strerror else str(error)).splitlines()[0][:200]
        raise AskedFileError(
            what=f"The file {path.name} cannot be read: {why}.",
            do="Give a CSV with a header line, or a Parquet file, with the columns customer_id and instant.",
        ) from None


def _find(path: Path, table: pa.Table, names: Sequence[str], what: str) -> str:
    found = [name for name in names if name in table.column_names]
    if not found:
        raise AskedFileError(
            what=f"{path.name} has no column {names[0]!r} (it has: {', '.join(table.column_names[:12])}).",
            do=f"Name the column of the {what} {' or '.join(names)}.",
        )
    return found[0]


def _instant(value: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
