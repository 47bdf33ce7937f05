"""What can be asked of a project's features: the list, and the distribution of one."""

from dataclasses import dataclass
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules import read
from habitue.rules.checking import Checker
from habitue.rules.failures import RuleNameError
from habitue.rules.writing import write
from habitue.run.answers import FEATURES
from habitue.run.workspace import NotBuiltError, Workspace

BINS = 20
MOST_VALUES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureEntry:
    """One declared feature as a list shows it.

    Attributes:
        name: Its name.
        label: A few words for people.
        kind: Kind of its value.
        unit: What it counts.
        purpose: What it may be used for; empty for none.
        rule: As canonical text.
        present: How many customers have a value, as of the last build; None when it was not built yet.
        mean: Mean of the values; None for texts.
        low: The smallest value, as text.
        high: The largest value, as text.
    """

    name: str
    label: str
    kind: Kind
    unit: str
    purpose: str
    rule: str
    present: int | None
    mean: float | None
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bar of a histogram: [low, high), the last one closed; or one value of a text feature (low equals high)."""

    low: str
    high: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureDistribution:
    """One feature with how its values are spread.

    Attributes:
        feature: The feature.
        missing: Customers without a value.
        quantiles: The smallest, 5 %, 25 %, 50 %, 75 %, 95 % and the largest value; empty for texts.
        bins: Bars of equal width between the 0.5 % and 99.5 % quantiles with the tails in the outer ones; one for each
            of a few whole numbers; or the most frequent texts.
    """

    feature: FeatureEntry
    missing: int
    quantiles: tuple[float, ...]
    bins: tuple[Bin, ...]


def list_features(workspace: Workspace) -> list[FeatureEntry]:
    """Every declared feature, in the order of the files."""
    table = _built(workspace)
    figures = _figures(workspace, table) if table is not None else {}
    return [_entry(workspace, name, table, figures) for name in workspace.project.features]


def show_feature(workspace: Workspace, name: str) -> FeatureDistribution:
    """A feature and how its values are spread over customers.

    Raises:
        HabitueError: There is no such feature, or it was not built yet.
    """
    if name not in workspace.project.features:
        known = workspace.project.features
        raise RuleNameError(noun="feature", name=name, known=known, column=0, declare="Declare it under features/.")
    table = _built(workspace)
    if table is None or name not in table.columns:
        raise NotBuiltError(f"The feature {name!r} has")
    entry = _entry(workspace, name, table, _figures(workspace, table))
    total = workspace.warehouse.count(table)
    column = table[name]
    numeric = entry.kind.is_numeric
    quantiles = _quantiles(workspace, table, column) if numeric and entry.present else ()
    if entry.kind is Kind.INTEGER and quantiles and quantiles[-1] - quantiles[0] < BINS:
        bins = tuple(sorted(_values(workspace, table, column), key=lambda each: int(each.low)))
    else:
        bins = _histogram(workspace, table, column, quantiles) if numeric else _values(workspace, table, column)
    return FeatureDistribution(
        feature=entry, missing=total - (entry.present or 0), quantiles=quantiles[1:-1] if quantiles else (), bins=bins
    )


def _built(workspace: Workspace) -> ir.Table | None:
    return workspace.warehouse.table(FEATURES) if FEATURES in workspace.warehouse.tables() else None


def _figures(workspace: Workspace, table: ir.Table) -> dict[str, object]:
    figures: dict[str, ir.Value] = {}
    for name in table.columns:
        column = table[name]
        figures[f"{name} present"] = column.count()
        if column.type().is_numeric():
            figures[f"{name} mean"] = column.cast("float64").mean()
        if not column.type().is_boolean():
            figures[f"{name} low"] = column.min().cast("string")
            figures[f"{name} high"] = column.max().cast("string")
    found: dict[str, object] = workspace.warehouse.fetch(table.aggregate(**figures)).to_pylist()[0]
    return found


def _entry(workspace: Workspace, name: str, table: ir.Table | None, figures: dict[str, object]) -> FeatureEntry:
    spec = workspace.project.features[name]
    catalogue = workspace.project.catalogue
    built = table is not None and name in table.columns
    present, mean = figures.get(f"{name} present"), figures.get(f"{name} mean")
    low, high = figures.get(f"{name} low"), figures.get(f"{name} high")
    return FeatureEntry(
        name=name,
        label=spec.label,
        kind=Checker(catalogue).definition("feature", catalogue.features[name]).kind,
        unit=spec.unit,
        purpose=spec.purpose,
        rule=write(read(spec.rule)),
        present=present if built and isinstance(present, int) else None,
        mean=float(mean) if isinstance(mean, int | float | Decimal) else None,
        low=str(low) if low is not None else None,
        high=str(high) if high is not None else None,
    )


def _quantiles(workspace: Workspace, table: ir.Table, column: ir.Column) -> tuple[float, ...]:
    values = column.cast("float64")
    shares = (0.0, 0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995, 1.0)
    row = workspace.warehouse.fetch(
        table.aggregate(**{f"q{number}": values.quantile(each) for number, each in enumerate(shares)})
    ).to_pylist()[0]
    return tuple(float(row[f"q{number}"]) for number in range(len(shares)))


def _histogram(
    workspace: Workspace, table: ir.Table, column: ir.Column, quantiles: tuple[float, ...]
) -> tuple[Bin, ...]:
    if not quantiles:
        return ()
    low, high = quantiles[1], quantiles[-2]
    if low == high:
        return (
            Bin(low=f"{low:g}", high=f"{high:g}", customers=workspace.warehouse.count(table.filter(column.notnull()))),
        )
    width = (high - low) / BINS
    place = ((column.cast("float64") - low) / width).floor().cast("int64")
    bounded = ibis.ifelse(place < 0, 0, ibis.ifelse(place >= BINS, BINS - 1, place))
    counted = table.filter(column.notnull()).group_by(place=bounded).aggregate(customers=ibis._.count())
    found = {row["place"]: row["customers"] for row in workspace.warehouse.fetch(counted).to_pylist()}
    return tuple(
        Bin(low=f"{low + number * width:.6g}", high=f"{low + (number + 1) * width:.6g}", customers=found.get(number, 0))
        for number in range(BINS)
    )


def _values(workspace: Workspace, table: ir.Table, column: ir.Column) -> tuple[Bin, ...]:
    counted = table.filter(column.notnull()).group_by(value=column.cast("string")).aggregate(customers=ibis._.count())
    rows = workspace.warehouse.fetch(counted.order_by(ibis.desc("customers"), "value").limit(MOST_VALUES)).to_pylist()
    return tuple(Bin(low=row["value"], high=row["value"], customers=row["customers"]) for row in rows)
