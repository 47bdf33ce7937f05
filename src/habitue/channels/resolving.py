"""Asking which addresses a name stands for, once for each request, without letting a slow answer hold up anybody."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Final

from habitue.channels.addresses import Address, AddressRefusedError, is_allowed

_USED_FOR_S: Final = 5.0
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text; may block, and raises OSError where there are none."""


def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says, each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class Resolver:
    """Asks for the name of one channel's receiver; never two questions at a time, however long the first takes.

    An answer is used again for a few seconds: what was looked at is what is connected to.

    Args:
        resolve: Answers.
    """

    def __init__(self, resolve: Resolve = system_resolve) -> None:
        self._resolve = resolve
        self._asked: Future[Sequence[str]] | None = None
        self._asked_at = 0.0

    async def addresses(self, host: str, port: int, *, allow_private: bool) -> list[Address]:
        """The addresses to connect to: all that the name stands for, where nothing speaks against any of them.

        Args:
            host: A name or an address.
            port: The port.
            allow_private: Whether they may be of one's own network.

        Raises:
            AddressRefusedError: One of them is refused, or none was given.
            OSError: The name cannot be resolved.
        """
        literal = _read(host)
        found = [literal] if literal is not None else [_read(text) for text in await self._ask(host, port)]
        if not found or any(each is None or not is_allowed(each, allow_private=allow_private) for each in found):
            raise AddressRefusedError(host)
        return [each for each in found if each is not None]

    async def _ask(self, host: str, port: int) -> Sequence[str]:
        now = asyncio.get_running_loop().time()
        asked = self._asked
        is_stale = asked is not None and asked.done() and (asked.exception() or now - self._asked_at > _USED_FOR_S)
        if asked is None or is_stale:
            asked = self._asked = _in_thread(self._resolve, host, port)
            self._asked_at = now
        # Shielded: who gives up waiting does not take the answer from the others.
        return await asyncio.shield(asyncio.wrap_future(asked))


def _read(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _in_thread(resolve: Resolve, host: str, port: int) -> Future[Sequence[str]]:
    """Ask in a thread that ends with the process: the system's resolver cannot be stopped."""
    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="habitue-resolve", daemon=True).start()
    return answer
