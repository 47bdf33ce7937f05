"""What the people of segments have in common: every feature and open trait against everybody, with effect sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import asin, sqrt
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP
from habitue.records import Kind
from habitue.run.answers import FEATURES
from habitue.run.features import list_features
from habitue.run.segment_inside import people_inside
from habitue.run.viewing import hidden_sizes, segment_crowd
from habitue.run.workspace import NotBuiltError, Workspace

MOST_GROUPS: Final = 8
_MOST_VALUES: Final = 8
_EVERYBODY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileGroup:
    """A column of a profile.

    Attributes:
        segment: The segment; empty for everybody.
        label: A few words for people.
        customers: How many; None where that is hidden.
    """

    segment: str
    label: str
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCell:
    """One group in one row.

    Attributes:
        value: The mean of those who have a value, or the share who have this one; None where hidden or there is none.
        effect: How far that is from everybody, in standard deviations (Cohen's d; of shares Cohen's h).
        people: How many it is about; None where hidden.
    """

    value: float | None
    effect: float | None
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """A feature, or one value of a trait.

    Attributes:
        of: `feature.NAME` or `trait.NAME`.
        label: A few words for people.
        unit: What it counts; `share` for shares.
        value: The value whose share it is; empty for means.
        cells: One for each group, in their order.
    """

    of: str
    label: str
    unit: str
    value: str
    cells: tuple[ProfileCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentProfile:
    """Segments against everybody.

    Attributes:
        segment: Whose profile it is.
        as_of: The instant of the features.
        groups: The segment, others to compare with, and everybody last.
        rows: The largest effect of the segment first.
    """

    segment: str
    as_of: datetime
    groups: tuple[ProfileGroup, ...]
    rows: tuple[ProfileRow, ...]


def profile_segment(
    workspace: Workspace, access: Access, segment: str, *, against: Sequence[str] = ()
) -> SegmentProfile:
    """A segment's features and open traits against everybody, and against other segments.

    Cost: one pass over the features, and one over the customers for each open trait.

    Args:
        workspace: The open project.
        access: Who asks.
        segment: The segment.
        against: Others to compare with.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: There is no such segment, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    names = list(dict.fromkeys([segment, *against]))[:MOST_GROUPS]
    if FEATURES not in workspace.warehouse.tables():
        for each in names:
            workspace.segment_rule(each)
        raise NotBuiltError("The project's features have")
    hidden = frozenset[str]() if access.sees_people else hidden_sizes(segment_crowd(workspace))
    with workspace.warehouse.keeping() as keep:
        groups = {each: keep(people_inside(workspace, each)) for each in names}
        groups[_EVERYBODY] = workspace.tables().customers
        reader = _Reader(workspace, access, groups, hidden)
        rows = [*reader.features(), *reader.traits()]
        sizes = {each: workspace.warehouse.count(table) for each, table in groups.items()}
    labels = workspace.project.segments
    shown = tuple(
        ProfileGroup(
            segment=each,
            label=labels[each].label if each else f"All {workspace.project.settings.noun}s",
            customers=None if each in hidden or (not access.sees_people and sizes[each] < LEAST_GROUP) else sizes[each],
        )
        for each in groups
    )
    ordered = sorted(rows, key=lambda row: -abs(row.cells[0].effect or 0.0))
    return SegmentProfile(segment=segment, as_of=workspace.as_of(), groups=shown, rows=tuple(ordered))


