"""What orders and order lines become: orders done, sent back and called off, their lines, customers and items."""

from collections.abc import Sequence
from dataclasses import replace

from habitue.records import Kind
from habitue.sources.guess_plans import (
    EventPlan,
    Property,
    SubjectPlan,
    TablePlan,
    both,
    either,
    free_name,
    property_of,
)
from habitue.sources.guess_returns import Outcome, read_outcome
from habitue.sources.guess_values import ColumnGuess, ColumnRole

R = ColumnRole
TRAITS = (
    R.COUNTRY,
    R.REGION,
    R.CITY,
    R.POSTCODE,
    R.ADDRESS,
    R.EMAIL,
    R.PHONE,
    R.PERSON_NAME,
    R.GENDER,
    R.BIRTH_DATE,
)
_ORDER_WORDS = (R.STORE, R.STATUS, R.PAYMENT_TYPE, R.COUPON, R.CURRENCY, R.DEVICE, R.CAMPAIGN)
_LINE_WORDS = (R.CATEGORY, R.BRAND, R.FLAG, R.NUMBER, R.TEXT, R.SCORE)
_ITEM_WORDS = (R.DESCRIPTION, R.CATEGORY, R.BRAND)


def plan_lines(plan: TablePlan, *, makes_orders: bool, makes_cancelled: bool, describes_items: bool) -> TablePlan:
    """What a table of order lines becomes.

    Args:
        plan: The table with its fields.
        makes_orders: The orders themselves are made of their lines, for want of a table of orders with amounts.
        makes_cancelled: No table of orders says which were called off.
        describes_items: No other table describes the items.
    """
    outcome = read_outcome(plan)
    plan, revenue = _with_revenue(plan)
    plan, discount = _with_discount(plan)
    when, line = outcome.bought, _line_properties(plan, revenue, discount)
    time, events = _time(plan), []
    if plan.first(R.ITEM):
        event = EventPlan(event="Product Ordered", label="A line of an order", when=when, time=time, properties=line)
        events.append(event)
    if makes_orders:
        found = _orders_of_lines(plan, outcome, revenue, discount)
        events.extend(each for each in found if makes_cancelled or each.event != "Order Cancelled")
    items = _items(plan, when) if describes_items else None
    customers = _customers(plan, outcome.meant if makes_orders else when)
    table = replace(plan.table, cancellation=outcome.marks)
    required = _required(plan)
    return replace(plan, table=table, required=required, events=tuple(events), customers=customers, items=items)


def plan_orders(plan: TablePlan, *, makes_orders: bool) -> TablePlan:
    """What a table with one row per order becomes.

    Args:
        plan: The table with its fields.
        makes_orders: False when another table's lines make the orders, with their amounts; then only what this table
            alone knows is made of it.
    """
    outcome = read_outcome(plan)
    marks, time = outcome.marks, _time(plan)
    plan, discount = _with_discount(plan)
    amount = plan.first(R.AMOUNT, R.PRICE)
    properties = _order_properties(plan, amount, discount)
    events = []
    if makes_orders:
        events.append(_completed(outcome.bought, time, properties))
        if marks.refund:
            refund = [each for each in properties if each.name in ("order_id", "revenue", "items")]
            events.append(_refunded(marks.refund, time, tuple(_signed(each) for each in refund)))
    if marks.cancel:
        events.append(_cancelled(marks.cancel, time, properties if makes_orders else _known_of_order(plan)))
    events.extend(_delivered(plan))
    table = replace(plan.table, cancellation=marks)
    customers = _customers(plan, either(outcome.meant, marks.cancel))
    return replace(plan, table=table, required=_required(plan), events=tuple(events), customers=customers)


def _orders_of_lines(
    plan: TablePlan, outcome: Outcome, revenue: Property | None, discount: Property | None
) -> list[EventPlan]:
    """The orders, refunds and cancellations that lines with the same order number make."""
    order, time, marks = plan.first(R.ORDER), _time(plan), outcome.marks
    per = order.field if order else ""
    whole = _grouped(plan, revenue, discount, grouped=bool(order))
    events = [_completed(outcome.bought, time, whole, per)]
    back = tuple(_signed(each) for each in whole if each.name in ("order_id", "revenue", "items", "lines"))
    if marks.refund:
        events.append(_refunded(marks.refund, time, back, per))
    if marks.cancel:
        events.append(_cancelled(marks.cancel, time, whole, per))
    return events


