"""What senders are told: of each message, of whole requests, and what is kept of them."""

import gzip
import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.ledger import ConsentLedger
from habitue.govern.opening import open_vault
from habitue.streams.decoding import to_us
from tests.server.serving import Serving, make_project, serving

ORDER = {"userId": "7", "event": "Order Completed", "properties": {"order_id": "o1", "revenue": 12.5}}


def order(number: int, **more: object) -> dict[str, object]:
    return {**ORDER, "type": "track", "messageId": f"m{number}", **more}


def test_a_message_is_kept_and_the_same_one_again_is_a_duplicate(running_server: Serving) -> None:
    first, again = (running_server.post("/v1/track", order(1)).json() for _ in range(2))
    assert (first["received"], first["stored"], first["duplicates"], first["failed"]) == (1, 1, 0, [])
    assert (again["received"], again["stored"], again["duplicates"]) == (1, 0, 1)
    assert first["success"] is again["success"] is True
    (arrival,) = running_server.arrivals()
    assert [(each.name, each.properties) for each in arrival.events] == [
        ("Order Completed", {"order_id": "o1", "revenue": "12.5"})
    ]
    assert running_server.counts() == (2, 1, 1, 0)


def test_every_kind_of_message_has_its_path(running_server: Serving) -> None:
    kinds = ["identify", "page", "screen", "group", "alias"]
    for kind in kinds:
        said = running_server.post(f"/v1/{kind}", {"userId": "7", "groupId": "g", "previousId": "old"})
        assert (said.status_code, said.json()["stored"]) == (200, 1)
    assert [each.kind for each in running_server.records()] == kinds


def test_of_a_batch_the_good_ones_are_kept_and_the_others_named(running_server: Serving) -> None:
    batch = [order(1), order(2, userId=None), order(3, timestamp="yesterday"), order(4), order(1)]
    said = running_server.post("/v1/batch", {"batch": batch}).json()
    assert (said["received"], said["stored"], said["duplicates"]) == (5, 2, 1)
    assert [(each["index"], each["code"], each["field"]) for each in said["failed"]] == [
        (1, "MESSAGE-MISSING", "userId"),
        (2, "MESSAGE-TIME", "timestamp"),
    ]
    assert [each.code for each in running_server.failures()] == ["MESSAGE-MISSING", "MESSAGE-TIME"]


def test_a_message_that_cannot_be_kept_is_in_the_lane_sealed(running_server: Serving) -> None:
    said = running_server.post("/v1/track", {"userId": "ann@example.com", "event": []})
    assert (said.status_code, said.json()["failed"][0]["code"]) == (200, "MESSAGE-TYPE")
    (failure,) = running_server.failures()
    assert b"ann" not in (failure.raw or b"ann")


def test_what_is_no_message_at_all_is_refused_as_a_whole(running_server: Serving) -> None:
    bodies = (b"", b"{", b"7", b"\xff", b'{"batch": [], "mergeProperties": []} x')
    for path in ("/v1/track", "/v1/batch", "/v1/merge", "/batch/"):
        for body in bodies:
            said = running_server.client.post(path, content=body, auth=(running_server.key, ""))
            assert said.status_code == 400, (path, body)
            assert said.headers["content-type"] == "application/problem+json"
            # Libraries of Segment and RudderStack look for `code` and `message`.
            assert {"type", "title", "status", "detail", "message", "code", "do"} <= said.json().keys()
    assert running_server.counts() == (0, 0, 0, 0)


def keys(key: str) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    bare = b64encode(key.encode()).decode()
    return {
        "basic": lambda client: client.post("/v1/track", json=ORDER, auth=(key, "")),
        "basic without a colon": lambda client: client.post(
            "/v1/track", json=ORDER, headers={"Authorization": f"Basic {bare}"}
        ),
        "bearer": lambda client: client.post("/v1/track", json=ORDER, headers={"Authorization": f"Bearer {key}"}),
        "the body": lambda client: client.post("/v1/track", json={**ORDER, "writeKey": key}),
        "the body, beside a token of another": lambda client: client.post(
            "/v1/track", json={**ORDER, "writeKey": key}, headers={"Authorization": "Bearer theirs"}
        ),
        "the batch": lambda client: client.post("/v1/batch", json={"batch": [order(1)], "writeKey": key}),
        "the query": lambda client: client.post(
            "/beacon/v1/batch", params={"writeKey": key}, json={"batch": [order(1)]}
        ),
    }


