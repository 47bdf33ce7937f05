"""Shop events that are sent as GA4 names them where contracts say it as Segment does, and the other way round."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from habitue.sources.spec import MAX_CHILDREN
from habitue.streams.commerce_names import (
    ga4_item_parameters,
    ga4_name,
    ga4_parameters,
    is_about_one_product,
    segment_item_properties,
    segment_name,
    segment_properties,
)

Object = Mapping[str, object]
_ITEMS: Final = "items"


class Translation(NamedTuple):
    """How the properties of an event are written by its sender.

    Attributes:
        spellings: The sender's name of each property that is called something else.
        entries: The same of the entries of its list of products.
        others: Further names of properties: a contract of a GA4 event may say `product_id`, since `item_id` is taken.
        other_entries: The same of the entries.
        unpacks: Whether the sender has a list of items where the contract is about one product.
        packs: Whether it is the other way round.
        taken: Names of the sender's that mean something else than a property of that name.
    """

    spellings: Mapping[str, str]
    entries: Mapping[str, str]
    unpacks: bool = False
    packs: bool = False
    taken: frozenset[str] = frozenset()
    others: Mapping[str, str] = {}
    other_entries: Mapping[str, str] = {}

    @property
    def is_plain(self) -> bool:
        """Whether each message is one event, read as it is."""
        return not self.unpacks and not self.packs

    def objects(self, properties: Object) -> Sequence[Object]:
        """What each event that a message becomes is read from: several where items were sent together."""
        if self.packs and _ITEMS not in properties:
            return ({**properties, _ITEMS: [dict(properties)]},)
        items = properties.get(_ITEMS) if self.unpacks else None
        if not isinstance(items, list) or not items:
            return (properties,)
        around = {key: value for key, value in properties.items() if key != _ITEMS}
        return [{**around, **(item if isinstance(item, dict) else {_ITEMS: item})} for item in items[:MAX_CHILDREN]]


def translation(sent: str, event: str) -> Translation:
    """How a message of one name becomes an event of another.

    Args:
        sent: The name that it is sent under.
        event: The name of the contract.

    Examples:
        >>> translation("purchase", "Order Completed").spellings["order_id"]
        'transaction_id'
        >>> translation("add_to_cart", "Product Added").objects({"items": [{"item_id": "1"}], "value": 2})
        [{'value': 2, 'item_id': '1'}]
    """
    if sent != event and segment_name(sent) is not None and ga4_name(event) is not None:
        unpacks = is_about_one_product(event)
        items = ga4_item_parameters()
        whole = {**items, **ga4_parameters(event)} if unpacks else ga4_parameters(event)
        return Translation(whole, items, unpacks=unpacks, taken=frozenset({_ITEMS}))
    if sent != event and ga4_name(sent) is not None and segment_name(event) is not None:
        return Translation(
            segment_properties(event), segment_item_properties(), packs=is_about_one_product(segment_name(event) or "")
        )
    own = segment_name(event)
    if own is None:
        return Translation({}, {})
    return Translation({}, {}, others=ga4_parameters(own), other_entries=ga4_item_parameters())
