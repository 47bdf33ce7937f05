"""Which formats read a column of times, and whether the day or the month comes first."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:(?P<gap>[ T])(?P<clock>\d{2}:\d{2}(?P<seconds>:\d{2})?)(?P<fraction>\.\d+)?"
    r" ?(?P<zone>Z|(?<= )UTC|[+-]\d{2}(?::?\d{2})?)?)?"
)
_CLOCK = r"(?:(?P<gap>,? |T)(?P<hour>\d{1,2}):\d{2}(?P<seconds>:\d{2})?(?P<half> ?[AaPp][Mm])?)?"
_YEAR_FIRST = re.compile(r"\d{4}(?P<sep>[/.])\d{1,2}(?P=sep)\d{1,2}" + _CLOCK)
_NUMBERED = re.compile(r"(?P<one>\d{1,2})(?P<sep>[/.\-])(?P<two>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})" + _CLOCK)
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?P<sep>[ \-/])(?P<month>[A-Za-z]{3,9})\.?(?P=sep)(?P<year>\d{4}|\d{2})"
    r"|(?P<month_first>[A-Za-z]{3,9})\.? (?P<day_second>\d{1,2}),? (?P<year_last>\d{4}))" + _CLOCK
)
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_EPOCHS = (
    ("epoch_s", re.compile(r"\d{9,10}(?:\.\d+)?"), 1),
    ("epoch_ms", re.compile(r"\d{12,13}(?:\.0+)?"), 1_000),
)
_EPOCH_FROM, _EPOCH_TO = 631_152_000, 4_102_444_800
_TRIED = 2_000
_ENOUGH = 0.98
_MATTERS = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReading:
    """How a column of times is read.

    Attributes:
        formats: strptime formats, or the words `iso`, `epoch_s`, `epoch_ms`.
        day_order: `certain` or `ambiguous` where day and month are both numbers, else empty.
        is_date_only: No format holds a time of day.
        has_offset: Every value carries its offset from UTC.
    """

    formats: tuple[str, ...]
    day_order: str = ""
    is_date_only: bool = False
    has_offset: bool = False


def read_times(counts: Mapping[str, int], *, named_as_time: bool, month_first: bool | None) -> TimeReading | None:
    """The reading that fits nearly all values, or None when they are not times.

    Args:
        counts: How often each value occurs.
        named_as_time: The column's name says that it is a time; bare numbers are read as seconds or
            milliseconds since 1970 only then.
        month_first: What the rest of the project shows about day and month; None when nothing does.

    Returns:
        A reading of at least 98 % of the values.

    Examples:
        >>> read_times({"28-02-2015": 1, "03-01-2015": 1}, named_as_time=True, month_first=None).formats
        ('%d-%m-%Y',)
        >>> read_times({"hello": 1}, named_as_time=True, month_first=None) is None
        True
    """
    values = list(counts)[:_TRIED]
    if not values:
        return None
    if named_as_time and (word := _number_format(values)):
        return TimeReading(formats=(word,), has_offset=True)
    parts = Counter(_shape(value) for value in values)
    unread = parts.pop("", 0)
    if not parts or unread > (1 - _ENOUGH) * len(values):
        return None
    shapes = [shape for shape, count in parts.most_common() if count >= _MATTERS * len(values)]
    order = day_order(values) if any("{" in shape for shape in shapes) else ""
    month = order == "month" or (order == "ambiguous" and prefers_month(values, month_first))
    formats = _ordered(shapes, ("dm", "md") if order == "mixed" else ("md",) if month else ("dm",))
    if not _all_parse(values, formats):
        return None
    return TimeReading(
        formats=formats,
        day_order="" if not order else "certain" if order in ("day", "month") else "ambiguous",
        is_date_only=all("%H" not in each and "%I" not in each and not each.startswith("iso") for each in formats),
        has_offset=all(_has_offset(value) for value in values),
    )


def _ordered(shapes: list[str], orders: tuple[str, ...]) -> tuple[str, ...]:
    """The shapes as formats, with day and month in each of the orders."""
    formats = (
        shape.replace("{1}", f"%{order[0]}").replace("{2}", f"%{order[1]}") for order in orders for shape in shapes
    )
    return tuple(dict.fromkeys(formats))


def day_order(values: Iterable[str]) -> str:
    """`day` or `month` when one number above twelve shows which comes first, `mixed` when both do, else `ambiguous`."""
    pairs = [(int(m["one"]), int(m["two"])) for value in values if (m := _NUMBERED.fullmatch(value))]
    day = sum(one > 12 for one, _ in pairs)
    month = sum(two > 12 for _, two in pairs)
    if day and month:
        return "day" if day > 50 * month else "month" if month > 50 * day else "mixed"
    return "day" if day else "month" if month else "ambiguous"


def prefers_month(values: Iterable[str], month_first: bool | None) -> bool:
    """Whether month first is likelier where every value could be read both ways."""
    matches = [m for value in values if (m := _NUMBERED.fullmatch(value))]
    if any(m["half"] for m in matches):
        return True
    if month_first is not None:
        return month_first
    return bool(matches) and len({m["one"] for m in matches}) < len({m["two"] for m in matches}) and _is_slash(matches)


def _is_slash(matches: Iterable[re.Match[str]]) -> bool:
    """Dates with slashes are the only ones commonly written month first."""
    return all(m["sep"] == "/" for m in matches)


def _number_format(values: list[str]) -> str:
    """The word for seconds or milliseconds since 1970, or empty."""
    for word, pattern, unit in _EPOCHS:
        fits = (_EPOCH_FROM <= float(v) / unit <= _EPOCH_TO for v in values if pattern.fullmatch(v))
        if sum(fits) >= _ENOUGH * len(values):
            return word
    return ""


def _shape(value: str) -> str:
    """A format with `{1}` and `{2}` where day and month are undecided; empty when the text is no time."""
    if m := _ISO.fullmatch(value):
        return _iso_shape(m)
    if m := _YEAR_FIRST.fullmatch(value):
        sep = m["sep"]
        return f"%Y{sep}%m{sep}%d{_clock(m)}"
    if m := _NUMBERED.fullmatch(value):
        sep = m["sep"]
        return f"{{1}}{sep}{{2}}{sep}{'%Y' if len(m['year']) == 4 else '%y'}{_clock(m)}"
    if m := _NAMED.fullmatch(value):
        return _named_shape(m)
    if _COMPACT.fullmatch(value):
        return "%Y%m%d"
    return ""


def _iso_shape(m: re.Match[str]) -> str:
    """The format of an ISO 8601 text."""
    if not m["clock"]:
        return "%Y-%m-%d"
    clock = f"%Y-%m-%d{m['gap']}{'%H:%M:%S' if m['seconds'] else '%H:%M'}"
    if m["zone"] == "UTC":
        return f"{clock}{'.%f' if m['fraction'] else ''} UTC"
    return "iso" if m["fraction"] or m["zone"] else clock


def _named_shape(m: re.Match[str]) -> str:
    """The format of a date with its month in (English) letters."""
    word = m["month"] or m["month_first"]
    month = "%b" if len(word) == 3 else "%B"
    if m["month_first"]:
        comma = "," if "," in m.string[: m.start("year_last")] else ""
        return f"{month} %d{comma} %Y{_clock(m)}"
    sep = m["sep"]
    return f"%d{sep}{month}{sep}{'%Y' if len(m['year']) == 4 else '%y'}{_clock(m)}"


def _clock(m: re.Match[str]) -> str:
    """The format of the time of day behind a date."""
    if not m["hour"]:
        return ""
    seconds = ":%S" if m["seconds"] else ""
    if not m["half"]:
        return f"{m['gap']}%H:%M{seconds}"
    return f"{m['gap']}%I:%M{seconds}{' ' if m['half'].startswith(' ') else ''}%p"


def _has_offset(value: str) -> bool:
    """Whether an ISO text states its offset from UTC."""
    m = _ISO.fullmatch(value)
    return bool(m and m["zone"])


def _all_parse(values: list[str], formats: tuple[str, ...]) -> bool:
    """Whether (nearly) every value is a real date under one of the formats."""
    return sum(any(parses(value, each) for each in formats) for value in values) >= _ENOUGH * len(values)


def parses(value: str, form: str) -> bool:
    """Whether a text is a real time under a format.

    Examples:
        >>> parses("19970230", "%Y%m%d"), parses("19970228", "%Y%m%d")
        (False, True)
    """
    try:
        if form == "iso":
            datetime.fromisoformat(value)
        else:
            datetime.strptime(value, form).timetuple()
    except ValueError:
        return False
    return True
