"""Computing cut points over all customers, as a table expression."""

import ibis
import ibis.expr.types as ir

from habitue.rules.places import per_mille_expression


def cut_rows(values: ir.NumericColumn) -> ir.Table:
    """The cut points of a column, as (value, per_mille, customers), one row per distinct cut.

    Args:
        values: One value per customer, null where missing; numbers already rounded to 9 significant decimals.
    """
    table = values.as_table()
    value = table[table.columns[0]]
    placed = table.select(value=value, per_mille=per_mille_expression(value)).filter(value.notnull())
    # The smallest value of each thousandth that is reached: at most 1000 rows whatever the number of customers.
    cuts = placed.group_by("per_mille").aggregate(value=placed.value.min())
    total = placed.aggregate(customers=placed.count())
    return cuts.cross_join(total).order_by("value")


def top_value(values: ir.NumericColumn, n: int) -> ir.Table:
    """The n-th largest value of a column, or the smallest where fewer than n are present: one row, column value."""
    table = values.as_table()
    value = table[table.columns[0]]
    largest = table.select(value=value).filter(value.notnull()).order_by(ibis.desc("value")).limit(n)
    return largest.aggregate(value=largest.value.min())
