"""What a project's customers and segments are worth, in the plainest figures."""

from dataclasses import dataclass
from decimal import Decimal

import ibis

from habitue.records import Kind
from habitue.run.workspace import Workspace
from habitue.segments.memberships import MEMBERSHIPS
from habitue.segments.shipped import ORDERS, REVENUE

REFUNDS = "Order Refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A project in a few figures, over all time.

    Attributes:
        customers: Everybody with at least one order; everybody known where there are no orders to speak of.
        known: Everybody known, by whatever they did.
        orders: Orders; None likewise.
        revenue: What the orders add up to, exact; None where orders carry no amount of money.
        refunds: Refunds and cancellations; None where there are none to speak of.
        events: Events of all kinds, visits included.
    """

    customers: int
    known: int
    orders: int | None
    revenue: Decimal | None
    refunds: int | None
    events: int


def project_figures(workspace: Workspace) -> Figures:
    """The project's figures.

    Raises:
        NotBuiltError: Nothing was built yet.
    """
    tables, warehouse = workspace.tables(), workspace.warehouse
    orders = tables.events.get(ORDERS)
    refunds = tables.events.get(REFUNDS)
    known = customers = warehouse.count(tables.customers)
    number = revenue = None
    if orders is not None:
        row = warehouse.fetch(orders.aggregate(buyers=orders.customer_id.nunique(), orders=orders.count())).to_pylist()
        customers, number = row[0]["buyers"], row[0]["orders"]
    if orders is not None and _has_revenue(workspace):
        revenue = warehouse.fetch(orders.aggregate(revenue=orders[REVENUE].sum())).to_pylist()[0]["revenue"]
    return Figures(
        customers=customers,
        known=known,
        orders=number,
        revenue=None if revenue is None else Decimal(revenue),
        refunds=None if refunds is None else warehouse.count(refunds),
        events=sum(warehouse.count(table) for table in tables.events.values()),
    )


def revenue_shares(workspace: Workspace) -> dict[str, float]:
    """The share of all revenue that each segment's present members brought, 0 to 1; empty without revenue.

    Raises:
        NotBuiltError: Nothing was built yet.
    """
    tables, warehouse = workspace.tables(), workspace.warehouse
    if not _has_revenue(workspace) or MEMBERSHIPS not in warehouse.tables():
        return {}
    orders = tables.events[ORDERS]
    spent = orders.group_by("customer_id").aggregate(spent=orders[REVENUE].sum().cast("float64"))
    inside = warehouse.table(MEMBERSHIPS)
    inside = inside.filter(inside.left_at.isnull()).select("segment", "customer_id")
    by_segment = inside.join(spent, "customer_id").group_by("segment").aggregate(spent=ibis._.spent.sum())
    total = warehouse.fetch(spent.aggregate(spent=spent.spent.sum())).to_pylist()[0]["spent"]
    if not total:
        return {}
    return {row["segment"]: row["spent"] / total for row in warehouse.fetch(by_segment).to_pylist()}


def _has_revenue(workspace: Workspace) -> bool:
    shape = workspace.project.catalogue.events.get(ORDERS)
    kind = shape.kind_of(REVENUE) if shape else None
    return kind in (Kind.MONEY, Kind.NUMBER, Kind.INTEGER)
