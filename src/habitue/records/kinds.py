"""The types a value can have in a contract, a rule, and a table column."""

from enum import StrEnum


class Kind(StrEnum):
    """What a declared column, property, trait or expression holds.

    `time` is an instant (UTC, microseconds); a `date` in a contract is the instant of its local midnight.
    `money` is exact with four decimals; `number` is float64; `location` is a latitude and a longitude in degrees,
    held in two columns `<name>_lat` and `<name>_lon`. `personal` is what stands for a value that only the vault holds:
    a rule can tell whether it is there and how many different ones there are, and nothing else.
    """

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    LOCATION = "location"
    DURATION = "duration"
    PERSONAL = "personal"

    @property
    def is_numeric(self) -> bool:
        """True for the kinds that can be added and compared by size as numbers."""
        return self in (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)


MONEY_DIGITS = 18
MONEY_DECIMALS = 4
