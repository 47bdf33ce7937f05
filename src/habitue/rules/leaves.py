"""Everything a set of rules needs to know of each customer, as columns of one table.

Equal leaves of different rules are one column; all figures over one event name come from one scan.
Cost: one scan and hash aggregate per event name, a hash join per step of a sequence or followed term, a join for each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import Checker
from habitue.rules.expressions import Term, literal, typed_null
from habitue.rules.figures import Figure, event_rows, figure_value, figures_of, grouped
from habitue.rules.nodes import Aggregate, Followed, Name, Node, Regularly, Sequence
from habitue.rules.paths import followed_customers, sequence_customers
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.rules.windows import Moment

Leaf = Aggregate | Regularly | Sequence | Followed | Name
_OUTSIDE = ("consent", "score", "cluster")


def leaves_of(nodes: Iterable[Node]) -> list[Leaf]:
    """The distinct leaves of some spelled-out trees, in order of appearance."""
    found: dict[Leaf, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Name) and part.space not in _OUTSIDE:
                continue
            if isinstance(part, Leaf):
                found[part] = None
    return list(found)


@dataclass(slots=True)
class LeafColumns:
    """Collects the columns that leaves need, then joins them to all customers."""

    tables: Tables
    catalogue: Catalogue
    moment: Moment
    figures: dict[Figure, str] = field(default_factory=dict)
    sides: list[ir.Table] = field(default_factory=list)
    flags: dict[Leaf, str] = field(default_factory=dict)
    values: dict[Leaf, str] = field(default_factory=dict)

    def add(self, leaf: Leaf) -> None:
        """Plan the columns of one leaf."""
        match leaf:
            case Sequence():
                self._flag(leaf, sequence_customers(leaf, self.tables, self.catalogue, self.moment))
            case Followed():
                self._flag(leaf, followed_customers(leaf, self.tables, self.catalogue, self.moment))
            case Name():
                self._outside(leaf)
            case Aggregate(kind="mode"):
                self._value(leaf, self._most_frequent(leaf))
            case _:
                for figure in figures_of(leaf, self.moment):
                    self.figures.setdefault(figure, f"figure_{len(self.figures)}")

    def joined(self) -> ir.Table:
        """One row per customer: the traits, and a column per planned leaf."""
        table = self.tables.customers
        sides = [*self._grouped(), *self.sides]
        keys = [f"side_{i}" for i in range(len(sides))]
        for side, key in zip(sides, keys, strict=True):
            keyed = side.rename({key: "side_customer"})
            table = table.left_join(keyed, table.customer_id == keyed[key])
        return table.drop(*keys) if keys else table

    def term(self, leaf: Leaf, table: ir.Table) -> Term:
        """The value of a planned leaf as an expression over the joined table."""
        if leaf in self.flags:
            there = table[self.flags[leaf]].fill_null(False)
            return Term(expression=there, kind=Kind.BOOLEAN)
        if leaf in self.values:
            return Term(expression=table[self.values[leaf]], kind=self._kind(leaf))
        if isinstance(leaf, Name):
            return Term(expression=typed_null(self._kind(leaf)), kind=self._kind(leaf))
        return self._figure_term(leaf, table)

    def _figure_term(self, leaf: Leaf, table: ir.Table) -> Term:
        if not isinstance(leaf, Aggregate | Regularly):
            raise TypeError(type(leaf))
        figures = figures_of(leaf, self.moment)
        columns = [figure_value(each, table[self.figures[each]], self.catalogue) for each in figures]
        if isinstance(leaf, Regularly):
            periods = sum(((each > 0).cast("int64") for each in columns[1:]), (columns[0] > 0).cast("int64"))
            return Term(expression=periods >= leaf.periods, kind=Kind.BOOLEAN)
        if leaf.kind == "did":
            return Term(expression=columns[0] > 0, kind=Kind.BOOLEAN)
        if leaf.kind == "avg":
            mean = columns[0].cast("float64") / columns[1].nullif(0)
            return Term(expression=mean, kind=Kind.NUMBER, loose=True)
        kind = self._kind(leaf)
        return Term(expression=columns[0], kind=kind, loose=leaf.kind == "sum" and kind is Kind.NUMBER)

    def _kind(self, leaf: Leaf) -> Kind:
        return Checker(self.catalogue).settle(leaf).kind

    def _grouped(self) -> list[ir.Table]:
        sides = []
        for event in dict.fromkeys(figure.event for figure in self.figures):
            mine = [(name, figure) for figure, name in self.figures.items() if figure.event == event]
            side = grouped(self.tables.events[event], self.catalogue.events[event], mine)
            sides.append(side.rename(side_customer="customer_id"))
        return sides

    def _flag(self, leaf: Leaf, customers: ir.Table) -> None:
        name = f"flag_{len(self.flags)}"
        self.flags[leaf] = name
        self.sides.append(customers.select(side_customer="customer_id").mutate(**{name: ibis.literal(True)}))

    def _value(self, leaf: Leaf, side: ir.Table) -> None:
        name = f"value_{len(self.values)}"
        self.values[leaf] = name
        self.sides.append(side.select("customer_id", "value").rename({"side_customer": "customer_id", name: "value"}))

    def _rows(self, leaf: Aggregate) -> ir.Table:
        shape = self.catalogue.events[leaf.event]
        return event_rows(self.tables.events[leaf.event], shape, leaf.where, leaf.window, self.moment)

    def _most_frequent(self, leaf: Aggregate) -> ir.Table:
        rows = self._rows(leaf)
        rows = rows.select("customer_id", value=rows[leaf.property])
        rows = rows.filter(rows.value.notnull())
        counted = rows.group_by("customer_id", "value").aggregate(times=rows.count())
        return _first_of_each(counted, [ibis.desc(counted.times), ibis.asc(counted.value)])

    def _outside(self, leaf: Name) -> None:
        match leaf.space:
            case "consent" if self.tables.consents is not None:
                rows = self.tables.consents
                mine = rows.filter(
                    rows.purpose == leaf.name, rows.occurred_at <= literal(self.moment.now, Kind.TIME)
                ).mutate(value=rows.given)
                self._value(leaf, _first_of_each(mine, [ibis.desc(mine.occurred_at), ibis.desc(mine.position)]))
            case "score" if self.tables.scores is not None:
                rows = self.tables.scores.filter(self.tables.scores.model == leaf.name)
                self._value(leaf, rows.select("customer_id", value=rows[leaf.part or "score"]))
            case "cluster" if self.tables.clusters is not None:
                rows = self.tables.clusters.filter(self.tables.clusters.clustering == leaf.name)
                self._value(leaf, rows.select("customer_id", value=rows.label))


def _first_of_each(rows: ir.Table, order: list[ir.Value]) -> ir.Table:
    """The first row of each customer in an order, as customer_id and value."""
    ranked = rows.mutate(place=ibis.row_number().over(ibis.window(group_by="customer_id", order_by=order)))
    return ranked.filter(ranked.place == 0).select("customer_id", "value")
