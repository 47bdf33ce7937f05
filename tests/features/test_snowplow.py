"""Our sessions and page views against the tables Snowplow's web model expects for its own test events."""

import csv
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from habitue.features.page_views import page_views, scroll_depths
from habitue.features.sessions_given import VisitIds, sessions_given

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "snowplow_web_events"
pytestmark = [
    pytest.mark.public_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside the project"),
]

MINUTE_US = 60_000_000
EVENTS = ("page_view", "page_ping")
PLACE = ("geo_country", "geo_region_name", "geo_city")
URL = ("page_title", "page_url", "page_urlscheme", "page_urlhost", "page_urlpath", "page_urlquery", "page_urlfragment")
REFERRER = ("refr_urlscheme", "refr_urlhost", "refr_urlpath", "refr_urlquery", "refr_urlfragment")
REFERRER_KIND = ("refr_medium", "refr_source", "refr_term")
CAMPAIGN = (
    "mkt_medium",
    "mkt_source",
    "mkt_term",
    "mkt_content",
    "mkt_campaign",
    "mkt_clickid",
    "mkt_network",
)
GEOGRAPHY = (
    "geo_country",
    "geo_region",
    "geo_region_name",
    "geo_city",
    "geo_zipcode",
    "geo_latitude",
    "geo_longitude",
    "geo_timezone",
)
BROWSER = ("user_ipaddress", "useragent", "br_renderengine", "br_lang", "os_timezone")
PERSON = ("app_id", "platform", "user_id", "network_userid", "domain_sessionidx")
COLLECTOR = ("dvce_created_tstamp", "collector_tstamp", "derived_tstamp", "v_collector")
KEPT_FIRST = (
    *PERSON,
    "domain_userid",
    "mkt_source_platform",
    *URL,
    "page_referrer",
    *REFERRER,
    *REFERRER_KIND,
    *CAMPAIGN,
    *GEOGRAPHY,
    *BROWSER,
    "event_id",
)
SCREEN = ("dvce_screenwidth", "dvce_screenheight")
KEPT_LAST = (*URL, *PLACE, "br_lang")

OUT_OF_SCOPE_SESSIONS = {
    "made by joining lists of names that the package ships (countries, languages, source categories)": [
        "geo_country_name",
        "geo_continent",
        "last_geo_country_name",
        "last_geo_continent",
        "br_lang_name",
        "last_br_lang_name",
        "default_channel_group",
    ],
    "user stitching across runs: who is who is the business of identity": [
        "stitched_user_id",
    ],
    "rules and values that the package's own test configuration overrides (engagement, conversions)": [
        "is_engaged",
        "cv_view_page_volume",
        "cv_view_page_events",
        "cv_view_page_values",
        "cv_view_page_total",
        "cv_view_page_first_conversion",
        "cv_view_page_converted",
        "cv__all_volume",
        "cv__all_total",
    ],
    "a count for each event name, which is a rule in Habitue and no column of a visit": ["event_counts"],
    "a second copy of the first event's id for the package's own tests": ["event_id2"],
    "what enrichments say about the browser; constant in these files, and of these we keep the device class": [
        *("category", "primary_impact", "reason", "spider_or_robot", "useragent_family", "useragent_major"),
        *("useragent_minor", "useragent_patch", "useragent_version", "os_family", "os_major", "os_minor", "os_patch"),
        *("os_patch_minor", "os_version", "device_family", "device_category", "agent_class", "agent_name"),
        *("agent_name_version", "agent_name_version_major", "agent_version", "agent_version_major", "device_brand"),
        *("device_name", "device_version", "layout_engine_class", "layout_engine_name", "layout_engine_name_version"),
        *("layout_engine_name_version_major", "layout_engine_version", "layout_engine_version_major"),
        *("operating_system_class", "operating_system_name", "operating_system_name_version"),
        "operating_system_version",
    ],
}
OUT_OF_SCOPE_VIEWS = {
    **{
        why: [name for name in names if not name.startswith(("cv_", "last_", "mkt_"))]
        for why, names in OUT_OF_SCOPE_SESSIONS.items()
    },
    "grouping pages by content is a package setting": ["content_group"],
}


