"""How answers and errors reach the terminal: one JSON document, or tables for people."""

import dataclasses
import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path

from habitue.errors import HabitueError, ProjectFaultsError
from habitue.records import Kind
from habitue.records.durations import format_duration

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def plain(value: object) -> Json:
    """A value as JSON has it: frozen values become objects, times ISO 8601 in UTC, money a number when exact as one."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return float(value) if Decimal(repr(float(value))) == value else str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case timedelta():
            return value.total_seconds()
        case Enum():
            return plain(value.value)
        case Path():
            return str(value)
    return _plain_group(value)


def _plain_group(value: object) -> Json:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [plain(each) for each in value]
    raise TypeError(type(value))


def print_json(value: object) -> None:
    """The one document of a command with `--json`."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """A table for people; columns whose name ends with `#` hold figures and are set to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name.rstrip("#"), justify="right" if name.endswith("#") else "left", overflow="fold")
    for row in rows:
        # Text, not markup: what stands in data is never taken for formatting.
        table.add_row(*(Text("" if each is None else str(each)) for each in row))
    Console(soft_wrap=False).print(table)


def say(text: str) -> None:
    """A line for people, on standard output."""
    sys.stdout.write(text + "\n")


def remark(text: str, *, quiet: bool) -> None:
    """A line beside the answer, on standard error."""
    if not quiet:
        sys.stderr.write(text + "\n")


def share(value: float | None) -> str:
    """A share as a percentage with one decimal.

    Examples:
        >>> share(0.1234), share(None)
        ('12.3 %', '')
    """
    return "" if value is None else f"{value * 100:.1f} %"


def count(value: int | None) -> str:
    """A count with groups of thousands.

    Examples:
        >>> count(1234567)
        '1,234,567'
    """
    return "" if value is None else f"{value:,}"


def day(value: datetime | None) -> str:
    """An instant to the minute, UTC."""
    return "" if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def value_text(value: object, kind: Kind) -> str:
    """A value of a rule for people: lengths of time with their units, times to the minute, missing as a dash."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int() if kind is Kind.DURATION:
            return format_duration(value)
        case datetime():
            return day(value)
        case float():
            return f"{value:,.6g}"
        case int() | Decimal():
            return f"{value:,}"
    return str(value)


def print_error(error: HabitueError, *, as_json: bool) -> None:
    """What went wrong and what to do about it."""
    if as_json:
        print_json({"error": {"code": error.code, "what": error.what, "do": error.do}})
    sys.stderr.write(f"{error.code}: {error.what}\n  {error.do}\n")


def print_faults(error: ProjectFaultsError, *, as_json: bool) -> None:
    """Every fault of the project's files, one a line."""
    if as_json:
        print_json({"error": {"code": error.code, "what": error.what, "do": error.do}, "faults": error.faults})
    for fault in error.faults:
        place = f"{fault.file}:{fault.line}" if fault.line else fault.file
        sys.stderr.write(f"{place}: {fault.code}\n  {fault.what} {fault.do}\n")
    faults = len(error.faults)
    sys.stderr.write(f"{faults} fault{'' if faults == 1 else 's'}. {error.do}\n")


def bar(value: float, largest: float, *, width: int = 40) -> str:
    """A bar of blocks, as long as the value's share of the largest.

    Examples:
        >>> bar(1, 2, width=4)
        '██'
    """
    return "█" * round(width * value / largest) if largest else ""
