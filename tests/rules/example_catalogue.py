"""The small catalogue that drawn rules and histories share: every kind of property and trait, every sort of name."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue, Definition, EventShape
from habitue.rules.reading import read

HOUR = 3_600_000_000
DAY = 24 * HOUR
LENGTHS = (HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY)
STARTS = ("2026-03-29", "2026-03-25T12:00:00", "2026-03-01T00:00:00Z", "2025-12-31")
WORDS = ("a", "b", "ab", "DE", "Straße", "it's")


def _definition(name: str, rule: str, purpose: str = "") -> Definition:
    return Definition(name=name, rule=read(rule), purpose=purpose, label=name.replace("_", " "))


_SHAPES = (
    EventShape(
        name="Order Completed",
        properties={
            "product_id": Kind.TEXT,
            "coupon": Kind.TEXT,
            "revenue": Kind.MONEY,
            "items": Kind.INTEGER,
            "discount": Kind.NUMBER,
            "gift": Kind.BOOLEAN,
            "paid_at": Kind.TIME,
        },
    ),
    EventShape(
        name="Product Viewed",
        properties={"product_id": Kind.TEXT, "price": Kind.MONEY, "seconds": Kind.INTEGER, "released_on": Kind.DATE},
    ),
    EventShape(name="Email Clicked", properties={"campaign": Kind.TEXT, "weight": Kind.NUMBER}),
)
CATALOGUE: Final = Catalogue(
    zone=ZoneInfo("Europe/Berlin"),
    events={each.name: each for each in _SHAPES},
    traits={
        "country": Kind.TEXT,
        "age": Kind.INTEGER,
        "loyalty": Kind.NUMBER,
        "credit": Kind.MONEY,
        "subscribed": Kind.BOOLEAN,
        "joined_at": Kind.TIME,
        "born_on": Kind.DATE,
        "home": Kind.LOCATION,
    },
    features={
        each.name: each
        for each in (
            _definition("orders_30d", "count('Order Completed', last='30d')"),
            _definition("spend_30d", "sum('Order Completed'.revenue, last='30d')", "profiling"),
            _definition("mean_items", "avg('Order Completed'.items)"),
            _definition("favourite", "mode('Product Viewed'.product_id)"),
            _definition("last_order_at", "last_at('Order Completed')"),
            _definition("is_active", "did('Product Viewed', last='7d')"),
        )
    },
    segments={
        each.name: each
        for each in (
            _definition("loyal", "feature.orders_30d >= 2 and not stopped('Order Completed', after='7d')"),
            _definition("reachable", "feature.is_active", "marketing_email"),
        )
    },
    scores=frozenset({"churn"}),
    clusters=frozenset({"personas"}),
    purposes=frozenset({"marketing_email", "profiling"}),
)
RELATED: Final = replace(CATALOGUE, relations=frozenset({"household", "account"}))
"""The same where people live together and share accounts: rules drawn for it ask about groups."""
