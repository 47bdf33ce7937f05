"""The one way out: a request goes to an address that was looked at, and to nowhere else.

The name is resolved once, every address it stands for is checked, and the connection is made to one of those, with the
name kept for TLS. Redirects are not followed, proxies and credentials of the environment are not used, cookies are not
kept, and no more than a little of an answer is read.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from habitue.channels.addresses import Address, AddressRefusedError, Target
from habitue.channels.resolving import Resolve, Resolver, system_resolve

if TYPE_CHECKING:
    import httpx

MOST_READ: Final = 64 * 1024
"""Bytes of an answer that are read; only its status counts."""
_CONNECT_S: Final = 5.0
_KEPT_S: Final = 3.0
_TRIED: Final = 3


class Why(StrEnum):
    """What became of a request, in one word."""

    ACCEPTED = "accepted"
    """The receiver took it: any 2xx."""
    REDIRECTED = "redirected"
    """The receiver named another place, which is not followed."""
    REFUSED = "refused"
    """The receiver does not want it: 4xx."""
    GONE = "gone"
    """The receiver wants nothing any more: 410."""
    FAILED = "failed"
    """The receiver failed: 5xx, or an answer that is none."""
    BUSY = "busy"
    """The receiver, or what stands before it, asks to slow down: 429, 502, 504."""
    TIMEOUT = "timeout"
    """No answer in time."""
    CONNECTION = "connection"
    """The receiver cannot be reached, or closed the connection."""
    NAME = "name"
    """The receiver's name cannot be resolved."""
    ADDRESS = "address"
    """The receiver's name stands for an address that nothing is sent to."""
    TLS = "tls"
    """The receiver does not show a certificate that is trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request.

    Attributes:
        why: In one word.
        status: Of HTTP; None where there was no answer.
        retry_after: What the receiver said of when to come back, as it said it.
        took_ms: From the beginning to the answer.
    """

    why: Why
    status: int | None = None
    retry_after: str | None = None
    took_ms: int = 0


class _NoAnswerError(Exception):
    """A request came to no answer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def meaning_of(status: int) -> Why:
    """What a status of HTTP means for a webhook.

    Examples:
        >>> meaning_of(204).value, meaning_of(410).value
        ('accepted', 'gone')
    """
    if status in (429, 502, 504):
        return Why.BUSY
    if status == 410:
        return Why.GONE
    by_class = {2: Why.ACCEPTED, 3: Why.REDIRECTED, 4: Why.REFUSED}
    return by_class.get(status // 100, Why.FAILED)


class Egress:
    """Sends requests of one channel.

    Args:
        allow_private: Whether the receiver may be in one's own network.
        at_once: Connections that may be open at once.
        resolve: Answers which addresses a name stands for.
        trust: Whose certificates are trusted; by default those of the usual authorities.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        at_once: int = 8,
        resolve: Resolve = system_resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._at_once = at_once
        self._resolver = Resolver(resolve)
        self._trust = trust
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    async def post(self, target: Target, body: bytes, headers: Mapping[str, str], within: timedelta) -> Answer:
        """Send a body once, and say what became of it.

        Args:
            target: Where to.
            body: The bytes.
            headers: What goes with them.
            within: How long all of it may take.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(within.total_seconds()):
                status, retry_after = await self._post(target, body, headers)
        except TimeoutError:
            answer = Answer(why=Why.TIMEOUT)
        except AddressRefusedError:
            answer = Answer(why=Why.ADDRESS)
        except _NoAnswerError as error:
            answer = Answer(why=error.why)
        else:
            answer = Answer(why=meaning_of(status), status=status, retry_after=retry_after)
        return Answer(
            why=answer.why,
            status=answer.status,
            retry_after=answer.retry_after,
            took_ms=round(1_000 * (clock() - began)),
        )

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
        """The status of the answer, from the first address that takes a connection."""
        try:
            found = await self._resolver.addresses(target.host, target.port, allow_private=self._allow_private)
        except OSError:
            raise _NoAnswerError(Why.NAME) from None
        import httpx

        refusal = Why.CONNECTION
        for address in found[:_TRIED]:
            try:
                return await self._exchange(_request(target, address, body, headers))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                refusal = Why.TLS if _is_about_tls(error) else Why.CONNECTION
            except httpx.TransportError as error:
                # Something was sent: whether it was taken is not known, and it is not sent twice in one attempt.
                raise _NoAnswerError(_why_not(error)) from None
        raise _NoAnswerError(refusal)

    async def _exchange(self, request: "httpx.Request") -> tuple[int, str | None]:
        response = await self._opened(is_safe=request.url.scheme == "https").handle_async_request(request)
        try:
            read = 0
            async for piece in response.aiter_raw():
                read += len(piece)
                if read > MOST_READ:
                    break
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("retry-after")

    def _opened(self, *, is_safe: bool) -> "httpx.AsyncHTTPTransport":
        if self._transport is None:
            import httpx

            limits = httpx.Limits(
                max_connections=self._at_once, max_keepalive_connections=self._at_once, keepalive_expiry=_KEPT_S
            )
            self._transport = httpx.AsyncHTTPTransport(
                verify=self._trust or (usual_trust() if is_safe else _no_trust()),
                trust_env=False,
                limits=limits,
                http2=False,
            )
        return self._transport


def usual_trust() -> ssl.SSLContext:
    """The certificates of the usual authorities."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _no_trust() -> ssl.SSLContext:
    """No certificates at all, where none are asked for: the usual ones take a tenth of a second to read."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _request(target: Target, address: Address, body: bytes, headers: Mapping[str, str]) -> "httpx.Request":
    """A request to an address under the name that it was found by."""
    import httpx

    host = f"[{address}]" if address.version == 6 else str(address)
    wait = httpx.Timeout(None, connect=_CONNECT_S).as_dict()
    return httpx.Request(
        "POST",
        httpx.URL(scheme=target.scheme, host=host, port=target.port, raw_path=target.path.encode("ascii")),
        headers={"host": target.authority, "accept-encoding": "identity", **headers},
        content=body,
        extensions={"sni_hostname": target.host, "timeout": wait},
    )


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _why_not(error: "httpx.TransportError") -> Why:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return Why.TIMEOUT
    return Why.FAILED if isinstance(error, httpx.DecodingError) else Why.CONNECTION
