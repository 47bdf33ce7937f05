"""`habitue rebuild`: the warehouse made anew from the sources and the log beside the one there is, and both compared.

Everything in the warehouse is a projection, so nothing but time is lost by it; where a table comes out otherwise than
it was, that is a mistake of ours, or somebody changed the file.

Cost: as of a build of everything, and one pass over all tables twice.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.run.building import BuildOrder
from habitue.run.stores import WAREHOUSE_FILE, open_warehouse
from habitue.run.table_digests import TableDigest, differing, table_digests
from habitue.run.workspace import Workspace
from habitue.sources.progress import Progress, silent

_ANEW: Final = "rebuilt.tmp"
"""In the folder for what does not fit into memory: whatever is left there goes when the project is opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRebuilt:
    """One table, as it was and as it is now.

    Attributes:
        table: Its name.
        rows: Rows it has now.
        rows_before: Rows it had; None where it was not there.
        is_equal: Whether every row is the same.
    """

    table: str
    rows: int | None
    rows_before: int | None
    is_equal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild gave.

    Attributes:
        tables: Every table, by name.
        differences: Names of the tables that came out otherwise.
        events: Live events in the tables.
        seconds: Wall time.
    """

    tables: tuple[TableRebuilt, ...]
    differences: tuple[str, ...]
    events: int
    seconds: float


def rebuild(workspace: Workspace, *, progress: Progress = silent) -> Rebuilt:
    """Make every table anew and compare it with what was there, as of the instant of the last answers.

    What is stale is built first, so that only what should be equal is compared. The new tables take the place of the
    old ones in the end, or not at all.

    Args:
        workspace: The open project.
        progress: Told how far it is.

    Raises:
        HabitueError: Something is wrong with the data or the machine; the tables are those there were.
    """
    begun = workspace.clock()
    order = _same_instant(workspace)
    workspace.build(order, progress=progress)
    before = table_digests(workspace.warehouse)
    state = state_folder(workspace.project.folder)
    anew = state / "spill" / _ANEW
    old = workspace.stores.warehouse
    _remove(anew)
    workspace.stores.warehouse = Warehouse.open(anew, spill=state / "spill", memory=workspace.project.settings.memory)
    try:
        report = workspace.build(_same_instant(workspace), progress=progress)
        after = table_digests(workspace.warehouse)
    except BaseException:
        workspace.stores.warehouse.close()
        workspace.stores.warehouse = old
        _remove(anew)
        raise
    workspace.stores.warehouse.close()
    old.close()
    anew.replace(state / WAREHOUSE_FILE)
    workspace.stores.warehouse = open_warehouse(state, workspace.project.settings.memory)
    live = sum(each.rows for each in report.steps if each.name == "live events")
    seconds = (workspace.clock() - begun).total_seconds()
    return Rebuilt(
        tables=tuple(_compared(name, before, after) for name in sorted({*before, *after})),
        differences=tuple(differing(before, after)),
        events=live,
        seconds=seconds,
    )


def _same_instant(workspace: Workspace) -> BuildOrder:
    last = workspace.control.last_answers()
    return BuildOrder(as_of=None if last is None else last.as_of)


def _compared(name: str, before: dict[str, TableDigest], after: dict[str, TableDigest]) -> TableRebuilt:
    was, now = before.get(name), after.get(name)
    return TableRebuilt(
        table=name,
        rows=None if now is None else now.rows,
        rows_before=None if was is None else was.rows,
        is_equal=was == now,
    )


def _remove(path: Path) -> None:
    for each in (path, path.with_name(f"{path.name}.wal")):
        each.unlink(missing_ok=True)
