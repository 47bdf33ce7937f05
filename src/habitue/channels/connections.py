"""HTTP/1.1 to one address: a request out, the status and one header of the answer in, and little more is read.

Written for this one use: a general client costs ten times the processor time a request, of a process whose other
threads answer events.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from habitue.channels.addresses import Address, Target

if TYPE_CHECKING:
    import httptools

MOST_READ: Final = 64 * 1024
"""Bytes of an answer that are read; only its status counts."""
_PIECE: Final = 16 * 1024
_BODY_S: Final = 1.0


class BrokenAnswerError(Exception):
    """What came back is no answer of HTTP, or ended before it was one.

    Attributes:
        is_silent: Whether nothing came at all.
    """

    def __init__(self, *, is_silent: bool) -> None:
        super().__init__(is_silent)
        self.is_silent = is_silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What counts of an answer.

    Attributes:
        status: Of HTTP.
        retry_after: When to come back, as the receiver said it.
    """

    status: int
    retry_after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer with what it says.

    Attributes:
        status: Of HTTP.
        body: The bytes.
    """

    status: int
    body: bytes


class _Heard:
    """Told by the parser what stands in an answer."""

    def __init__(self) -> None:
        self.retry_after: str | None = None
        self.has_head = False
        self.is_whole = False
        self.stays_open = False
        self.is_broken = False
        self.status = 0
        self.body = bytearray()
        self._parser: httptools.HttpResponseParser | None = None

    def parser(self) -> "httptools.HttpResponseParser":
        """What reads for this answer."""
        import httptools

        self._parser = httptools.HttpResponseParser(self)
        return self._parser

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        if name.lower() == b"retry-after":
            self.retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """No header follows; what comes before the answer itself (1xx) is passed over."""
        parser = self._parser
        status = 0 if parser is None else parser.get_status_code()
        if parser is not None and status >= 200:
            self.has_head, self.status, self.stays_open = True, status, parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """A piece of what it says."""
        self.body += piece

    def on_message_complete(self) -> None:
        """Nothing follows."""
        self.is_whole = self.has_head


class Connection:
    """A connection to a receiver.

    Attributes:
        address: Where it goes.
        used_at: When it was last used, as the event loop counts.
        is_reusable: Whether another request may be sent through it.
    """

    def __init__(
        self, address: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, used_at: float
    ) -> None:
        self.address = address
        self.used_at = used_at
        self.is_reusable = False
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, target: Target, address: Address, trust: ssl.SSLContext | None) -> Self:
        """Connect to an address; the certificate has to be for the name by which it was found.

        Args:
            target: The name and port.
            address: Where to, and nowhere else.
            trust: Whose certificates are trusted; None for no TLS.

        Raises:
            OSError: It cannot be reached; `ssl.SSLError` where its certificate is not trusted.
        """
        reader, writer = await asyncio.open_connection(
            str(address), target.port, ssl=trust, server_hostname=target.host if trust else None
        )
        return cls(address, reader, writer, asyncio.get_running_loop().time())

    @property
    def is_open(self) -> bool:
        """Whether the other side has not closed it, as far as is known."""
        return self.is_reusable and not self._reader.at_eof() and not self._writer.transport.is_closing()

    def drop(self) -> None:
        """Close it without a word."""
        self.is_reusable = False
        self._writer.transport.abort()

    async def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Head:
        """Send a body, and read the answer; the connection is of no more use when this raises.

        Raises:
            OSError: The connection was closed.
            BrokenAnswerError: The answer is none.
        """
        self.is_reusable = False
        self._writer.write(_request("POST", target, body, headers))
        await self._writer.drain()
        heard = _Heard()
        parser = heard.parser()
        count = await self._read(parser, heard, until_head=True, count=0)
        try:
            async with asyncio.timeout(_BODY_S):
                await self._read(parser, heard, until_head=False, count=count)
        except (TimeoutError, OSError, BrokenAnswerError):
            # The status has been heard; the connection is not used again.
            heard.is_whole = False
        self.is_reusable = heard.is_whole and heard.stays_open and not heard.is_broken
        self.used_at = asyncio.get_running_loop().time()
        return Head(status=heard.status, retry_after=heard.retry_after)

    async def ask(self, method: str, target: Target, body: bytes, headers: Mapping[str, str]) -> Told:
        """Send a request, and read all of the answer; the connection is of no more use afterwards.

        Args:
            method: GET or POST.
            target: Where to.
            body: The bytes.
            headers: What goes with them.

        Raises:
            OSError: The connection was closed.
            BrokenAnswerError: The answer is none, or too long.
        """
        self.is_reusable = False
        self._writer.write(_request(method, target, body, {**headers, "connection": "close"}))
        await self._writer.drain()
        heard = _Heard()
        parser = heard.parser()
        count = await self._read(parser, heard, until_head=True, count=0)
        await self._read(parser, heard, until_head=False, count=count)
        if heard.is_broken:
            raise BrokenAnswerError(is_silent=False)
        return Told(status=heard.status, body=bytes(heard.body))

    async def _read(
        self, parser: "httptools.HttpResponseParser", heard: _Heard, *, until_head: bool, count: int
    ) -> int:
        """Read to the end of the headers, or of the whole answer; gives how much was read so far."""
        import httptools

        while not (heard.has_head if until_head else heard.is_whole or heard.is_broken):
            piece = await self._reader.read(_PIECE)
            count += len(piece)
            if not piece or count > MOST_READ:
                raise BrokenAnswerError(is_silent=not count)
            try:
                parser.feed_data(piece)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade):
                heard.is_broken = True
                if not heard.has_head:
                    raise BrokenAnswerError(is_silent=False) from None
        return count


def _request(method: str, target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    fields = {"host": target.authority, "accept-encoding": "identity", **headers, "content-length": str(len(body))}
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    head = "\r\n".join(lines)
    if head.count("\n") != len(fields):
        raise ValueError(sorted(fields))
    return head.encode("ascii") + b"\r\n\r\n" + body
