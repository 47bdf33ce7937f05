"""`habitue backup` and `habitue restore`: a copy of a project, made while it is served or not, and put back.

Everything is verified twice: what was written is read again, and what is put back is held against the list. Whoever was
erased since the copy was made is erased again before anything is answered.
"""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from habitue.config import STATE_FOLDER, NotWritableError, sync, writing
from habitue.errors import HabitueError
from habitue.govern.opening import VAULT_ID_FILE
from habitue.records.version import VERSION
from habitue.run.backup_files import (
    MANIFEST,
    BackupDamagedError,
    CopiedFile,
    Manifest,
    copy_file,
    digest_of_file,
    files_to_copy,
    is_sound,
    read_manifest,
)
from habitue.run.project import read_project
from habitue.sources.reading import list_parts

_ARCHIVES: Final = (".tar", ".tar.gz", ".tgz")
_LARGEST_LIST: Final = 256 << 20


class BackupThereError(HabitueError):
    """Something is where a copy, or a project, was to be put."""

    code = "BACKUP-THERE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"There is something at {str(path)!r} already.",
            do="Name a place where nothing is: nothing is ever written over.",
        )


class BackupMissingError(HabitueError):
    """There is no copy at a place."""

    code = "BACKUP-MISSING"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"There is no backup at {str(path)!r}.",
            do="Name a folder or a .tar file that `habitue backup` made.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy.

    Attributes:
        place: The folder or archive.
        files: How many files it holds.
        bytes: Their size.
        vault: The id of the vault; `<id>.key` is the master key, which is not in the copy.
        made_at: When it was made.
    """

    place: Path
    files: int
    bytes: int
    vault: str
    made_at: datetime


def back_up(folder: Path, to: Path, *, now: datetime, without: Sequence[Path] = ()) -> Backup:
    """Copy a project; another process may be serving it.

    Args:
        folder: The project folder.
        to: A folder, or a file ending in .tar, .tar.gz or .tgz; nothing may be there.
        now: The present time, aware.
        without: Files to leave out.

    Raises:
        BackupThereError: Something is there.
        HabitueError: A file cannot be read or written; nothing is left behind.
    """
    _refuse_what_is_there(to)
    with _apart(to) as staging:
        copied = []
        for path in files_to_copy(folder, without):
            inside = path.relative_to(folder)
            # The history of builds loses files now and then; what is gone meanwhile is told in newer ones.
            with suppress(FileNotFoundError), writing(staging / inside):
                copy_file(path, staging / inside)
                copied.append(replace(digest_of_file(staging / inside), path=inside.as_posix()))
        manifest = Manifest(
            habitue=VERSION, made_at=now.astimezone(UTC).isoformat(), vault=_vault_id(folder), files=tuple(copied)
        )
        with writing(staging / MANIFEST):
            (staging / MANIFEST).touch(0o600)
            (staging / MANIFEST).write_text(manifest.text(), encoding="utf-8")
        _check(staging, manifest, staging)
        if to.name.endswith(_ARCHIVES):
            _pack(staging, to)
            with _unpacked(to) as again:
                _check(again, manifest, to)
        else:
            for path in sorted(staging.rglob("*")):
                sync(path)
            staging.rename(to)
        sync(to.parent)
    return _told(to, manifest)


def data_files(folder: Path) -> list[Path]:
    """The files that the sources of a project read, as far as they are there.

    Raises:
        ProjectFaultsError: The project's files hold faults.
    """
    found: list[Path] = []
    for plan in read_project(folder).sources.sources:
        with suppress(HabitueError):
            found += [part.path for part in list_parts(folder, plan.name, plan.spec.patterns)]
    return found


def verify_backup(place: Path) -> Backup:
    """Hold a copy against its list.

    Raises:
        BackupDamagedError: It is not what the list says.
        BackupMissingError: There is none.
    """
    with _opened(place) as source:
        manifest = _list_of(source, place)
        _check(source, manifest, place)
    return _told(place, manifest)


def put_back(place: Path, to: Path) -> Backup:
    """Put a copy where nothing is; what has to be done before anything is answered is the caller's.

    Args:
        place: The copy.
        to: The folder of the project it becomes; not there, or empty.

    Raises:
        BackupDamagedError: The copy is not what its list says; nothing was written.
        BackupMissingError: There is none.
        BackupThereError: Something is at `to`.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BackupThereError(to)
    with _opened(place) as source:
        manifest = _list_of(source, place)
        _check(source, manifest, place)
        with _apart(to) as staging:
            for each in manifest.files:
                with writing(staging / each.path):
                    _take(source / each.path, staging / each.path)
            _check(staging, manifest, place)
            for path in sorted(staging.rglob("*")):
                sync(path)
            if to.exists():
                to.rmdir()
            staging.rename(to)
            sync(to.parent)
    return _told(to, manifest)


