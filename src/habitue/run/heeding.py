"""What answers about everybody depend on of what people say: which of them have to be reckoned anew after whose word.

Whoever restricts the use of their data is in no answer from then on. A word about a purpose moves that person in and
out of segments and of what `consent.NAME` holds for; figures of events, traits and customers are the same before and
after it. In a large shop somebody says something every few seconds: figures that none of it changes are given again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from habitue.engines.warehouse import Warehouse
from habitue.measure.dashboards import DashboardSpec, TileSpec
from habitue.run.consents import LEDGER_READ, RESTRICTED
from habitue.run.marks import read_marks
from habitue.run.project import Project
from habitue.run.refreshing import HISTORY

_SEGMENT = "segment."
Marks = tuple[tuple[str, str], ...]


class Standing(NamedTuple):
    """How the tables stand to what answers depend on.

    Attributes:
        built: What they were built from, by step, without what people said since.
        restricted: Whose data is used for nothing, as two numbers that are others when they are others.
        words: What people said about purposes as far as the tables have it, and what came of it.
    """

    built: Marks
    restricted: tuple[int, int]
    words: tuple[int, str]


def standing_of(warehouse: Warehouse) -> Standing:
    """How the tables stand; asked for with every figure that is kept, so without laying out a query."""
    marks, there = read_marks(warehouse), set(warehouse.tables())
    history, restricted, read = marks.pop(HISTORY, ""), (0, 0), 0
    if RESTRICTED in there:
        found = warehouse.con.execute("SELECT count(*), bit_xor(hash(customer_id)) FROM restricted").fetchall()
        restricted = found[0][0], found[0][1] or 0
    if LEDGER_READ in there:
        read = max(number for (number,) in warehouse.con.execute("SELECT number FROM consent_ledger").fetchall())
    return Standing(tuple(marks.items()), restricted, (read, history))


def metrics_heed(project: Project, names: Iterable[str], by: Iterable[str], of: str) -> bool:
    """Whether figures of some metrics may be others after a word about a purpose."""
    known = project.metric_shelf.everything()
    specs = [known.get(name) for name in names]
    # Of what is not known nothing is said.
    sizes = any(spec is None or any(each.figure is None for each in spec.figures) for spec in specs)
    return sizes or parts_heed(by, of)


def parts_heed(by: Iterable[str], of: str) -> bool:
    """Whether figures of events may be, for what they are parted by and limited to."""
    return bool(of) or any(each.startswith(_SEGMENT) for each in by)


def dashboard_heeds(project: Project, name: str, only: str, of: str) -> bool:
    """Whether a dashboard, or one of its tiles, may be."""
    spec = project.dashboards.everything().get(name)
    return spec is None or any(_tile_heeds(project, each, of) for each in _tiles(spec, only))


def _tiles(spec: DashboardSpec, only: str) -> list[TileSpec]:
    return [tile for tile, name in zip(spec.tiles, spec.names(), strict=True) if only in ("", name)]


def _tile_heeds(project: Project, tile: TileSpec, of: str) -> bool:
    if tile.segments:
        return True
    if tile.metric:
        return metrics_heed(project, [tile.metric], [tile.by], of)
    return parts_heed([] if tile.funnel is None else [tile.funnel.by], of)
