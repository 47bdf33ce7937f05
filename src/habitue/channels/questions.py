"""Asking a server elsewhere and reading what it says, by the same rules by which anything is sent: see `egress`."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from habitue.channels.addresses import Address, Target
from habitue.channels.connections import BrokenAnswerError, Connection, Told
from habitue.channels.egress import usual_trust
from habitue.channels.resolving import Resolve, Resolver, system_resolve
from habitue.errors import HabitueError

WITHIN: Final = timedelta(seconds=10)


class NoAnswerError(HabitueError):
    """A server elsewhere did not answer."""

    code = "NO-ANSWER"

    def __init__(self, host: str) -> None:
        super().__init__(what=f"{host!r} does not answer as it should.", do="See that it runs, and can be reached.")


class Questions:
    """Asks servers elsewhere, one connection for each question.

    Args:
        allow_private: Whether they may be in one's own network.
        resolve: Answers which addresses a name stands for.
        trust: Whose certificates are trusted; by default those of the usual authorities.
    """

    def __init__(
        self, *, allow_private: bool = False, resolve: Resolve = system_resolve, trust: ssl.SSLContext | None = None
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._trust = trust

    async def ask(
        self, target: Target, *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Told:
        """What a server answers.

        Args:
            target: Where to.
            method: GET or POST.
            body: The bytes.
            headers: What goes with them.

        Raises:
            AddressRefusedError: Its name stands for an address that nothing is sent to.
            NoAnswerError: It cannot be reached, or does not answer.
        """
        try:
            async with asyncio.timeout(WITHIN.total_seconds()):
                resolver = Resolver(self._resolve)
                found = await resolver.addresses(target.host, target.port, allow_private=self._allow_private)
                connection = await self._connect(target, found)
                try:
                    return await connection.ask(method, target, body, headers or {})
                finally:
                    connection.drop()
        except (OSError, TimeoutError, BrokenAnswerError):
            raise NoAnswerError(target.host) from None

    async def _connect(self, target: Target, found: Sequence[Address]) -> Connection:
        trust = None
        if target.scheme == "https":
            trust = self._trust = self._trust or usual_trust()
        return await Connection.open(target, found[0], trust)
