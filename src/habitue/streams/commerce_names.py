"""Shop events as Segment (e-commerce v2) and Google Analytics 4 say them, names and parameters, both ways.

What a parameter means may depend on the event: GA4's `value` is what was paid for the goods where somebody bought.
"""

from collections.abc import Mapping
from typing import Final

_PAIRS: Final = (
    ("Products Searched", "search"),
    ("Product List Viewed", "view_item_list"),
    ("Product Clicked", "select_item"),
    ("Product Viewed", "view_item"),
    ("Product Added to Wishlist", "add_to_wishlist"),
    ("Product Added", "add_to_cart"),
    ("Product Removed", "remove_from_cart"),
    ("Cart Viewed", "view_cart"),
    ("Checkout Started", "begin_checkout"),
    ("Checkout Step Completed", "add_shipping_info"),
    ("Payment Info Entered", "add_payment_info"),
    ("Order Completed", "purchase"),
    ("Order Refunded", "refund"),
    ("Promotion Viewed", "view_promotion"),
    ("Promotion Clicked", "select_promotion"),
    ("Product Shared", "share"),
    ("Signed Up", "sign_up"),
    ("Signed In", "login"),
)
_GA4_OF: Final = {segment.casefold(): ga4 for segment, ga4 in _PAIRS}
_SEGMENT_OF: Final = {ga4: segment for segment, ga4 in _PAIRS}


# Segment's name, then GA4's.
_ORDER: Final = (("order_id", "transaction_id"), ("revenue", "value"))
_LIST: Final = (("list_id", "item_list_id"), ("category", "item_list_name"))
_PROMOTION: Final = (("name", "promotion_name"), ("creative", "creative_name"), ("position", "creative_slot"))
_PARAMETERS: Final = {
    "Products Searched": (("query", "search_term"),),
    "Product List Viewed": _LIST,
    "Checkout Step Completed": (("shipping_method", "shipping_tier"), ("payment_method", "payment_type")),
    "Payment Info Entered": (("payment_method", "payment_type"), ("shipping_method", "shipping_tier")),
    "Order Completed": _ORDER,
    "Order Refunded": _ORDER,
    "Promotion Viewed": _PROMOTION,
    "Promotion Clicked": _PROMOTION,
    "Product Shared": (("share_via", "method"), ("product_id", "item_id")),
}
_EVERYWHERE: Final = (("products", "items"),)
_ITEM: Final = (
    ("product_id", "item_id"),
    ("name", "item_name"),
    ("brand", "item_brand"),
    ("category", "item_category"),
    ("variant", "item_variant"),
    ("position", "index"),
    ("list_id", "item_list_id"),
)
_ABOUT_ONE: Final = frozenset(
    {
        "Product Clicked",
        "Product Viewed",
        "Product Added to Wishlist",
        "Product Added",
        "Product Removed",
    }
)


def ga4_name(segment_name: str) -> str | None:
    """The GA4 event of the same meaning, None when there is none.

    Examples:
        >>> ga4_name("Order Completed")
        'purchase'
    """
    return _GA4_OF.get(segment_name.casefold())


def segment_name(ga4_name: str) -> str | None:
    """The Segment event of the same meaning, None when there is none.

    Examples:
        >>> segment_name("view_item")
        'Product Viewed'
    """
    return _SEGMENT_OF.get(ga4_name)


def ga4_parameters(segment_name: str) -> Mapping[str, str]:
    """What GA4 calls the properties of a Segment event; those that both call alike are not listed.

    Examples:
        >>> ga4_parameters("Order Completed")["order_id"], ga4_parameters("Products Searched")["query"]
        ('transaction_id', 'search_term')
    """
    return dict((*_EVERYWHERE, *_PARAMETERS.get(segment_name, ())))


def segment_properties(ga4_name: str) -> Mapping[str, str]:
    """What Segment calls the parameters of a GA4 event; those that both call alike are not listed.

    Examples:
        >>> segment_properties("purchase")["value"], segment_properties("view_cart")["items"]
        ('revenue', 'products')
    """
    return {ga4: segment for segment, ga4 in ga4_parameters(segment_name(ga4_name) or "").items()}


def ga4_item_parameters() -> Mapping[str, str]:
    """What GA4 calls the properties of a product in a list."""
    return dict(_ITEM)


def segment_item_properties() -> Mapping[str, str]:
    """What Segment calls the parameters of an item in a list."""
    return {ga4: segment for segment, ga4 in _ITEM}


def is_about_one_product(segment_name: str) -> bool:
    """Whether Segment has the product in the event itself, where GA4 has a list of items.

    Examples:
        >>> is_about_one_product("Product Added"), is_about_one_product("Order Completed")
        (True, False)
    """
    return segment_name in _ABOUT_ONE
