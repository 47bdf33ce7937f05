"""What a project declares about dashboards: `dashboards/*.yaml`."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from habitue.config import Declared
from habitue.measure.cohorts import USUAL_EVENT
from habitue.measure.funnels import MOST_STEPS, Order
from habitue.measure.periods import Every
from habitue.records.permissions import Role

MOST_TILES: Final = 24
MOST_COLUMNS: Final = 6
_LENGTH: Final = r"^([1-9][0-9]{0,3}d)?$"


class ChartKind(StrEnum):
    """How a metric is drawn."""

    NUMBER = "number"
    LINE = "line"
    BARS = "bars"
    HEATMAP = "heatmap"
    TABLE = "table"


class FunnelTile(Declared):
    """A funnel on a dashboard."""

    steps: Annotated[tuple[str, ...], Field(min_length=2, max_length=MOST_STEPS)] = Field(
        description="Two or more, each EVENT or EVENT where CONDITION."
    )
    within: str = Field("", description="Longest time from the first to the last step, as 7d; left out: no limit.")
    order: Order = Field(Order.ORDERED, description="ordered, strict or any.")
    by: str = Field("", description="A property of the first step, trait.X, segment.X or cluster.X.")


class CohortsTile(Declared):
    """Cohorts on a dashboard."""

    event: str = Field(USUAL_EVENT, description="What people do for the first time.")
    again: str = Field("", description="What they come again for; left out: the same.")
    every: Every = Field(Every.MONTH, description="day, week or month.")
    revenue: str = Field("", description="EVENT.PROPERTY that holds money; left out: how many come again.")


class TileSpec(Declared):
    """One tile: a metric, a funnel, cohorts, sizes of segments, or a text."""

    tile: str = Field(
        "", pattern=r"^([a-z_][a-z0-9_]*)?$", max_length=60, description="Its name; by default what it shows."
    )
    label: str = Field("", description="A few words above it; by default those of what it shows.")
    metric: str = Field("", description="Name of a metric, or segment.NAME for the size of a segment.")
    chart: ChartKind | None = Field(
        None, description="number, line, bars, heatmap or table; by default what fits `by` and `every`."
    )
    by: str = Field("", description="A dimension of the metric.")
    every: Every | None = Field(None, description="day, week or month; left out: the whole period.")
    top: int = Field(8, ge=1, le=50, description="How many groups are shown at most.")
    funnel: FunnelTile | None = Field(None, description="In place of a metric: a funnel.")
    cohorts: CohortsTile | None = Field(None, description="In place of a metric: cohorts.")
    segments: tuple[str, ...] = Field((), max_length=20, description="In place of a metric: sizes of these segments.")
    text: str = Field("", max_length=4_000, description="In place of a metric: words.")
    period: str = Field("", pattern=_LENGTH, description="So many days up to now, as 90d; by default the dashboard's.")
    width: int = Field(1, ge=1, le=MOST_COLUMNS, description="How many columns it takes.")
    height: int = Field(1, ge=1, le=4, description="How many rows it takes.")

    @property
    def subjects(self) -> list[str]:
        """What it shows: one of metric, funnel, cohorts, segments, text, where it is right."""
        said = {
            "metric": bool(self.metric),
            "funnel": self.funnel is not None,
            "cohorts": self.cohorts is not None,
            "segments": bool(self.segments),
            "text": bool(self.text),
        }
        return [name for name, is_there in said.items() if is_there]

    @property
    def drawn(self) -> ChartKind:
        """How its metric is drawn."""
        if self.chart is not None:
            return self.chart
        if self.every is not None:
            return ChartKind.LINE
        return ChartKind.BARS if self.by else ChartKind.NUMBER


class DashboardSpec(Declared):
    """A page of tiles."""

    dashboard: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=60, description="Its name.")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What it is for.")
    owner: str = Field("", description="Who answers for it.")
    see: tuple[Role, ...] = Field((), description="Roles that see it; left out: all that see figures.")
    columns: int = Field(4, ge=1, le=MOST_COLUMNS, description="How many columns it has on a wide screen.")
    period: str = Field("30d", pattern=_LENGTH, description="So many days up to now, as 30d.")
    tiles: Annotated[tuple[TileSpec, ...], Field(min_length=1, max_length=MOST_TILES)] = Field(
        description="In reading order."
    )

    def names(self) -> list[str]:
        """The names of its tiles: their own, or what they show, numbered where that is there already."""
        found: list[str] = []
        for each in self.tiles:
            name = each.tile or _usual_name(each)
            number = 2
            while name in found:
                name, number = f"{each.tile or _usual_name(each)}_{number}", number + 1
            found.append(name)
        return found


def _usual_name(tile: TileSpec) -> str:
    subject = tile.subjects[0] if tile.subjects else "tile"
    return tile.metric.replace(".", "_") if subject == "metric" else subject
