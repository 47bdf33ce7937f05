"""What lists of customers and of items become."""

from dataclasses import replace

from habitue.sources.guess_plans import SubjectPlan, TablePlan, free_name, property_of
from habitue.sources.guess_values import ColumnRole

R = ColumnRole
_NO_TRAITS = (R.CUSTOMER, R.ACCOUNT, R.ANONYMOUS, R.EVENT_ID, R.ROW_NUMBER, R.EMPTY)


def plan_people(plan: TablePlan) -> TablePlan:
    """Customers with every other column as a trait."""
    customer, time = plan.first(R.CUSTOMER), plan.first(R.TIME)
    if customer is None:
        return plan
    kept = [each for each in plan.own if each.role not in _NO_TRAITS]
    traits = tuple(property_of(each, name=free_name(each.field)) for each in kept)
    # An address that is the customer's id is a trait too, or nobody could be written to.
    if customer.facts.emails >= 0.5:
        traits = (property_of(customer, name="email"), *(each for each in traits if each.name != "email"))
    customers = SubjectPlan(key=customer.field, as_of=time.field if time else "", properties=traits)
    return replace(plan, required=frozenset({customer.field}), customers=customers)


def plan_items(plan: TablePlan) -> TablePlan:
    """Items with every other column as an attribute."""
    item = plan.first(R.ITEM)
    if item is None:
        return plan
    kept = [each for each in plan.fields if each.role not in (R.ITEM, R.ROW_NUMBER, R.EMPTY)]
    attributes = tuple(property_of(each, name=free_name(each.field)) for each in kept)
    items = SubjectPlan(key=item.field, properties=attributes)
    return replace(plan, required=frozenset({item.field}), items=items)
