"""Visits: the built-in `Session` event, cut out of other events by a pause."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

SESSION_EVENT = "Session"
"""What a rule calls the built-in event."""

SESSION_COLUMNS = (
    "customer_id",
    "occurred_at",
    "position",
    "event_id",
    "started_at",
    "duration_s",
    "pages",
    "events",
    "bounced",
    "entry",
    "exit",
    "channel",
    "device",
)
"""The columns of a table of sessions, in order."""

PAGE_PROPERTIES = ("page", "page_path", "path", "page_url", "url", "screen")
CHANNEL_PROPERTIES = ("channel", "utm_medium", "medium", "utm_source")
REFERRER_PROPERTIES = ("referrer", "page_referrer")
DEVICE_PROPERTIES = ("device", "device_type", "device_class", "platform")

_PAGE_ENDINGS = (" viewed", " view")
_PAGE_NAMES = ("page", "screen")
_SECOND_US = 1_000_000
_TEXTS = ("page", "channel", "device")


def is_page_event(event: str) -> bool:
    """True for events that show somebody a page: `... Viewed`, `... View`, `Page` and `Screen`.

    Examples:
        >>> is_page_event("Product Viewed"), is_page_event("page_view"), is_page_event("Order Completed")
        (True, True, False)
    """
    plain = event.replace("_", " ").lower()
    return plain in _PAGE_NAMES or plain.endswith(_PAGE_ENDINGS)


def sessions(events: Sequence[tuple[str, ir.Table]], *, gap_us: int) -> ir.Table:
    """One row for each visit of each customer, as the table of the `Session` event.

    A visit is a row of events of one customer in which each follows the one before it by less than the gap. It
    occurs when the gap has passed after its last event: `occurred_at` = last event + gap. An event at that very
    instant or later therefore starts the next visit: the gaps inside a visit are in [0, gap). (So a visit that has
    occurred by an instant never changes through events up to that instant.)

    Pages are the events for which `is_page_event` holds; when no given event is such, each event is a page.
    `entry` and `exit` are the first page and the last page that say what they show; `channel` is the first one said
    in the visit (a channel or campaign medium; else `referral` or `direct` by the referrer, where events carry
    one); `device` likewise. `duration_s` is the seconds of the clock from first to last event; `bounced` says that
    the visit had one event only. `position` is that of the last event, `event_id` is made of that of the first.

    Only window functions by row and plain aggregates are used, which mean the same on DuckDB and on Spark.

    Args:
        events: Names and tables with columns `customer_id`, `occurred_at` (UTC) and `position`; of the optional text
            properties (`page`, `url`, `referrer`, `channel`, `device` and kin) the first present of each list counts.
        gap_us: The pause that ends a visit, in microseconds, positive.

    Returns:
        The columns `SESSION_COLUMNS`; nothing is said about the order of rows.
    """
    rows = gather(events)
    showing = {is_page_event(event) for event, _ in events}
    edges = _edges(rows, gap_us=gap_us, mixed=len(showing) > 1)
    by_row = ibis.window(group_by=edges.customer_id, order_by=edges.step, preceding=None, following=0)
    numbered = edges.mutate(visit=edges.opens.cast("int64").sum().over(by_row))
    visits = numbered.group_by(["customer_id", "visit"]).aggregate(
        started_at=numbered.occurred_at.min(),
        ended_at=numbered.occurred_at.max(),
        position=numbered.position.max(where=numbered.closes),
        first_position=numbered.position.max(where=numbered.opens),
        events=numbered.step.max() - numbered.step.min() + 1,
        **_pages(numbered),
        **_said(numbered),
    )
    return finish(visits, gap_us=gap_us)


def finish(visits: ir.Table, *, gap_us: int, extra: Sequence[str] = ()) -> ir.Table:
    """The columns of the `Session` event from the figures of each visit.

    Args:
        visits: `customer_id`, `started_at`, `ended_at`, `position`, `first_position`, `events`, and optionally
            `pages`, `entry`, `exit`, `channel`, `device`.
        gap_us: The pause that ends a visit, in microseconds.
        extra: Further columns to carry over, put after the others.
    """
    known = visits.columns
    texts = {
        name: visits[name] if name in known else ibis.null("string") for name in ("entry", "exit", "channel", "device")
    }
    columns: dict[str, ir.Value] = {
        "customer_id": visits.customer_id,
        "occurred_at": visits.ended_at + pause(gap_us),
        "position": visits.position,
        "event_id": ibis.literal("session-").concat(visits.first_position.cast("string")),
        "started_at": visits.started_at,
        "duration_s": elapsed_s(visits.started_at, visits.ended_at),
        "pages": visits["pages"] if "pages" in known else visits.events,
        "events": visits.events,
        "bounced": visits.events == 1,
        **texts,
    }
    return visits.select(**columns, **{name: visits[name] for name in extra})


def elapsed_s(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.IntegerValue:
    """Seconds of the clock from one instant to a later one: the whole seconds of both, subtracted.

    So it is less than one second off, either way; engines differ in what their own differences of instants count.
    """
    return (whole_seconds(end) - whole_seconds(start)).cast("float64").cast("int64")


def whole_seconds(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Seconds since 1970, rounded down; cut first, since engines round differently."""
    return instant.truncate("s").epoch_seconds()


