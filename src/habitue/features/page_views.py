"""Page views and the time people were engaged with them, from views and the pings a tracker sends while one reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from habitue.features.sessions import elapsed_s, whole_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """How a tracker tells that somebody is still on the page.

    Attributes:
        every_s: Seconds between two pings of an engaged reader.
        minimum_s: Seconds a reader has been there when the first ping is sent.
    """

    every_s: int = 10
    minimum_s: int = 5


def engaged_times(pings: ir.Table, *, by: Sequence[str], heartbeat: Heartbeat) -> ir.Table:
    """Seconds of engagement with each page view that was pinged.

    The rule of Snowplow's web model: `every_s * (n - 1) + minimum_s`, with n the number of different slots of
    `every_s` seconds (since 1970) in which a ping came, so that pings sent twice count once.

    Args:
        pings: `occurred_at` and the columns of `by`, which name one page view.
        by: The columns that name a page view.
        heartbeat: How often pings come.

    Returns:
        The columns of `by`, `engaged_s`, and `pinged_at`, the instant of the last ping.
    """
    slots = pings.mutate(slot=(whole_seconds(pings.occurred_at) / heartbeat.every_s).floor())
    count = slots.slot.nunique()
    return slots.group_by(list(by)).aggregate(
        engaged_s=(count - 1) * heartbeat.every_s + heartbeat.minimum_s,
        pinged_at=slots.occurred_at.max(),
    )


def page_views(
    views: ir.Table, pings: ir.Table | None = None, *, by: Sequence[str], heartbeat: Heartbeat | None = None
) -> ir.Table:
    """One row for each page view: when, for how long, and which one of its visit it was.

    A page view reported several times counts once, at its earliest report (ties: by position).

    Args:
        views: `customer_id`, `occurred_at`, `position`, the columns of `by`, and anything else, which is kept.
        pings: `occurred_at` and the columns of `by`; pings of no known view are not counted here.
        by: The columns that name a page view; all but the last name the visit it belongs to, the last the view.
        heartbeat: How often pings come; every 10 seconds after the first at 5 when not said.

    Returns:
        The columns of `views` and `started_at`, `ended_at` (last ping, else the start), `engaged_s` (0 without a
        ping), `elapsed_s` (whole seconds from start to end), `view_index` (1 is the visit's first) and
        `views_in_visit`.
    """
    order = [views.occurred_at, views.position]
    report = ibis.row_number().over(ibis.window(group_by=[views[name] for name in by], order_by=order))
    once = views.mutate(report=report).filter(ibis._.report == 0).drop("report")
    visit = [once[name] for name in by[:-1]] or [once.customer_id]
    index = ibis.row_number().over(ibis.window(group_by=visit, order_by=[once.occurred_at, once.position]))
    placed = once.mutate(
        started_at=once.occurred_at, view_index=index + 1, views_in_visit=once.count().over(ibis.window(group_by=visit))
    )
    if pings is None:
        return placed.mutate(ended_at=placed.started_at, engaged_s=ibis.literal(0), elapsed_s=ibis.literal(0))
    engaged = engaged_times(pings, by=by, heartbeat=heartbeat or Heartbeat())
    joined = placed.left_join(engaged, list(by)).drop([f"{name}_right" for name in by])
    known = joined.mutate(
        ended_at=ibis.coalesce(joined.pinged_at, joined.started_at), engaged_s=ibis.coalesce(joined.engaged_s, 0)
    )
    return known.mutate(elapsed_s=elapsed_s(known.started_at, known.ended_at)).drop("pinged_at")


def scroll_depths(events: ir.Table, *, by: Sequence[str]) -> ir.Table:
    """How far down and across a page view was seen, in pixels and as a share of the page.

    The rule of Snowplow's web model: the farthest offset, never outside the page, and the share that offset and one
    window together cover, in whole percent. Events with a page of no size are left out.

    Args:
        events: Views and pings with the columns of `by`, `page_width`, `page_height`, `window_width`,
            `window_height`, `scrolled_x` and `scrolled_y` (the farthest offset of the ping, missing in a view).
        by: The columns that name a page view.

    Returns:
        The columns of `by`, `scrolled_x`, `scrolled_y`, `scrolled_x_percent`, `scrolled_y_percent`.
    """
    sized = events.filter((events.page_width > 0) & (events.page_height > 0))
    most = sized.group_by(list(by)).aggregate(
        page_width=sized.page_width.max(),
        page_height=sized.page_height.max(),
        window_width=sized.window_width.max(),
        window_height=sized.window_height.max(),
        across=ibis.coalesce(sized.scrolled_x, 0).max(),
        down=ibis.coalesce(sized.scrolled_y, 0).max(),
    )
    within = most.mutate(
        scrolled_x=ibis.least(ibis.greatest(most.across, 0), most.page_width),
        scrolled_y=ibis.least(ibis.greatest(most.down, 0), most.page_height),
    )
    return within.select(
        *by,
        "scrolled_x",
        "scrolled_y",
        scrolled_x_percent=_percent(within.scrolled_x + within.window_width, within.page_width),
        scrolled_y_percent=_percent(within.scrolled_y + within.window_height, within.page_height),
    )


def _percent(seen: ir.IntegerColumn, whole: ir.IntegerColumn) -> ir.IntegerColumn:
    share = ibis.least(seen, whole).cast("float64") / whole.cast("float64")
    return (share * 100).round().cast("int64")
