"""What metrics are parted by: properties of events, traits, segments and clusters of customers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError, did_you_mean
from habitue.records import Kind
from habitue.rules import Catalogue
from habitue.rules.tables import Tables

IN, OUT = "in", "not in"
"""The two groups that a segment parts customers into."""
MOST_DIMENSIONS: Final = 3
_GROUPED: Final = frozenset({Kind.TEXT, Kind.BOOLEAN, Kind.INTEGER})
_SPACES: Final = ("trait", "segment", "cluster")


class DimensionError(HabitueError):
    """A metric cannot be parted by what was asked."""

    code = "DIMENSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One thing that a metric is parted by.

    Attributes:
        text: As it was asked: `country`, `trait.city`, `segment.champions`, `cluster.style`.
        space: `trait`, `segment` or `cluster`; empty for a property of the event.
        name: Its name there.
    """

    text: str
    space: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What figures are reckoned from.

    Attributes:
        catalogue: The project's names.
        tables: Where the answers come from.
        members: Who is in which segment as of the last build: segment, customer_id; None before the first.
        people: The customers that may count, as customer_id; None for all that events are known of.
    """

    catalogue: Catalogue
    tables: Tables
    members: ir.Table | None = None
    people: ir.Table | None = None


def read_dimensions(asked: Sequence[str], catalogue: Catalogue, events: Iterable[str]) -> tuple[Dimension, ...]:
    """The dimensions of texts.

    Args:
        asked: As somebody wrote them.
        catalogue: The project's names.
        events: The events that the metric is about; a property has to be one of each of them.

    Raises:
        DimensionError: One is unknown, twice, or none that groups; or there are too many.
    """
    if len(asked) > MOST_DIMENSIONS:
        what = f"A metric is parted by at most {MOST_DIMENSIONS} dimensions."
        raise DimensionError(what=what, do="Leave some out.")
    if len(set(asked)) < len(asked):
        raise DimensionError(what="A dimension stands there twice.", do="Name each once.")
    return tuple(_read(text, catalogue, list(events)) for text in asked)


def _read(text: str, catalogue: Catalogue, events: Sequence[str]) -> Dimension:
    space, _, name = text.rpartition(".")
    known = dimensions_of(catalogue, events)
    if text not in known:
        near = did_you_mean(text, known)
        do = f"Did you mean {near!r}?" if near else f"It can be parted by: {', '.join(known) or 'nothing'}."
        raise DimensionError(what=f"This cannot be parted by {text[:60]!r}.", do=do)
    return Dimension(text=text, space=space, name=name)


def dimensions_of(catalogue: Catalogue, events: Iterable[str]) -> list[str]:
    """Everything that figures about some events can be parted by, sorted; without events, what people are parted by."""
    shared: Mapping[str, Kind] | None = None
    for event in dict.fromkeys(events):
        mine = {name: kind for name, kind in catalogue.events[event].properties.items() if kind in _GROUPED}
        shared = mine if shared is None else {name: kind for name, kind in mine.items() if name in shared}
    found = list(shared or ())
    found += [f"trait.{name}" for name, kind in catalogue.traits.items() if kind in _GROUPED]
    found += [f"segment.{name}" for name in catalogue.segments]
    found += [f"cluster.{name}" for name in catalogue.clusters]
    return sorted(found)


def with_groups(rows: ir.Table, dimensions: Sequence[Dimension], grounds: Grounds) -> ir.Table:
    """Rows of customers or of their events, with a column of text per dimension: `group_0` and so on."""
    for place, each in enumerate(dimensions):
        column = f"group_{place}"
        if not each.space:
            rows = rows.mutate({column: rows[each.name].cast("string")})
            continue
        side = _side(each, grounds).rename({f"side_{column}": "customer_id"})
        rows = rows.left_join(side.rename({column: "value"}), [("customer_id", f"side_{column}")])
        rows = rows.drop(f"side_{column}")
        if each.space == "segment":
            rows = rows.mutate({column: ibis.coalesce(rows[column], OUT)})
    return rows


def _side(dimension: Dimension, grounds: Grounds) -> ir.Table:
    """customer_id and value of what a dimension says about customers, each customer at most once."""
    match dimension.space:
        case "trait":
            customers = grounds.tables.customers
            return customers.select("customer_id", value=customers[dimension.name].cast("string"))
        case "segment" if grounds.members is not None:
            inside = grounds.members.filter(grounds.members.segment == dimension.name)
            return inside.select("customer_id", value=ibis.literal(IN)).distinct()
        case "cluster" if grounds.tables.clusters is not None:
            clusters = grounds.tables.clusters.filter(grounds.tables.clusters.clustering == dimension.name)
            return clusters.select("customer_id", value=clusters.label)
    what = f"Nothing is known of {dimension.text!r} yet."
    raise DimensionError(what=what, do="Run `habitue build` first.")
