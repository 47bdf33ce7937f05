"""Shop events mean the same by Segment's names and by GA4's, whichever of them the contracts are written in."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from habitue.sources.arrivals import ArrivedEvent
from habitue.streams.commerce_names import (
    ga4_item_parameters,
    ga4_name,
    ga4_parameters,
    segment_item_properties,
    segment_name,
    segment_properties,
)
from tests.sources.inboxes import Site, open_site

SEGMENT = """
event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money}
  items: {type: integer}
  products:
    type: list
    explode: Product Ordered
    properties: {product_id: {type: text}, name: {type: text}, brand: {type: text}, price: {type: money}}
---
event: Product Added
properties:
  product_id: {type: text, required: true}
  category: {type: text}
  quantity: {type: integer}
  value: {type: money}
---
event: Cart Viewed
properties: {items: {type: integer}, value: {type: money}}
---
event: Products Searched
properties: {query: {type: text}}
---
event: Promotion Viewed
properties: {promotion_id: {type: text}, name: {type: text}, creative: {type: text}}
"""
GA4 = """
event: purchase
properties:
  transaction_id: {type: text, required: true}
  value: {type: money}
  items:
    type: list
    explode: purchased_item
    properties: {product_id: {type: text}, item_name: {type: text}, price: {type: money}}
---
event: add_to_cart
properties:
  value: {type: money}
  items:
    type: list
    explode: added_item
    properties: {product_id: {type: text}, item_category: {type: text}, quantity: {type: integer}}
"""


def became(site: Site, event: str, properties: Mapping[str, object]) -> tuple[ArrivedEvent, ...]:
    arrival = site.arrival({"type": "track", "event": event, "userId": "7", "properties": properties})
    assert arrival.noted == ()
    return arrival.events


def test_what_ga4_sends_becomes_segments_events(tmp_path: Path) -> None:
    site = open_site(tmp_path, contracts=SEGMENT)
    bought = {"transaction_id": "T1", "value": 30, "items": [{"item_id": "1", "item_name": "Cup", "item_brand": "F"}]}
    assert became(site, "purchase", bought) == (
        ArrivedEvent("Order Completed", {"order_id": "T1", "revenue": "30"}),
        ArrivedEvent("Product Ordered", {"product_id": "1", "name": "Cup", "brand": "F"}, 1),
    )
    assert became(site, "search", {"search_term": "cup"}) == (ArrivedEvent("Products Searched", {"query": "cup"}),)
    seen = {"promotion_id": "p", "promotion_name": "May", "creative_name": "big"}
    assert became(site, "view_promotion", seen) == (
        ArrivedEvent("Promotion Viewed", {"promotion_id": "p", "name": "May", "creative": "big"}),
    )
    # How many items there are is not what they are.
    assert became(site, "view_cart", {"value": 5, "items": [{"item_id": "1"}]}) == (
        ArrivedEvent("Cart Viewed", {"value": "5"}),
    )


def test_items_that_ga4_adds_together_are_an_event_each(tmp_path: Path) -> None:
    site = open_site(tmp_path, contracts=SEGMENT)
    items = [{"item_id": "1", "quantity": 2, "item_category": "Cups"}, {"item_id": "2"}]
    assert became(site, "add_to_cart", {"value": 9, "items": items}) == (
        ArrivedEvent("Product Added", {"value": "9", "product_id": "1", "quantity": 2, "category": "Cups"}),
        ArrivedEvent("Product Added", {"value": "9", "product_id": "2"}, 1),
    )


def test_what_segment_sends_becomes_ga4s_events(tmp_path: Path) -> None:
    site = open_site(tmp_path, contracts=GA4)
    bought = {"order_id": "T1", "revenue": 30, "products": [{"product_id": "1", "name": "Cup", "price": 30}]}
    assert became(site, "Order Completed", bought) == (
        ArrivedEvent("purchase", {"transaction_id": "T1", "value": "30"}),
        ArrivedEvent("purchased_item", {"product_id": "1", "item_name": "Cup", "price": "30"}, 1),
    )
    added = {"product_id": "1", "category": "Cups", "quantity": 2, "value": 9}
    assert became(site, "Product Added", added) == (
        ArrivedEvent("add_to_cart", {"value": "9"}),
        ArrivedEvent("added_item", {"product_id": "1", "item_category": "Cups", "quantity": 2}, 1),
    )


def test_a_contract_in_ga4s_names_may_say_product_id_for_what_is_sent_as_item_id(tmp_path: Path) -> None:
    site = open_site(tmp_path, contracts=GA4)
    assert became(site, "purchase", {"transaction_id": "T1", "items": [{"item_id": "1"}]}) == (
        ArrivedEvent("purchase", {"transaction_id": "T1"}),
        ArrivedEvent("purchased_item", {"product_id": "1"}, 1),
    )


def test_a_name_that_is_declared_is_never_translated(tmp_path: Path) -> None:
    both = f"{SEGMENT}---\nevent: purchase\nproperties: {{order_id: {{type: text}}}}\n"
    site = open_site(tmp_path, contracts=both)
    assert became(site, "purchase", {"order_id": "T1"}) == (ArrivedEvent("purchase", {"order_id": "T1"}),)
    own = open_site(
        tmp_path / "own", contracts=SEGMENT, source="source: site\ncollect: true\nevents: {Kauf: Cart Viewed}\n"
    )
    assert became(own, "Kauf", {"items": 3}) == (ArrivedEvent("Cart Viewed", {"items": 3}),)


@pytest.mark.parametrize("name", ["Order Completed", "Product List Viewed", "Promotion Clicked", "Product Added"])
def test_names_lead_back_to_where_they_came_from(name: str) -> None:
    ga4 = ga4_name(name)
    assert ga4 is not None
    assert segment_name(ga4) == name
    assert {ga4: own for own, ga4 in ga4_parameters(name).items()} == segment_properties(ga4)
    assert {ga4: own for own, ga4 in ga4_item_parameters().items()} == segment_item_properties()
