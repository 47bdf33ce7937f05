"""What the last build has answered already, put beside the customers so that a question need not answer it again."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import ibis.expr.types as ir

from habitue.rules import Node
from habitue.rules.batch import Question
from habitue.rules.nodes import Change, Name
from habitue.rules.walking import walk
from habitue.run.answers import FEATURES
from habitue.run.marks import digest_of, read_marks
from habitue.run.projecting import live_mark
from habitue.run.workspace import Workspace
from habitue.segments.memberships import MEMBERSHIPS

_PREFIX: Final = "known_"
_LIVE: Final = "live events"


def with_known(workspace: Workspace, question: Question, nodes: Iterable[Node]) -> Question:
    """The question with the features and segments that some trees name as columns of its customers.

    Only where the last build would answer the same now: equal definitions, the same instant, no event since.
    """
    tables = workspace.warehouse.tables()
    if FEATURES not in tables or MEMBERSHIPS not in tables or not _is_fresh(workspace, question):
        return question
    built = workspace.warehouse.table(FEATURES).columns
    named = [each for each in _named(nodes) if each.space == "segment" or each.name in built]
    customers = question.tables.customers
    for number, each in enumerate(named):
        customers = _beside(workspace, customers, each, number)
    known = {each: f"{_PREFIX}{number}" for number, each in enumerate(named)}
    return replace(question, tables=replace(question.tables, customers=customers), known=known)


def _named(nodes: Iterable[Node]) -> list[Name]:
    """The features and segments that are named, save those within a `change`, which asks about other instants."""
    found: dict[Name, None] = {}
    changing: set[Node] = set()
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Change):
                changing.update(walk(part))
            elif isinstance(part, Name) and part.space in ("feature", "segment"):
                found[part] = None
    return [each for each in found if each not in changing]


def _beside(workspace: Workspace, customers: ir.Table, name: Name, number: int) -> ir.Table:
    column, key = f"{_PREFIX}{number}", f"{_PREFIX}customer_{number}"
    if name.space == "feature":
        built = workspace.warehouse.table(FEATURES)
        side = built.select(**{key: built.customer_id, column: built[name.name]})
        return customers.left_join(side, customers.customer_id == side[key]).drop(key)
    rows = workspace.warehouse.table(MEMBERSHIPS)
    inside = rows.filter(rows.segment == name.name, rows.left_at.isnull())
    side = inside.select(**{key: inside.customer_id})
    joined = customers.left_join(side, customers.customer_id == side[key])
    return joined.mutate(**{column: joined[key].notnull()}).drop(key)


def _is_fresh(workspace: Workspace, question: Question) -> bool:
    marks = read_marks(workspace.warehouse)
    catalogue = workspace.project.catalogue
    definitions = [repr(each) for each in (*catalogue.features.values(), *catalogue.segments.values())]
    digest = digest_of([definitions, question.moment.now.isoformat()])
    mark = live_mark(workspace.warehouse)
    return marks.get("answers") == digest and (not mark or marks.get(_LIVE) == mark)
