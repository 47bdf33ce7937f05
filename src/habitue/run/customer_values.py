"""How a value of a customer is shown: what is personal by a mark, times with their zone."""

from datetime import UTC, datetime
from typing import Final

from habitue.records import Kind

MASK: Final = "~"
"""What stands in place of a personal value that there is."""


def shown_value(value: object, kind: Kind | None) -> object:
    """A stored value as anybody may see it.

    Args:
        value: As the warehouse holds it.
        kind: What the project declares it to be; None for a figure.

    Examples:
        >>> shown_value("k3f…", Kind.PERSONAL), shown_value(None, Kind.PERSONAL), shown_value(3, None)
        ('~', None, 3)
    """
    if kind is Kind.PERSONAL:
        return None if value is None else MASK
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
