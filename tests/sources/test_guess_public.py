"""What `habitue start` makes of the public data sets."""

from pathlib import Path

import pytest

from habitue.sources.guess import NothingRecognisedError
from habitue.sources.guess_values import TableRole
from tests.sources.guessing import (
    guess_folder,
    made_events,
    makes,
    named,
    names,
    propose_sound,
    roles,
    source,
)


@pytest.mark.public_data
def test_the_gift_shop_is_order_lines_with_cancellations(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "online_retail")
    lines = found.tables[0]
    assert lines.role is TableRole.ORDER_LINES
    assert roles(lines) == {
        "Invoice": "order",
        "StockCode": "item",
        "Description": "description",
        "Quantity": "quantity",
        "InvoiceDate": "time",
        "Price": "price",
        "Customer ID": "customer",
        "Country": "country",
    }
    assert (found.time_zone.value, found.currency.value, found.as_of) == ("Europe/London", "GBP", "newest_event")
    proposal = propose_sound(found, tmp_path)
    bought = "not startswith(order_id, 'C') and quantity > 0 and price > 0"
    name = "online_retail_2009_2010"
    assert [(make.get("event"), make.get("when"), make.get("per")) for make in makes(proposal, name)[:3]] == [
        ("Product Ordered", bought, None),
        ("Order Completed", bought, "order_id"),
        ("Order Refunded", "startswith(order_id, 'C')", "order_id"),
    ]
    assert source(proposal, name)["derive"] == {"line_revenue": "quantity * price"}
    columns = source(proposal, name)["columns"]
    assert isinstance(columns, dict)
    assert columns["Customer ID"] == {"field": "customer", "type": "text", "integer_text": True, "required": True}
    assert columns["Price"] == {"field": "price", "type": "money"}


@pytest.mark.public_data
def test_the_gift_shop_starts_with_features_and_a_dozen_segments(public_data: Path, tmp_path: Path) -> None:
    proposal = propose_sound(guess_folder(public_data / "online_retail"), tmp_path)
    features = set(names(proposal, "features", "feature"))
    assert features >= {"monetary", "frequency", "recency_days", "spend_365d", "orders_365d", "r_score", "refunds"}
    segments = set(names(proposal, "segments", "segment"))
    assert len(segments) >= 12
    assert segments >= {"recent_buyers", "high_value", "drifting_away", "refund_prone", "from_home_country"}


@pytest.mark.public_data
def test_the_music_shop_is_read_once_though_its_sample_lies_beside_it(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "cdnow")
    assert {each.table.stem: each.role.value for each in found.tables} == {
        "CDNOW_master": "orders, one row each",
        "CDNOW_sample": "left out",
        "cdnow_customers_summary_with_transactions": "left out",
    }
    proposal = propose_sound(found, tmp_path)
    written = source(proposal, "cdnow_master")
    assert written["csv"] == {"delimiter": "whitespace"}
    assert makes(proposal, "cdnow_master") == [
        {
            "event": "Order Completed",
            "when": "quantity > 0 and amount >= 0",
            "customer": "customer",
            "occurred_at": "ordered_at",
            "properties": {"revenue": "amount", "items": "quantity"},
        }
    ]


@pytest.mark.public_data
def test_a_file_without_a_header_is_told_by_its_values(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "cdnow" / "CDNOW_sample.txt.gz")
    assert list(roles(found.tables[0]).values()) == ["customer", "link to the customer", "time", "quantity", "amount"]
    written = source(propose_sound(found, tmp_path), "cdnow_sample")
    assert written["csv"] == {"delimiter": "whitespace", "header": False}


