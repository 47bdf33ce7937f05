"""Values that travel between rooms."""

from habitue.records.kinds import MONEY_DECIMALS, MONEY_DIGITS, Kind
from habitue.records.names import event_table, snake_case

__all__ = ["MONEY_DECIMALS", "MONEY_DIGITS", "Kind", "event_table", "snake_case"]
