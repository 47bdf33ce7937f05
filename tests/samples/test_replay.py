"""Visits told again: as they were, in order of their time, and late ones just before a basket counts as left."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.samples.replay import WEB_EVENTS, Message, Replay, Step, Visit, read_visits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BASKET = {"cart_id": "k1", "items": 3, "value": 12.5, "channel": "web", "country": "GB"}
VISIT = Visit(
    "C1",
    "cookie-1",
    (
        Step(0.0, "Page Viewed", {"path": "/"}),
        Step(90.0, "Product Added", {"product_id": "P1", "price": 12.5, "quantity": 3}),
        Step(30.0, "Checkout Started", BASKET),
    ),
)


def told(replay: Replay, *, seconds: int, visits: int = 1) -> list[tuple[datetime, Message]]:
    moments = [NOON + timedelta(seconds=each) for each in range(seconds)]
    return [(at, message) for at in moments for message in replay.due(at, visits=visits)]


def happened(message: Message) -> datetime:
    return datetime.fromisoformat(str(message["timestamp"]))


def test_a_message_is_told_when_its_time_has_come_and_never_twice() -> None:
    sent = told(Replay([VISIT], seed=3), seconds=120)
    assert len({message["messageId"] for _, message in sent}) == len(sent) > 200
    assert all(happened(message) <= at for at, message in sent)
    on_time = [at - happened(message) for at, message in sent if at - happened(message) < timedelta(hours=1)]
    assert max(on_time) < timedelta(seconds=1)


def test_late_baskets_are_told_seconds_before_they_count_as_left_or_no_longer_count() -> None:
    sent = told(Replay([VISIT], seed=3), seconds=300)
    late = {at - happened(message) for at, message in sent if at - happened(message) > timedelta(hours=1)}
    left = {each for each in late if each < timedelta(days=2)}
    assert left
    assert late - left
    assert all(timedelta(0) < timedelta(hours=24) - each <= timedelta(seconds=45) for each in left)
    assert all(timedelta(0) < timedelta(days=14) - each <= timedelta(seconds=45) for each in late - left)


def test_some_who_check_out_order_what_they_added() -> None:
    orders = [
        message for _, message in told(Replay([VISIT], seed=3), seconds=120) if message["event"] == "Order Completed"
    ]
    assert orders
    properties = orders[0]["properties"]
    assert isinstance(properties, dict)
    assert (properties["revenue"], properties["cart_id"], properties["items"]) == (12.5, "k1", 3)
    assert [each["product_id"] for each in properties["products"]] == ["P1"]


def test_the_same_seed_tells_the_same() -> None:
    one, two = (list(Replay([VISIT], seed=9).past(50, since=NOON, until=NOON + timedelta(days=1))) for _ in range(2))
    assert one == two
    assert len(one) == 50


def test_visits_are_cut_where_nothing_happened_for_half_an_hour(tmp_path: Path) -> None:
    file = tmp_path / WEB_EVENTS
    file.parent.mkdir()
    lines = [
        {
            "message_id": "1",
            "event": "Page Viewed",
            "timestamp": "2026-03-02T12:00:00Z",
            "customer": "anon-a",
            "path": "/",
        },
        {
            "message_id": "2",
            "event": "Page Viewed",
            "timestamp": "2026-03-02T12:30:00Z",
            "customer": "anon-a",
            "path": "/a",
        },
        {
            "message_id": "3",
            "event": "Page Viewed",
            "timestamp": "2026-03-02T13:00:01Z",
            "customer": "anon-a",
            "path": "/b",
        },
    ]
    written = [json.dumps({**line, "anonymous_id": "a"}) for line in lines]
    file.write_text("\n".join([*written, '{"message_id":"4","event":"Page']), encoding="utf-8")
    visits = read_visits(tmp_path)
    assert [[step.properties["path"] for step in visit.steps] for visit in visits] == [["/", "/a"], ["/b"]]
    assert [(visit.user_id, visit.anonymous_id) for visit in visits] == [("", "a")] * 2
    assert visits[0].steps[1].pause_s == pytest.approx(1800.0)
