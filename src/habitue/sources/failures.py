"""What can go wrong with the files of a source, and with loading them."""

from collections.abc import Collection

from habitue.errors import HabitueError, did_you_mean


class SourceFileMissingError(HabitueError):
    """A source's path, folder or glob names no file."""

    code = "SOURCE-NO-FILE"

    def __init__(self, source: str, pattern: str) -> None:
        super().__init__(
            what=f"Source {source!r}: there is no file at {pattern!r}.",
            do="Correct `files` (paths are relative to the project folder), or put the file there.",
        )


class SourceEmptyError(HabitueError):
    """A file holds no row at all."""

    code = "SOURCE-EMPTY"

    def __init__(self, file: str, *, header_only: bool = False) -> None:
        holds = "holds a header line and no rows" if header_only else "is empty"
        super().__init__(what=f"The file {file} {holds}.", do="Export it again, or take it out of `files`.")


class SourceFormatError(HabitueError):
    """A file is not what its name, or the `format` of its source, says."""

    code = "SOURCE-FORMAT"

    def __init__(self, file: str, *, says: str, holds: str) -> None:
        super().__init__(
            what=f"The file {file} should be {says} but holds {holds}.",
            do="Give the file its right name or `format`, or export it again as CSV, Parquet, JSON or NDJSON.",
        )


class SourceBrokenError(HabitueError):
    """A file ends too early or is damaged."""

    code = "SOURCE-BROKEN"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(what=f"The file {file} cannot be read: {why}.", do="Copy or export it again.")


class SourceUnreadableError(HabitueError):
    """The operating system does not let us read a file."""

    code = "SOURCE-UNREADABLE"

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            what=f"The file {file} cannot be opened: {why}.", do="Check that it exists and that you may read it."
        )


class SourceBombError(HabitueError):
    """A packed file unpacks to far more than its size can honestly hold."""

    code = "SOURCE-BOMB"

    def __init__(self, file: str, *, unpacked: int, packed: int) -> None:
        super().__init__(
            what=(
                f"The packed file {file} has unpacked to {unpacked / 2**20:,.0f} MiB"
                f" from {packed / 2**20:,.2f} MiB and was stopped."
            ),
            do="Unpack it yourself, look at it, and name the unpacked file in `files`.",
        )


class SourceQuoteError(HabitueError):
    """A quote is opened and closed only after a good part of the file, or never."""

    code = "SOURCE-QUOTE"

    def __init__(self, file: str, line: int) -> None:
        super().__init__(
            what=f"In {file}, a quote opened at about line {line:,} is not closed where its row ends.",
            do="Close the quote, or say `csv: {quote: ''}` if the file does not quote its values.",
        )


class SourceColumnError(HabitueError):
    """A file lacks a column that its source maps."""

    code = "SOURCE-COLUMN"

    def __init__(self, source: str, file: str, column: str, found: Collection[str]) -> None:
        near = did_you_mean(column, found)
        shown = ", ".join(sorted(found)[:12]) + (" …" if len(found) > 12 else "")
        super().__init__(
            what=f"Source {source!r}: the file {file} has no column {column!r} (it has: {shown}).",
            do=f"Did you mean {near!r}?" if near else "Correct `columns`, or the file.",
        )


class SourceTypeError(HabitueError):
    """A column of a typed file (Parquet) cannot be read as the declared kind at all."""

    code = "SOURCE-TYPE"

    def __init__(self, source: str, file: str, column: str, *, holds: str, wanted: str) -> None:
        super().__init__(
            what=f"Source {source!r}: column {column!r} of {file} holds {holds}, which cannot be read as {wanted}.",
            do="Correct the `type` of that column.",
        )


class SourceChangedError(HabitueError):
    """A file changed while it was being loaded."""

    code = "SOURCE-CHANGED"

    def __init__(self, file: str) -> None:
        super().__init__(
            what=f"The file {file} changed while it was being loaded; nothing was taken from it.",
            do="Load again when it has been written completely.",
        )


class SourceRowsError(HabitueError):
    """A source has more rows than positions can tell apart."""

    code = "SOURCE-ROWS"

    def __init__(self, source: str, most: int) -> None:
        super().__init__(
            what=f"Source {source!r} has more than {most:,} rows.", do="Split its files over several sources."
        )


class FailedRowUnknownError(HabitueError):
    """A failed row that somebody wants to repair is not in the failed lane."""

    code = "FAILED-UNKNOWN"

    def __init__(self, failed: int) -> None:
        super().__init__(what=f"No failed row has the number {failed}.", do="List them with `habitue sources failed`.")


class RepairError(HabitueError):
    """A repair does not fit the failed row it is meant for."""

    code = "REPAIR-COLUMN"

    def __init__(self, failed: int, column: str, known: Collection[str]) -> None:
        near = did_you_mean(column, known)
        super().__init__(
            what=f"Failed row {failed} has no field or column {column!r} to repair.",
            do=f"Did you mean {near!r}?" if near else "Name one of: " + ", ".join(sorted(known)[:20]) + ".",
        )
