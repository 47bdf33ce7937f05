"""The local hour, weekday and month of events, as the columns that every event table carries."""

import ibis
import ibis.expr.types as ir

from habitue.sources.functions import from_local, to_local


def local_clock(occurred_at: ir.TimestampValue, zone: str) -> dict[str, ir.Value]:
    """Columns `local_hour` 0-23, `local_weekday` 1-7 from Monday, `local_month` 1-12.

    Args:
        occurred_at: UTC, without an offset.
        zone: IANA name of the project's time zone.
    """
    local = to_local(ibis.literal(zone), from_local(ibis.literal("UTC"), occurred_at))
    return {
        "local_hour": local.hour().cast("int8"),
        "local_weekday": (local.day_of_week.index() + 1).cast("int8"),
        "local_month": local.month().cast("int8"),
    }
