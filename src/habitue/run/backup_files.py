"""What a copy of a project holds: which files, how each is copied, and the list that says what they are.

Left out are the warehouse and whatever else is made again, what belongs to running processes, and the master key, which
lies elsewhere and is never copied.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from habitue.config import STATE_FOLDER
from habitue.errors import HabitueError
from habitue.state.sqlite import answering

MANIFEST: Final = "backup.json"
FORMAT: Final = 1
_ORDER: Final = (
    "deliveries.sqlite",
    "transitions.sqlite",
    "log.sqlite",
    "consents.sqlite",
    "identity.sqlite",
    "control.sqlite",
    "audit.sqlite",
    "privacy.sqlite",
    "accounts.sqlite",
    "drafts.sqlite",
)
"""What is made from something is copied before it, so that a copy of a running project lacks nothing; the vault last,
which knows everybody whom the others name."""
_LAST: Final = "vault.sqlite"
_NOT_KEPT: Final = frozenset({"lock", "server.json", "spill", "schemas"})
_NOT_ENDING: Final = ("-wal", "-shm", "-journal", ".writer", ".tmp", ".duckdb", ".duckdb.wal", ".key", ".graves")
_CHUNK: Final = 1 << 20


class BackupDamagedError(HabitueError):
    """A copy is not what its list says."""

    code = "BACKUP-DAMAGED"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            what=f"The backup {str(path)!r} cannot be used: {why}.",
            do="Take another backup; nothing was written.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """One file of a copy.

    Attributes:
        path: Where it belongs in the project, with `/`.
        size: Its bytes.
        sha256: Of its content.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy says of itself.

    Attributes:
        habitue: The version that made it.
        made_at: When, UTC, ISO 8601.
        vault: The id of the vault, which names the master key that opens it; empty where there is no vault.
        files: Its files, by path.
    """

    habitue: str
    made_at: str
    vault: str
    files: tuple[CopiedFile, ...]

    def text(self) -> str:
        """The list as it is written."""
        files = [{"path": each.path, "size": each.size, "sha256": each.sha256} for each in self.files]
        head = {"format": FORMAT, "habitue": self.habitue, "made_at": self.made_at, "vault": self.vault}
        return json.dumps({**head, "files": files}, indent=1, ensure_ascii=False) + "\n"


def read_manifest(text: bytes, place: Path) -> Manifest:
    """The list of a copy.

    Raises:
        BackupDamagedError: It is none, or of a later version, or would lead out of the project.
    """
    try:
        said: Mapping[str, Any] = json.loads(text)
        if said["format"] != FORMAT:
            raise BackupDamagedError(place, f"its format is {said['format']!s:.20}, and {FORMAT} is known")
        files = tuple(
            CopiedFile(path=str(each["path"]), size=int(each["size"]), sha256=str(each["sha256"]))
            for each in said["files"]
        )
        manifest = Manifest(
            habitue=str(said["habitue"]), made_at=str(said["made_at"]), vault=str(said["vault"]), files=files
        )
    except (ValueError, TypeError, KeyError):
        raise BackupDamagedError(place, f"its list {MANIFEST} cannot be read") from None
    for each in manifest.files:
        parts = each.path.split("/")
        if not each.path or each.path.startswith("/") or "\\" in each.path or {"", ".", ".."} & set(parts):
            raise BackupDamagedError(place, "a file of it lies outside a project")
    return manifest


def files_to_copy(folder: Path, without: Sequence[Path] = ()) -> Iterator[Path]:
    """The files of a project that a copy holds, those of running parts in the order that is safe.

    Args:
        folder: The project folder.
        without: Files to leave out.
    """
    left_out = {each.resolve() for each in without}
    state = folder / STATE_FOLDER
    for path in sorted(_walk(folder)):
        if not path.is_relative_to(state) and path.resolve() not in left_out:
            yield path
    yield from (state / name for name in _ORDER if (state / name).is_file())
    kept = [path for path in sorted(_walk(state)) if _is_kept(path.relative_to(state))]
    yield from (path for path in kept if path.name not in (*_ORDER, _LAST))
    if (state / _LAST).is_file():
        yield state / _LAST


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        # A copy inside the project, the environment of a program or what git keeps is no part of it.
        folders[:] = [name for name in folders if name not in (".git", ".venv", "__pycache__")]
        if MANIFEST in names:
            folders.clear()
            continue
        yield from (path for name in names if (path := Path(at, name)).is_file() and not path.is_symlink())


def _is_kept(inside: Path) -> bool:
    return inside.parts[0] not in _NOT_KEPT and not inside.name.endswith(_NOT_ENDING)


def copy_file(path: Path, to: Path) -> None:
    """Copy one file privately; a database as one moment of it, without what was deleted from it."""
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.suffix == ".sqlite":
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with answering(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(to),))
        return
    handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as target, path.open("rb") as source:
        while piece := source.read(_CHUNK):
            target.write(piece)


def digest_of_file(path: Path) -> CopiedFile:
    """A file's size and digest; its path is to be set."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return CopiedFile(path=path.name, size=size, sha256=digest.hexdigest())


def is_sound(path: Path) -> bool:
    """Whether a database is whole."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError:
            return False
    return bool(found and found[0] == "ok")
