"""What logs, page views, tracking calls, payments, reviews, campaigns and coupons become."""

import re
from collections.abc import Iterable
from dataclasses import replace

from habitue.records import Kind, event_table
from habitue.sources.guess_plans import (
    EventPlan,
    Property,
    SubjectPlan,
    TablePlan,
    both,
    free_name,
    one_of,
    property_of,
)
from habitue.sources.guess_purchases import TRAITS
from habitue.sources.guess_values import ColumnGuess, ColumnRole, TableRole

R = ColumnRole
_MOST_PAGES = 12
_MOST_EVENTS = 60
_STRUCTURE = (R.CUSTOMER, R.ACCOUNT, R.ANONYMOUS, R.TIME, R.OTHER_TIME, R.EVENT_NAME, R.MESSAGE_TYPE, R.EVENT_ID)
_SINGLE = {
    TableRole.PAYMENTS: ("Payment Made", "A payment for an order"),
    TableRole.REVIEWS: ("Review Submitted", "A review with a score"),
    TableRole.CAMPAIGNS: ("Campaign Sent", "A campaign reached a customer"),
    TableRole.REDEMPTIONS: ("Coupon Redeemed", "A coupon was used"),
}
_SINGLE_NAMES = {R.SCORE: "score", R.PAYMENT_TYPE: "payment_type", R.AMOUNT: "value"}
_KNOWN_NAMES = (
    "Products Searched",
    "Product List Viewed",
    "Product List Filtered",
    "Promotion Viewed",
    "Promotion Clicked",
    "Product Clicked",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
    "Checkout Step Viewed",
    "Checkout Step Completed",
    "Payment Info Entered",
    "Order Completed",
    "Order Updated",
    "Order Refunded",
    "Order Cancelled",
    "Coupon Entered",
    "Coupon Applied",
    "Coupon Denied",
    "Coupon Removed",
    "Product Added to Wishlist",
    "Product Removed from Wishlist",
    "Product Shared",
    "Cart Shared",
    "Product Reviewed",
    "Email Delivered",
    "Email Opened",
    "Email Link Clicked",
    "Email Bounced",
    "Unsubscribed",
)
_OTHER_NAMES = {
    "page_view": "Page Viewed",
    "pageview": "Page Viewed",
    "view": "Product Viewed",
    "view_item": "Product Viewed",
    "view_item_list": "Product List Viewed",
    "select_item": "Product Clicked",
    "add_to_cart": "Product Added",
    "cart": "Product Added",
    "addtocart": "Product Added",
    "remove_from_cart": "Product Removed",
    "view_cart": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "add_payment_info": "Payment Info Entered",
    "add_to_wishlist": "Product Added to Wishlist",
    "purchase": "Order Completed",
    "transaction": "Order Completed",
    "order_placed": "Order Completed",
    "refund": "Order Refunded",
    "search": "Products Searched",
    "view_promotion": "Promotion Viewed",
    "select_promotion": "Promotion Clicked",
    "email_open": "Email Opened",
    "email_click": "Email Link Clicked",
    "email_clicked": "Email Link Clicked",
    "open": "Email Opened",
    "unsubscribe": "Unsubscribed",
}


def plan_actions(plan: TablePlan) -> TablePlan:
    """What a table of things customers did becomes, by its role."""
    makers = {
        TableRole.PAGES: _pages,
        TableRole.EVENTS: _log,
        TableRole.MESSAGES: _messages,
    }
    maker = makers.get(plan.table.role, _single)
    found = _with_line_revenue(maker(plan))
    return replace(found, required=_required(found))


def event_name(raw: str) -> str:
    """The project's name for an event of a log: the usual one where there is one.

    Examples:
        >>> event_name("add_to_cart"), event_name("order completed"), event_name("newsletter_signup")
        ('Product Added', 'Order Completed', 'Newsletter Signup')
    """
    slug = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", raw.strip().lstrip("$")).lower()).strip("_")
    known = {each.lower().replace(" ", "_"): each for each in _KNOWN_NAMES}
    if slug in known or slug in _OTHER_NAMES:
        return known.get(slug) or _OTHER_NAMES[slug]
    plain = re.sub(r"[\"'\s]+", " ", "".join(each if each.isprintable() else " " for each in raw)).strip()
    titled = " ".join(word.capitalize() for word in slug.split("_")) or "Something Done"
    return (plain if " " in plain else titled)[:100].strip()


