"""When something is tried again: the published table of Standard Webhooks, and what receivers ask for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WAITS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""How long to wait before each attempt: the table that Standard Webhooks publishes."""
JITTER: Final = 0.1
"""A wait is longer by up to this share of it, so that not everybody comes back at once."""
LONGEST_ASKED: Final = 24 * HOUR
"""A receiver that asks to be left alone for longer is tried after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast things go out of one channel.

    Attributes:
        waits: How long to wait before each attempt; there are as many attempts.
        timeout: How long one attempt may take, its answer included.
        at_once: Requests of a channel under way at once.
        window: Changes taken from the log at once.
        most_pending: Changes that wait for another attempt; with more nothing new is taken.
        few_pending: The same while the receiver has taken nothing since the last failure.
        fresh: After this time without any success one new change is tried nevertheless.
        look: How often a channel that is off looks whether it was put on again.
    """

    waits: Sequence[timedelta] = WAITS
    timeout: timedelta = timedelta(seconds=15)
    at_once: int = 8
    window: int = 64
    most_pending: int = 1_000
    few_pending: int = 8
    fresh: timedelta = 5 * MINUTE
    look: timedelta = timedelta(seconds=5)

    def next_try(self, attempts: int, now: datetime, random: Callable[[int], bytes]) -> datetime | None:
        """When to try again after so many failed attempts; None when there are no more.

        Args:
            attempts: How many were made, at least one.
            now: When the last of them failed.
            random: Where the jitter is drawn from.
        """
        if attempts >= len(self.waits):
            return None
        part = int.from_bytes(random(4), "big") / 2**32
        return now + self.waits[attempts] * (1 + JITTER * part)


def asked_wait(value: str | None, now: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone, by its header `Retry-After`; None where it does not say.

    Args:
        value: Seconds, or a date as HTTP writes it.
        now: The present time, aware.

    Examples:
        >>> asked_wait("120", datetime(2026, 1, 1, tzinfo=UTC)).seconds
        120
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_ASKED)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta(0)), LONGEST_ASKED)