def pause(gap_us: int) -> ir.IntervalScalar:
    """An interval, in whole seconds where it is some: the unit every engine reads."""
    if gap_us % _SECOND_US == 0:
        return ibis.interval(seconds=gap_us // _SECOND_US)
    return ibis.interval(microseconds=gap_us)


def gather(events: Sequence[tuple[str, ir.Table]], extra: Sequence[str] = ()) -> ir.Table:
    """All events in one table: who, when, position, `shows` (is a page), and the text properties that any table has.

    Args:
        events: Names and tables.
        extra: Names of further columns to keep; missing where a table lacks them.
    """
    any_page = any(is_page_event(event) for event, _ in events)
    texts = [name for name in _TEXTS if any(_text(table, name) is not None for _, table in events)]
    kinds = {name: next(table[name].type() for _, table in events if name in table.columns) for name in extra}
    parts = []
    for event, table in events:
        shows = is_page_event(event) or not any_page
        columns: dict[str, ir.Value] = {
            "customer_id": table.customer_id,
            "occurred_at": table.occurred_at,
            "position": table.position,
            "shows": ibis.literal(shows),
        }
        for name in texts:
            value = _text(table, name) if shows or name != "page" else None
            columns[name] = ibis.null("string") if value is None else value
        for name, kind in kinds.items():
            columns[name] = table[name] if name in table.columns else ibis.null(kind)
        parts.append(table.select(**columns))
    return parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False)


def _text(table: ir.Table, name: str) -> ir.StringValue | None:
    """The text property of a table that says the page, the channel or the device; None when it has none."""
    if name != "channel":
        return _present(table, PAGE_PROPERTIES if name == "page" else DEVICE_PROPERTIES)
    said = _present(table, CHANNEL_PROPERTIES)
    referrer = _present(table, REFERRER_PROPERTIES)
    if referrer is None:
        return said
    source = ibis.ifelse(referrer.isnull(), "direct", "referral")
    return source if said is None else ibis.coalesce(said, source)


def _present(table: ir.Table, names: Sequence[str]) -> ir.StringValue | None:
    found = [name for name in names if name in table.columns and table[name].type().is_string()]
    return table[found[0]] if found else None


def _edges(rows: ir.Table, *, gap_us: int, mixed: bool) -> ir.Table:
    """The rows at which something begins or ends: visits, and within them rows that say a page, channel or device.

    Everything else about a visit follows from row numbers, so the other rows need not be carried further.
    """
    order = ibis.window(group_by=rows.customer_id, order_by=[rows.occurred_at, rows.position])
    texts = [name for name in _TEXTS if name in rows.columns]
    columns: dict[str, ir.Value] = {
        "before": rows.occurred_at.lag().over(order),
        "after": rows.occurred_at.lead().over(order),
        "step": ibis.row_number().over(order),
    }
    for name in texts:
        columns[f"{name}_before"] = rows[name].notnull().lag().over(order)
    if "page" in texts:
        columns["page_after"] = rows.page.notnull().lead().over(order)
    if mixed:
        running = ibis.window(
            group_by=rows.customer_id, order_by=[rows.occurred_at, rows.position], preceding=None, following=0
        )
        columns["shown"] = rows.shows.cast("int64").sum().over(running)
    seen = rows.mutate(**columns)
    marked = seen.mutate(
        opens=seen.before.isnull() | (seen.before + pause(gap_us) <= seen.occurred_at),
        closes=seen.after.isnull() | (seen.occurred_at + pause(gap_us) <= seen.after),
    )
    keep = marked.opens | marked.closes
    for name in texts:
        keep = keep | (marked[name].notnull() & ~marked[f"{name}_before"])
    if "page" in texts:
        keep = keep | (marked.page.notnull() & ~marked.page_after)
    return marked.filter(keep)


def _pages(rows: ir.Table) -> dict[str, ir.IntegerScalar]:
    if "shown" not in rows.columns:
        return {}
    at_end = rows.shown.max(where=rows.closes)
    before_start = (rows.shown - rows.shows.cast("int64")).max(where=rows.opens)
    return {"pages": at_end - before_start}


def _said(rows: ir.Table) -> dict[str, ir.StringScalar]:
    """Entry, exit, channel and device: the first (for exit the last) row of the visit that says one."""
    said: dict[str, ir.StringScalar] = {}
    for name, column in (("entry", "page"), ("channel", "channel"), ("device", "device")):
        if column in rows.columns:
            said[name] = rows[column].argmin(rows.step, where=rows[column].notnull())
    if "page" in rows.columns:
        said["exit"] = rows.page.argmax(rows.step, where=rows.page.notnull())
    return said