def test_a_write_key_may_come_in_many_ways(running_server: Serving) -> None:
    unknown = keys("hab_0123456789ab_" + "A" * 43)
    for way, send in keys(running_server.key).items():
        assert send(running_server.client).json()["received"] == 1, way
        refused = unknown[way](running_server.client)
        assert (refused.status_code, refused.json()["code"]) == (401, "KEY-REFUSED"), way
    assert running_server.counts().received == len(unknown)


def test_without_a_key_nothing_is_taken(running_server: Serving) -> None:
    said = running_server.client.post("/v1/track", json=ORDER)
    assert (said.status_code, said.json()["code"]) == (401, "KEY-MISSING")
    assert "Basic" in said.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("sent_at", "happened"),
    [("2026-06-01T10:00:30Z", timedelta(seconds=30)), (None, None)],
)
def test_a_wrong_clock_of_the_sender_is_corrected(
    running_server: Serving, sent_at: str | None, happened: timedelta | None
) -> None:
    running_server.post("/v1/batch", {"batch": [order(1, timestamp="2026-06-01T10:00:00Z")], "sentAt": sent_at})
    (arrival,), (record,) = running_server.arrivals(), running_server.records()
    at = to_us(datetime(2026, 6, 1, 10, tzinfo=UTC))
    assert arrival.occurred_us == (
        at if happened is None else record.received_us - happened // timedelta(microseconds=1)
    )


def test_what_is_imported_keeps_its_times(running_server: Serving) -> None:
    at = "2024-02-29T10:00:00Z"
    running_server.post("/v1/import", {"batch": [order(1, timestamp=at)], "sentAt": "2026-06-01T10:00:30Z"})
    assert running_server.arrivals()[0].occurred_us == to_us(datetime(2024, 2, 29, 10, tzinfo=UTC))


def test_ids_that_are_merged_are_one_person(running_server: Serving) -> None:
    running_server.post("/v1/track", order(1, userId=None, anonymousId="d1"))
    pairs = [
        {"type": "user_id", "value": "7"},
        {"type": "anonymous_id", "value": "d1"},
        {"type": "email", "value": "a@b.c"},
    ]
    assert running_server.post("/v1/merge", {"mergeProperties": pairs}).json()["stored"] == 1
    device, merged = running_server.arrivals()
    assert [record for _, record in merged.others] == [device.record]
    assert list(merged.traits) == ["email"]
    assert merged.traits["email"] != "a@b.c"


def test_packed_bodies_are_unpacked(running_server: Serving) -> None:
    clear = json.dumps(ORDER).encode()
    # Two parts, as some packers write them.
    ways = {"gzip": gzip.compress(clear[:20]) + gzip.compress(clear[20:]), "deflate": zlib.compress(clear)}
    for coding, packed in ways.items():
        headers = {"Content-Encoding": coding}
        said = running_server.client.post("/v1/track", content=packed, headers=headers, auth=(running_server.key, ""))
        assert said.json()["stored"] == 1


