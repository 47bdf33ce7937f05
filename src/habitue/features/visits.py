"""Which events make up visits, and what a rule may say of a `Session`."""

from collections.abc import Iterable

from habitue.features.sessions import SESSION_EVENT
from habitue.records import Kind
from habitue.rules import EventShape

ON_SITE_EVENTS = frozenset(
    {
        "Page Viewed", "Screen Viewed", "Products Searched", "Product List Viewed", "Product List Filtered",
        "Promotion Viewed", "Promotion Clicked", "Product Clicked", "Product Viewed", "Product Added",
        "Product Removed", "Cart Viewed", "Checkout Started", "Checkout Step Viewed", "Checkout Step Completed",
    }
)  # fmt: skip
"""Events of a web site or app (Segment's e-commerce names): what visits are made of unless a project says otherwise."""

SESSION_SHAPE = EventShape(
    name=SESSION_EVENT,
    properties={
        "started_at": Kind.TIME,
        "duration_s": Kind.INTEGER,
        "pages": Kind.INTEGER,
        "events": Kind.INTEGER,
        "bounced": Kind.BOOLEAN,
        "entry": Kind.TEXT,
        "exit": Kind.TEXT,
        "channel": Kind.TEXT,
        "device": Kind.TEXT,
    },
)


def visit_events(declared: tuple[str, ...], present: Iterable[str]) -> tuple[str, ...]:
    """The events that visits of a project are made of, in order of name; none means that it has no visits.

    Examples:
        >>> visit_events((), ["Page Viewed", "Order Completed"])
        ('Page Viewed',)
    """
    wanted = frozenset(declared) or ON_SITE_EVENTS
    return tuple(sorted(each for each in present if each in wanted))
