"""How the server listens: HTTP connections that may be neither endless nor endlessly slow."""

import asyncio
import socket
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from habitue.errors import HabitueError

HEAD_BYTES: Final = 64 * 1024
"""How long the first line and the headers of a request may be together."""
HEAD_SECONDS: Final = 10.0
"""In how many seconds they have to come."""
UNREAD_SECONDS: Final = 30.0
"""How long somebody may leave an answer unread."""
IDLE_SECONDS: Final = 75
"""How long a connection may stay open between requests."""
MOST_CONNECTIONS: Final = 2_000
GRACE_SECONDS: Final = 5
"""How long requests may take that are under way when it ends."""
_BACKLOG: Final = 1_024


class PortTakenError(HabitueError):
    """The server cannot listen where it should."""

    code = "SERVE-PORT"

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            what=f"Habitue cannot listen at {host}:{port}: {why}.",
            do="Stop what listens there, or choose another: habitue serve --port 8322.",
        )


class HeadTooLongError(Exception):
    """The head of a request is longer than it may be; it is answered with 400."""


class PatientProtocol(HttpToolsProtocol):
    """HTTP as uvicorn reads it, with an end to its patience: for heads that do not come, and answers left unread."""

    head_seconds: float = HEAD_SECONDS
    unread_seconds: float = UNREAD_SECONDS

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_bytes = 0
        self._head_due: asyncio.TimerHandle | None = None
        self._unread_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of the first request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any longer."""
        self._have_head()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Whatever comes between two requests is the head of the next."""
        if self._head_due is None and self.cycle.response_complete:
            self._wait_for_head()
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Count the bytes of a head from here."""
        self._head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count them."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count them."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has come."""
        self._have_head()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Somebody does not read what was written to them."""
        super().pause_writing()
        if self._unread_due is None:
            self._unread_due = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """They read on."""
        if self._unread_due is not None:
            self._unread_due.cancel()
            self._unread_due = None
        super().resume_writing()

    def _wait_for_head(self) -> None:
        self._head_due = self.loop.call_later(self.head_seconds, self.transport.close)

    def _have_head(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            raise HeadTooLongError


def listening(app: ASGIApp, *, host: str, port: int) -> uvicorn.Config:
    """How uvicorn is to serve an app; whoever starts it has the log lines and the signals.

    Args:
        app: The app.
        host: The address to listen at.
        port: The port; 0 for any that is free.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=_BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        PortTakenError: Something else does, or the address is none of this machine.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, number)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise PortTakenError(host, port, (error.strerror or "it is no address").lower()) from None
    return listener
