"""The tables that the batch reading answers from, whichever engine holds them."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Table expressions of one engine, in the layout of the warehouse.

    Attributes:
        customers: customer_id and a column per trait; one row per customer.
        events: By event name: customer_id, occurred_at, position, the local clock, and a column per property.
        consents: customer_id, purpose, given, occurred_at, position; None where nothing was ever recorded.
        scores: customer_id, model, score, decile, low, high; one row per customer and model; None without models.
        clusters: customer_id, clustering, label; one row per customer and clustering; None without clusters.
        relations: relation, customer_id, group_id; at most one row per customer and relation; None without relations.
    """

    customers: ir.Table
    events: Mapping[str, ir.Table]
    consents: ir.Table | None = None
    scores: ir.Table | None = None
    clusters: ir.Table | None = None
    relations: ir.Table | None = None
