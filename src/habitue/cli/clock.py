"""The only place that reads the clock; everything else is given the time."""

from datetime import UTC, datetime


def system_clock() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)
