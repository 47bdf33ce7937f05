"""A part's bytes as clean UTF-8 lines: decoded, unmarked, without NUL bytes, endless lines or broken characters."""

import codecs
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from habitue.sources.failures import SourceBrokenError
from habitue.sources.packing import Part
from habitue.sources.survey import Survey

MAX_LINE_BYTES = 4 * 2**20
_SHOWN_BYTES = 300
_MARKER = "\ue0f0"
_EDGE_BLANKS = re.compile(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)")
_BLANKS = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line that cannot be text of a row, whatever the columns are.

    Attributes:
        line: 1-based line in the part.
        code: `READ-ENCODING`, `READ-NUL` or `READ-LONG`.
        reason: What is wrong with it.
        text: Its beginning, with unreadable bytes escaped.
    """

    line: int
    code: str
    reason: str
    text: str


def marker_of(index: int) -> str:
    """What stands in the clean text in place of the refused line of that index."""
    return f"{_MARKER}{index}{_MARKER}"


def find_marker(text: str) -> int | None:
    """The index of the refused line that a piece of clean text stands for, if it stands for one."""
    start = text.find(_MARKER)
    end = text.find(_MARKER, start + 1)
    digits = text[start + 1 : end] if start >= 0 and end > start else ""
    return int(digits) if digits.isdigit() else None


class CleanText:
    """A readable stream of complete UTF-8 lines; memory stays bounded whatever the part holds.

    A line that is longer than `MAX_LINE_BYTES`, holds a NUL byte, or does not fit the encoding is replaced by a
    marker and listed in `refused`; the number of lines stays the same.

    Args:
        part: Where the bytes come from.
        seen: The survey of that part.
        blanks: Read runs of blanks as one tab, and drop blanks at both ends of a line.
        padding: What follows a marker, so that its line cannot be taken for a row.
    """

    def __init__(self, part: Part, seen: Survey, *, blanks: bool = False, padding: bytes = b"") -> None:
        self.refused: list[RefusedLine] = []
        self.lines = 0
        self.closed = False
        self._part = part
        self._seen = seen
        self._blanks = blanks
        self._padding = padding
        self._is_utf8 = codecs.lookup(seen.encoding).name == "utf-8"
        self._source = self._pieces()
        self._left = bytearray()

    def readable(self) -> bool:
        """Always true; pyarrow asks."""
        return True

    def close(self) -> None:
        """Nothing more will be read."""
        self.closed = True
        self._source.close()

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer only at the end: a block that is cut short would cut rows short."""
        while size < 0 or len(self._left) < size:
            piece = next(self._source, None)
            if piece is None:
                break
            self._left += piece
        end = len(self._left) if size < 0 else size
        taken = bytes(self._left[:end])
        del self._left[:end]
        return taken

    def pieces(self) -> Iterator[bytes]:
        """Blocks of complete lines (the last may lack its newline)."""
        return self._source

    def _pieces(self) -> Generator[bytes]:
        carry: list[bytes] = []
        carried = 0
        dropping = False
        for decoded in self._decoded():
            chunk = decoded
            if dropping:
                start = decoded.find(b"\n")
                if start < 0:
                    continue
                chunk, dropping = decoded[start:], False
            cut = chunk.rfind(b"\n") + 1
            if cut:
                carry.append(chunk[:cut])
                yield self._clean(b"".join(carry))
                carry, carried = [chunk[cut:]], len(chunk) - cut
            else:
                carry.append(chunk)
                carried += len(chunk)
            if carried > MAX_LINE_BYTES:
                yield self._refuse(b"".join(carry), self.lines + 1, "READ-LONG")
                carry, carried, dropping = [], 0, True
        if rest := b"".join(carry):
            yield self._clean(rest)

    def _decoded(self) -> Iterator[bytes]:
        skip = self._seen.bom
        decoder = None if self._is_utf8 else codecs.getincrementaldecoder(self._seen.encoding)("surrogateescape")
        for raw in self._part.chunks():
            chunk, skip = raw[skip:], max(0, skip - len(raw))
            if decoder is not None:
                chunk = self._transcode(decoder, chunk)
            yield chunk.replace(b"\r", b"\n") if self._seen.lone_returns else chunk
        if decoder is not None:
            yield self._transcode(decoder, b"", final=True)

    def _transcode(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bytes:
        try:
            return decoder.decode(chunk, final).encode("utf-8", "surrogateescape")
        except UnicodeError as error:
            raise SourceBrokenError(self._part.shown, f"its text does not fit {self._seen.encoding}") from error

    def _clean(self, block: bytes) -> bytes:
        if self._is_sound(block):
            clean = block
            self.lines += block.count(b"\n")
        else:
            clean = b"".join(self._line(each) for each in block.splitlines(keepends=True) if each)
        if self._blanks:
            clean = _BLANKS.sub(b"\t", _EDGE_BLANKS.sub(b"", clean))
        return clean

    @staticmethod
    def _is_sound(block: bytes) -> bool:
        if b"\x00" in block or _MARKER.encode() in block:
            return False
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def _line(self, line: bytes) -> bytes:
        """One line of a block that is not sound, itself or its stand-in."""
        ended = line.endswith(b"\n")
        number = self.lines + 1
        self.lines += ended
        end = b"\n" if ended else b""
        if b"\x00" in line:
            return self._refuse(line, number, "READ-NUL") + end
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return self._refuse(line, number, "READ-ENCODING") + end
        return self._refuse(line, number, "READ-ENCODING") + end if _MARKER in text else line

    def _refuse(self, line: bytes, number: int, code: str) -> bytes:
        reasons = {
            "READ-LONG": f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB",
            "READ-NUL": "the line holds NUL bytes",
            "READ-ENCODING": f"the line is not valid {self._seen.encoding}",
        }
        text = line[:_SHOWN_BYTES].decode("utf-8", "backslashreplace").rstrip("\r\n").replace("\x00", "\\x00")
        self.refused.append(RefusedLine(line=number, code=code, reason=reasons[code], text=text))
        return marker_of(len(self.refused) - 1).encode() + self._padding
