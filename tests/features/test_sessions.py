"""Visits by a pause, against a naive reading of one customer's events at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from habitue.features.page_views import Heartbeat, page_views
from habitue.features.sessions import SESSION_COLUMNS, is_page_event, sessions
from habitue.features.sessions_given import VisitIds, sessions_given

START = datetime.fromisoformat("2026-03-01T10:00:00")
GAP_US = 60_000_000
EVENT_TYPES = {
    "customer_id": "string",
    "occurred_at": "timestamp(6)",
    "position": "int64",
    "page": "string",
    "device": "string",
    "referrer": "string",
}
Row = dict[str, object]


@pytest.fixture(scope="module")
def engine() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


def _table(rows: list[Row], columns: tuple[str, ...] = tuple(EVENT_TYPES)) -> ir.Table:
    schema = ibis.schema({name: EVENT_TYPES[name] for name in columns})
    return ibis.memtable([tuple(row.get(name) for name in columns) for row in rows], schema=schema)


def _run(engine: Backend, table: ir.Table) -> list[Row]:
    rows: list[Row] = engine.to_pyarrow(table.order_by("customer_id", "started_at")).to_pylist()
    return rows


def _event(customer: str, after_us: int, position: int, **properties: object) -> Row:
    return {
        "customer_id": customer,
        "occurred_at": START + timedelta(microseconds=after_us),
        "position": position,
        **properties,
    }


def _naive(named: list[tuple[str, Row]]) -> list[Row]:
    """Visits read one event after the other."""
    any_page = any(is_page_event(event) for event, _ in named)
    visits: list[Row] = []
    for customer in sorted({str(row["customer_id"]) for _, row in named}):
        mine = [(event, row) for event, row in named if row["customer_id"] == customer]
        mine.sort(key=lambda pair: (pair[1]["occurred_at"], pair[1]["position"]))
        groups: list[list[tuple[str, Row]]] = []
        for event, row in mine:
            last = groups[-1][-1][1]["occurred_at"] if groups else None
            now = row["occurred_at"]
            assert isinstance(now, datetime)
            if isinstance(last, datetime) and now - last < timedelta(microseconds=GAP_US):
                groups[-1].append((event, row))
            else:
                groups.append([(event, row)])
        visits += [_naive_visit(group, any_page=any_page) for group in groups]
    return visits


def _naive_visit(group: list[tuple[str, Row]], *, any_page: bool) -> Row:
    first, last = group[0][1], group[-1][1]
    start, end = first["occurred_at"], last["occurred_at"]
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    shown = [row for event, row in group if is_page_event(event) or not any_page]
    pages = [row["page"] for row in shown if row["page"] is not None]
    devices = [row["device"] for _, row in group if row["device"] is not None]
    return {
        "customer_id": first["customer_id"],
        "occurred_at": end + timedelta(microseconds=GAP_US),
        "position": last["position"],
        "event_id": f"session-{first['position']}",
        "started_at": start,
        "duration_s": (end - start) // timedelta(seconds=1),
        "pages": len(shown),
        "events": len(group),
        "bounced": len(group) == 1,
        "entry": pages[0] if pages else None,
        "exit": pages[-1] if pages else None,
        "channel": "direct" if first["referrer"] is None else "referral",
        "device": devices[0] if devices else None,
    }


# Steps from one event to the next that aim at the gap's own edge.
STEPS = st.sampled_from([0, 0, 1, 999_999, GAP_US - 1, GAP_US, GAP_US + 1, 20_000_000, 3 * GAP_US])
NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")
TEXTS = st.sampled_from([None, "/a", "/b"])


@st.composite
def _histories(draw: st.DrawFn) -> list[tuple[str, Row]]:
    names = draw(st.sampled_from([["Page Viewed"], ["Page Viewed", "Cart Viewed"], ["Page Viewed", "Paid"], ["Paid"]]))
    named: list[tuple[str, Row]] = []
    for customer in NAMES[: draw(st.integers(1, len(NAMES)))]:
        moment = draw(st.integers(0, 1_000_000))
        for _ in range(draw(st.integers(1, 7))):
            moment += draw(STEPS)
            row = _event(customer, moment, 0, page=draw(TEXTS), device=draw(TEXTS), referrer=draw(TEXTS))
            named.append((draw(st.sampled_from(names)), row))
    for position, index in enumerate(draw(st.permutations(range(len(named))))):
        named[index][1]["position"] = position
    return named


@settings(max_examples=40)
@given(named=_histories())
def test_visits_are_those_of_a_naive_reading(engine: Backend, named: list[tuple[str, Row]]) -> None:
    tables = [(event, _table([row for name, row in named if name == event])) for event in {name for name, _ in named}]
    got = _run(engine, sessions(tables, gap_us=GAP_US))
    assert got == sorted(_naive(named), key=lambda row: (str(row["customer_id"]), str(row["started_at"])))


WANTED = st.lists(st.sampled_from(SESSION_COLUMNS[1:]), unique=True, max_size=5)


@settings(max_examples=40)
@given(named=_histories(), wanted=WANTED, is_told=st.booleans())
def test_columns_asked_for_alone_are_those_asked_for_together(
    engine: Backend, named: list[tuple[str, Row]], wanted: list[str], *, is_told: bool
) -> None:
    kept = tuple(EVENT_TYPES) if is_told else ("customer_id", "occurred_at", "position")
    tables = [
        (event, _table([row for name, row in named if name == event], kept)) for event in {name for name, _ in named}
    ]
    asked = ["customer_id", *wanted, *(["started_at"] if "started_at" not in wanted else [])]
    whole = _run(engine, sessions(tables, gap_us=GAP_US))
    part = _run(engine, sessions(tables, gap_us=GAP_US, columns=asked))
    assert part == [{name: row[name] for name in asked} for row in whole]
    naive = sorted(_naive(named), key=lambda row: (str(row["customer_id"]), str(row["started_at"])))
    same = [name for name in SESSION_COLUMNS if is_told or name not in ("entry", "exit", "channel", "device")]
    assert [{name: row[name] for name in same} for row in whole] == [
        {name: row[name] for name in same} for row in naive
    ]


def test_an_event_at_the_very_instant_the_gap_has_passed_begins_the_next_visit(engine: Backend) -> None:
    moments = [0, GAP_US - 1, 2 * GAP_US - 1]
    table = _table([_event("ann", moment, index) for index, moment in enumerate(moments)])
    got = _run(engine, sessions([("Page Viewed", table)], gap_us=GAP_US))
    assert [row["events"] for row in got] == [2, 1]
    assert got[0]["occurred_at"] == got[1]["started_at"]


def test_tables_without_properties_still_make_visits_with_all_columns(engine: Backend) -> None:
    table = _table([_event("ann", 0, 7)], ("customer_id", "occurred_at", "position"))
    visits = sessions([("Product Viewed", table)], gap_us=GAP_US)
    assert visits.columns == SESSION_COLUMNS
    (row,) = _run(engine, visits)
    assert (row["pages"], row["bounced"], row["entry"], row["channel"]) == (1, True, None, None)


def test_a_visit_needs_no_pause_in_whole_seconds(engine: Backend) -> None:
    table = _table([_event("ann", moment, moment) for moment in (0, 1_499_999, 3_000_000)])
    got = _run(engine, sessions([("Page Viewed", table)], gap_us=1_500_000))
    assert [row["events"] for row in got] == [2, 1]


def test_visits_compile_for_spark_without_an_operator_it_lacks() -> None:
    columns = {**EVENT_TYPES}
    table = ibis.table(columns, name="event_page_viewed")
    other = ibis.table(columns, name="event_order_completed")
    visits = sessions([("Page Viewed", table), ("Order Completed", other)], gap_us=GAP_US)
    assert "MIN_BY" in str(ibis.to_sql(visits, dialect="pyspark"))


GIVEN_TYPES = {**EVENT_TYPES, "session_id": "string", "page_view_id": "string"}


def _given(rows: list[Row]) -> ir.Table:
    schema = ibis.schema(GIVEN_TYPES)
    return ibis.memtable([tuple(row.get(name) for name in GIVEN_TYPES) for row in rows], schema=schema)


def test_a_session_id_holds_a_visit_together_over_any_pause(engine: Backend) -> None:
    rows = [
        _event("ann", 0, 0, session_id="s1", page_view_id="v1", page="/a"),
        _event("ann", 5 * GAP_US, 1, session_id="s1", page_view_id="v2", page="/b"),
        _event("ann", 6 * GAP_US, 2, session_id="s2", page_view_id="v3", page="/c"),
        _event("ann", 6 * GAP_US, 3, session_id=None, page_view_id="v4", page="/d"),
    ]
    ids = VisitIds(session="session_id", page_view="page_view_id")
    got = _run(engine, sessions_given([("Page Viewed", _given(rows))], ids=ids, gap_us=GAP_US))
    assert [(row["session_id"], row["pages"], row["entry"], row["exit"]) for row in got] == [
        ("s1", 2, "/a", "/b"),
        ("s2", 1, "/c", "/c"),
    ]


def test_a_visit_without_a_page_is_none(engine: Backend) -> None:
    viewed = _given([_event("ann", 0, 0, session_id="s1", page_view_id="v1", page="/a")])
    clicked = _given([_event("bob", 0, 1, session_id="s2")])
    ids = VisitIds(session="session_id", page_view="page_view_id")
    got = _run(engine, sessions_given([("Page Viewed", viewed), ("Clicked", clicked)], ids=ids, gap_us=GAP_US))
    assert [row["session_id"] for row in got] == ["s1"]


def test_pings_count_once_in_each_slot_and_the_first_counts_the_minimum(engine: Backend) -> None:
    viewed = _given([_event("ann", 0, 0, session_id="s1", page_view_id="v1")])
    moments = (5_000_000, 5_100_000, 15_000_000, 35_000_000)
    pinged = _given(
        [_event("ann", moment, 1 + i, session_id="s1", page_view_id="v1") for i, moment in enumerate(moments)]
    )
    by = ["session_id", "page_view_id"]
    (view,) = _run(engine, page_views(viewed, pinged, by=by))
    assert (view["engaged_s"], view["elapsed_s"], view["view_index"], view["views_in_visit"]) == (25, 35, 1, 1)
    ids = VisitIds(session="session_id", page_view="page_view_id", ping="Page Ping", heartbeat=Heartbeat(every_s=20))
    tables = [("Page Viewed", viewed), ("Page Ping", pinged)]
    (visit,) = _run(engine, sessions_given(tables, ids=ids, gap_us=GAP_US))
    assert (visit["engaged_s"], visit["pages"], visit["events"]) == (25, 1, 5)


def test_page_views_without_pings_last_no_time(engine: Backend) -> None:
    rows = [_event("ann", moment, moment, session_id="s1", page_view_id=f"v{moment}") for moment in (0, 1, 1_000_000)]
    got = _run(engine, page_views(_given([*rows, rows[0]]), by=["session_id", "page_view_id"]))
    assert [(row["view_index"], row["views_in_visit"], row["engaged_s"]) for row in got] == [
        (1, 3, 0),
        (2, 3, 0),
        (3, 3, 0),
    ]