def _read(path: Path) -> list[dict[str, str | None]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def engine() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


@pytest.fixture(scope="module")
def events(engine: Backend) -> ir.Table:
    """The tracker's events as a source would load them.

    An event counts at its derived time, as one of the customer its session began with; it is dropped when a copy
    with the same id came earlier, when it was sent over three days after it happened, when it has no session, or when
    its session began over three days before.
    """
    raw = engine.read_csv(str(DATA / "source" / "snowplow_web_events.csv.gz"), all_varchar=True)
    context = raw["contexts_com_snowplowanalytics_snowplow_web_page_1_0_0"]
    device = raw["contexts_nl_basjes_yauaa_context_1_0_0"]
    times = {
        name: raw[name].cast("timestamp(6)")
        for name in ("collector_tstamp", "dvce_created_tstamp", "dvce_sent_tstamp", "derived_tstamp")
    }
    sizes = ("doc_width", "doc_height", "br_viewwidth", "br_viewheight", "pp_xoffset_max", "pp_yoffset_max")
    timed = raw.mutate(
        **times,
        **{name: raw[name].cast("int64") for name in sizes},
        page_view_id=context.re_extract('"id":"([^"]+)"', 1).nullif(""),
        mkt_source_platform=raw.page_urlquery.re_extract("utm_source_platform=([^?&#]*)", 1).nullif(""),
        device=device.re_extract('"deviceClass":"([^"]+)"', 1),
    )
    in_time = timed.filter(
        timed.domain_sessionid.notnull() & (timed.dvce_sent_tstamp <= timed.dvce_created_tstamp + ibis.interval(days=3))
    )
    session = in_time.group_by("domain_sessionid").aggregate(
        customer=in_time.domain_userid.argmin(in_time.collector_tstamp), session_at=in_time.collector_tstamp.min()
    )
    named = in_time.join(session, "domain_sessionid")
    arrival = [named.collector_tstamp, named.dvce_created_tstamp, named.event_id, named.derived_tstamp]
    copy = ibis.row_number().over(ibis.window(group_by=named.event_id, order_by=arrival))
    position = ibis.row_number().over(ibis.window(order_by=arrival))
    placed = named.mutate(copy=copy, position=position)
    kept = placed.filter((placed.copy == 0) & (placed.collector_tstamp <= placed.session_at + ibis.interval(days=3)))
    loaded = kept.mutate(
        customer_id=ibis.coalesce(kept.customer, "nobody"), occurred_at=kept.derived_tstamp, referrer=kept.page_referrer
    )
    return engine.create_table("loaded", loaded, temp=True)


def _clock_seconds(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.IntegerValue:
    seconds = end.truncate("s").epoch_seconds() - start.truncate("s").epoch_seconds()
    return seconds.cast("float64").cast("int64")


def _compare(
    ours: ir.Table, expected: list[dict[str, str | None]], *, key: tuple[str, str], columns: Mapping[str, str]
) -> None:
    """Every expected row is there once, nothing else is, and every named column says the same text."""
    got = {row[key[1]]: row for row in ours.to_pyarrow().to_pylist()}
    assert len(got) == ours.count().to_pyarrow().as_py()
    assert set(got) == {row[key[0]] for row in expected}
    for row in expected:
        for theirs, name in columns.items():
            assert _plain(got[row[key[0]]][name]) == _number(row[theirs]), (row[key[0]], theirs)


def _plain(value: object) -> str | None:
    """A value of ours as their files write it."""
    if value is None or isinstance(value, str):
        return None if value is None else _number(value)
    milliseconds = getattr(value, "isoformat", None)
    return str(value) if milliseconds is None else milliseconds(sep=" ", timespec="milliseconds")


def _number(text: str | None) -> str | None:
    """Whole percent are written `12.0` in some rows."""
    return None if text is None else text.removesuffix(".0")


def test_visits_equal_the_expected_sessions_row_by_row(events: ir.Table) -> None:
    expected = _read(DATA / "expected" / "default" / "snowplow_web_sessions_expected.csv.gz")
    tables = [(name, events.filter(events.event_name == name)) for name in EVENTS]
    other = events.filter(events.event_name.notin(EVENTS))
    ids = VisitIds(
        session="domain_sessionid",
        page_view="page_view_id",
        ping="page_ping",
        first=(*KEPT_FIRST, *SCREEN),
        last=KEPT_LAST,
    )
    ours = sessions_given([*tables, ("other", other)], ids=ids, gap_us=30 * MINUTE_US)
    ours = ours.mutate(
        customer_id=ours.customer_id.nullif("nobody"),
        ended_at=ours.occurred_at - ibis.interval(minutes=30),
        # Snowplow counts the seconds of the clock that began; a duration of ours is whole seconds passed.
        clock_s=_clock_seconds(ours.started_at, ours.occurred_at - ibis.interval(minutes=30)),
        screen=ours.first_dvce_screenwidth + "x" + ours.first_dvce_screenheight,
    )
    columns = {
        "domain_sessionid": "session_id",
        "original_domain_sessionid": "session_id",
        "original_domain_userid": "first_domain_userid",
        "mkt_source_platform": "first_mkt_source_platform",
        "domain_userid": "customer_id",
        "start_tstamp": "started_at",
        "end_tstamp": "ended_at",
        "absolute_time_in_s": "clock_s",
        "page_views": "pages",
        "total_events": "events",
        "engaged_time_in_s": "engaged_s",
        "device_class": "device",
        "screen_resolution": "screen",
        "event_id": "first_event_id",
        "referrer": "first_page_referrer",
        **{f"first_{name}": f"first_{name}" for name in URL},
        **{f"last_{name}": f"last_{name}" for name in KEPT_LAST},
        **{name: f"first_{name}" for name in (*PERSON, *REFERRER, *REFERRER_KIND, *CAMPAIGN, *GEOGRAPHY, *BROWSER)},
    }
    assert len(expected) == 18
    _compare(ours, expected, key=("domain_sessionid", "session_id"), columns=columns)
    left_out = {name for names in OUT_OF_SCOPE_SESSIONS.values() for name in names}
    assert set(expected[0]) == set(columns) | left_out
    by_url = ours.select("entry", "exit", "first_page_url", "last_page_url").to_pyarrow().to_pylist()
    assert all(row["entry"] == row["first_page_url"] and row["exit"] == row["last_page_url"] for row in by_url)


def test_page_views_equal_the_expected_page_views_row_by_row(events: ir.Table) -> None:
    expected = _read(DATA / "expected" / "snowplow_web_page_views_expected.csv.gz")
    shown = events.filter(events.page_view_id.notnull())
    views, pings = (shown.filter(shown.event_name == name) for name in EVENTS)
    by = ["domain_sessionid", "page_view_id"]
    ours = page_views(views, pings, by=by)
    seen = shown.filter(shown.event_name.isin(EVENTS)).select(
        *by,
        page_width="doc_width",
        page_height="doc_height",
        window_width="br_viewwidth",
        window_height="br_viewheight",
        scrolled_x="pp_xoffset_max",
        scrolled_y="pp_yoffset_max",
    )
    ours = ours.left_join(scroll_depths(seen, by=by), by).mutate(
        customer_id=ibis._.customer_id.nullif("nobody"),
        clock_s=_clock_seconds(ibis._.started_at, ibis._.ended_at),
        screen=ibis._.dvce_screenwidth + "x" + ibis._.dvce_screenheight,
    )
    same = (*PERSON, *URL, "page_referrer", *REFERRER, *REFERRER_KIND, *CAMPAIGN, *GEOGRAPHY, *BROWSER)
    columns = {
        "domain_sessionid": "domain_sessionid",
        "original_domain_sessionid": "domain_sessionid",
        "original_domain_userid": "domain_userid",
        "domain_userid": "customer_id",
        "page_view_id": "page_view_id",
        "event_id": "event_id",
        "page_view_in_session_index": "view_index",
        "page_views_in_session": "views_in_visit",
        "start_tstamp": "started_at",
        "end_tstamp": "ended_at",
        "engaged_time_in_s": "engaged_s",
        "absolute_time_in_s": "clock_s",
        "horizontal_pixels_scrolled": "scrolled_x",
        "vertical_pixels_scrolled": "scrolled_y",
        "horizontal_percentage_scrolled": "scrolled_x_percent",
        "vertical_percentage_scrolled": "scrolled_y_percent",
        "device_class": "device",
        "screen_resolution": "screen",
        **{name: name for name in same},
        **{name: name for name in COLLECTOR},
        **{name: name for name in ("doc_width", "doc_height", "br_viewwidth", "br_viewheight", "br_colordepth")},
    }
    assert len(expected) == 43
    _compare(ours, expected, key=("page_view_id", "page_view_id"), columns=columns)
    left_out = {name for names in OUT_OF_SCOPE_VIEWS.values() for name in names}
    assert set(columns) <= set(expected[0])
    assert set(expected[0]) - set(columns) <= left_out
