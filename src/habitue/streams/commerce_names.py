"""The names of shop events as Segment and Google Analytics 4 say them, both ways."""

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