LIMITS = [
    ("/v1/track", json.dumps({**ORDER, "properties": {"x": "y" * 40_000}}).encode(), {}, 413, "MESSAGE-SIZE"),
    ("/v1/batch", json.dumps({"batch": [order(1, x="y" * 30_000)] * 18}).encode(), {}, 413, "BATCH-SIZE"),
    ("/v1/batch", json.dumps({"batch": [1] * 2_501}).encode(), {}, 413, "BATCH-COUNT"),
    ("/v1/batch", b" " * (4_000 * 1024 + 1), {}, 413, "BODY-TOO-LARGE"),
    ("/v1/batch", gzip.compress(b"0" * 50_000_000), {"Content-Encoding": "gzip"}, 413, "BODY-TOO-LARGE"),
    ("/v1/batch", gzip.compress(b"{}")[:-9], {"Content-Encoding": "gzip"}, 400, "BODY-MALFORMED"),
    ("/v1/batch", gzip.compress(b"") * 20, {"Content-Encoding": "gzip"}, 400, "BODY-MALFORMED"),
    ("/v1/batch", b"{}", {"Content-Encoding": "br"}, 415, "BODY-CODING"),
    ("/v1/batch", b"{}", {"Content-Type": "application/xml"}, 415, "BODY-TYPE"),
    ("/v1/batch", b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "BODY-TYPE"),
]


def test_what_is_too_much_or_something_else_is_refused_and_counted(running_server: Serving) -> None:
    for path, body, headers, status, code in LIMITS:
        said = running_server.client.post(path, content=body, headers=headers, auth=(running_server.key, ""))
        assert (said.status_code, said.json()["code"]) == (status, code)
    figures = running_server.metrics()
    for code, number in Counter(code for *_, code in LIMITS).items():
        assert figures[f'habitue_refused_requests_total{{code="{code}"}}'] == number
    assert running_server.post("/v1/track", ORDER).json()["stored"] == 1


def test_a_body_without_a_length_is_cut_off_at_the_same_length(running_server: Serving) -> None:
    said = running_server.client.post(
        "/v1/batch", content=(b" " * 100_000 for _ in range(50)), auth=(running_server.key, "")
    )
    assert (said.status_code, said.json()["code"]) == (413, "BODY-TOO-LARGE")


def test_browsers_may_send_from_any_website(running_server: Serving) -> None:
    asks = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, anonymousid",
    }
    may = running_server.client.options("/v1/track", headers=asks)
    assert (may.status_code, may.headers["access-control-allow-origin"]) == (204, "https://shop.example")
    assert may.headers["access-control-allow-headers"] == "authorization, content-type, anonymousid"
    for said in (
        running_server.post("/v1/track", ORDER, {"Origin": "https://shop.example", "Content-Type": "text/plain"}),
        running_server.client.post("/v1/track", json=ORDER, headers={"Origin": "https://shop.example"}),
    ):
        assert said.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in running_server.client.get("/healthz", headers=asks).headers


def test_a_picture_is_a_message(running_server: Serving) -> None:
    said = running_server.client.get(
        "/pixel/v1/track",
        params={
            "writeKey": running_server.key,
            "userId": "7",
            "event": "Product Viewed",
            "properties.product_id": "p1",
            "properties.price": "3.50",
            "context.page.path": "/a",
        },
    )
    assert (said.status_code, said.headers["content-type"], said.content[:6]) == (200, "image/gif", b"GIF89a")
    data = urlsafe_b64encode(json.dumps({"userId": "7", "name": "Home"}).encode()).decode().rstrip("=")
    said = running_server.client.get(f"/v1/pixel/page?writeKey={running_server.key}&data={data}")
    assert said.status_code == 200
    assert [each.kind for each in running_server.records()] == ["track", "page"]
    assert running_server.arrivals()[0].events[0].properties == {"product_id": "p1", "price": "3.50"}
    refused = running_server.client.get("/pixel/v1/track?userId=7&event=x")
    assert (refused.status_code, refused.headers["content-type"]) == (401, "image/gif")


def event(key: str, **more: object) -> dict[str, object]:
    return {"api_key": key, "event": "Product Viewed", "distinct_id": "7", "properties": {"product_id": "p"}, **more}


