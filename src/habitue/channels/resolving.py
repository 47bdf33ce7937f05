"""Asking which addresses a name stands for, once for each request, without letting a slow answer hold up anybody."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from ipaddress import ip_address

from habitue.channels.addresses import Address, AddressRefusedError, is_allowed

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text; may block, and raises OSError where there are none."""


def system_resolve(host: str, port: int) -> list[str]:
    """What the system's resolver says, each address once, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


class Resolver:
    """Asks for the name of one channel's receiver; never two questions at a time, however long the first takes.

    Args:
        resolve: Answers.
    """

    def __init__(self, resolve: Resolve = system_resolve) -> None:
        self._resolve = resolve
        self._asked: Future[Sequence[str]] | None = None

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
        if self._asked is None or self._asked.done():
            self._asked = _in_thread(self._resolve, host, port)
        # Shielded: who gives up waiting does not take the answer from the others.
        texts = await asyncio.shield(asyncio.wrap_future(self._asked))
        found = [_read(text) for text in texts]
        if not found or any(each is None or not is_allowed(each, allow_private=allow_private) for each in found):
            raise AddressRefusedError(host)
        return [each for each in found if each is not None]


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
