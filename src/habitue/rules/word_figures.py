"""Numbers, lengths of time, dates and names as an English sentence says them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from habitue.records import Kind
from habitue.records.durations import LONGEST, SECOND, DurationError, parse_duration
from habitue.rules.nodes import Constant, Window
from habitue.rules.writing import write_number

_UNITS: Final = (("day", 86_400 * SECOND), ("hour", 3_600 * SECOND), ("minute", 60 * SECOND), ("second", SECOND))
_SPAN_IN_NAME: Final = re.compile(r"(.+)_([0-9]{1,5})([wdhms])")
_IRREGULAR: Final = {"person": "people", "child": "children", "man": "men", "woman": "women"}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def number_words(value: int | Decimal) -> str:
    """A number with thousands set apart by commas.

    Examples:
        >>> number_words(12500), number_words(Decimal("-1234.50"))
        ('12,500', '-1,234.5')
    """
    text = write_number(value, decimal=False)
    whole, point, rest = text.lstrip("-").partition(".")
    return f"{'-' if text.startswith('-') else ''}{int(whole):,}{point}{rest}"


def duration_words(us: int) -> str:
    """A length of time in the largest units that say it exactly; a day is said as 24 hours.

    Examples:
        >>> [duration_words(hours * 3_600_000_000) for hours in (1, 24, 36, 168)]
        ['1 hour', '24 hours', '36 hours', '7 days']
    """
    day, hour, minute = (size for _, size in _UNITS[:3])
    if us == day or (day < us < 3 * day and us % hour == 0 and us % day):
        return f"{us // hour} hours"
    if hour < us < 3 * hour and us % minute == 0 and us % hour:
        return f"{us // minute} minutes"
    parts: list[str] = []
    for unit, size in _UNITS[:3]:
        amount, us = divmod(us, size)
        if amount:
            parts.append(_counted(amount, unit))
    if us or not parts:
        parts.append(_counted(Decimal(us) / SECOND, "second"))
    return listed(parts, "and")


def _counted(amount: int | Decimal, unit: str) -> str:
    return f"{number_words(amount)} {unit}{'' if amount == 1 else 's'}"


def listed(parts: Sequence[str], word: str) -> str:
    """Several parts with commas, and a word before the last.

    Examples:
        >>> listed(["a", "b", "c"], "or")
        'a, b or c'
    """
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else parts[0]


def quoted(text: str) -> str:
    """A text as a sentence quotes it, line breaks and other invisible characters shown as blanks."""
    return "'" + "".join(each if each.isprintable() else " " for each in text) + "'"


def name_words(name: str) -> str:
    """An identifier as words.

    Examples:
        >>> [name_words(each) for each in ("product_id", "spend_90d", "joined_at", "duration_s", "local_hour")]
        ['product id', 'spend (90 days)', 'joined time', 'duration (seconds)', 'hour of the day']
    """
    clock = {"local_hour": "hour of the day", "local_weekday": "weekday", "local_month": "month", "occurred_at": "time"}
    if name in clock:
        return clock[name]
    span = _SPAN_IN_NAME.fullmatch(name)
    if span is not None:
        sizes = {"w": 7 * _UNITS[0][1], **{unit[0]: size for unit, size in _UNITS}}
        return f"{span[1].replace('_', ' ').strip()} ({duration_words(int(span[2]) * sizes[span[3]])})"
    for ending, word in (("_at", " time"), ("_on", " date"), ("_s", " (seconds)")):
        if name.endswith(ending) and len(name) > len(ending):
            name = name.removesuffix(ending) + word
            break
    return name.replace("_", " ").strip() or name


def is_plural(name: str) -> bool:
    """Whether an identifier reads as several things: `items`, but not `status` or `address`.

    Examples:
        >>> [is_plural(each) for each in ("items", "status", "address", "revenue")]
        [True, False, False, False]
    """
    return name.endswith("s") and not name.endswith(("ss", "us", "is", "_s")) and len(name) > 2


def with_article(noun: str) -> str:
    """A noun with "a" or "an".

    Examples:
        >>> [with_article(each) for each in ("coupon", "email", "user id", "hour of the day")]
        ['a coupon', 'an email', 'a user id', 'an hour of the day']
    """
    vowel = noun[:1].lower() in ("a", "e", "i", "o", "u") and not noun.lower().startswith(("uni", "use", "eu", "one"))
    return f"{'an' if vowel or noun.lower().startswith('hour') else 'a'} {noun}"


def plural(noun: str) -> str:
    """The plural of an English noun.

    Examples:
        >>> [plural(each) for each in ("customer", "company", "person", "address", "product id")]
        ['customers', 'companies', 'people', 'addresses', 'product ids']
    """
    head, _, last = noun.rpartition(" ")
    before = f"{head} " if head else ""
    if last in _IRREGULAR:
        return before + _IRREGULAR[last]
    if last.endswith("y") and last[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return f"{before}{last[:-1]}ies"
    return f"{before}{last}{'es' if last.endswith(('s', 'x', 'z', 'ch', 'sh')) else 's'}"


def date_words(day: date) -> str:
    """A date.

    Examples:
        >>> date_words(date(2026, 1, 31))
        '31 January 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def instant_words(value: datetime, zone: tzinfo) -> str:
    """A date where the instant is a midnight of the zone, otherwise date and clock.

    Examples:
        >>> instant_words(datetime(2026, 1, 31, 12, 30, tzinfo=UTC), UTC)
        '31 January 2026, 12:30 UTC'
    """
    local = value.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return date_words(local.date())
    clock = local.strftime("%H:%M") if not local.second and not local.microsecond else local.time().isoformat()
    return f"{date_words(local.date())}, {clock}{' UTC' if zone is UTC else ''}"


