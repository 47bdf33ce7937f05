"""Streams of bytes behind a path: plain files, gzip, and the members of zip archives, with limits on unpacking."""

import fnmatch
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from habitue.sources.failures import SourceBombError, SourceBrokenError, SourceFormatError, SourceUnreadableError

Packing = Literal["plain", "gzip", "zip"]

CHUNK_BYTES = 1 << 20
MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 256 * 2**30
FREE_BYTES = 256 * 2**20
MAX_RATIO = 250

_ZIP_NOISE = ("__MACOSX/*", "*/__MACOSX/*", ".*", "*/.*", "Thumbs.db", "*/Thumbs.db")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stream of rows: a file, or one member of a zip archive.

    Attributes:
        path: The file on disk.
        shown: How messages name it: as the project names it, `archive.zip!member` for a member.
        packing: How the bytes are packed.
        member: Name inside the zip archive; empty otherwise.
    """

    path: Path
    shown: str
    packing: Packing = "plain"
    member: str = ""

    @property
    def inner_name(self) -> str:
        """The name that says what the unpacked bytes should be, in lower case: `orders.csv` for `orders.csv.gz`."""
        name = (self.member or self.path.name).lower()
        return name.removesuffix(".gz").removesuffix(".gzip") if self.packing == "gzip" else name

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes, in pieces of at most `CHUNK_BYTES`.

        Raises:
            SourceUnreadableError: When the file cannot be opened.
            SourceBrokenError: When the packing is damaged.
            SourceBombError: When it unpacks to more than `MAX_RATIO` times its size (after `FREE_BYTES`).
        """
        unpacked = 0
        try:
            packed = self.path.stat().st_size
            allowed = min(MAX_UNPACKED_BYTES, max(FREE_BYTES, MAX_RATIO * packed))
            with self._unpacked() as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    unpacked += len(chunk)
                    if self.packing != "plain" and unpacked > allowed:
                        raise SourceBombError(self.shown, unpacked=unpacked, packed=packed)
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceBrokenError(self.shown, "its packing is damaged or it ends too early") from error
        except OSError as error:
            raise SourceUnreadableError(self.shown, error.strerror or "unknown reason") from error

    @contextmanager
    def _unpacked(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        if self.packing == "gzip":
            with self.path.open("rb") as packed:
                yield gzip.GzipFile(fileobj=packed)
        elif self.packing == "zip":
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as member:
                yield member
        else:
            with self.path.open("rb") as file:
                yield file


def find_parts(path: Path, shown: str, *, member: str = "") -> tuple[Part, ...]:
    """The streams of rows in one file, found by its first bytes; a zip gives one part per member, sorted by name.

    Args:
        path: The file.
        shown: How messages name it.
        member: Glob over the members of a zip archive; empty takes all but hidden ones.

    Raises:
        SourceFormatError: When the name says gzip or zip and the bytes say something else, or the other way round.
        SourceBrokenError: When a zip archive is damaged, encrypted, empty or has too many members.
        SourceUnreadableError: When the file cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise SourceUnreadableError(shown, error.strerror or "unknown reason") from error
    name = path.name.lower()
    says_gzip, says_zip = name.endswith((".gz", ".gzip")), name.endswith(".zip")
    is_gzip, is_zip = magic[:2] == b"\x1f\x8b", magic in (b"PK\x03\x04", b"PK\x05\x06")
    if says_gzip and not is_gzip and magic:
        raise SourceFormatError(shown, says="a gzip file", holds="something that gzip did not pack")
    if says_zip and not is_zip and magic:
        raise SourceFormatError(shown, says="a zip archive", holds="something that zip did not pack")
    if is_gzip:
        return (Part(path=path, shown=shown, packing="gzip"),)
    if is_zip and not name.endswith((".xlsx", ".xlsm", ".ods", ".docx")):
        return _zip_parts(path, shown, member)
    return (Part(path=path, shown=shown),)


def _zip_parts(path: Path, shown: str, member: str) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SourceBrokenError(shown, "the zip archive is damaged") from error
    kept = [entry for entry in entries if not entry.is_dir() and not _is_noise(entry.filename)]
    if member:
        kept = [entry for entry in kept if fnmatch.fnmatchcase(entry.filename, member)]
    if not kept:
        raise SourceBrokenError(shown, f"the zip archive holds no member {member!r}" if member else "the zip is empty")
    if len(kept) > MAX_MEMBERS:
        raise SourceBrokenError(shown, f"the zip archive has {len(kept):,} members, at most {MAX_MEMBERS:,} are read")
    if any(entry.flag_bits & 1 for entry in kept):
        raise SourceBrokenError(shown, "the zip archive is encrypted")
    total = sum(entry.file_size for entry in kept)
    packed = path.stat().st_size
    if total > max(FREE_BYTES, MAX_RATIO * packed):
        raise SourceBombError(shown, unpacked=total, packed=packed)
    return tuple(
        Part(path=path, shown=f"{shown}!{entry.filename}", packing="zip", member=entry.filename)
        for entry in sorted(kept, key=lambda entry: entry.filename)
    )


def _is_noise(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _ZIP_NOISE)