def _take(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(path, to)
    to.chmod(0o600 if STATE_FOLDER in to.parts else 0o644)


def _told(place: Path, manifest: Manifest) -> Backup:
    return Backup(
        place=place,
        files=len(manifest.files),
        bytes=sum(each.size for each in manifest.files),
        vault=manifest.vault,
        made_at=datetime.fromisoformat(manifest.made_at),
    )


def _refuse_what_is_there(to: Path) -> None:
    if to.exists() or to.is_symlink():
        raise BackupThereError(to)
    if not to.parent.is_dir():
        raise NotWritableError(to, "its folder is not there")


@contextmanager
def _apart(to: Path) -> Iterator[Path]:
    """A private folder beside a place, gone at the end unless it was moved there."""
    with writing(to):
        staging = Path(tempfile.mkdtemp(prefix=f".{to.name}.", suffix=".partial", dir=to.parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _vault_id(folder: Path) -> str:
    try:
        return (folder / STATE_FOLDER / VAULT_ID_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _list_of(source: Path, place: Path) -> Manifest:
    try:
        text = (source / MANIFEST).read_bytes()
    except OSError:
        raise BackupMissingError(place) from None
    return read_manifest(text, place)


def _check(source: Path, manifest: Manifest, place: Path) -> None:
    for each in manifest.files:
        path = source / each.path
        if path.is_symlink() or not path.is_file():
            raise BackupDamagedError(place, f"{each.path} is missing")
        if _differs(path, each):
            raise BackupDamagedError(place, f"{each.path} is not what was copied")
        if path.suffix == ".sqlite" and not is_sound(path):
            raise BackupDamagedError(place, f"{each.path} is no sound database")


def _differs(path: Path, listed: CopiedFile) -> bool:
    found = digest_of_file(path)
    return (found.size, found.sha256) != (listed.size, listed.sha256)


def _pack(staging: Path, to: Path) -> None:
    partial = to.with_name(f".{to.name}.partial")
    try:
        with writing(to), tarfile.open(partial, "x:gz" if to.suffix in (".gz", ".tgz") else "x:") as archive:
            partial.chmod(0o600)
            # The list comes first, so that whoever looks into the archive sees at once what it is.
            archive.add(staging / MANIFEST, MANIFEST)
            for path in sorted(path for path in staging.rglob("*") if path.is_file()):
                inside = path.relative_to(staging).as_posix()
                if inside != MANIFEST:
                    archive.add(path, inside)
        sync(partial)
        partial.rename(to)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _opened(place: Path) -> Iterator[Path]:
    """The folder of a copy; of an archive, a private folder it is unpacked into meanwhile."""
    if place.is_dir():
        yield place
        return
    if not place.is_file():
        raise BackupMissingError(place)
    with _unpacked(place) as folder:
        yield folder


@contextmanager
def _unpacked(place: Path) -> Iterator[Path]:
    with _apart(place) as folder:
        try:
            with tarfile.open(place, "r:*") as archive:
                _unpack(archive, place, folder)
        except (tarfile.TarError, EOFError, OSError, ValueError):
            raise BackupDamagedError(place, "it is no archive, or not all of it") from None
        yield folder


def _unpack(archive: tarfile.TarFile, place: Path, folder: Path) -> None:
    """Write the files that the archive's list names, and refuse an archive that holds anything else."""
    sizes: dict[str, int] | None = None
    for member in archive:
        content = archive.extractfile(member) if member.isreg() else None
        if content is None:
            raise BackupDamagedError(place, "it holds more than plain files")
        if sizes is None:
            if member.name != MANIFEST or member.size > _LARGEST_LIST:
                raise BackupMissingError(place)
            text = content.read()
            sizes = {each.path: each.size for each in read_manifest(text, place).files}
            (folder / MANIFEST).write_bytes(text)
        elif sizes.get(member.name) != member.size:
            raise BackupDamagedError(place, "it holds what its list does not name")
        else:
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("xb") as file:
                shutil.copyfileobj(content, file)
