"""What is looked at: the events of some people within a stretch of time, and steps that pick among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import ibis.expr.types as ir

from habitue.errors import HabitueError, did_you_mean
from habitue.features.sessions import SESSION_EVENT
from habitue.records import Kind
from habitue.rules import Catalogue, check_condition, read_row
from habitue.rules.expressions import literal
from habitue.rules.figures import where_of
from habitue.rules.nodes import Aggregate, Node
from habitue.rules.tables import Tables

WHERE: Final = " where "


class MeasureEventError(HabitueError):
    """A measure names an event that the project does not have."""

    code = "MEASURE-EVENT"

    def __init__(self, event: str, catalogue: Catalogue) -> None:
        near = did_you_mean(event, catalogue.events)
        known = ", ".join(repr(each) for each in sorted(catalogue.events)[:8])
        super().__init__(
            what=f"No event is called {event[:80]!r}.",
            do=f"Did you mean {near!r}?" if near else f"Known: {known}.",
        )


class MeasurePropertyError(HabitueError):
    """A measure names a property that the event does not have, or that cannot be summed."""

    code = "MEASURE-PROPERTY"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            what=f"{name[:80]!r} is no property of the event that this can be made of.",
            do=f"Did you mean {near!r}?" if near else f"Known: {', '.join(sorted(known)[:12]) or 'none'}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that people do: an event, and a condition on its own properties.

    Attributes:
        text: As it was written.
        event: Name of the event.
        where: The settled condition; None for every event of the name.
    """

    text: str
    event: str
    where: Node | None = None


def read_step(text: str, catalogue: Catalogue) -> Step:
    """A step from `EVENT` or `EVENT where CONDITION`, the condition as in `where=` of a rule.

    Raises:
        MeasureEventError: There is no such event.
        RuleError: The condition does not fit it.
    """
    written = text.strip()
    event, found, condition = (written, "", "") if written in catalogue.events else written.partition(WHERE)
    event = event.strip()
    if event not in catalogue.events:
        raise MeasureEventError(event, catalogue)
    if not found:
        return Step(text=event, event=event)
    settled = check_condition(Aggregate(kind="did", event=event, where=read_row(condition)), catalogue)
    if not isinstance(settled, Aggregate):
        raise TypeError(type(settled))
    return Step(text=written, event=event, where=settled.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Whose events count, and from when.

    Attributes:
        catalogue: The project's names.
        tables: Its tables.
        since: The first instant that counts; None from the beginning.
        until: The first instant that does not count any more.
        people: One column, customer_id: whom it is about; None for every customer. Nobody else ever counts, so that
            whoever is restricted or erased is in no figure.
    """

    catalogue: Catalogue
    tables: Tables
    since: datetime | None = None
    until: datetime
    people: ir.Table | None = None

    @property
    def crowd(self) -> ir.Table:
        """One column, customer_id: everybody it is about."""
        return self.tables.customers.select("customer_id") if self.people is None else self.people

    def rows(self, step: Step) -> ir.Table:
        """The events of a step that count, with all columns of their table."""
        return self.counted(self.all_rows(step))

    def counted(self, rows: ir.Table) -> ir.Table:
        """Of rows with a customer_id and occurred_at, those that count: in time, of those whom it is about.

        Those of many steps are asked together, not one by one: everybody is looked up once.
        """
        kept = [rows.occurred_at < literal(self.until, Kind.TIME)]
        if self.since is not None:
            kept.append(rows.occurred_at >= literal(self.since, Kind.TIME))
        return rows.filter(*kept).semi_join(self.crowd, "customer_id")

    def all_rows(self, step: Step) -> ir.Table:
        """The events of a step, whether they count or not."""
        shape = self.catalogue.events[step.event]
        table = self.all_events(step.event)
        return table.filter(*where_of(table, shape, step.where)) if step.where is not None else table

    def all_events(self, event: str) -> ir.Table:
        """The events of a name, whether they count or not; a visit is looked at where it began.

        It has occurred only when its pause is over: what somebody did in it would lie before it.
        """
        table = self.tables.events[event]
        return table.mutate(occurred_at=table.started_at) if event == SESSION_EVENT else table
