"""The six reference definitions that every contender answers, each as rules and as the columns of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One question about all customers.

    Attributes:
        key: Short name in tables: `s1` to `s6`.
        name: A few words for people; also the name of the SQL file, in snake case.
        rule: Members are the customers for whom this rule holds; empty for a table of figures.
        figures: Rule of each column of a table with one row per customer; empty for a set of members.
    """

    key: str
    name: str
    rule: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)

    @property
    def sql_file(self) -> str:
        """The file of the hand-written query."""
        return f"{self.name.replace(' ', '_')}.sql"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answer, the customer first."""
        return ("customer_id", *self.figures)


_WIDE: Final = {
    "last_order_at": "last_at('Order Completed')",
    "orders_90d": "count('Order Completed', last='90d')",
    "spend_90d": "sum('Order Completed'.revenue, last='90d')",
    "first_order_at": "first_at('Order Completed')",
    "orders_7d": "count('Order Completed', last='7d')",
    "orders_30d": "count('Order Completed', last='30d')",
    "mean_order": "avg('Order Completed'.revenue)",
    "largest_order": "max('Order Completed'.revenue)",
    "items_90d": "sum('Order Completed'.items, last='90d')",
    "mean_items": "avg('Order Completed'.items)",
    "products_ordered": "distinct('Order Completed'.product_id)",
    "first_category": "first('Order Completed'.category)",
    "latest_category": "latest('Order Completed'.category)",
    "page_views_7d": "count('Page Viewed', last='7d')",
    "page_views_30d": "count('Page Viewed', last='30d')",
    "page_views_90d": "count('Page Viewed', last='90d')",
    "first_seen_at": "first_at('Page Viewed')",
    "last_seen_at": "last_at('Page Viewed')",
    "product_views_7d": "count('Product Viewed', last='7d')",
    "product_views_30d": "count('Product Viewed', last='30d')",
    "product_views_90d": "count('Product Viewed', last='90d')",
    "latest_product": "latest('Product Viewed'.product_id)",
    "products_viewed_90d": "distinct('Product Viewed'.product_id, last='90d')",
    "categories_viewed_30d": "distinct('Product Viewed'.category, last='30d')",
    "additions_7d": "count('Product Added', last='7d')",
    "additions_30d": "count('Product Added', last='30d')",
    "additions_90d": "count('Product Added', last='90d')",
    "items_added_30d": "sum('Product Added'.items, last='30d')",
    "cart_views_7d": "count('Cart Viewed', last='7d')",
    "cart_views_30d": "count('Cart Viewed', last='30d')",
    "cart_views_90d": "count('Cart Viewed', last='90d')",
    "opens_7d": "count('Email Opened', last='7d')",
    "opens_30d": "count('Email Opened', last='30d')",
    "opens_90d": "count('Email Opened', last='90d')",
}

DEFINITIONS: Final = (
    Definition(
        key="s1",
        name="filtered count",
        rule="count('Product Viewed', where=category == 'c07', last='7d') >= 3",
    ),
    Definition(
        key="s2",
        name="unfollowed",
        rule="unfollowed('Product Viewed', by='Order Completed', within='7d', last='30d')",
    ),
    Definition(
        key="s3",
        name="sequence",
        rule="sequence('Product Viewed', 'Product Added', 'Order Completed', within='24h')",
    ),
    Definition(
        key="s4",
        name="top spenders",
        rule="percentile(sum('Order Completed'.revenue, last='90d')) >= 0.9",
    ),
    Definition(
        key="s5",
        name="sessions",
        figures={"sessions": "count('Session')", "mean_duration_s": "avg('Session'.duration_s)"},
    ),
    Definition(key="s6", name="wide features", figures=_WIDE),
)