def page_event(page: str) -> str:
    """The event of seeing one page of a funnel.

    Examples:
        >>> page_event("home_page"), page_event("checkout")
        ('Home Page Viewed', 'Checkout Page Viewed')
    """
    words = [word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", page) if word]
    return " ".join([*words, *([] if words and words[-1] == "Page" else ["Page"]), "Viewed"])


def _single(plan: TablePlan) -> TablePlan:
    """A table whose rows are all one kind of event."""
    event, label = _SINGLE[plan.table.role]
    properties = [replace(p, name=_SINGLE_NAMES.get(p.role, p.name)) for p in _properties(plan.fields)]
    made = EventPlan(event=event, label=label, time=_time(plan), properties=_distinct(properties))
    return replace(plan, events=(made,))


def _pages(plan: TablePlan) -> TablePlan:
    """Page views: an event for each page of a small funnel, else one event for all pages."""
    page = plan.first(R.PAGE)
    properties = _distinct(_properties(plan.fields))
    values = sorted(page.facts.counts, key=lambda each: _first_seen(plan, page, each)) if page else []
    if page is None or len(values) > _MOST_PAGES or any("/" in each for each in values):
        made = EventPlan(event="Page Viewed", label="A page was seen", time=_time(plan), properties=properties)
        return _with_traits(replace(plan, events=(made,)))
    events = [
        EventPlan(
            event=page_event(value),
            label=f"The page {value} was seen",
            when=one_of(page.field, [value]) if len(values) > 1 else "",
            time=_time(plan),
            properties=properties,
        )
        for value in values
    ]
    return _with_traits(replace(plan, events=tuple(events)))


def _first_seen(plan: TablePlan, page: ColumnGuess, value: str) -> int:
    """The place of the first row with a page, so that a funnel keeps its order."""
    return plan.table.table.cells(page.column).index(value)


def _log(plan: TablePlan) -> TablePlan:
    """A log: one event per name in it; a log without names is one event named after its file."""
    column = plan.table.first(R.EVENT_NAME)
    if column is None:
        words = [each.capitalize() for each in plan.name.split("_") if each]
        label = f"A row of {plan.table.table.stem}"
        name = " ".join([*words, "Recorded"])
        made = EventPlan(event=name, label=label, time=_time(plan), properties=_distinct(_properties(plan.fields)))
        return _with_traits(replace(plan, events=(made,)))
    field = next(each.field for each in plan.own if each.column == column.column)
    return _with_traits(replace(plan, events=tuple(_named_events(plan, column, field, ""))))


def _named_events(plan: TablePlan, column: ColumnGuess, field: str, condition: str) -> list[EventPlan]:
    """One event per project name of the names in a column, each with the properties its rows fill."""
    names: dict[str, list[str]] = {}
    spelled: dict[str, str] = {}
    common = sorted(column.facts.counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_EVENTS]
    for raw, _ in common:
        name = event_name(raw)
        names.setdefault(spelled.setdefault(event_table(name), name), []).append(raw)
    return [
        EventPlan(
            event=name,
            label=f"{name}, as the log has it",
            when=both(condition, one_of(field, sorted(raws))),
            time=_time(plan),
            properties=_event_properties(plan, name, _filled(plan, column, set(raws))),
            explodes=_exploded(plan, column, set(raws)),
        )
        for name, raws in names.items()
    ]


def _event_properties(plan: TablePlan, name: str, filled: set[str]) -> tuple[Property, ...]:
    """What one kind of event of a log carries; what an order brought is called revenue."""
    columns = [each for each in plan.own if each.column in filled]
    properties = _properties(columns)
    if not name.startswith("Order ") or any(each.name == "revenue" for each in properties):
        return _distinct(properties)
    amount = next((each for each in properties if each.role is R.AMOUNT), None)
    if amount:
        return _distinct(replace(each, name="revenue") if each is amount else each for each in properties)
    price, quantity = (next((each for each in columns if each.role is role), None) for role in (R.PRICE, R.QUANTITY))
    if price is None:
        return _distinct(properties)
    source = "line_revenue" if quantity else price.field
    exact = price.kind is Kind.MONEY and (quantity is None or quantity.kind is Kind.INTEGER)
    kind = Kind.MONEY if exact else Kind.NUMBER
    return _distinct([Property(name="revenue", source=source, kind=kind, role=R.AMOUNT), *properties])


def _with_line_revenue(plan: TablePlan) -> TablePlan:
    """The plan with price times quantity as a field, where an event asks for it."""
    asked = any(each.source == "line_revenue" for event in plan.events for each in event.properties)
    price, quantity = plan.first(R.PRICE), plan.first(R.QUANTITY)
    if not asked or price is None or quantity is None:
        return plan
    return replace(plan, derive=(("line_revenue", f"{quantity.field} * {price.field}"),))


def _filled(plan: TablePlan, column: ColumnGuess, names: set[str]) -> set[str]:
    """The raw columns that rows of some events fill."""
    table = plan.table.table
    place = table.columns.index(column.column)
    rows = [row for row in table.rows if (row[place] or "").strip() in names]
    return {raw for index, raw in enumerate(table.columns) if any((row[index] or "").strip() for row in rows)}


def _exploded(plan: TablePlan, column: ColumnGuess, names: set[str]) -> tuple[str, str]:
    """The list of products that an event carries and the event that each becomes; empty when it carries none."""
    filled = _filled(plan, column, names)
    found = [each for each in plan.own if each.column in filled and each.field == "products"]
    is_order = any(event_name(each) == "Order Completed" for each in names)
    return ("products", "Product Ordered") if found and is_order else ("", "")


def _messages(plan: TablePlan) -> TablePlan:
    """Tracking calls: tracks by their names, pages, screens, and the traits of identify calls."""
    kind, name = plan.table.first(R.MESSAGE_TYPE), plan.table.first(R.EVENT_NAME)
    if kind is None:
        return _log(plan)
    field = next(each.field for each in plan.own if each.column == kind.column)
    events: list[EventPlan] = []
    raws = {raw.lower(): raw for raw in kind.facts.counts}
    if name and "track" in raws:
        own = next(each.field for each in plan.own if each.column == name.column)
        events.extend(_named_events(plan, name, own, one_of(field, [raws["track"]])))
    for raw, event, label in (("page", "Page Viewed", "A page was seen"), ("screen", "Screen Viewed", "A screen")):
        if raw in raws:
            filled = _filled(plan, kind, {raws[raw]})
            columns = [each for each in plan.own if each.column in filled]
            when, found = one_of(field, [raws[raw]]), _distinct(_properties(columns))
            events.append(EventPlan(event=event, label=label, when=when, time=_time(plan), properties=found))
    plan = replace(plan, events=tuple(events))
    if "identify" not in raws:
        return plan
    traits = [each for each in plan.own if each.column.startswith(("traits.", "context.traits."))]
    return _with_traits(plan, traits=traits, when=one_of(field, [raws["identify"]]))


def _with_traits(plan: TablePlan, *, traits: list[ColumnGuess] | None = None, when: str = "") -> TablePlan:
    """The plan with what its rows say about customers."""
    customer = plan.first(R.CUSTOMER)
    found = [each for each in plan.own if each.role in TRAITS] if traits is None else traits
    if customer is None or not found:
        return plan
    properties = tuple(property_of(each, name=free_name(each.field)) for each in found)
    customers = SubjectPlan(key=customer.field, when=when, as_of=_time(plan), properties=properties)
    return replace(plan, customers=customers)


def _properties(columns: Iterable[ColumnGuess]) -> list[Property]:
    """The properties that fields of an event become."""
    kept = [each for each in columns if each.role not in (*_STRUCTURE, *TRAITS) and not _is_trait(each)]
    return [property_of(each, name=free_name(each.field)) for each in kept if each.field != "products"]


def _is_trait(column: ColumnGuess) -> bool:
    """Whether a nested column belongs to the customer, not to the event."""
    return column.column.startswith(("traits.", "context.traits."))


def _distinct(properties: Iterable[Property]) -> tuple[Property, ...]:
    """The properties without a second one of a name."""
    found: dict[str, Property] = {}
    for each in properties:
        found.setdefault(each.name, each)
    return tuple(found.values())


def _required(plan: TablePlan) -> frozenset[str]:
    """The fields without which a row cannot be placed."""
    found = (plan.first(role) for role in (R.CUSTOMER, R.TIME))
    return frozenset(each.field for each in found if each)


def _time(plan: TablePlan) -> str:
    """The field that says when."""
    time = plan.first(R.TIME)
    return time.field if time else ""
