"""Whose events a measure looks at in an open project, and what it may be broken down by."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.errors import HabitueError, did_you_mean
from habitue.measure.frame import Frame, Step
from habitue.rules.batch import answer, members
from habitue.run.workspace import Workspace

MOST_GROUPS: Final = 10
"""Values that a breakdown shows by name; the others are together."""
Keep = Callable[[ir.Table], ir.Table]


class MeasureDimensionError(HabitueError):
    """A measure is broken down by something that there is not."""

    code = "MEASURE-DIMENSION"

    def __init__(self, name: str, known: list[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"There is no {name[:80]!r} to break this down by.",
            do=f"Did you mean {near!r}?" if near else f"Known: {', '.join(sorted(known)[:12])}.",
        )


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
    """

    since: datetime | None = None
    until: datetime | None = None
    of: str = ""


EVERYTHING: Final = Asked()


def frame_of(workspace: Workspace, asked: Asked, keep: Keep) -> Frame:
    """The events that a measure looks at.

    Raises:
        HabitueError: The rule does not fit the project, the period is none, or nothing was built yet.
    """
    since, until = workspace.instant(asked.since), workspace.instant(asked.until)
    end = until or workspace.as_of() + timedelta(microseconds=1)
    if since is not None and since >= end:
        raise MeasurePeriodError
    people = None
    if asked.of:
        people = keep(members(workspace.rule(asked.of), workspace.question()))
    return Frame(
        catalogue=workspace.project.catalogue, tables=workspace.tables(), since=since, until=end, people=people
    )


def dimensions_of(workspace: Workspace, step: Step) -> list[str]:
    """What a measure that begins with a step can be broken down by."""
    catalogue = workspace.project.catalogue
    traits = [f"trait.{name}" for name in catalogue.traits if name in workspace.tables().customers.columns]
    return [*catalogue.events[step.event].properties, *traits, *(f"segment.{name}" for name in catalogue.segments)]


def values_of(workspace: Workspace, frame: Frame, step: Step, by: str) -> ir.Table:
    """customer_id and value, a text: of a trait, whether somebody is in a segment, or of their first such event.

    Raises:
        MeasureDimensionError: There is nothing of the name.
    """
    known = dimensions_of(workspace, step)
    if by not in known:
        raise MeasureDimensionError(by, known)
    space, _, name = by.partition(".")
    if space == "segment" and name:
        found = answer({"value": workspace.rule(by)}, workspace.question())
        return found.select("customer_id", value=ibis.ifelse(found.value, "yes", "no"))
    if space == "trait" and name:
        customers = frame.tables.customers
        return customers.select("customer_id", value=customers[name].cast("string"))
    rows = frame.rows(step)
    # Of one instant the row that came first.
    first = rows.mutate(
        place=ibis.row_number().over(group_by=rows.customer_id, order_by=[rows.occurred_at, rows.position])
    )
    return first.filter(first.place == 0).select("customer_id", value=first[by].cast("string"))