def posthog(key: str) -> dict[str, tuple[str, bytes, dict[str, str]]]:
    one = json.dumps(event(key)).encode()
    packed, form = gzip.compress(one), {"Content-Type": "application/x-www-form-urlencoded"}
    token = {"event": "x", "properties": {"distinct_id": 7, "token": key}}
    return {
        "one event": ("/i/v0/e/", one, {}),
        "one event, of old": ("/capture/", one, {"Content-Type": "text/plain"}),
        "a list of events": ("/e/", json.dumps([token]).encode(), {}),
        "a batch": ("/batch/", json.dumps({"api_key": key, "batch": [event("")]}).encode(), {}),
        "packed, as the address says": ("/e/?compression=gzip-js&ip=1", packed, {"Content-Type": "text/plain"}),
        "a form": ("/e/", b"data=" + quote(b64encode(one).decode()).encode(), form),
        "a packed form": ("/e/", b"data=" + quote(b64encode(packed).decode()).encode() + b"&compression=gzip", form),
    }


def test_posthogs_ways_of_sending_are_understood(running_server: Serving) -> None:
    ways = posthog(running_server.key)
    for way, (path, body, headers) in ways.items():
        said = running_server.client.post(path, content=body, headers=headers)
        assert (said.status_code, said.json()["status"], said.json()["stored"]) == (200, 1, 1), (way, said.text)
    assert len({each.record for each in running_server.arrivals()}) == 1
    assert running_server.counts().stored == len(ways)


def test_a_person_who_was_nobody_is_somebody_to_posthog_too(running_server: Serving) -> None:
    nobody = {"$process_person_profile": False}
    batch = [
        event("", distinct_id="device", properties=nobody),
        event("", event="$identify", properties={"$anon_distinct_id": "device", "$set": {"plan": "gold"}}),
        event("", event="", uuid="u1"),
    ]
    said = running_server.client.post("/batch/", json={"api_key": running_server.key, "batch": batch}).json()
    assert (said["received"], said["stored"], said["failed"][0]["code"]) == (3, 2, "MESSAGE-MISSING")
    device, person = running_server.arrivals()
    assert (person.others, person.traits) == ((("cookie", device.record),), {"plan": "gold"})


def consents(running: Serving) -> list[tuple[str, str, str]]:
    with ConsentLedger.open(running.folder) as ledger:
        entries = [each.entry for each in ledger.entries()]
    return [(each.purpose, each.state.value, each.source) for each in entries]


def test_an_objection_by_the_browser_stands_before_the_answer(running_server: Serving) -> None:
    running_server.post("/v1/track", order(1))
    assert consents(running_server) == []
    running_server.post("/v1/track", order(2), {"Sec-GPC": "1"})
    assert consents(running_server) == [("ads", "objected", "gpc")]


def test_a_withdrawal_in_a_message_stands_before_the_answer(running_server: Serving) -> None:
    consent = {"consent": {"categoryPreferences": {"Advertising": False}}}
    running_server.post("/v1/batch", {"batch": [order(1)], "context": consent})
    assert consents(running_server) == [("ads", "withdrawn", "segment")]


def test_who_was_erased_is_answered_like_anybody_else_and_not_kept(running_server: Serving) -> None:
    first = running_server.post("/v1/track", order(1)).json()
    around = system_surroundings()
    record = running_server.arrivals()[0].record
    with open_vault(running_server.folder, environ=around.environ, home=around.home, random=around.random) as vault:
        vault.erase([record], now=around.clock())
    assert running_server.post("/v1/track", order(2)).json() == first
    assert len(running_server.records()) == 1
    assert running_server.metrics()['habitue_suppressed_events_total{source="site"}'] == 1


def test_what_a_contract_refuses_is_told_and_counted(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    (folder / "sources" / "site.yaml").write_text("source: site\ncollect: true\ncontract: refuse\n", encoding="utf-8")
    with serving(folder) as running:
        said = running.post("/v1/track", order(1, properties={"revenue": "much"})).json()
        assert (said["received"], said["stored"], len(said["failed"])) == (1, 0, 1)
        code = said["failed"][0]["code"]
        assert running.metrics()[f'habitue_refused_events_total{{code="{code}",source="site"}}'] == 1
        assert running.counts() == (0, 0, 0, 0)


def test_every_answer_has_the_headers_that_browsers_heed(running_server: Serving) -> None:
    said = running_server.post("/v1/track", ORDER)
    for answer in (said, running_server.client.get("/healthz"), running_server.client.get("/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers
