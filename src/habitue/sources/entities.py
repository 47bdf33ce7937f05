"""One row per customer and per item, out of what each source says of them.

Cost: one pass over what sources say, one over every event table for the people only seen in events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.sources.plans import SourcesProject
from habitue.sources.shapes import CUSTOMERS, ITEMS, SOURCE_CONSENTS, TableShape
from habitue.sources.tables import GIVEN, live_position


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Which of several values of a trait a customer keeps.

    Attributes:
        keep: How it is chosen; of equals the latest.
        slots: For `source_priority`: the places of sources, the most trusted first.
    """

    keep: Literal["latest", "first", "most_frequent", "longest", "source_priority"] = "latest"
    slots: Sequence[int] = ()


LATEST = Survival()


def join_items(warehouse: Warehouse, project: SourcesProject) -> int:
    """Make `items`: each attribute the latest that is not missing; the number of rows."""
    shape = project.tables.get(ITEMS) or TableShape(name=ITEMS, event="", columns=())
    rows = warehouse.table(GIVEN[ITEMS])
    return warehouse.replace(ITEMS, _joined(rows, "item_id", list(shape.stored), {}).select(*shape.stored))


def join_customers(
    warehouse: Warehouse, project: SourcesProject, *, survival: Mapping[str, Survival], without: ir.Table | None = None
) -> int:
    """Make `customers`: everybody whom a source tells of, and everybody who is in any event or consent.

    A trait is chosen as `survival` says, by default the latest that is not missing: by `as_of` where the source has
    one, and sources without one before those with; then by position.

    Args:
        warehouse: Holds what sources say, every row with the customer it is about.
        project: The tables.
        survival: How the value of a trait is chosen, by trait.
        without: Customers (`customer_id`) who are to be left out of every answer.

    Returns:
        The number of customers.
    """
    return warehouse.replace(CUSTOMERS, customers_of(warehouse, project, survival=survival, without=without))


def customers_of(
    warehouse: Warehouse,
    project: SourcesProject,
    *,
    survival: Mapping[str, Survival],
    people: ir.Table | None = None,
    without: ir.Table | None = None,
) -> ir.Table:
    """The rows of `customers` as sources and events have them; nobody who is in none of them.

    Args:
        warehouse: As for `join_customers`.
        project: The tables.
        survival: How the value of a trait is chosen, by trait.
        people: Customers (`customer_id`) who are wanted; None for everybody.
        without: Customers (`customer_id`) who are to be left out of every answer.
    """

    def of(name: str) -> ir.Table:
        rows = warehouse.table(name)
        return rows if people is None else rows.semi_join(people, "customer_id")

    shape = project.tables.get(CUSTOMERS) or TableShape(name=CUSTOMERS, event="", columns=())
    given = _joined(of(GIVEN[CUSTOMERS]), "customer_id", list(shape.stored), survival)
    names = [SOURCE_CONSENTS, *(name for name, each in project.tables.items() if each.event)]
    seen = [of(name).select("customer_id").distinct() for name in names]
    everybody = given.select("customer_id").union(*seen, distinct=True)
    if without is not None:
        everybody = everybody.anti_join(without, "customer_id")
    rows = everybody.left_join(given, "customer_id").drop("customer_id_right")
    return rows.select(*shape.stored)


def customers_now(
    warehouse: Warehouse,
    project: SourcesProject,
    *,
    survival: Mapping[str, Survival],
    cut: int | None,
    without: ir.Table | None = None,
) -> ir.Table:
    """`customers` with what live sources said since it was made, up to a position: new people, and traits said anew.

    Cost: one pass over `customers` and over what live sources said.

    Args:
        warehouse: Holds `customers` and what sources say.
        project: The tables.
        survival: How the value of a trait is chosen, by trait.
        cut: What stands at later positions is not seen; None for everything.
        without: Customers (`customer_id`) who are to be left out.
    """
    shape = project.tables.get(CUSTOMERS) or TableShape(name=CUSTOMERS, event="", columns=())
    before, said = warehouse.table(CUSTOMERS), warehouse.table(GIVEN[CUSTOMERS])
    there = set(warehouse.tables())
    names = [name for name, each in project.tables.items() if each.event and name in there]
    seen = [_live(warehouse.table(name), cut).select("customer_id").distinct() for name in names]
    told = said.semi_join(_live(said, None), "customer_id")
    given = _joined(_up_to(told, cut), "customer_id", list(shape.stored), survival)
    known = ibis.union(given.select("customer_id"), before.select("customer_id"), *seen, distinct=True)
    if without is not None:
        known = known.anti_join(without, "customer_id")
    same = before.anti_join(given, "customer_id").semi_join(known, "customer_id")
    rows = known.anti_join(same, "customer_id").left_join(given, "customer_id").drop("customer_id_right")
    return ibis.union(same.select(*shape.stored), rows.select(*shape.stored))


def _live(rows: ir.Table, cut: int | None) -> ir.Table:
    """The rows of live sources."""
    return _up_to(rows.filter(rows.position >= live_position(0)), cut)


def _up_to(rows: ir.Table, cut: int | None) -> ir.Table:
    return rows if cut is None else rows.filter(rows.position <= cut)


def _joined(rows: ir.Table, key: str, stored: Sequence[str], survival: Mapping[str, Survival]) -> ir.Table:
    columns = [column for column in stored if column != key]
    if not columns:
        return rows.select(key).distinct()
    return rows.group_by(key).agg(**{each: _surviving(rows, each, survival.get(each, LATEST)) for each in columns})


def _surviving(rows: ir.Table, column: str, how: Survival) -> ir.Value:
    value = rows[column]
    earliest = ibis.literal("0001-01-01 00:00:00").cast("timestamp(6)")
    said = {"rank": rows["habitue_rank"].fill_null(earliest), "position": rows["position"]}
    there = value.notnull()
    match how.keep:
        case "first":
            return value.argmin(ibis.struct(said), where=there)
        case "longest":
            return value.argmax(ibis.struct({"length": value.cast("string").length(), **said}), where=there)
        case "source_priority":
            places = [(rows["habitue_slot"] == slot, -place) for place, slot in enumerate(how.slots)]
            trusted = ibis.cases(*places, else_=-len(how.slots)) if places else ibis.literal(0)
            return value.argmax(ibis.struct({"trusted": trusted, **said}), where=there)
        case "most_frequent":
            times = there.sum().over(group_by=[rows["customer_id"], value])
            return value.argmax(ibis.struct({"times": times, **said}), where=there)
        case _:
            return value.argmax(ibis.struct(said), where=there)
