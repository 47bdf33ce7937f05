"""Times as files write them, read into UTC.

A time without an offset is local time of its source's zone. One that a clock change skips is read as if the clock had
not changed yet (02:30 on the night that jumps from 02:00 to 03:00 is the instant shown as 03:30); one that occurs
twice is the second of the two, in standard time.
"""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from habitue.sources.functions import (
    from_local,
    from_micros,
    full_match,
    parse_instant,
    parse_local,
    to_local,
)

ISO = "iso"
_EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
_NAIVE = r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)?)?"
_OFFSET = r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)? ?([Zz]|[+-]\d{2}(:?\d{2})?)"
_FRACTION = r"[+-]?\d{1,16}(\.\d+)?"
_FIRST, _LAST = "1000-01-01 00:00:00", "9998-12-31 23:59:59"


def read_time(text: ir.StringValue, formats: Sequence[str], zone: str) -> ir.TimestampValue:
    """The instant in UTC, or null where the text is not a time.

    Args:
        text: Without blanks at its ends.
        formats: Tried in order; none is ISO 8601.
        zone: Of times without an offset.
    """
    readings = [_read_one(text, each, zone) for each in formats or (ISO,)]
    return ibis.coalesce(*readings)


def read_date(text: ir.StringValue, formats: Sequence[str], zone: str) -> ir.TimestampValue:
    """The instant of local midnight in `zone`, in UTC, or null where the text is not a date.

    A time of day, if there is one, is dropped; one with an offset is the date in `zone` at that instant.
    """
    readings = [_read_day(text, each, zone) for each in formats or (ISO,)]
    local = ibis.coalesce(*readings)
    return local_to_utc(local, zone)


def is_in_range(moment: ir.TimestampValue) -> ir.BooleanValue:
    """Where a moment is one that every part can hold."""
    first, last = (ibis.literal(each).cast("timestamp(6)") for each in (_FIRST, _LAST))
    return moment.between(first, last)


def local_to_utc(local: ir.TimestampValue, zone: str) -> ir.TimestampValue:
    """Local time of a zone as UTC."""
    return local if zone == "UTC" else to_local("UTC", from_local(zone, local))


def utc_to_local(moment: ir.TimestampValue, zone: str) -> ir.TimestampValue:
    """UTC as local time of a zone."""
    return moment if zone == "UTC" else to_local(zone, from_local("UTC", moment))


def _read_one(text: ir.StringValue, pattern: str, zone: str) -> ir.TimestampValue:
    if pattern in _EPOCHS:
        return _read_epoch(text, pattern)
    if pattern == ISO:
        offset = full_match(text, _OFFSET)
        return ibis.ifelse(offset, _with_offset(text), local_to_utc(_naive(text), zone))
    if _has_offset(pattern):
        return to_local("UTC", parse_instant(text, pattern))
    return local_to_utc(parse_local(text, pattern), zone)


def _read_day(text: ir.StringValue, pattern: str, zone: str) -> ir.TimestampValue:
    if pattern in _EPOCHS:
        local = utc_to_local(_read_epoch(text, pattern), zone)
    elif pattern == ISO:
        local = ibis.ifelse(full_match(text, _OFFSET), utc_to_local(_with_offset(text), zone), _naive(text))
    elif _has_offset(pattern):
        local = to_local(zone, parse_instant(text, pattern))
    else:
        local = parse_local(text, pattern)
    return local.truncate("D").cast("timestamp(6)")


def _has_offset(pattern: str) -> bool:
    return "%z" in pattern or "%Z" in pattern


def _naive(text: ir.StringValue) -> ir.TimestampValue:
    cleaned = text.replace(",", ".").try_cast("timestamp(6)")
    return ibis.ifelse(full_match(text, _NAIVE), cleaned, ibis.null("timestamp(6)"))


def _with_offset(text: ir.StringValue) -> ir.TimestampValue:
    """The engine wants seconds, and no blank before the offset."""
    dotted = text.replace(",", ".").upper()
    tight = dotted.re_replace(r" ?(Z|[+-]\d{2}(:?\d{2})?)$", r"\1")
    seconds = tight.re_replace(r"^(\S{6,10}[T ]\d{1,2}:\d{2})(Z|[+-][\d:]+)$", r"\1:00\2")
    return to_local("UTC", seconds.try_cast("timestamp('UTC', 6)"))


def _read_epoch(text: ir.StringValue, pattern: str) -> ir.TimestampValue:
    factor = _EPOCHS[pattern]
    exact = text.try_cast("decimal(30, 6)") * factor
    micros = ibis.ifelse(full_match(text, _FRACTION), exact.try_cast("int64"), ibis.null("int64"))
    sane = ibis.ifelse(micros.between(-(1 << 55), 1 << 58), micros, ibis.null("int64"))
    return from_micros(sane)
