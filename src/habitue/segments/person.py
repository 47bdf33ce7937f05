"""One customer as a rule sees them, read from the warehouse."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.rules import Catalogue, Node
from habitue.rules.history import Consent, Happening, History, Value, history_of
from habitue.rules.nodes import Aggregate, Followed, Regularly, Sequence, Stopped
from habitue.rules.tables import Tables
from habitue.rules.walking import walk


def events_in(node: Node) -> frozenset[str]:
    """The names of the events that an inlined rule looks at."""
    found: set[str] = set()
    for part in walk(node):
        match part:
            case Sequence():
                found.update(part.events)
            case Followed():
                found.update((part.event, part.by))
            case Aggregate() | Regularly() | Stopped():
                found.add(part.event)
    return frozenset(found)


def read_person(
    customer: str,
    events: Iterable[str],
    *,
    tables: Tables,
    catalogue: Catalogue,
    warehouse: Warehouse,
    until: Mapping[str, datetime],
) -> History:
    """A customer's events of some names, with traits, scores, clusters and consents.

    Cost: one scan of each event table's customer column.

    Args:
        customer: Internal id.
        events: Names of events.
        tables: Where they are.
        catalogue: The project's names.
        warehouse: Holds the tables.
        until: For each event name the last instant whose events are read.
    """
    happenings: dict[str, list[Happening]] = {}
    for name in sorted(events):
        table = tables.events[name]
        limit = until[name].astimezone(UTC).replace(tzinfo=None)
        mine = table.filter(table.customer_id == customer, table.occurred_at <= limit)
        kinds = {key: catalogue.events[name].kind_of(key) for key in table.columns}
        happenings[name] = [_happening(row, kinds) for row in warehouse.fetch(mine).to_pylist()]
    return history_of(
        customer,
        events=happenings,
        traits=_traits(customer, tables, warehouse),
        scores=_scores(customer, tables.scores, warehouse),
        clusters=_labels(customer, tables.clusters, warehouse),
        consents=_consents(customer, tables.consents, warehouse),
    )


def _happening(row: Mapping[str, object], kinds: Mapping[str, Kind | None]) -> Happening:
    values = {name: _value(row[name]) for name, kind in kinds.items() if kind is not None}
    occurred_at, position = row["occurred_at"], row["position"]
    if not isinstance(occurred_at, datetime) or not isinstance(position, int):
        raise TypeError("an event table without times or positions")
    return Happening(
        occurred_at=occurred_at.replace(tzinfo=UTC),
        position=position,
        properties=values,
        event_id=str(row.get("event_id") or ""),
    )


def _value(value: object) -> Value | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if value is None or isinstance(value, bool | int | float | Decimal | str):
        return value
    raise TypeError(type(value))


def _rows(customer: str, table: ir.Table | None, warehouse: Warehouse) -> list[dict[str, object]]:
    if table is None:
        return []
    rows: list[dict[str, object]] = warehouse.fetch(table.filter(table.customer_id == customer)).to_pylist()
    return rows


def _traits(customer: str, tables: Tables, warehouse: Warehouse) -> dict[str, Value | None]:
    rows = _rows(customer, tables.customers, warehouse)
    return {name: _value(value) for name, value in rows[0].items() if name != "customer_id"} if rows else {}


def _scores(customer: str, table: ir.Table | None, warehouse: Warehouse) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for row in _rows(customer, table, warehouse):
        found[str(row["model"])] = _value(row["score"])
        found.update({f"{row['model']}.{part}": _value(row[part]) for part in ("decile", "low", "high")})
    return found


def _labels(customer: str, table: ir.Table | None, warehouse: Warehouse) -> dict[str, Value | None]:
    return {str(row["clustering"]): _value(row["label"]) for row in _rows(customer, table, warehouse)}


def _consents(customer: str, table: ir.Table | None, warehouse: Warehouse) -> list[Consent]:
    found = []
    for row in _rows(customer, table, warehouse):
        occurred_at, position = row["occurred_at"], row["position"]
        if isinstance(occurred_at, datetime) and isinstance(position, int):
            at = occurred_at.replace(tzinfo=UTC)
            entry = Consent(purpose=str(row["purpose"]), given=row["given"] is True, occurred_at=at, position=position)
            found.append(entry)
    return found
