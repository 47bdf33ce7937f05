"""The other members of a customer's groups, read so that a rule can be proved for the customer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from habitue.rules import Moment, Node
from habitue.rules.batch import Question, answer
from habitue.rules.cuts import CutPoints
from habitue.rules.history import History
from habitue.rules.nodes import Relation
from habitue.rules.relatives import Groups, Others
from habitue.rules.walking import walk
from habitue.run.relations import mates_by_relation
from habitue.run.workspace import Workspace
from habitue.segments.person import events_in, read_person

MOST_READ: Final = 30
"""So many others of a group are read whole; of the rest only their answers as of now are known."""


def read_groups(
    workspace: Workspace,
    rule: Node,
    customer: str,
    cuts: Mapping[Node, CutPoints],
    ends: Mapping[str, datetime],
) -> Groups:
    """Who else is in the groups of a customer that a rule asks about.

    Args:
        workspace: The open project.
        rule: Settled and inlined.
        customer: Internal id.
        cuts: Cut points that the rule needs.
        ends: Events that are read further than to the instant of the last build, and until when.
    """
    parts = [each for each in walk(rule) if isinstance(each, Relation)]
    if not parts:
        return {}
    found = {}
    known = workspace.tables().customers
    asked = list(dict.fromkeys(each.relation for each in parts))
    for relation, mates in mates_by_relation(workspace.warehouse, customer, asked).items():
        rows = workspace.warehouse.fetch(known.filter(known.customer_id.isin(mates)).select("customer_id"))
        there = sorted(rows.column("customer_id").to_pylist())
        conditions = list(dict.fromkeys(each.condition for each in parts if each.relation == relation))
        others = Others(
            histories=tuple(_read(workspace, each, conditions, ends) for each in there[:MOST_READ]),
            told=_told(workspace, there[MOST_READ:], conditions, cuts),
        )
        found[relation] = {customer: others}
    return found


def _read(workspace: Workspace, customer: str, conditions: Sequence[Node], ends: Mapping[str, datetime]) -> History:
    events = frozenset(event for each in conditions for event in events_in(each))
    return read_person(
        customer,
        events,
        tables=workspace.tables(),
        catalogue=workspace.project.catalogue,
        warehouse=workspace.warehouse,
        until=dict.fromkeys(events, workspace.as_of()) | dict(ends),
    )


def _told(
    workspace: Workspace, people: Sequence[str], conditions: Sequence[Node], cuts: Mapping[Node, CutPoints]
) -> dict[Node, frozenset[bool]]:
    """What some people answer to each condition as of the last build."""
    if not people:
        return {}
    tables, catalogue = workspace.tables(), workspace.project.catalogue
    some = replace(tables, customers=tables.customers.filter(tables.customers.customer_id.isin(list(people))))
    moment = Moment(now=workspace.as_of(), zone=catalogue.zone)
    question = Question(catalogue=catalogue, tables=some, moment=moment, cuts=cuts)
    names = {f"condition_{number}": each for number, each in enumerate(conditions)}
    rows = workspace.warehouse.fetch(answer(names, question))
    return {each: frozenset(value is True for value in rows.column(name).to_pylist()) for name, each in names.items()}
