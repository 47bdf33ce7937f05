"""What holds among the members of a customer's group, as column expressions.

Cost: one join per relation asked about, and one hash partition of the customers for each term.
"""

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from habitue.rules.nodes import Relation


def with_groups(table: ir.Table, relations: ir.Table | None, asked: Iterable[str]) -> ir.Table:
    """The table of customers with the group of each asked relation, null for people without one."""
    for name in asked:
        column = _column(name)
        if relations is None:
            table = table.mutate(**{column: ibis.null("string")})
            continue
        mine = relations.filter(relations.relation == name)
        side = mine.select(side_customer=mine.customer_id, **{column: mine.group_id})
        table = table.left_join(side, table.customer_id == side.side_customer).drop("side_customer")
    return table


def relation_expression(node: Relation, holds: ir.BooleanValue, table: ir.Table) -> ir.BooleanValue:
    """Whether the condition holds for any, all or none of the customers of each one's group, themselves among them.

    Args:
        node: The relation.
        holds: Its condition for each customer, null for not.
        table: From `with_groups`.
    """
    hits = holds.fill_null(ibis.literal(False)).cast("int64")
    window = ibis.window(group_by=partition(node.relation, table))
    match node.kind:
        case "any":
            return hits.max().over(window) == 1
        case "all":
            return hits.min().over(window) == 1
        case _:
            return hits.max().over(window) == 0


def partition(relation: str, table: ir.Table) -> list[ir.Value]:
    """What the customers of one group have in common, and nobody else: people without a group are by themselves."""
    group, nothing = table[_column(relation)], ibis.literal("")
    return [group.fill_null(nothing), ibis.ifelse(group.isnull(), table.customer_id, nothing)]


def _column(relation: str) -> str:
    return f"group_of_{relation}"