@pytest.mark.public_data
def test_the_households_of_the_grocer_come_with_campaigns_and_coupons(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "complete_journey")
    assert found.noun == "household"
    assert {each.table.stem: each.role for each in found.tables} == {
        "campaign_descriptions": TableRole.LOOKUP,
        "campaigns": TableRole.CAMPAIGNS,
        "coupon_redemptions": TableRole.REDEMPTIONS,
        "coupons": TableRole.UNKNOWN,
        "demographics": TableRole.CUSTOMERS,
        "products": TableRole.ITEMS,
        "transactions": TableRole.ORDER_LINES,
    }
    proposal = propose_sound(found, tmp_path)
    assert made_events(proposal) == {"Product Ordered", "Order Completed", "Campaign Sent", "Coupon Redeemed"}
    assert [make.get("occurred_at") for make in makes(proposal, "campaigns")] == ["sent_at"]
    assert "discount_share" in names(proposal, "features", "feature")
    assert "campaign_without_coupon" in names(proposal, "segments", "segment")


@pytest.mark.public_data
def test_the_marketplace_finds_its_customers_through_two_files(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "olist_sample")
    roles_found = {each.table.stem.removeprefix("olist_").removesuffix("_dataset"): each.role for each in found.tables}
    assert roles_found == {
        "customers": TableRole.CUSTOMERS,
        "order_items": TableRole.ORDER_LINES,
        "order_payments": TableRole.PAYMENTS,
        "order_reviews": TableRole.REVIEWS,
        "orders": TableRole.ORDERS,
        "products": TableRole.ITEMS,
        "sellers": TableRole.UNKNOWN,
        "product_category_name_translation": TableRole.LOOKUP,
    }
    lines = named(found, "olist_order_items")
    assert [(link.on, link.key, link.columns) for link in lines.links] == [
        ("order_id", "order_id", ("customer_id", "order_purchase_timestamp", "order_status")),
        ("customer_id", "customer_id", ("customer_unique_id",)),
        ("product_id", "product_id", ("product_category_name",)),
        ("product_category_name", "product_category_namept", ("product_category_name_english",)),
    ]
    assert (found.time_zone.value, found.currency.value) == ("America/Sao_Paulo", "BRL")
    proposal = propose_sound(found, tmp_path)
    assert made_events(proposal) == {
        "Product Ordered",
        "Order Completed",
        "Order Cancelled",
        "Order Delivered",
        "Payment Made",
        "Review Submitted",
    }
    assert "unhappy_reviewers" in names(proposal, "segments", "segment")


@pytest.mark.public_data
def test_the_funnel_keeps_its_steps_in_order(public_data: Path, tmp_path: Path) -> None:
    found = guess_folder(public_data / "ecommerce_funnel")
    proposal = propose_sound(found, tmp_path)
    files = source(proposal, "page_views")["files"]
    assert isinstance(files, list)
    assert [str(each).rsplit("/", 1)[-1].split("_table")[0] for each in files] == [
        "home_page",
        "search_page",
        "payment_page",
        "payment_confirmation",
    ]
    assert [make["event"] for make in makes(proposal, "page_views")] == [
        "Home Page Viewed",
        "Search Page Viewed",
        "Payment Page Viewed",
        "Payment Confirmation Page Viewed",
    ]
    assert "left_after_payment_page" in names(proposal, "segments", "segment")
    assert named(found, "user_table").role is TableRole.CUSTOMERS


@pytest.mark.public_data
@pytest.mark.parametrize("folder", ["telco_churn", "customer_personality"])
def test_a_list_of_customers_becomes_traits_and_segments_by_traits(
    public_data: Path, tmp_path: Path, folder: str
) -> None:
    found = guess_folder(public_data / folder)
    assert [each.role for each in found.tables] == [TableRole.CUSTOMERS]
    assert found.as_of == "now"
    proposal = propose_sound(found, tmp_path)
    assert made_events(proposal) == set()
    assert len(names(proposal, "segments", "segment")) >= 6


@pytest.mark.public_data
@pytest.mark.parametrize("folder", ["hotel_bookings", "hillstrom", "banking77", "bank_marketing"])
def test_a_file_without_customers_is_refused_with_a_way_out(public_data: Path, folder: str) -> None:
    with pytest.raises(NothingRecognisedError) as refusal:
        guess_folder(public_data / folder)
    assert "column that tells customers apart" in refusal.value.do
