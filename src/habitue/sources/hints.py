"""What a source may say about how its text files are written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHints:
    """What a source declares about its text files; None and empty are recognised."""

    delimiter: str | None = None
    encoding: str | None = None
    quote: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: bool | None = None


NO_HINTS = CsvHints()
