"""Who is in a segment, as a table that other questions about its people are asked of."""

import ibis.expr.types as ir

from habitue.rules.batch import members
from habitue.rules.checking import Checker
from habitue.rules.writing import write
from habitue.run.workspace import Workspace
from habitue.segments.memberships import MEMBERSHIPS


def people_inside(workspace: Workspace, segment: str) -> ir.Table:
    """The members of a segment as of the last build, one column: customer_id. One declared since is answered anew.

    Raises:
        HabitueError: There is no such segment, or nothing was built yet.
    """
    rule = workspace.segment_rule(segment)
    last = workspace.history.last(segment)
    if last is not None and last.rule == written_rule(workspace, segment):
        rows = workspace.warehouse.table(MEMBERSHIPS)
        return rows.filter(rows.segment == segment, rows.left_at.isnull()).select("customer_id")
    return members(rule, workspace.question())


def written_rule(workspace: Workspace, segment: str) -> str:
    """A segment's settled rule with its purpose, as builds remember it."""
    catalogue = workspace.project.catalogue
    return write(Checker(catalogue).definition("segment", catalogue.segments[segment]).node)