def _completed(when: str, time: str, properties: Sequence[Property], per: str = "") -> EventPlan:
    """An order that was done."""
    return EventPlan(
        event="Order Completed", label="An order", when=when, per=per, time=time, properties=tuple(properties)
    )


def _refunded(when: str, time: str, properties: Sequence[Property], per: str = "") -> EventPlan:
    """What came back; figures as the file has them, so usually below zero."""
    label = "A return or refund; its figures are negative"
    return EventPlan(event="Order Refunded", label=label, when=when, per=per, time=time, properties=tuple(properties))


def _cancelled(when: str, time: str, properties: Sequence[Property], per: str = "") -> EventPlan:
    """An order that came to nothing."""
    label = "An order that was called off"
    return EventPlan(event="Order Cancelled", label=label, when=when, per=per, time=time, properties=tuple(properties))


def _delivered(plan: TablePlan) -> list[EventPlan]:
    """Deliveries, where a table of orders says when they arrived."""
    times = [each for each in plan.own if each.role is R.OTHER_TIME and each.kind is Kind.TIME]
    for each in times:
        slug = each.column.lower()
        if "delivered" in slug and not any(word in slug for word in ("carrier", "estimat", "expect")):
            when, known = f"exists({each.field})", tuple(_known_of_order(plan))
            label = "An order arrived"
            event = EventPlan(event="Order Delivered", label=label, when=when, time=each.field, properties=known)
            return [event]
    return []


def _known_of_order(plan: TablePlan) -> tuple[Property, ...]:
    """The number and the words of an order."""
    order = plan.first(R.ORDER)
    head = [property_of(order, required=True)] if order else []
    return (*head, *(property_of(each, name=free_name(each.field)) for each in plan.all(*_ORDER_WORDS)))


def _order_properties(plan: TablePlan, amount: ColumnGuess | None, discount: Property | None) -> tuple[Property, ...]:
    """What an order carries when it has a row of its own."""
    known, quantity = list(_known_of_order(plan)), plan.first(R.QUANTITY)
    place = 1 if plan.first(R.ORDER) else 0
    figures = []
    if amount:
        figures.append(replace(property_of(amount, name="revenue", required=True), never_negative=True))
    if quantity:
        figures.append(property_of(quantity, name="items"))
    if discount:
        figures.append(discount)
    figures.extend(property_of(each, name=free_name(each.field)) for each in plan.all(R.SHIPPING, R.TAX))
    others = [each for each in plan.own if each.role in (*_LINE_WORDS, R.ITEM, R.DESCRIPTION)]
    known[place:place] = figures
    return (*known, *(property_of(each, name=free_name(each.field)) for each in others))


def _grouped(
    plan: TablePlan, revenue: Property | None, discount: Property | None, *, grouped: bool
) -> tuple[Property, ...]:
    """What an order carries when it is made of lines; of a single line when they have no order number."""
    order, quantity = plan.first(R.ORDER), plan.first(R.QUANTITY)

    def of(prop: Property, figure: str) -> Property:
        return replace(prop, source=f"{figure}({prop.source})") if grouped else prop

    found = [property_of(order, required=True)] if order else []
    if revenue:
        found.append(replace(of(revenue, "sum"), never_negative=True))
    if quantity:
        found.append(of(property_of(quantity, name="items"), "sum"))
    elif grouped:
        found.append(Property(name="items", source="count()", kind=Kind.INTEGER, role=R.QUANTITY))
    if grouped:
        found.append(Property(name="lines", source="count()", kind=Kind.INTEGER, role=R.NUMBER))
    if discount:
        found.append(of(discount, "sum"))
    sums = plan.all(R.SHIPPING, R.TAX)
    found.extend(of(property_of(each, name=free_name(each.field)), "sum") for each in sums)
    words = plan.all(*_ORDER_WORDS)
    found.extend(of(property_of(each, name=free_name(each.field)), "first") for each in words)
    return tuple(found)


