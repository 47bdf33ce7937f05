"""Visits to the web shop and the app."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.samples.conftest import Sample

Event = dict[str, str]


@pytest.fixture(scope="module")
def events(sample: Sample) -> list[Event]:
    """The good web events, as texts."""
    return [
        {name: str(value) for name, value in each.items()}
        for each in sample.objects("data/web_events.ndjson")
        if str(each["timestamp"])[0] == "2" and each["customer"] and each["device"] != "toaster"
    ]


def test_visits_begin_with_a_page_and_pause_less_than_half_an_hour(events: list[Event]) -> None:
    by_cart: dict[str, list[datetime]] = defaultdict(list)
    for each in events:
        if "cart_id" in each:
            by_cart[each["cart_id"]].append(datetime.fromisoformat(each["timestamp"]))
    assert len(by_cart) > 500
    for moments in by_cart.values():
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert all(timedelta() < gap < timedelta(minutes=45) for gap in gaps)
    kinds = [each["event"] for each in events]
    assert kinds.count("Page Viewed") > kinds.count("Checkout Started")
    assert kinds.count("Product Viewed") > kinds.count("Product Added") > kinds.count("Cart Viewed")


def test_baskets_that_became_orders_carry_the_same_id_and_sums(sample: Sample, events: list[Event]) -> None:
    orders = {str(each.get("cart_id")): each for each in sample.objects("data/orders.ndjson")}
    ordered, left = 0, 0
    for each in events:
        if each["event"] == "Cart Viewed":
            order = orders.get(each["cart_id"])
            if order is None:
                left += 1
                continue
            ordered += 1
            assert int(each["items"]) == order["items"]
            assert each["customer"] == order["customer_id"]
    assert ordered > 300
    assert 0.35 < left / (left + ordered) < 0.75


def test_who_is_not_logged_in_is_known_by_the_device_only(sample: Sample, events: list[Event]) -> None:
    accounts = {row["customer_id"] for row in sample.table("data/crm.csv")}
    for each in events:
        if "user_id" in each:
            assert each["customer"] == each["user_id"]
            assert each["user_id"] in accounts
        else:
            assert each["customer"] == f"anon-{each['anonymous_id']}"


def test_every_device_has_its_person_or_nobody(sample: Sample, events: list[Event]) -> None:
    owner = {row["anonymous_id"]: row["person_id"] for row in sample.table("truth/cookies.csv")}
    person = {row["customer_id"]: row["person_id"] for row in sample.table("truth/records.csv")}
    strangers = 0
    for each in events:
        if "user_id" in each:
            assert owner[each["anonymous_id"]] == person[each["user_id"]]
        else:
            strangers += owner[each["anonymous_id"]] == ""
    assert strangers > 50


def test_campaign_clicks_bring_visits(events: list[Event]) -> None:
    found = [each for each in events if "utm_campaign" in each]
    assert {each["source"] for each in found} == {"email"}
    assert len({each["utm_campaign"] for each in found}) >= 4


def test_the_shared_video_brings_visitors(sample: Sample, events: list[Event]) -> None:
    (odd,) = [row for row in sample.table("truth/anomalies.csv") if row["name"] == "influencer_video"]
    days: dict[str, int] = defaultdict(int)
    for each in events:
        days[each["timestamp"][:10]] += each["event"] == "Page Viewed"
    usual = sorted(days.values())[len(days) // 2]
    assert days[odd["first_day"]] > 2 * usual
    assert days[odd["last_day"]] > 2 * usual
