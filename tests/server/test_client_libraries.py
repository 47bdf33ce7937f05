"""The client libraries of Segment, RudderStack and PostHog, as they are published, send to a server of ours."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from posthog import Posthog
from rudderstack.analytics.client import Client as RudderStack
from segment.analytics.client import Client as Segment

from tests.server.serving import Serving

AT = datetime(2026, 6, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The libraries send to this machine, whatever the environment says of proxies."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield
    for name in ("segment", "rudderstack", "posthog"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def kinds(running: Serving) -> Counter[str]:
    return Counter(each.kind for each in running.records())


@pytest.mark.parametrize("packed", [False, True])
def test_what_segments_library_sends_arrives_once(running_server: Serving, packed: bool) -> None:
    failed: list[object] = []
    client = Segment(
        running_server.key,
        host=running_server.url,
        gzip=packed,
        upload_interval=0.05,
        on_error=lambda error, _: failed.append(error),
    )
    for number in range(250):
        client.track(f"user-{number % 9}", "Order Completed", {"order_id": f"o{number}", "revenue": 10}, timestamp=AT)
    client.identify("user-1", {"email": "ann@example.com", "plan": "gold"})
    client.page("user-1", "Docs", "Python", {"path": "/docs"})
    client.screen(anonymous_id="device-1", name="Home")
    client.group("user-1", "group-1", {"plan": "x"})
    client.alias("device-1", "user-1")
    client.flush()
    client.join()
    assert failed == []
    assert kinds(running_server) == {"track": 250, "identify": 1, "page": 1, "screen": 1, "group": 1, "alias": 1}
    assert running_server.counts() == (255, 255, 0, 0)


def test_what_rudderstacks_library_sends_arrives_once(running_server: Serving) -> None:
    failed: list[object] = []
    client = RudderStack(
        running_server.key,
        host=running_server.url,
        upload_interval=0.05,
        on_error=lambda error, _: failed.append(error),
    )
    for number in range(150):
        client.track(f"user-{number % 9}", "Product Viewed", {"product_id": f"p{number}", "price": 1.5})
    client.identify("user-2", {"plan": "gold"})
    client.flush()
    client.join()
    assert failed == []
    assert kinds(running_server) == {"track": 150, "identify": 1}


def test_what_posthogs_library_sends_arrives_once(running_server: Serving) -> None:
    failed: list[object] = []
    client = Posthog(
        running_server.key,
        host=running_server.url,
        flush_interval=0.05,
        gzip=True,
        on_error=lambda error, _: failed.append(error),
    )
    for number in range(120):
        client.capture("Product Viewed", distinct_id=f"user-{number % 9}", properties={"product_id": f"p{number}"})
    client.capture("$pageview", distinct_id="user-1", properties={"$current_url": "https://shop.example/a"})
    client.set(distinct_id="user-1", properties={"plan": "gold"})
    client.alias(previous_id="device-1", distinct_id="user-1")
    client.flush()
    client.shutdown()
    assert failed == []
    assert kinds(running_server) == {"track": 120, "page": 1, "identify": 1, "alias": 1}
    said = dict(zip((each.kind for each in running_server.records()), running_server.arrivals(), strict=True))
    assert said["identify"].traits == {"plan": "gold"}
    # The library's `previous_id` is another record of the person that its `distinct_id` is.
    assert said["alias"].record == said["page"].record == said["identify"].record
    assert len(said["alias"].others) == 1
