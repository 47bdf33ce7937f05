"""Where one visit ends and the next begins, at the price of one sort of the events.

The rows at which nothing begins or ends need not be carried further: everything else about a visit follows from the
rows at its edges and their numbers.
"""

from collections.abc import Set as AbstractSet

import ibis
import ibis.expr.types as ir

TEXTS = ("page", "channel", "device")
"""The text properties of events that a visit says something of."""

_SECOND_US = 1_000_000
_COUNTED = frozenset({"pages", "events", "bounced"})
_PLACED = frozenset({"position", "event_id"})


def cut_visits(rows: ir.Table, *, gap_us: int, wanted: AbstractSet[str], is_mixed: bool) -> ir.Table:
    """The figures of each visit: `customer_id`, `started_at`, `ended_at` and what is wanted of the others.

    Args:
        rows: Events with `customer_id`, `occurred_at`, `position`, `shows`, and any of `TEXTS`.
        gap_us: The pause that ends a visit, in microseconds.
        wanted: Columns of the `Session` event that must be there; those of no use may be left out.
        is_mixed: Whether some events are no pages, so that pages have to be counted apart.

    Returns:
        Also `position`, `first_position`, `events`, `pages`, `entry`, `exit`, `channel`, `device`, as far as wanted
        and as the events have them.
    """
    counts_pages = is_mixed and "pages" in wanted
    if any(name in rows.columns for name in TEXTS):
        return _say(_number_edges(rows, gap_us=gap_us, counts_pages=counts_pages))
    if wanted & (_COUNTED | _PLACED):
        return _pair(rows, gap_us=gap_us, wanted=wanted, counts_pages=counts_pages)
    return _time(rows, gap_us=gap_us)


