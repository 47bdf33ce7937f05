"""Taking erased people out of the bodies of the log: what was about them becomes about nobody."""

import re
from collections.abc import Callable, Collection
from typing import Final

import msgspec

from habitue.sources.arrivals import Arrival, ArrivalDamagedError, body_of, read_arrival

_RECORD: Final = re.compile(rb'"(c[0-9a-f]{16})"')


def names_any(records: Collection[str]) -> Callable[[bytes], bool]:
    """Tells the bodies that name one of some records.

    Examples:
        >>> told = names_any(["c0000000000000001"])
        >>> told(body_of(Arrival(0, "c0000000000000001"))), told(body_of(Arrival(0, "c0000000000000002")))
        (True, False)
    """
    wanted = {each.encode() for each in records}
    return lambda body: not wanted.isdisjoint(_RECORD.findall(body))


def forgetting(records: Collection[str]) -> Callable[[bytes], bytes | None]:
    """What a body is to be once some records are erased; None for as it is.

    When it happened stays, since others are told apart by the order of the log; whom and what it was about does not.

    Examples:
        >>> forget = forgetting(["c0000000000000001"])
        >>> left = read_arrival(forget(body_of(Arrival(7, "c0000000000000001", traits={"plan": "pro"}))))
        >>> left.occurred_us, left.record, left.traits
        (7, '', {})
        >>> forget(body_of(Arrival(7, "c0000000000000002")))
    """
    gone, is_named = frozenset(records), names_any(records)

    def change(body: bytes) -> bytes | None:
        if not is_named(body):
            return None
        try:
            arrival = read_arrival(body)
        except ArrivalDamagedError:
            return body_of(Arrival(0, ""))
        if arrival.record in gone:
            return body_of(Arrival(arrival.occurred_us, ""))
        others = tuple(each for each in arrival.others if each[1] not in gone)
        return None if others == arrival.others else body_of(msgspec.structs.replace(arrival, others=others))

    return change
