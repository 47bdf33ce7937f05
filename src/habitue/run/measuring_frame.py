"""Whose events a measure looks at in an open project, and what it may be broken down by."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError
from habitue.measure.dimensions import read_dimensions, with_groups
from habitue.measure.frame import Frame, Step
from habitue.measure.periods import period_of
from habitue.rules import check_condition
from habitue.rules.nodes import Name
from habitue.run.id_ranges import Part, members_in
from habitue.run.measuring import grounds_for
from habitue.run.unheard import without_refusals
from habitue.run.workspace import Workspace

MOST_GROUPS: Final = 10
"""Values that a breakdown shows by name; the others are together."""
Keep = Callable[[ir.Table], ir.Table]


class MeasurePeriodError(HabitueError):
    """A period ends before it begins."""

    code = "MEASURE-PERIOD"

    def __init__(self) -> None:
        super().__init__(what="The period ends before it begins.", do="Give an `until` that lies after `since`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What every measure may be limited to.

    Attributes:
        since: The first instant that counts; None from the beginning.
        until: The first instant that does not count any more; by default just after the last build's.
        of: A rule: only people for whom it holds as of the last build; empty for everybody.
        purpose: Only people whom there is a basis for using this for now; empty for everybody.
        days: In place of `since`: so many local days, the last one included; 0 for none.
    """

    since: datetime | None = None
    until: datetime | None = None
    of: str = ""
    purpose: str = ""
    days: int = 0


EVERYTHING: Final = Asked()


def frame_of(workspace: Workspace, asked: Asked, keep: Keep, draw: Part | None = None) -> Frame:
    """The events that a measure looks at.

    Args:
        workspace: The open project.
        asked: What it is limited to.
        keep: Keeps tables meanwhile.
        draw: Whose; None for everybody's.

    Raises:
        HabitueError: The rule does not fit the project, the period is none, or nothing was built yet.
    """
    since, until = workspace.instant(asked.since), workspace.instant(asked.until)
    as_of, zone = workspace.as_of(), workspace.project.catalogue.zone
    if asked.days and since is None:
        since = period_of(None, until, as_of=as_of, zone=zone, days=asked.days).since
    end = until or as_of + timedelta(microseconds=1)
    if since is not None and since >= end:
        raise MeasurePeriodError
    people, tables = _people(workspace, asked, keep, draw), workspace.tables()
    if draw is not None and not draw.is_all:
        tables = draw.tables(tables)
    return Frame(catalogue=workspace.project.catalogue, tables=tables, since=since, until=end, people=people)


def _people(workspace: Workspace, asked: Asked, keep: Keep, draw: Part | None) -> ir.Table | None:
    """One column, customer_id: whom a measure is limited to; None for nobody left out."""
    people = None
    if asked.purpose:
        # Consent counts as it is now: whoever withdrew it since the last build is not looked at.
        present = workspace.question(as_of=max(workspace.as_of(), workspace.clock()))
        basis = check_condition(Name(space="consent", name=asked.purpose), workspace.project.catalogue)
        people = keep(without_refusals(workspace, members_in(draw, basis, present), asked.purpose))
    if asked.of:
        those = keep(members_in(draw, workspace.rule(asked.of), workspace.question()))
        people = those if people is None else those.semi_join(people, "customer_id")
    return people


def values_of(workspace: Workspace, frame: Frame, step: Step, by: str) -> ir.Table:
    """customer_id and value, a text: of everybody's first event of a step, or of themselves.

    Raises:
        DimensionError: There is nothing of the name, or nothing that groups people.
    """
    dimensions = read_dimensions((by,), frame.catalogue, [step.event])
    rows = frame.rows(step)
    # Of one instant the row that came first.
    place = ibis.row_number().over(group_by=rows.customer_id, order_by=[rows.occurred_at, rows.position])
    first = rows.mutate(place=place)
    grounds = replace(grounds_for(workspace), tables=frame.tables)
    grouped = with_groups(first.filter(first.place == 0), dimensions, grounds)
    return grouped.select("customer_id", value=grouped.group_0)
