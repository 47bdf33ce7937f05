"""The first look at a part: its digest, its encoding, its lines, and whether it is text at all."""

import hashlib
from dataclasses import dataclass

from habitue.sources.failures import SourceEmptyError, SourceFormatError
from habitue.sources.packing import Part

HEAD_BYTES = 256 * 1024
_CP1252_HOLES = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MAGIC = (
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"ARROW1", "an Arrow file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one pass over the unpacked bytes tells.

    Attributes:
        sha256: Digest of the unpacked bytes, hexadecimal: the identity of the content, whatever its name or packing.
        size: Unpacked bytes.
        lines: Lines, counting a last one without a newline.
        encoding: Python codec name; the byte order mark, if any, is not part of the text.
        bom: Length of the byte order mark in bytes.
        lone_returns: True when lines end with a carriage return only.
        quotes: How often the double quote occurs.
        head: The first bytes, without the mark.
        magic: What the first bytes are known for, when that is not text; otherwise empty.
    """

    sha256: str
    size: int
    lines: int
    encoding: str
    bom: int
    lone_returns: bool
    quotes: int
    head: bytes
    magic: str

    @property
    def head_text(self) -> str:
        """The first lines as text, cut at a line's end when there is more than that."""
        text = self.head.decode(self.encoding, errors="replace")
        if self.lone_returns:
            text = text.replace("\r", "\n")
        if self.size > len(self.head) + self.bom:
            text = text[: text.rfind("\n") + 1] or text
        return text


class _Count:
    """What the pass adds up."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = self.newlines = self.returns = self.quotes = 0
        self.head = bytearray()
        self.last = b""

    def take(self, chunk: bytes) -> None:
        """Add one chunk."""
        self.digest.update(chunk)
        self.size += len(chunk)
        self.newlines += chunk.count(b"\n")
        self.quotes += chunk.count(b'"')
        if not self.newlines:
            self.returns += chunk.count(b"\r")
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        self.last = chunk[-1:]


def survey(part: Part, *, encoding: str = "") -> Survey:
    """Look once at every byte of a part.

    Args:
        part: The stream.
        encoding: The declared encoding; empty lets the bytes decide: a byte order mark, else UTF-8 when every byte
            fits it, else Windows-1252 (Latin-1 when it has bytes that Windows-1252 does not know).

    Raises:
        SourceEmptyError: When there are no bytes.
    """
    count = _Count()
    is_utf8, holes, pending = True, False, b""
    for chunk in part.chunks():
        count.take(chunk)
        if is_utf8:
            is_utf8, pending = _continue_utf8(pending + chunk)
        holes = holes or any(hole in chunk for hole in _CP1252_HOLES)
    if not count.size:
        raise SourceEmptyError(part.shown)
    head = bytes(count.head)
    bom, marked = _mark(head)
    wanted = "" if marked.startswith(encoding.lower().replace("_", "-")) else encoding
    decided = wanted or marked or _unmarked(head, is_utf8=is_utf8 and not pending, holes=holes)
    if decided.lower() in ("utf-16", "utf16"):
        decided = "utf-16-le"
    wide = decided.startswith(("utf-16", "utf-32"))
    lone = not count.newlines and count.returns > 0 and not wide
    newlines = count.returns if lone else count.newlines
    return Survey(
        sha256=count.digest.hexdigest(),
        size=count.size,
        lines=newlines + (count.last not in (b"\n", b"\r", b"\x00")),
        encoding=decided,
        bom=bom,
        lone_returns=lone,
        quotes=count.quotes,
        head=head[bom:],
        magic=_known_for(head),
    )


def require_text(part: Part, seen: Survey, says: str) -> None:
    """Refuse a part that is not text at all.

    Raises:
        SourceFormatError: Naming what the bytes are known for, or that they are binary.
    """
    if seen.magic:
        raise SourceFormatError(part.shown, says=says, holds=seen.magic)
    sample = seen.head.decode(seen.encoding, errors="replace")
    start = sample[:200].lstrip().lower().encode()
    if start.startswith(_MARKUP):
        raise SourceFormatError(part.shown, says=says, holds="a web page or XML")
    odd = sum(1 for each in sample if (each < " " and each not in "\t\n\r\f\v\x1a") or each == "\ufffd")
    if odd > max(8, len(sample) // 50):
        raise SourceFormatError(part.shown, says=says, holds="binary data")


def _continue_utf8(data: bytes) -> tuple[bool, bytes]:
    """Whether the bytes are UTF-8 so far, and the unfinished character at their end."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end == len(data):
            return True, data[error.start :]
        return False, b""
    return True, b""


def _mark(head: bytes) -> tuple[int, str]:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return len(mark), encoding
    return 0, ""


def _unmarked(head: bytes, *, is_utf8: bool, holes: bool) -> str:
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > 0.4 * half and head[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.4 * half and head[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    if is_utf8:
        return "utf-8"
    return "latin-1" if holes else "cp1252"


def _known_for(head: bytes) -> str:
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "")