def time_text_words(text: str, zone: tzinfo) -> str:
    """A date or time as written in a rule; whatever is neither is quoted.

    Examples:
        >>> time_text_words("2026-01-31", UTC)
        '31 January 2026'
    """
    try:
        if len(text) <= 10:
            return date_words(date.fromisoformat(text))
        read = datetime.fromisoformat(text)
        return instant_words(read if read.tzinfo else read.replace(tzinfo=zone), zone)
    except (ValueError, OverflowError):
        return quoted(text)


def constant_words(node: Constant, zone: tzinfo) -> str:
    """A constant of any kind."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, datetime):
        return instant_words(value, zone)
    return duration_words(value) if node.kind is Kind.DURATION and isinstance(value, int) else number_words(value)


def length_words(node: Constant) -> str:
    """A constant length of time; of a rule that was read but not checked it is still text."""
    if isinstance(node.value, str):
        try:
            return duration_words(parse_duration(node.value))
        except DurationError:
            return quoted(node.value)
    return constant_words(node, UTC)


def window_words(window: Window, zone: tzinfo) -> str:
    """A window, with a blank before it; empty for all of time.

    Examples:
        >>> window_words(Window(kind="last", older=86_400_000_000), UTC)
        ' in the last 24 hours'
    """
    match window.kind:
        case "ever":
            return ""
        case "last":
            return f" in the last {span_words(window.older)}"
        case "between" if window.newer == 0:
            return f" within the last {span_words(window.older)}"
        case "between" if window.older >= LONGEST:
            return f" at least {duration_words(window.newer)} ago"
        case "between":
            older, newer = duration_words(window.older), duration_words(window.newer)
            same = older.partition(" ")[2] == newer.partition(" ")[2]
            return f" between {older.partition(' ')[0] if same else older} and {newer} ago"
        case "since":
            return f" since {time_text_words(window.start, zone)}"
        case period:
            return " today" if period == "day" else f" this {period}"


def span_words(us: int) -> str:
    """A length of time after "the last": one unit goes without its number."""
    words = duration_words(us)
    return words.removeprefix("1 ") if re.fullmatch("1 [a-z]+", words) else words


def clock_words(name: str, values: Sequence[int]) -> str | None:
    """Local hours, weekdays or months (a run of them, or any few) as a phrase; None where it says nothing.

    Examples:
        >>> clock_words("local_weekday", [6, 7]), clock_words("local_hour", [18, 19, 20])
        ('on a Saturday or Sunday', 'between 18:00 and 21:00')
    """
    run = list(values) == list(range(values[0], values[-1] + 1))
    match name:
        case "local_hour":
            if run:
                return f"between {values[0]}:00 and {values[-1] + 1}:00"
            return "in the hour from " + listed([f"{each}:00" for each in values], "or")
        case "local_weekday":
            days = [_DAYS[each - 1] for each in values]
            return f"from {days[0]} to {days[-1]}" if run and len(days) > 2 else f"on a {listed(days, 'or')}"
        case "local_month":
            months = [_MONTHS[each - 1] for each in values]
            return f"from {months[0]} to {months[-1]}" if run and len(months) > 2 else f"in {listed(months, 'or')}"
    return None
