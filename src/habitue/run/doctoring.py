"""`habitue doctor`: whether a project is well, part by part, and what to do about each that is not.

It changes nothing, and may run beside a server of the project.

Cost: one pass over the log with its checksums, over every page of the databases, and over the audit log.
"""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import duckdb

from habitue.config import STATE_FOLDER
from habitue.engines.warehouse import Warehouse
from habitue.errors import HabitueError
from habitue.govern.keys import key_file
from habitue.govern.opening import VAULT_ID_FILE, open_vault
from habitue.govern.requests import PRIVACY_FILE, PrivacyJournal
from habitue.records.version import VERSION
from habitue.run.auditing import open_audit
from habitue.run.backup_files import is_sound
from habitue.run.live_parts import LOG_FILE
from habitue.run.project import check_project
from habitue.run.stores import WAREHOUSE_FILE
from habitue.run.surroundings import Surroundings
from habitue.sources.live_tables import live_read
from habitue.state import ProjectLock
from habitue.state.lock import ProjectBusyError
from habitue.state.notice import NOTICE_FILE, read_notice
from habitue.streams import LogReader

Status = Literal["ok", "warn", "fail"]
_TOO_LITTLE: Final = 64 << 20
_LITTLE: Final = 1 << 30
_PAGE: Final = 10_000
_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one part of a project.

    Attributes:
        part: Its name.
        status: `ok`, `warn` where something should be done, `fail` where something is broken.
        said: What was found.
        do: What to do about it; empty where nothing is to be done.
    """

    part: str
    status: Status
    said: str
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient:
    """What is looked at."""

    folder: Path
    around: Surroundings

    @property
    def state(self) -> Path:
        """The folder of its state; it need not be there."""
        return self.folder / STATE_FOLDER


def examine(folder: Path, around: Surroundings) -> list[Finding]:
    """Look at every part of a project.

    Args:
        folder: The project folder.
        around: The time, chance, and where keys are kept.
    """
    patient, found = _Patient(folder=folder, around=around), list[Finding]()
    checks: dict[str, Callable[[_Patient], Iterator[Finding]]] = {
        "version": _version,
        "files": _files,
        "disk": _disk,
        "permissions": _permissions,
        "locks": _locks,
        "databases": _databases,
        "key": _key,
        "audit": _audit,
        "erasures": _erasures,
        "log": _log,
        "warehouse": _warehouse,
    }
    for part, check in checks.items():
        try:
            found += check(patient)
        except HabitueError as error:
            found.append(Finding(part=part, status="fail", said=error.what, do=error.do))
        except OSError as error:
            said = f"It cannot be looked at: {os.strerror(error.errno or 0).lower()}."
            found.append(Finding(part=part, status="fail", said=said, do="Check who owns the folder."))
    return found


def _version(patient: _Patient) -> Iterator[Finding]:
    del patient
    said = (
        f"Habitue {VERSION}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" DuckDB {duckdb.__version__}."
    )
    yield Finding(part="version", status="ok", said=said)


def _files(patient: _Patient) -> Iterator[Finding]:
    project, faults = check_project(patient.folder)
    if faults or project is None:
        first = faults[0] if faults else None
        said = f"{len(faults)} faults in the project's files" + (f", the first in {first.file}." if first else ".")
        yield Finding(part="files", status="fail", said=said, do="Run `habitue check`.")
        return
    sources = project.sources
    declared = f"{len(sources.sources)} sources of files, {len(sources.collected)} live ones"
    yield Finding(part="files", status="ok", said=f"No faults: {declared}, {len(project.segments)} segments.")


def _disk(patient: _Patient) -> Iterator[Finding]:
    disk = os.statvfs(patient.folder)
    free = disk.f_bavail * disk.f_frsize
    log = patient.state / LOG_FILE
    wanted = max(_LITTLE, 2 * log.stat().st_size if log.exists() else 0)
    said = f"{free / (1 << 30):,.1f} GiB free."
    if free < _TOO_LITTLE:
        yield Finding(part="disk", status="fail", said=said, do="Free disk space: events are refused without it.")
    elif free < wanted:
        do = f"Free disk space: a build and an erasure may need {wanted / (1 << 30):,.1f} GiB."
        yield Finding(part="disk", status="warn", said=said, do=do)
    else:
        yield Finding(part="disk", status="ok", said=said)


def _permissions(patient: _Patient) -> Iterator[Finding]:
    paths = [path for path in patient.state.rglob("*") if path.is_file() and not path.is_symlink()]
    paths = [path for path in paths if path.relative_to(patient.state).parts[0] != "schemas"]
    vault = _vault_id(patient)
    if vault:
        paths.append(key_file(vault, patient.around.environ, patient.around.home))
    # Parquet files and the warehouse hold no clear identifiers; the folder they are in is private all the same.
    inside = patient.state.exists() and not patient.state.stat().st_mode & _OTHERS
    telling = (".sqlite", ".key", ".json")
    open_to_others = [
        path
        for path in paths
        if path.exists() and path.stat().st_mode & _OTHERS and (path.suffix in telling or not inside)
    ]
    if open_to_others:
        names = ", ".join(path.name for path in sorted(open_to_others)[:5])
        said = f"{len(open_to_others)} files can be read by others: {names}."
        yield Finding(part="permissions", status="warn", said=said, do=f"chmod -R go-rwx {str(patient.state)!r}")
    else:
        yield Finding(part="permissions", status="ok", said="Only the owner can read what is kept.")


def _locks(patient: _Patient) -> Iterator[Finding]:
    if not patient.state.exists():
        return
    holder = _holder(patient.folder)
    notice = read_notice(patient.folder)
    if (patient.state / NOTICE_FILE).exists() and (notice is None or holder is None):
        said = "A server that is not there any longer says where it is reached."
        yield Finding(part="locks", status="warn", said=said, do=f"Delete {STATE_FOLDER}/{NOTICE_FILE}.")
    elif notice is not None:
        yield Finding(part="locks", status="ok", said=f"Served by process {notice.pid} at {notice.url}.")
    elif holder is not None:
        yield Finding(part="locks", status="ok", said=f"In use by process {holder.pid} ({holder.command}).")
    else:
        yield Finding(part="locks", status="ok", said="Nobody works on the project.")


def _databases(patient: _Patient) -> Iterator[Finding]:
    paths = sorted(patient.state.glob("*.sqlite"))
    broken = [path.name for path in paths if not is_sound(path)]
    if broken:
        do = "Stop what runs, and restore them from a backup: `habitue restore`."
        yield Finding(part="databases", status="fail", said=f"Damaged: {', '.join(broken)}.", do=do)
    else:
        yield Finding(part="databases", status="ok", said=f"{len(paths)} databases, every page of them sound.")


def _key(patient: _Patient) -> Iterator[Finding]:
    if not _vault_id(patient):
        yield Finding(part="key", status="warn", said="There is no vault yet.", do="Run `habitue build`.")
        return
    around = patient.around
    with open_vault(patient.folder, environ=around.environ, home=around.home, random=around.random) as vault:
        said = f"The master key opens the vault of {vault.count():,} records."
    yield Finding(part="key", status="ok", said=said)


def _audit(patient: _Patient) -> Iterator[Finding]:
    if not _vault_id(patient):
        return
    with open_audit(patient.folder, patient.around) as log:
        check = log.verify()
    if check.broken_at is not None:
        said = f"The audit log is broken at entry {check.broken_at:,}: {check.why}."
        yield Finding(part="audit", status="fail", said=said, do="Somebody changed it: compare it with a backup.")
    else:
        yield Finding(part="audit", status="ok", said=f"{check.entries:,} entries, nothing changed, none missing.")


def _erasures(patient: _Patient) -> Iterator[Finding]:
    if not (patient.state / PRIVACY_FILE).exists():
        return
    with PrivacyJournal.open(patient.folder) as journal:
        waiting = len(journal.unfinished())
    if waiting:
        said = f"{waiting} orders to erase somebody were cut short."
        yield Finding(part="erasures", status="warn", said=said, do="Run `habitue build`: it goes on with them.")
    else:
        yield Finding(part="erasures", status="ok", said="Every order to erase somebody was carried out.")


def _log(patient: _Patient) -> Iterator[Finding]:
    path = patient.state / LOG_FILE
    if not path.exists():
        return
    with LogReader(path) as reader:
        after, records = 0, 0
        while page := reader.read(after, _PAGE):
            after, records = page[-1].offset, records + len(page)
        counts = list(reader.counts().values())
    failed = sum(each.failed for each in counts)
    received = sum(each.received for each in counts)
    stored = sum(each.stored for each in counts)
    duplicates = sum(each.duplicates for each in counts)
    said = f"{records:,} messages, every checksum right; {received:,} received = {stored:,} stored + "
    said += f"{duplicates:,} duplicates + {failed:,} failed."
    if received != stored + duplicates + failed:
        yield Finding(part="log", status="fail", said=said, do="Restore the log from a backup, and report this.")
    else:
        yield Finding(part="log", status="ok", said=said)


def _warehouse(patient: _Patient) -> Iterator[Finding]:
    path, build = patient.state / WAREHOUSE_FILE, "Run `habitue build`."
    if not path.exists():
        yield Finding(part="warehouse", status="warn", said="Nothing was built yet.", do=build)
        return
    if _holder(patient.folder) is not None:
        yield Finding(part="warehouse", status="ok", said="Open in the process that works on the project.")
        return
    with Warehouse.open(path, spill=patient.state / "spill") as warehouse:
        tables, read = len(warehouse.tables()), live_read(warehouse)
    behind = _newest(patient) - (read.place if read is not None else 0)
    said = f"{tables} tables."
    if behind > 0:
        said = f"{tables} tables; {behind:,} live messages are not in them yet."
        yield Finding(part="warehouse", status="warn", said=said, do=build)
    elif behind < 0:
        said = f"{tables} tables, made from a log that went further than the one there is."
        yield Finding(part="warehouse", status="warn", said=said, do="Run `habitue build`: it reads the log anew.")
    else:
        yield Finding(part="warehouse", status="ok", said=said)


def _newest(patient: _Patient) -> int:
    path = patient.state / LOG_FILE
    if not path.exists():
        return 0
    with LogReader(path) as reader:
        return reader.bounds()[1]


def _holder(folder: Path) -> ProjectBusyError | None:
    """Who works on the project."""
    try:
        with ProjectLock(folder):
            return None
    except ProjectBusyError as error:
        return error


def _vault_id(patient: _Patient) -> str:
    try:
        return (patient.state / VAULT_ID_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