def pause(gap_us: int) -> ir.IntervalScalar:
    """An interval, in whole seconds where it is some: the unit every engine reads."""
    if gap_us % _SECOND_US == 0:
        return ibis.interval(seconds=gap_us // _SECOND_US)
    return ibis.interval(microseconds=gap_us)


def _apart(before: ir.TimestampValue, after: ir.TimestampValue, gap_us: int) -> ir.BooleanValue:
    """Whether two instants lie the gap or more apart; null where one is missing."""
    return after.delta(before, unit="microsecond") >= gap_us


def _time(rows: ir.Table, *, gap_us: int) -> ir.Table:
    """When visits began and ended, from their first rows alone: each knows when the visit before it ended."""
    order = ibis.window(group_by=rows.customer_id, order_by=rows.occurred_at)
    spaced = rows.mutate(
        before=rows.occurred_at.lag().over(order),
        newest=rows.occurred_at.max().over(ibis.window(group_by=rows.customer_id)),
    )
    first = spaced.filter(spaced.before.isnull() | _apart(spaced.before, spaced.occurred_at, gap_us))
    following = ibis.window(group_by=first.customer_id, order_by=first.occurred_at)
    return first.select(
        customer_id=first.customer_id,
        started_at=first.occurred_at,
        ended_at=ibis.coalesce(first.before.lead().over(following), first.newest),
    )


def _pair(rows: ir.Table, *, gap_us: int, wanted: AbstractSet[str], counts_pages: bool) -> ir.Table:
    """Visits from their first rows and each customer's last: the row after a first one tells how its visit ended.

    A first row knows the row before it, with which the visit before it ended; the customer's last row knows itself.
    Equal instants need positions only when positions are wanted: without, first rows differ by their instants.
    """
    own = {"at": "occurred_at"}
    own |= {"position": "position"} if wanted & _PLACED else {}
    keys = [rows.occurred_at, *([rows.position] if wanted & _PLACED else [])]
    order = ibis.window(group_by=rows.customer_id, order_by=keys)
    windows: dict[str, ir.Value] = {"after": rows.occurred_at.lead().over(order)}
    if wanted & _COUNTED:
        windows["step"] = ibis.row_number().over(order)
    if counts_pages:
        running = ibis.window(group_by=rows.customer_id, order_by=keys, preceding=None, following=0)
        windows["shown"] = rows.shows.cast("int64").sum().over(running)
    for name, column in own.items():
        windows[f"before_{name}"] = rows[column].lag().over(order)
    seen = rows.mutate(**windows)
    opens = seen.before_at.isnull() | _apart(seen.before_at, seen.occurred_at, gap_us)
    marked = seen.mutate(opens=opens).filter(opens | seen.after.isnull())
    ends: dict[str, ir.Value] = {
        name: ibis.ifelse(marked.opens, marked[f"before_{name}"], marked[column]) for name, column in own.items()
    }
    if wanted & _COUNTED:
        ends["step"] = ibis.ifelse(marked.opens, marked.step, marked.step + 1)
    if counts_pages:
        shows = marked.shows.cast("int64")
        ends["shown"] = ibis.ifelse(marked.opens, marked.shown - shows, marked.shown)
    known = marked.mutate(**{f"end_{name}": end for name, end in ends.items()})
    following = ibis.window(group_by=known.customer_id, order_by=[known.occurred_at, ~known.opens])
    joined = known.mutate(**{f"next_{name}": known[f"end_{name}"].lead().over(following) for name in ends})
    return _paired_figures(joined.filter(joined.opens), ends=frozenset(ends))


def _paired_figures(first: ir.Table, *, ends: AbstractSet[str]) -> ir.Table:
    """The figures of visits whose first rows know how they ended; a customer's last event may be a whole visit."""
    figures: dict[str, ir.Value] = {
        "customer_id": first.customer_id,
        "started_at": first.occurred_at,
        "ended_at": ibis.coalesce(first.next_at, first.occurred_at),
    }
    if "position" in ends:
        figures["position"] = ibis.coalesce(first.next_position, first.position)
        figures["first_position"] = first.position
    if "step" in ends:
        figures["events"] = ibis.coalesce(first.next_step, first.step + 1) - first.step
    if "shown" in ends:
        before = first.shown - first.shows.cast("int64")
        figures["pages"] = ibis.coalesce(first.next_shown, first.shown) - before
    return first.select(**figures)


def _number_edges(rows: ir.Table, *, gap_us: int, counts_pages: bool) -> ir.Table:
    """The rows at which something begins or ends: visits, and within them rows that say a page, channel or device.

    Returns:
        These rows with `step` (the place among the customer's events), `opens` and `closes` (a visit), `visit` (its
        number), and `shown` (pages up to here) where pages are counted.
    """
    keys = [rows.occurred_at, rows.position]
    order = ibis.window(group_by=rows.customer_id, order_by=keys)
    texts = [name for name in TEXTS if name in rows.columns]
    windows: dict[str, ir.Value] = {
        "before": rows.occurred_at.lag().over(order),
        "after": rows.occurred_at.lead().over(order),
        "step": ibis.row_number().over(order),
    }
    for name in texts:
        windows[f"{name}_before"] = rows[name].notnull().lag().over(order)
    if "page" in texts:
        windows["page_after"] = rows.page.notnull().lead().over(order)
    if counts_pages:
        running = ibis.window(group_by=rows.customer_id, order_by=keys, preceding=None, following=0)
        windows["shown"] = rows.shows.cast("int64").sum().over(running)
    seen = rows.mutate(**windows)
    marked = seen.mutate(
        opens=seen.before.isnull() | _apart(seen.before, seen.occurred_at, gap_us),
        closes=seen.after.isnull() | _apart(seen.occurred_at, seen.after, gap_us),
    )
    keep = marked.opens | marked.closes
    for name in texts:
        keep = keep | (marked[name].notnull() & ~marked[f"{name}_before"])
    if "page" in texts:
        keep = keep | (marked.page.notnull() & ~marked.page_after)
    edges = marked.filter(keep)
    by_row = ibis.window(group_by=edges.customer_id, order_by=edges.step, preceding=None, following=0)
    return edges.mutate(visit=edges.opens.cast("int64").sum().over(by_row))


def _say(edges: ir.Table) -> ir.Table:
    """The figures of visits from their numbered edges, with what they say: the first (for exit the last) that does."""
    said: dict[str, ir.Value] = {}
    for name, column in (("entry", "page"), ("channel", "channel"), ("device", "device")):
        if column in edges.columns:
            said[name] = edges[column].argmin(edges.step, where=edges[column].notnull())
    if "page" in edges.columns:
        said["exit"] = edges.page.argmax(edges.step, where=edges.page.notnull())
    if "shown" in edges.columns:
        before = (edges.shown - edges.shows.cast("int64")).max(where=edges.opens)
        said["pages"] = edges.shown.max(where=edges.closes) - before
    return edges.group_by(["customer_id", "visit"]).aggregate(
        started_at=edges.occurred_at.min(),
        ended_at=edges.occurred_at.max(),
        position=edges.position.max(where=edges.closes),
        first_position=edges.position.max(where=edges.opens),
        events=edges.step.max() - edges.step.min() + 1,
        **said,
    )
