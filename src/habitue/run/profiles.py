"""The quality profile of a project's tables: measured, compared with the load before, and held against a gate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ibis.expr.types as ir

from habitue.config import state_folder, write_text
from habitue.errors import HabitueError, did_you_mean
from habitue.run.answers import FEATURES
from habitue.run.sources import SourceUnknownError
from habitue.run.workspace import NotBuiltError, Workspace
from habitue.sources.plans import EntityPlan, EventPlan, SourcePlan
from habitue.sources.profile import ProfileRequest, profile_table
from habitue.sources.profile_values import ColumnProfile, TableProfile, read_profile
from habitue.sources.progress import Progress, silent
from habitue.sources.shapes import CONSENTS, CUSTOMERS, ITEMS, SOURCE_CONSENTS
from habitue.sources.tables import GIVEN, LoadedSource, filled_tables, loaded_sources

PROFILES = "profiles"
_OURS = frozenset({"record_id", "event_id", "position", "local_hour", "local_weekday", "local_month", "received_at"})
_SERVED = {SOURCE_CONSENTS: CONSENTS} | {given: name for name, given in GIVEN.items()}


class ProfileTargetError(HabitueError):
    """A table has no column that could be the target."""

    code = "PROFILE-TARGET"

    def __init__(self, target: str, tables: Sequence[str], columns: Sequence[str]) -> None:
        near = did_you_mean(target, columns)
        super().__init__(
            what=f"No column is called {target!r} in {', '.join(tables)}.",
            do=f"Did you mean {near!r}?" if near else f"Columns: {', '.join(columns[:20])}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFinding:
    """Something that keeps a table from passing the gate.

    Attributes:
        column: The column.
        says: One sentence.
    """

    column: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledTable:
    """The quality of one table.

    Attributes:
        table: Its name in the warehouse.
        label: What people call it: the event, or the table.
        sources: The sources that fill it.
        profile: Its quality.
        compared: Whether there was a profile of the load before to compare with.
        gate: What falls short of the contracts, and columns that give a target away.
    """

    table: str
    label: str
    sources: tuple[str, ...]
    profile: TableProfile
    compared: bool
    gate: tuple[GateFinding, ...]


def profile_tables(
    workspace: Workspace,
    name: str | None = None,
    *,
    target: str | None = None,
    tolerance: float = 0.0,
    progress: Progress = silent,
) -> list[ProfiledTable]:
    """The quality of a source's tables, of one table, or of all that sources fill.

    What is measured is kept in `.habitue/profiles/`, one file a table, so that the next load can be compared with it.

    Args:
        workspace: The open project.
        name: A source, a table or an event; None for all.
        target: A column to be predicted: columns that nearly give it away are named.
        tolerance: The share of rows, 0 to 1, that may fall short before the gate says so.
        progress: Told how far it is.

    Raises:
        HabitueError: There is no such source or table, nothing was loaded yet, or no table has the target.
    """
    held = loaded_sources(workspace.warehouse)
    if not held:
        raise NotBuiltError("The sources have")
    names = _chosen(workspace, name)
    if target is not None:
        names = _with_target(workspace, names, target)
    profiled = []
    for number, table in enumerate(names):
        progress("profile", number, len(names))
        profiled.append(_profiled(workspace, table, held, target=target, tolerance=tolerance))
    return profiled


def _chosen(workspace: Workspace, name: str | None) -> list[str]:
    there = set(workspace.warehouse.tables())
    sources = workspace.project.sources
    shapes = {shape.name: shape for shape in sources.tables.values()}
    served = [each for each in (*shapes, CONSENTS) if each in there]
    if name is None:
        return [each for each in served if workspace.warehouse.count(workspace.warehouse.table(each))]
    for plan in sources.sources:
        if plan.name == name:
            return [_SERVED.get(each, each) for each in filled_tables(plan)]
    for shape in shapes.values():
        if name in (shape.name, shape.event):
            return [shape.name]
    if name in there and name in (CUSTOMERS, ITEMS, CONSENTS, FEATURES):
        return [name]
    events = [shape.event for shape in shapes.values() if shape.event]
    raise SourceUnknownError(name, [*(plan.name for plan in sources.sources), *events, *served])


def table_named(workspace: Workspace, name: str) -> str:
    """The table of an event or of its own name.

    Raises:
        SourceUnknownError: There is none, or a source of that name fills several.
    """
    found = _chosen(workspace, name)
    if len(found) != 1 or found[0] not in workspace.warehouse.tables():
        raise SourceUnknownError(name, found)
    return found[0]


def _with_target(workspace: Workspace, names: Sequence[str], target: str) -> list[str]:
    columns = {name: workspace.warehouse.table(name).columns for name in names}
    having = [name for name in names if target in columns[name]]
    if not having:
        raise ProfileTargetError(target, names, list(dict.fromkeys(each for got in columns.values() for each in got)))
    return having


def _profiled(
    workspace: Workspace, name: str, held: Mapping[str, LoadedSource], *, target: str | None, tolerance: float
) -> ProfiledTable:
    plans = [plan for plan in workspace.project.sources.sources if name in _served_tables(plan)]
    shape = workspace.project.sources.tables.get(name)
    mark = _mark(workspace, name, plans, held)
    kept = _Kept(state_folder(workspace.project.folder) / PROFILES / f"{name}.json")
    previous = kept.before(mark)
    failed = _failed_by_column(workspace, name, plans)
    request = ProfileRequest(
        now=workspace.clock(),
        key={CUSTOMERS: ("customer_id",), ITEMS: ("item_id",), FEATURES: ("customer_id",)}.get(name, ()),
        personal=frozenset(each.name for each in shape.columns if each.personal) if shape else frozenset(),
        failed=failed,
        target=target,
    )
    profile = profile_table(_readable(workspace, name), request, previous=previous)
    rows = sum(load.rows_read for plan in plans for load in workspace.control.loads(plan.name))
    profile = replace(profile, columns=tuple(_judged(column, rows) for column in profile.columns))
    kept.write(mark, replace(profile, leaks=()), previous)
    return ProfiledTable(
        table=name,
        label=(shape.event if shape else "") or name,
        sources=tuple(plan.name for plan in plans),
        profile=profile,
        compared=previous is not None,
        gate=tuple(_gate(profile, name, plans, tolerance)),
    )


def _readable(workspace: Workspace, name: str) -> ir.Table:
    """The table without the columns that are ours: equal events then count as duplicates."""
    table = workspace.warehouse.table(name)
    return table.select([column for column in table.columns if column not in _OURS])


def _served_tables(plan: SourcePlan) -> set[str]:
    return {_SERVED.get(name, name) for name in filled_tables(plan)}


def _mark(workspace: Workspace, name: str, plans: Sequence[SourcePlan], held: Mapping[str, LoadedSource]) -> str:
    """What the table was last loaded or built from."""
    if name == FEATURES:
        return workspace.as_of().isoformat()
    return ",".join(held[plan.name].digest for plan in plans if plan.name in held)


def _failed_by_column(workspace: Workspace, name: str, plans: Sequence[SourcePlan]) -> dict[str, int]:
    """Rows in the failed lane by the column of the table that they failed for."""
    found: dict[str, int] = {}
    for plan in plans:
        columns = _columns_of(plan, name)
        for field, rows in workspace.control.failed.counts_by_field(plan.name).items():
            for column in columns.get(field, ()):
                found[column] = found.get(column, 0) + rows
    return found


def _columns_of(plan: SourcePlan, table: str) -> dict[str, set[str]]:
    """The columns of a table that each field of a source fills, and each property itself."""
    found: dict[str, set[str]] = {}
    for make in plan.makes:
        if not isinstance(make, EventPlan | EntityPlan) or make.table != table:
            continue
        heads = (
            {"customer_id": make.customer, "occurred_at": make.occurred_at}
            if isinstance(make, EventPlan)
            else {("customer_id" if table == CUSTOMERS else "item_id"): make.key}
        )
        for column, field in heads.items():
            found.setdefault(field, set()).add(column)
        for each in make.properties:
            found.setdefault(each.name, set()).add(each.name)
            found.setdefault(each.value.field or each.name, set()).add(each.name)
    return found


def _judged(column: ColumnProfile, rows: int) -> ColumnProfile:
    """Validity among the rows that the sources read: a table may hold one row for many of theirs, or many for one."""
    return replace(column, validity=max(0.0, 1 - column.failed / rows)) if rows else column


def _gate(profile: TableProfile, table: str, plans: Sequence[SourcePlan], tolerance: float) -> list[GateFinding]:
    required = {"customer_id", "occurred_at", "item_id"} | {
        each.name
        for plan in plans
        for make in plan.makes
        if isinstance(make, EventPlan | EntityPlan) and make.table == table
        for each in make.properties
        if each.rules is not None and each.rules.required
    }
    found = []
    for column in profile.columns:
        if column.name in required and 1 - column.completeness > tolerance:
            found.append(GateFinding(column=column.name, says=f"is required and missing in {column.missing:,} rows."))
        if column.failed and 1 - column.validity > tolerance:
            says = f"kept {column.failed:,} rows in the failed lane ({1 - column.validity:.1%} of those read)."
            found.append(GateFinding(column=column.name, says=says))
    return [*found, *(GateFinding(column=leak.column, says=leak.says) for leak in profile.leaks)]


class _Kept:
    """The profiles of a table's last two loads, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[tuple[str, TableProfile]] = []
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            self._entries = [(each["mark"], read_profile(json.dumps(each["profile"]))) for each in said]
        except (OSError, ValueError, KeyError, TypeError):
            # Absent, or of another version: there is nothing to compare with.
            self._entries = []

    def before(self, mark: str) -> TableProfile | None:
        """The profile of the latest other load."""
        return next((profile for known, profile in reversed(self._entries) if known != mark), None)

    def write(self, mark: str, profile: TableProfile, before: TableProfile | None) -> None:
        """Keep this profile and the one before."""
        earlier = [(known, each) for known, each in self._entries if each is before]
        said = [{"mark": known, "profile": each.to_json()} for known, each in [*earlier, (mark, profile)]]
        write_text(self._path, json.dumps(said))
