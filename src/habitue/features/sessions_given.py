"""Visits as the tracker numbered them: by a session id that the events carry."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from habitue.features.page_views import Heartbeat, engaged_times
from habitue.features.sessions import SESSION_COLUMNS, finish, gather, is_page_event

_PARTS = ("session_id", "engaged_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitIds:
    """Which properties of the events number visits and page views, and which events are pings.

    Attributes:
        session: The property that holds the visit's id; events without one belong to no visit.
        page_view: The property that holds the page view's id, if there is one: reports of the same id are one page.
        ping: The name of the event that a tracker sends while somebody reads, if there is one.
        heartbeat: How often it is sent.
        first: Properties to keep as they were at the visit's first page, in columns `first_<name>`.
        last: Properties to keep as they were at its last page, in columns `last_<name>`.
    """

    session: str
    page_view: str | None = None
    ping: str | None = None
    heartbeat: Heartbeat = field(default_factory=Heartbeat)
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


def sessions_given(events: Sequence[tuple[str, ir.Table]], *, ids: VisitIds, gap_us: int) -> ir.Table:
    """One row for each visit that a session id in the events names and that showed a page.

    As `habitue.features.sessions.sessions`, but the id decides what belongs together, however long the pauses. A
    visit still occurs when the gap has passed after its last event; should the same id come back after that, the
    visit moves: use the gap alone where that must not be.

    A visit that begins with a ping began `minimum_s` before it. Pages are the different page views, of views and
    pings; without page-view ids, the page events. `first_<name>` is taken from the first view or ping, `last_<name>`
    and `exit` from the last view, or without any view from the last ping.

    Args:
        events: Names and tables, as for `sessions`; the id property may be missing from some tables.
        ids: Which properties and events number what.
        gap_us: The pause after which a visit has occurred, in microseconds, positive.

    Returns:
        The columns `SESSION_COLUMNS`, then `session_id`, `engaged_s` (seconds; 0 without pings), `first_…`, `last_…`.
    """
    rows = _rows(events, ids)
    started = ibis.ifelse(rows.pings & (rows.step == rows.opening), -ids.heartbeat.minimum_s, 0)
    visits = rows.group_by(["customer_id", "session_id"]).aggregate(
        first_event_at=rows.occurred_at.min(),
        ended_at=rows.occurred_at.max(),
        position=rows.position.max(where=rows.step == rows.final),
        first_position=rows.position.max(where=rows.step == 0),
        events=rows.count(),
        pages=_pages(rows, ids),
        earlier_s=started.min(),
        **_said(rows),
        **_kept(rows, ids),
    )
    shown = visits.filter(visits.pages > 0)
    shown = shown.mutate(started_at=shown.first_event_at + shown.earlier_s.as_interval("s"))
    shown = _with_engagement(shown, rows, ids)
    kept = [f"first_{name}" for name in ids.first] + [f"last_{name}" for name in ids.last]
    return finish(shown, gap_us=gap_us, columns=SESSION_COLUMNS, extra=[*_PARTS, *kept])


def _rows(events: Sequence[tuple[str, ir.Table]], ids: VisitIds) -> ir.Table:
    """All events of visits with `step` (0 is the visit's first), `final`, `opening` (first page), `views`, `pings`."""
    wanted = dict.fromkeys((ids.session, *([ids.page_view] if ids.page_view else []), *ids.first, *ids.last))
    tables = [(event, table) for event, table in events if ids.session in table.columns]
    parts = []
    any_page = any(is_page_event(event) for event, _ in tables)
    for event, table in tables:
        part = gather([("page" if event == ids.ping else event, table)], extra=list(wanted))
        views = event != ids.ping and (is_page_event(event) or not any_page)
        parts.append((part, views, event == ids.ping))
    every = dict.fromkeys(name for part, _, _ in parts for name in part.columns)
    kinds = {name: next(part[name].type() for part, _, _ in parts if name in part.columns) for name in every}
    aligned = [
        part.select(
            **{name: part[name] if name in part.columns else ibis.null(kind) for name, kind in kinds.items()},
            views=ibis.literal(views),
            pings=ibis.literal(pings),
        )
        for part, views, pings in parts
    ]
    united = aligned[0] if len(aligned) == 1 else ibis.union(*aligned, distinct=False)
    return _stepped(united.filter(united[ids.session].notnull()).mutate(session_id=ibis._[ids.session]), ids)


def _stepped(rows: ir.Table, ids: VisitIds) -> ir.Table:
    named = rows[ids.page_view].notnull() if ids.page_view else ibis.literal(value=True)
    rows = rows.mutate(views=rows.views & named, pings=rows.pings & named)
    visit = [rows.customer_id, rows.session_id]
    order = ibis.window(group_by=visit, order_by=[rows.occurred_at, rows.position])
    stepped = rows.mutate(step=ibis.row_number().over(order))
    whole = ibis.window(group_by=[stepped.customer_id, stepped.session_id])
    paged = stepped.views | stepped.pings
    return stepped.mutate(
        final=stepped.step.max().over(whole),
        opening=ibis.ifelse(paged, stepped.step, None).min().over(whole),
        closing=ibis.coalesce(
            ibis.ifelse(stepped.views, stepped.step, None).max().over(whole),
            ibis.ifelse(paged, stepped.step, None).max().over(whole),
        ),
    )


def _pages(rows: ir.Table, ids: VisitIds) -> ir.IntegerScalar:
    paged = rows.views | rows.pings
    if ids.page_view:
        return rows[ids.page_view].nunique(where=paged)
    return rows.views.sum()


def _said(rows: ir.Table) -> dict[str, ir.StringScalar]:
    said: dict[str, ir.StringScalar] = {}
    if "page" in rows.columns:
        said["entry"] = rows.page.max(where=rows.step == rows.opening)
        said["exit"] = rows.page.max(where=rows.step == rows.closing)
    for name in ("channel", "device"):
        if name in rows.columns:
            said[name] = rows[name].argmin(rows.step, where=rows[name].notnull())
    return said


def _kept(rows: ir.Table, ids: VisitIds) -> dict[str, ir.Scalar]:
    first = {f"first_{name}": rows[name].max(where=rows.step == rows.opening) for name in ids.first}
    return first | {f"last_{name}": rows[name].max(where=rows.step == rows.closing) for name in ids.last}


def _with_engagement(visits: ir.Table, rows: ir.Table, ids: VisitIds) -> ir.Table:
    if ids.ping is None or ids.page_view is None:
        return visits.mutate(engaged_s=ibis.literal(0, "int64"))
    by = ["customer_id", "session_id", ids.page_view]
    times = engaged_times(rows.filter(rows.pings), by=by, heartbeat=ids.heartbeat)
    summed = times.group_by(["customer_id", "session_id"]).aggregate(engaged_s=times.engaged_s.sum())
    joined = visits.left_join(summed, ["customer_id", "session_id"]).drop("customer_id_right", "session_id_right")
    return joined.mutate(engaged_s=ibis.coalesce(joined.engaged_s, 0))
