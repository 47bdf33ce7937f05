"""What a project declares about metrics: `metrics/*.yaml`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from habitue.config import Declared
from habitue.records.permissions import Role


class Unit(StrEnum):
    """What a metric is counted in."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    DURATION = "duration"


class Good(StrEnum):
    """Which way a metric is wished to go."""

    UP = "up"
    DOWN = "down"
    NEITHER = ""


class FigureKind(StrEnum):
    """What is reckoned from events."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    CUSTOMERS = "customers"
    NEW_CUSTOMERS = "new_customers"
    RETURNING_CUSTOMERS = "returning_customers"

    @property
    def needs_property(self) -> bool:
        """Whether it is about a property of the event."""
        return self in (FigureKind.SUM, FigureKind.AVG, FigureKind.MIN, FigureKind.MAX, FigureKind.DISTINCT)


class FigureSpec(Declared):
    """One figure of a metric: over events of a period, or people as of its end."""

    figure: FigureKind | None = Field(
        None,
        description="count, sum, avg, min, max, distinct: of events. customers: who did it. new_customers: those who "
        "did it for the first time ever. returning_customers: those who had done it before the period.",
    )
    event: str = Field("", description="The event that the figure is about.")
    property: str = Field("", description="Its property, for sum, avg, min, max and distinct.")
    where: str = Field("", description="Only events for which this holds, as in rules.")
    holds: str = Field("", description="In place of a figure: customers for whom a rule holds as of the period's end.")
    segment: str = Field("", description="In place of a figure: customers in a segment as of the period's end.")
    ever: bool = Field(False, description="All such events before the period's end, in place of those of the period.")
    times: int = Field(1, description="What it counts for in a sum of several: -1 takes it away.")

    def is_standing(self) -> bool:
        """Whether it says how things stand at the end of a period, not what happened in it."""
        return self.figure is None or self.ever


SeveralFigures = Annotated[tuple[FigureSpec, ...], Field(min_length=1)]


class MetricSpec(Declared):
    """A figure about everybody, by period and dimension."""

    metric: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=60, description="Its name: revenue …")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="Its definition in words.")
    owner: str = Field("", description="Who answers for it.")
    unit: Unit = Field(Unit.NUMBER, description="money, count, share, number or duration (seconds).")
    good: Good = Field(Good.NEITHER, description="Which way it is wished to go: up, down or nothing.")
    see: tuple[Role, ...] = Field((), description="Roles that see it; left out: all that see figures.")
    purpose: str = Field("", description="What it is for; only people with a basis for that count.")
    of: FigureSpec | SeveralFigures = Field(description="The figure, or several that are added up.")
    over: FigureSpec | SeveralFigures | None = Field(
        None, description="What it is divided by, in the same way; left out: nothing."
    )

    @property
    def upper(self) -> tuple[FigureSpec, ...]:
        """The figures that are added up."""
        return _several(self.of)

    @property
    def lower(self) -> tuple[FigureSpec, ...]:
        """The figures that those are divided by, added up; empty for none."""
        return _several(self.over)

    @property
    def figures(self) -> tuple[FigureSpec, ...]:
        """All of them, those divided by last."""
        return (*self.upper, *self.lower)


def _several(figures: FigureSpec | tuple[FigureSpec, ...] | None) -> tuple[FigureSpec, ...]:
    if figures is None:
        return ()
    return (figures,) if isinstance(figures, FigureSpec) else figures
