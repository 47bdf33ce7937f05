"""The open files of one project: tables, control data, the vault and the audit log."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.engines.warehouse_failures import WarehouseError
from habitue.govern.audit import AuditLog
from habitue.govern.ledger import ConsentLedger
from habitue.govern.opening import open_vault
from habitue.govern.vault import Vault
from habitue.govern.vouching import VaultVoucher
from habitue.run.project import Project
from habitue.run.surroundings import Surroundings
from habitue.state import Control

WAREHOUSE_FILE = "warehouse.duckdb"
_COPIES = "apart"


@dataclass(slots=True, kw_only=True)
class Stores:
    """What is open while a project is.

    Attributes:
        warehouse: Its tables: a projection.
        control: What was loaded, failed and built.
        vault: Who people are.
        audit: Who looked at or changed what is personal.
        consents: What people said about purposes, as far as it was said here.
    """

    warehouse: Warehouse
    control: Control
    vault: Vault
    audit: AuditLog
    consents: ConsentLedger

    @classmethod
    def open(cls, project: Project, around: Surroundings, *, anew: bool = False) -> Self:
        """Open the files of a project, made when absent.

        Args:
            project: The project.
            around: Chance, and where the master key is kept.
            anew: Put an empty warehouse in place of one that cannot be opened.

        Raises:
            HabitueError: One of them cannot be opened; the others are closed again.
        """
        state = state_folder(project.folder)
        # Of a server that was killed while another process built.
        drop_copy(state)
        return cls._open(project, around, lambda: open_warehouse(state, project.settings.memory, anew=anew))

    @classmethod
    def apart(cls, project: Project, around: Surroundings, memory: int | None) -> Self:
        """The same files for another process, with the copy of the warehouse that was made for it.

        Args:
            project: The project.
            around: Chance, and where the master key is kept.
            memory: Bytes that tables and operators may take.

        Raises:
            HabitueError: One of them cannot be opened; the others are closed again.
        """
        copy = copied_warehouse(state_folder(project.folder))
        return cls._open(project, around, lambda: Warehouse.open(copy, spill=copy.with_suffix(".spill"), memory=memory))

    def beside(self, project: Project, around: Surroundings) -> Self:
        """The same files once more, for another thread of this process.

        Args:
            project: The project.
            around: Chance, and where the master key is kept.

        Raises:
            HabitueError: One of them cannot be opened; the others are closed again.
        """
        return self._open(project, around, self.warehouse.beside)

    @classmethod
    def _open(cls, project: Project, around: Surroundings, warehouse_of: Callable[[], Warehouse]) -> Self:
        with ExitStack() as opened:
            vault = opened.enter_context(
                open_vault(project.folder, environ=around.environ, home=around.home, random=around.random)
            )
            control = opened.enter_context(Control.open(project.folder, sealer=vault.lane))
            audit = opened.enter_context(AuditLog.open(project.folder, voucher=VaultVoucher(vault)))
            consents = opened.enter_context(ConsentLedger.open(project.folder))
            warehouse = opened.enter_context(warehouse_of())
            opened.pop_all()
        return cls(warehouse=warehouse, control=control, vault=vault, audit=audit, consents=consents)

    def close(self) -> None:
        """Give all files back."""
        for each in (self.warehouse, self.consents, self.audit, self.control, self.vault):
            each.close()


def copied_warehouse(state: Path) -> Path:
    """Where another process finds a copy of the warehouse to build in: where no backup and no listing looks."""
    return state / "spill" / _COPIES / WAREHOUSE_FILE


def drop_copy(state: Path) -> None:
    """Leave nothing of a copy to build in, and of what was written beside it."""
    shutil.rmtree(copied_warehouse(state).parent, ignore_errors=True)


def open_warehouse(state: Path, memory: int | None, *, anew: bool = False) -> Warehouse:
    """The warehouse in a state folder.

    Args:
        state: The folder `.habitue` of a project.
        memory: Bytes that tables and operators may take.
        anew: Put an empty one in place of one that cannot be opened.

    Raises:
        WarehouseError: It cannot be opened.
    """
    path, spill = state / WAREHOUSE_FILE, state / "spill"
    # What a killed process was sorting may hold rows as they came from the files.
    for left in spill.glob("*.tmp") if spill.is_dir() else ():
        left.unlink(missing_ok=True)
    try:
        return Warehouse.open(path, spill=spill, memory=memory)
    except WarehouseError:
        if not anew:
            raise
    # It is a projection: everything in it is made again from the sources and the history.
    for file in (path, path.with_name(f"{path.name}.wal")):
        file.unlink(missing_ok=True)
    return Warehouse.open(path, spill=spill, memory=memory)