class _Reader:
    """The figures of one profile."""

    def __init__(
        self, workspace: Workspace, access: Access, groups: Mapping[str, ir.Table], hidden: frozenset[str]
    ) -> None:
        self._workspace = workspace
        self._access = access
        self._groups = groups
        self._hidden = hidden

    def features(self) -> list[ProfileRow]:
        """A row for each feature that is a number or a truth."""
        table = self._workspace.warehouse.table(FEATURES)
        entries = [each for each in list_features(self._workspace) if each.name in table.columns]
        numeric = [each for each in entries if each.kind.is_numeric or each.kind is Kind.BOOLEAN]
        found = {
            name: self._figures(table, rows, [each.name for each in numeric]) for name, rows in self._groups.items()
        }
        made = []
        for entry in numeric:
            everybody = found[_EVERYBODY][entry.name]
            cells = tuple(self._mean_cell(name, found[name][entry.name], everybody) for name in self._groups)
            unit = "share" if entry.kind is Kind.BOOLEAN else entry.unit
            made.append(ProfileRow(of=f"feature.{entry.name}", label=entry.label, unit=unit, value="", cells=cells))
        for entry in entries:
            if entry.kind is Kind.TEXT:
                made += self._shares(table, entry.name, f"feature.{entry.name}", entry.label)
        return made

    def traits(self) -> list[ProfileRow]:
        """A row for each frequent value of each open trait that is a text or a truth."""
        made: list[ProfileRow] = []
        customers = self._workspace.tables().customers
        for name, kind in self._workspace.project.catalogue.traits.items():
            if kind in (Kind.TEXT, Kind.BOOLEAN):
                made += self._shares(customers, name, f"trait.{name}", name.replace("_", " "))
        return made

    def _figures(self, table: ir.Table, rows: ir.Table, names: Sequence[str]) -> dict[str, tuple[int, float, float]]:
        """How many have a value, its mean and its standard deviation, by feature."""
        inside = table.semi_join(rows.select("customer_id"), "customer_id")
        figures: dict[str, ir.Value] = {}
        for number, name in enumerate(names):
            column = inside[name].cast("float64")
            figures |= {
                f"n{number}": column.count(),
                f"m{number}": column.mean(),
                f"s{number}": column.std(how="pop"),
            }
        row = self._workspace.warehouse.fetch(inside.aggregate(**figures)).to_pylist()[0] if figures else {}
        return {
            name: (row[f"n{number}"], row[f"m{number}"] or 0.0, row[f"s{number}"] or 0.0)
            for number, name in enumerate(names)
        }

    def _mean_cell(
        self, group: str, figures: tuple[int, float, float], everybody: tuple[int, float, float]
    ) -> ProfileCell:
        people, mean, _ = figures
        if not people or self._is_secret(group, people):
            return ProfileCell(value=None, effect=None, people=None if people else 0)
        effect = (mean - everybody[1]) / everybody[2] if everybody[2] > 0 else 0.0
        return ProfileCell(value=self._shown(mean), effect=round(effect, 3), people=people)

    def _shares(self, table: ir.Table, column: str, of: str, label: str) -> list[ProfileRow]:
        counts = {name: self._values(table, rows, column) for name, rows in self._groups.items()}
        frequent = sorted(counts[_EVERYBODY], key=lambda each: (-counts[_EVERYBODY][each], each))[:_MOST_VALUES]
        totals = {name: sum(found.values()) for name, found in counts.items()}
        made = []
        for value in frequent:
            base = counts[_EVERYBODY][value] / totals[_EVERYBODY]
            cells = tuple(
                self._share_cell(name, counts[name].get(value, 0), totals[name], base) for name in self._groups
            )
            made.append(ProfileRow(of=of, label=label, unit="share", value=value, cells=cells))
        return made

    def _values(self, table: ir.Table, rows: ir.Table, column: str) -> dict[str, int]:
        inside = table.semi_join(rows.select("customer_id"), "customer_id")
        inside = inside.filter(inside[column].notnull())
        counted = inside.group_by(value=inside[column].cast("string")).aggregate(people=inside.count())
        top = counted.order_by(ibis.desc("people"), "value").limit(1000)
        return {row["value"]: row["people"] for row in self._workspace.warehouse.fetch(top).to_pylist()}

    def _share_cell(self, group: str, people: int, total: int, base: float) -> ProfileCell:
        small = not self._access.sees_people and (0 < people < LEAST_GROUP or 0 < total - people < LEAST_GROUP)
        if not total or self._is_secret(group, total) or small:
            return ProfileCell(value=None, effect=None, people=None)
        share = people / total
        effect = 2 * asin(sqrt(share)) - 2 * asin(sqrt(base))
        return ProfileCell(value=self._shown(share), effect=round(effect, 3), people=people)

    def _is_secret(self, group: str, people: int) -> bool:
        return not self._access.sees_people and (group in self._hidden or people < LEAST_GROUP)

    def _shown(self, value: float) -> float:
        """Two significant digits for roles that see no people: too few to know a person by."""
        return value if self._access.sees_people else float(f"{value:.2g}")
