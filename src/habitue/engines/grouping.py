"""One question grouped in several ways at once, in one scan of its rows."""

from collections.abc import Sequence

import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import expressions as exp

from habitue.engines.warehouse import Warehouse


def fetch_apart(warehouse: Warehouse, grouped: ir.Table, always: str, each: Sequence[str]) -> pa.Table:
    """An aggregate by `always` and every one of `each` in turn, in place of by all of them together.

    In a row of one grouping the columns of the others are null; those of its own have to be known in every row.

    Args:
        warehouse: Who is asked.
        grouped: Rows grouped by all of these columns, in this order, and aggregated.
        always: The column that every grouping has.
        each: The columns that groupings have one of.

    Returns:
        The rows of all groupings.
    """
    query = warehouse.ibis.compiler.to_sqlglot(grouped)
    if not isinstance(query, exp.Select) or query.args.get("group") is None:
        raise TypeError(type(query))
    column = {one.alias_or_name: one.unalias() for one in query.selects}
    sets = [exp.Tuple(expressions=[column[always].copy(), column[name].copy()]) for name in each]
    query.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    return warehouse.con.execute(query.sql("duckdb")).to_arrow_table()
