"""Bodies of requests: read within a length, a time and a budget, and unpacked no further than they may be."""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from starlette.requests import ClientDisconnect, Request

from habitue.server.refusals import (
    DoorError,
    bad_coding,
    bad_type,
    cut_off,
    malformed,
    overloaded,
    too_large,
    too_slow,
)

_JSON: Final = frozenset({"", "application/json", "text/plain", "application/octet-stream", "text/json"})
_UTF8: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
_PLAIN: Final = frozenset({"", "identity"})
_GZIP: Final = frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW: Final = 31
_ZLIB_WINDOW: Final = 15
_MOST_PARTS: Final = 16
FORM: Final = "application/x-www-form-urlencoded"


class BodyLimits(NamedTuple):
    """How much of a body is read, and how long.

    Attributes:
        most_bytes: The longest body, as sent and unpacked.
        seconds: In how many seconds all of it has to come.
        budget_bytes: How many bytes of all requests together may be in memory before they are acknowledged.
        requests: How many requests may be on their way at the same time.
    """

    most_bytes: int = 4_000 * 1024
    seconds: float = 30.0
    budget_bytes: int = 64 << 20
    requests: int = 1_000


class Share:
    """What one request has of a budget."""

    def __init__(self, budget: "Budget") -> None:
        self._budget = budget
        self.held = 0

    def take(self, size: int) -> None:
        """Hold so many bytes more.

        Raises:
            DoorError: There is no room for them.
        """
        self._budget.take(size)
        self.held += size


class Budget:
    """How much of all requests is in memory; of one event loop.

    Args:
        limits: How much there may be.

    Attributes:
        held: How many bytes there are.
        requests: Of how many requests.
    """

    def __init__(self, limits: BodyLimits) -> None:
        self._limits = limits
        self.held = 0
        self.requests = 0

    @contextmanager
    def share(self) -> Iterator[Share]:
        """Room for one request, given back at the end of the block.

        Raises:
            DoorError: There are as many as there may be.
        """
        if self.requests >= self._limits.requests:
            raise overloaded()
        self.requests += 1
        share = Share(self)
        try:
            yield share
        finally:
            self.requests -= 1
            self.held -= share.held

    def take(self, size: int) -> None:
        """Hold so many bytes more.

        Raises:
            DoorError: There is no room for them.
        """
        if self.held + size > self._limits.budget_bytes:
            raise overloaded()
        self.held += size


async def read_body(request: Request, limits: BodyLimits, share: Share) -> bytes:
    """All of a body as it was sent.

    Args:
        request: Whose.
        limits: How long it may be, and how long it may take.
        share: The request's part of the budget.

    Raises:
        DoorError: It is too long, too slow or cut off, or there is no room for it.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limits.most_bytes:
        raise too_large(limits.most_bytes)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _read(request, limits.most_bytes, share)
    except TimeoutError:
        raise too_slow(limits.seconds) from None
    except ClientDisconnect:
        raise cut_off() from None


async def _read(request: Request, most: int, share: Share) -> bytes:
    pieces, size = list[bytes](), 0
    async for piece in request.stream():
        size += len(piece)
        if size > most:
            raise too_large(most)
        share.take(len(piece))
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def content_type(request: Request, *, also: frozenset[str] = frozenset()) -> str:
    """The declared type of a body, without its parameters.

    Args:
        request: Whose.
        also: Types that are taken besides JSON.

    Raises:
        DoorError: It is something else than JSON in UTF-8.
    """
    said = request.headers.get("content-type", "").lower()
    kind, *parameters = (part.strip() for part in said.split(";"))
    charsets = [part[8:].strip("\"' ") for part in parameters if part.startswith("charset=")]
    if kind not in _JSON | also or not _UTF8.issuperset(charsets):
        raise bad_type()
    return kind


def content_coding(request: Request) -> str:
    """How a body is packed: `gzip`, `deflate`, or empty for not at all.

    Raises:
        DoorError: In another way, or in several.
    """
    said = request.headers.get("content-encoding", "").strip().lower()
    if said in _PLAIN:
        return ""
    if said in _GZIP:
        return "gzip"
    if said == "deflate":
        return said
    raise bad_coding()


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """A body unpacked, never further than one byte beyond what it may have.

    Args:
        body: As sent.
        coding: `gzip`, `deflate`, or empty for not at all.
        most: How long it may be.

    Raises:
        DoorError: It is longer, or not packed so.

    Examples:
        >>> unpacked(zlib.compress(b"{}"), "deflate", 10), unpacked(b"{}", "", 10)
        (b'{}', b'{}')
        >>> unpacked(zlib.compress(b"0" * 1_000_000), "deflate", 10)
        Traceback (most recent call last):
        habitue.server.refusals.DoorError: The body is longer than 10 bytes. Send fewer messages at once.
    """
    if not coding:
        return body
    pieces, size, rest = list[bytes](), 0, body
    while rest:
        if len(pieces) == _MOST_PARTS:
            raise _not_packed(coding)
        machine = zlib.decompressobj(_GZIP_WINDOW if coding == "gzip" else _ZLIB_WINDOW)
        try:
            piece = machine.decompress(rest, most - size + 1)
        except zlib.error:
            raise _not_packed(coding) from None
        size += len(piece)
        if size > most:
            raise too_large(most)
        if not machine.eof:
            raise _not_packed(coding)
        pieces.append(piece)
        # Several packed parts may follow each other, and zeros after the last.
        rest = machine.unused_data.lstrip(b"\0")
    return b"".join(pieces)


def _not_packed(coding: str) -> DoorError:
    return malformed(f"is not what {coding} makes, or was cut off")
