"""How names that people write become names of tables and columns."""

import re

_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def snake_case(name: str) -> str:
    """A lower-case identifier of letters, digits and underscores; `x` is put before a leading digit.

    Examples:
        >>> snake_case("Order Completed")
        'order_completed'
        >>> snake_case("StockCode"), snake_case("Customer ID"), snake_case("2nd address")
        ('stock_code', 'customer_id', 'x2nd_address')
    """
    slug = _OTHER.sub("_", _BREAK.sub("_", name).lower()).strip("_")
    return f"x{slug}" if slug[:1].isdigit() or not slug else slug


def event_table(event: str) -> str:
    """The warehouse table that holds the events of one name.

    Examples:
        >>> event_table("Order Completed")
        'event_order_completed'
    """
    return f"event_{snake_case(event)}"
