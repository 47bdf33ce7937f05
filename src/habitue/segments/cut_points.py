"""The cut points of a project's rankings: computed by each build, kept with it, read by previews and proofs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import ibis.expr.types as ir
import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.rules import Catalogue, Node, inline
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints, Number
from habitue.rules.cutting import cut_rows, top_value
from habitue.rules.nodes import Place
from habitue.rules.walking import walk
from habitue.rules.writing import write

CUT_POINTS = "cut_points"
_SCHEMA = pa.schema(
    [
        ("ranked", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("per_mille", pa.int32()),
        ("customers", pa.int64()),
        ("top", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """One expression by which a project's rules rank customers.

    Attributes:
        inner: The settled expression, names kept.
        inlined: The same with definitions put in: what identifies the ranking.
        kind: Kind of its value.
        tops: The sizes n of every `top(…, n)` over it.
    """

    inner: Node
    inlined: Node
    kind: Kind
    tops: tuple[int, ...]


def rankings(nodes: Iterable[Node], catalogue: Catalogue) -> list[Ranking]:
    """The distinct rankings in some settled trees and in every definition they name, in order of appearance."""
    found: dict[Node, tuple[Node, Kind, set[int]]] = {}
    checker = Checker(catalogue)
    for node in nodes:
        for part in walk(node):
            if not isinstance(part, Place):
                continue
            inlined = inline(part.inner, catalogue)
            entry = found.setdefault(inlined, (part.inner, checker.settle(part.inner).kind, set()))
            if part.kind == "top":
                entry[2].add(part.n)
    return [
        Ranking(inner=inner, inlined=inlined, kind=kind, tops=tuple(sorted(tops)))
        for inlined, (inner, kind, tops) in found.items()
    ]


def compute_cuts(warehouse: Warehouse, values: ir.NumericColumn, ranking: Ranking) -> CutPoints:
    """The cut points of a column of present values, one per customer.

    Args:
        warehouse: Holds the table.
        values: Rounded as `ranked` rounds them.
        ranking: What the values are of.
    """
    rows = warehouse.fetch(cut_rows(values)).to_pylist()
    tops = {n: warehouse.fetch(top_value(values, n)).to_pylist()[0]["value"] for n in ranking.tops}
    return CutPoints(
        values=tuple(row["value"] for row in rows),
        per_mille=tuple(row["per_mille"] for row in rows),
        count=rows[0]["customers"] if rows else 0,
        tops={n: value for n, value in tops.items() if value is not None},
    )


def save_cuts(warehouse: Warehouse, cuts: Mapping[Ranking, CutPoints]) -> None:
    """Keep cut points in the warehouse, in place of those of the build before."""
    warehouse.replace_rows(CUT_POINTS, written_cuts(cuts))


def written_cuts(cuts: Mapping[Ranking, CutPoints]) -> pa.Table:
    """Cut points as rows of a table."""
    rows: list[dict[str, str | int | None]] = []
    for ranking, points in cuts.items():
        head = {"ranked": write(ranking.inlined), "kind": ranking.kind.value, "customers": points.count}
        rows += [
            {**head, "value": _text(value), "per_mille": place, "top": None}
            for value, place in zip(points.values, points.per_mille, strict=True)
        ]
        rows += [{**head, "value": _text(value), "per_mille": None, "top": n} for n, value in points.tops.items()]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def load_cuts(warehouse: Warehouse, nodes: Iterable[Node], catalogue: Catalogue) -> dict[Node, CutPoints]:
    """The kept cut points that some settled trees need, by inlined expression; rankings never built are left out."""
    wanted = rankings(nodes, catalogue)
    if not wanted or CUT_POINTS not in warehouse.tables():
        return {}
    table = warehouse.table(CUT_POINTS)
    return read_cuts(warehouse.fetch(table.filter(table.ranked.isin([write(each.inlined) for each in wanted]))), wanted)


def read_cuts(table: pa.Table, wanted: Iterable[Ranking]) -> dict[Node, CutPoints]:
    """Cut points from rows of a table, by inlined expression; rankings that are not there are left out."""
    rows = table.to_pylist()
    found: dict[Node, CutPoints] = {}
    for ranking in wanted:
        text = write(ranking.inlined)
        mine = [row for row in rows if row["ranked"] == text]
        tops = {row["top"]: _number(row["value"], ranking.kind) for row in mine if row["top"] is not None}
        pairs = sorted((_number(row["value"], ranking.kind), row["per_mille"]) for row in mine if row["top"] is None)
        if mine and set(ranking.tops) <= set(tops):
            found[ranking.inlined] = CutPoints(
                values=tuple(value for value, _ in pairs),
                per_mille=tuple(place for _, place in pairs),
                count=mine[0]["customers"],
                tops=tops,
            )
    return found


def _text(value: Number) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _number(text: str, kind: Kind) -> Number:
    if kind is Kind.INTEGER:
        return int(text)
    return Decimal(text) if kind is Kind.MONEY else float(text)
