"""Which fields of a source say who somebody is, and therefore never reach the warehouse as they are."""

from collections.abc import Iterable, Mapping

from habitue.records import event_table
from habitue.rules.nodes import Property
from habitue.rules.walking import walk
from habitue.sources.plans import Derived
from habitue.sources.shapes import CUSTOMERS
from habitue.sources.spec import ConsentsMake, ContractSpec, CustomersMake, EventMake, ItemsMake, SourceSpec


def personal_fields(
    spec: SourceSpec, contracts: Mapping[str, ContractSpec], derived: Iterable[Derived]
) -> frozenset[str]:
    """Identifiers, what a contract calls personal, and what is computed from them.

    Args:
        spec: The source.
        contracts: By table.
        derived: Its computed fields, in the order in which they can be computed.
    """
    found = set(spec.identifiers.values())
    for make in spec.makes:
        if isinstance(make, ItemsMake):
            continue
        found.add(customer_field(make))
        found |= _contracted(make, contracts)
    for each in derived:
        if found & {node.name for node in walk(each.node) if isinstance(node, Property)}:
            found.add(each.name)
    return frozenset(found)


def customer_field(make: EventMake | CustomersMake | ConsentsMake) -> str:
    """The field that names the customer."""
    if isinstance(make, EventMake):
        return make.customer
    return make.customers if isinstance(make, CustomersMake) else make.consents


def _contracted(make: EventMake | CustomersMake | ConsentsMake, contracts: Mapping[str, ContractSpec]) -> set[str]:
    if isinstance(make, ConsentsMake):
        return set()
    table, values = (
        (CUSTOMERS, make.traits) if isinstance(make, CustomersMake) else (event_table(make.event), make.properties)
    )
    parts = contracts[table].parts if table in contracts else {}
    return {field for name, field in values.items() if name in parts and parts[name].personal}
