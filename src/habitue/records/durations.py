"""Lengths of time as people write them (`30d`, `1d12h`) and as whole microseconds."""

import re

from habitue.errors import HabitueError

SECOND = 1_000_000
DAY = 86_400 * SECOND
_UNITS = {"w": 604_800 * SECOND, "d": 86_400 * SECOND, "h": 3_600 * SECOND, "m": 60 * SECOND, "s": SECOND}
_WHOLE = re.compile(
    r"(?:(?P<w>[0-9]{1,9})w)?(?:(?P<d>[0-9]{1,9})d)?(?:(?P<h>[0-9]{1,9})h)?"
    r"(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9}(?:\.[0-9]{1,6})?)s)?"
)
LONGEST = 36_525 * _UNITS["d"]


class DurationError(HabitueError, ValueError):
    """A text is not a length of time."""

    code = "DURATION"

    def __init__(self, text: str, why: str = "is not a length of time") -> None:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        super().__init__(
            what=f"{shown!r} {why}.",
            do="Write whole numbers with a unit, longest first: 30d, 24h, 90m, 10s, 2w or 1d12h.",
        )


def parse_duration(text: str) -> int:
    """The length of time in microseconds; a day is 24 hours exactly, a week seven days.

    Units are `w d h m s`, each at most once and the longest first; only seconds may have decimals.
    The longest length taken is 36525 days (100 years), the shortest zero.

    Raises:
        DurationError: The text is not a length of time, or too long a one.

    Examples:
        >>> parse_duration("90m")
        5400000000
        >>> parse_duration("1d12h") == parse_duration("36h")
        True
    """
    found = _WHOLE.fullmatch(text)
    if found is None or not text:
        raise DurationError(text)
    total = 0
    for unit, size in _UNITS.items():
        amount = found[unit]
        if amount is None:
            continue
        whole, _, fraction = amount.partition(".")
        total += int(whole) * size + int(fraction.ljust(6, "0")[:6])
    if total > LONGEST:
        raise DurationError(text, why="is longer than 100 years")
    return total


def format_duration(us: int) -> str:
    """The shortest writing of a length of time in days, hours, minutes and seconds; `parse_duration` reads it back.

    Args:
        us: Microseconds, in [0, 100 years].

    Raises:
        DurationError: The length is negative or longer than 100 years.

    Examples:
        >>> format_duration(5_400_000_000)
        '1h30m'
        >>> format_duration(0)
        '0s'
    """
    if not 0 <= us <= LONGEST:
        raise DurationError(f"{us} microseconds", why="is negative or longer than 100 years")
    parts: list[str] = []
    rest = us
    for unit in "dhm":
        amount, rest = divmod(rest, _UNITS[unit])
        if amount:
            parts.append(f"{amount}{unit}")
    seconds, fraction = divmod(rest, SECOND)
    if fraction:
        parts.append(f"{seconds}.{fraction:06d}".rstrip("0") + "s")
    elif seconds or not parts:
        parts.append(f"{seconds}s")
    return "".join(parts)
