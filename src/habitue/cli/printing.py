"""How answers and errors reach the terminal: one JSON document, or tables for people."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from habitue.cli.lending import err, out
from habitue.errors import HabitueError, ProjectFaultsError
from habitue.records import Kind
from habitue.records.durations import format_duration
from habitue.records.plain import plain

FEW = "<10"


def print_json(value: object) -> None:
    """The one document of a command with `--json`."""
    out().write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    """A line for people, on standard output."""
    out().write(text + "\n")


def remark(text: str, *, quiet: bool) -> None:
    """A line beside the answer, on standard error."""
    if not quiet:
        err().write(text + "\n")


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


def few(value: int | None) -> str:
    """A count as roles are shown it: one that is hidden says that it is, or might tell of, fewer than ten.

    Examples:
        >>> few(1234), few(None)
        ('1,234', '<10')
    """
    return FEW if value is None else count(value)


def remark_hidden(hidden: bool, *, quiet: bool) -> None:
    """What `<10` stands for, where it stands."""
    if hidden:
        remark(f"{FEW}: fewer than ten people, or a figure by which fewer than ten could be worked out.", quiet=quiet)


def day(value: datetime | None) -> str:
    """An instant to the minute, UTC."""
    return "" if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def ago(seconds: float | None) -> str:
    """An age in the unit that fits.

    Examples:
        >>> ago(90), ago(7200), ago(86400 * 3), ago(86400 * 800), ago(-5)
        ('1 min', '2 h', '3 d', '2.2 y', '0 min')
    """
    if seconds is None:
        return ""
    for unit, length, most in (("min", 60, 120), ("h", 3600, 48), ("d", 86_400, 730)):
        if seconds < length * most:
            return f"{max(0, int(seconds // length)):,} {unit}"
    return f"{seconds / 31_557_600:.1f} y"


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


def print_error(error: HabitueError, *, as_json: bool, rule: str = "") -> None:
    """What went wrong and what to do about it.

    Args:
        error: The error.
        as_json: Whether a document is wanted on standard output too.
        rule: The rule it points into, when it is about one that stands on the command line.
    """
    column = getattr(error, "column", 0) if rule else 0
    if as_json:
        place = {"rule": rule, "column": column} if rule else {}
        print_json({"error": {"code": error.code, "what": error.what, "do": error.do, **place}})
    err().write(f"{error.code}: {error.what}\n")
    if column:
        err().write("\n".join(f"    {line}" for line in pointed(rule, column)) + "\n")
    err().write(f"  {error.do}\n")


def pointed(rule: str, column: int, *, room: int = 72) -> tuple[str, str]:
    r"""The part of a rule around a column, and a line with a caret under it.

    Args:
        rule: One line of text, or several, which are shown as one.
        column: From 1.
        room: How many characters to show at most.

    Examples:
        >>> print(*pointed("did('Order') and x", 18), sep="\n")
        did('Order') and x
                         ^
    """
    flat = "".join(" " if each in "\n\r\t" else each for each in rule)
    start = max(0, min(column - 1 - room // 2, len(flat) - room))
    shown = flat[start : start + room]
    before, after = "…" if start else "", "…" if start + room < len(flat) else ""
    return f"{before}{shown}{after}", " " * (len(before) + column - 1 - start) + "^"


def print_usage(message: str, *, as_json: bool) -> None:
    """What the command line did not understand, as a document when that is wanted; people have read it already."""
    if as_json:
        do = "See --help of the command for what it takes."
        print_json({"error": {"code": "USAGE", "what": message, "do": do}})


def print_faults(error: ProjectFaultsError, *, as_json: bool) -> None:
    """Every fault of the project's files, with its place."""
    faults = len(error.faults)
    counted = f"{faults} fault{'' if faults == 1 else 's'}"
    if as_json:
        what = f"The project's files have {counted}."
        print_json({"error": {"code": error.code, "what": what, "do": error.do}, "faults": error.faults})
    for fault in error.faults:
        place = f"{fault.file}:{fault.line}" if fault.line else fault.file
        err().write(f"{place}: {fault.code}\n  {fault.what}\n  {fault.do}\n")
    err().write(f"{counted}. {error.do}\n")
