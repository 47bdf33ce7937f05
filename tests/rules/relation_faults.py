"""Faults in what holds among the members of a group, planted like those of `faults`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

import ibis
import ibis.expr.types as ir

from habitue.rules import batch, relating
from habitue.rules.nodes import Relation
from tests.rules.faults import Fault, Plant, in_class

Related = Literal["any", "all", "none"]
_RIGHT: Final = relating.relation_expression
_TOGETHER: Final = relating.partition
_GROUPED: Final = relating.with_groups
DONE: Final = ("any({G}, did('{E}'))", "all({G}, count('{E}') >= {N1})", "none({G}, did('{E}', last='{L}'))")


def _as_if(kind: Related, other: Related) -> Plant:
    """A fault that answers one kind of relation as another."""

    def answered(node: Relation, holds: ir.BooleanValue, table: ir.Table) -> ir.BooleanValue:
        return _RIGHT(replace(node, kind=other) if node.kind == kind else node, holds, table)

    return in_class(batch, "relation_expression", answered)


def _without_oneself(node: Relation, holds: ir.BooleanValue, table: ir.Table) -> ir.BooleanValue:
    hits = holds.fill_null(ibis.literal(False)).cast("int64")
    window = ibis.window(group_by=_TOGETHER(node.relation, table))
    others, size = hits.sum().over(window) - hits, hits.count().over(window) - 1
    return {"any": others > 0, "all": others == size, "none": others == 0}[node.kind]


def _together(change: Callable[[list[ir.Value], ir.Table], list[ir.Value]]) -> Plant:
    """A fault in who is taken for one group."""
    return in_class(relating, "partition", lambda relation, table: change(_TOGETHER(relation, table), table))


def _of_any_relation(table: ir.Table, relations: ir.Table | None, asked: dict[str, None]) -> ir.Table:
    if relations is None:
        return _GROUPED(table, relations, asked)
    first = relations.group_by("customer_id").aggregate(group_id=relations.group_id.min())
    sides = [first.mutate(relation=ibis.literal(name)).select(relations.columns) for name in asked]
    return _GROUPED(table, ibis.union(*sides), asked) if sides else table


def _unknown_holds(node: Relation, holds: ir.BooleanValue, table: ir.Table) -> ir.BooleanValue:
    return _RIGHT(node, holds.fill_null(ibis.literal(True)), table)


RELATION_FAULTS: Final = (
    Fault(what="`any` asks for all", plant=_as_if("any", "all"), rules=DONE),
    Fault(what="`all` asks for any", plant=_as_if("all", "any"), rules=DONE),
    Fault(what="`none` asks whether not all do", plant=_as_if("none", "all"), rules=DONE),
    Fault(
        what="the customer is left out of the group",
        plant=in_class(batch, "relation_expression", _without_oneself),
        rules=DONE,
    ),
    Fault(what="people without a group are one group", plant=_together(lambda parts, _: parts[:1]), rules=DONE),
    Fault(
        what="everybody is by themselves", plant=_together(lambda parts, table: [*parts, table.customer_id]), rules=DONE
    ),
    Fault(
        what="a household is taken for an account",
        plant=in_class(batch, "with_groups", _of_any_relation),
        rules=("any(household, did('{E}')) and not any(account, did('{E}'))",),
    ),
    Fault(
        what="a member of whom nothing is known counts as holding",
        plant=in_class(batch, "relation_expression", _unknown_holds),
        rules=("any(household, consent.marketing_email)", "all(account, consent.marketing_email)"),
    ),
)
