"""The dashboards of a project: those that its files declare, and one that is made of what there is."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from habitue.config import Document, read_documents
from habitue.errors import Fault, HabitueError, did_you_mean
from habitue.measure.cohorts import USUAL_EVENT
from habitue.measure.dashboards import ChartKind, CohortsTile, DashboardSpec, FunnelTile, TileSpec
from habitue.measure.declared import MetricShelf
from habitue.measure.dimensions import dimensions_of
from habitue.measure.figures import events_of
from habitue.measure.frame import MeasurePropertyError, read_step
from habitue.measure.periods import Every
from habitue.measure.spec import FigureSpec, MetricSpec, Unit
from habitue.records.durations import parse_duration
from habitue.rules import Catalogue

SIZE: Final = "segment."
DERIVED: Final = "overview"
_HEADLINES: Final = ("revenue", "orders", "active_customers", "new_customers", "conversion_rate", "visitors", "nps")
_STEPS: Final = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")


class TileError(HabitueError):
    """A tile of a dashboard cannot be shown."""

    code = "DASHBOARD-TILE"


class DashboardShelf:
    """All dashboards of a project.

    Args:
        declared: Its own.
        metrics: Its metrics.
        catalogue: The names that its rules may use.
    """

    def __init__(self, declared: Mapping[str, DashboardSpec], metrics: MetricShelf, catalogue: Catalogue) -> None:
        self.declared = declared
        self._metrics, self._catalogue = metrics, catalogue
        self._found: Mapping[str, DashboardSpec] | None = None

    def everything(self) -> Mapping[str, DashboardSpec]:
        """All of them by name: its own, then one made of what there is."""
        if self._found is None:
            derived = derive_dashboard(self._catalogue, self._metrics.everything())
            extra = {} if derived is None or DERIVED in self.declared else {DERIVED: derived}
            self._found = {**self.declared, **extra}
        return self._found


def size_metric(name: str, catalogue: Catalogue) -> MetricSpec | None:
    """The size of a segment as a metric, by `segment.NAME`; None where there is no such segment."""
    segment = catalogue.segments.get(name.removeprefix(SIZE)) if name.startswith(SIZE) else None
    if segment is None:
        return None
    return MetricSpec(
        metric="segment_size",
        label=f"Size of {segment.label or segment.name}",
        description="Customers in it as of the period's end.",
        unit=Unit.COUNT,
        of=FigureSpec(segment=segment.name),
    )


def read_dashboards(
    folder: Path, catalogue: Catalogue, metrics: MetricShelf
) -> tuple[dict[str, DashboardSpec], list[Fault]]:
    """The declared dashboards of a project by name, in the order of the files, and every fault of their files.

    Args:
        folder: The project folder.
        catalogue: The names that its rules may use.
        metrics: Its metrics.
    """
    documents, faults = read_documents(folder, "dashboards", DashboardSpec)
    found: dict[str, DashboardSpec] = {}
    for document in documents:
        wrong = list(_faults(document, catalogue, metrics))
        if document.value.dashboard in found:
            what = f"The dashboard {document.value.dashboard!r} is declared twice."
            wrong.append(document.fault("dashboard", code="DEFINED-TWICE", what=what, do="Rename one, or take it out."))
        faults += wrong
        if not wrong:
            found[document.value.dashboard] = document.value
    return found, faults


def _faults(document: Document[DashboardSpec], catalogue: Catalogue, metrics: MetricShelf) -> Iterator[Fault]:
    spec = document.value
    own = [each.tile for each in spec.tiles if each.tile]
    for place, tile in enumerate(spec.tiles):
        if tile.tile and own.count(tile.tile) > 1:
            what = f"Two tiles are called {tile.tile!r}."
            yield document.fault("tiles", place, "tile", code="DEFINED-TWICE", what=what, do="Rename one of them.")
        if tile.width > spec.columns:
            what = f"The tile is {tile.width} columns wide, and the dashboard has {spec.columns}."
            yield document.fault(
                "tiles", place, "width", code="DASHBOARD-TILE", what=what, do="Make it narrower, or add columns."
            )
        try:
            check_tile(tile, catalogue, metrics)
        except HabitueError as error:
            yield document.fault("tiles", place, code=error.code, what=error.what, do=error.do)


def check_tile(tile: TileSpec, catalogue: Catalogue, metrics: MetricShelf) -> None:
    """Pass where a tile can be shown in a project.

    Raises:
        HabitueError: It shows nothing or several things, or names what there is not.
    """
    if len(tile.subjects) != 1:
        what = "A tile shows one of: metric, funnel, cohorts, segments, text."
        raise TileError(what=what, do="Write exactly one of them.")
    if tile.subjects != ["metric"] and (tile.by or tile.every or tile.chart):
        what = "`by:`, `every:` and `chart:` belong to a `metric:`."
        raise TileError(what=what, do="Take them out; a funnel and cohorts have fields of their own.")
    if tile.metric:
        _check_metric(tile, catalogue, metrics)
    if tile.funnel is not None:
        _check_funnel(tile.funnel, catalogue)
    if tile.cohorts is not None:
        _check_cohorts(tile.cohorts, catalogue)
    for each in tile.segments:
        if each not in catalogue.segments:
            raise _unknown("segment", each, list(catalogue.segments), "Declare it under segments/.")


def _check_metric(tile: TileSpec, catalogue: Catalogue, metrics: MetricShelf) -> None:
    metric = size_metric(tile.metric, catalogue) or metrics.everything().get(tile.metric)
    if metric is None:
        raise _unknown("metric", tile.metric, list(metrics.everything()), "`habitue measure` lists them.")
    if tile.by:
        known = dimensions_of(catalogue, events_of(metric.figures))
        if any(each.figure is None for each in metric.figures):
            known = [each for each in known if "." in each]
        if tile.by not in known:
            raise _unknown("dimension of it", tile.by, known, "`habitue measure --json` lists them.")
    missing = _missing(tile)
    if missing:
        what = f"A chart of the kind {tile.drawn.value!r} needs `{missing}:`."
        raise TileError(what=what, do="Write it, or leave `chart:` out.")
    if tile.drawn is ChartKind.BARS and not (tile.by or tile.every):
        raise TileError(what="Bars need `by:` or `every:`.", do="Write one, or leave `chart:` out.")


def _missing(tile: TileSpec) -> str:
    """What a tile does not say that its chart needs; empty for nothing."""
    if tile.drawn is ChartKind.HEATMAP and not tile.by:
        return "by"
    return "every" if tile.drawn in (ChartKind.LINE, ChartKind.HEATMAP) and tile.every is None else ""


def _check_funnel(funnel: FunnelTile, catalogue: Catalogue) -> None:
    steps = [read_step(each, catalogue) for each in funnel.steps]
    if funnel.within:
        parse_duration(funnel.within)
    known = dimensions_of(catalogue, [steps[0].event])
    if funnel.by and funnel.by not in known:
        raise _unknown("dimension of the first step", funnel.by, known, "Leave it out.")


def _check_cohorts(cohorts: CohortsTile, catalogue: Catalogue) -> None:
    read_step(cohorts.event, catalogue)
    again = read_step(cohorts.again or cohorts.event, catalogue)
    if cohorts.revenue:
        event, dot, name = cohorts.revenue.rpartition(".")
        shape = catalogue.events[read_step(event, catalogue).event if dot else again.event]
        known = [each for each, kind in shape.properties.items() if kind.is_numeric]
        if name not in known:
            raise MeasurePropertyError(name, known)


def _unknown(kind: str, name: str, known: Sequence[str], do: str) -> TileError:
    near = did_you_mean(name, known)
    return TileError(what=f"No {kind} is called {name[:60]!r}.", do=f"Did you mean {near!r}?" if near else do)


def derive_dashboard(catalogue: Catalogue, metrics: Mapping[str, MetricSpec]) -> DashboardSpec | None:
    """A dashboard made of what a project has; None where there is nothing to show.

    Headlines, a trend, a breakdown, a funnel of the usual steps that are there, cohorts of orders, sizes of segments.
    """
    shown = [each for each in _HEADLINES if each in metrics] or list(metrics)[:4]
    tiles = [TileSpec(metric=each) for each in shown[:4]]
    if shown:
        main = shown[0]
        tiles.append(TileSpec(tile=f"{main}_by_day", metric=main, every=Every.DAY, period="90d", width=3))
        own = [each for each in dimensions_of(catalogue, events_of(metrics[main].figures)) if "segment." not in each]
        groups = [each for each in ("channel", "trait.country", "country") if each in own] or own[:1]
        if groups:
            tiles.append(TileSpec(tile=f"{main}_by_group", metric=main, by=groups[0], period="90d"))
    steps = tuple(each for each in _STEPS if each in catalogue.events)
    if len(steps) > 1:
        tiles.append(TileSpec(funnel=FunnelTile(steps=steps, within="7d"), period="90d", width=2))
    if catalogue.segments:
        tiles.append(TileSpec(segments=tuple(catalogue.segments)[:10], width=2))
    if USUAL_EVENT in catalogue.events:
        tiles.append(TileSpec(cohorts=CohortsTile(), period="365d", width=4))
    if not tiles:
        return None
    return DashboardSpec(
        dashboard=DERIVED,
        label="Overview",
        description="Made of what the project has; write dashboards/overview.yaml to have your own.",
        tiles=tuple(tiles),
    )
