"""Visits: the built-in `Session` event, cut out of other events by a pause."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from habitue.features.sessions_cutting import TEXTS, cut_visits, pause

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
_SAYS = {"page": ("entry", "exit"), "channel": ("channel",), "device": ("device",)}


def is_page_event(event: str) -> bool:
    """True for events that show somebody a page: `... Viewed`, `... View`, `Page` and `Screen`.

    Examples:
        >>> is_page_event("Product Viewed"), is_page_event("page_view"), is_page_event("Order Completed")
        (True, True, False)
    """
    plain = event.replace("_", " ").lower()
    return plain in _PAGE_NAMES or plain.endswith(_PAGE_ENDINGS)


def sessions(
    events: Sequence[tuple[str, ir.Table]], *, gap_us: int, columns: Sequence[str] = SESSION_COLUMNS
) -> ir.Table:
    """One row for each visit of each customer, as the table of the `Session` event.

    A visit is a row of events of one customer in which each follows the one before it by less than the gap. It
    occurs when the gap has passed after its last event: `occurred_at` = last event + gap. An event at that very
    instant or later therefore starts the next visit: the gaps inside a visit are in [0, gap). (So a visit that has
    occurred by an instant never changes through events up to that instant.)

    Pages are the events for which `is_page_event` holds; when no given event is such, each event is a page.
    `entry` and `exit` are the first page and the last page that say what they show; `channel` is the first one said
    in the visit (a channel or campaign medium; else `referral` or `direct` by the referrer, where events carry
    one); `device` likewise. `duration_s` is whole seconds from first to last event, rounded down; `bounced` says
    that the visit had one event only. `position` is that of the last event, `event_id` is made of that of the first.

    Only window functions by row and plain aggregates are used, which mean the same on DuckDB and on Spark.

    Args:
        events: Names and tables with columns `customer_id`, `occurred_at` (UTC) and `position`; of the optional text
            properties (`page`, `url`, `referrer`, `channel`, `device` and kin) the first present of each list counts.
        gap_us: The pause that ends a visit, in microseconds, positive.
        columns: Which of `SESSION_COLUMNS` are wanted: engines work out every window they are given, so those for
            columns that nobody reads are better not asked for.

    Returns:
        The columns asked for, in that order; nothing is said about the order of rows.
    """
    texts = [text for text, names in _SAYS.items() if any(name in columns for name in names)]
    rows = gather(events, texts=texts)
    showing = {is_page_event(event) for event, _ in events}
    visits = cut_visits(rows, gap_us=gap_us, wanted=frozenset(columns), is_mixed=len(showing) > 1)
    return finish(visits, gap_us=gap_us, columns=columns)


def finish(visits: ir.Table, *, gap_us: int, columns: Sequence[str], extra: Sequence[str] = ()) -> ir.Table:
    """The columns of the `Session` event from the figures of each visit.

    Args:
        visits: `customer_id`, `started_at`, `ended_at`, and what the columns asked for need of `position`,
            `first_position`, `events`, `pages`, `entry`, `exit`, `channel`, `device`; without `pages` every event is
            one, and texts that are not there are missing.
        gap_us: The pause that ends a visit, in microseconds.
        columns: Which of `SESSION_COLUMNS` are wanted.
        extra: Further columns to carry over, put after the others.
    """
    made: dict[str, ir.Value] = {}
    for name in columns:
        match name:
            case "occurred_at":
                made[name] = visits.ended_at + pause(gap_us)
            case "event_id":
                made[name] = ibis.literal("session-").concat(visits.first_position.cast("string"))
            case "duration_s":
                made[name] = elapsed_s(visits.started_at, visits.ended_at)
            case "bounced":
                made[name] = visits.events == 1
            case "pages":
                made[name] = visits["pages" if "pages" in visits.columns else "events"]
            case _:
                made[name] = visits[name] if name in visits.columns else ibis.null("string")
    return visits.select(**made, **{name: visits[name] for name in extra})


def elapsed_s(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.IntegerValue:
    """Whole seconds passed from one instant to a later one, rounded down; exact up to a hundred years.

    From microseconds, which every engine counts alike; in their own seconds engines differ.
    """
    return end.delta(start, unit="microsecond") // 1_000_000


def whole_seconds(instant: ir.TimestampValue) -> ir.IntegerValue:
    """Seconds since 1970, rounded down; cut first, since engines round differently."""
    return instant.truncate("s").epoch_seconds()


def gather(
    events: Sequence[tuple[str, ir.Table]], *, texts: Sequence[str] = TEXTS, extra: Sequence[str] = ()
) -> ir.Table:
    """All events in one table: who, when, position, `shows` (is a page), and the text properties that any table has.

    Args:
        events: Names and tables.
        texts: Which of `page`, `channel` and `device` are wanted.
        extra: Names of further columns to keep; missing where a table lacks them.
    """
    any_page = any(is_page_event(event) for event, _ in events)
    told = [name for name in texts if any(_text(table, name) is not None for _, table in events)]
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
        for name in told:
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
