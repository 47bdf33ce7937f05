"""The shop system's own feeds: orders with their lines, deliveries, refunds."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.samples.accounts import accounts_used, carts, paper
from habitue.samples.baskets import COUPONS, REASONS, Aftermath, Baskets
from habitue.samples.dice import Ints
from habitue.samples.feeds import (
    Rows,
    Spoiling,
    Text,
    choose,
    field,
    instants_s,
    join,
    number,
    only_where,
    pick,
    pounds,
    wall_clock,
    whole,
)
from habitue.samples.orders import STORE, Orders
from habitue.samples.people import CHANNELS, COUNTRIES, People
from habitue.samples.span import Span
from habitue.samples.wares import CATEGORIES, PER_CELL, STYLES, Catalogue

ORDER_SPOILINGS = (
    Spoiling(kind="wrong_type", column="revenue", value='"revenue":"forty"'),
    Spoiling(kind="missing_required", column="customer_id", value='"customer_id":""'),
    Spoiling(kind="out_of_range", column="revenue", value='"revenue":-12.50'),
    Spoiling(kind="bad_format", column="ordered_at", value='"ordered_at":"2026-02-30 10:00:00"'),
)
DELIVERY_SPOILINGS = (
    Spoiling(kind="missing_required", column="order_id", value=""),
    Spoiling(kind="out_of_range", column="late_days", value="-40"),
)
REFUND_SPOILINGS = (
    Spoiling(kind="wrong_type", column="revenue", value="n/a"),
    Spoiling(kind="out_of_range", column="revenue", value="25.00"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A block's orders with all that belongs to them.

    Attributes:
        people: The block.
        orders: Their orders.
        baskets: What lies in them.
        after: What came of them.
        number: Number of each order over the whole sample.
        catalogue: The shop's items.
    """

    people: People
    orders: Orders
    baskets: Baskets
    after: Aftermath
    number: Ints
    catalogue: Catalogue

    def order_ids(self) -> Text:
        """Id of each order."""
        return paper("O", self.number)

    def accounts(self) -> Text:
        """Customer id on each order."""
        return accounts_used(self.people, self.orders.person, self.orders.at)


def order_rows(shop: Shop) -> Rows:
    """Orders by time, one JSON object each, with the products in a list."""
    orders, baskets = shop.orders, shop.baskets
    online = orders.channel != STORE
    cart = only_where(carts(shop.number, shop.number), online)
    coupon = pick(pa.array([each or None for each in COUPONS]), baskets.coupon)
    columns: list[tuple[str, Text]] = [
        ("order_id", field("order_id", shop.order_ids())),
        ("customer_id", field("customer_id", shop.accounts())),
        ("ordered_at", field("ordered_at", wall_clock(orders.at))),
        ("channel", pick(field("channel", pa.array(CHANNELS)), orders.channel)),
        ("country", pick(field("country", pa.array(COUNTRIES)), shop.people.country[orders.person])),
        ("currency", pa.array(['"currency":"GBP"'] * len(orders), pa.string())),
        ("cart_id", field("cart_id", cart)),
        ("coupon", field("coupon", coupon)),
        ("revenue", number("revenue", pounds(baskets.goods - baskets.reduced))),
        ("discount", number("discount", pounds(baskets.reduced))),
        ("shipping", number("shipping", pounds(baskets.shipping))),
        ("items", number("items", whole(baskets.items))),
        ("products", join('"products":[', _products(shop), "]")),
    ]
    names, texts = tuple(name for name, _ in columns), tuple(text for _, text in columns)
    return Rows(names=names, columns=texts, form="ndjson").ordered(np.argsort(orders.at, kind="stable"))


def _products(shop: Shop) -> Text:
    """The lines of each order as JSON objects with commas between."""
    baskets, catalogue = shop.baskets, shop.catalogue
    head = pa.array(
        [
            f'{{"product_id":"{each}","category":"{CATEGORIES[item // (PER_CELL * len(STYLES))]}",'
            f'"brand":"{catalogue.brands[item]}","price":'
            for item, each in enumerate(catalogue.ids)
        ]
    )
    line = join(
        pick(head, baskets.item),
        pick(pounds(catalogue.price), baskets.item),
        ',"quantity":',
        whole(baskets.quantity),
        ',"discount":',
        pounds(baskets.discount),
        "}",
    )
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(baskets.starts, pa.int32()), line), ",")


def delivery_rows(shop: Shop, span: Span) -> Rows:
    """Parcels that have arrived, by time of arrival."""
    at = shop.after.delivered_at
    there = np.flatnonzero((shop.orders.channel != STORE) & (at <= span.until))
    order = there[np.argsort(at[there], kind="stable")]
    return Rows(
        names=("order_id", "customer_id", "delivered_at", "late_days"),
        columns=(
            pick(shop.order_ids(), order),
            pick(shop.accounts(), order),
            instants_s(at[order]),
            whole(shop.after.late_days[order]),
        ),
    )


def refund_rows(shop: Shop, refund: Ints, span: Span) -> Rows:
    """Money given back, negative, by time.

    Args:
        shop: The block's orders.
        refund: Number of each refund over the whole sample.
        span: The time the sample covers.
    """
    after = shop.after
    done = np.flatnonzero(after.refunded_at <= span.until)
    order = done[np.argsort(after.refunded_at[done], kind="stable")]
    of = after.order[order]
    by_post = choose(shop.orders.channel[of] != STORE, pa.scalar("post"), pa.scalar("store"))
    return Rows(
        names=("refund_id", "order_id", "customer_id", "refunded_at", "revenue", "items", "reason", "returned_by"),
        columns=(
            pick(paper("R", refund), order),
            pick(shop.order_ids(), of),
            pick(shop.accounts(), of),
            wall_clock(after.refunded_at[order]),
            pounds(-after.amount[order]),
            whole(after.items[order]),
            pick(pa.array(REASONS), after.reason[order]),
            by_post,
        ),
    )
