"""The one way out: a request goes to an address that was looked at, and to nowhere else.

The name is resolved once, every address it stands for is checked, and the connection is made to one of those, with the
name kept for TLS. Redirects are not followed, proxies and credentials of the environment are not used, cookies are not
kept, and no more than a little of an answer is read.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from habitue.channels.addresses import Address, AddressRefusedError, Target
from habitue.channels.connections import BrokenAnswerError, Connection, Head
from habitue.channels.resolving import Resolve, Resolver, system_resolve

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
        self._idle: list[Connection] = []

    def close(self) -> None:
        """Close every connection."""
        while self._idle:
            self._idle.pop().drop()

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
                head = await self._post(target, body, headers)
        except TimeoutError:
            answer = Answer(why=Why.TIMEOUT)
        except AddressRefusedError:
            answer = Answer(why=Why.ADDRESS)
        except _NoAnswerError as error:
            answer = Answer(why=error.why)
        else:
            answer = Answer(why=meaning_of(head.status), status=head.status, retry_after=head.retry_after)
        return Answer(
            why=answer.why,
            status=answer.status,
            retry_after=answer.retry_after,
            took_ms=round(1_000 * (clock() - began)),
        )

    async def _post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Head:
        """The answer of the first address that takes a connection."""
        try:
            found = await self._resolver.addresses(target.host, target.port, allow_private=self._allow_private)
        except OSError:
            raise _NoAnswerError(Why.NAME) from None
        while (known := self._taken(found)) is not None:
            try:
                return await self._exchange(known, target, body, headers)
            except _SilentError:
                # It was closed while nobody looked, and nothing was heard: another one is as good.
                continue
        fresh = await self._connect(target, found)
        try:
            return await self._exchange(fresh, target, body, headers)
        except _SilentError:
            raise _NoAnswerError(Why.CONNECTION) from None

    def _taken(self, found: Sequence[Address]) -> Connection | None:
        """A connection that is open, and goes to one of the addresses that were looked at just now."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            known = self._idle.pop()
            if known.is_open and now - known.used_at < _KEPT_S and known.address in found:
                return known
            known.drop()
        return None

    async def _connect(self, target: Target, found: Sequence[Address]) -> Connection:
        trust = None
        if target.scheme == "https":
            trust = self._trust = self._trust or usual_trust()
        refusal = Why.CONNECTION
        for address in found[:_TRIED]:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    return await Connection.open(target, address, trust)
            except ssl.SSLError:
                refusal = Why.TLS
            except (OSError, TimeoutError):
                refusal = Why.CONNECTION
        raise _NoAnswerError(refusal)

    async def _exchange(self, connection: Connection, target: Target, body: bytes, headers: Mapping[str, str]) -> Head:
        try:
            head = await connection.post(target, body, headers)
        except BrokenAnswerError as error:
            if error.is_silent:
                raise _SilentError from None
            raise _NoAnswerError(Why.FAILED) from None
        except OSError:
            raise _SilentError from None
        finally:
            if connection.is_reusable and len(self._idle) < self._at_once:
                self._idle.append(connection)
            else:
                connection.drop()
        return head


class _SilentError(Exception):
    """A connection was closed before anything was heard."""


def usual_trust() -> ssl.SSLContext:
    """The certificates that the system trusts; where it has none, those of the usual authorities."""
    places = ssl.get_default_verify_paths()
    if places.cafile or places.capath:
        return ssl.create_default_context()
    import httpx

    return httpx.create_ssl_context(trust_env=False)