def _signed(prop: Property) -> Property:
    """The property without a promise about its sign."""
    return replace(prop, never_negative=False)


def _line_properties(plan: TablePlan, revenue: Property | None, discount: Property | None) -> tuple[Property, ...]:
    """What a line of an order carries."""
    order, item = plan.first(R.ORDER), plan.first(R.ITEM)
    found = [property_of(each, required=each is order) for each in (order, item) if each]
    found += [property_of(each) for each in (plan.first(R.QUANTITY), plan.first(R.PRICE)) if each]
    found += [each for each in (revenue, discount) if each]
    words = [each for each in plan.fields if each.role in (*_LINE_WORDS, R.SHIPPING, R.TAX)]
    return (*found, *(property_of(each, name=free_name(each.field)) for each in words))


def _with_revenue(plan: TablePlan) -> tuple[TablePlan, Property | None]:
    """The plan with the income of a line as a field, and that income; None when there are no figures."""
    amount, price, quantity = (plan.table.first(role) for role in (R.AMOUNT, R.PRICE, R.QUANTITY))
    fields = {each.column: each for each in plan.own}
    if amount:
        return plan, property_of(fields[amount.column], name="revenue", required=True)
    if price and quantity:
        text = f"{fields[quantity.column].field} * {fields[price.column].field}"
        exact = fields[price.column].kind is Kind.MONEY and fields[quantity.column].kind is Kind.INTEGER
        kind = Kind.MONEY if exact else Kind.NUMBER
        found = Property(name="revenue", source="line_revenue", kind=kind, role=R.AMOUNT, required=True)
        return replace(plan, derive=(*plan.derive, ("line_revenue", text))), found
    return plan, property_of(fields[price.column], name="revenue", required=True) if price else None


def _with_discount(plan: TablePlan) -> tuple[TablePlan, Property | None]:
    """The plan with all discounts of a row as one field; None when there are none."""
    found = [each for each in plan.all(R.DISCOUNT) if each.kind is Kind.MONEY]
    if not found:
        return plan, None
    minus = "-" if all(each.facts.negatives > 0.5 * (1 - each.facts.zeros) for each in found) else ""
    if len(found) == 1 and not minus:
        return plan, property_of(found[0], name="discount")
    terms = " + ".join(f"default({each.field}, 0)" for each in found)
    text = f"-({terms})" if minus else terms
    derive = (*plan.derive, ("line_discount", text))
    return replace(plan, derive=derive), Property(
        name="discount", source="line_discount", kind=Kind.MONEY, role=R.DISCOUNT
    )


def _items(plan: TablePlan, when: str) -> SubjectPlan | None:
    """What lines say about their items."""
    item = plan.first(R.ITEM)
    words = [each for each in plan.own if each.role in _ITEM_WORDS]
    if item is None or not words:
        return None
    attributes = tuple(property_of(each, name=free_name(each.field)) for each in words)
    return SubjectPlan(key=item.field, when=when, as_of=_time(plan), properties=attributes)


def _customers(plan: TablePlan, when: str) -> SubjectPlan | None:
    """What purchases say about their customers."""
    customer = plan.first(R.CUSTOMER)
    words = [each for each in plan.own if each.role in TRAITS]
    if customer is None or not words:
        return None
    traits = tuple(property_of(each, name=free_name(each.field)) for each in words)
    return SubjectPlan(key=customer.field, when=both(when), as_of=_time(plan), properties=traits)


def _required(plan: TablePlan) -> frozenset[str]:
    """The fields without which a row cannot be placed."""
    found = (plan.first(role) for role in (R.CUSTOMER, R.TIME, R.ORDER))
    return frozenset(each.field for each in found if each)


def _time(plan: TablePlan) -> str:
    """The field that says when."""
    time = plan.first(R.TIME)
    return time.field if time else ""
