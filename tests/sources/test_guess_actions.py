"""What logs and tracking calls become."""

import json
from pathlib import Path

import pytest

from habitue.sources.guess_actions import event_name, page_event
from habitue.sources.guess_samples import sample_files
from habitue.sources.guess_values import SampledTable
from tests.sources.guessing import guess, makes, names, propose_sound, source, table


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("add_to_cart", "Product Added"),
        ("Order Completed", "Order Completed"),
        ("orderCompleted", "Order Completed"),
        ("$pageview", "Page Viewed"),
        ("newsletter_signup", "Newsletter Signup"),
        ('Signed up for "beta"', "Signed up for beta"),
        ("???", "Something Done"),
    ],
)
def test_events_of_logs_get_the_usual_names(raw: str, name: str) -> None:
    assert event_name(raw) == name


def test_pages_become_events() -> None:
    assert [page_event(each) for each in ("home_page", "cart")] == ["Home Page Viewed", "Cart Page Viewed"]


def test_a_purchase_of_a_log_brings_its_price_or_price_times_quantity(tmp_path: Path) -> None:
    log = """event_time,event_type,product_id,price,user_id,quantity
2019-10-01 00:00:00 UTC,view,44600062,35.79,541312140,
2019-10-01 00:00:01 UTC,cart,44600062,35.79,541312140,1
2019-10-01 00:00:09 UTC,purchase,44600062,35.79,541312140,2
2019-10-01 00:00:11 UTC,view,17200506,543.10,519107250,"""
    proposal = propose_sound(guess(table("log.csv", log)), tmp_path)
    bought = next(make for make in makes(proposal, "log") if make.get("event") == "Order Completed")
    properties = bought["properties"]
    assert isinstance(properties, dict)
    assert properties["revenue"] == "line_revenue"
    written = source(proposal, "log")
    assert written["derive"] == {"line_revenue": "quantity * price"}
    assert written["time_zone"] == "UTC"
    assert "monetary" in names(proposal, "features", "feature")
    assert "viewed_not_bought" in names(proposal, "segments", "segment")


def test_two_spellings_of_one_event_are_one_event(tmp_path: Path) -> None:
    log = "user_id,event,ts\nu,sign_up,2024-01-01\nu,Sign Up,2024-01-02\nv,SignUp,2024-01-03"
    (make,) = makes(propose_sound(guess(table("log.csv", log)), tmp_path), "log")
    assert make["event"] == "Sign Up"
    assert make["when"] == "event in ('Sign Up', 'SignUp', 'sign_up')"


def calls(tmp_path: Path) -> SampledTable:
    products = [{"product_id": "x", "price": 9.5, "quantity": 2}, {"product_id": "y", "price": 1, "quantity": 1}]
    lines = [
        {"type": "track", "event": "Order Completed", "userId": "u1", "originalTimestamp": "2024-01-01T10:00:01Z",
         "timestamp": "2024-01-01T10:00:00Z", "properties": {"order_id": "1", "revenue": 20.0, "products": products}},
        {"type": "page", "userId": "u2", "originalTimestamp": "2024-01-02T10:00:01Z",
         "timestamp": "2024-01-02T10:00:00Z", "properties": {"path": "/"}},
    ]  # fmt: skip
    path = tmp_path / "calls.ndjson"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return sample_files([path], home=tmp_path).tables[0]


def test_the_products_of_an_order_explode_into_lines(tmp_path: Path) -> None:
    proposal = propose_sound(guess(calls(tmp_path)), tmp_path)
    contract = next(doc for doc in proposal.of_folder("contracts") if doc.values.get("event") == "Order Completed")
    properties = contract.values["properties"]
    assert isinstance(properties, dict)
    assert properties["products"] == {
        "type": "list",
        "explode": "Product Ordered",
        "properties": {
            "product_id": {"type": "text"},
            "price": {"type": "money"},
            "quantity": {"type": "integer"},
        },
    }
    assert "different_products" in names(proposal, "features", "feature")


def test_the_corrected_time_of_a_call_is_taken(tmp_path: Path) -> None:
    columns = source(propose_sound(guess(calls(tmp_path)), tmp_path), "calls")["columns"]
    assert isinstance(columns, dict)
    assert columns["timestamp"]["field"] == "happened_at"
